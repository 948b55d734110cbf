"""Train the network and write `model.onnx`.

Run as: `python -m training.train --data ../shared/data --out model.onnx`

The recipe, top to bottom: gather the data, learn, calibrate, export, and say how well it reads. It may be stopped at
any time; the same command goes on after the last whole epoch.
"""

import argparse
import hashlib
import inspect
import json
import shutil
import sys
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training import augment, gather, model
from training.calibrate import calibrate
from training.data import NOT_A_DIGIT, Glyphs, joined
from training.export import export, parity

SEED = 20
EPOCHS = 8
USPS_EPOCHS = 2
"""USPS joins for the last epochs, so that one training shows how well it is read before and after."""

MNIST_TIMES = 2
"""How often each of MNIST's images comes in an epoch; ink digits come in eight renderings."""

BATCH = 128
PEAK_RATE = 2e-3
HISTORY = Path(__file__).parent / "history.json"
STATES = Path("build/training")


def pool(data: gather.Data) -> tuple[Glyphs, int]:
    """Return everything to learn from, and how much of it comes before USPS."""
    everything = joined([data.mnist] * MNIST_TIMES + [data.digits, data.non_digits, data.usps])
    return everything, len(everything) - len(data.usps)


def batches(glyphs: Glyphs, rows: NDArray[np.int64]) -> tf.data.Dataset:
    """Return deformed batches of `(images, targets, weights)` for `fit`: the given rows, in their order.

    What is no digit has no class: it counts for `is_digit` alone.
    """

    def prepare(batch: tf.Tensor) -> tuple[tf.Tensor, dict, dict]:
        labels = tf.gather(all_labels, batch)
        digit = tf.cast(labels != NOT_A_DIGIT, tf.float32)
        targets = {"probabilities": tf.where(labels == NOT_A_DIGIT, tf.zeros_like(labels), labels), "is_digit": digit}
        deformed = augment.augment(tf.cast(tf.gather(all_images, batch), tf.float32) / 255)
        return deformed, targets, {"probabilities": digit, "is_digit": tf.ones_like(digit)}

    all_images, all_labels = tf.constant(glyphs.images), tf.constant(glyphs.labels)
    order = tf.data.Dataset.from_tensor_slices(rows).batch(BATCH)
    return order.map(prepare, num_parallel_calls=tf.data.AUTOTUNE).prefetch(4)


def train(data: gather.Data, epochs: int, states: Path, seed: int = SEED) -> tuple[keras.Model, list[dict]]:
    """Return the network, trained for `epochs` epochs, and how it read after each of them.

    The state after the last whole epoch is kept in `states`, and is taken up from there.
    """
    glyphs, before_usps = pool(data)
    steps = max(before_usps // BATCH, 1)
    usps_from = max(epochs - USPS_EPOCHS, 1)
    keras.utils.set_random_seed(seed)
    state = State(states)
    learner, history = state.load() or (new_learner(steps * epochs), [])
    if len(history) == epochs:
        # It was stopped between its last epoch and its end, where `fit` puts the mean of the weights in their place.
        learner.optimizer.finalize_variable_values(learner.trainable_variables)
        return model.with_features(learner), history
    print(f"Learning from {steps * BATCH:,} images an epoch, {epochs} epochs …")
    if history:
        print(f"Going on after epoch {len(history)}.")
    # With USPS an epoch would be a little longer: all are cut to the same number of steps.
    rows = [
        np.random.default_rng([seed, epoch]).permutation(len(glyphs) if epoch >= usps_from else before_usps)
        for epoch in range(len(history), epochs)
    ]
    learner.fit(
        batches(glyphs, np.concatenate([epoch[: steps * BATCH] for epoch in rows])),
        initial_epoch=len(history),
        epochs=epochs,
        steps_per_epoch=steps,
        callbacks=[Watch(data, history, usps_from, state)],
        shuffle=False,  # the order is ours
        verbose=1 if sys.stdout.isatty() else 2,
    )
    return model.with_features(learner), history


def new_learner(steps: int) -> keras.Model:
    """Return the untrained network, ready to learn for so many steps."""
    learner = model.build()
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK_RATE / 10, decay_steps=steps, warmup_target=PEAK_RATE, warmup_steps=steps // 20
    )
    learner.compile(
        # The mean of the weights over the last thousand steps, or the last tenth, reads better than the last step's.
        optimizer=keras.optimizers.AdamW(
            rate, weight_decay=5e-4, use_ema=True, ema_momentum=max(0.5, min(0.999, 1 - 10 / steps))
        ),
        loss={"probabilities": "sparse_categorical_crossentropy", "is_digit": "binary_crossentropy"},
        loss_weights={"probabilities": 1.0, "is_digit": 1.0},
        weighted_metrics={"probabilities": ["accuracy"], "is_digit": []},
    )
    return learner


