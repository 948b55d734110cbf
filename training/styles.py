"""Ways to write a digit that the world has and the ink lacks, as strokes; and signs, which are strokes too.

Every function returns strokes `(N, 2)` in a box that is 1 high, x to the right and y down.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

STYLED: Mapping[str, float] = {
    "0": 0.25,
    "1": 0.5,
    "2": 0.12,
    "3": 0.04,
    "4": 0.15,
    "5": 0.2,
    "7": 0.42,
    "9": 0.25,
}
"""The share of each digit that is written in one of the ways below."""

SIGNS = ".,-/:+"
OTHERS = "=%$()'x~*#"
"""Signs that are drawn here; OTHERS are no symbols of a number, and are to be read as `?`."""


SIGN_PLACES: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = {
    ".": ((0.03, 0.12), (0.92, 1.03)),
    ",": ((0.15, 0.35), (1.0, 1.15)),
    "-": ((0.2, 0.7), (0.4, 0.65)),
    "/": ((0.9, 1.3), (0.45, 0.6)),
    ":": ((0.35, 0.65), (0.55, 0.8)),
    "+": ((0.4, 0.75), (0.4, 0.65)),
}
"""How long the longer side of a sign is, and how low its middle lies, in heights of the digits beside it."""


def placed_sign(label: str, strokes: Sequence[Points], rng: np.random.Generator) -> list[Points]:
    """Return the strokes of one of SIGNS, of any size, as they stand beside digits: the ink's own size is not known."""
    every = np.concatenate(strokes)
    least, most = every.min(axis=0), every.max(axis=0)
    sizes, middles = SIGN_PLACES[label]
    scale = rng.uniform(*sizes) / max(float((most - least).max()), 1e-6)
    place = np.array([0, rng.uniform(*middles)])
    return [np.add((points - (least + most) / 2) * scale, place) for points in strokes]


def is_whole(label: str, strokes: Sequence[Points]) -> bool:
    """Say whether one of SIGNS is all there: of some only a part was kept, or what was drawn is another sign."""
    every = np.concatenate(strokes)
    wide, high = np.ptp(every, axis=0)
    if label == ":":  # two points, one above the other
        ends = sorted((points[:, 1].min(), points[:, 1].max()) for points in strokes)
        return len(ends) > 1 and ends[0][1] < ends[-1][0] and high > wide
    if label == "+":
        return min(wide, high) > _SHORTER_ARM * max(wide, high)
    if label == "/":  # and no backslash
        return every[every[:, 1].argmin(), 0] > every[every[:, 1].argmax(), 0]
    return label != "," or max(wide, high) > 0


_SHORTER_ARM = 0.35  # of the longer one: a plus with less is a dash


def styled(label: str, rng: np.random.Generator) -> list[Points]:
    """Return a digit of STYLED in one of its ways."""
    return _DIGITS[label](rng)


def sign(label: str, rng: np.random.Generator) -> list[Points]:
    """Return one of SIGNS or OTHERS; the box's height is that of the digits beside it, and y 1 their line."""
    return _SIGNS[label](rng)


def _curve(*points: tuple[float, float], rng: np.random.Generator, wobble: float = 0.03) -> Points:
    """Return a smooth curve through or near the points, each moved a little (corners cut as by G. Chaikin, 1974)."""
    curve = np.array(points, np.float64)
    curve = curve + rng.normal(0, wobble, curve.shape)
    for _ in range(3):
        before, after = curve[:-1], curve[1:]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
        curve = np.concatenate([curve[:1], cut, curve[-1:]])
    return curve


def _straight(*points: tuple[float, float], rng: np.random.Generator, wobble: float = 0.02) -> Points:
    corners = np.array(points, np.float64) + rng.normal(0, wobble, (len(points), 2))
    steps = [np.linspace(a, b, 6)[:-1] for a, b in itertools.pairwise(corners)]
    return np.concatenate([*steps, corners[-1:]])


