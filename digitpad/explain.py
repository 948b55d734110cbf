"""What spoke for an answer: the network is asked again and again, each time with a little of the ink rubbed out.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (ECCV 2014), section 4.2, occlude
patches of an image in the same way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.normalise import SIDE, frame_of
from digitpad.reading import Networks, find_symbols

RUBBER = 2.5
"""Radius of the patch that is rubbed out, in pixels of 28: a little more than a stroke is wide."""

_STRIDE = 1.5  # from one patch to the next, in pixels
_LEAST_INK = 0.5  # a patch with less ink than this, in pixels, changes nothing
_CERTAIN = 1e-6  # probabilities are kept this far from 0 and 1, for their odds to be finite


@dataclass(frozen=True)
class Explanation:
    """What spoke for `digit`.

    `heat` is `(28, 28)`, float32 in -1 … 1, zero where there is no ink: above zero is ink without which the digit
    would be less likely, below zero ink without which it would be more likely; the strongest is 1 or -1.
    `frame` is where it lies on the image: `(left, top, side)` in the image's pixels.
    """

    digit: int
    heat: NDArray[np.float32]
    frame: tuple[float, float, float]


async def explain(
    image: Image.Image,
    networks: Networks,
    single: bool | None = None,
    index: int = -1,
    is_upright: bool = False,
    is_drawn: bool = False,
) -> Explanation | None:
    """Return what speaks for a digit of what `recognise` reads, by its number; None where there is no such one."""
    page, symbols, _ = await find_symbols(image, networks, single, is_upright, is_drawn)
    seen = [(symbol.piece, symbol.image) for symbol in symbols if symbol.image is not None]
    if not -len(seen) <= index < len(seen):
        return None
    piece, picture = seen[index]
    patches = _patches(picture)
    outputs = await networks.classify(np.concatenate([picture[None], picture * (1 - patches)]))
    digit = int(outputs.probabilities[0].argmax())
    log_odds = _log_odds(outputs.probabilities[:, digit])
    loss = log_odds[0] - log_odds[1:]
    covered = patches.sum(axis=0)
    heat = picture * np.tensordot(loss, patches, axes=1) / np.maximum(covered, _LEAST_INK)
    strongest = max(float(np.abs(heat).max()), _CERTAIN)
    left, top, side = frame_of(piece.ink)
    left, top = left + piece.left, top + piece.top
    left, top, right, _ = page.in_image((left, top, left + side, top + side))
    return Explanation(digit, (heat / strongest).astype(np.float32), (left, top, right - left))


def _patches(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the patches to rub out, `(K, 28, 28)`, 1 inside to 0 outside: round ones that lie on ink."""
    pixels = np.arange(SIDE) + 0.5
    centres = np.arange(_STRIDE / 2, SIDE, _STRIDE)
    square = (pixels[None, :] - centres[:, None]) ** 2
    distance = np.sqrt(square[:, None, :, None] + square[None, :, None, :]).reshape(-1, SIDE, SIDE)
    patches = np.clip(RUBBER + 0.5 - distance, 0, 1).astype(np.float32)
    return patches[(patches * picture).sum(axis=(1, 2)) > _LEAST_INK]


def _log_odds(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    p = np.clip(probabilities.astype(np.float64), _CERTAIN, 1 - _CERTAIN)
    return np.log(p / (1 - p))
