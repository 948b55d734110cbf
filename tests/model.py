"""The model in CPython, for the tests: `digitpad` on onnxruntime instead of onnxruntime-web."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad import onnx
from digitpad.onnx import MODEL, at_once
from digitpad.reading import Networks, Reading, read

__all__ = ["MODEL", "networks", "read_grey", "read_image"]


@cache
def networks() -> Networks:
    return onnx.networks()


def read_image(image: Image.Image, single: bool | None = None) -> Reading:
    return at_once(read(image, networks(), single))


def read_grey(grey: NDArray[np.uint8], single: bool | None = None) -> Reading:
    return read_image(Image.fromarray(grey), single)
