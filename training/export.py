"""From Keras to ONNX."""

from pathlib import Path

import keras
import tensorflow as tf
import tf2onnx

OPSET = 17
OUTPUTS = ("probabilities", "is_digit", "features")


def export(model: keras.Model, path: Path) -> None:
    """Write the model to `path` as ONNX, with the input and the outputs that `training.model.build` names."""

    def infer(images: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs = model(images, training=False)
        return {name: tf.identity(outputs[name], name=name) for name in OUTPUTS}

    images = tf.TensorSpec((None, 28, 28), tf.float32, name="images")
    converted, _ = tf2onnx.convert.from_function(tf.function(infer), input_signature=[images], opset=OPSET)
    path.write_bytes(converted.SerializeToString())
