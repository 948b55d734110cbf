"""Pages as photos of them: tinted and ruled paper, pencil and ballpoint, shadows, tilt, noise, blur and JPEG."""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Colour = tuple[int, int, int]
"""Red, green and blue, 0 … 255."""

_Plane = NDArray[np.floating[Any]]  # something for each pixel

_INKS: Sequence[tuple[float, Colour]] = (
    (0.35, (35, 55, 140)),  # blue ballpoint
    (0.3, (35, 35, 40)),  # black
    (0.25, (105, 105, 110)),  # pencil
    (0.1, (185, 45, 50)),  # red
)
"""How often a pen is taken, and its colour."""

_RULES: Sequence[Colour] = ((170, 195, 220), (190, 192, 196), (165, 205, 215))
_MARGIN: Colour = (215, 140, 140)
_TABLES: Sequence[Colour] = ((95, 65, 45), (60, 58, 56), (125, 95, 70), (40, 45, 55))


@dataclass(frozen=True)
class Photo:
    """What a sheet and its photo are like; as it stands, a clean scan of black ink on white paper.

    `paper` and `ink` are colours in full light; `patchy` is how much the ink's density varies, and `grain` how
    much the paper's brightness does, as shares. `light` is by what share the sheet's far end is darker, `shadow` by
    what share a shadow is, whose edge is `softness` wide. `rule` is the distance of the lines, `ruled` says that
    they go across and `squared` that they go down as well, `margin` that there is a red line down the left side.
    `tilt` is in degrees, clockwise; `table` is the share of the photo, 0 to 1, that shows what the sheet lies on.
    `blur` is a radius in pixels, `noise` the sensor's standard deviation in grey levels, and `quality` JPEG's. Lengths
    are in heights of a number, if nothing else is said.
    """

    paper: Colour = (250, 250, 250)
    ink: Colour = (20, 20, 20)
    patchy: float = 0
    grain: float = 0
    light: float = 0
    shadow: float = 0
    softness: float = 0.5
    ruled: bool = False
    squared: bool = False
    rule: float = 1
    rule_colour: Colour = _RULES[0]
    margin: bool = False
    tilt: float = 0
    table: float = 0
    table_colour: Colour = _TABLES[0]
    blur: float = 0
    noise: float = 0
    quality: int = 95


def _paper(rng: np.random.Generator) -> dict[str, Any]:
    bright, warm = rng.uniform(195, 250), rng.uniform(-6, 18)
    return {"paper": _colour(bright, bright - warm / 3, bright - warm), "grain": rng.uniform(0.005, 0.03)}


def _ink(rng: np.random.Generator) -> dict[str, Any]:
    shares, colours = zip(*_INKS, strict=True)
    colour = np.array(colours[rng.choice(len(colours), p=shares)]) + rng.normal(0, 8, 3)
    return {"ink": _colour(*colour), "patchy": rng.uniform(0.05, 0.45)}


def _ruled(rng: np.random.Generator) -> dict[str, Any]:
    colour = _RULES[int(rng.integers(len(_RULES)))]
    return {"ruled": True, "squared": False, "rule": rng.uniform(1, 1.8), "rule_colour": colour}


def _squared(rng: np.random.Generator) -> dict[str, Any]:
    return {**_ruled(rng), "squared": True, "rule": rng.uniform(0.5, 1.3)}


def _table(rng: np.random.Generator) -> dict[str, Any]:
    return {"table": rng.uniform(0.03, 0.15), "table_colour": _TABLES[int(rng.integers(len(_TABLES)))]}


def _blackboard(rng: np.random.Generator) -> dict[str, Any]:
    dark, bright = rng.uniform(35, 70), rng.uniform(200, 245)
    paper = _colour(dark, dark + rng.uniform(0, 25), dark + rng.uniform(0, 12))
    sheet = {"paper": paper, "ink": _colour(bright, bright, bright - rng.uniform(0, 30)), "grain": 0.06}
    return {**sheet, "patchy": rng.uniform(0.3, 0.55), "ruled": False, "squared": False, "margin": False, "table": 0}


