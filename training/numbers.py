"""Say how well whole numbers are read, written by people whose ink the network has not learned from.

Run as: `python -m training.numbers --data ../shared/data --model model.onnx`; it writes `training/NUMBERS.md`.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.normalise import normalise
from digitpad.onnx import MODEL, at_once, networks
from digitpad.reading import LIKELY_DIGIT, Networks, Outputs, Reading, read
from training import figures, gather
from training.calibrate import calibration_error
from training.compose import CLOSE, OVERLAPPING, SPACED, TOUCHING, Number, compose
from training.data import DIGITS, Symbol, draw_as_on_a_pad
from training.ink import extent
from training.photo import DISTURBANCES, Photo, any_photo, only, photographed
from training.styles import SIGNS, placed_sign
from training.tables import Row, grid, table

REPORT = Path(__file__).parent / "NUMBERS.md"
FIGURE = Path(__file__).parent / "figures" / "numbers.png"
WORST = 8
"""How many errors of each kind are shown."""

ENOUGH_DIGITS = 8
"""Who has written fewer digits writes no numbers: none has a digit twice, and the longest have eight."""

PATTERNS = ("0.0", "00.0", "0,00", "-0", "-00.0", "00:00", "0:00", "0/0", "00/00", "+00", "0+0", "00.00.00", "0.000")
"""What numbers with signs are like; a 0 stands for any digit."""

EITHER, SOMEWHERE, CLEAN = "spaced or close", "touching somewhere", "none of them"

_SINGLE_SEED = 3  # that of `unseen_digits` in gather.py, so that the same pictures are read

_T = TypeVar("_T")


@dataclass(frozen=True)
class Kind:
    """A kind of numbers: how few and how `many` digits they have, how these stand, and on what.

    `gaps` is one of compose's words, EITHER of SPACED and CLOSE for the whole number, or SOMEWHERE, where at least
    one gap, and every third, is TOUCHING or OVERLAPPING. `photo` is a disturbance's name, CLEAN for a sheet without
    any, "all", or empty where the page itself is read. `goal` is a share, or 0 where there is none; `rows` is how
    many numbers stand below each other, all of which must be right; `signs` says that they have signs, by PATTERNS.
    """

    name: str
    few: int
    many: int
    gaps: str
    photo: str = ""
    goal: float = 0
    rows: int = 1
    signs: bool = False


SPACED_NUMBERS = Kind("1 to 8 digits, spaced", 1, 8, SPACED, goal=0.95)
CLOSE_NUMBERS = Kind("1 to 8 digits, close", 1, 8, CLOSE, goal=0.95)
KINDS: Sequence[Kind] = (
    SPACED_NUMBERS,
    CLOSE_NUMBERS,
    Kind("pairs that touch", 2, 2, TOUCHING, goal=0.95),
    Kind("pairs that overlap", 2, 2, OVERLAPPING),
    Kind("2 to 6 digits that touch or overlap somewhere", 2, 6, SOMEWHERE, goal=0.9),
    Kind("photos, 1 to 8 digits", 1, 8, EITHER, "all", goal=0.93),
    Kind("numbers with signs", 1, 8, EITHER, goal=0.95, signs=True),
)
ROWS = Kind("photos of three numbers below each other", 1, 8, EITHER, "all", rows=3)
APART: Sequence[Kind] = (
    Kind(CLEAN, 1, 8, EITHER, CLEAN),
    *(Kind(f"{name}, in {share:.0%} of the photos", 1, 8, EITHER, name) for name, (share, _) in DISTURBANCES.items()),
)


@dataclass(frozen=True)
class Outcome:
    """What came of one picture: who wrote what, what was read, and how sure the least sure digit was, 0 … 1.

    `legible` says that the network reads every digit right when it is given that digit's ink by itself. `digits` are
    what was written and the ten probabilities that were read for it, where as many symbols were read as written.
    """

    index: int
    writer: str
    written: str
    read: str
    confidence: float
    legible: bool
    digits: Sequence[tuple[int, Sequence[float]]] = ()

    @property
    def right(self) -> bool:
        """Whether the text is what was written, spaces and lines too."""
        return self.read == self.written

    @property
    def errors(self) -> int:
        """By how many digits the text differs, wherever it has spaces."""
        return edit_distance(_unspaced(self.written), _unspaced(self.read))


@dataclass(frozen=True)
class Setting:
    """Whose digits are read, and with what; kept by each process that reads."""

    data: Path
    model: Path

    def hands(self) -> Sequence[Sequence[Symbol]]:
        """Return the digits of each unseen writer who has ENOUGH_DIGITS."""
        return _hands(self.data)

    def hand(self, index: int) -> Sequence[Symbol]:
        """Return the digits of who writes this number."""
        return self.hands()[index % len(self.hands())]

    def signs(self) -> Mapping[str, Sequence[Symbol]]:
        """Return the signs that unseen writers have written, by label."""
        return _signs(self.data)

    def read(self, image: Image.Image, single: bool | None = None) -> Reading:
        """Return the reading of a picture."""
        return at_once(read(image, _networks(self.model), single))

    def legible(self, number: Number) -> bool:
        """Say whether each digit is read right by itself."""
        digits = [glyph for glyph in number.glyphs if glyph.label in DIGITS]
        ink = np.stack([normalise((glyph.ink / 255).astype(np.float32)) for glyph in digits])
        outputs = at_once(_ask(_networks(self.model), ink))
        found = "".join(map(str, outputs.probabilities.argmax(axis=1)))
        is_right = found == "".join(glyph.label for glyph in digits)
        return is_right and bool((outputs.is_digit >= LIKELY_DIGIT).all())


def edit_distance(one: str, other: str) -> int:
    """Return how many letters must be put in, left out or changed to make one text of the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def picture(
    kind: Kind, index: int, hand: Sequence[Symbol], signs: Mapping[str, Sequence[Symbol]]
) -> tuple[list[Number], Image.Image]:
    """Return the numbers that one hand has written, and the picture of them; the same for the same index.

    Their signs are out of `signs`, by label; each of any hand.

    The tallest digit is 24 to 120 pixels high, 30 to 120 in photos, and the pen 5 to 16 % of that.
    """
    rng = np.random.default_rng(index)
    height = float(np.exp(rng.uniform(np.log(30 if kind.photo else 24), np.log(120))))
    pen = rng.uniform(0.05, 0.16)
    numbers = []
    for _ in range(kind.rows):
        if kind.signs:
            symbols, raised = _signed(hand, signs, rng)
        else:
            symbols = [hand[i] for i in rng.permutation(len(hand))[: rng.integers(kind.few, kind.many + 1)]]
            raised = []
        numbers.append(compose(symbols, _spacings(kind.gaps, len(symbols) - 1, rng), height, pen, rng, raised))
    pages = [number.page() for number in numbers]
    if not kind.photo:
        return numbers, Image.fromarray(pages[0])
    # The same numbers lie under each of the disturbances, for these are drawn apart.
    rng = np.random.default_rng([index, 1])
    photo = any_photo(rng) if kind.photo == "all" else Photo() if kind.photo == CLEAN else only(kind.photo, rng)
    return numbers, photographed(pages, rng, photo)


