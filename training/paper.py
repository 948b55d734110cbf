"""What a line is written on, and what the camera makes of it: grounds, rules, frames, print, shadows, low resolution.

All works on planes of a line's picture, `(40, W)`, float32: how bright each pixel is, 1 for bare paper in full light.
"""

import io
import math
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.photo import clouds

Plane = NDArray[np.float32]

FONTS = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-Italic.ttf",
    "STIXGeneral.ttf",
    "STIXGeneralBol.ttf",
    "cmss10.ttf",
    "cmtt10.ttf",
    "cmr10.ttf",
)
"""The fonts of print: those that matplotlib brings."""


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Return one of FONTS at a size in pixels."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def ground(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Return bare paper: even, uneven, stained, or with a security background."""
    plane = np.ones(shape, np.float32)
    kind = rng.random()
    if kind < 0.35:
        plane *= _security(shape, rng)
    elif kind < 0.55:
        plane *= 1 - rng.uniform(0.01, 0.12) * np.abs(clouds(shape, rng.uniform(2, 30), rng))
    if rng.random() < 0.3:
        plane *= 1 - rng.uniform(0.005, 0.05) * rng.standard_normal(shape, np.float32)
    return plane


def furnish(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Print what forms have on the paper: rules, squares, frames, underlines; `box` is the writing's, in pixels."""
    kinds = (_rules, _squares, _cell, _frame, _underline, _comb, _specks, _label, _highlighter)
    shares = (0.10, 0.06, 0.26, 0.07, 0.12, 0.06, 0.10, 0.05, 0.02)
    for kind, share in zip(kinds, shares, strict=True):
        if rng.random() < share:
            kind(plane, box, rng)


def logbook(shape: tuple[int, ...], rng: np.random.Generator) -> Plane:
    """Return a small cell of a large printed table: its rules, a row's beside it, a fold, smudges at its edges."""
    height, width = shape
    plane = np.ones((height, width), np.float32)
    everywhere = 0.0, 0.0, float(width), float(height)
    if rng.random() < 0.85:
        _cell(plane, everywhere, rng)
    if rng.random() < 0.25:
        _rules(plane, everywhere, rng)
    if rng.random() < 0.5:  # dark ends of rules, which are no dashes
        mask, pen = _mask(plane)
        for _ in range(int(rng.integers(1, 4))):
            x = rng.choice([rng.uniform(-4, 6), width - rng.uniform(-4, 8)])
            y = rng.choice([rng.uniform(-2, 4), height - rng.uniform(-2, 5)])
            along = (rng.uniform(2, 8), 0) if rng.random() < 0.6 else (0, rng.uniform(3, 14))
            _line(pen, (x, y, x + along[0], y + along[1]), _thickness(rng), 0)
        _print(plane, mask, rng.uniform(0.15, 0.6))
    return plane


def pressed(cover: Plane, share: float, rng: np.random.Generator) -> Plane:
    """Return ink of a pencil, pressed on hard here and hardly there; about 1 where darkest in a `coarse` picture."""
    spots = clouds(cover.shape, rng.uniform(3, 14), rng)
    ink = (cover * np.clip(1 - rng.uniform(0, 0.6) * np.abs(spots), 0, 1)).astype(np.float32)
    darkest = float(np.asarray(_few(Image.fromarray(ink), share)).max())
    return ink / np.float32(max(darkest, _DARKER))


_DARKER = 0.3  # ink that is spread over more paper than this remains fainter


def _few(image: Image.Image, share: float) -> Image.Image:
    size = max(round(image.width * share), 4), max(round(image.height * share), 8)
    return image.resize(size, Image.Resampling.BOX)


def coarse(plane: Plane, share: float, white: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture of few pixels, such a share of what is asked for, enlarged: uint8, bare paper being `white`."""
    image = Image.fromarray(np.clip(plane * white, 0, 255).astype(np.uint8))
    how = Image.Resampling.BILINEAR if rng.random() < 0.6 else Image.Resampling.BICUBIC
    small = _few(image, share)
    if rng.random() < 0.3:
        small = small.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.6)))
    if rng.random() < 0.5 and white < 255:
        noise = rng.standard_normal((small.height, small.width), np.float32) * np.float32(rng.exponential(1))
        small = Image.fromarray(np.clip(np.asarray(small) + noise, 0, 255).astype(np.uint8))
    return np.asarray(small.resize(image.size, how))


def lit(plane: Plane, rng: np.random.Generator) -> None:
    """Let light fall unevenly, and shadows with soft or hard edges."""
    height, width = plane.shape
    y, x = np.ogrid[:height, :width]
    if rng.random() < 0.4:
        turn = rng.uniform(0, 2 * math.pi)
        along = (x / max(width, 1) * math.cos(turn) + y / height * math.sin(turn)).astype(np.float32)
        plane *= 1 - rng.uniform(0, 0.35) * (along - along.min()) / max(float(np.ptp(along)), 1e-3)
    if rng.random() < 0.12:
        turn = rng.uniform(0, 2 * math.pi)
        away = (x - rng.uniform(0, width)) * math.cos(turn) + (y - rng.uniform(0, height)) * math.sin(turn)
        plane *= 1 - rng.uniform(0.1, 0.5) / (1 + np.exp(np.clip(-away / rng.uniform(0.3, 6), -30, 30)))


def taken(plane: Plane, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return what a camera or scanner makes of it, uint8: exposure, blur, low resolution, noise, JPEG, inversion."""
    white, black = rng.uniform(95, 255), rng.uniform(0, 60)
    levels = black + plane * (white - black)
    image = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    if rng.random() < 0.45:
        image = image.filter(
            ImageFilter.GaussianBlur(rng.uniform(0.2, 1.0) if rng.random() < 0.7 else rng.uniform(1, 1.7))
        )
    if rng.random() < 0.35:
        share = rng.uniform(0.4, 0.95)
        size = max(round(image.width * share), 4), max(round(image.height * share), 8)
        how = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)[int(rng.integers(3))]
        image = image.resize(size, how).resize(image.size, Image.Resampling.BICUBIC)
    if rng.random() < 0.5:
        noise = rng.standard_normal((image.height, image.width), np.float32) * np.float32(rng.exponential(3))
        image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    if rng.random() < 0.3:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=int(rng.integers(25, 95)))
        image = Image.open(file)
    if rng.random() < 0.05 and plane.min() < 0.5 and np.median(plane) > 0.8:  # a scan of one bit a pixel
        pixels = np.asarray(image)
        bare, darkest = float(np.median(pixels)), float(np.quantile(pixels, 0.01))
        threshold = bare - rng.uniform(0.3, 0.55) * (bare - darkest)  # or thin ink were gone
        image = image.point([255 * (level > threshold) for level in range(256)])
    pixels = np.asarray(image)
    return 255 - pixels if rng.random() < 0.07 else pixels


