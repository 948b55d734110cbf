"""Train the line reader and write `reader.onnx`.

Run as: `python -m training.reader --data ../shared/data --out reader.onnx`

The recipe, top to bottom: make lines, learn, export. Lines are made on the fly by other processes, each but once. It
may be stopped at any time; the same command goes on where the last state was kept. It runs on TensorFlow and, with
KERAS_BACKEND=torch, on PyTorch, on a GPU where there is one; then `--weights` has TensorFlow export what was learned.
"""

import argparse
import hashlib
import inspect
import itertools
import math
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from digitpad.line import BLANK, HEIGHT, SYMBOLS
from training import amounts, gather, lines, paper, styles
from training.amounts import FOLDS, Amount, fold_of
from training.lines import IGNORED, Batch, Sources, batch, sources

CLASSES = len(SYMBOLS) + 1
DIGITS = 10  # of the classes, the first ones


@dataclass(frozen=True)
class Round:
    """So many lines to learn from, `batch` at a time, of which a share are real amounts, and the highest learning rate.

    The rate falls along a cosine, and begins anew with each round (I. Loshchilov and F. Hutter, "SGDR: Stochastic
    gradient descent with warm restarts", ICLR 2017). After a round with real amounts the weights are the mean of those
    before it and after, these counting MEAN: it reads both these amounts and other paper better than either does
    (M. Wortsman and others, "Robust fine-tuning of zero-shot models", CVPR 2022).
    """

    lines: int
    rate: float
    batch: int = 128
    amounts: float = 0.0

    @property
    def steps(self) -> int:
        """How many batches that is."""
        return max(self.lines // self.batch, 1)


ROUNDS = (
    Round(2_200_000, 2.5e-3),
    Round(600_000, 1.2e-3),
    Round(3_700_000, 1.5e-3),
    Round(96_000, 1e-3, batch=64, amounts=0.5),
)

MEAN = 0.8
"""Of 0.6, 0.8 and 1 the best on the clinics' cells that are there to choose by."""

ODDS: Mapping[str, float] = {"/": 0.2}
"""How much rarer a symbol is where people write numbers than in the lines to learn from.

These have so many slashes for it to tell them from ones. What it says is brought to these odds (M. Saerens and others,
"Adjusting the outputs of a classifier to new a priori probabilities", Neural Computation 14, 2002). Of 1 to 0.05 about
the best on numbers of writers that it has learned from, and on photos.
"""

PART = 3_072
"""Lines that a process makes at a time; those of like width are put together."""

PAPERS = 3
"""How often the ink of a line is used, each time on other paper: to write it takes longer than to photograph it."""

WEIGHT_DECAY = 1e-3
SEED = 70
LONGEST = 24
"""Symbols that a line has at most; what comes after is left out of what is to be learned."""

FRAMEWISE, PLACES = 0.5, 0.01
"""How much the loss of single frames and that of the extents, in pixels, count beside CTC's."""

KEPT_EVERY = 250  # batches
STATES = Path("build/reader")


def build() -> keras.Model:
    """Return the untrained network, as it learns.

    Input `lines`: `(N, 40, W)`, float32, W a multiple of 4, as `digitpad.line.line_picture` makes them. Outputs, by
    name: `logits` `(N, W / 2, 18)`, and `extents` `(N, W / 2, 4)`. It is convolutions alone, and slides over lines
    of any width.
    """
    is_first = keras.config.image_data_format() == "channels_first"
    pictures = keras.Input((HEIGHT, None), name="lines")
    x = layers.Reshape((1, HEIGHT, -1) if is_first else (HEIGHT, -1, 1))(pictures)
    x = _residual(_convolve(_convolve(x, 20, (5, 5), 2), 64, strides=2), 64)
    x = _residual(_convolve(x, 104, strides=(2, 1)), 104)
    # From here on there is one row: the columns alone are to be told apart.
    x = _convolve(layers.ZeroPadding2D((0, 1))(x), 172, (HEIGHT // 8, 3), padding="valid")
    x = layers.Dropout(0.1)(_residual(x, 172, (1, 5)))
    x = layers.Dropout(0.1)(_residual(x, 172, (1, 5), dilation=(1, 2)))
    # A column of what is seen here is four of the picture, and answers for two frames.
    x = layers.Conv2D(2 * (CLASSES + 4), 1)(x)
    if is_first:
        x = layers.Permute((2, 3, 1))(x)
    x = layers.Reshape((-1, CLASSES + 4))(x)
    logits = layers.Lambda(lambda x: x[..., :CLASSES], name="logits")(x)
    extents = layers.Lambda(lambda x: 16 * x[..., CLASSES:], name="extents")(x)
    return keras.Model(pictures, {"logits": logits, "extents": extents}, name="reader")


def _residual(
    x: keras.KerasTensor, filters: int, size: tuple[int, int] = (3, 3), dilation: tuple[int, int] = (1, 1)
) -> keras.KerasTensor:
    y = _convolve(_convolve(x, filters, size, dilation=dilation), filters, size, dilation=dilation, is_last=True)
    return layers.ReLU()(layers.Add()([x, y]))


def _convolve(
    x: keras.KerasTensor,
    filters: int,
    size: tuple[int, int] = (3, 3),
    strides: int | tuple[int, int] = 1,
    padding: str = "same",
    dilation: tuple[int, int] = (1, 1),
    is_last: bool = False,
) -> keras.KerasTensor:
    x = layers.Conv2D(filters, size, strides, padding, dilation_rate=dilation, use_bias=False)(x)
    x = layers.BatchNormalization(axis=1 if keras.config.image_data_format() == "channels_first" else -1)(x)
    return x if is_last else layers.ReLU()(x)


def targets(made: Batch) -> dict[str, NDArray]:
    """Return what the network is to answer: for `logits` lengths, classes and frames side by side, for `extents` these.

    Before the lengths stands 1 where signs are named, else 0. A row of `extents` has how much each frame counts as its
    fifth number: 1 for a symbol's middle, else 0.
    """
    classes = np.full((len(made.lengths), LONGEST), BLANK, np.int32)
    columns = min(made.classes.shape[1], LONGEST)
    classes[:, :columns] = made.classes[:, :columns]
    lengths = np.minimum(made.lengths, LONGEST)
    is_middle = (made.frames != BLANK) & (made.frames != IGNORED)
    extents = np.concatenate([made.extents, is_middle[..., None].astype(np.float32)], axis=-1)
    ahead = np.column_stack([made.has_signs, lengths]).astype(np.int32)
    return {"logits": np.concatenate([ahead, classes, made.frames], axis=1), "extents": extents}


def symbol_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return CTC's loss (A. Graves and others, 2006), and that of the frames whose symbol is known, a line each.

    Where each symbol stands is known of lines that are made: told so, the network learns in a fraction of the time, and
    its frames peak at the symbols' middles.
    """
    wanted = ops.cast(wanted, "int32")
    has_signs, lengths = wanted[:, 0], wanted[:, 1]
    classes, frames = wanted[:, 2 : 2 + LONGEST], wanted[:, 2 + LONGEST :]
    logits = ops.where(has_signs[:, None, None] > 0, logits, _digits_alone(logits))
    all_frames = ops.full_like(lengths, ops.shape(logits)[1])
    whole = ops.ctc_loss(classes, logits, lengths, all_frames, mask_index=BLANK)
    counted = ops.cast(frames != IGNORED, "float32")
    each = ops.sparse_categorical_crossentropy(ops.where(frames == IGNORED, BLANK, frames), logits, from_logits=True)
    return whole + FRAMEWISE * ops.sum(each * counted, axis=-1)


def _digits_alone(logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return logits of which all signs are blanks: where only the digits are named, signs may stand anywhere."""
    digits, others = logits[..., :DIGITS], logits[..., DIGITS:]
    never = ops.full_like(others[..., 1:], -1e4)
    return ops.concatenate([digits, never, ops.logsumexp(others, axis=-1, keepdims=True)], axis=-1)


def extent_loss(wanted: keras.KerasTensor, extents: keras.KerasTensor) -> keras.KerasTensor:
    """Return by how many pixels the extents of a line's symbols are off, all in all."""
    return ops.sum(ops.abs(wanted[..., :4] - extents) * wanted[..., 4:], axis=(1, 2))


_made_of: Sources | None = None  # what a process makes lines of
_real: Sequence[Amount] = ()  # and the real ones


def _begin(folder: Path, fold: int | None) -> None:
    global _made_of, _real
    os.nice(5)  # the network is to have the processor when it can go on
    _made_of = sources(folder)
    _real = [one for one in amounts.amounts(folder / "real" / "cheque-amounts") if fold_of(one.digits) != fold]


def _make(number: int, one: Round, part: int) -> list[tuple[NDArray[np.float32], dict[str, NDArray]]]:
    assert _made_of is not None
    rng = np.random.default_rng([SEED, number, part])
    made = [
        amounts.lines(_real[int(rng.integers(len(_real)))], rng, PAPERS)
        if _real and rng.random() < one.amounts
        else lines.lines(_made_of, rng, PAPERS)
        for _ in range(PART // PAPERS)
    ]
    found = []
    for one_paper in zip(*made, strict=True):
        ordered = sorted(one_paper, key=lambda line: line.grey.shape[1])
        for n in range(0, len(ordered), one.batch):
            together = batch(ordered[n : n + one.batch])
            found.append((together.pictures, targets(together)))
    return [found[n] for n in rng.permutation(len(found))]


def batches(
    folder: Path, number: int, one: Round, done: int, processes: int, fold: int | None = None
) -> Iterator[tuple[NDArray, dict[str, NDArray]]]:
    """Yield pictures and targets of a round's batches from the one after `done` on, always the same ones.

    `number` is the round's. The real amounts are of all folds but the one named.
    """
    each = PART // one.batch
    parts = iter(range(done // each, -(-one.steps // each)))
    with multiprocessing.get_context("spawn").Pool(processes, _begin, (folder, fold)) as pool:

        def ask(count: int) -> list:
            return [pool.apply_async(_make, (number, one, part)) for part in itertools.islice(parts, count)]

        # Not all at once: lines would be made faster than they are learned from, and kept.
        ahead = ask(2 * processes + 1)
        made = done // each * each
        while ahead:
            several = ahead.pop(0).get()
            ahead += ask(1)
            for together in several:
                if done <= made < one.steps:
                    yield together
                made += 1


def train(
    folder: Path, rounds: Sequence[Round], states: Path, processes: int, fold: int | None = None
) -> tuple[keras.Model, Path]:
    """Return the network, having learned in all rounds, and its weights' file; goes on from the state in `states`.

    It learns from no real amount of the fold named.
    """
    keras.utils.set_random_seed(SEED)
    states.mkdir(parents=True, exist_ok=True)
    network = build()
    for number, one in enumerate(rounds):
        at_start = network.get_weights()
        ready(network, one.steps, one.rate)
        kept, done = states / f"round-{number}{_without(fold if one.amounts else None)}.weights.h5", 0
        if kept.exists():
            network.optimizer.build(network.trainable_variables)
            network.load_weights(kept)
            done = int(network.optimizer.iterations)
            print(f"Round {number + 1} goes on after {done * one.batch:,} lines.")
        if done < one.steps:
            _learn(network, batches(folder, number, one, done, processes, fold), done, kept)
        if one.amounts:
            after = network.get_weights()
            network.set_weights([(1 - MEAN) * w + MEAN * v for w, v in zip(at_start, after, strict=True)])
            kept = kept.with_name(kept.name.replace(".weights", "-mean.weights"))
            network.save_weights(kept)
    return network, kept


def _without(fold: int | None) -> str:
    return "" if fold is None else f"-without-{fold}"


def _learn(network: keras.Model, made: Iterator[tuple[NDArray, dict[str, NDArray]]], done: int, kept: Path) -> None:
    """Have the network learn from batches, of which `done` are behind it, and keep its state now and then."""
    started, losses, seen = time.monotonic(), [], 0
    for number, (pictures, wanted) in enumerate(made, start=done + 1):
        losses.append(network.train_on_batch(pictures, wanted, return_dict=True)["loss"])
        seen += len(pictures)
        if number % KEPT_EVERY == 0:
            network.save_weights(kept)
            rate = seen / (time.monotonic() - started)
            print(f"{number:,} batches, loss {np.mean(losses):.3f}, {rate:.0f} lines/s", flush=True)
            started, losses, seen = time.monotonic(), [], 0
    network.save_weights(kept)


def ready(network: keras.Model, steps: int, rate: float) -> None:
    """Have a network ready to learn in so many steps, with this rate at most."""
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 20, decay_steps=steps, warmup_target=rate, warmup_steps=max(steps // 40, 1)
    )
    network.compile(
        keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY, global_clipnorm=20.0),
        loss={"logits": symbol_loss, "extents": extent_loss},
        loss_weights={"logits": 1.0, "extents": PLACES},
        # In a graph, TensorFlow pads for a dilated convolution as the first batch's width wants it, whatever follows.
        run_eagerly=keras.backend.backend() == "tensorflow",
    )


def frames_of(logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the probabilities of each frame, `(N, W / 2, 18)`, for the network's logits."""
    odds = np.array([math.log(ODDS.get(symbol, 1.0)) for symbol in SYMBOLS] + [0.0], np.float32)
    return ops.softmax(logits + odds)


def round_to_half(network: keras.Model) -> None:
    """Change the network's kernels to those that half precision can hold once the normalisation after them is in them.

    What learned then answers as its export does: the rounding is part of the network, not a difference between the two.
    """
    for convolution, after in itertools.pairwise([*network.layers, None]):
        if not isinstance(convolution, layers.Conv2D):
            continue
        kernel, *bias = convolution.get_weights()
        scale = 1.0
        if isinstance(after, layers.BatchNormalization):
            gamma, _, _, variance = after.get_weights()
            scale = gamma / np.sqrt(variance + after.epsilon)
        convolution.set_weights([(kernel * scale).astype(np.float16).astype(np.float32) / scale, *bias])


def export(network: keras.Model, path: Path) -> None:
    """Write the network to `path` as ONNX: input `lines`, outputs `frames`, probabilities, and `extents`.

    Weights are kept in half precision, and brought to float32 where they are used. The network's own are rounded alike.
    Needs Keras on TensorFlow.
    """
    import onnx
    import tensorflow as tf
    import tf2onnx

    def infer(pictures: tf.Tensor) -> dict[str, tf.Tensor]:
        answer = network(pictures, training=False)
        frames = frames_of(answer["logits"])
        return {"frames": tf.identity(frames, name="frames"), "extents": tf.identity(answer["extents"], name="extents")}

    round_to_half(network)
    given = tf.TensorSpec((None, HEIGHT, None), tf.float32, name="lines")
    converted, _ = tf2onnx.convert.from_function(tf.function(infer), input_signature=[given], opset=17)
    path.write_bytes(_halved(converted).SerializeToString())
    onnx.checker.check_model(str(path))


def _halved(converted):  # type: ignore[no-untyped-def]
    """Return an ONNX model with its large weights in half precision, each cast to float32 before it is used."""
    from onnx import TensorProto, helper, numpy_helper

    graph = converted.graph
    for n, weights in enumerate(graph.initializer):
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size < 256:
            continue
        name = weights.name
        halved = numpy_helper.from_array(values.astype(np.float16), f"{name}:half")
        graph.initializer[n].CopyFrom(halved)
        graph.node.insert(0, helper.make_node("Cast", [halved.name], [name], to=TensorProto.FLOAT))
    return converted


def recipe(rounds: Sequence[Round]) -> str:
    """Return a name for this training: one by another recipe does not go on from its state."""
    code = "".join(inspect.getsource(module) for module in (amounts, lines, paper, styles, sys.modules[__name__]))
    return hashlib.sha256(f"{rounds} {code}".encode()).hexdigest()[:16]


def main() -> None:
    """Run the recipe from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=gather.DEFAULT_DATA, help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path("reader.onnx"), help="where the network goes")
    parser.add_argument("--lines", type=int, help="to learn from, in one round, in the place of the recipe's rounds")
    parser.add_argument("--synthetic", action="store_true", help="learn from no real amount")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="learn from no real amount of this fold")
    parser.add_argument("--processes", type=int, default=max((os.cpu_count() or 2) // 2, 1), help="that make lines")
    parser.add_argument("--weights", type=Path, help="export these weights; nothing is learned")
    arguments = parser.parse_args()

    if keras.backend.backend() == "torch":
        keras.config.set_image_data_format("channels_first")
    if arguments.weights:
        network = build()
        network.load_weights(arguments.weights)
    else:
        rounds = [Round(arguments.lines, ROUNDS[0].rate)] if arguments.lines else ROUNDS
        states = STATES / recipe(rounds)
        if arguments.synthetic:
            rounds = [one for one in rounds if not one.amounts]
        network, kept = train(arguments.data, rounds, states, arguments.processes, arguments.fold)
    if keras.backend.backend() == "tensorflow":
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        export(network, arguments.out)
        print(f"Wrote {arguments.out}, {arguments.out.stat().st_size:,} bytes.")
    else:
        print(f"Export it: KERAS_BACKEND=tensorflow python -m training.reader --weights {kept}")


if __name__ == "__main__":
    main()