class State:
    """The training after its last whole epoch, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, learner: keras.Model, history: list[dict]) -> None:
        """Keep the network, its optimizer and its history; those of the epoch before go when these are there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        before = list(self._folder.iterdir())
        name = f"{len(history):04}"
        learner.save(self._folder / f"{name}.keras")
        unfinished = self._folder / f"{name}.part"
        unfinished.write_text(json.dumps(history))
        unfinished.rename(self._folder / f"{name}.json")
        for path in before:
            path.unlink()

    def load(self) -> tuple[keras.Model, list[dict]] | None:
        """Return what was kept last, or None."""
        kept = sorted(self._folder.glob("*.json"))
        if not kept:
            return None
        return keras.models.load_model(kept[-1].with_suffix(".keras")), json.loads(kept[-1].read_text())


class Watch(keras.callbacks.Callback):
    """After each epoch: measure the averaged network on what is kept back, say it, and keep the state."""

    def __init__(self, data: gather.Data, history: list[dict], usps_from: int, state: State) -> None:
        super().__init__()
        self._data, self._history, self._usps_from, self._state = data, history, usps_from, state
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Take the time."""
        self._started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Measure, say, keep."""
        data = self._data
        learned = epoch >= self._usps_from
        usps = data.usps_kept_back if learned else joined([data.usps, data.usps_kept_back])
        swap = keras.callbacks.SwapEMAWeights()
        swap.set_model(self.model)
        swap.on_test_begin()
        sets = {"unseen writers": data.unseen_digits, "MNIST kept back": data.mnist_kept_back, "USPS": usps}
        read = {name: _accuracy(self.model, glyphs) for name, glyphs in sets.items() if len(glyphs)}
        swap.on_test_end()
        row = {
            "epoch": epoch + 1,
            "seconds": round(time.monotonic() - self._started),
            "loss": round(float((logs or {})["loss"]), 4),
            "USPS learned": learned,
            **read,
        }
        self._history.append(row)
        print("  ".join(f"{name} {share:.2%}" for name, share in read.items()))
        self._state.save(self.model, self._history)


def _accuracy(learner: keras.Model, glyphs: Glyphs) -> float:
    read = model.probabilities(learner, glyphs.images)
    return float((read.argmax(axis=1) == glyphs.labels).mean())


def _recipe(data: str, epochs: int) -> str:
    """Return a name for this training: another recipe, or other data, does not go on from its state."""
    code = "".join(inspect.getsource(module) for module in (model, augment, sys.modules[__name__]))
    return hashlib.sha256(f"{data} {epochs} {code}".encode()).hexdigest()[:16]


def main() -> None:
    """Run the recipe from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    gather.add_arguments(parser)
    parser.add_argument("--out", type=Path, default=Path("model.onnx"), help="where the model goes")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    arguments = parser.parse_args()

    started = time.monotonic()
    data = gather.gather(arguments.data, arguments.cache)
    states = STATES / _recipe(gather.fingerprint(arguments.data), arguments.epochs)
    network, history = train(data, arguments.epochs, states)
    temperature = calibrate(network, data.unseen_digits) if len(data.unseen_digits) else 1.0
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    export(network, arguments.out)
    minutes = round((time.monotonic() - started) / 60)
    checked = [data.mnist_test, data.unseen_digits, data.unseen_non_digits, data.usps_kept_back]
    same = parity(network, arguments.out, joined(checked).images)
    told = HISTORY if arguments.epochs == EPOCHS else arguments.out.with_name(HISTORY.name)
    told.write_text(json.dumps({"temperature": temperature, "parity": same, "epochs": history}, indent=1) + "\n")
    shutil.rmtree(states)
    print(f"Wrote {arguments.out}, {arguments.out.stat().st_size:,} bytes, after {minutes} minutes.")
    print("How well it reads in all: make evaluate")


if __name__ == "__main__":
    main()