def _one(rng: np.random.Generator) -> list[Points]:
    """Return one with a long upstroke, up to the whole height, or led in by a level stroke; sometimes with a foot."""
    if rng.random() < 0.15:
        reach, level, lean = rng.uniform(0.2, 0.6), rng.uniform(0.3, 0.7), rng.normal(0, 0.08)
        near = rng.uniform(-0.12, 0.04)
        draw = _curve if rng.random() < 0.3 else _straight
        lead = [(-reach, level), (near, level - rng.uniform(-0.02, 0.2))]
        return [draw(*lead, lead[1], (0, 0), (0, 0), (lean, 1), rng=rng)]
    if rng.random() < 0.06:  # no more than a stroke, and no steeper than a slash in an upright hand
        return [_straight((0, 0), (-rng.uniform(0.2, 0.55), 1), rng=rng)]
    reach, depth = rng.uniform(0.1, 0.7), rng.uniform(0.1, 1.0) if rng.random() < 0.5 else rng.uniform(0.7, 1.1)
    lean = rng.normal(0, 0.12)
    draw = _curve if rng.random() < 0.3 else _straight
    if rng.random() < 0.35:
        stem = [draw((0, 0), (lean / 2, 0.5), (lean, 1), rng=rng)]
    else:
        stem = [draw((-reach, depth), (-reach / 2, depth / 2), (0, 0), (0, 0), (lean, 1), rng=rng)]
    if rng.random() < 0.25:
        foot = rng.uniform(0.15, 0.4, 2)
        stem.append(_straight((lean - foot[0], 1), (lean + foot[1], 1), rng=rng))
    return stem


def _four(rng: np.random.Generator) -> list[Points]:
    """Return one open at the top, with straight or round arms, or in one stroke like a lightning."""
    kind = rng.random()
    low = rng.uniform(0.45, 0.75)
    if kind < 0.5:
        draw = _straight if rng.random() < 0.5 else _curve
        arm = draw((rng.uniform(0, 0.2), 0), (0, low), (0, low), (rng.uniform(0.55, 0.85), low), rng=rng)
        return [arm, _straight((0.5, rng.uniform(-0.1, 0.4)), (rng.uniform(0.35, 0.5), 1), rng=rng)]
    if kind < 0.8:
        return [
            _curve((0, 0), (0, low), (0.3, low + 0.1), (0.55, low - 0.1), rng=rng),
            _curve((0.6, -0.05), (0.55, 0.5), (0.5, 1), rng=rng),
        ]
    return [_straight((0.35, 0), (0, low), (0.6, low - 0.1), (0.35, 1), rng=rng)]


def _five(rng: np.random.Generator) -> list[Points]:
    """Return one like an S, like a root sign, with its bar left out, far off or very long."""
    kind = rng.random()
    if kind < 0.35:
        return [_curve((0.6, 0), (0.05, 0.05), (0, 0.4), (0.5, 0.5), (0.55, 0.9), (0, 1), rng=rng)]
    if kind < 0.5:
        return [_straight((0, 0.45), (0.15, 1), (0.3, 0.05), (rng.uniform(0.6, 1.2), 0), rng=rng)]
    belly = _curve((0.05, 0.1), (0, 0.45), (0.35, 0.4), (0.6, 0.7), (0.35, 1), (-0.1, 0.95), rng=rng)
    start = rng.uniform(-0.05, 0.25)
    bar = _straight(
        (start, rng.uniform(-0.08, 0.15)), (start + rng.uniform(0.3, 1.1), rng.uniform(-0.15, 0.1)), rng=rng
    )
    return [belly, bar]


def _seven(rng: np.random.Generator) -> list[Points]:
    """Return one crossed, with a tick at its left, with a foot; bent or straight."""
    draw = _curve if rng.random() < 0.4 else _straight
    corner = rng.uniform(0.25, 0.75)
    foot = rng.uniform(0.0, 0.6) * corner
    top = [(0.0, rng.uniform(0, 0.3)), (0.0, 0.03), (0.0, 0.03)] if rng.random() < 0.4 else [(0.0, 0.03)]
    if rng.random() < 0.3:  # a wave
        top += [(corner * 0.3, -0.06), (corner * 0.6, rng.uniform(0.02, 0.14))]
    strokes = [draw(*top, (corner, 0), (corner, 0), ((corner + foot) / 2, 0.5), (foot, 1), rng=rng)]
    if rng.random() < 0.6:
        y, reach = rng.uniform(0.3, 0.65), rng.uniform(0.15, 0.55)
        x = corner - y * (corner - foot)
        strokes.append(
            _straight((x - reach, y + rng.normal(0, 0.05)), (x + reach, y - rng.uniform(-0.05, 0.12)), rng=rng)
        )
    if rng.random() < 0.15:
        strokes.append(_straight((foot - 0.2, 1), (foot + 0.2, 1), rng=rng))
    return strokes


