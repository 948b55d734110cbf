"""From any picture to ink: how much of each pixel was written on, whatever the colours, the paper and the light."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitpad.morphology import bounding_box, dilate, median, stroke_width, window_extreme, window_mean, window_median

CONTRAST = 20
"""Ink differs from its paper by at least this many of 255 grey levels; below it a clean picture is blank."""

INSIDE = 0.25
"""Ink above this hangs together; below it is a stroke's soft edge."""

_COLOURLESS = 0.5  # luminance shows ink if its contrast is at least this share of that along the colours' main axis
_COLOURS = 96  # pixels along the longer side of the picture that the main axis is told from
_LUMINANCE = (0.299, 0.587, 0.114)
_DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")
_EVEN = 6  # grey levels that clean paper stays within, …
_STAINED = 0.01  # … but for this share of it at most
_ENDS = 0.6  # paper ends within a picture where more than this share of a side is no paper
_COARSE = 160  # pixels along the longer side of the picture that paper is told from ink in
_PAPER = 0.4  # the side of the window whose median is paper, as a share of the shorter side
_ROUNDED = 11  # of these pixels, an odd number, is how wide the surroundings are in which paper's edges are sharpened
_BLACK = 64  # of 255: paper in the deepest shadow; what is darker is black paper, whose grain is no ink
_FAINTEST = 0.05  # ink is darker than its paper by at least this share …
_NOISE = 3.0  # … and by this many times the paper's own unevenness, the median of all differences, …
_SHARE = 0.25  # … and by this share of the strongest ink about it
_ABOUT = 21  # blocks, eighty being along the longer side: how wide that is
_WINDOW = 1 / 12  # the side of the window of the local threshold, as a share of the longer side


