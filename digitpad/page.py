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
        left, top, right, bottom = box
        height, width = self.ink.shape
        x, y = np.array([left, right, left, right]) - width / 2, np.array([top, top, bottom, bottom]) - height / 2
        across = (x * math.cos(angle) - y * math.sin(angle) + self.size[0] / 2) * self.scale
        down = (x * math.sin(angle) + y * math.cos(angle) + self.size[1] / 2) * self.scale
        return float(across.min()), float(down.min()), float(across.max()), float(down.max())


def find_page(image: Image.Image) -> Page:
    """Return the ink of an image of any mode and size, upright, without what is printed on the paper."""
    grey = grey_of(image)
    scale = math.ceil(max(grey.shape) / ENOUGH)
    if scale > 1:
        grey = np.asarray(Image.fromarray(grey).reduce(scale))
    size = grey.shape[1], grey.shape[0]
    tones = tones_of(grey)
    if is_clean(grey, tones):
        ink, written = _written(ink_of(grey, tones))
        if abs(slope(written)) < _FAR_ASKEW:
            # All ink, the faintest too, where there is nothing that it could be mistaken for.
            return Page(ink, scale, 0.0, size, written, Piece(ink, 0, 0))
    else:
        ink = ink_on_paper(grey)
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
    return _written(without_cut_off(upright, turned(within, turn) > _WITHIN))


def _written(ink: NDArray[np.float32]) -> tuple[NDArray[np.float32], list[Line]]:
    """Return ink without thin lines, and the lines of writing in it."""
    found = components(ink > INSIDE)
    left = without_thin_lines(ink, found)
    return left, lines(left, found if left is ink else components(left > INSIDE))
