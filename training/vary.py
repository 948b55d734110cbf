"""The same symbol as another hand might have written it: strokes in, other strokes out.

A stroke is varied as a curve, before it is drawn, so that no width or edge of the pen is deformed with it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.ink import Stroke, extent

Points = NDArray[np.float64]
"""The points of one stroke, `(N, 2)`, x to the right and y down; here a symbol's longer side is 1."""

TURN = 15.0  # degrees
SLANT = 0.35
STRETCH = 0.2
BEND = 0.05
STROKE_SHIFT = 0.03
STROKE_STRETCH = 0.08
STROKE_TURN = 6.0  # degrees
TREMOR = 0.012
CROSSED = 0.06  # the share of zeros and sevens that are crossed


def vary(strokes: Sequence[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Return the symbol written a little differently.

    Every stroke is moved, turned and stretched by itself; then the whole is bent along smooth waves, turned,
    slanted and stretched. A quarter of the symbols become jagged, as on a slow tablet or by a trembling hand,
    and a quarter smooth. Raises ValueError where there is no point.
    """
    left, top, right, bottom = extent(strokes)
    size = max(right - left, bottom - top) or 1.0
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    curves = [(np.reshape(stroke, (-1, 2)) - middle) / size for stroke in strokes]
    kind = rng.uniform()
    if kind < 0.25:
        curves = [_roughen(curve, rng) for curve in curves]
    elif kind < 0.5:
        curves = [_smooth(_smooth(curve)) for curve in curves]
    curves = [_bend(_move(curve, rng), phase) for phase in [_waves(rng)] for curve in curves]
    matrix = _affine(TURN, SLANT, STRETCH, rng)
    return [(curve @ matrix.T * size + middle).ravel().tolist() for curve in curves]


def cross(label: str, strokes: Sequence[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Cross some zeros, with a slash or a bar, and some sevens, as many people do; the rest stays as it is.

    Few of the writers who taught the network do the one or the other.
    """
    left, top, right, bottom = extent(strokes)
    wide, high = right - left, bottom - top
    whole = list(strokes)
    if rng.uniform() >= CROSSED or len(strokes) > 1 or high < wide / 2 or not high:
        return whole
    if label == "0":
        angle = rng.uniform(-0.15, 0.15) if rng.uniform() < 0.5 else rng.uniform(0.6, 1.2)
        reach = rng.uniform(0.5, 0.8) * (wide if angle < 0.5 else high)
        x, y = left + wide * rng.uniform(0.45, 0.55), top + high * rng.uniform(0.4, 0.6)
    elif label == "7":
        points = np.reshape(strokes[0], (-1, 2))
        y = top + high * rng.uniform(0.45, 0.65)
        # The stem is what comes last.
        x = float(points[::-1][np.abs(points[::-1, 1] - y).argmin(), 0])
        angle, reach = rng.uniform(-0.1, 0.3), rng.uniform(0.15, 0.35) * high
    else:
        return whole
    dx, dy = reach * np.cos(angle), reach * np.sin(angle)
    return [*whole, np.linspace((x - dx, y + dy), (x + dx, y - dy), 8).ravel().tolist()]


def _move(curve: Points, rng: np.random.Generator) -> Points:
    """Move, turn and stretch a stroke about its own middle."""
    middle = (curve.min(axis=0) + curve.max(axis=0)) / 2
    matrix = _affine(STROKE_TURN, 0, STROKE_STRETCH, rng)
    return (curve - middle) @ matrix.T + middle + rng.uniform(-STROKE_SHIFT, STROKE_SHIFT, 2)


def _affine(turn: float, slant: float, stretch: float, rng: np.random.Generator) -> Points:
    angle = np.radians(rng.uniform(-turn, turn))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slanted = np.array([[1, rng.uniform(-slant, slant)], [0, 1]])
    return turned @ slanted @ np.diag(1 + rng.uniform(-stretch, stretch, 2))


def _waves(rng: np.random.Generator) -> Points:
    """Return two waves across the symbol: for x and for y a frequency vector, a phase and a reach, `(2, 4)`."""
    frequency = rng.uniform(-1, 1, (2, 2)) * 2 * np.pi
    return np.column_stack([frequency, rng.uniform(0, 2 * np.pi, 2), rng.uniform(0, BEND, 2)])


def _bend(curve: Points, waves: Points) -> Points:
    return curve + np.sin(curve @ waves[:, :2].T + waves[:, 2]) * waves[:, 3]


def _roughen(curve: Points, rng: np.random.Generator) -> Points:
    """Keep every n-th point and both ends, and let the pen tremble."""
    step = rng.integers(1, max(2, len(curve) // 8 + 1))
    kept = np.unique(np.r_[np.arange(0, len(curve), step), len(curve) - 1])
    return curve[kept] + rng.normal(0, TREMOR * rng.uniform(), (len(kept), 2))


def _smooth(curve: Points) -> Points:
    """Cut the corners (G. Chaikin, "An algorithm for high-speed curve generation", 1974); the ends stay."""
    if len(curve) < 3:
        return curve
    before, after = curve[:-1], curve[1:]
    cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
    return np.concatenate([curve[:1], cut[1:-1], curve[-1:]])
