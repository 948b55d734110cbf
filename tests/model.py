"""The model in CPython, for the tests: `digitpad` on onnxruntime instead of onnxruntime-web."""

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
    # onnxruntime answers at once, so nothing is ever waited for, and no event loop needed: in the end-to-end
    # tests Playwright's is running already.
    try:
        read(image, classify).send(None)
    except StopIteration as done:
        reading: Reading = done.value
        return reading
    raise AssertionError("the reading waits for something")


def read_grey(grey: NDArray[np.uint8]) -> Reading:
    return read_image(Image.fromarray(grey))
