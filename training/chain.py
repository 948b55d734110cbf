"""Train the network that reads digits which touch, and write `chain.onnx`.

Run as: `python -m training.chain --data ../shared/data --out chain.onnx`

No cut separates digits that overlap, so this network reads a chain of them as it stands: it slides over the picture
and says, two columns at a time, whether the middle of a symbol is there, and of which. It learns from numbers that
are put together of single digits, of which the middles are known.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from keras import layers
from numpy.typing import NDArray

from digitpad.chain import BLANK, HEIGHT, MARGIN, OTHER, STRIDE, chain_picture
from training import gather
from training.compose import CLOSE, OVERLAPPING, SPACED, TOUCHING, arranged, drawn
from training.data import DIGITS, Symbol
from training.ink import extent
from training.vary import cross, vary

WIDTH = 96
"""Columns of a picture to learn from."""

CHAINS = 200_000
PART = 20_000
"""Chains that one process makes at a time, of symbols that it has drawn for them."""

DRAWN = 0.5
"""The share of the symbols that are drawn for a part."""

EPOCHS = 3
BATCH = 128
PEAK_RATE = 3e-3
SEED = 50

PENS = (0.045, 0.065, 0.09, 0.12, 0.16, 0.2)
"""Widths of pens, as shares of a digit's height; a chain is written with one of them."""

BASE = 40
"""The usual digit's height, in pixels, when chains are put together."""

LENGTHS = (0.12, 0.38, 0.25, 0.15, 0.1)
"""How often a chain has one symbol, two, …"""

SPACINGS = {SPACED: 0.05, CLOSE: 0.2, TOUCHING: 0.4, OVERLAPPING: 0.35}
OTHERS = 0.06
"""The share of symbols that are no digits."""

_MOST_ASIDE = 6  # columns of more paper than there must be
_IGNORED = 255  # of frames beside a middle: they may say what they like
_LONGEST_SIDE = 2.0  # of a drawn symbol, in BASE

Drawn = tuple[str, NDArray[np.uint8]]
"""A symbol that is drawn already: its label, and its ink, 255 full."""

Atlas = dict[tuple[str, int], list[Drawn]]
"""Drawn symbols by writer and pen."""


@dataclass(frozen=True)
class Chains:
    """Pictures `(N, 32, 96)`, uint8, 255 full ink, and the classes of their frames `(N, 48)`, uint8."""

    pictures: NDArray[np.uint8]
    frames: NDArray[np.uint8]


def chains(symbols: Sequence[Symbol], others: Sequence[Symbol], count: int, seed: int) -> Chains:
    """Return numbers to learn from, each of one writer's digits; `others` are symbols that are no digits."""
    starts = range(0, count, PART)
    jobs = [(symbols, others, min(PART, count - start), seed + start) for start in starts]
    with ProcessPoolExecutor() as pool:
        made = list(pool.map(_chains, jobs))
    return Chains(np.concatenate([m.pictures for m in made]), np.concatenate([m.frames for m in made]))


