"""Pen strokes to pixels, the way the pad draws them: round pen, even width, anti-aliased."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Stroke = Sequence[float]
"""One stroke of the pen, `[x0, y0, x1, y1, …]`; x to the right, y down."""

_SUPERSAMPLING = 4


def extent(strokes: Sequence[Stroke]) -> tuple[float, float, float, float]:
    """Return `(left, top, right, bottom)` of all points. Raises ValueError where there are none."""
    xs = [x for stroke in strokes for x in stroke[0::2]]
    ys = [y for stroke in strokes for y in stroke[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


def draw(
    strokes: Sequence[Stroke],
    size: int = 280,
    box: float = 1000,
    brush: float = 0.025,
    scale: float = 1,
    shift: tuple[float, float] = (0, 0),
) -> NDArray[np.uint8]:
    """Return a pad of `size` × `size` pixels with the strokes on it: uint8, black ink on white.

    The strokes lie in a square of `box` units; they are scaled by `scale` about its middle, and then moved by
    `shift`, given as shares of the pad. `brush` is the pen's width as a share of the pad.
    """
    fine = size * _SUPERSAMPLING
    image = Image.new("L", (fine, fine), 255)
    pen = ImageDraw.Draw(image)
    radius = max(brush * fine / 2, 0.5)
    for stroke in strokes:
        points = [
            (
                ((x / box - 0.5) * scale + 0.5 + shift[0]) * fine,
                ((y / box - 0.5) * scale + 0.5 + shift[1]) * fine,
            )
            for x, y in zip(stroke[0::2], stroke[1::2], strict=True)
        ]
        _draw_stroke(pen, points, radius)
    return np.asarray(image.reduce(_SUPERSAMPLING))


def draw_alone(strokes: Sequence[Stroke], longest: int, brush: float) -> NDArray[np.uint8]:
    """Return a picture of just this symbol, its longer side `longest` pixels, with a blank border.

    `brush` is the pen's width as a share of the symbol's longer side. Raises ValueError where there is no
    point to draw.
    """
    left, top, right, bottom = extent(strokes)
    span = max(right - left, bottom - top, 1e-6)
    # The pen paints half its width outside of the points; a quarter more keeps paper in the majority.
    border = brush * span / 2 + span / 4
    side = span + 2 * border
    origin = ((left + right - side) / 2, (top + bottom - side) / 2)
    moved = [
        [c - origin[axis] for pair in zip(s[0::2], s[1::2], strict=True) for axis, c in enumerate(pair)]
        for s in strokes
    ]
    return draw(moved, size=math.ceil(longest * side / span), box=side, brush=brush * span / side)


def _draw_stroke(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], radius: float) -> None:
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    if len(points) > 1:
        pen.line(points, fill=0, width=max(1, round(2 * radius)))
