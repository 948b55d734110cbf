"""Train the network and write `model.onnx`.

Run as: `python -m training.train --data ../shared/data --out model.onnx`

The recipe, top to bottom: gather the data, learn, calibrate, export, and say how well it reads. It may be stopped at
any time; the same command goes on after the last whole epoch. It runs on TensorFlow and, with KERAS_BACKEND=torch, on
PyTorch, on a GPU where there is one; then `--weights` has TensorFlow calibrate and export what was learned.
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
from keras import ops
from numpy.typing import NDArray

from training import augment, gather, model
from training.calibrate import calibrate
from training.data import NOT_A_DIGIT, Glyphs, joined

SEED = 20
EPOCHS = 14
"""In 36 epochs, in batches of 2,048, it read writers whom it has not seen best after 18, and then ever worse."""

USPS_EPOCHS = 2
"""USPS joins for the last epochs, so that one training shows how well it is read before and after."""

MNIST_TIMES = 2
"""How often each of MNIST's images comes in an epoch; ink digits come in eight renderings."""

BATCH = 1024
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.01
HISTORY = Path(__file__).parent / "history.json"
STATES = Path("build/training")


def pool(data: gather.Data) -> tuple[Glyphs, int]:
    """Return everything to learn from, and how much of it comes before USPS."""
    everything = joined([data.mnist] * MNIST_TIMES + [data.digits, data.non_digits, data.usps])
    return everything, len(everything) - len(data.usps)


class Batches:
    """Batches to learn from, deformed; all that they are made of lies where Keras computes."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._images = ops.convert_to_tensor(glyphs.images)
        self._labels = ops.convert_to_tensor(glyphs.labels.astype(np.int32))

    def of(self, rows: NDArray[np.int64]) -> tuple[keras.KerasTensor, dict, dict]:
        """Return the images of these rows, the answers wanted, and how much each counts.

        What is no digit has no class: it counts for `is_digit` alone.
        """
        which = ops.convert_to_tensor(rows.astype(np.int32))
        labels = ops.take(self._labels, which)
        digit = ops.cast(labels != NOT_A_DIGIT, "float32")
        wanted = {"probabilities": ops.where(labels == NOT_A_DIGIT, 0, labels), "is_digit": digit}
        images = ops.cast(ops.take(self._images, which, axis=0), "float32") / 255
        return augment.augment(images), wanted, {"probabilities": digit, "is_digit": ops.ones_like(digit)}


def train(data: gather.Data, epochs: int, states: Path, seed: int = SEED) -> tuple[keras.Model, list[dict]]:
    """Return the network, trained for `epochs` epochs, and how it read after each of them.

    The state after the last whole epoch is kept in `states`, and is taken up from there.
    """
    glyphs, before_usps = pool(data)
    steps = max(before_usps // BATCH, 1)
    usps_from = max(epochs - USPS_EPOCHS, 1)
    state = State(states)
    learner, history = state.load() or (None, [])
    keras.utils.set_random_seed(seed + len(history))
    learner = learner or new_learner(steps * epochs)
    print(f"Learning from {steps * BATCH:,} images an epoch, {epochs} epochs …")
    if history:
        print(f"Going on after epoch {len(history)}.")
    batches = Batches(glyphs)
    for epoch in range(len(history), epochs):
        started = time.monotonic()
        learned = epoch >= usps_from
        # With USPS an epoch would be a little longer: all are cut to the same number of steps.
        rows = np.random.default_rng([seed, epoch]).permutation(len(glyphs) if learned else before_usps)
        learner.reset_metrics()
        for start in range(0, steps * BATCH, BATCH):
            loss = learner.train_on_batch(*batches.of(rows[start : start + BATCH]), return_dict=True)["loss"]
        read = measured(learner, data, learned)
        seconds = round(time.monotonic() - started)
        row = {"epoch": epoch + 1, "seconds": seconds, "loss": round(float(loss), 4), "USPS learned": learned, **read}
        history.append(row)
        said = "  ".join(f"{name} {share:.2%}" for name, share in read.items())
        print(f"Epoch {epoch + 1}: {seconds} s, loss {row['loss']}  {said}", flush=True)
        state.save(learner, history)
    learner.optimizer.finalize_variable_values(learner.trainable_variables)
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
            rate, weight_decay=WEIGHT_DECAY, use_ema=True, ema_momentum=max(0.5, min(0.999, 1 - 10 / steps))
        ),
        loss={"probabilities": "sparse_categorical_crossentropy", "is_digit": "binary_crossentropy"},
        loss_weights={"probabilities": 1.0, "is_digit": 1.0},
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


def measured(learner: keras.Model, data: gather.Data, learned: bool) -> dict[str, float]:
    """Return how the mean of the network's weights reads what is kept back; of USPS all, until it is learned."""
    usps = data.usps_kept_back if learned else joined([data.usps, data.usps_kept_back])
    weights = learner.get_weights()
    learner.optimizer.finalize_variable_values(learner.trainable_variables)
    sets = {"unseen writers": data.sound_digits, "MNIST kept back": data.mnist_kept_back, "USPS": usps}
    read = {name: _accuracy(learner, glyphs) for name, glyphs in sets.items() if len(glyphs)}
    learner.set_weights(weights)
    return read


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
    parser.add_argument(
        "--weights", type=Path, help="calibrate and export these weights; nothing is learned; their history is beside"
    )
    arguments = parser.parse_args()

    data = gather.gather(arguments.data, arguments.cache)
    states = STATES / _recipe(gather.fingerprint(arguments.data), arguments.epochs)
    if arguments.weights:
        network = model.with_features(model.build())
        network.load_weights(arguments.weights)
        history = json.loads(_history_of(arguments.weights).read_text())
    else:
        network, history = train(data, arguments.epochs, states)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    if keras.backend.backend() == "tensorflow":
        _finish(network, history, data, arguments.out)
    else:
        weights = arguments.out.with_suffix(".weights.h5")
        network.save_weights(weights)
        _history_of(weights).write_text(json.dumps(history))
        print(f"Export it: KERAS_BACKEND=tensorflow python -m training.train --weights {weights}")
    shutil.rmtree(states, ignore_errors=True)


def _finish(network: keras.Model, history: list[dict], data: gather.Data, out: Path) -> None:
    """Calibrate a network, write it, and write how it was trained."""
    from training.export import export, parity  # only here: where PyTorch learns there may be no onnxruntime

    temperature = calibrate(network, data.sound_digits) if len(data.sound_digits) else 1.0
    export(network, out)
    checked = [data.mnist_test, data.unseen_digits, data.unseen_non_digits, data.usps_kept_back]
    same = parity(network, out, joined(checked).images)
    told = HISTORY if len(history) == EPOCHS else out.with_name(HISTORY.name)
    told.write_text(json.dumps({"temperature": temperature, "parity": same, "epochs": history}, indent=1) + "\n")
    minutes = round(sum(epoch["seconds"] for epoch in history) / 60)
    print(f"Wrote {out}, {out.stat().st_size:,} bytes, learned in {minutes} minutes.")
    print("How well it reads in all: make evaluate")


def _history_of(weights: Path) -> Path:
    return weights.with_name(weights.name.removesuffix(".weights.h5") + ".history.json")


if __name__ == "__main__":
    main()
