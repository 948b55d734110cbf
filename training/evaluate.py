"""Say how well a model reads what it has never seen.

Run as: `python -m training.evaluate --data ../shared/data --model model.onnx`
"""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from digitpad.reading import LIKELY_DIGIT
from training import gather
from training.data import Glyphs

REPORT = Path(__file__).parent / "REPORT.md"
INTRODUCTION = f"""# How well the network reads

Written by `make evaluate`; all of it on what the network has not learned from. Unseen writers are whole writers kept
back from the training; their ink is drawn once each, at a size of 8 to 100 % of the pad with a brush of 1.5 to 12 %.
Broken and mislabelled samples count as errors. A symbol is turned away as no digit where `is_digit` is below
{LIKELY_DIGIT}; letters that look like digits (O and 0, l and 1, Z and 2, S and 5 …) are left out.
"""


@dataclass(frozen=True)
class Row:
    """One measured figure: `hits` of `total`, both counts."""

    what: str
    hits: int
    total: int

    def __str__(self) -> str:
        if not self.total:
            return f"| {self.what} | no data | |"
        low, high = wilson(self.hits, self.total)
        share = self.hits / self.total
        return f"| {self.what} | {share:.2%} of {self.total:,} | {low:.2%} … {high:.2%} |"


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. B. Wilson, JASA 22, 1927)."""
    p = hits / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    reach = z / (1 + z * z / total) * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return middle - reach, middle + reach


def run(model: Path, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Return the model's outputs by name for `images`, `(N, 28, 28)`, uint8, 255 full ink; N may be 0."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    chunks = [
        session.run(names, {"images": images[start : start + 512].astype(np.float32) / 255})
        for start in range(0, max(len(images), 1), 512)
    ]
    return {name: np.concatenate(parts) for name, parts in zip(names, zip(*chunks, strict=True), strict=True)}


def score(model: Path, data: gather.Data) -> list[Row]:
    """Measure the model on everything that it has not learned from."""
    rows = [
        _top_1("MNIST's test images", model, data.mnist_test),
        _top_1("ink digits of unseen writers", model, data.unseen_digits),
    ]
    digits = run(model, data.unseen_digits.images)
    others = run(model, data.unseen_non_digits.images)
    passed = digits["is_digit"] >= LIKELY_DIGIT
    right = passed & (digits["probabilities"].argmax(axis=1) == data.unseen_digits.labels)
    turned_away = others["is_digit"] < LIKELY_DIGIT
    rows.append(Row("the same, as the page shows them: neither misread nor turned away", right.sum(), len(right)))
    rows.append(Row("the same, turned away as no digits", (~passed).sum(), len(passed)))
    rows.append(Row("letters and signs of unseen writers, turned away", turned_away.sum(), len(turned_away)))
    return rows


def table(rows: list[Row]) -> str:
    """Return the figures as a Markdown table."""
    return "\n".join(["| what | measured | 95 % interval |", "| --- | --- | --- |", *map(str, rows)])


def _top_1(what: str, model: Path, glyphs: Glyphs) -> Row:
    read = run(model, glyphs.images)["probabilities"].argmax(axis=1)
    return Row(what, int((read == glyphs.labels).sum()), len(glyphs))


def main() -> None:
    """Measure a model from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    gather.add_arguments(parser)
    parser.add_argument("--model", type=Path, default=Path("model.onnx"))
    arguments = parser.parse_args()
    measured = table(score(arguments.model, gather.gather(arguments.data, arguments.cache)))
    print(measured)
    REPORT.write_text(f"{INTRODUCTION}\n{measured}\n")


if __name__ == "__main__":
    main()