DISTURBANCES: Mapping[str, tuple[float, Callable[[np.random.Generator], dict[str, Any]]]] = {
    "tinted, grainy paper": (1, _paper),
    "pencil and ballpoint": (1, _ink),
    "uneven light": (1, lambda rng: {"light": rng.uniform(0.05, 0.5)}),
    "shadow": (0.6, lambda rng: {"shadow": rng.uniform(0.15, 0.5), "softness": rng.uniform(0.05, 1.2)}),
    "ruled lines": (1 / 3, _ruled),
    "squares": (1 / 4, _squared),
    "margin line": (0.2, lambda rng: {"margin": True}),
    "tilt": (1, lambda rng: {"tilt": rng.uniform(-10, 10)}),
    "table edge": (0.25, _table),
    "blur": (1, lambda rng: {"blur": rng.uniform(0.2, 1.2)}),
    "noise": (1, lambda rng: {"noise": rng.uniform(1, 8)}),
    "JPEG": (1, lambda rng: {"quality": int(rng.integers(40, 96))}),
    "chalk on a blackboard": (0.1, _blackboard),
}
"""In what share of the photos each disturbance is, and what it draws.

A later one wins: of all photos a quarter are squared and a quarter ruled, but no blackboard is either.
"""


def any_photo(rng: np.random.Generator) -> Photo:
    """Return a photo with all disturbances, each as often as DISTURBANCES says."""
    photo = Photo()
    for share, draw in DISTURBANCES.values():
        if rng.random() < share:
            photo = replace(photo, **draw(rng))
    return photo


def only(disturbance: str, rng: np.random.Generator) -> Photo:
    """Return a photo with just one of the DISTURBANCES."""
    return replace(Photo(), **DISTURBANCES[disturbance][1](rng))


def photographed(
    pages: NDArray[np.uint8] | Sequence[NDArray[np.uint8]], rng: np.random.Generator, photo: Photo | None = None
) -> Image.Image:
    """Return pages, uint8, black ink on white, one below the other on a sheet of paper, as an RGB photo of it.

    The writing keeps its size in pixels. Where no `photo` says what the sheet is like, any is drawn.
    """
    rows = [pages] if isinstance(pages, np.ndarray) else pages
    photo = photo or any_photo(rng)
    height = _written(rows)
    tilted = Image.fromarray(_sheet(rows, rng)).rotate(-photo.tilt, Image.Resampling.BICUBIC, expand=True)
    side = int(rng.integers(4))
    cover = _surrounded(np.asarray(tilted, np.float32) / 255, height, photo.table, side, rng)
    x, y = _on_the_sheet(cover.shape, photo.tilt)
    colours = np.full((*cover.shape, 3), photo.paper, np.float32)
    for line in _lines(x, y, height, photo, rng):
        _paint(colours, line, photo.rule_colour)
    if photo.margin:
        _paint(colours, _margin(x, cover, height, rng), _MARGIN)
    tooth = clouds(cover.shape, height / 4, rng) / 2 + rng.random(cover.shape, np.float32)
    _paint(colours, cover * (1 - photo.patchy * np.clip(tooth, 0, 1)), photo.ink)
    grain = clouds(cover.shape, 2, rng) + clouds(cover.shape, height / 2, rng) / 3
    colours *= (1 + photo.grain * grain)[..., None]
    if photo.table:
        away = (x, -x, y, -y)[side]
        clear = float(away[cover > 0].max(initial=0)) + height / 4
        edge = float(np.quantile(away[::8, ::8], 1 - photo.table))
        _paint(colours, _beyond(away, max(edge, clear)), photo.table_colour)
    colours *= (_light(cover.shape, photo.light, rng) * _shade(cover.shape, height, photo, rng))[..., None]
    return _taken(colours, photo, rng)


def _colour(*channels: float) -> Colour:
    red, green, blue = (round(min(max(channel, 0), 255)) for channel in channels)
    return red, green, blue


def _written(pages: Sequence[NDArray[np.uint8]]) -> float:
    """Return how many pixels high the writing on a page is, on average; at least 1."""
    rows = [np.flatnonzero(page.min(axis=1) < 128) for page in pages]
    return float(np.mean([np.ptp(dark) + 1 if dark.size else 1 for dark in rows]))


