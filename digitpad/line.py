"""A line of writing as the line reader sees it, and what its answer says: which symbols stand there, and where.

The network slides over the grey picture of a line and says for every two columns which symbol has its middle there, if
any. It has learned that by connectionist temporal classification (A. Graves and others, ICML 2006), so that the frames
of its answer are decoded as such: neighbouring frames of one class are one symbol.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.morphology import Box

HEIGHT = 40
"""Rows of a line's picture."""

STRIDE = 2
"""Columns of the picture that one frame of the answer stands for."""

SYMBOLS = "0123456789.,-/:+?"
"""The classes of a frame, in their order; `?` is any other symbol. One more class, BLANK, says that none is there."""

BLANK = len(SYMBOLS)
OTHER = SYMBOLS.index("?")

NARROWEST = 16
"""Columns that a picture has at least, so that each convolution has something to see."""

_WIDEST = 60  # times its height: more than any line of writing is
_SOFTENED = 8.0  # grey levels added to the deviation, so that bare paper's grain is not blown up to writing
_SAME = 0.6  # of what two boxes cover together: with so much in common, neighbouring frames are of one symbol
_BEAM = 12  # prefixes that the search for alternatives goes on with
_LEAST = 1e-3  # classes of a frame that are less likely than this are not followed


def line_picture(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a line or a cell as the line reader sees it, `(40, W)`, float32, W a multiple of 4.

    `grey` is `(h, w)`, uint8, as it stands: nothing is told from paper. Brought to 40 rows, each pixel is
    `(mean - x) / (deviation + 8)`: dark ink is above zero, bare paper about zero.
    """
    height, width = grey.shape
    columns = min(max(round(width * HEIGHT / height), 1), _WIDEST * HEIGHT)
    small = np.asarray(Image.fromarray(grey).resize((columns, HEIGHT), Image.Resampling.BICUBIC))
    return padded(normalised(small), max(columns, NARROWEST))


def normalised(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return `(mean - x) / (deviation + 8)` of grey levels, `(H, W)`, as float32."""
    levels = grey.astype(np.float32)
    return (levels.mean() - levels) / (levels.std() + np.float32(_SOFTENED))


def padded(picture: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return a picture, `(40, w)`, with columns of nothing at its right: at least `width`, and a multiple of 4."""
    whole = np.zeros((HEIGHT, math.ceil(width / 4) * 4), np.float32)
    whole[:, : picture.shape[1]] = picture
    return whole


@dataclass(frozen=True)
class Lines:
    """What the line reader says of N pictures `(N, 40, W)`.

    `frames` `(N, W / 2, 18)`: for every two columns the probabilities of SYMBOLS and BLANK, rows sum to 1. `extents`
    `(N, W / 2, 4)`: how far the symbol of that frame reaches to the left, up, right and down from the frame's middle,
    in pixels of the picture.
    """

    frames: NDArray[np.float32]
    extents: NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """A symbol of a line: which of SYMBOLS, how sure that is, 0 … 1, and its box in pixels of the line's picture.

    `probabilities` `(17,)` are those of SYMBOLS given that there is one, and `box` is left, top, right and bottom.
    """

    symbol: str
    confidence: float
    probabilities: NDArray[np.float32]
    box: Box


def decode(frames: NDArray[np.float32], extents: NDArray[np.float32]) -> list[Found]:
    """Return the symbols of a line from left to right: the likeliest class of each frame, runs of one class joined.

    `frames` `(T, 18)` and `extents` `(T, 4)` are of one line, as `Lines` has them. Runs of two classes side by side,
    at the same place, are one symbol in doubt: of the class that is likelier over both.
    """
    best = frames.argmax(axis=1)
    edges = np.flatnonzero(np.diff(best, prepend=BLANK, append=BLANK)).tolist()
    found: list[Found] = []
    first, last = 0, 0  # the frames of the symbol found last
    for start, end in itertools.pairwise(edges):
        if best[start] == BLANK:
            continue
        one = _symbol(frames, extents, start, end)
        if found and start == last and _overlap(found[-1].box, one.box) > _SAME:
            found[-1] = _symbol(frames, extents, first, end)
        else:
            found.append(one)
            first = start
        last = end
    return found


def _symbol(frames: NDArray[np.float32], extents: NDArray[np.float32], start: int, end: int) -> Found:
    """Return the symbol whose frames are `start` … `end - 1`."""
    likeliest = int(frames[start:end, :BLANK].sum(axis=0).argmax())
    peak = start + int(frames[start:end, likeliest].argmax())
    seen = np.maximum(frames[peak, :BLANK], 1e-6)
    x, y = (peak + 0.5) * STRIDE, HEIGHT / 2
    left, up, right, down = extents[peak].tolist()
    box = (x - left, y - up, x + right, y + down)
    return Found(SYMBOLS[likeliest], float(frames[peak, likeliest]), (seen / seen.sum()).astype(np.float32), box)


def _overlap(one: Box, other: Box) -> float:
    """Return the share that two boxes have in common of what they cover together."""
    (left, top, right, bottom), (x, y, far, below) = one, other
    wide, high = min(right, far) - max(left, x), min(bottom, below) - max(top, y)
    common = max(wide, 0.0) * max(high, 0.0)
    together = (right - left) * (bottom - top) + (far - x) * (below - y) - common
    return common / together if together > 0 else 0.0


def alternatives(frames: NDArray[np.float32], most: int) -> list[tuple[str, float]]:
    """Return the likeliest texts of a line with their probabilities, the likeliest first, up to so many.

    Found by prefix beam search (A. Hannun and others, "First-pass large vocabulary continuous speech recognition using
    bi-directional recurrent DNNs", 2014, algorithm 1, without a language model). `frames` is `(T, 18)`.
    """
    # For each prefix, how likely it is with the last frame blank, and with it that of the last symbol.
    beam: Sequence[tuple[str, tuple[float, float]]] = [("", (1.0, 0.0))]
    likely: list[list[tuple[str, float]]] = [[] for _ in frames]
    for row, number in np.argwhere(frames[:, :BLANK] > _LEAST).tolist():
        likely[row].append((SYMBOLS[number], float(frames[row, number])))
    # In most frames nothing but blank is likely: one step stands for all of them in a row.
    for is_blank, rows in itertools.groupby(range(len(frames)), key=lambda row: not likely[row]):
        if is_blank:
            blank = float(frames[list(rows), BLANK].prod())
            beam = [(prefix, ((ended + going) * blank, 0.0)) for prefix, (ended, going) in beam]
            continue
        for row in rows:
            beam = _followed(beam, likely[row], float(frames[row, BLANK]))
    ranked_texts = sorted(((text, ended + going) for text, (ended, going) in beam), key=lambda item: -item[1])
    return ranked_texts[:most]


def _followed(
    beam: Sequence[tuple[str, tuple[float, float]]], likely: Sequence[tuple[str, float]], blank: float
) -> list[tuple[str, tuple[float, float]]]:
    """Return the likeliest prefixes after one more frame, in which these symbols, or a blank, are so likely."""
    after: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for prefix, (ended, going) in beam:
        after[prefix][0] += (ended + going) * blank
        for symbol, probability in likely:
            if prefix.endswith(symbol):
                after[prefix][1] += going * probability
                after[prefix + symbol][1] += ended * probability
            else:
                after[prefix + symbol][1] += (ended + going) * probability
    ranked = sorted(after.items(), key=lambda item: -sum(item[1]))[:_BEAM]
    return [(prefix, (ended, going)) for prefix, (ended, going) in ranked]