def outcomes(kind: Kind, count: int, setting: Setting, pool: ProcessPoolExecutor) -> list[Outcome]:
    """Read so many numbers of a kind; every writer has written as many of them as another, or one more."""
    return _told(kind.name, pool.map(_outcome, [(kind, index, setting) for index in range(count)], chunksize=8), count)


def singles(setting: Setting, pool: ProcessPoolExecutor) -> list[tuple[str, str, str]]:
    """Return all unseen digits: what was written, what is read, and what is read when told that it is one digit.

    The pictures are those that the report on single digits is about.
    """
    symbols = gather.split(gather.digits(setting.data))[1]
    seeds = np.random.default_rng(_SINGLE_SEED).integers(2**32, size=len(symbols))
    jobs = [(symbol, int(seed), setting) for symbol, seed in zip(symbols, seeds, strict=True)]
    return _told("single digits", pool.map(_single, jobs, chunksize=32), len(jobs))


def row(kind: Kind, results: Sequence[Outcome]) -> Row:
    """Return how many of a kind are exactly right."""
    return Row(kind.name, sum(r.right for r in results), len(results), f"≥ {100 * kind.goal:g} %" if kind.goal else "")


def beside(kind: Kind, results: Sequence[Outcome]) -> list[str]:
    """Return a kind's error rate and what else puts the share that is right in its place."""
    legible = [r for r in results if r.legible]
    errors, digits = sum(r.errors for r in results), sum(len(_unspaced(r.written)) for r in results)
    return [
        kind.name,
        f"{errors / digits:.2%} of {digits:,}",
        _share(len(legible), len(results)),
        _share(sum(r.right for r in legible), len(legible)),
    ]


