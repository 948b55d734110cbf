"""Say what each threshold of the reading does: how well is read with it, with a quarter less, and with a third more.

Run as: `python -m training.thresholds --data ../shared/data`; it writes `training/THRESHOLDS.md`. What is read is not
what is reported: numbers of writers that the networks have learned from, and that half of the real pictures that is
there to choose by.
"""

import argparse
import ast
import importlib
import inspect
import sys
import tokenize
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image

from digitpad.onnx import at_once, networks
from digitpad.reading import read
from training import gather, numbers, real
from training.numbers import KINDS, ROWS
from training.styles import SIGNS
from training.tables import grid

REPORT = Path(__file__).parent / "THRESHOLDS.md"

MODULES = ("ink", "rules", "layout", "glyphs", "reading")
"""Of `digitpad`: those whose numbers were chosen by what is read with them, and not learned with or laid down."""

GIVEN = {"MOST_PIXELS", "_LUMINANCE", "_BATCH_COLUMNS"}
"""Numbers that are no thresholds."""

FACTORS = (0.75, 4 / 3)
COMPOSED = 16
"""Numbers of each kind."""

PICTURES = {"cheque amounts": 40, "clinic cells": 60, "exam digits": 40, "canvas digits": 40}
"""Pictures of each real set."""


@dataclass(frozen=True)
class Threshold:
    """A number at the top of a module, or the one in this `place` of a tuple there; `says` is what its comment says."""

    module: str
    name: str
    place: int | None
    value: float
    says: str


@dataclass(frozen=True)
class Sample:
    """A picture of a group, and when a reading of it is right."""

    group: str
    image: Image.Image
    single: bool
    label: str
    key: Callable[[str], str]


def thresholds(module: ModuleType) -> list[Threshold]:
    """Return the numbers that are named at the top of a module."""
    lines = inspect.getsource(module).splitlines(keepends=True)
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(iter(lines).__next__)
        if token.type == tokenize.COMMENT
    }
    found = []
    statements = ast.parse("".join(lines)).body
    for statement, after in zip(statements, [*statements[1:], None], strict=True):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        name = statement.targets[0].id
        value = getattr(module, name)
        if name.strip("_") != name.strip("_").upper() or name in GIVEN:
            continue
        says = comments.get(statement.lineno, "")
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            says = str(after.value.value).split("\n")[0]
        if isinstance(value, int | float):
            found.append(Threshold(module.__name__, name, None, value, says))
        elif isinstance(value, tuple) and all(isinstance(part, int | float) for part in value):
            found += [Threshold(module.__name__, name, place, part, says) for place, part in enumerate(value)]
    return found


@contextmanager
def multiplied(threshold: Threshold, factor: float) -> Iterator[None]:
    """Have a threshold so many times as large, wherever it has been imported to."""
    value = getattr(sys.modules[threshold.module], threshold.name)
    parts = list(value) if threshold.place is not None else [value]
    number = threshold.value * factor
    parts[threshold.place or 0] = round(number) if isinstance(threshold.value, int) else number
    other = tuple(parts) if threshold.place is not None else parts[0]
    users = [
        module
        for name, module in sys.modules.items()
        if name.startswith("digitpad.") and getattr(module, threshold.name, None) is value
    ]
    for module in users:
        setattr(module, threshold.name, other)
    try:
        yield
    finally:
        for module in users:
            setattr(module, threshold.name, value)


def composed(folder: Path, count: int) -> list[Sample]:
    """Return numbers of each kind, and pages of three, in the ink of writers that the networks have learned from."""
    able = numbers.hands(gather.split(gather.digits(folder))[0])
    signs = numbers.signs_by_label(gather.split(gather.letters_and_signs(folder))[0])
    found = []
    for kind in (*KINDS, ROWS):
        if kind.signs and len(signs) < len(SIGNS):
            continue
        for index in range(count if able else 0):
            written, image = numbers.picture(kind, index, able[index % len(able)], signs)
            text = "\n".join(number.text for number in written)
            found.append(Sample("photos" if kind.photo else "pad", image, False, text, str))
    return found


