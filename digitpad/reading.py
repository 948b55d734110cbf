"""From an image to a reading: find the ink, normalise it, have it classified, and say what was read."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.ink import grey_of, ink_of
from digitpad.normalise import SIDE, bounding_box, normalise

LIKELY_DIGIT = 0.1
"""What the model holds less likely than this to be a digit is not read as one.

So low because a digit turned away is the worse mistake: it happens to one in a hundred of unseen writers' digits.
training/REPORT.md says how often either mistake is made.
"""

NO_DIGIT = "?"
"""What stands in a text for something that is no digit."""

ENOUGH = 1024
"""Images are brought down to about this many pixels on their longer side; digits need no more."""


@dataclass(frozen=True)
class Outputs:
    """What the model says of N images: `probabilities` `(N, 10)`, rows sum to 1; `is_digit` `(N,)`, 0 … 1."""

    probabilities: NDArray[np.float32]
    is_digit: NDArray[np.float32]


Classifier = Callable[[NDArray[np.float32]], Awaitable[Outputs]]


class Line(TypedDict):
    """A line of text and its box `[x, y, width, height]` in the image's pixels."""

    text: str
    box: list[int]


class Digit(TypedDict):
    """One symbol: the likeliest digit, how likely each is, whether it is one at all, and where it stands."""

    digit: int
    confidence: float
    probabilities: list[float]
    is_digit: float
    box: list[int]
    line: int


class Reading(TypedDict):
    """All that was read of an image. An image without ink has an empty text, and no lines or digits."""

    text: str
    lines: list[Line]
    digits: list[Digit]
    milliseconds: float


@dataclass(frozen=True)
class Sight:
    """A reading, and what the network saw: `pictures` `(N, 28, 28)`, float32, ink 1 on paper 0, one a digit."""

    reading: Reading
    pictures: NDArray[np.float32]


async def read(image: Image.Image, classify: Classifier) -> Reading:
    """Return what an image says, taken as one symbol; the image may be of any mode and size.

    `classify` takes `(N, 28, 28)`, float32, ink 1 on paper 0. It is awaited, since onnxruntime-web answers
    later.
    """
    return (await look(image, classify)).reading


async def look(image: Image.Image, classify: Classifier) -> Sight:
    """Read as `read` does, and return what the network saw as well."""
    started = time.perf_counter()
    ink, scale = find_ink(image)
    found = bounding_box(ink)
    digits: list[Digit] = []
    pictures = np.zeros((0, SIDE, SIDE), np.float32)
    if found is not None:
        pictures = normalise(ink)[None]
        outputs = await classify(pictures)
        left, top, right, bottom = (edge * scale for edge in found)
        digits = [_digit(outputs, 0, [left, top, right - left, bottom - top])]
    reading: Reading = {
        "text": "".join(map(_character, digits)),
        "lines": [{"text": _character(digit), "box": digit["box"]} for digit in digits],
        "digits": digits,
        "milliseconds": (time.perf_counter() - started) * 1000,
    }
    return Sight(reading, pictures)


def find_ink(image: Image.Image) -> tuple[NDArray[np.float32], int]:
    """Return the ink of an image as `ink_of` does, and how many of the image's pixels go into one of its, a side."""
    grey = grey_of(image)
    scale = math.ceil(max(grey.shape) / ENOUGH)
    if scale > 1:
        grey = np.asarray(Image.fromarray(grey).reduce(scale))
    return ink_of(grey), scale


def _digit(outputs: Outputs, index: int, box: list[int]) -> Digit:
    probabilities = outputs.probabilities[index]
    digit = int(probabilities.argmax())
    return {
        "digit": digit,
        "confidence": float(probabilities[digit]),
        "probabilities": probabilities.tolist(),
        "is_digit": float(outputs.is_digit[index]),
        "box": box,
        "line": 0,
    }


def _character(digit: Digit) -> str:
    return str(digit["digit"]) if digit["is_digit"] >= LIKELY_DIGIT else NO_DIGIT
