"""Ink in, the picture that the network sees out: one symbol, always of the same size and in the same place.

The frame is MNIST's: the symbol's longer side is 20 pixels and its centre of mass lies in the middle of
28 × 28 (LeCun, Cortes and Burges, "The MNIST database of handwritten digits"). One thing is added: strokes
that are thinner or thicker than a pen's are brought into the range that pens have, so that neither a hairline
nor a broad brush changes the reading.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.morphology import bounding_box, stroke_width

SIDE = 28
"""Height and width of a normalised image, in pixels."""

GLYPH = 20
"""The longer side of the symbol in it, in pixels."""

PEN = (0.085, 0.17)
"""The thinnest and the thickest stroke left as it is, as a share of the symbol's longer side."""

_DETAIL = 4  # the symbol is worked on at this many times its final size
_MARGIN = 2 * _DETAIL  # blank border of the working image, for strokes to be thickened into
_EDGE = 0.5  # ink above this lies inside the stroke


def normalise(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the symbol that `ink` shows as the network wants it.

    `ink` is `(H, W)` of any size, float32, 0 for paper to 1 for full ink, and holds one symbol. The result is
    `(28, 28)`, float32 in 0 … 1, and the same wherever the symbol stood, however large and with whatever pen
    it was written.

    Raises ValueError where there is no ink.
    """
    work = _at_working_size(ink, _box(ink))
    left, top, side = _frame(work)
    room = int(side / 2) + 1
    image = Image.fromarray(_with_margin(work, room))
    frame = (left + room, top + room, left + room + side, top + room + side)
    small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.HAMMING, box=frame))
    return np.clip(small / max(float(small.max()), _EDGE), 0, 1)


def frame_of(ink: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return the square `(left, top, side)`, in pixels of `ink`, that `normalise` makes its picture of.

    `ink` is `(H, W)`, float32 in 0 … 1. The square may reach beyond it. Raises ValueError where there is no ink.
    """
    box = _box(ink)
    left, top, side = _frame(_at_working_size(ink, box))
    scale = _working_scale(box)
    return box[0] + (left - _MARGIN) / scale, box[1] + (top - _MARGIN) / scale, side / scale


def _box(ink: NDArray[np.float32]) -> tuple[int, int, int, int]:
    box = bounding_box(ink, above=_EDGE / 2)
    if box is None:
        raise ValueError("There is no ink to normalise.")
    return box


def _at_working_size(ink: NDArray[np.float32], box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    return _even_out(_enlarge(ink, box))


def _working_scale(box: tuple[int, int, int, int]) -> float:
    left, top, right, bottom = box
    return GLYPH * _DETAIL / max(right - left, bottom - top)


def _frame(work: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return the frame `(left, top, side)` about the symbol's centre of mass, in pixels of the working image."""
    left, top, right, bottom = bounding_box(work) or (0, 0, *work.shape[::-1])
    scale = max(right - left, bottom - top) / GLYPH
    x, y = _centre_of_mass(work)
    # A symbol with its mass far to one side is moved no further than the frame goes.
    reach = SIDE / 2 * scale
    x = min(max(x, right - reach), left + reach)
    y = min(max(y, bottom - reach), top + reach)
    return x - reach, y - reach, 2 * reach


def _enlarge(ink: NDArray[np.float32], box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Cut the box out, bring its longer side to the working size, and put a blank margin around it."""
    left, top, right, bottom = box
    scale = _working_scale(box)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    crop = Image.fromarray(ink[top:bottom, left:right])
    work = np.asarray(crop.resize(size, Image.Resampling.BICUBIC))
    strongest = max(float(work.max()), _EDGE / 2)  # a hairline has faded: give it its ink back
    return _with_margin(np.clip(work / strongest, 0, 1), _MARGIN)


def _with_margin(work: NDArray[np.float32], margin: int) -> NDArray[np.float32]:
    """Put a blank margin around an image, as `np.pad` does, which takes many times as long for one so small."""
    height, width = work.shape
    larger = np.zeros((height + 2 * margin, width + 2 * margin), np.float32)
    larger[margin : margin + height, margin : margin + width] = work
    return larger


def _even_out(work: NDArray[np.float32]) -> NDArray[np.float32]:
    """Thicken or thin the strokes until their width lies within PEN."""
    width = stroke_width(work)
    thinnest, thickest = (share * GLYPH * _DETAIL for share in PEN)
    if width < thinnest:
        return _grow(work, (thinnest - width) / 2)
    if width > thickest:
        return 1 - _grow(1 - work, (width - thickest) / 2)
    return work


def _grow(ink: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """Dilate by an octagon: steps to four and to eight neighbours in turn, the last one in part."""
    whole = int(radius)
    for step in range(whole):
        ink = _step(ink, diagonal=step % 2 == 1)
    rest = np.float32(radius - whole)
    return (1 - rest) * ink + rest * _step(ink, diagonal=whole % 2 == 1)


def _step(ink: NDArray[np.float32], diagonal: bool) -> NDArray[np.float32]:
    """Dilate by one pixel, to four neighbours or to eight."""
    upright = ink.copy()
    np.maximum(upright[1:], ink[:-1], out=upright[1:])
    np.maximum(upright[:-1], ink[1:], out=upright[:-1])
    grown = upright.copy()
    beside = upright if diagonal else ink
    np.maximum(grown[:, 1:], beside[:, :-1], out=grown[:, 1:])
    np.maximum(grown[:, :-1], beside[:, 1:], out=grown[:, :-1])
    return grown


def _centre_of_mass(ink: NDArray[np.float32]) -> tuple[float, float]:
    """Return the centre of mass `(x, y)`, in pixels from the upper left corner of the image."""
    total = float(ink.sum())
    x = float(ink.sum(axis=0) @ (np.arange(ink.shape[1]) + 0.5)) / total
    y = float(ink.sum(axis=1) @ (np.arange(ink.shape[0]) + 0.5)) / total
    return x, y
