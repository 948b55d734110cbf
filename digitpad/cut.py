"""Where digits that touch may be cut apart: paths from top to bottom that cross little ink.

A path of least cost may bend around strokes, which a straight cut cannot (S. Avidan and A. Shamir, "Seam carving for
content-aware image resizing", SIGGRAPH 2007, find paths in the same way).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROWS = 40
"""The height, in pixels, at which paths are looked for; more takes longer and finds no others."""

MOST = 7
"""Paths that are proposed for one component, at most, for each multiple of its height that it is wide …"""

_APART = 3  # … and at least so many pixels lie between two of them, in the mean over all rows
_INK = 8.0  # what a pixel of full ink costs; one of paper costs one
_ASIDE = 0.4  # what a step to the side costs on top
_LEVELS = (0.25, 0.5, 0.75)  # heights at which the best paths are gathered, as shares of the whole
_DEAREST = 2.2  # a path costs at most so many times the height, beyond a straight one over paper
_SLIVER = 0.05  # what a cut leaves on either side is at least this share of the ink


def cuts(ink: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return paths `(K, H)` along which `ink` may be cut, from left to right; K may be 0.

    `ink` is `(H, W)`, float32 in 0 … 1, cut to its box. A path gives for each row the first column to its right.
    """
    height, width = ink.shape
    scale = ROWS / height
    columns = max(round(width * scale), 1)
    small = np.asarray(Image.fromarray(ink).resize((columns, ROWS), Image.Resampling.BOX))
    cost = (1 + _INK * small).astype(np.float32)
    down, from_above = _descend(cost)
    up, from_below = _descend(cost[::-1])
    total = down + up[::-1] - cost
    found: list[tuple[float, NDArray[np.int64]]] = []
    for level in _LEVELS:
        row = int(level * ROWS)
        across = total[row]
        beside = np.pad(across, 1, constant_values=np.inf)
        lowest = np.flatnonzero((across <= beside[:-2]) & (across < beside[2:]) & (across < (1 + _DEAREST) * ROWS))
        found += [(float(across[x]), _follow(from_above, from_below, row, int(x))) for x in lowest]
    chosen: list[NDArray[np.int64]] = []
    mass = np.concatenate([np.zeros((ROWS, 1)), np.cumsum(small, axis=1)], axis=1)
    everything = mass[:, -1].sum()
    for _, path in sorted(found, key=lambda pair: pair[0]):
        left = mass[np.arange(ROWS), path].sum()
        if min(left, everything - left) < _SLIVER * everything:
            continue
        if all(np.abs(path - other).mean() >= _APART for other in chosen):
            chosen.append(path)
        if len(chosen) >= MOST * max(1, round(columns / ROWS)):
            break
    if not chosen:
        return np.zeros((0, height), np.int64)
    rows = np.minimum(((np.arange(height) + 0.5) * scale).astype(int), ROWS - 1)
    paths = np.stack(sorted(chosen, key=np.mean))[:, rows]
    return np.rint(paths * width / columns).astype(np.int64)


def _descend(cost: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return what the cheapest path from the first row to each pixel costs, and where it came from: -1, 0 or 1."""
    total = cost.copy()
    came = np.zeros(cost.shape, np.int8)
    for row in range(1, len(cost)):
        before = np.pad(total[row - 1], 1, constant_values=np.inf)
        steps = np.stack([before[1:-1], before[:-2] + _ASIDE, before[2:] + _ASIDE])
        best = steps.argmin(axis=0)
        came[row] = np.array([0, -1, 1], np.int8)[best]
        total[row] += steps.min(axis=0)
    return total, came


def _follow(from_above: NDArray[np.int8], from_below: NDArray[np.int8], row: int, column: int) -> NDArray[np.int64]:
    """Return the cheapest path through a pixel: a column for each row."""
    path = np.full(len(from_above), column)
    for y in range(row, 0, -1):
        path[y - 1] = path[y] + from_above[y, path[y]]
    last = len(path) - 1
    for y in range(row, last):
        path[y + 1] = path[y] + from_below[last - y, path[y]]
    return path