def _nine(rng: np.random.Generator) -> list[Points]:
    """Return one like a P: a stem, and a loop to its right or about its top; or like a g."""
    kind = rng.random()
    if kind < 0.15:  # so small a loop that a broad pen fills it, and a hook
        side, low = rng.uniform(0.25, 0.45), rng.uniform(0.3, 0.45)
        hook = [(side, 0.8), (side * 0.5, 1.05), (rng.uniform(-0.3, 0.0), 1.0)]
        return [_curve((side, 0.1), (0, 0), (0, low), (side * 0.7, low), (side, 0.05), (side, 0.5), *hook, rng=rng)]
    if kind < 0.6:
        low, wide = rng.uniform(0.4, 0.6), rng.uniform(0.35, 0.65)
        stem = _curve((0, 0.02), (0, 0.5), (rng.normal(0, 0.08), 1), rng=rng)
        start = rng.uniform(-0.2, 0)
        loop = [
            (start, 0.1),
            (wide * 0.6, -0.05),
            (wide, low / 2),
            (wide * 0.5, low),
            (0.02, low * rng.uniform(0.8, 1.1)),
        ]
        return [stem, _curve(*loop, rng=rng)]
    if kind < 0.78:
        return [_curve((0, 1), (0, 0.5), (0.05, 0), (0.6, -0.1), (0.6, 0.5), (0, 0.5), (-0.15, 0.35), rng=rng)]
    curl = rng.uniform(-0.1, 0.2)
    return [
        _curve(
            (0.5, 0.1),
            (0.1, -0.05),
            (-0.05, 0.35),
            (0.3, 0.5),
            (0.5, 0.1),
            (0.5, 0.7),
            (0.3, 1.1),
            (curl - 0.2, 0.9),
            rng=rng,
        )
    ]


def _zero(rng: np.random.Generator) -> list[Points]:
    """Return one slashed, open, closed with a stroke too many, or with one at its top that leads on."""
    wide, start = rng.uniform(0.4, 0.9), rng.uniform(-0.8, 1.2)
    turns = np.linspace(0, 2 * np.pi * rng.uniform(0.88, 1.2), 24) * rng.choice([-1, 1]) + start
    inwards = 1 - np.linspace(rng.uniform(-0.15, 0.15), rng.uniform(-0.15, 0.3), 24) * (np.arange(24) > 16)
    ring = np.column_stack([wide / 2 * inwards * np.sin(turns), 0.5 - 0.5 * inwards * np.cos(turns)])
    ring = ring + rng.normal(0, 0.01, (24, 2))
    kind = rng.random()
    if kind < 0.25:
        return [ring, _straight((-wide * 0.5, 0.85), (wide * 0.5, 0.15), rng=rng, wobble=0.08)]
    if kind < 0.5:
        end = wide * rng.uniform(0.6, 1.2), rng.uniform(-0.05, 0.1)
        return [ring, _curve((0, 0.03), (wide * 0.4, 0.12), end, rng=rng)]
    if kind < 0.65:
        return [ring, _curve((-wide * rng.uniform(0.1, 0.6), rng.uniform(-0.15, 0.1)), (0, 0), (0.1, 0.05), rng=rng)]
    return [ring]


def _two(rng: np.random.Generator) -> list[Points]:
    """Return one with a loop at its foot, that ends in a wave, or begins with a curl."""
    loop, wide = rng.uniform(-0.05, 0.25), rng.uniform(0.4, 0.7)
    start = [(0.15, 0.3), (0.02, 0.35), (0, 0.1)] if rng.random() < 0.3 else [(0, rng.uniform(0.1, 0.4))]
    end = (rng.uniform(0.6, 1.1), rng.uniform(0.85, 1.1))
    foot = [(-0.1, 1.05), (loop - 0.1, 0.75), (0.3, 0.95)] if rng.random() < 0.6 else [(-0.05, 1), (-0.05, 1)]
    return [_curve(*start, (0.2, -0.1), (wide, 0.1), (wide * 0.7, 0.6), *foot, end, rng=rng)]


def _three(rng: np.random.Generator) -> list[Points]:
    top = _straight((0, 0), (0.55, 0), (0.2, 0.42), rng=rng)
    return [np.concatenate([top, _curve((0.2, 0.42), (0.6, 0.45), (0.6, 0.9), (0.25, 1.05), (-0.05, 0.9), rng=rng)])]


_DIGITS: Mapping[str, Callable[[np.random.Generator], list[Points]]] = {
    "0": _zero,
    "1": _one,
    "2": _two,
    "3": _three,
    "4": _four,
    "5": _five,
    "7": _seven,
    "9": _nine,
}


