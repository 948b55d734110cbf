"""What there is to learn from: MNIST's and USPS's images, and the pen strokes of digits and of other symbols."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.ink import ink_of
from digitpad.normalise import normalise
from training.drawn import DRAWN, drawn
from training.ink import Stroke, draw, draw_alone, extent
from training.vary import cross, vary

DIGITS = frozenset("0123456789")

NOT_A_DIGIT = 10
"""The label of everything that is no digit."""

LOOK_ALIKES = frozenset("OoQDlI|/\\'`,()ZzSsBbGgqy")
"""Symbols that people draw just as they draw a digit: nobody can tell them apart, so they teach nothing."""

VALIDATION_SHARE = 0.15
"""The share of the writers that training never sees."""


@dataclass(frozen=True)
class Glyphs:
    """Symbols: `images` `(N, H, W)`, uint8, 255 is full ink, 28 × 28 once normalised; `labels` `(N,)`, 0 … 10."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Symbol:
    """One symbol as it was written: its label (a character), its writer, and its strokes."""

    label: str
    writer: str
    strokes: Sequence[Stroke]


@dataclass(frozen=True)
class Pose:
    """How a symbol stands on the pad: all as shares of its side, but for the turn, in degrees, clockwise."""

    size: float = 0.5
    x: float = 0.5
    y: float = 0.5
    brush: float = 0.025
    turn: float = 0


def joined(parts: Sequence[Glyphs]) -> Glyphs:
    """Return several sets as one, in their order."""
    return Glyphs(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))


def mnist(folder: Path) -> tuple[Glyphs, Glyphs]:
    """Return MNIST's training and test images as published.

    Read from the four IDX files in `folder` (gzip); where there is no such folder, fetched by `keras.datasets`.
    """
    if not folder.exists():
        import keras  # only here, for it takes seconds to import, in every worker process too

        parts = keras.datasets.mnist.load_data()
    else:
        parts = [
            (read_idx(folder / f"{name}-images-idx3-ubyte.gz"), read_idx(folder / f"{name}-labels-idx1-ubyte.gz"))
            for name in ("train", "t10k")
        ]
    train, test = (Glyphs(images, labels.astype(np.int64)) for images, labels in parts)
    return train, test


def mnist_writers(folder: Path) -> list[str] | None:
    """Return who wrote each of MNIST's training images; None where the data folder does not say.

    QMNIST says so (C. Yadav and L. Bottou, "Cold case: the lost MNIST digits", NeurIPS 2019).
    """
    path = folder / "real" / "mnist-writers" / "qmnist_labels.npz"
    if not path.exists():
        return None
    with np.load(path) as kept:
        return [f"mnist/{writer}" for writer in kept["train"][:, 2].tolist()]


def normalised(glyphs: Glyphs) -> Glyphs:
    """Return images of any size, each with one symbol on it, as the network sees them."""
    return Glyphs(_in_parallel(_normalise_grey, list(glyphs.images)), glyphs.labels)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array in a gzipped IDX file of bytes: two zeros, type, rank, each dimension, the data."""
    raw = gzip.decompress(path.read_bytes())
    rank = raw[3]
    shape = np.frombuffer(raw, ">u4", count=rank, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def usps(path: Path) -> Glyphs:
    """Return the USPS digits in `path`, 16 × 16: gzipped text, a label and 256 grey values -1 … 1 a line.

    Ink is high. This is how *The Elements of Statistical Learning* gives them.
    """
    rows = np.loadtxt(path, dtype=np.float32)
    images = np.rint((rows[:, 1:].reshape(-1, 16, 16) + 1) * 127.5).astype(np.uint8)
    return Glyphs(images, rows[:, 0].astype(np.int64))


def read_symbols(path: Path) -> Iterator[Symbol]:
    """Yield the symbols of a gzipped file of JSON lines; those without a single point are passed over."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            strokes = [stroke for stroke in record["strokes"] if len(stroke) >= 2]
            if strokes:
                yield Symbol(record["label"], record["writer"], strokes)


def is_validation(writer: str, share: float = VALIDATION_SHARE) -> bool:
    """Say whether a writer is kept for validation; by a hash of the name, so it is the same in every file."""
    digest = hashlib.sha256(writer.encode()).digest()
    return int.from_bytes(digest[:4]) < share * 2**32


def varied(symbols: Sequence[Symbol], renderings: int, seed: int) -> Glyphs:
    """Draw every symbol several times, each time varied, with another pen at another size, and normalise it."""
    seeds = np.random.default_rng(seed).integers(2**32, size=(len(symbols), renderings))
    jobs = [(s, int(n)) for s, row in zip(symbols, seeds, strict=True) for n in row]
    return Glyphs(_in_parallel(_varied, jobs), np.repeat(labels_of(symbols), renderings))


