"""Each symbol's own ink: what of a line's ink belongs to which of the symbols that were read in it."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from digitpad.components import Components, components
from digitpad.ink import INSIDE
from digitpad.morphology import Box, bounding_box, dilate

_WHOLE = 0.85  # a component with at least this share of its ink on one side of a cut is left whole
_NEAR = 0.03  # of a line's height: ink further than that from a symbol's box is not this symbol's
_TALL = 0.4  # of a symbol's height: a component that is higher, and lies beside its box, is another symbol …
_AS_TALL = 0.8  # … and so is one that is as high as that, and stands beside the symbol's others

_PAPER, _SHARED, _NOBODY = -1, -2, -3  # in the place of a symbol's number


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
    near = _NEAR * (bottom - top)
    inked = bounding_box(ink[top:bottom, left:right], above=INSIDE)
    if inked is None:
        return [None] * len(boxes), []
    # All that is looked at, and a pixel more, for soft edges.
    right, bottom = min(left + inked[2] + 1, right), min(top + inked[3] + 1, bottom)
    left, top = left + max(inked[0] - 1, 0), top + max(inked[1] - 1, 0)
    part = ink[top:bottom, left:right]
    found = components(part > INSIDE)
    places = [(left + x0, top + y0, left + x1, top + y1) for x0, y0, x1, y1 in found.boxes.tolist()]
    middles = np.array([(before[2] + after[0]) / 2 for before, after in itertools.pairwise(boxes)])
    columns = np.searchsorted(middles, np.arange(left, right) + 0.5)
    owners = [_owner(found, n, columns, place, boxes, near) for n, place in enumerate(places)]
    for n, box in enumerate(boxes):
        for other in _other_strokes({m: places[m] for m, owner in enumerate(owners) if owner == n}, box):
            owners[other] = _NOBODY
    others = itertools.count(len(boxes))  # what is nobody's is numbered after the symbols, each by itself
    owners = [next(others) if owner == _NOBODY else owner for owner in owners]
    regions: list[list[tuple[int, int, int, int]]] = [[] for _ in range(next(others))]  # where each one's ink lies
    for owner, place in zip(owners, places, strict=True):
        first, last = columns[place[0] - left], columns[place[2] - 1 - left]
        for n in range(first, last + 1) if owner == _SHARED else [owner]:
            regions[n].append(place)
    belongs = np.array([_PAPER, *owners], np.int32)[found.labels]
    is_shared = belongs == _SHARED
    if _SHARED in owners:
        belongs = np.where(is_shared, columns, belongs)
    pieces: list[Piece | None] = []
    for n, region in enumerate(regions):
        if not region:
            pieces.append(None)
            continue
        x, y = max(min(box[0] for box in region) - 1, left), max(min(box[1] for box in region) - 1, top)
        right_of, below = max(box[2] for box in region) + 1, max(box[3] for box in region) + 1
        about = slice(y - top, below - top), slice(x - left, right_of - left)
        own = belongs[about] == n
        piece = _piece(part[about], own, belongs[about] == _PAPER, x, y)
        pieces.append(replace(piece, is_cut=bool((own & is_shared[about]).any())) if piece else None)
    return pieces[: len(boxes)], [piece for piece in pieces[len(boxes) :] if piece]


def _owner(
    found: Components,
    component: int,
    columns: NDArray[np.int64],
    place: tuple[int, int, int, int],
    boxes: Sequence[Box],
    near: float,
) -> int:
    """Return the number of the symbol that a component is of, _SHARED or _NOBODY; `place` is its box on the page.

    `columns` says for each column of the line which symbol is the nearest, and `near` how far from its box ink may be.
    """
    if not boxes:
        return _NOBODY
    x0, y0, x1, y1 = found.boxes[component].tolist()
    owner, share = int(columns[x0]), 1.0
    if columns[x1 - 1] != owner:
        own = found.labels[y0:y1, x0:x1] == component + 1
        shares = np.bincount(columns[x0:x1], weights=own.sum(axis=0))
        owner = int(shares.argmax())
        share = float(shares[owner] / shares.sum())
    if _apart(place, boxes[owner]) > near:
        return _NOBODY
    if share < _WHOLE:
        return _SHARED
    return _NOBODY if _is_beside(place, boxes[owner]) else owner


def _other_strokes(places: Mapping[int, Box], box: Box) -> list[int]:
    """Return which components of a symbol are none of its own, given the boxes of all by their numbers.

    Strokes that are as high as the symbol and stand apart side by side were read as one: it is the middle one of them.
    """
    tall = {n: place for n, place in places.items() if place[3] - place[1] >= _AS_TALL * (box[3] - box[1])}
    if len(tall) < 2:
        return []
    middle = min(tall.values(), key=lambda place: abs((place[0] + place[2]) - (box[0] + box[2])))
    return [n for n, place in tall.items() if place[0] >= middle[2] or place[2] <= middle[0]]


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
    ink: NDArray[np.float32], own: NDArray[np.bool_], paper: NDArray[np.bool_], left: int, top: int
) -> Piece | None:
    """Return what of a part of the page's ink is a symbol's own, with its soft edge on the paper about it."""
    box = bounding_box(own)
    if box is None:
        return None
    x0, y0 = max(box[0] - 1, 0), max(box[1] - 1, 0)
    part = slice(y0, box[3] + 1), slice(x0, box[2] + 1)
    soft = dilate(own[part]) & (own[part] | paper[part])
    return Piece(np.where(soft, ink[part], np.float32(0)), left + x0, top + y0)
