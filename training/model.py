"""The network: six convolutions, one hidden layer of features, and two answers."""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray


def build() -> keras.Model:
    """Return the untrained network, as it learns.

    Input `images`: `(N, 28, 28)`, float32, ink 1 on paper 0, as `digitpad.normalise` makes them.
    Outputs, by name: `probabilities` `(N, 10)`, which sum to 1; `is_digit` `(N,)` in 0 … 1.
    """
    images = keras.Input((28, 28), name="images")
    x = layers.Reshape((28, 28, 1))(images)
    # Most of what 28 × 28 pixels hold is there at half of it, and every layer costs a quarter from then on.
    x = _convolve(x, 32, size=5, strides=2)
    x = _convolve(_convolve(x, 40), 40)
    x = layers.Dropout(0.1)(layers.MaxPooling2D()(x))
    x = _convolve(x, 80)
    x = layers.ReLU()(layers.Add()([x, _convolve(_convolve(x, 80), 80, is_last=True)]))
    x = layers.Dropout(0.1)(layers.MaxPooling2D()(x))
    features = layers.Dense(64, activation="relu", name="features")(layers.Flatten()(x))
    x = layers.Dropout(0.3)(features)
    probabilities = layers.Dense(10, activation="softmax", name="probabilities")(x)
    digitness = layers.Dense(1, activation="sigmoid")(x)
    is_digit = layers.Reshape((), name="is_digit")(digitness)
    return keras.Model(images, {"probabilities": probabilities, "is_digit": is_digit}, name="digitpad")


def with_features(learner: keras.Model) -> keras.Model:
    """Return the same network with a third output, `features` `(N, 64)`, the last hidden layer."""
    return keras.Model(learner.input, {**learner.output, "features": learner.get_layer("features").output})


def probabilities(network: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the network says of `images`, `(N, 28, 28)`, uint8, 255 full ink: `(N, 10)`, rows sum to 1."""
    said: NDArray[np.float32] = network.predict(images.astype(np.float32) / 255, batch_size=2048, verbose=0)[
        "probabilities"
    ]
    return said


def _convolve(
    x: keras.KerasTensor, filters: int, size: int = 3, strides: int = 1, is_last: bool = False
) -> keras.KerasTensor:
    x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return x if is_last else layers.ReLU()(x)