def _security(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Return fine lines, waves, hatching or dots, as cheques and certificates have them."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    total = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        pitch, turn = rng.uniform(2.2, 9), rng.choice([rng.normal(0, 0.15), rng.uniform(-1.6, 1.6)])
        bend, length, phase = rng.uniform(0, 1.2), rng.uniform(10, 90), rng.uniform(0, 6.3, 2)
        along, across = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
        wave = across / pitch + bend * np.sin(along * 2 * math.pi / length + phase[0])
        if rng.random() < 0.2:
            wave += bend * np.abs((along / length * 4) % 2 - 1)  # zigzag
        if rng.random() < 0.2:
            centre = rng.uniform(-20, 60), rng.uniform(0, width)
            wave = np.hypot(y - centre[0], x - centre[1]) / pitch
        line = np.clip(np.cos(2 * math.pi * wave + phase[1]) * rng.uniform(1, 2.5) - rng.uniform(0, 1), 0, 1)
        if rng.random() < 0.3:
            line *= np.clip(2 * np.cos(2 * math.pi * along / rng.uniform(2.2, 7)), 0, 1)  # dots and dashes
        total = np.maximum(total, line * rng.uniform(0.4, 1))
    if rng.random() < 0.2:
        total *= clouds(shape, 25, rng) > rng.uniform(-0.5, 0.2)  # a part of the paper alone
    if rng.random() < 0.25:
        total = np.where(y > rng.uniform(0.15, 0.85) * height, total, 0) if rng.random() < 0.5 else total
    level = 1 - rng.uniform(0, 0.2) if rng.random() < 0.5 else 1.0
    return (level * (1 - rng.uniform(0.04, 0.38) * total)).astype(np.float32)


def _print(plane: Plane, mask: Image.Image, strength: float) -> None:
    plane *= 1 - strength * np.asarray(mask.reduce(_FINE), np.float32) / 255


_FINE = 3  # times the picture's pixels, for lines finer than these


def _mask(plane: Plane) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    mask = Image.new("L", (plane.shape[1] * _FINE, plane.shape[0] * _FINE))
    return mask, ImageDraw.Draw(mask)


def _strength(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.08, 0.9) if rng.random() < 0.7 else rng.uniform(0.03, 0.2))


