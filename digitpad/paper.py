"""From a photo of paper to its ink: shadows evened out, ruled lines taken away, the page turned upright."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitpad.components import Components, components
from digitpad.ink import Tones, median

INSIDE = 0.25
"""Ink above this hangs together; below it is a stroke's soft edge."""

_EVEN = 6  # grey levels that clean paper stays within, …
_STAINED = 0.01  # … but for this share of it at most
_ENDS = 0.6  # paper ends within an image where more than this share of a side is no paper

_COARSE = 160  # pixels along the longer side of the image that paper is told from ink in
_BROADEST = 25  # ink is narrower than so many of these pixels: an odd number

_DARK = 140  # of 255: paper that is lighter is not written on with chalk

_WINDOW = 1 / 12  # the side of the window of the local threshold, as a share of the longer side
_K = 0.25  # Sauvola and Pietikäinen's k
_RANGE = 0.35  # their R: the standard deviation where ink and paper share a window, 1 being the paper's brightness
_FAINTEST = 0.09  # ink is darker than its paper by at least this share

_TURNS = 12.0  # degrees: pages that lie further askew are left as they are
_STEP = 0.5
_ROWS = 400  # that the page is taken in
_PLAIN = 4.0  # lines are ruled if the rows differ so many times more along them than along others
_POINTS = 20_000  # of the ink that the turn is told by

_RULED = 0.35  # a row is ruled if ink goes on along this share of it …
_LONG = 0.3  # a component so long, as a share of the usual length, may be a line …
_THINNER = 0.4  # … and is one if it is so much thinner than the pen;
_MARGIN = 1 / 50  # so is what crosses the whole page and is thinner than this, as a share of the page's longer side
_THIN = 1 / 90  # … and is at most this thick, as a share of the longer side


def is_clean(grey: NDArray[np.uint8], tones: Tones) -> bool:
    """Say whether all paper has the same grey, as on the pad and in scans: what differs is ink.

    `grey` is `(H, W)`, uint8, and `tones` are its tones. Where the paper ends within the image it is not clean.
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
    inked = grown(grown(ink))
    stained = np.count_nonzero(away & ~inked)
    return bool(stained <= _STAINED * (grey.size - np.count_nonzero(inked)))


def ink_on_paper(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the ink in a photo of paper: `(H, W)`, float32, 0 for paper to 1 for full ink.

    `grey` is `(H, W)`, uint8; ink may be darker than its paper or, as chalk, lighter. Light and shadow are divided
    out; then a pixel is ink if it is darker than J. Sauvola and M. Pietikäinen's threshold ("Adaptive document image
    binarization", Pattern Recognition 33, 2000), computed on integral images (F. Shafait, D. Keysers and T. Breuel,
    2008). How much ink is full is told window by window too, for pencil and felt-tip may share a page.
    """
    darkness = _darkness(grey)
    # What a window has in all varies slowly: every other pixel tells it.
    half = darkness[::2, ::2]
    side = max(3, round(max(half.shape) * _WINDOW)) | 1
    mean = _window_mean(half, side)
    deviation = np.sqrt(np.maximum(_window_mean(half * half, side) - mean * mean, 0))
    threshold = np.maximum(1 - (1 - mean) * (1 + _K * (deviation / _RANGE - 1)), _FAINTEST)
    inside = half > threshold
    share = np.maximum(_window_mean(inside.astype(np.float32), side), 1e-6)
    full = np.maximum(_window_mean(np.where(inside, half, np.float32(0)), side) / share, _FAINTEST)
    ink = np.clip(darkness / _resized(full, grey.shape), 0, 1)
    return np.where(grown(darkness > _resized(threshold, grey.shape)), ink, np.float32(0))