def _dot(kind: str, size: float, rng: np.random.Generator) -> Points:
    """Return what a hand makes of a point, about (0, 0) and `size` long: see _DOTS."""
    if kind == "ring":
        turns = np.linspace(0, rng.uniform(5, 8), 10) + rng.uniform(0, 6.3)
        return size / 2 * np.column_stack([rng.uniform(0.6, 1.1) * np.sin(turns), np.cos(turns)])
    if kind == "scribble":
        return rng.uniform(-size / 2, size / 2, (8, 2))
    # From straight down to the lower left or right; seldom level.
    turn = rng.normal(0, 0.6)
    along = np.array([math.sin(turn), math.cos(turn)]) * size / 2
    if kind == "hook":
        back = np.array([rng.uniform(-0.6, 0.6), -rng.uniform(0, 0.4)]) * size
        return np.array([-along, along, np.add(along, back)])
    return np.array([-along, along])


_DOTS = {"point": 0.5, "stroke": 0.24, "hook": 0.1, "ring": 0.08, "scribble": 0.08}
"""What drawn points are like, as shares; that of the ink's: a half are no larger than the pen is wide."""

_DOT_SIZES = {"point": (0.0, 0.03), "stroke": (0.05, 0.2), "hook": (0.05, 0.14), "ring": (0.06, 0.17)}
_DOT_SIZES |= {"scribble": (0.04, 0.14)}  # in heights of the digits beside them


def _dot_kind(rng: np.random.Generator) -> tuple[str, float]:
    """Return how somebody draws points, and how large."""
    kind = list(_DOTS)[int(rng.choice(len(_DOTS), p=list(_DOTS.values())))]
    return kind, rng.uniform(*_DOT_SIZES[kind])


def _point(rng: np.random.Generator) -> list[Points]:
    kind, size = _dot_kind(rng)
    y = 1 + rng.normal(0, 0.05) - (rng.uniform(0, 0.55) if rng.random() < 0.3 else 0)
    # A long stroke would be a comma.
    return [np.add(_dot(kind, min(size, 0.12), rng), (0, y))]


def _comma(rng: np.random.Generator) -> list[Points]:
    """Return one that is straight or bent, and at times has a head."""
    length, lean = rng.uniform(0.12, 0.5), rng.uniform(0, 0.25)
    y = 1 + rng.normal(-0.03, 0.06)
    head = [(-0.06, y + 0.02), (-0.02, y - 0.04)] if rng.random() < 0.2 else []
    bend = rng.uniform(-0.05, 0.2) * length
    return [_curve(*head, (0, y), (0.02 + bend, y + length / 2), (-lean, y + length), rng=rng, wobble=0.015)]


def _dash(rng: np.random.Generator) -> list[Points]:
    y, length = rng.uniform(0.35, 0.7), rng.uniform(0.2, 0.8)
    if rng.random() < 0.12:  # at the end of an amount, so that nothing can be added
        length = rng.uniform(0.8, 2)
    draw = _straight if rng.random() < 0.7 else _curve
    return [draw((0, y), (length / 2, y + rng.normal(0, 0.03)), (length, y + rng.normal(0, 0.05)), rng=rng)]


def _slash(rng: np.random.Generator) -> list[Points]:
    """Return one as steep as drawn ones are; straight, bowed, or bent both ways."""
    over = rng.uniform(-0.05, 0.35, 2)
    top, bottom = (rng.uniform(0.25, 0.9), -over[0]), (0.0, 1 + over[1])
    if rng.random() < 0.6:
        return [_straight(top, bottom, rng=rng)]
    upper, lower = rng.normal(0, 0.06, 2)
    third = (bottom[1] - top[1]) / 3
    between = [(top[0] * 2 / 3 + upper, top[1] + third), (top[0] / 3 + lower, bottom[1] - third)]
    return [_curve(top, *between, bottom, rng=rng, wobble=0.02)]


def _colon(rng: np.random.Generator) -> list[Points]:
    """Return two points, mostly alike, as far apart and as high as people put them."""
    first = _dot_kind(rng)
    second = first if rng.random() < 0.75 else _dot_kind(rng)
    apart, middle = rng.uniform(0.25, 0.65), rng.uniform(0.5, 0.82)
    # Longer than that, two strokes below each other would be one.
    sizes = [min(size, 0.45 * apart) * rng.uniform(0.8, 1.2) for _, size in (first, second)]
    places = [(rng.normal(0, 0.04), middle - apart / 2), (rng.normal(0, 0.04), middle + apart / 2)]
    kinds = first[0], second[0]
    return [np.add(_dot(kind, size, rng), place) for kind, size, place in zip(kinds, sizes, places, strict=True)]


