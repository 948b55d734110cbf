"""Say how well a model reads what it has never seen, beside the networks that digit demos usually have.

Run as: `python -m training.evaluate --data ../shared/data --model model.onnx`; it writes `training/REPORT.md`.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitpad.reading import LIKELY_DIGIT
from training import baselines, calibrate, figures, gather
from training import data as readers
from training.broken import STRAIGHT, is_broken, listed
from training.data import Glyphs, Pose, Symbol
from training.export import run
from training.tables import Row, table
from training.train import HISTORY

REPORT = Path(__file__).parent / "REPORT.md"
FIGURES = Path(__file__).parent / "figures"
WORST = 60


@dataclass(frozen=True)
class Unseen:
    """What the model says of unseen writers' symbols.

    Of the digits: their `labels` `(N,)`, `probabilities` `(N, 10)` and `is_digit` `(N,)`; of the letters and
    signs: `others` `(M,)`, how likely each is a digit.
    """

    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    is_digit: NDArray[np.float32]
    others: NDArray[np.float32]

    @property
    def read(self) -> NDArray[np.int64]:
        """The likeliest digits, `(N,)`."""
        return self.probabilities.argmax(axis=1)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which of the digits are read right, `(N,)`."""
        return self.read == self.labels


def auroc(digits: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """Return how likely a digit scores above a non-digit, ties by half: the area under the ROC curve."""
    scores = np.concatenate([digits, others])
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[: len(digits)].sum() - len(digits) * (len(digits) + 1) / 2) / (len(digits) * len(others)))


def score(model: Path, data: gather.Data, unseen: Unseen, usps_before: tuple[int, int]) -> list[Row]:
    """Measure the model on everything that it has not learned from.

    `usps_before` are the hits and the total of USPS before the network learned from it.
    """
    right, passed = unseen.right, unseen.is_digit >= LIKELY_DIGIT
    total = len(right)
    return [
        _top_1("MNIST's test images", model, data.mnist_test, "≥ 99.75 %"),
        Row("ink digits of unseen writers, any size, place and pen", int(right.sum()), total, "≥ 99.0 %"),
        _top_1("the same, at the writer's own size with a brush of 6 % of the pad", model, data.own_size, "≥ 98.5 %"),
        Row("USPS, all of it, before it was learned", *usps_before, "≥ 97 %"),
        _top_1("USPS, images kept back, after the others were learned", model, data.usps_kept_back, ""),
        Row(
            "unseen writers, as the page shows them: neither misread nor turned away",
            int((right & passed).sum()),
            total,
        ),
        Row("unseen writers' digits turned away as no digits", int((~passed).sum()), total, "≤ 1 %"),
        Row(
            "unseen writers' letters and signs turned away",
            int((unseen.others < LIKELY_DIGIT).sum()),
            len(unseen.others),
            "≥ 90 %",
        ),
    ]


def by_source(symbols: list[Symbol], right: NDArray[np.bool_]) -> list[Row]:
    """Return the share of unseen writers' digits read right, for each collection that they come from."""
    sources = np.array([s.writer.split("/")[0] for s in symbols])
    rows = []
    for name in sorted(set(sources)):
        mine = sources == name
        writers = len({s.writer for s, of_it in zip(symbols, mine, strict=True) if of_it})
        rows.append(Row(f"{name}, {writers} writer{'s' * (writers > 1)}", int(right[mine].sum()), int(mine.sum())))
    return rows


def passing(symbols: list[Symbol], passed: NDArray[np.bool_], most: int = 12) -> str:
    """Return which letters and signs pass as digits most often, in words."""
    all_of, passed_of = (
        Counter(s.label for s in symbols),
        Counter(s.label for s, p in zip(symbols, passed, strict=True) if p),
    )
    return ", ".join(f"`{label}` {n} of {all_of[label]}" for label, n in passed_of.most_common(most))


def sweeps(model: Path, symbols: list[Symbol]) -> dict[str, dict[str, float]]:
    """Return the share read right of the same digits, drawn in many poses."""

    def accuracy(pose: Pose) -> float:
        glyphs = readers.posed(symbols, pose)
        return float((run(model, glyphs.images)["probabilities"].argmax(axis=1) == glyphs.labels).mean())

    sizes, brushes, turns = (8, 12, 20, 35, 60, 90), (2, 3, 4, 6, 8, 10, 12), (-30, -20, -10, 0, 10, 20, 30)
    places = {"↖": (0.2, 0.2), "↗": (0.8, 0.2), "middle": (0.5, 0.5), "↙": (0.2, 0.8), "↘": (0.8, 0.8)}
    return {
        "size, share of the pad (brush 2.5 %)": {f"{s} %": accuracy(Pose(size=s / 100)) for s in sizes},
        "place (size 30 %)": {name: accuracy(Pose(size=0.3, x=x, y=y)) for name, (x, y) in places.items()},
        "brush, share of the pad (size 50 %)": {f"{b} %": accuracy(Pose(brush=b / 100)) for b in brushes},
        "turned clockwise (size 50 %)": {f"{t}°": accuracy(Pose(turn=t)) for t in turns},
    }


