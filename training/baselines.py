"""The three networks that digit demos usually have, trained as they train them: on MNIST's images as they are."""

from collections.abc import Iterator

import keras
import numpy as np
from keras import layers

from training.data import Glyphs

EPOCHS = 5
BATCH = 128
SEED = 1


def baselines(mnist: Glyphs) -> Iterator[tuple[str, keras.Model]]:
    """Yield the three networks with their descriptions, each trained with Adam on `mnist`, nothing deformed.

    Their input is `(N, 28, 28)`, float32 in 0 … 1, their output `(N, 10)`, rows sum to 1.
    """
    keras.utils.set_random_seed(SEED)
    for name, middle in (
        ("(a) conv 32, pool, dropout, conv 64, pool, dropout, dense 64", _a()),
        ("(b) conv 32, pool, conv 64, pool, dense 128, dropout", _b()),
        ("(c) three times conv, batch norm and pool; dense, dropout", _c()),
    ):
        images = [keras.Input((28, 28)), layers.Reshape((28, 28, 1))]
        model = keras.Sequential([*images, *middle, layers.Dense(10, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(mnist.images.astype(np.float32) / 255, mnist.labels, batch_size=BATCH, epochs=EPOCHS, verbose=2)
        yield name, model


def _a() -> list[layers.Layer]:
    return [
        *(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.Dropout(0.25)),
        *(layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(), layers.Dropout(0.25)),
        *(layers.Flatten(), layers.Dense(64, activation="relu")),
    ]


def _b() -> list[layers.Layer]:
    return [
        *(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()),
        *(layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D()),
        *(layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5)),
    ]


def _c() -> list[layers.Layer]:
    blocks: list[layers.Layer] = []
    for filters in (32, 64, 128):
        blocks += [layers.Conv2D(filters, 3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
        blocks += [layers.MaxPooling2D()]
    return [*blocks, layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5)]
