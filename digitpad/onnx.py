"""The networks in CPython, for the shell and the tests: onnxruntime, where the page has onnxruntime-web."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from digitpad.line import Lines
from digitpad.reading import Networks, Outputs

MODEL = Path(__file__).resolve().parent.parent / "model.onnx"
"""The project's own model."""

READER = MODEL.with_name("reader.onnx")
"""Its line reader."""

Result = TypeVar("Result")


def networks(model: Path = MODEL, reader: Path = READER) -> Networks:
    """Return what `read` asks, on the networks' files. What onnxruntime cannot load raises an error of its own."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # more take longer to come together than such small networks do
    classifier, of_lines = (
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"]) for path in (model, reader)
    )

    async def classify(images: NDArray[np.float32]) -> Outputs:
        return Outputs(*classifier.run(["probabilities", "is_digit"], {"images": images}))

    async def read_lines(pictures: NDArray[np.float32]) -> Lines:
        return Lines(*of_lines.run(["frames", "extents"], {"lines": pictures}))

    return Networks(classify, read_lines)


def at_once(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Return what a coroutine returns that waits for the answers of `networks` only.

    onnxruntime answers at once, so nothing is ever waited for, and no event loop is needed: none that would hold
    Ctrl-C back, and none beside Playwright's, which runs in the end-to-end tests.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: Result = done.value
        return result
    raise RuntimeError("The coroutine waits for something else.")