def compare(model: Path, train: Glyphs, test: Glyphs, data: gather.Data, symbols: list[Symbol]) -> list[str]:
    """Train the usual networks; return how they and ours read the same digits, as lines of a Markdown table.

    `train` and `test` are MNIST's images as published; the symbols are those of `data.own_size`.
    """
    squeezed = readers.squeezed(symbols, gather.OWN_SIZE_BRUSH)

    def line(name: str, fed: str, predict: Callable[[NDArray[np.uint8]], NDArray], mnist: Glyphs, ink: Glyphs) -> str:
        shares = [(predict(g.images).argmax(axis=1) == g.labels).mean() if len(g) else math.nan for g in (mnist, ink)]
        return f"| {name} | {fed} | {shares[0]:.2%} | {shares[1]:.2%} |"

    lines = ["| network | fed by | MNIST's test images | unseen writers' pads |", "| --- | --- | --- | --- |"]
    for name, network in baselines.baselines(train):

        def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
            predicted: NDArray[np.float32] = network.predict(images.astype(np.float32) / 255, verbose=0)  # noqa: B023
            return predicted

        lines.append(line(name, "squeezing the pad to 28 × 28", predict, test, squeezed))
        lines.append(line(name, "`digitpad.normalise`", predict, data.mnist_test, data.own_size))

    def ours(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return run(model, images)["probabilities"]

    lines.append(line("Digitpad's", "squeezing the pad to 28 × 28", ours, test, squeezed))
    lines.append(line("**Digitpad's**", "`digitpad.normalise`", ours, data.mnist_test, data.own_size))
    return lines


def roc(unseen: Unseen) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the shares of digits, and of letters and signs, that are turned away at every threshold."""
    thresholds = np.unique(np.concatenate([unseen.is_digit, unseen.others, [0, 2]]))
    lost, away = (
        np.searchsorted(np.sort(scores), thresholds) / len(scores) for scores in (unseen.is_digit, unseen.others)
    )
    return lost, away


def worst_errors(unseen: Unseen) -> NDArray[np.int64]:
    """Return which digits were misread, those first of which the network was surest; no more than fit a sheet."""
    wrong = np.flatnonzero(~unseen.right)
    return wrong[np.argsort(-unseen.probabilities[wrong].max(axis=1))][:WORST]


def cross_fitted(probabilities: NDArray[np.float64], labels: NDArray[np.int64], half: NDArray[np.bool_]) -> float:
    """Return the calibration error where each half of the writers gets the temperature fitted on the other."""
    fitted = np.empty(probabilities.shape)
    for one in (half, ~half):
        fitted[one] = calibrate.sharpen(probabilities[one], calibrate.temperature(probabilities[~one], labels[~one]))
    return calibrate.calibration_error(fitted, labels)


def _top_1(what: str, model: Path, glyphs: Glyphs, goal: str) -> Row:
    read = run(model, glyphs.images)["probabilities"].argmax(axis=1)
    return Row(what, int((read == glyphs.labels).sum()), len(glyphs), goal)


def report(model: Path, folder: Path, data: gather.Data) -> str:
    """Return the report as Markdown, and draw its pictures."""
    history = json.loads(HISTORY.read_text())
    before = [epoch["USPS"] for epoch in history["epochs"] if not epoch["USPS learned"] and "USPS" in epoch]
    usps_total = len(data.usps) + len(data.usps_kept_back)
    usps_before = (round(before[-1] * usps_total), usps_total) if before else (0, 0)
    digits = run(model, data.unseen_digits.images)
    others = run(model, data.unseen_non_digits.images)["is_digit"]
    unseen = Unseen(data.unseen_digits.labels, digits["probabilities"].astype(float), digits["is_digit"], others)
    symbols = gather.split(gather.digits(folder))[1]
    broken = np.array([is_broken(symbol) for symbol in symbols], bool)
    rows = table(
        [
            *score(model, data, unseen, usps_before),
            Row("unseen writers, without broken samples", int(unseen.right[~broken].sum()), int((~broken).sum())),
        ]
    )
    print(rows)
    half = np.array([readers.is_validation(f"half {s.writer}", 0.5) for s in symbols])
    error = calibrate.calibration_error(unseen.probabilities, unseen.labels)
    area = auroc(unseen.is_digit, unseen.others)
    lost, away = roc(unseen)
    FIGURES.mkdir(exist_ok=True)
    bins = calibrate.reliability(unseen.probabilities, unseen.labels)
    figures.reliability(bins, error, FIGURES / "reliability.png")
    figures.confusion(unseen.labels, unseen.read, FIGURES / "confusion.png")
    figures.history(history["epochs"], FIGURES / "history.png")
    figures.roc(lost, away, area, FIGURES / "roc.png")
    worst = worst_errors(unseen)
    captions = [f"{unseen.labels[i]} read {unseen.read[i]}" for i in worst]
    figures.errors(data.unseen_digits.images[worst], captions, FIGURES / "errors.png")
    figures.sweeps(sweeps(model, symbols), FIGURES / "sweeps.png")

    compared = "\n".join(compare(model, *readers.mnist(folder / "mnist"), data, symbols))
    print(compared)
    return REPORT_TEXT.format(
        rows=rows,
        likely=LIKELY_DIGIT,
        writers=len({s.writer for s in symbols}),
        error=f"{error:.2%}",
        crossed=f"{cross_fitted(unseen.probabilities, unseen.labels, half):.2%}",
        temperature=f"{history['temperature']:.2f}",
        area=f"{area:.4f}",
        at_one=f"{away[lost <= 0.01].max():.1%}",
        passing=passing(gather.split(gather.non_digits(folder))[1], unseen.others >= LIKELY_DIGIT),
        sources=table(by_source(symbols, unseen.right)),
        compared=compared,
        broken=int(broken.sum()),
        straight=f"{STRAIGHT:.0%}",
        listed=listed([symbol for symbol, is_one in zip(symbols, broken, strict=True) if is_one]) or "none",
        **history["parity"],
    )


REPORT_TEXT = """# How well the network reads

Single digits, that is; [NUMBERS.md](NUMBERS.md) is about whole numbers.

Written by `make evaluate`; all of it on what the network has not learned from. Unseen writers are {writers} whole
writers kept back from the training. Their ink is drawn once each, at a size of 8 to 100 % of the pad with a brush of
1.5 to 12 %, if nothing else is said. Broken and mislabelled samples count as errors. A symbol is turned away as no
digit where `is_digit` is below {likely}; letters that are drawn like digits (O and 0, l and 1, Z and 2 …) are left out.
The recipe was chosen on unseen writers, their broken samples left out, and on what other writers than it learned from
have in MNIST's training part; MNIST's test images were read at the end. USPS joined for the last epochs of the
training, and was read before that.

{rows}

| measure | measured | goal |
| --- | --- | --- |
| AUROC, digit against non-digit, unseen writers | {area} | ≥ 0.985 |
| non-digits turned away at the threshold that loses 1 % of the digits | {at_one} | ≥ 90 % |
| expected calibration error, unseen writers, 15 bins | {error} | ≤ 1 % |
| the same, the temperature of each half of the writers fitted on the other | {crossed} | ≤ 1 % |
| images of {images:,} where Keras and ONNX say another class | {differ} | none |
| largest difference of a probability between them | {largest:.1e} | 1e-3 |

The probabilities' temperature, {temperature}, was fitted on the same unseen writers, so the first of the two
calibration errors is a little flattered.

## By collection

{sources}

The letters and signs that pass as digits most often: {passing}. The ink does not tell how large a sign was written: a
dot or a dash is drawn as large as a digit.

## Broken samples

{broken} of the unseen writers' digits are one straight stroke and no 1, or a 1 that lies flat: all their ink is within
{straight} of its length from a line. No network was asked which they are. They count as errors, but for the row that is
without them. Writer, digit and how many: {listed}.

## Beside the networks that digit demos usually have

The three were trained in this run on MNIST's 60,000 images as published, with Adam, for five epochs. The pads are those
of the unseen writers, at their own size with a brush of 6 % of the pad.

{compared}

## Confusion

Rows are what was written, columns what was read; unseen writers.

![Confusion matrix](figures/confusion.png)

## Doubt

![Reliability diagram](figures/reliability.png)
![ROC of digits against letters and signs](figures/roc.png)

## The worst errors

The misread digits of unseen writers that the network was surest of, as it saw them.

![Misread digits](figures/errors.png)

## How it was drawn

The unseen writers' digits once more, in each of these ways.

![Accuracy against size, place, brush and rotation](figures/sweeps.png)

## The training

![Errors after each epoch](figures/history.png)
"""


def main() -> None:
    """Measure a model from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    gather.add_arguments(parser)
    parser.add_argument("--model", type=Path, default=Path("model.onnx"))
    arguments = parser.parse_args()
    data = gather.gather(arguments.data, arguments.cache)
    if not len(data.unseen_digits) or not len(data.unseen_non_digits):
        parser.error(
            f"there is no ink in {arguments.data}, and the report is about writers that the network has not seen. "
            "Name a folder with ink, as docs/training.md describes it: make evaluate DATA=folder"
        )
    REPORT.write_text(report(arguments.model, arguments.data, data))
    print(f"Wrote {REPORT.relative_to(Path.cwd())} and its pictures.")


if __name__ == "__main__":
    main()