def weighted(results: Sequence[Outcome], digits: Mapping[str, int]) -> float:
    """Return the share that is right if each writer counts by how many `digits` there are of theirs."""
    numbers = Counter(r.writer for r in results)
    weights = np.array([digits[r.writer] / numbers[r.writer] for r in results])
    return float(weights @ [r.right for r in results] / weights.sum())


def failures(results: Sequence[Outcome]) -> list[int]:
    """Return how many have too many digits, too few, as many but wrong ones, and wrong spaces or lines only."""
    wrong = [(_unspaced(r.written), _unspaced(r.read)) for r in results if not r.right]
    return [
        sum(len(found) > len(written) for written, found in wrong),
        sum(len(found) < len(written) for written, found in wrong),
        sum(len(found) == len(written) and found != written for written, found in wrong),
        sum(found == written for written, found in wrong),
    ]


def split_by(key: Callable[[Outcome], Any], what: str, found: Mapping[Kind, Sequence[Outcome]]) -> str:
    """Return a table of the shares that are right: a row for each value of the key, a column for each kind."""
    values = sorted({key(outcome) for results in found.values() for outcome in results})
    parts = [[[r.right for r in results if key(r) == value] for results in found.values()] for value in values]
    return grid(
        [what, *(kind.name for kind in found)],
        [[value, *(_share(sum(p), len(p)) for p in line)] for value, line in zip(values, parts, strict=True)],
    )


