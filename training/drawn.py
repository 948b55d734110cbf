"""Digits in ways of writing that few of the ink's writers have, drawn to teach the network of single digits.

Of `training.styles` those that nobody takes for another digit or a letter, and two more.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from training.styles import Points, styled

DRAWN: Mapping[str, float] = {"1": 0.24, "4": 0.2, "7": 0.2, "8": 0.18, "9": 0.18}
"""Of all that is drawn, the share of each digit."""

FLATTEST = 0.6
"""How steeply the flag of a 1 falls at least: one that is flatter makes it a 7."""

NARROWEST = 0.4
"""How wide a 7 is at least, as a share of its height: one that is narrower may be a 1."""


def drawn(label: str, rng: np.random.Generator) -> tuple[list[Points], float | None]:
    """Return the strokes of one of DRAWN, and the pen's width as a share of its size; None where any pen will do.

    A 1 has a long flag, a 4 is open, a 7 crossed, an 8 open at its top, and a 9's loop has run full.
    """
    if label == "8":
        return [_open_eight(rng)], None
    if label == "9":
        return _full_nine(rng)
    strokes = styled(label, rng)
    while not _is_plain(label, strokes):
        strokes = styled(label, rng)
    return strokes, None


def _is_plain(label: str, strokes: Sequence[Points]) -> bool:
    """Say whether a 1, 4 or 7 is taken for nothing else: a 4 in one stroke is as well a 5, a 7 without a bar a 1."""
    x, y = strokes[0][0]
    if label == "1":
        return bool(y >= -FLATTEST * x)
    if len(strokes) < 2:
        return False
    is_crossed = strokes[1][:, 1].mean() < 0.8  # and not only on a foot
    return label == "4" or bool(is_crossed and np.ptp(strokes[0][:, 0]) >= NARROWEST)


def _open_eight(rng: np.random.Generator) -> Points:
    """Return a figure of eight that begins and ends at its top, with its ends apart, curled in or straight."""
    gap, share = rng.uniform(0.5, 1.1), rng.uniform(0.1, 0.9)
    turn = np.linspace(gap * share, 2 * np.pi - gap * (1 - share), 48)
    to_top = np.minimum(turn, 2 * np.pi - turn) / (np.pi / 2)  # 0 at the top, 1 where it crosses itself
    side = np.where(turn < np.pi, 1, -1)
    straight = side * 1.1 * np.maximum(1 - to_top, 0)
    shares = np.where(side > 0, rng.uniform(0, 0.6), rng.uniform(0, 0.6)) * (to_top < 1)
    x = (1 - shares) * np.sin(2 * turn) + shares * straight
    return np.column_stack([rng.uniform(0.18, 0.34) * x, 0.5 - 0.5 * np.cos(turn)])


def _full_nine(rng: np.random.Generator) -> tuple[list[Points], float]:
    """Return a 9 with a small loop, and a pen so broad that next to nothing of the loop's inside is left."""
    reach, wide = rng.uniform(0.14, 0.19), rng.uniform(0.8, 1.3)
    turn = np.linspace(0, 2 * np.pi, 20) + rng.uniform(-0.5, 0.3)
    loop = np.column_stack([reach * wide * np.cos(turn), reach - reach * np.sin(turn)])
    end, bend = rng.uniform(-0.25, 0.1), rng.uniform(-0.05, 0.12)
    down = np.linspace(0, 1, 10)[1:, None]
    stem = loop[-1] + down * (np.array([reach * wide + end, 1]) - loop[-1]) + np.sin(np.pi * down) * (bend, 0)
    return [np.concatenate([loop, stem])], min(2 * reach * rng.uniform(0.75, 1.05), 0.28)
