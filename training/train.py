"""Train the network and write `model.onnx`.

Run as: `python -m training.train --data ../shared/data --out model.onnx`

The recipe, top to bottom: gather the data, learn, export, and say how well it reads.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from training import gather
from training.augment import augment
from training.data import NOT_A_DIGIT, Glyphs
from training.evaluate import score, table
from training.export import export
from training.model import build

SEED = 20
EPOCHS = 8
BATCH = 128
PEAK_RATE = 2e-3


def batches(glyphs: Glyphs, seed: int) -> tf.data.Dataset:
    """Return shuffled, deformed batches of `(images, targets, weights)` for `fit`.

    What is no digit has no class: it counts for `is_digit` alone.
    """
    digit = (glyphs.labels != NOT_A_DIGIT).astype(np.float32)
    columns = (glyphs.images, np.where(glyphs.labels == NOT_A_DIGIT, 0, glyphs.labels), digit)

    def prepare(images: tf.Tensor, labels: tf.Tensor, digit: tf.Tensor) -> tuple[tf.Tensor, dict, dict]:
        images = augment(tf.cast(images, tf.float32) / 255)
        targets = {"probabilities": labels, "is_digit": digit}
        return images, targets, {"probabilities": digit, "is_digit": tf.ones_like(digit)}

    dataset = tf.data.Dataset.from_tensor_slices(columns)
    dataset = dataset.shuffle(len(glyphs), seed=seed, reshuffle_each_iteration=True)
    return dataset.batch(BATCH).map(prepare, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)


def train(glyphs: Glyphs, epochs: int, seed: int = SEED) -> keras.Model:
    """Return the network, trained on `glyphs` for `epochs` epochs."""
    keras.utils.set_random_seed(seed)
    model = build()
    learner = keras.Model(model.input, {name: model.output[name] for name in ("probabilities", "is_digit")})
    steps = epochs * -(-len(glyphs) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK_RATE / 10, decay_steps=steps, warmup_target=PEAK_RATE, warmup_steps=steps // 20
    )
    learner.compile(
        # The mean of the weights over the last thousand steps reads better than the last step's.
        optimizer=keras.optimizers.AdamW(rate, weight_decay=5e-4, use_ema=True, ema_momentum=0.999),
        loss={"probabilities": "sparse_categorical_crossentropy", "is_digit": "binary_crossentropy"},
        loss_weights={"probabilities": 1.0, "is_digit": 0.5},
        weighted_metrics={"probabilities": ["accuracy"], "is_digit": []},
    )
    learner.fit(batches(glyphs, seed), epochs=epochs, shuffle=False)
    return model


def main() -> None:
    """Run the recipe from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    gather.add_arguments(parser)
    parser.add_argument("--out", type=Path, default=Path("model.onnx"), help="where the model goes")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    arguments = parser.parse_args()

    data = gather.gather(arguments.data, arguments.cache)
    print(f"Learning from {len(data.train):,} symbols for {arguments.epochs} epochs …")
    model = train(data.train, arguments.epochs)
    export(model, arguments.out)
    print(f"Wrote {arguments.out}, {arguments.out.stat().st_size:,} bytes.")
    print(table(score(arguments.out, data)))


if __name__ == "__main__":
    main()