def ruled_turn(ink: NDArray[np.float32]) -> float:
    """Return by how many degrees, counterclockwise, a page is to be turned for its ruled lines to lie level.

    `ink` is `(H, W)`, float32 in 0 … 1; where it is not ruled, 0. Long straight lines lie level where the sums of the
    rows differ the most (W. Postl, "Detection of linear oblique structures and skew scan in digitized documents",
    ICPR 1986).
    """
    y, x = np.nonzero(ink > 0.5)
    if not y.size:
        return 0.0
    few = slice(None, None, y.size // _POINTS + 1)
    y, x = y[few].astype(np.float64), x[few].astype(np.float64)
    row = max(1.0, max(ink.shape) / _ROWS)

    def unevenness(degrees: float) -> float:
        angle = np.radians(degrees)
        rows = ((y * np.cos(angle) - x * np.sin(angle)) / row).astype(np.int64)
        counts = np.bincount(rows - rows.min()).astype(np.float64)
        return float((np.diff(counts) ** 2).sum())

    turns = np.arange(-_TURNS, _TURNS + _STEP, _STEP)
    uneven = np.array([unevenness(turn) for turn in turns])
    if uneven.max() < _PLAIN * median(uneven):
        return 0.0
    near = turns[uneven.argmax()] + np.arange(-_STEP, _STEP * 1.1, _STEP / 4)
    return float(max(near, key=unevenness))


def turned(ink: NDArray[np.float32], degrees: float) -> NDArray[np.float32]:
    """Return ink turned counterclockwise about its middle, on a page that is large enough for all of it."""
    if not degrees:
        return ink
    # Pillow turns bytes several times as fast as floating-point numbers.
    image = Image.fromarray(np.rint(ink * 255).astype(np.uint8))
    levels = np.asarray(image.rotate(degrees, Image.Resampling.BILINEAR, expand=True), dtype=np.float32)
    return levels / np.float32(255)


def without_rules(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ink without ruled or squared lines, which run level or upright; where they cross strokes, these stay."""
    thin = max(3, round(max(ink.shape) * _THIN))
    level = _without_level_rules(ink, thin)
    return np.ascontiguousarray(_without_level_rules(np.ascontiguousarray(level.T), thin).T)


def without_thin_lines(ink: NDArray[np.float32], found: Components, page: tuple[int, ...]) -> NDArray[np.float32]:
    """Return ink without straight lines that no digit's pen has drawn, such as a margin's, if there is other ink.

    `found` are the components of the ink, `(H, W)`, that is above INSIDE; `page` is the height and width of the page
    that it is part of.
    """
    longest = found.longest
    is_long = longest > _LONG * usual_length(found)
    if np.count_nonzero(is_long) < 2:
        return ink  # no line, or nothing beside it
    crosses = (found.sides == page[::-1]).any(axis=1) & (found.areas < _MARGIN * max(page) * longest)
    long = is_long & ~crosses
    # Grain and dust would tell of a finer pen.
    pen = pen_width(np.concatenate([[False], long])[found.part_labels])
    is_thin = found.areas < _THINNER * pen * longest
    lines = np.concatenate([[False], crosses | (long & is_thin)])
    if not lines.any() or not (long & ~is_thin).any():
        return ink
    return np.where(grown(lines[found.labels]), np.float32(0), ink)


def usual_length(found: Components) -> float:
    """Return the longer side of the component in which the middle of all ink lies, in pixels: dust hardly counts."""
    longest = found.longest
    order = np.argsort(longest)
    ink = np.cumsum(found.areas[order])
    return float(longest[order][np.searchsorted(ink, ink[-1] / 2)]) if ink.size else 0.0


def pen_width(inside: NDArray[np.bool_]) -> float:
    """Return about how wide the strokes are, in pixels: twice their area by their outline's length.

    The outline is told by how often rows and columns cross it (Cauchy and Crofton's formula, for two directions).
    """
    crossings = np.count_nonzero(inside[1:] != inside[:-1]) + np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    return 2 * np.count_nonzero(inside) / max(crossings * np.pi / 4, 1)


def without_cut_off(ink: NDArray[np.float32], within: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return ink without what hangs together with the outside: the table, another sheet, a line down the margin.

    Both are `(H, W)`; `within` says which pixels are the photo's own.
    """
    found = components((ink > INSIDE) | ~within)
    outer = np.zeros(len(found.areas) + 1, bool)
    outer[found.labels[~within]] = True
    return np.where(grown(outer[found.labels]), np.float32(0), ink)


def _darkness(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return by what share each pixel is darker than its paper (of chalk: lighter), 0 … 1."""
    image = Image.fromarray(grey)
    small = image.copy()
    small.thumbnail((_COARSE, _COARSE), Image.Resampling.BOX)
    is_chalk = _is_dark(small) and _stands_out_light(small)
    level = _resized(_paper(np.asarray(small, dtype=np.float32), is_chalk), grey.shape)
    if is_chalk:
        difference = (grey - level) / (256 - level)
    else:
        difference = 1 - grey / np.maximum(level, 1)
    return np.clip(difference, 0, 1).astype(np.float32)


def _is_dark(image: Image.Image) -> bool:
    return median(np.asarray(image)) < _DARK


def _stands_out_light(image: Image.Image) -> bool:
    """Say whether what differs most from its surroundings is lighter than these: ink is the lesser part."""
    around = image.filter(ImageFilter.BoxBlur(_BROADEST // 2))
    contrast = np.asarray(image, dtype=np.float64) - np.asarray(around, dtype=np.float64)
    return bool((contrast**3).sum() > 0)


def _paper(coarse: NDArray[np.float32], is_chalk: bool) -> NDArray[np.float32]:
    """Return the image without its strokes: of dark ones a closing, of light ones an opening; softened."""
    steps = (np.minimum, np.maximum) if is_chalk else (np.maximum, np.minimum)
    for extreme in steps:
        coarse = _windows(coarse, _BROADEST, extreme)
    return _window_mean(coarse, 5)


def _windows(values: NDArray[np.float32], side: int, extreme: np.ufunc) -> NDArray[np.float32]:
    """Return the least or the greatest value in each pixel's window, `side` × `side`."""
    for axis in (0, 1):
        padded = np.pad(values, [(side // 2, side // 2) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        values = extreme.reduce(np.lib.stride_tricks.sliding_window_view(padded, side, axis), axis=-1)
    return values


def _resized(values: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    image = Image.fromarray(values.astype(np.float32, copy=False))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR))


def _window_mean(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return the mean of each pixel's window, `side` × `side`, at the edges of what there is of it."""
    mean = values
    for axis in (0, 1):
        n = mean.shape[axis]
        sums = np.cumsum(mean, axis=axis, dtype=np.float64)
        sums = np.concatenate([np.zeros_like(np.take(sums, [0], axis)), sums], axis=axis)
        start, end = np.maximum(np.arange(n) - side // 2, 0), np.minimum(np.arange(n) + side // 2 + 1, n)
        lengths = (end - start)[:, None] if axis == 0 else end - start
        mean = ((np.take(sums, end, axis) - np.take(sums, start, axis)) / lengths).astype(np.float32)
    return mean


def grown(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return what is inside or within a pixel of it."""
    grown = inside.copy()
    grown[1:] |= inside[:-1]
    grown[:-1] |= inside[1:]
    wide = grown.copy()
    wide[:, 1:] |= grown[:, :-1]
    wide[:, :-1] |= grown[:, 1:]
    return wide


def _without_level_rules(ink: NDArray[np.float32], thin: int) -> NDArray[np.float32]:
    inside = ink > INSIDE
    if not _ruled_rows(inside).any():
        return ink
    # How thick the ink is above and below each pixel, in its own column.
    thickness = _run_lengths(inside)
    lean = inside & (thickness <= thin)
    ruled = _ruled_rows(lean)
    # Not "same": of a page lower than the window that has the window's length.
    rows = np.convolve(ruled, np.ones(2 * thin + 1))[thin:-thin] > 0
    rubbed = grown(lean & rows[:, None])
    return np.where(rubbed & ((thickness <= thin + 1) | ~inside), np.float32(0), ink)


def _ruled_rows(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say along which rows ink goes on; they are taken together by threes, for a line may sag by some pixels."""
    padded = np.pad(inside, ((1, 1), (0, 0)))
    return np.count_nonzero(padded[:-2] | padded[1:-1] | padded[2:], axis=1) > _RULED * inside.shape[1]


def _run_lengths(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for each pixel inside how many there are in its run up and down; 0 outside."""
    columns = np.pad(inside.T, ((0, 0), (1, 1))).ravel().astype(np.int8)
    edges = np.flatnonzero(np.diff(columns))
    lengths = edges[1::2] - edges[0::2]
    flat = np.zeros(columns.size, np.int64)
    flat[columns > 0] = np.repeat(lengths, lengths)
    return flat.reshape(inside.shape[1], -1)[:, 1:-1].T