def styled(count: int, seed: int) -> Glyphs:
    """Return so many of the digits that `training.drawn` draws, varied as those in ink are, and normalised."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(list(DRAWN), size=count, p=list(DRAWN.values()))
    jobs = list(zip(labels.tolist(), rng.integers(2**32, size=count).tolist(), strict=True))
    return Glyphs(_in_parallel(_styled, jobs), labels.astype(np.int64))


def as_written(symbols: Sequence[Symbol], seed: int) -> Glyphs:
    """Draw every symbol once, with some pen at some size but just as it was written, and normalise it."""
    seeds = np.random.default_rng(seed).integers(2**32, size=len(symbols))
    jobs = [(s.strokes, int(n)) for s, n in zip(symbols, seeds, strict=True)]
    return Glyphs(_in_parallel(_as_written, jobs), labels_of(symbols))


def at_own_size(symbols: Sequence[Symbol], brush: float) -> Glyphs:
    """Draw every symbol where and as large as its writer did, with a brush of that share of the pad."""
    jobs = [(s.strokes, brush) for s in symbols]
    return Glyphs(_in_parallel(_at_own_size, jobs), labels_of(symbols))


def squeezed(symbols: Sequence[Symbol], brush: float) -> Glyphs:
    """Draw every symbol where and as large as its writer did, and squeeze the whole pad to 28 × 28."""
    return Glyphs(_in_parallel(_squeezed, [(s.strokes, brush) for s in symbols]), labels_of(symbols))


def posed(symbols: Sequence[Symbol], pose: Pose) -> Glyphs:
    """Draw every symbol in a given pose, and normalise it."""
    return Glyphs(_in_parallel(_posed, [(s.strokes, pose) for s in symbols]), labels_of(symbols))


def labels_of(symbols: Sequence[Symbol]) -> NDArray[np.int64]:
    """Return the symbols' classes: the digit, or NOT_A_DIGIT."""
    return np.array([int(s.label) if s.label in DIGITS else NOT_A_DIGIT for s in symbols], np.int64)


def draw_as_on_a_pad(
    strokes: Sequence[Stroke], rng: np.random.Generator, pen: float | None = None
) -> NDArray[np.uint8]:
    """Draw a symbol as somebody might on a pad of 280 pixels: 8 to 100 % of it, brush 1.5 to 12 % of it.

    A brush of over a third of the symbol's size is no writing any more, and does not occur. `pen` is a brush to draw
    it with, as a share of that size.
    """
    share = float(np.exp(rng.uniform(np.log(0.08), 0)))
    brush = float(np.exp(rng.uniform(np.log(0.015), np.log(max(0.016, min(0.12, share / 3))))))
    return draw_alone(strokes, longest=max(12, round(280 * share)), brush=pen or brush / share)


def _normalise_grey(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.rint(normalise(ink_of(grey)) * 255).astype(np.uint8)


def _varied(job: tuple[Symbol, int]) -> NDArray[np.uint8]:
    symbol, rng = job[0], np.random.default_rng(job[1])
    strokes = vary(cross(symbol.label, symbol.strokes, rng), rng)
    return _normalise_grey(draw_as_on_a_pad(strokes, rng))


def _styled(job: tuple[str, int]) -> NDArray[np.uint8]:
    rng = np.random.default_rng(job[1])
    strokes, pen = drawn(job[0], rng)
    return _normalise_grey(draw_as_on_a_pad(vary([points.ravel().tolist() for points in strokes], rng), rng, pen))


def _as_written(job: tuple[Sequence[Stroke], int]) -> NDArray[np.uint8]:
    return _normalise_grey(draw_as_on_a_pad(job[0], np.random.default_rng(job[1])))


def _posed(job: tuple[Sequence[Stroke], Pose]) -> NDArray[np.uint8]:
    strokes, pose = job
    left, top, right, bottom = extent(strokes)
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    angle, scale = np.radians(pose.turn), pose.size * 1000 / max(right - left, bottom - top, 1)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    place = np.array([pose.x, pose.y]) * 1000
    moved = [((np.reshape(s, (-1, 2)) - middle) @ matrix.T + place).ravel().tolist() for s in strokes]
    return _normalise_grey(draw(moved, brush=pose.brush))


def _squeezed(job: tuple[Sequence[Stroke], float]) -> NDArray[np.uint8]:
    pad = Image.fromarray(draw(job[0], brush=job[1]))
    return 255 - np.asarray(pad.resize((28, 28), Image.Resampling.BILINEAR))


def _at_own_size(job: tuple[Sequence[Stroke], float]) -> NDArray[np.uint8]:
    return _normalise_grey(draw(job[0], brush=job[1]))


def _in_parallel(work: Callable[[Any], NDArray[np.uint8]], jobs: list[Any]) -> NDArray[np.uint8]:
    if not jobs:
        return np.zeros((0, 28, 28), np.uint8)
    with ProcessPoolExecutor() as pool:
        return np.stack(list(pool.map(work, jobs, chunksize=256)))
