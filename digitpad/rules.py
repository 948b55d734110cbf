"""Ruled lines: how far a page lies askew by them, and its ink without them."""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.ink import INSIDE
from digitpad.morphology import bounding_box, dilate, median, run_lengths

RULE = 25.0
"""Times its thickness: what is longer is a rule, for a pen is 5 % of its digits' height or more."""

THIN = 2.0
"""Pens: what is thicker than that is no rule."""

_Pixel = TypeVar("_Pixel", np.uint8, np.float32)

_FURTHEST = 32.0  # degrees: pages that lie further askew are left as they are
_ROWS = 400  # that the page is taken in
_PLAIN = 4.0  # lines are ruled if the rows differ so many times more along them than along others
_POINTS = 4_000  # of the ink that the turn is told by
_LEVEL = 0.3  # degrees that ruled lines may lie askew
_POST = 8.0  # times its thickness: so is what is longer than that, and runs from one rule to another, as a box's sides
_ENDS = 3  # pixels that it may be short of them


def ruled_turn(ink: NDArray[np.float32]) -> float:
    """Return by how many degrees, counterclockwise, a page is to be turned for its ruled lines to lie level.

    `ink` is `(H, W)`, float32 in 0 … 1; where it is not ruled, 0. Long straight lines lie level where the sums of the
    rows differ the most (W. Postl, "Detection of linear oblique structures and skew scan in digitized documents",
    ICPR 1986).
    """
    y, x = np.nonzero(ink > 0.5)
    if not y.size:
        return 0.0
    few = slice(None, None, y.size // _POINTS + 1)
    points = y[few].astype(np.float32), x[few].astype(np.float32)
    turns = np.arange(-_FURTHEST, _FURTHEST + 1, dtype=np.float64)
    uneven = _unevenness(*points, turns, max(1.0, 2 * max(ink.shape) / _ROWS))
    if uneven.max() < _PLAIN * median(uneven):
        return 0.0
    near = turns[uneven.argmax()] + np.arange(-1, 1.01, 1 / 8)
    turn = float(near[_unevenness(*points, near, max(1.0, max(ink.shape) / _ROWS)).argmax()])
    return turn if abs(turn) > _LEVEL else 0.0


def _unevenness(
    y: NDArray[np.float32], x: NDArray[np.float32], degrees: NDArray[np.float64], row: float
) -> NDArray[np.int64]:
    """Return for each turn of points how much the rows, so many pixels high, differ from their neighbours."""
    angles = np.radians(degrees).astype(np.float32)[:, None]
    rows = ((y * np.cos(angles) - x * np.sin(angles)) / np.float32(row)).astype(np.int64)
    rows -= rows.min()
    count = int(rows.max()) + 2
    rows += np.arange(len(degrees))[:, None] * count
    counts = np.bincount(rows.ravel(), minlength=count * len(degrees)).reshape(len(degrees), count)
    return ((counts[:, 1:] - counts[:, :-1]) ** 2).sum(axis=1)


def turned(values: NDArray[_Pixel], degrees: float, paper: int = 0) -> NDArray[_Pixel]:
    """Return a picture turned counterclockwise about its middle, on a page of paper that is large enough for all of it.

    `values` is `(H, W)`, uint8 grey levels, or float32 in 0 … 1 with paper 0.
    """
    if not degrees:
        return values
    # Pillow turns bytes several times as fast as floating-point numbers.
    levels = values if values.dtype == np.uint8 else np.rint(values * 255).astype(np.uint8)
    image = Image.fromarray(levels).rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=paper)
    result = np.asarray(image)
    return result if values.dtype == np.uint8 else (result / np.float32(255)).astype(np.float32)


def without_rules(ink: NDArray[np.float32], pen: float) -> NDArray[np.float32]:
    """Return ink, `(H, W)`, without ruled lines, which run level or upright; where they cross strokes, these stay.

    `pen` is how wide strokes are, in pixels. Where there are no rules it is the same array.
    """
    # Most of a pad is paper: what lies beyond all ink, and its soft edge, need not be looked at.
    left, top, right, bottom = bounding_box(ink, above=INSIDE) or (0, 0, 0, 0)
    inked = slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1)
    part = ink[inked]
    cleaned = _without_rules(part, pen)
    if cleaned is part:
        return ink
    whole = ink.copy()
    whole[inked] = cleaned
    return whole


def _without_rules(ink: NDArray[np.float32], pen: float) -> NDArray[np.float32]:
    rules = np.zeros(ink.shape, bool)
    level = _without_level_rules(ink, pen, rules)
    if level is not ink:  # most of what is written has none, and need not wait
        rules = (ink > INSIDE) & (level <= INSIDE)
        for _ in range(_ENDS):
            rules = dilate(rules)
    upright = np.ascontiguousarray(level.T)
    cleaned = _without_level_rules(upright, pen, rules.T)
    return level if cleaned is upright else np.ascontiguousarray(cleaned.T)


def _without_level_rules(ink: NDArray[np.float32], pen: float, across: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return ink without rules that run level; `across` is where those that run upright were, and about there."""
    height, width = ink.shape
    inside = ink > INSIDE
    # A line may sag by some pixels.
    thick = np.zeros((height, width + 2), bool)
    thick[:, 1:-1] = inside
    thick[1:, 1:-1] |= inside[:-1]
    thick[:-1, 1:-1] |= inside[1:]
    flat = thick.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    long = ends - starts >= RULE
    if not long.any():
        return ink
    starts, ends = starts[long], ends[long]
    top, bottom = int(starts[0]) // (width + 2), int(ends[-1]) // (width + 2) + 1
    # How thick the ink is above and below each pixel; strokes that cross a rule say nothing of its thickness.
    room = math.ceil(THIN * pen) + 2
    top, bottom = max(top - room, 0), min(bottom + room, height)
    thickness = np.zeros((bottom - top, width + 2), np.int32)
    thickness[:, 1:-1] = run_lengths(inside[top:bottom])
    thin = (thickness > 0) & (thickness <= max(3, THIN * pen))
    starts, ends = starts - top * (width + 2), ends - top * (width + 2)
    bounds = np.column_stack([starts, ends]).ravel()
    count = np.add.reduceat(thin.ravel(), bounds, dtype=np.int32)[::2]
    total = np.add.reduceat(np.where(thin, thickness, 0).ravel(), bounds)[::2]
    held = np.zeros((bottom - top, width + 2), bool)
    held[:, 1:-1] = across[top:bottom]
    least = np.where(held.ravel()[starts] & held.ravel()[ends - 1], _POST, RULE)
    is_rule = (count > (ends - starts) / 3) & ((ends - starts) * count > least * total)
    if not is_rule.any():
        return ink
    # As thick as the rule is, or a pixel more, along all of it.
    limits = np.ceil(total[is_rule] / count[is_rule]).astype(np.int32) + 1
    steps = np.zeros(thickness.size + 1, np.int32)
    steps[starts[is_rule]] = limits
    steps[ends[is_rule]] = -limits
    limit = np.cumsum(steps[:-1], dtype=np.int32).reshape(thickness.shape)
    rule = ((thickness > 0) & (thickness <= limit))[:, 1:-1]
    part = inside[top:bottom]
    cleaned = ink.copy()
    cleaned[top:bottom][rule | (dilate(rule) & ~part)] = 0
    return cleaned