def _chains(job: tuple[Sequence[Symbol], Sequence[Symbol], int, int]) -> Chains:
    symbols, others, count, seed = job
    rng = np.random.default_rng(seed)
    own = _atlas([s for s in symbols if rng.random() < DRAWN * count / PART], rng)
    strange = _atlas([s for s in others if rng.random() < DRAWN / 8 * count / PART], rng)
    others_by_pen = [[g for (_, p), glyphs in strange.items() if p == pen for g in glyphs] for pen in range(len(PENS))]
    pools = list(own)
    pictures = np.zeros((count, HEIGHT, WIDTH), np.uint8)
    frames = np.full((count, WIDTH // STRIDE), BLANK, np.uint8)
    done = 0
    while done < count:
        writer, pen = pools[int(rng.integers(len(pools)))]
        length = 1 + int(rng.choice(len(LENGTHS), p=LENGTHS))
        glyphs = _some(own[writer, pen], length, rng)
        foreign = others_by_pen[pen]
        glyphs = [_some(foreign, 1, rng)[0] if foreign and rng.random() < OTHERS else glyph for glyph in glyphs]
        spacings = [str(s) for s in rng.choice(list(SPACINGS), size=length - 1, p=list(SPACINGS.values()))]
        made = _chain(glyphs, spacings, PENS[pen] * BASE, rng)
        if made is not None:
            pictures[done], frames[done] = made
            done += 1
    return Chains(pictures, frames)


def _some(glyphs: Sequence[Drawn], count: int, rng: np.random.Generator) -> list[Drawn]:
    return [glyphs[int(i)] for i in rng.integers(len(glyphs), size=count)]


def _atlas(symbols: Sequence[Symbol], rng: np.random.Generator) -> Atlas:
    """Draw every symbol varied, with a few pens."""
    heights: dict[str, list[float]] = defaultdict(list)
    for s in symbols:
        left, top, right, bottom = extent(s.strokes)
        heights[s.writer].append(max(bottom - top, (right - left) / 2, 1))
    atlas: Atlas = defaultdict(list)
    for s in symbols:
        strokes = cross(s.label, vary(s.strokes, rng), rng)
        left, top, right, bottom = extent(strokes)
        scale = BASE / float(np.median(heights[s.writer])) * rng.uniform(0.85, 1.15)
        scale = min(scale, _LONGEST_SIDE * BASE / max(right - left, bottom - top, 1))
        pen = int(rng.integers(len(PENS)))
        atlas[s.writer, pen].append((s.label, drawn(Symbol(s.label, s.writer, strokes), scale, PENS[pen] * BASE)))
    return atlas


def _chain(
    glyphs: Sequence[Drawn], spacings: Sequence[str], pen: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """Return a picture and its frames; None where it would not fit."""
    number = arranged([label for label, _ in glyphs], [ink for _, ink in glyphs], spacings, BASE, pen, rng)
    ink = ((255 - number.page()) / 255).astype(np.float32)
    rows, columns = (np.flatnonzero((ink > 0.25).any(axis=axis)) for axis in (1, 0))
    left = int(columns[0])
    picture, scale = chain_picture(ink[rows[0] : rows[-1] + 1, left : columns[-1] + 1])
    width = picture.shape[1]
    if width > WIDTH:
        return None
    shift = int(rng.integers(min(WIDTH - width, _MOST_ASIDE) // STRIDE + 1)) * STRIDE
    frames = np.full(WIDTH // STRIDE, BLANK, np.uint8)
    middles = [int(((g.left + g.ink.shape[1] / 2 - left) * scale + MARGIN + shift) / STRIDE) for g in number.glyphs]
    if len(set(middles)) < len(middles) or min(middles) < 0 or max(middles) >= len(frames):
        return None
    for middle in middles:
        for beside in (middle - 1, middle + 1):
            if 0 <= beside < len(frames):
                frames[beside] = _IGNORED
    for middle, glyph in zip(middles, number.glyphs, strict=True):
        frames[middle] = int(glyph.label) if glyph.label in DIGITS else OTHER
    whole = np.pad(picture, ((0, 0), (shift, WIDTH - width - shift)))
    return np.rint(whole * 255).astype(np.uint8), frames


def build() -> keras.Model:
    """Return the untrained network: a picture `(N, 32, W)`, W even, to its frames `(N, W / 2, 12)`, rows sum to 1."""
    pictures = keras.Input((HEIGHT, None), name="pictures")
    x = layers.Reshape((HEIGHT, -1, 1))(pictures)
    x = _convolve(x, 24, (5, 5), strides=STRIDE)
    x = _convolve(x, 40)
    x = layers.MaxPooling2D((2, 1))(x)
    x = _convolve(x, 56)
    x = layers.MaxPooling2D((2, 1))(x)
    x = _convolve(x, 72)
    # From here on there is one row: the columns alone are to be told apart.
    x = _convolve(x, 96, (HEIGHT // STRIDE // 4, 1), padding="valid")
    x = layers.Dropout(0.1)(_convolve(x, 80, (1, 7)))
    x = layers.Dropout(0.2)(_convolve(x, 80, (1, 5)))
    x = layers.Conv2D(OTHER + 1, 1, activation="softmax")(x)
    frames = layers.Reshape((-1, OTHER + 1), name="frames")(x)
    return keras.Model(pictures, frames, name="chains")


def _convolve(
    x: keras.KerasTensor, filters: int, size: tuple[int, int] = (3, 3), strides: int = 1, padding: str = "same"
) -> keras.KerasTensor:
    x = layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def train(learned: Chains, epochs: int, seed: int = SEED) -> keras.Model:
    """Return the network, trained."""
    keras.utils.set_random_seed(seed)
    steps = max(len(learned.pictures) // BATCH, 1)
    network = build()
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK_RATE / 10, decay_steps=steps * epochs, warmup_target=PEAK_RATE, warmup_steps=steps * epochs // 20
    )
    network.compile(keras.optimizers.AdamW(rate, weight_decay=5e-4), loss="sparse_categorical_crossentropy")
    network.fit(
        _batches(learned, np.concatenate([_order(learned, steps, seed + epoch) for epoch in range(epochs)])),
        epochs=epochs,
        steps_per_epoch=steps,
        shuffle=False,  # the order is ours
        verbose=1 if sys.stdout.isatty() else 2,
    )
    return network


def _order(learned: Chains, steps: int, seed: int) -> NDArray[np.int64]:
    """Return the rows of an epoch's batches, `(steps, BATCH)`: each batch is of chains of about one length."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(learned.pictures))[: steps * BATCH]
    return rng.permutation(rows[np.argsort(_widths(learned.pictures[rows]), kind="stable")].reshape(steps, BATCH))


def _widths(pictures: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many columns there are in each picture up to its last ink, `(N,)`."""
    inked = pictures.max(axis=1) > 0
    return WIDTH - inked[:, ::-1].argmax(axis=1)


def _batches(learned: Chains, rows: NDArray[np.int64]) -> tf.data.Dataset:
    """Return batches of `(pictures, classes, weights)` in the given order, no wider than they must be; some blurred."""
    pictures, frames = tf.constant(learned.pictures), tf.constant(learned.frames)
    widths = tf.constant((_widths(learned.pictures) + MARGIN + STRIDE - 1) // STRIDE * STRIDE)

    def prepare(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        width = tf.minimum(tf.reduce_max(tf.gather(widths, batch)), WIDTH)
        classes = tf.cast(tf.gather(frames, batch), tf.int32)[:, : width // STRIDE]
        counted = tf.cast(classes != _IGNORED, tf.float32)
        seen = tf.cast(tf.gather(pictures, batch), tf.float32)[:, :, :width] / 255
        blurred = tf.nn.avg_pool2d(seen[..., None], 3, 1, "SAME")[..., 0]
        share = tf.random.uniform((tf.shape(batch)[0], 1, 1)) - 0.4
        return seen + tf.maximum(share, 0) * (blurred - seen), tf.where(classes == _IGNORED, BLANK, classes), counted

    order = tf.data.Dataset.from_tensor_slices(rows)
    return order.map(prepare, num_parallel_calls=tf.data.AUTOTUNE).prefetch(4)


def export(network: keras.Model, path: Path) -> None:
    """Write the network to `path` as ONNX: input `pictures` `(N, 32, W)`, output `frames` `(N, W / 2, 12)`."""

    def infer(pictures: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"frames": tf.identity(network(pictures, training=False), name="frames")}

    pictures = tf.TensorSpec((None, HEIGHT, None), tf.float32, name="pictures")
    converted, _ = tf2onnx.convert.from_function(tf.function(infer), input_signature=[pictures], opset=17)
    path.write_bytes(converted.SerializeToString())


def main() -> None:
    """Run the recipe from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=gather.DEFAULT_DATA, help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path("chain.onnx"), help="where the network goes")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    parser.add_argument("--chains", type=int, default=CHAINS, help="to learn from; default: %(default)s")
    arguments = parser.parse_args()

    started = time.monotonic()
    seen, _ = gather.split(gather.digits(arguments.data))
    others, _ = gather.split(gather.non_digits(arguments.data))
    print(f"Putting {arguments.chains:,} chains together …")
    learned = chains(seen, others, arguments.chains, SEED)
    print(f"Learning from them, {arguments.epochs} epochs …")
    export(train(learned, arguments.epochs), arguments.out)
    minutes = round((time.monotonic() - started) / 60)
    print(f"Wrote {arguments.out}, {arguments.out.stat().st_size:,} bytes, after {minutes} minutes.")


if __name__ == "__main__":
    main()
