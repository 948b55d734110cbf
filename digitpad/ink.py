"""From any picture to ink: how much of each pixel was written on, whatever the colours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from digitpad.normalise import bounding_box

CONTRAST = 20
"""Ink differs from its paper by at least this many of 255 grey levels; below it the picture is blank."""

_DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")


def grey_of(image: Image.Image) -> NDArray[np.uint8]:
    """Return an image of any mode as grey levels, `(H, W)`, uint8, 0 black to 255 white.

    Where most of the image is transparent, transparency is the paper, and is painted to contrast with what is
    opaque; elsewhere the transparent part is a hole, and is filled with the opaque part's median.
    Images of more than eight bits are stretched from their darkest to their lightest level.
    """
    if image.mode in _DEEP_MODES:
        # In place, and with four bytes a pixel: of a large scan more would not fit into a browser's memory.
        deep = np.array(image, dtype=np.float32)
        np.nan_to_num(deep, copy=False, posinf=0, neginf=0)
        deep -= deep.min()
        deep *= 255 / (float(deep.max()) or 1.0)
        return deep.astype(np.uint8)
    if not image.has_transparency_data:
        return np.asarray(image.convert("L"))
    image = image.convert("RGBA")
    colour = np.asarray(image.convert("L"))
    if image.getchannel("A").getextrema() == (255, 255):
        return colour
    alpha = np.asarray(image.getchannel("A"))
    opaque = colour[alpha > 127]
    if opaque.size == 0:
        opaque = colour[alpha > 0]
    if opaque.size == 0:
        return np.full(colour.shape, 255, np.uint8)
    if 2 * opaque.size < colour.size:
        paper = 0 if opaque.mean() > 127 else 255
    else:
        paper = int(median(opaque))
    share = alpha.astype(np.uint16)
    return ((colour * share + paper * (255 - share)) // 255).astype(np.uint8)


def median(values: ArrayLike) -> float:
    """Return the median of at least one number. NumPy's own imports all of numpy.ma, which takes a visitor's time."""
    ordered = np.sort(values, axis=None)
    middle = len(ordered) // 2
    return (float(ordered[middle]) + float(ordered[~middle])) / 2


@dataclass(frozen=True)
class Tones:
    """The grey levels of an image.

    `counts` `(256,)` says how often each occurs, and `paper` which one is the paper's: the median, since writing covers
    less than half of what it is written on. `box` is left, top, right and bottom of the part beyond which all is paper
    of just this level: most of a page is, and need not be looked at.
    """

    counts: NDArray[np.int64]
    paper: int
    box: tuple[int, int, int, int]


def tones_of(grey: NDArray[np.uint8]) -> Tones:
    """Return the tones of an image, `(H, W)`, uint8."""
    corner = int(grey[0, 0])
    left, top, right, bottom = box = _box_without(grey, corner)
    # Only what is not all one level has to be counted.
    part = grey[top:bottom, left:right]
    counts = np.array(Image.fromarray(part).histogram()) if part.size else np.zeros(256, np.int64)
    counts[corner] += grey.size - part.size
    paper = int(np.searchsorted(np.cumsum(counts), grey.size / 2))
    return Tones(counts, paper, box if paper == corner else _box_without(grey, paper))


def _box_without(grey: NDArray[np.uint8], level: int) -> tuple[int, int, int, int]:
    """Return the edges of the part beyond which all is of one level."""
    return bounding_box(grey != level) or (0, 0, 0, 0)


def ink_of(grey: NDArray[np.uint8], tones: Tones | None = None) -> NDArray[np.float32]:
    """Return how much ink is on each pixel: `(H, W)`, float32, 0 for paper to 1 for full ink.

    `grey` is `(H, W)`, uint8, and `tones` are its tones, where they are known. Ink lies on the side of the paper's
    level where the mean is, be it darker or lighter. Full ink is what the stronger half of the strokes has. An image
    without contrast has no ink: all zeros.
    """
    tones = tones or tones_of(grey)
    levels, counts, paper = np.arange(256, dtype=np.float64), tones.counts, tones.paper
    towards = 1 if counts @ (levels - paper) > 0 else -1
    contrast = towards * (levels - paper)
    strongest = contrast[counts > 0].max()
    if strongest < CONTRAST:
        return np.zeros(grey.shape, np.float32)
    strong = np.where(contrast > strongest / 2, counts, 0)
    by_contrast = np.argsort(contrast)
    middle = np.searchsorted(np.cumsum(strong[by_contrast]), strong.sum() / 2)
    full = contrast[by_contrast[middle]]
    ink = np.zeros(grey.shape, np.float32)
    left, top, right, bottom = tones.box
    part = slice(top, bottom), slice(left, right)
    # In place, and not by a table: of all steps of a reading this one sees the most pixels.
    inked = grey[part].astype(np.float32)
    inked -= paper
    inked *= towards
    inked /= full
    np.clip(inked, 0, 1, out=ink[part])
    return ink
