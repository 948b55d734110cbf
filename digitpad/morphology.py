"""Shapes of ink: boxes, dilation and erosion, windows, the width of strokes, and the median.

The names are those of mathematical morphology (J. Serra, "Image Analysis and Mathematical Morphology", 1982).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


def median(values: ArrayLike) -> float:
    """Return the median of at least one number. NumPy's own imports all of numpy.ma, which takes a visitor's time."""
    ordered = np.sort(values, axis=None)
    middle = len(ordered) // 2
    return (float(ordered[middle]) + float(ordered[~middle])) / 2


def weighted_median(values: NDArray[Any], weights: NDArray[Any]) -> float:
    """Return the least of at least one value that, with all below it, has half of the weight."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def bounding_box(ink: NDArray[np.float32] | NDArray[np.bool_], above: float = 0.5) -> tuple[int, int, int, int] | None:
    """Return the smallest box `(left, top, right, bottom)` that holds all ink above a level.

    `ink` is `(H, W)`, float32 in 0 … 1, or says which pixels are ink. Right and bottom lie one past the last
    pixel. An image without such ink has no box: None.
    """
    inside = ink if ink.dtype == bool else ink > above
    return Image.fromarray(inside.view(np.uint8)).getbbox()


def dilate(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return what is inside or within a pixel of it, also by a corner."""
    upright = inside.copy()
    upright[1:] |= inside[:-1]
    upright[:-1] |= inside[1:]
    dilated = upright.copy()
    dilated[:, 1:] |= upright[:, :-1]
    dilated[:, :-1] |= upright[:, 1:]
    return dilated


def run_lengths(inside: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return for each pixel inside, `(H, W)`, how many there are in its run up and down; 0 outside."""
    columns = np.zeros((inside.shape[1], inside.shape[0] + 2), np.int8)
    columns[:, 1:-1] = inside.T
    flat = columns.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    lengths = edges[1::2] - edges[0::2]
    runs = np.zeros(flat.size, np.int32)
    runs[flat > 0] = np.repeat(lengths, lengths)
    return runs.reshape(columns.shape)[:, 1:-1].T


def window_mean(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return the mean of each pixel's window, `side` × `side`, at the edges of what there is of it.

    `values` is `(H, W)`; on integral images, as F. Shafait, D. Keysers and T. Breuel have it ("Efficient implementation
    of local adaptive thresholding techniques using integral images", 2008), one axis after the other.
    """
    mean = values
    for axis in (0, 1):
        n = mean.shape[axis]
        sums = np.cumsum(mean, axis=axis, dtype=np.float64)
        sums = np.concatenate([np.zeros_like(np.take(sums, [0], axis)), sums], axis=axis)
        start, end = np.maximum(np.arange(n) - side // 2, 0), np.minimum(np.arange(n) + side // 2 + 1, n)
        lengths = (end - start)[:, None] if axis == 0 else end - start
        mean = ((np.take(sums, end, axis) - np.take(sums, start, axis)) / lengths).astype(np.float32)
    return mean


def window_extreme(values: NDArray[Any], side: int, extreme: np.ufunc) -> NDArray[Any]:
    """Return the least or the greatest value, `np.minimum` or `np.maximum`, in each pixel's window, `side` × `side`.

    `values` is `(H, W)`, `side` odd: erosion and dilation of grey levels by a square, one axis after the other.
    """
    for axis in (0, 1):
        padded = np.pad(values, [(side // 2, side // 2) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        values = extreme.reduce(np.lib.stride_tricks.sliding_window_view(padded, side, axis), axis=-1)
    return values


def window_median(values: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the median of each pixel's window, `side` × `side`, rounded up to one of 32 quantiles of all values.

    `values` is `(H, W)`. It is told by counting how much of the window lies below each level (T. Huang, G. Yang and
    G. Tang, "A fast two-dimensional median filtering algorithm", 1979), of all windows at once.
    """
    ordered = np.sort(values, axis=None)
    quantiles = ordered[np.linspace(0, ordered.size - 1, 33).astype(np.int64)]
    levels = quantiles[np.diff(quantiles, append=256) > 0]  # np.unique would import all of numpy.ma
    found = np.full(values.shape, levels[-1])
    for level in levels[-2::-1]:
        found[window_mean((values <= level).astype(np.float32), side) >= 0.5] = level
    return found


def stroke_width(ink: NDArray[np.float32]) -> float:
    """Return the mean width of the strokes in `ink`, `(H, W)` in 0 … 1, in pixels; 0 where there is no ink.

    A stroke of length l and width w has the area l·w and an outline of about 2·l, so w = 2 · area / outline.
    The outline's length is the image's total variation (the co-area formula), which anti-aliasing leaves as
    it is.
    """
    across, down = ink.copy(), ink.copy()
    across[:, 1:] -= ink[:, :-1]
    down[1:] -= ink[:-1]
    outline = float(np.hypot(across, down).sum())
    return 2 * float(ink.sum()) / outline if outline else 0.0