def _sheet(pages: Sequence[NDArray[np.uint8]], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the ink of pages below each other, not all begun at the same place; 255 is full."""
    lefts = [round(rng.uniform(0, 0.3) * page.shape[1]) if len(pages) > 1 else 0 for page in pages]
    width = max(left + page.shape[1] for left, page in zip(lefts, pages, strict=True))
    return np.concatenate(
        [
            np.pad(255 - page, ((0, 0), (left, width - left - page.shape[1])))
            for left, page in zip(lefts, pages, strict=True)
        ]
    )


def _surrounded(cover: _Plane, height: float, table: float, side: int, rng: np.random.Generator) -> _Plane:
    """Return the ink with paper around it; on one side there is room for a table."""
    right, left, bottom, top = (
        round(border + table * extent * (side == number))
        for number, (border, extent) in enumerate(
            zip(rng.uniform(0.2, 1.2, 4) * height, np.repeat(cover.shape[::-1], 2), strict=True)
        )
    )
    return np.pad(cover, ((top, bottom), (left, right)))


def _on_the_sheet(shape: tuple[int, ...], tilt: float) -> tuple[_Plane, _Plane]:
    """Return where each pixel of the photo lies along the sheet and down it, in pixels from the photo's middle."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    x, y = x - shape[1] / 2, y - shape[0] / 2
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    return (x * cos + y * sin).astype(np.float32), (y * cos - x * sin).astype(np.float32)


def _lines(x: _Plane, y: _Plane, height: float, photo: Photo, rng: np.random.Generator) -> list[_Plane]:
    """Return how much each pixel is covered by the lines across, and by those down."""
    distance, strength, width = photo.rule * height, rng.uniform(0.5, 1), height * rng.uniform(0.015, 0.04)
    directions = [y, x] if photo.squared else [y] if photo.ruled else []
    return [
        strength * _line(np.abs((along + rng.uniform(0, distance)) % distance - distance / 2), width)
        for along in directions
    ]


def _margin(x: _Plane, cover: _Plane, height: float, rng: np.random.Generator) -> _Plane:
    place = float(x[cover > 0].min(initial=0)) - height * rng.uniform(0.3, 0.9)
    return 0.9 * _line(np.abs(x - place), height * rng.uniform(0.02, 0.04))


def _line(distance: _Plane, width: float) -> _Plane:
    """Return how much of each pixel a line covers whose middle is so far away; thin ones are pale, not broken."""
    return np.clip(width / 2 + 0.5 - distance, 0, min(width, 1))


def _beyond(away: _Plane, edge: float) -> _Plane:
    return np.clip(away - edge + 0.5, 0, 1)


def _paint(colours: _Plane, cover: _Plane, colour: Colour) -> None:
    colours += cover[..., None] * (np.array(colour, np.float32) - colours)


def clouds(shape: tuple[int, ...], size: float, rng: np.random.Generator) -> _Plane:
    """Return smooth noise of about standard deviation 0.7, whose spots are `size` pixels wide."""
    coarse = rng.standard_normal([math.ceil(extent / max(size, 1)) + 1 for extent in shape], np.float32)
    return np.asarray(Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def _light(shape: tuple[int, ...], darker: float, rng: np.random.Generator) -> _Plane:
    """Return the light, 1 where the lamp is nearest and less by the share `darker` where it is farthest."""
    far = np.hypot(*_from(shape, rng.uniform(-0.5, 1.5, 2) * shape))
    return 1 - darker * (far - far.min()) / max(float(np.ptp(far)), 1)


def _shade(shape: tuple[int, ...], height: float, photo: Photo, rng: np.random.Generator) -> _Plane:
    """Return how much light is left by what stands in it, a hand or a phone: its round edge lies in the photo."""
    turn, radius = rng.uniform(0, 2 * math.pi), math.hypot(*shape) * rng.uniform(0.5, 2)
    edge = np.array(shape) * rng.uniform(0.2, 0.8, 2)
    inside = radius - np.hypot(*_from(shape, edge + radius * np.array([math.sin(turn), math.cos(turn)])))
    return 1 - photo.shadow / (1 + np.exp(np.clip(-4 * inside / (photo.softness * height), -50, 50)))


def _from(shape: tuple[int, ...], point: NDArray[np.float64]) -> tuple[_Plane, _Plane]:
    """Return how far below and to the right of a point the pixels lie, as a column and a row."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    return (y - point[0]).astype(np.float32), (x - point[1]).astype(np.float32)


def _taken(colours: _Plane, photo: Photo, rng: np.random.Generator) -> Image.Image:
    """Return what the camera makes of it: out of focus, noisy, and a JPEG."""
    levels = np.clip(colours, 0, 255).astype(np.uint8)
    sharp = Image.fromarray(levels).filter(ImageFilter.GaussianBlur(photo.blur))
    noise = rng.standard_normal((*levels.shape[:2], 1), np.float32) * photo.noise
    noise = noise + rng.standard_normal(levels.shape, np.float32) * photo.noise / 3
    noisy = Image.fromarray(np.clip(np.asarray(sharp) + noise, 0, 255).astype(np.uint8))
    file = io.BytesIO()
    noisy.save(file, "JPEG", quality=photo.quality)
    return Image.open(file).convert("RGB")
