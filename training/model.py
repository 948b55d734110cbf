"""The network: six small convolutions, one hidden layer of features, and two answers."""

import keras
from keras import layers


def build() -> keras.Model:
    """Return the untrained network.

    Input `images`: `(N, 28, 28)`, float32, ink 1 on paper 0, as `digitpad.normalise` makes them.
    Outputs, by name: `probabilities` `(N, 10)`, which sum to 1; `is_digit` `(N,)` in 0 … 1; `features`
    `(N, 64)`, the last hidden layer.
    """
    images = keras.Input((28, 28), name="images")
    x = layers.Reshape((28, 28, 1))(images)
    for filters in (24, 48, 96):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.2)(x)
    x = layers.Flatten()(x)
    features = layers.Dense(64, activation="relu", name="features")(x)
    x = layers.Dropout(0.4)(features)
    probabilities = layers.Dense(10, activation="softmax", name="probabilities")(x)
    digitness = layers.Dense(1, activation="sigmoid")(x)
    is_digit = layers.Reshape((), name="is_digit")(digitness)
    return keras.Model(
        images, {"probabilities": probabilities, "is_digit": is_digit, "features": features}, name="digitpad"
    )
