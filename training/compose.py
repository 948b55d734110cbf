"""Whole numbers out of the ink of single digits: spaced, close, touching or overlapping, as one hand writes them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data import Symbol
from training.ink import draw_alone, extent

SPACED, CLOSE, TOUCHING, OVERLAPPING = "spaced", "close", "touching", "overlapping"
"""How far a digit stands from the one before it."""

_TUCKED = 0.35  # a digit reaches under its neighbour by at most this share of the narrower one's width
_DRIFT = 0.04  # of the height: how far a digit stands above or below its line, as standard deviation
_INK = 64  # of 255: what is darker belongs to the stroke when distances are measured


@dataclass(frozen=True)
class Glyph:
    """A digit in its place on a page: its `ink`, `(h, w)`, uint8, 255 full, and its corner in pixels."""

    label: str
    ink: NDArray[np.uint8]
    left: int
    top: int


@dataclass(frozen=True)
class Number:
    """A composed number; `shape` is the page's height and width in pixels."""

    glyphs: Sequence[Glyph]
    shape: tuple[int, int]

    @property
    def text(self) -> str:
        """What stands on the page."""
        return "".join(glyph.label for glyph in self.glyphs)

    def page(self) -> NDArray[np.uint8]:
        """Return the page, `shape`, uint8, black ink on white."""
        page = np.zeros(self.shape, np.uint8)
        for glyph in self.glyphs:
            h, w = glyph.ink.shape
            part = page[glyph.top : glyph.top + h, glyph.left : glyph.left + w]
            np.maximum(part, glyph.ink, out=part)
        return 255 - page


def compose(
    symbols: Sequence[Symbol],
    spacings: Sequence[str],
    height: float,
    pen: float,
    rng: np.random.Generator,
    raised: Sequence[float] = (),
) -> Number:
    """Return a number on a page, with a margin of about half a digit.

    `spacings` has one word for each gap, SPACED … OVERLAPPING. `height` is how many pixels high the tallest digit is,
    and `pen` the pen's width as a share of that; the digits keep their writer's proportions to each other.
    `raised` says of each symbol how far its foot is above the line, as a share of the height; else all stand on it.
    Raises ValueError where there is no symbol.
    """
    tallest = max(_height(symbol) for symbol in symbols)
    inks = [drawn(symbol, height / tallest, pen * height) for symbol in symbols]
    return arranged([symbol.label for symbol in symbols], inks, spacings, height, pen * height, rng, raised)


def arranged(
    labels: Sequence[str],
    inks: Sequence[NDArray[np.uint8]],
    spacings: Sequence[str],
    height: float,
    pen: float,
    rng: np.random.Generator,
    raised: Sequence[float] = (),
) -> Number:
    """Return symbols beside each other as `compose` does, given their ink, `(h, w)`, uint8, and the pen in pixels."""
    lefts = [0]
    feet = [height * (1 - share) for share in raised or [0.0] * len(inks)]
    tops = [round(foot - ink.shape[0] + rng.normal(0, _DRIFT * height)) for foot, ink in zip(feet, inks, strict=True)]
    for i, spacing in enumerate(spacings, start=1):
        gap = _gap(spacing, height, pen, rng)
        lefts.append(lefts[-1] + _step(inks[i - 1], inks[i], tops[i] - tops[i - 1], gap))
    margin = round(height * rng.uniform(0.4, 0.7)) + 2
    x, y = margin - min(lefts), margin - min(tops)
    glyphs = [
        Glyph(label, ink, left + x, top + y) for label, ink, left, top in zip(labels, inks, lefts, tops, strict=True)
    ]
    wide = max(glyph.left + glyph.ink.shape[1] for glyph in glyphs) + margin
    high = max(glyph.top + glyph.ink.shape[0] for glyph in glyphs) + margin
    return Number(glyphs, (high, wide))


def drawn(symbol: Symbol, scale: float, pen: float) -> NDArray[np.uint8]:
    """Return a symbol's ink, `(h, w)`, uint8, 255 full, cut to its box.

    `scale` is how many pixels a unit of its strokes has, and `pen` the pen's width in pixels.
    """
    left, top, right, bottom = extent(symbol.strokes)
    longest = max(right - left, bottom - top, 1) * scale
    ink = 255 - draw_alone(symbol.strokes, max(round(longest), 1), pen / max(longest, 1))
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _height(symbol: Symbol) -> float:
    _, top, _, bottom = extent(symbol.strokes)
    return max(bottom - top, 1)


def _gap(spacing: str, height: float, pen: float, rng: np.random.Generator) -> float:
    """Return how many pixels of paper there are to be between two digits; below zero they share so many of ink."""
    if spacing == SPACED:
        return height * rng.uniform(0.2, 0.5)
    if spacing == CLOSE:
        return max(2.0, height * rng.uniform(0.04, 0.12))
    if spacing == TOUCHING:
        return -pen * rng.uniform(0.2, 0.8)
    return -pen * rng.uniform(0.8, 1.5)


def _step(before: NDArray[np.uint8], after: NDArray[np.uint8], drop: int, gap: float) -> int:
    """Return how far right of a digit's left edge the next one's lies, for the gap between their ink.

    `drop` is how many pixels lower the next one's upper edge is.
    """
    reach = max(round(gap), 1)
    upper, lower = min(0, drop), max(before.shape[0], drop + after.shape[0])
    right = np.full(lower - upper, -np.inf)
    right[-upper : before.shape[0] - upper] = _last(before > _INK)
    left = np.full(lower - upper, np.inf)
    left[drop - upper : drop - upper + after.shape[0]] = after.shape[1] - 1 - _last(after[:, ::-1] > _INK)
    # What comes near from a little above or below is near too.
    padded = np.pad(right, reach, constant_values=-np.inf)
    near = np.max(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)
    meeting = float(np.max(near - left)) + 1
    least = before.shape[1] - _TUCKED * min(before.shape[1], after.shape[1])
    return round(max(meeting, least) + gap) if gap < 0 else round(max(meeting + gap, least))


def _last(ink: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the last column with ink of each row; minus infinity for rows without."""
    last = (ink.shape[1] - 1 - ink[:, ::-1].argmax(axis=1)).astype(np.float64)
    return np.where(ink.any(axis=1), last, -np.inf)