def report(setting: Setting, count: int) -> str:
    """Return the report as Markdown, and draw its picture; of each kind `count` numbers, of some 3 for each 10."""
    fewer = -(-count * 3 // 10)
    digits = Counter(symbol.writer for hand in setting.hands() for symbol in hand)
    with ProcessPoolExecutor() as pool:
        found = {kind: outcomes(kind, count, setting, pool) for kind in KINDS}
        rows = outcomes(ROWS, fewer, setting, pool)
        apart = {kind: outcomes(kind, fewer, setting, pool) for kind in APART}
        single = singles(setting, pool)
    FIGURE.parent.mkdir(exist_ok=True)
    figures.numbers({kind.name: _worst(kind, results, setting) for kind, results in found.items()}, WORST, FIGURE)
    together = [*found[SPACED_NUMBERS], *found[CLOSE_NUMBERS]]
    return REPORT_TEXT.format(
        writers=len(digits),
        rows=table(
            [
                row(replace(SPACED_NUMBERS, name="1 to 8 digits, spaced or close"), together),
                *(row(kind, results) for kind, results in found.items()),
                row(ROWS, rows),
            ]
        ),
        beside=grid(
            [
                "what",
                "digit errors",
                "numbers legible digit by digit",
                "of these exactly right",
                "exactly right of all, weighted by digits",
            ],
            [
                [*beside(kind, results), f"{weighted(results, digits):.2%}"]
                for kind, results in [*found.items(), (ROWS, rows)]
            ],
        ),
        single=table(
            [
                Row("read with `single: true`", sum(written == told for written, _, told in single), len(single)),
                Row(
                    "read by themselves",
                    sum(written == read for written, read, _ in single),
                    len(single),
                    "at most 0.1 points less",
                ),
            ]
        ),
        calibration=grid(
            ["what", "expected calibration error", "digits"],
            [
                [kind.name, f"{error:.2%}", f"{count:,}"]
                for kind, results in found.items()
                for error, count in [calibration(results)]
            ],
        ),
        otherwise=sum(read != told for _, read, told in single),
        failures=grid(
            ["what", "digits too many", "too few", "misread or turned away", "only the spaces or lines"],
            [[kind.name, *failures(results)] for kind, results in found.items()],
        ),
        by_length=split_by(lambda outcome: len(outcome.written), "digits", found),
        by_source=split_by(lambda outcome: outcome.writer.split("/")[0], "collection", found),
        apart=table(row(kind, results) for kind, results in apart.items()),
    )


def hands(digits: Sequence[Symbol]) -> Sequence[Sequence[Symbol]]:
    """Return the digits of each writer who has ENOUGH_DIGITS."""
    found: dict[str, list[Symbol]] = {}
    for symbol in digits:
        found.setdefault(symbol.writer, []).append(symbol)
    return [hand for hand in found.values() if len(hand) >= ENOUGH_DIGITS]


def signs_by_label(symbols: Sequence[Symbol]) -> Mapping[str, Sequence[Symbol]]:
    """Return those of some symbols that are SIGNS, by label."""
    found: dict[str, list[Symbol]] = {}
    for symbol in symbols:
        if symbol.label in SIGNS:
            found.setdefault(symbol.label, []).append(symbol)
    return found


@cache
def _hands(data: Path) -> Sequence[Sequence[Symbol]]:
    return hands(gather.split(gather.digits(data))[1])


@cache
def _signs(data: Path) -> Mapping[str, Sequence[Symbol]]:
    return signs_by_label(gather.split(gather.letters_and_signs(data))[1])


@cache
def _networks(model: Path) -> Networks:
    return networks(model)


async def _ask(reads: Networks, ink: NDArray[np.float32]) -> Outputs:
    return await reads.classify(ink)


def _signed(
    hand: Sequence[Symbol], signs: Mapping[str, Sequence[Symbol]], rng: np.random.Generator
) -> tuple[list[Symbol], list[float]]:
    """Return the symbols of a number with signs, and how far each one's foot is above the line, in digits' heights."""
    pattern = PATTERNS[int(rng.integers(len(PATTERNS)))]
    order = iter(rng.permutation(len(hand)))
    chosen = [hand[next(order)] if c == "0" else None for c in pattern]
    extents = [extent(symbol.strokes) for symbol in chosen if symbol]
    height = max(bottom - top for _, top, _, bottom in extents)
    symbols, raised = [], []
    for character, digit in zip(pattern, chosen, strict=True):
        if digit:
            symbols.append(digit)
            raised.append(0.0)
            continue
        sign = signs[character][int(rng.integers(len(signs[character])))]
        strokes = [np.reshape(stroke, (-1, 2)).astype(np.float64) for stroke in sign.strokes]
        placed = placed_sign(character, strokes, rng)
        scaled = [(points * height).ravel().tolist() for points in placed]
        symbols.append(replace(sign, strokes=scaled))
        raised.append(1 - float(np.concatenate(placed)[:, 1].max()))
    return symbols, raised


def _spacings(gaps: str, count: int, rng: np.random.Generator) -> list[str]:
    if gaps == EITHER:
        gaps = (SPACED, CLOSE)[rng.integers(2)]
    if gaps != SOMEWHERE:
        return [gaps] * count
    joined = rng.random(count) < 1 / 3
    joined[rng.integers(count)] = True
    return [str(rng.choice([TOUCHING, OVERLAPPING] if here else [SPACED, CLOSE])) for here in joined]


def _outcome(job: tuple[Kind, int, Setting]) -> Outcome:
    kind, index, setting = job
    hand = setting.hand(index)
    numbers, image = picture(kind, index, hand, setting.signs())
    reading = setting.read(image)
    written = "\n".join(number.text for number in numbers)
    return Outcome(
        index=index,
        writer=hand[0].writer,
        written=written,
        read=reading["text"],
        confidence=min((symbol["confidence"] for symbol in reading["symbols"]), default=0),
        legible=all(map(setting.legible, numbers)),
        digits=_told_of(_unspaced(written), reading),
    )


def _told_of(written: str, reading: Reading) -> list[tuple[int, Sequence[float]]]:
    """Return each digit that was written, and the probabilities that were read in its place, if places can be told."""
    if len(written) != len(reading["symbols"]):
        return []
    told = {tuple(digit["box"]): digit["probabilities"] for digit in reading["digits"]}
    places = [tuple(symbol["box"]) for symbol in reading["symbols"]]
    return [(int(c), told[box]) for c, box in zip(written, places, strict=True) if c in DIGITS and box in told]


def calibration(results: Sequence[Outcome]) -> tuple[float, int]:
    """Return the expected calibration error of the digits' probabilities, 0 … 1, and how many digits there are."""
    digits = [digit for result in results for digit in result.digits]
    if not digits:
        return 0.0, 0
    labels = np.array([label for label, _ in digits], np.int64)
    return calibration_error(np.array([told for _, told in digits]), labels), len(digits)


def _single(job: tuple[Symbol, int, Setting]) -> tuple[str, str, str]:
    symbol, seed, setting = job
    image = Image.fromarray(draw_as_on_a_pad(symbol.strokes, np.random.default_rng(seed)))
    return symbol.label, setting.read(image)["text"], setting.read(image, single=True)["text"]


def _worst(kind: Kind, results: Sequence[Outcome], setting: Setting) -> list[tuple[Image.Image, str]]:
    """Return the wrongly read pictures that the network was surest of, and what it made of them."""
    wrong = sorted((r for r in results if not r.right), key=lambda r: -r.confidence)[:WORST]
    return [
        (picture(kind, r.index, setting.hand(r.index), setting.signs())[1], f"{r.written} → {r.read or 'nothing'}")
        for r in wrong
    ]


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _share(hits: int, total: int) -> str:
    return f"{hits / total:.1%} of {total:,}" if total else ""


def _told(what: str, results: Iterator[_T], count: int) -> list[_T]:
    """Return all results, saying now and then how many there are already."""
    started, done = time.monotonic(), []
    for result in results:
        done.append(result)
        if len(done) == count or len(done) % 500 == 0:
            print(f"{what}: {len(done):,} of {count:,} read, {time.monotonic() - started:.0f} s")
    return done


REPORT_TEXT = """# How well whole numbers are read

Written by `make evaluate`. The writers are the {writers} whose ink the network has not learned from and who have
written at least eight digits; [REPORT.md](REPORT.md) is about their single digits. Every number is composed of digits
of one of them, none of them twice, in the proportions that these have in the ink; every writer has written as many
numbers as any other. The tallest digit is 24 to 120 pixels high (30 to 120 in photos), the pen 5 to 16 % of that. A
number is right where its text is: a missing, misread or additional digit is an error, and so is a space, a line, or a
`?`. Broken and mislabelled samples count as errors, too. Pairs, and numbers of 1 to 8 digits, are the same numbers in
each of their kinds, drawn in another way.

{rows}

*Spaced* leaves a fifth to half of a digit's height between the ink of neighbours, *close* 4 to 12 % of it and at least
two pixels; digits that *touch* share less than the pen's width of ink, those that *overlap* up to one and a half of it.
*Somewhere* means at least one gap, and every third.

## What the figures are made of

A digit error is a digit too many, too few or misread (the edit distance, spaces aside), as a share of the digits
written. A number is *legible* where the network reads each of its digits right if given that digit's ink by itself,
drawn with the same pen: what is lost of these, only the finding and cutting of the digits costs, and in photos the
paper. The last column weights the writers by how many digits there are of each, as REPORT.md does.

{beside}

## Single digits

All unseen digits, as REPORT.md has them, read without and with the hint that it is one digit; what is read differs
for {otherwise}.

{single}

## How sure it is

The ten probabilities of a digit come from line reader and digit model together. How far they and the share of digits
that are right lie apart, in 15 bins, where as many symbols were read as written:

{calibration}

## How numbers go wrong

{failures}

## By number of digits

{by_length}

## By collection

{by_source}

## Photos, one disturbance at a time

The same numbers with nothing but this. In the photos above all come together; there squares take the place of lines,
and a blackboard has neither lines nor a table's edge.

{apart}

## The worst errors

For each kind those that the network was surest of, by the least sure digit.

![Misread numbers](figures/numbers.png)
"""


def main() -> None:
    """Measure how whole numbers are read from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=gather.DEFAULT_DATA, help="as for training.evaluate (%(default)s)")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--numbers", type=int, default=1000, help="how many of each kind (default: %(default)s)")
    parser.add_argument(
        "--only", metavar="WORDS", help="just print the figures of the kinds with these words in their name"
    )
    arguments = parser.parse_args()
    setting = Setting(arguments.data, arguments.model)
    if not setting.hands():
        parser.error(f"there are no unseen writers' digits in ink in {arguments.data}.")
    if arguments.only is None:
        REPORT.write_text(report(setting, arguments.numbers))
        print(f"Wrote {REPORT.relative_to(Path.cwd())} and its picture.")
        return
    with ProcessPoolExecutor() as pool:
        for kind in (*KINDS, ROWS, *APART):
            if arguments.only in kind.name:
                results = outcomes(kind, arguments.numbers, setting, pool)
                print(row(kind, results), beside(kind, results)[1:], failures(results))


if __name__ == "__main__":
    main()
