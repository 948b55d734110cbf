"""Pen strokes from the files in which they were published: UCI's pen digits, and UNIPEN.

Both are in UNIPEN's format (I. Guyon, L. Schomaker, R. Plamondon, M. Liberman and S. Janet, "UNIPEN project of
on-line data exchange and recognizer benchmarks", ICPR 1994): a line that begins with a dot says what follows,
the pen's points are pairs of numbers, y up.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from training.data import Symbol
from training.ink import Stroke, extent

UNIPEN_SIZE = 700
"""The longer side of a UNIPEN symbol, in a box of 1000 units: its own place and size are not known."""

PEN_DIGITS_BOX = 500
"""The side of the box that UCI's writers wrote into, in the tablet's units."""

_SEGMENT = re.compile(r'\.SEGMENT\s+(?:CHARACTER|DIGIT)\s+(\S+)\s+\S+\s+"(.*)"')


def pen_digits(path: Path) -> Iterator[Symbol]:
    """Yield the digits of UCI's `pendigits-orig.tra`, at their own place and size in a box of 1000 units.

    The file may be as published (`.Z`, which needs gzip to unpack), or unpacked. A comment on each digit gives
    its label, its writer and its number.
    """
    if path.suffix == ".Z":
        text = subprocess.run(["gzip", "-dc", path], check=True, capture_output=True).stdout.decode("latin-1")
    else:
        text = path.read_text(encoding="latin-1")
    scale = 1000 / PEN_DIGITS_BOX
    for part in text.split(".SEGMENT")[1:]:
        described = _SEGMENT.match(".SEGMENT" + part)
        comment = re.search(r"\.COMMENT\s+\d+\s+(\d+)", part)
        strokes = [[c * scale if i % 2 == 0 else 1000 - c * scale for i, c in enumerate(s)] for s in _pen(part)]
        if described and comment and strokes:
            yield Symbol(described[2], f"pendigits-train/{comment[1]}", strokes)


def unipen(folder: Path, sections: tuple[str, ...]) -> Iterator[Symbol]:
    """Yield the symbols of some sections (`1a` digits, `1b` … `1d` letters and signs) of `train_r01_v07`.

    `folder` is the unpacked distribution, with `data/` and `include/`. A file in `data/` names the strokes that
    make up each symbol; the strokes are in the files that it includes, and counted through all of them. Symbols
    are brought to 700 of 1000 units and centred. A symbol whose strokes are not there is passed over.
    """
    for section in sections:
        for path in sorted((folder / "data" / section).rglob("*.dat")):
            text = path.read_text(encoding="latin-1")
            provider = path.relative_to(folder / "data" / section).parts[0]
            included = _included(text, folder / "include")
            writers = re.findall(r"\.WRITER_ID\s+(\S+)", text + included) or [path.stem]
            components = _pen(included + text)
            for where, label in _SEGMENT.findall(text):
                strokes = _pick(components, where)
                if strokes:
                    label = label.replace('\\"', '"').replace("\\\\", "\\")
                    yield Symbol(label, f"{provider}/{writers[0]}", _centred(strokes))


def _included(text: str, folder: Path) -> str:
    """Return the text of the files that `text` includes, and of those that they include."""
    found = ""
    for name in re.findall(r"^\s*\.INCLUDE\s+(\S+)", text, re.MULTILINE):
        path = folder / name
        if path.exists():
            inner = path.read_text(encoding="latin-1")
            found += _included(inner, folder) + inner
    return found


def _pen(text: str) -> list[Stroke]:
    """Return the strokes between pen down and pen up; columns after x and y (time, pressure) are left out."""
    strokes: list[Stroke] = []
    for part in re.split(r"^\s*\.PEN_DOWN", text, flags=re.MULTILINE)[1:]:
        points = [line.split()[:2] for line in re.split(r"^\s*\.", part, flags=re.MULTILINE)[0].splitlines()]
        strokes.append([float(c) for pair in points if len(pair) == 2 for c in pair])
    return strokes


def _pick(components: list[Stroke], where: str) -> list[Stroke]:
    """Return the strokes that `where` names: `3`, `3-5`, `3,7`, or from point to point, `3:0-5:12`."""
    picked: list[Stroke] = []
    for part in where.split(","):
        ends = re.fullmatch(r"(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?", part)
        if not ends:
            return []
        first, last = int(ends[1]), int(ends[3] or ends[1])
        if last >= len(components):
            return []
        for index in range(first, last + 1):
            start = 2 * int(ends[2] or 0) if index == first else 0
            stop = 2 * int(ends[4]) + 2 if ends[4] and index == last else None
            picked.append(components[index][start:stop])
    return [stroke for stroke in picked if len(stroke) >= 2]


def _centred(strokes: list[Stroke]) -> list[Stroke]:
    left, top, right, bottom = extent(strokes)
    scale = UNIPEN_SIZE / max(right - left, bottom - top, 1e-6)
    return [
        [
            500 + (c - (left + right) / 2) * scale if i % 2 == 0 else 500 - (c - (top + bottom) / 2) * scale
            for i, c in enumerate(stroke)
        ]
        for stroke in strokes
    ]