def photographed(folder: Path, counts: dict[str, int]) -> list[Sample]:
    """Return real pictures of the half that is there to choose by."""
    found = []
    for of in real.SETS:
        at = folder / "real" / of.folder
        if of.name not in counts or not (at / "images.zip").is_file():
            continue
        shown = [real.Outcome(picture, real.Answer("", 0)) for picture in real.pictures(at)]
        chosen = [outcome.picture for outcome in real.in_half(real.HALVES[0], shown)][: counts[of.name]]
        key = of.measures[0].key
        found += [Sample(of.name, picture.image, of.single, key(picture.label), key) for picture in chosen]
    return found


@cache
def samples(folder: Path) -> list[Sample]:
    """Return all that is read."""
    return [*composed(folder, COMPOSED), *photographed(folder, PICTURES)]


def shares(folder: Path, threshold: Threshold, factor: float) -> dict[str, float]:
    """Return the share of each group that is read right with a threshold that is so many times as large."""
    reads = networks()
    right: dict[str, list[bool]] = {}
    with multiplied(threshold, factor):
        for sample in samples(folder):
            try:
                text = at_once(read(sample.image, reads, sample.single or None))["text"]
            except Exception:  # with this value it cannot be read at all
                text = ""
            right.setdefault(sample.group, []).append(sample.key(text) == sample.label)
    return {group: float(np.mean(of_group)) for group, of_group in right.items()}


def report(folder: Path, chosen: Sequence[Threshold], pool: ProcessPoolExecutor) -> str:
    """Return the report as Markdown."""
    as_it_is = shares(folder, chosen[0], 1.0)
    jobs = [(folder, threshold, factor) for threshold in chosen for factor in FACTORS]
    found = iter(pool.map(shares, *zip(*jobs, strict=True)))
    lines = []
    for n, threshold in enumerate(chosen, start=1):
        less, more = next(found), next(found)
        place = "" if threshold.place is None else f", {threshold.place + 1}."
        name = f"`{threshold.module.split('.')[-1]}.{threshold.name}`{place}"
        changes = [
            f"{100 * (one[group] - as_it_is[group]):+.0f}".replace("+0", "0").replace("-0", "0")
            for one in (less, more)
            for group in as_it_is
        ]
        lines.append([name, f"{threshold.value:g}", *changes, threshold.says])
        print(f"{n} of {len(chosen)}: {name}", flush=True)
    groups = list(as_it_is)
    head = ["threshold", "value", *(f"{group}, × {factor:.2f}" for factor in FACTORS for group in groups), "what"]
    return REPORT_TEXT.format(
        shares=grid(groups, [[f"{as_it_is[group]:.0%}" for group in groups]]), changes=grid(head, lines)
    )


REPORT_TEXT = """# What the thresholds do

Written by `make thresholds`. Each threshold of the reading was made a quarter smaller and a third larger, all others
staying as they are; the table says by how many points the share that is read exactly right changes. What was read is
not what the other reports are about: numbers in the ink of writers that the networks have learned from, on the pad and
in synthetic photos, and of the real pictures the half that is there to choose by. As the thresholds are:

{shares}

{changes}
"""


def main() -> None:
    """Measure the thresholds from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=gather.DEFAULT_DATA, help="default: %(default)s")
    parser.add_argument("--only", default="", metavar="WORDS", help="just print those with these words in their names")
    options = parser.parse_args()
    chosen = [
        threshold
        for name in MODULES
        for threshold in thresholds(importlib.import_module(f"digitpad.{name}"))
        if options.only in f"{name}.{threshold.name}"
    ]
    with ProcessPoolExecutor() as pool:
        written = report(options.data, chosen, pool)
    if options.only:
        print(written)
        return
    REPORT.write_text(written)
    print(f"Wrote {REPORT.name}.")


if __name__ == "__main__":
    main()
