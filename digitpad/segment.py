"""Which ink belongs together: the lines of a page, the blocks of ink in a line, the ink of each symbol of a block."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitpad.components import Components
from digitpad.cut import cuts
from digitpad.normalise import bounding_box
from digitpad.paper import INSIDE, grown, pen_width, usual_length

_SPECK = 0.6  # what is shorter than so many pens is dirt
_DUST = 0.1  # and so is what is shorter than this, as a share of how long components usually are
_MOST = 1000  # pieces of a page that are looked at, the largest: noise has many more
_TALL = 0.5  # a component of at least this share of the usual height tells where its line runs
_NEAR = 0.5  # a lower one belongs to a line if it is no further from it than that, as a share of the usual height;
_DIRT = 0.35  # if it is further away and no longer than that, it is dirt
_SAME_LINE = 0.3  # components share a line if they overlap by this share of the lower one's height
_TELLING = 3  # so many tall pieces of a line tell whether it runs level
_GAP = 0.15  # paper at least this wide, as a share of the line's height, parts two blocks


@dataclass(frozen=True)
class Piece:
    """A bit of ink and where it lies: `ink` `(h, w)`, float32 in 0 … 1; `left` and `top` in the page's pixels."""

    ink: NDArray[np.float32]
    left: int
    top: int

    @property
    def right(self) -> int:
        """One past its last column."""
        return self.left + self.ink.shape[1]

    @property
    def bottom(self) -> int:
        """One past its last row."""
        return self.top + self.ink.shape[0]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def height(self) -> int:
        """Rows."""
        return self.ink.shape[0]

    @property
    def width(self) -> int:
        """Columns."""
        return self.ink.shape[1]


@dataclass(frozen=True)
class Line:
    """Blocks of ink beside each other, from left to right, and the usual height of a symbol, in pixels.

    A block is of pieces so close to each other that they may belong to one symbol.
    """

    blocks: Sequence[Sequence[Piece]]
    height: float


def joined(pieces: Sequence[Piece]) -> Piece:
    """Return several pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    left, top = min(p.left for p in pieces), min(p.top for p in pieces)
    ink = np.zeros((max(p.bottom for p in pieces) - top, max(p.right for p in pieces) - left), np.float32)
    for p in pieces:
        part = ink[p.top - top : p.bottom - top, p.left - left : p.right - left]
        np.maximum(part, p.ink, out=part)
    return Piece(ink, left, top)


def lines(ink: NDArray[np.float32], found: Components, origin: tuple[int, int]) -> list[Line]:
    """Return the lines of writing on a page, from top to bottom; pieces are its connected components.

    `ink` is `(H, W)`, float32 in 0 … 1, and `found` are the components of what is above INSIDE; it is the part of the
    page that begins at `origin`, a column and a row. Specks, which no pen makes, belong to no line.
    """
    pieces = _pieces(ink, found, *origin)
    if not pieces:
        return []
    usual = _usual_height(pieces)
    rows = _rows([p for p in pieces if p.height >= _TALL * usual])
    apart = []
    for piece in (p for p in pieces if p.height < _TALL * usual):
        row = min(rows, key=lambda row: _distance(row, piece))
        if _distance(row, piece) <= _NEAR * usual:
            row.append(piece)
        elif max(piece.height, piece.width) > _DIRT * usual:
            apart.append(piece)
    rows += _rows(apart)
    rows.sort(key=lambda row: float(np.mean([p.top + p.bottom for p in row])))
    heights = [_usual_height(row) for row in rows]
    return [Line(_blocks(row, _GAP * height), height) for row, height in zip(rows, heights, strict=True)]


def slope(page: Sequence[Line]) -> float:
    """Return by how many degrees lines of writing run downhill: those of three tall pieces and more tell."""
    moments = np.zeros(2)
    for line in page:
        tall = [p for block in line.blocks for p in block if p.height >= _TALL * line.height]
        if len(tall) >= _TELLING:
            x = np.array([p.left + p.right for p in tall]) / 2
            y = np.array([p.top + p.bottom for p in tall]) / 2
            x, y = x - x.mean(), y - y.mean()
            moments += (x @ y, x @ x)
    return float(np.degrees(np.arctan2(*moments))) if moments[1] else 0.0


def split(block: Sequence[Piece], middles: Sequence[float]) -> list[tuple[Piece, bool]]:
    """Return the ink of each symbol of a block, given where their middles are, and whether it had to be cut.

    Middles are columns of the page. A piece that lies about one middle alone is left whole; others are cut where least
    ink is crossed.
    """
    shares: list[list[Piece]] = [[] for _ in middles]
    is_cut = [False for _ in middles]
    for piece in block:
        own = [n for n, x in enumerate(middles) if piece.left <= x < piece.right]
        if len(own) < 2:
            nearest = min(range(len(middles)), key=lambda n: abs(middles[n] - (piece.left + piece.right) / 2))
            shares[own[0] if own else nearest].append(piece)
        else:
            for n, part in zip(own, _parts(piece, [middles[n] for n in own]), strict=True):
                shares[n].append(part)
                is_cut[n] = True
    whole = joined(block)
    return [
        (joined(share), cut) if share else (_strip(whole, middles, n), True)
        for n, (share, cut) in enumerate(zip(shares, is_cut, strict=True))
    ]


def _pieces(ink: NDArray[np.float32], found: Components, x: int, y: int) -> list[Piece]:
    pen = pen_width(found.part_labels > 0)
    written = np.flatnonzero(found.longest >= max(_SPECK * pen, _DUST * usual_length(found)))
    if written.size > _MOST:
        written = np.sort(written[np.argsort(found.areas[written])[-_MOST:]])
    pieces = []
    for number in written.tolist():
        left, top, right, bottom = found.boxes[number].tolist()
        # One pixel more, for the soft edge.
        left, top = max(left - 1, 0), max(top - 1, 0)
        part = slice(top, bottom + 1), slice(left, right + 1)
        own, others = found.labels[part] == number + 1, found.labels[part] > 0
        piece = np.where(grown(own) & (own | ~others), ink[part], np.float32(0))
        pieces.append(Piece(piece, x + left, y + top))
    return pieces


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return pieces in rows: each has its next neighbour to the left at about its own height."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.left):
        row = max(rows, key=lambda row: _overlap(row[-1], piece), default=None)
        if row is None or _overlap(row[-1], piece) < _SAME_LINE:
            rows.append([piece])
        else:
            row.append(piece)
    return rows


def _usual_height(pieces: Sequence[Piece]) -> float:
    """Return the height above and below which half of the ink's height lies: dots and bars hardly count."""
    heights = np.sort([p.height for p in pieces])
    middle = np.searchsorted(np.cumsum(heights), heights.sum() / 2)
    return float(heights[middle])


