"""From any image to a page of ink, and from places on it back to places in the image."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.components import components
from digitpad.ink import grey_of, ink_of, tones_of
from digitpad.paper import (
    INSIDE,
    ink_on_paper,
    is_clean,
    ruled_turn,
    turned,
    without_cut_off,
    without_rules,
    without_thin_lines,
)
from digitpad.segment import Line, Piece, joined, lines, slope

ENOUGH = 1600
"""Images are brought down to about this many pixels on their longer side: a sheet's digits still have 30."""

_WITHIN = 0.9  # a pixel of the turned page that lies so much within the photo is not its edge's
_ASKEW = 1.5  # degrees: a photo that lies so little askew is left as it is …
_FAR_ASKEW = 4.0  # … and what is written on clean paper, not quite level, is so


@dataclass(frozen=True)
class Inked:
    """The ink in an image as it lies there: `ink` `(H, W)`, float32, 0 for paper to 1 for full ink.

    One of its pixels has `scale` of the image's, a side. `whole` is all of it in one, where it is on clean paper; None
    where there is none, or where not all need be ink.
    """

    ink: NDArray[np.float32]
    scale: int
    whole: Piece | None


@dataclass(frozen=True)
class Page:
    """The ink in an image: `ink` `(H, W)`, float32, 0 for paper to 1 for full ink.

    One of its pixels has `scale` of the image's, a side. It was turned by `turn` degrees, counterclockwise, about its
    middle, onto a page that is large enough; `size` is its width and height before that. `lines` are its lines of
    writing, and `whole` is what is written, all in one.
    """

    ink: NDArray[np.float32]
    scale: int
    turn: float
    size: tuple[int, int]
    lines: Sequence[Line]
    whole: Piece

    def in_image(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return the edges of the box in the image, in its pixels, that holds a box on the page, given by its edges."""
        angle = math.radians(self.turn)
        cosine, sine = math.cos(angle), math.sin(angle)
        left, top, right, bottom = box
        height, width = self.ink.shape
        # Without NumPy: every reading waits for it, and for four corners that takes four times as long.
        corners = [(x - width / 2, y - height / 2) for x in (left, right) for y in (top, bottom)]
        across = [(x * cosine - y * sine + self.size[0] / 2) * self.scale for x, y in corners]
        down = [(x * sine + y * cosine + self.size[1] / 2) * self.scale for x, y in corners]
        return min(across), min(down), max(across), max(down)


def find_page(image: Image.Image) -> Page:
    """Return the ink of an image of any mode and size, upright, without what is printed on the paper."""
    return laid_out(find_ink(image))


def find_ink(image: Image.Image) -> Inked:
    """Return the ink of an image of any mode and size."""
    grey = grey_of(image)
    scale = math.ceil(max(grey.shape) / ENOUGH)
    if scale > 1:
        grey = np.asarray(Image.fromarray(grey).reduce(scale))
    tones = tones_of(grey)
    if not is_clean(grey, tones):
        return Inked(ink_on_paper(grey), scale, None)
    ink = ink_of(grey, tones)
    # All of it, the faintest too, where there is nothing that it could be mistaken for.
    left, top, right, bottom = tones.box
    whole = Piece(ink[top:bottom, left:right], left, top)
    return Inked(ink, scale, whole if whole.ink.any() else None)


def laid_out(inked: Inked) -> Page:
    """Return an image's ink as a page, upright, without what is printed on the paper."""
    ink, scale, whole = inked.ink, inked.scale, inked.whole
    size = ink.shape[1], ink.shape[0]
    if whole is not None:
        ink, written = _written(ink, whole.box)
        if abs(slope(written)) < _FAR_ASKEW:
            left, top, right, bottom = whole.box
            same = whole if ink is inked.ink else Piece(ink[top:bottom, left:right], left, top)
            return Page(ink, scale, 0.0, size, written, same)
    turn = ruled_turn(ink)
    upright, written = _laid_level(ink, turn)
    askew = slope(written)
    if abs(askew) > _ASKEW:
        # Anew, for ink that is turned twice is blurred twice.
        turn += askew
        upright, written = _laid_level(ink, turn)
    pieces = [piece for line in written for block in line.blocks for piece in block]
    return Page(upright, scale, turn, size, written, joined(pieces) if pieces else Piece(upright, 0, 0))


def _laid_level(ink: NDArray[np.float32], turn: float) -> tuple[NDArray[np.float32], list[Line]]:
    """Return ink turned by so many degrees, without ruled lines and without what the photo's edge cuts off."""
    upright = without_rules(turned(ink, turn))
    within = np.zeros_like(ink)
    within[1:-1, 1:-1] = 1
    ink = without_cut_off(upright, turned(within, turn) > _WITHIN)
    return _written(ink, (0, 0, ink.shape[1], ink.shape[0]))


def _written(ink: NDArray[np.float32], box: tuple[int, int, int, int]) -> tuple[NDArray[np.float32], list[Line]]:
    """Return ink that lies within a box, without thin lines, and the lines of writing in it."""
    # Most of a page is bare paper, which need not be looked at.
    left, top = max(box[0] - 1, 0), max(box[1] - 1, 0)
    part = ink[top : box[3] + 1, left : box[2] + 1]
    found = components(part > INSIDE)
    thinned = without_thin_lines(part, found, ink.shape)
    if thinned is not part:
        found = components(thinned > INSIDE)
        ink = ink.copy()
        ink[top : box[3] + 1, left : box[2] + 1] = thinned
    return ink, lines(thinned, found, (left, top))
