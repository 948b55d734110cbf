"""From Keras to ONNX, and whether both say the same."""

from pathlib import Path

import keras
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from training.model import probabilities

OPSET = 17
OUTPUTS = ("probabilities", "is_digit", "features")


def export(model: keras.Model, path: Path) -> None:
    """Write the model to `path` as ONNX, with the input and the outputs that `training.model.build` names.

    Needs Keras on TensorFlow.
    """
    import tensorflow as tf
    import tf2onnx

    def infer(images: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs = model(images, training=False)
        return {name: tf.identity(outputs[name], name=name) for name in OUTPUTS}

    images = tf.TensorSpec((None, 28, 28), tf.float32, name="images")
    converted, _ = tf2onnx.convert.from_function(tf.function(infer), input_signature=[images], opset=OPSET)
    path.write_bytes(converted.SerializeToString())


def run(model: Path, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Return the model's outputs by name for `images`, `(N, 28, 28)`, uint8, 255 full ink; N may be 0."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    chunks = [
        session.run(names, {"images": images[start : start + 512].astype(np.float32) / 255})
        for start in range(0, max(len(images), 1), 512)
    ]
    return {name: np.concatenate(parts) for name, parts in zip(names, zip(*chunks, strict=True), strict=True)}


def parity(model: keras.Model, path: Path, images: NDArray[np.uint8]) -> dict[str, float]:
    """Return how Keras and ONNX differ: on how many images the likeliest digit, and a probability by how much."""
    keras_says = probabilities(model, images)
    onnx_says = run(path, images)["probabilities"]
    return {
        "images": len(images),
        "differ": int((keras_says.argmax(axis=1) != onnx_says.argmax(axis=1)).sum()),
        "largest": float(np.abs(keras_says - onnx_says).max()),
    }