def _thickness(rng: np.random.Generator) -> int:
    return max(1, round(_FINE * rng.uniform(0.4, 2.0)))


def _line(pen: ImageDraw.ImageDraw, ends: tuple[float, float, float, float], width: int, dotted: float) -> None:
    """Draw a line, of dots `dotted` pixels apart where that is above zero; ends are in the picture's pixels."""
    x0, y0, x1, y1 = (_FINE * c for c in ends)
    if not dotted:
        pen.line((x0, y0, x1, y1), fill=255, width=width)
        return
    steps = int(math.hypot(x1 - x0, y1 - y0) / (_FINE * dotted))
    for n in range(steps):
        x, y = x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)


def _dotted(rng: np.random.Generator) -> float:
    return float(rng.uniform(1.5, 5)) if rng.random() < 0.2 else 0.0


def _rules(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    height, width = plane.shape
    mask, pen = _mask(plane)
    pitch, first, slope = rng.uniform(14, 45), rng.uniform(-5, 40), rng.normal(0, 0.015) * width
    thickness, dotted = _thickness(rng), _dotted(rng)
    y = first
    while y < height + 10:
        _line(pen, (0, y, width, y + slope), thickness, dotted)
        y += pitch
    _print(plane, mask, _strength(rng))


def _squares(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    height, width = plane.shape
    mask, pen = _mask(plane)
    pitch, slope, thickness = rng.uniform(7, 32), rng.normal(0, 0.012), _thickness(rng)
    for y in np.arange(rng.uniform(-pitch, 0), height + 10, pitch):
        _line(pen, (0, y, width, y + slope * width), thickness, 0)
    for x in np.arange(rng.uniform(-pitch, 0), width + 10, pitch):
        _line(pen, (x, 0, x - slope * height, height), thickness, 0)
    _print(plane, mask, _strength(rng) * rng.uniform(0.4, 1))


def _cell(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Print bits of a table's rules about the cell, near the picture's edges."""
    height, width = plane.shape
    mask, pen = _mask(plane)
    tilt, thickness, double = rng.normal(0, 0.012), _thickness(rng), rng.random() < 0.3
    top, bottom = rng.uniform(-2, 6), height - rng.uniform(-2, 6)
    left, right = rng.uniform(-2, 8), width - rng.uniform(-2, 8)
    edges = (
        (0, top, width, top + tilt * width),
        (0, bottom, width, bottom + tilt * width),
        (left, 0, left - tilt * height, height),
        (right, 0, right - tilt * height, height),
    )
    apart = rng.uniform(2, 5)
    for n, (x0, y0, x1, y1) in enumerate(edges):
        if rng.random() < 0.65:
            if rng.random() < 0.3:  # a part of it alone: worn, or cut off by the crop
                first, last = np.sort(rng.uniform(-0.3, 1.3, 2)).clip(0, 1).tolist()
                x0, y0, x1, y1 = (
                    x0 + first * (x1 - x0),
                    y0 + first * (y1 - y0),
                    x0 + last * (x1 - x0),
                    y0 + last * (y1 - y0),
                )
            _line(pen, (x0, y0, x1, y1), thickness, 0)
            if double:
                dx, dy = (0, apart) if n < 2 else (apart, 0)
                _line(pen, (x0 + dx, y0 + dy, x1 + dx, y1 + dy), thickness, 0)
    _print(plane, mask, _strength(rng))


def _frame(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Print a frame or a ring about the writing."""
    left, top, right, bottom = box
    mask, pen = _mask(plane)
    gaps = rng.uniform(-1, 8, 4)
    around = [_FINE * c for c in (left - gaps[0], top - gaps[1], right + gaps[2], bottom + gaps[3])]
    if around[2] - around[0] < 6 or around[3] - around[1] < 6:
        return
    if rng.random() < 0.25:
        pen.ellipse(around, outline=255, width=_thickness(rng))
    else:
        pen.rectangle(around, outline=255, width=_thickness(rng))
    _print(plane, mask, _strength(rng))


def _underline(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Print, or draw by hand, one line or two below the writing, or a signature line that it stands on."""
    left, _, right, bottom = box
    mask, pen = _mask(plane)
    y, tilt = bottom + rng.uniform(-3, 5), rng.normal(0, 0.02)
    ends = rng.uniform(-12, 12, 2)
    thickness, dotted = _thickness(rng), _dotted(rng)
    for n in range(1 + (rng.random() < 0.2)):
        below = y + n * rng.uniform(2, 5)
        _line(pen, (left + ends[0], below, right + ends[1], below + tilt * (right - left)), thickness, dotted)
    _print(plane, mask, _strength(rng))


def _comb(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Print boxes side by side, one a digit, or short ticks between them."""
    left, top, right, bottom = box
    mask, pen = _mask(plane)
    pitch, thickness = (bottom - top) * rng.uniform(0.7, 1.4), _thickness(rng)
    above, below = top - rng.uniform(0, 6), bottom + rng.uniform(0, 6)
    start = above if rng.random() < 0.7 else (above + below) / 2
    for x in np.arange(left - rng.uniform(0, 8), right + pitch, max(pitch, 6)):
        _line(pen, (x, start, x, below), thickness, 0)
    for y in (above, below) if start == above else (below,):
        _line(pen, (left - 8, y, right + pitch, y), thickness, 0)
    _print(plane, mask, _strength(rng))


def _specks(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Strew dust, holes and stains, all smaller than a point that is written."""
    height, width = plane.shape
    mask, pen = _mask(plane)
    for _ in range(int(rng.integers(1, 12))):
        x, y, radius = rng.uniform(0, width) * _FINE, rng.uniform(0, height) * _FINE, rng.uniform(0.3, 1.6)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=int(rng.integers(90, 256)))
    _print(plane, mask, _strength(rng))


def _label(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Print small words at the picture's upper or lower edge, cut by it."""
    mask, pen = _mask(plane)
    words = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz  "), int(rng.integers(4, 24))))
    size = int(rng.integers(6, 14)) * _FINE
    y = rng.choice([-size * rng.uniform(0.5, 0.9), mask.height - size * rng.uniform(0.3, 0.6)])
    pen.text((rng.uniform(-20, mask.width), y), words, fill=255, font=font(str(rng.choice(FONTS)), size))
    _print(plane, mask, _strength(rng))


def _highlighter(plane: Plane, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    left, top, right, bottom = (round(c + rng.uniform(-6, 6)) for c in box)
    plane[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] *= rng.uniform(0.75, 0.97)
