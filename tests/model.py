"""The model in CPython, for the tests: `digitpad` on onnxruntime instead of onnxruntime-web."""

import asyncio
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from digitpad.reading import Outputs, Reading, read

MODEL = Path(__file__).resolve().parent.parent / "model.onnx"


@cache
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])


async def classify(images: NDArray[np.float32]) -> Outputs:
    return Outputs(*session().run(["probabilities", "is_digit"], {"images": images}))


def read_image(image: Image.Image) -> Reading:
    return asyncio.run(read(image, classify))


def read_grey(grey: NDArray[np.uint8]) -> Reading:
    return read_image(Image.fromarray(grey))
