"""Each symbol's own ink: what of a line's ink belongs to which of the symbols that were read in it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from digitpad.components import components
from digitpad.ink import INSIDE
from digitpad.morphology import Box, bounding_box, dilate

_WHOLE = 0.85  # a component with at least this share of its ink on one side of a cut is left whole
_NEAR = 0.03  # of a line's height: ink further than that from a symbol's box is not this symbol's
_TALL = 0.4  # of a symbol's height: a component that is higher, and lies beside its box, is another symbol …
_AS_TALL = 0.8  # … and so is one that is as high as that, and stands beside the symbol's others


@dataclass(frozen=True)
class Piece:
    """A bit of ink and where it lies: `ink` `(h, w)`, float32 in 0 … 1; `left` and `top` in the page's pixels.

    `is_cut` says that it was cut out of ink that hangs together.
    """

    ink: NDArray[np.float32]
    left: int
    top: int
    is_cut: bool = False

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of what is more ink than paper; of all of it where nothing is."""
        left, top, right, bottom = bounding_box(self.ink) or (0, 0, *self.ink.shape[::-1])
        return self.left + left, self.top + top, self.left + right, self.top + bottom


def glyphs(
    ink: NDArray[np.float32], line: tuple[int, int, int, int], boxes: Sequence[Box]
) -> tuple[list[Piece | None], list[Piece]]:
    """Return the ink of each symbol of a line, and ink that is none's.

    `ink` `(H, W)`, float32 in 0 … 1, is the page's, `line` the part of it that was read, and `boxes` are the symbols',
    from left to right. A component goes to the symbol about which it lies; one that lies about several is cut upright
    midway between these. A symbol without ink has None.
    """
    height, width = ink.shape
    left, top, right, bottom = max(line[0], 0), max(line[1], 0), min(line[2], width), min(line[3], height)
    part = ink[top:bottom, left:right]
    found = components(part > INSIDE)
    inside = np.where(dilate(found.labels > 0), part, np.float32(0))
    near = _NEAR * (bottom - top)
    edges = np.array([(before[2] + after[0]) / 2 - left for before, after in itertools.pairwise(boxes)])
    owners: list[list[int]] = [[] for _ in boxes]
    cut: list[int] = []
    nobodys: list[int] = []
    for n, (x0, y0, x1, y1) in enumerate(found.boxes.tolist()):
        own = found.labels[y0:y1, x0:x1] == n + 1
        columns = np.searchsorted(edges, np.arange(x0, x1) + 0.5)
        shares = np.bincount(columns, weights=own.sum(axis=0), minlength=len(boxes))
        owner = int(shares.argmax()) if len(boxes) else 0
        place = left + x0, top + y0, left + x1, top + y1
        if not len(boxes) or _apart(place, boxes[owner]) > near:
            nobodys.append(n)
        elif shares[owner] >= _WHOLE * shares.sum():
            (nobodys if _is_beside(place, boxes[owner]) else owners[owner]).append(n)
        else:
            cut.append(n)
    for numbers, box in zip(owners, boxes, strict=True):
        # What the reader took for one symbol, of strokes that stand apart: it is the one in the middle of its box.
        tall = [n for n in numbers if found.boxes[n, 3] - found.boxes[n, 1] >= _AS_TALL * (box[3] - box[1])]
        tall.sort(key=lambda n: abs(found.boxes[n, [0, 2]].sum() / 2 + left - (box[0] + box[2]) / 2))
        for n in tall[1:]:
            if found.boxes[n, 0] >= found.boxes[tall[0], 2] or found.boxes[n, 2] <= found.boxes[tall[0], 0]:
                numbers.remove(n)
                nobodys.append(n)
    pieces: list[Piece | None] = []
    columns = np.searchsorted(edges, np.arange(part.shape[1]) + 0.5)
    shared = np.isin(found.labels, np.array(cut) + 1) if cut else np.zeros(part.shape, bool)
    for n, numbers in enumerate(owners):
        part_of = shared & (columns == n)
        own = part_of | (np.isin(found.labels, np.array(numbers) + 1) if numbers else False)
        piece = _piece(inside, own, found.labels, left, top)
        pieces.append(replace(piece, is_cut=bool(part_of.any())) if piece else None)
    others = [_piece(inside, found.labels == n + 1, found.labels, left, top) for n in nobodys]
    return pieces, [piece for piece in others if piece is not None]


def whole(ink: NDArray[np.float32], box: tuple[int, int, int, int]) -> Piece:
    """Return all ink in a box of the page."""
    left, top, right, bottom = max(box[0] - 1, 0), max(box[1] - 1, 0), box[2] + 1, box[3] + 1
    return Piece(ink[top:bottom, left:right], left, top)


def stacked(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces, those that lie above each other as one: a colon is one sign."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.box[0]):
        if found and piece.box[0] < found[-1].box[2]:
            found[-1] = _joined(found[-1], piece)
        else:
            found.append(piece)
    return found


def _joined(one: Piece, other: Piece) -> Piece:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(piece.left + piece.ink.shape[1] for piece in (one, other))
    bottom = max(piece.top + piece.ink.shape[0] for piece in (one, other))
    ink = np.zeros((bottom - top, right - left), np.float32)
    for piece in (one, other):
        y, x = piece.top - top, piece.left - left
        part = ink[y : y + piece.ink.shape[0], x : x + piece.ink.shape[1]]
        np.maximum(part, piece.ink, out=part)
    return Piece(ink, left, top, one.is_cut or other.is_cut)


def _apart(one: Box, other: Box) -> float:
    """Return how far two boxes are apart; 0 where they overlap."""
    across = max(one[0] - other[2], other[0] - one[2], 0)
    return across + max(one[1] - other[3], other[1] - one[3], 0)


def _is_beside(one: Box, other: Box) -> bool:
    """Say whether a component that is tall beside a symbol's box has most of itself to the left or right of it."""
    inside = min(one[2], other[2]) - max(one[0], other[0])
    return one[3] - one[1] >= _TALL * (other[3] - other[1]) and inside < (one[2] - one[0]) / 2


def _piece(
    ink: NDArray[np.float32], own: NDArray[np.bool_], labels: NDArray[np.int32], left: int, top: int
) -> Piece | None:
    """Return what of the ink is a symbol's own, with its soft edge."""
    box = bounding_box(own)
    if box is None:
        return None
    # One pixel more, for the soft edge.
    x0, y0 = max(box[0] - 1, 0), max(box[1] - 1, 0)
    part = slice(y0, box[3] + 1), slice(x0, box[2] + 1)
    soft = dilate(own[part]) & (own[part] | (labels[part] == 0))
    return Piece(np.where(soft, ink[part], np.float32(0)), left + x0, top + y0)
