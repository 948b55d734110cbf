"""Digits that touch: what the network for chains of them sees, and where its answer has them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.normalise import thickened

HEIGHT = 32
"""Rows of a chain's picture."""

MARGIN = 2
"""Blank rows above and below the ink, and columns at least as wide beside it."""

THINNEST = 1.3
"""Strokes are brought to this width at least, in pixels of the picture: the network has learned from no hairlines."""

STRIDE = 2
"""Columns of the picture that one frame of the answer stands for."""

BLANK, OTHER = 10, 11
"""Classes of a frame beside the digits: it is no symbol's middle, or the middle of one that is no digit."""


def chain_picture(ink: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Return ink as the network for chains sees it, and how many of its pixels a pixel of the ink makes.

    `ink` is `(h, w)`, float32 in 0 … 1, cut to its box. The picture is `(32, W)`, W even, float32 in 0 … 1.
    """
    height, width = ink.shape
    scale = (HEIGHT - 2 * MARGIN) / height
    columns = max(1, round(width * scale))
    size = (columns, HEIGHT - 2 * MARGIN)
    small = np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.HAMMING))
    small = thickened(np.clip(small / max(float(small.max()), 0.25), 0, 1), THINNEST)
    return np.pad(small, ((MARGIN, MARGIN), (MARGIN, MARGIN + columns % STRIDE))), scale


@dataclass(frozen=True)
class Link:
    """A symbol of a chain: where its middle is, in columns of the ink, and what it may be.

    `probabilities` `(10,)` sum to 1; `is_digit` is 0 … 1.
    """

    middle: float
    probabilities: NDArray[np.float32]
    is_digit: float


def links(frames: NDArray[np.float32], scale: float, width: int) -> list[Link]:
    """Return the symbols of a chain from left to right; none where the network saw none.

    `frames` is the network's answer, `(W / 2, 12)`, `scale` what `chain_picture` gave, `width` the ink's columns.
    """
    here = 1 - frames[:, BLANK]
    found = []
    for peak in _peaks(here):
        around = slice(max(peak - 1, 0), peak + 2)
        seen = frames[around] * here[around, None]
        seen = seen.sum(axis=0) / max(float(here[around].sum()), 1e-6)
        digits = np.maximum(seen[:BLANK], 1e-6)
        middle = ((peak + 0.5) * STRIDE - MARGIN) / scale
        found.append(
            Link(
                min(max(middle, 0.0), width - 1.0),
                (digits / digits.sum()).astype(np.float32),
                float(digits.sum() / (digits.sum() + seen[OTHER])),
            )
        )
    return found


def _peaks(here: NDArray[np.float32]) -> list[int]:
    """Return where one symbol's middle is likelier than at its neighbours, and likelier than not."""
    padded = np.pad(here, 1)
    return [int(n) for n in np.flatnonzero((here >= 0.5) & (here >= padded[:-2]) & (here > padded[2:]))]
