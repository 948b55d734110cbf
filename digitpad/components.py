"""Connected components of a picture: which pixels hang together.

Found by runs, row by row, which are joined with the runs they touch in the row before: NumPy sees a few thousand runs
instead of a million pixels (L. He, Y. Chao and K. Suzuki, "A run-based two-scan labeling algorithm", IEEE
Transactions on Image Processing 17, 2008).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitpad.morphology import bounding_box


@dataclass(frozen=True)
class Components:
    """The parts of a picture that hang together, also by a corner; those of N parts are numbered 1 … N.

    `labels` `(H, W)`, int32, says to which part each pixel belongs, 0 being none; `boxes` `(N, 4)`, int64, are their
    left, top, right and bottom edges in pixels, right and bottom one past the last; `areas` `(N,)` are in pixels.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int64]
    areas: NDArray[np.int64]

    @property
    def sides(self) -> NDArray[np.int64]:
        """Width and height of each part, `(N, 2)`, in pixels."""
        return self.boxes[:, 2:] - self.boxes[:, :2]

    @property
    def longest(self) -> NDArray[np.int64]:
        """The longer side of each part, `(N,)`, in pixels."""
        return self.sides.max(axis=1, initial=0)

    @property
    def part_labels(self) -> NDArray[np.int32]:
        """The labels of the part of the picture in which all components lie, and of a pixel around it."""
        if not len(self.boxes):
            return self.labels[:0, :0]
        left, top = np.maximum(self.boxes[:, :2].min(axis=0) - 1, 0)
        right, bottom = self.boxes[:, 2:].max(axis=0) + 1
        return self.labels[top:bottom, left:right]


def components(inside: NDArray[np.bool_]) -> Components:
    """Return the connected components of `inside`, `(H, W)`, in the order of their first pixels."""
    # Most of a page is paper: what lies beyond all ink need not be looked at.
    left, top, right, bottom = bounding_box(inside) or (0, 0, 0, 0)
    found = _components(inside[top:bottom, left:right])
    labels = np.zeros(inside.shape, np.int32)
    labels[top:bottom, left:right] = found.labels
    return Components(labels, found.boxes + np.array([left, top, left, top]), found.areas)


def _components(inside: NDArray[np.bool_]) -> Components:
    height, width = inside.shape
    stride = width + 2  # a blank pixel at either side, so that no run goes on in the next row
    padded = np.zeros((height, stride), bool)
    padded[:, 1:-1] = inside
    flat = padded.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    above, below = _touching(starts, ends, stride)
    run_labels = joined(len(starts), above, below)
    lengths = ends - starts
    labels = np.zeros(inside.shape, np.int32)
    labels[inside] = np.repeat(run_labels + 1, lengths)
    # The runs of each part together, still from top to bottom.
    by_part = np.argsort(run_labels, kind="stable")
    sizes = np.bincount(run_labels)
    lasts = np.cumsum(sizes) - 1
    firsts = lasts - sizes + 1
    rows, columns = np.divmod(starts[by_part], stride)
    boxes = np.empty((len(sizes), 4), np.int64)
    boxes[:, 0] = np.minimum.reduceat(columns, firsts) - 1
    boxes[:, 1] = rows[firsts]
    boxes[:, 2] = np.maximum.reduceat(columns + lengths[by_part], firsts) - 1
    boxes[:, 3] = rows[lasts] + 1
    return Components(labels, boxes, np.add.reduceat(lengths[by_part], firsts))


def _touching(
    starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of runs, by their numbers, of which one lies right above the other."""
    first = np.searchsorted(ends, starts - stride, side="left")
    last = np.searchsorted(starts, ends - stride, side="right")
    counts = np.maximum(last - first, 0)
    below = np.repeat(np.arange(len(starts)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(first, counts) + offsets, below


def joined(count: int, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of `count` things the number of its group, 0 … N-1, where pairs belong to one group."""
    root = np.arange(count)
    while True:
        a, b = root[one], root[other]
        apart = a != b
        if not apart.any():
            # A root is its own, and the first of its group.
            return (np.cumsum(root == np.arange(count)) - 1)[root]
        one, other, a, b = one[apart], other[apart], a[apart], b[apart]
        # Each root is hung below the least that it meets, and what hangs on what is cut short.
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while (root[root] != root).any():
            root = root[root]
