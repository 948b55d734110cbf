"""Lines to learn from that are real: amounts on bank cheques, photographed anew each time.

`real/cheque-amounts/` holds them: a part of ORAND-CAR-A (ICFHR 2014 competition on handwritten digit string
recognition), whose labels name the digits of an amount, and not its points, dashes and other signs.
"""

import io
import json
import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.line import HEIGHT
from training import paper
from training.lines import Line

FOLDS = 5
"""Parts for cross-validation."""

_ROOM = 48  # pixels about an amount that are made up of its edge, for turning and for wide margins


@dataclass(frozen=True)
class Amount:
    """A cheque's amount: its digits, each with its box `(left, top, right, bottom)`, and the picture, uint8."""

    digits: str
    grey: NDArray[np.uint8]
    boxes: NDArray[np.float64]


def fold_of(digits: str) -> int:
    """Return the part that an amount is in: those that say the same are together, for they may be of one hand."""
    return zlib.crc32(digits.encode()) % FOLDS


def amounts(folder: Path) -> list[Amount]:
    """Return the amounts in a folder whose boxes are as many as their digits; none where it is not there."""
    if not (folder / "images.zip").exists():
        return []
    every = json.loads((folder / "boxes.json").read_text())
    rows = [row.split("\t") for row in (folder / "labels.tsv").read_text().splitlines()[1:]]
    with zipfile.ZipFile(folder / "images.zip") as images:
        return [
            Amount(digits, np.asarray(Image.open(io.BytesIO(images.read(file))).convert("L")), _corners(every[file]))
            for file, digits in rows
            if len(digits) == len(every[file])
        ]


def _corners(boxes: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    left, top, width, height = np.array(boxes, np.float64).T
    return np.column_stack([left, top, left + width, top + height])


def lines(amount: Amount, rng: np.random.Generator, papers: int = 1) -> list[Line]:
    """Return an amount as so many pictures, each turned, slanted, cropped and taken otherwise."""
    return [_taken(amount, rng) for _ in range(papers)]


def _taken(amount: Amount, rng: np.random.Generator) -> Line:
    turned, boxes = _turned(amount, rng)
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    scale = min(rng.uniform(18, 34) / height, (HEIGHT - 1) / (bottom - top) * rng.uniform(0.9, 1.05))
    stretch = float(np.exp(rng.normal(0, 0.1)))
    margins = rng.exponential(0.35, 2) * height if rng.random() < 0.8 else rng.normal(0, 0.05, 2) * height
    limits = max(left - margins[0], 0), min(right + margins[1], turned.width)
    columns = math.ceil((limits[1] - limits[0]) * scale * stretch / 4) * 4
    columns = max(columns, 4 * len(boxes), 16)
    above = rng.uniform(0, 1) if rng.random() < 0.5 else 0.5 + rng.normal(0, 0.1)
    first = top - above * (HEIGHT / scale - (bottom - top))
    first = float(np.clip(first, 0, max(turned.height - HEIGHT / scale, 0)))
    rows = first, min(first + HEIGHT / scale, turned.height)
    how = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.BOX)[int(rng.integers(3))]
    picture = turned.resize((columns, HEIGHT), how, box=(limits[0], rows[0], limits[1], rows[1]))
    steps = columns / (limits[1] - limits[0]), HEIGHT / (rows[1] - rows[0])
    placed = (boxes - (limits[0], rows[0], limits[0], rows[0])) * (*steps, *steps)
    plane = np.asarray(picture, np.float32) / np.float32(255)
    if rng.random() < 0.5:  # what forms have about a number, and cheques have not
        edges = *placed[:, :2].min(axis=0).tolist(), *placed[:, 2:].max(axis=0).tolist()
        paper.furnish(plane, edges, rng)
    if rng.random() < 0.3:
        paper.lit(plane, rng)
    grey = paper.taken(plane, rng) if rng.random() < 0.6 else np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8)
    classes = [int(digit) for digit in amount.digits]
    return Line(grey, classes, placed.astype(np.float32), has_signs=False)


def _turned(amount: Amount, rng: np.random.Generator) -> tuple[Image.Image, NDArray[np.float64]]:
    """Return an amount with room about it, turned and slanted a little, and the boxes of its digits there."""
    wide = Image.fromarray(np.pad(amount.grey, _ROOM, mode="edge"))
    boxes = amount.boxes + _ROOM
    turn, slant = math.radians(rng.normal(0, 1.2)), rng.normal(0, 0.12)
    middle = np.array([wide.width / 2, wide.height / 2])
    forth = np.array([[1, -math.tan(turn) - slant], [math.tan(turn), 1]])
    back = np.linalg.inv(forth)
    offset = middle - back @ middle
    turned = wide.transform(
        wide.size, Image.Transform.AFFINE, (*back[0], offset[0], *back[1], offset[1]), Image.Resampling.BICUBIC
    )
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2  # turned so little, a digit is as wide and as tall as before
    moved = (centres - middle) @ forth.T + middle
    return turned, np.concatenate([moved - halves, moved + halves], axis=1)