def _plus(rng: np.random.Generator) -> list[Points]:
    size, y = rng.uniform(0.2, 0.4), rng.uniform(0.4, 0.65)
    x = size + rng.normal(0, 0.05)
    return [_straight((0, y), (2 * size, y), rng=rng), _straight((x, y - size), (x, y + size), rng=rng)]


def _equals(rng: np.random.Generator) -> list[Points]:
    """Return two strokes, or one that does not leave the paper between them; level, or rising as a hand does.

    At the end of an amount they are often so short and so high that they look like a digit's ends or a colon.
    """
    if rng.random() < 0.4:
        y, apart, length = rng.uniform(0.0, 0.65), rng.uniform(0.12, 0.22), rng.uniform(0.1, 0.35)
    else:
        y, apart, length = rng.uniform(0.35, 0.6), rng.uniform(0.12, 0.3), rng.uniform(0.25, 0.7)
    rise = length * max(rng.normal(0.12, 0.2), -0.15)
    if rng.random() < 0.3:
        draw = _curve if rng.random() < 0.5 else _straight
        turn, back, end = (length, y - rise), (0, y + apart), (length, y + apart - rise)
        return [draw((0, y), turn, turn, back, back, end, rng=rng)]
    lower = length * rng.uniform(0.6, 1.4), rng.normal(0, 0.05)
    return [
        _straight((0, y), (length, y - rise), rng=rng),
        _straight((lower[1], y + apart), (lower[1] + lower[0], y + apart - rise * rng.uniform(0.6, 1.2)), rng=rng),
    ]


def _percent(rng: np.random.Generator) -> list[Points]:
    turns = np.linspace(0, 6.3, 12)
    ring = np.column_stack([0.13 * np.sin(turns), 0.15 * np.cos(turns)])
    return [np.add(ring, (0.1, 0.2)), _straight((0.6, 0), (0.05, 1), rng=rng), np.add(ring, (0.55, 0.8))]


def _dollar(rng: np.random.Generator) -> list[Points]:
    curl = _curve((0.55, 0.15), (0.2, 0), (0, 0.3), (0.55, 0.6), (0.45, 1), (0, 0.85), rng=rng)
    return [curl, _straight((0.3, -0.12), (0.28, 1.12), rng=rng)]


def _bracket(way: float) -> Callable[[np.random.Generator], list[Points]]:
    return lambda rng: [_curve((0.25 * way, -0.05), (-0.05 * way, 0.5), (0.25 * way, 1.08), rng=rng)]


def _apostrophe(rng: np.random.Generator) -> list[Points]:
    return [_straight((0.05, 0), (0, rng.uniform(0.12, 0.25)), rng=rng)]


def _times(rng: np.random.Generator) -> list[Points]:
    top = rng.uniform(0.3, 0.5)
    return [_straight((0, top), (0.5, 1), rng=rng), _straight((0.5, top), (0, 1), rng=rng)]


def _tilde(rng: np.random.Generator) -> list[Points]:
    return [_curve((0, 0.6), (0.2, 0.4), (0.4, 0.7), (0.6, 0.45), (0.8, 0.6), rng=rng)]


def _star(rng: np.random.Generator) -> list[Points]:
    ends = [(0.2 * np.cos(a), 0.2 * np.sin(a)) for a in (0.3, 1.4, 2.4)]
    return [_straight((0.2 - x, 0.25 - y), (0.2 + x, 0.25 + y), rng=rng) for x, y in ends]


def _hash(rng: np.random.Generator) -> list[Points]:
    bars = [_straight((0, y), (0.7, y), rng=rng) for y in (0.35, 0.65)]
    return [*bars, *(_straight((x + 0.1, 0), (x, 1), rng=rng) for x in (0.2, 0.45))]


_SIGNS: Mapping[str, Callable[[np.random.Generator], list[Points]]] = {
    ".": _point,
    ",": _comma,
    "-": _dash,
    "/": _slash,
    ":": _colon,
    "+": _plus,
    "=": _equals,
    "%": _percent,
    "$": _dollar,
    "(": _bracket(1),
    ")": _bracket(-1),
    "'": _apostrophe,
    "x": _times,
    "~": _tilde,
    "*": _star,
    "#": _hash,
}