def grey_of(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture of any mode as grey levels, `(H, W)`, uint8, in which its ink shows.

    Where most of the picture is transparent, transparency is the paper, and is painted to contrast with what is
    opaque; elsewhere the transparent part is a hole, and is filled with the opaque part's median. Pictures of more than
    eight bits are stretched from their darkest to their lightest level.
    """
    if image.mode in _DEEP_MODES:
        # In place, and with four bytes a pixel: of a large scan more would not fit into a browser's memory.
        deep = np.array(image, dtype=np.float32)
        np.nan_to_num(deep, copy=False, posinf=0, neginf=0)
        deep -= deep.min()
        deep *= 255 / (float(deep.max()) or 1.0)
        return deep.astype(np.uint8)
    if not image.has_transparency_data:
        return np.asarray(_contrasting(image))
    image = image.convert("RGBA")
    colour = np.asarray(_contrasting(image))
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


def _contrasting(image: Image.Image) -> Image.Image:
    """Return the luminance of a picture or, where that hardly shows what its colours do, the colours' main axis.

    That is the first principal component of how colours differ from those around them (K. Pearson, 1901).
    """
    if image.mode in ("1", "L"):
        return image.convert("L")
    step = math.ceil(max(image.size) / _COLOURS)
    size = max(image.width // step, 1), max(image.height // step, 1)
    few = image.convert("RGB") if image.mode == "P" else image
    few = few.resize(size, Image.Resampling.NEAREST).convert("RGB")
    colours = np.asarray(few, dtype=np.float32)
    around = np.asarray(few.filter(ImageFilter.BoxBlur(_COLOURS // 8)), dtype=np.float32)
    differences = (colours - around).reshape(-1, 3)
    axis = np.linalg.eigh(differences.T @ differences)[1][:, -1]
    axis /= np.abs(axis).sum()
    shown, contrast = (
        np.sort(np.abs(differences @ weights))[-1 - len(differences) // 500]
        for weights in (np.array(_LUMINANCE, np.float32), axis)
    )
    if shown >= _COLOURLESS * contrast:
        return image.convert("L")
    offset = -255 * np.minimum(axis, 0).sum()
    return image.convert("RGB").convert("L", (*axis.tolist(), float(offset)))


@dataclass(frozen=True)
class Tones:
    """The grey levels of a picture.

    `counts` `(256,)` says how often each occurs, and `paper` which one is the paper's: the median, since writing covers
    less than half of what it is written on. `box` is left, top, right and bottom of the part beyond which all is paper
    of just this level: most of a page is, and need not be looked at.
    """

    counts: NDArray[np.int64]
    paper: int
    box: tuple[int, int, int, int]


def tones_of(grey: NDArray[np.uint8]) -> Tones:
    """Return the tones of a picture, `(H, W)`, uint8."""
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


def is_clean(grey: NDArray[np.uint8], tones: Tones) -> bool:
    """Say whether all paper has the same grey, as on the pad and in scans: what differs is ink.

    `grey` is `(H, W)`, uint8, and `tones` are its tones. Where the paper ends within the picture it is not clean.
    """
    left, top, right, bottom = tones.box
    # Two pixels more, for the soft edges of strokes.
    top, left = max(top - 2, 0), max(left - 2, 0)
    part, paper = grey[top : bottom + 2, left : right + 2], np.uint8(tones.paper)
    level = np.maximum(part, paper) - np.minimum(part, paper)
    away = level > _EVEN
    high, wide = grey.shape
    if any(
        np.count_nonzero(side) > _ENDS * length
        for side, length in ((away[0], wide), (away[-1], wide), (away[:, 0], high), (away[:, -1], high))
    ):
        return False
    ink = level > level.max() // 2
    if np.count_nonzero(away) - np.count_nonzero(ink) <= _STAINED * (grey.size - part.size):
        return True  # so little lies between ink and paper that it does not matter where
    # The soft edges of strokes do, too.
    inked = dilate(dilate(ink))
    stained = np.count_nonzero(away & ~inked)
    return bool(stained <= _STAINED * (grey.size - np.count_nonzero(inked)))


def find_ink(grey: NDArray[np.uint8]) -> tuple[NDArray[np.float32], bool, int]:
    """Return a picture's ink, whatever its paper is like, whether that is clean, and its usual grey level.

    `grey` is `(H, W)`, uint8; the ink is `(H, W)`, float32, 0 for paper to 1 for full ink.
    """
    tones = tones_of(grey)
    clean = is_clean(grey, tones)
    return ink_of(grey, tones) if clean else ink_on_paper(grey), clean, tones.paper


def ink_of(grey: NDArray[np.uint8], tones: Tones | None = None) -> NDArray[np.float32]:
    """Return how much ink is on each pixel of clean paper: `(H, W)`, float32, 0 for paper to 1 for full ink.

    `grey` is `(H, W)`, uint8, and `tones` are its tones, where they are known. Ink lies on the side of the paper's
    level where the mean is, be it darker or lighter. Full ink is what the stronger half of the strokes has. A
    picture without contrast has no ink: all zeros.
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


def ink_on_paper(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the ink in a photo of paper: `(H, W)`, float32, 0 for paper to 1 for full ink.

    `grey` is `(H, W)`, uint8; ink may be darker than its paper or, as chalk, lighter, also in one photo. Light and
    shadow are divided out; then ink is what differs from its paper by more than the paper itself is uneven, and by a
    share of what the strongest ink about it does (after J. Bernsen, "Dynamic thresholding of grey-level images", ICPR
    1986). How much ink is full is told window by window too, for pencil and felt-tip may share a page.
    """
    darkness = _darkness(grey)
    few = darkness[::4, ::4]
    noise = _NOISE * median(np.abs(few))
    darkness = np.maximum(darkness, 0)
    strongest = _strongest(darkness)
    threshold = (_SHARE * np.maximum(strongest, strongest.max() / 2)).clip(max(_FAINTEST, noise))
    # What a window has in all varies slowly: every fourth pixel tells it.
    inside = (few > _resized(threshold, few.shape)).astype(np.float32)
    side = max(3, round(max(few.shape) * _WINDOW))
    full = window_mean(few * inside, side) / np.maximum(window_mean(inside, side), np.float32(1e-6))
    limit = _resized(threshold, grey.shape)
    ink = np.clip(darkness / np.maximum(_resized(full, grey.shape), limit), 0, 1)
    return np.where(dilate(darkness > limit), ink, np.float32(0))


def _strongest(darkness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the darkest that there is about each block of a page; blocks are an eightieth of its longer side."""
    block = max(1, round(max(darkness.shape) / (2 * _COARSE / 4)))
    blocks = np.maximum.reduceat(darkness, np.arange(0, darkness.shape[0], block), axis=0)
    blocks = np.maximum.reduceat(blocks, np.arange(0, darkness.shape[1], block), axis=1)
    return window_extreme(blocks, _ABOUT, np.maximum)


def _darkness(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return by what share each pixel is darker than its paper, or lighter where ink is: `(H, W)`, at most 1.

    Paper is the median about a pixel, for ink covers less than half of it. Ink is what differs the most: in each
    neighbourhood the third moment of the differences says to which side (its skewness).
    """
    step = math.ceil(max(grey.shape) / _COARSE)
    coarse = np.ascontiguousarray(grey[step // 2 :: step, step // 2 :: step])
    if not coarse.size:
        coarse = grey
    side = max(round(min(coarse.shape) * _PAPER), _ROUNDED)
    median_of = Image.fromarray(window_median(coarse[::2, ::2], side // 2)).resize(coarse.shape[::-1])
    unwritten = np.asarray(Image.fromarray(coarse).filter(ImageFilter.MedianFilter(5)))
    paper = _with_edges(np.asarray(median_of), unwritten, side // 4 * 2 + 1).astype(np.float32)
    moment = window_mean((coarse - paper) ** 3, side)
    moment += moment.mean()  # where nothing tells, what tells elsewhere does
    # The light about it is told closer by what is bare.
    paper = window_mean(np.where(np.abs(coarse - paper) < CONTRAST, coarse, paper), _ROUNDED)
    level = _resized(paper, grey.shape)
    is_light = np.asarray(Image.fromarray(moment > 0).resize(grey.shape[::-1]))
    difference = grey - level
    share = np.where(is_light, difference / (256 - level), -difference / np.maximum(level, _BLACK))
    return np.minimum(share, 1)


def _with_edges(paper: NDArray[np.uint8], grey: NDArray[np.uint8], side: int) -> NDArray[np.int16]:
    """Return paper, `(H, W)`, with its edges where they are in the picture: there a median has rounded them.

    Each pixel gets the lightest or the darkest paper about it, whichever it is nearer to (H. Kramer and J. Bruckner,
    "Iterations of a non-linear transformation for enhancement of digital images", 1975).
    """
    darkest, lightest = (window_extreme(paper, side, extreme).astype(np.int16) for extreme in (np.minimum, np.maximum))
    return np.where(lightest - grey < grey - darkest, lightest, darkest)


def _resized(values: NDArray[np.floating[Any]], shape: tuple[int, ...]) -> NDArray[np.float32]:
    image = Image.fromarray(values.astype(np.float32, copy=False))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR))


def pen_width(ink: NDArray[np.float32]) -> float:
    """Return how wide strokes are, in pixels: at least one."""
    left, top, right, bottom = bounding_box(ink, above=INSIDE) or (0, 0, 1, 1)
    return max(stroke_width(ink[top:bottom, left:right]), 1.0)
