"""Samples of ink that nobody can read: told by their strokes alone: no network is asked about its errors."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from training.data import Symbol

STRAIGHT = 0.07
"""How far all ink of a straight stroke is from a line at most, as a share of its length.

Of all digits in ink but ones, those that are no further than that are single strokes, ticks and dots.
"""


def is_broken(symbol: Symbol) -> bool:
    """Say whether all that is left of a digit is one straight stroke, or a dot: no 1, or a 1 that lies flat."""
    points = np.concatenate([np.reshape(stroke, (-1, 2)) for stroke in symbol.strokes]).astype(np.float64)
    wide, high = np.ptp(points, axis=0)
    away = points - points.mean(axis=0)
    (_, across) = np.linalg.eigh(away.T @ away)[1].T[::-1]  # along the ink, and across
    is_straight = np.abs(away @ across).max() <= STRAIGHT * np.hypot(wide, high)
    return bool(is_straight and (symbol.label != "1" or wide > high))


def listed(symbols: Sequence[Symbol]) -> str:
    """Return how many samples of each digit each writer has among these, in words."""
    counts = Counter((symbol.writer, symbol.label) for symbol in symbols)
    return ", ".join(f"{writer}: {label} × {n}" for (writer, label), n in sorted(counts.items()))
