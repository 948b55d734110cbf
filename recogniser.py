"""The worker's Python: pixels or an image file in, a reading out. The one file that knows onnxruntime-web."""

from pathlib import Path

import js
from pyodide.ffi import JsProxy, to_js
from pyscript.js_modules import ort


def report(part: str) -> None:
    """Tell the page how far the start has come."""
    js.postMessage(to_js({"part": part}, dict_converter=js.Object.fromEntries))


report("python")

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.image import open_image
from digitpad.reading import Outputs, read

report("packages")

# More threads would need headers that a plain static host does not send.
ort.env.wasm.numThreads = 1
session = await ort.InferenceSession.create(to_js(Path("model.onnx").read_bytes()))  # noqa: F704


async def classify(images: NDArray[np.float32]) -> Outputs:
    """Run the network on `images`, `(N, 28, 28)`; see the model's outputs in `digitpad.reading.Outputs`."""
    tensor = ort.Tensor.new("float32", to_js(images.ravel()), to_js(images.shape))
    outputs = await session.run(to_js({"images": tensor}, dict_converter=js.Object.fromEntries))
    probabilities, is_digit = outputs.probabilities, outputs.is_digit
    return Outputs(
        np.asarray(probabilities.data.to_py()).reshape(-1, 10),
        np.asarray(is_digit.data.to_py()),
    )


async def read_pixels(pixels: JsProxy, width: int, height: int) -> JsProxy:
    """Read RGBA pixels, four bytes each, row by row."""
    return await _answer(Image.frombuffer("RGBA", (width, height), pixels.to_bytes()))


async def read_file(content: JsProxy) -> JsProxy:
    """Read an image file, given as its bytes."""
    try:
        image = open_image(content.to_bytes())
    except ValueError as error:
        return to_js({"error": str(error)}, dict_converter=js.Object.fromEntries)
    return await _answer(image)


async def _answer(image: Image.Image) -> JsProxy:
    return to_js(await read(image, classify), dict_converter=js.Object.fromEntries)


# The first run compiles and allocates; nobody's first digit is to wait for that.
await classify(np.zeros((1, 28, 28), np.float32))  # noqa: F704
report("model")

__export__ = ["read_file", "read_pixels"]