def _overlap(one: Piece, other: Piece) -> float:
    """Return the height that two pieces share, as a share of the lower one's; below zero where they share none."""
    return (min(one.bottom, other.bottom) - max(one.top, other.top)) / min(one.height, other.height)


def _distance(row: Sequence[Piece], piece: Piece) -> float:
    """Return how far a piece lies from the nearest one of a row."""
    return min(
        max(p.left - piece.right, piece.left - p.right, 0) + max(p.top - piece.bottom, piece.top - p.bottom, 0)
        for p in row
    )


def _blocks(row: Sequence[Piece], gap: float) -> list[list[Piece]]:
    """Return the pieces of a line in blocks with more than `gap` columns of paper between them."""
    blocks: list[list[Piece]] = []
    right = 0
    for piece in sorted(row, key=lambda p: p.left):
        if blocks and piece.left - right <= gap:
            blocks[-1].append(piece)
        else:
            blocks.append([piece])
        right = max(right if len(blocks[-1]) > 1 else 0, piece.right)
    return blocks


def _parts(piece: Piece, middles: Sequence[float]) -> list[Piece]:
    """Return a piece cut between each two neighbours of `middles`."""
    paths = cuts(piece.ink)
    columns = np.arange(piece.width)
    left_of_all = np.zeros(piece.ink.shape, bool)
    parts = []
    for here, after in itertools.pairwise(x - piece.left for x in middles):
        between = [path for path in paths if here < path.mean() < after]
        middle = (here + after) / 2
        path = min(between, key=lambda path: abs(float(path.mean()) - middle), default=np.full(piece.height, middle))
        left = columns < path[:, None]
        parts.append(np.where(left & ~left_of_all, piece.ink, np.float32(0)))
        left_of_all |= left
    parts.append(np.where(left_of_all, np.float32(0), piece.ink))
    return [_cropped(part, piece) for part in parts]


def _strip(whole: Piece, middles: Sequence[float], n: int) -> Piece:
    """Return the columns about a middle to which no piece was given."""
    left = (middles[n - 1] + middles[n]) / 2 if n else whole.left
    right = (middles[n] + middles[n + 1]) / 2 if n + 1 < len(middles) else whole.right
    columns = np.arange(whole.left, whole.right)
    return _cropped(np.where((left <= columns) & (columns < right), whole.ink, np.float32(0)), whole)


def _cropped(ink: NDArray[np.float32], piece: Piece) -> Piece:
    """Return what is left of a piece's ink, cut to its box; all of it where nothing is left."""
    box = bounding_box(ink, above=INSIDE)
    if box is None:
        return piece
    left, top = max(box[0] - 1, 0), max(box[1] - 1, 0)
    return Piece(ink[top : box[3] + 1, left : box[2] + 1], piece.left + left, piece.top + top)
