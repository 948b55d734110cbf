"""What there is to learn from: MNIST's images, and the pen strokes of digits and of other symbols."""

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

from digitpad.ink import ink_of
from digitpad.normalise import normalise
from training.ink import Stroke, draw_alone, extent

NOT_A_DIGIT = 10
"""The label of everything that is no digit."""

LOOK_ALIKES = frozenset("OoQDlI|/\\'`,()ZzSsBbGgqy")
"""Symbols that people draw just as they draw a digit: nobody can tell them apart, so they teach nothing."""

VALIDATION_SHARE = 0.15
"""The share of the writers that training never sees."""


@dataclass(frozen=True)
class Glyphs:
    """Normalised symbols: `images` `(N, 28, 28)`, uint8, 255 is full ink; `labels` `(N,)`, 0 … 10."""

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


def mnist(folder: Path | None) -> tuple[Glyphs, Glyphs]:
    """Return MNIST's training and test images, normalised.

    Read from the four IDX files in `folder`, as published (gzip); without a folder, fetched by
    `keras.datasets`.
    """
    if folder is None:
        import keras  # only here, for it takes seconds to import, in every worker process too

        parts = keras.datasets.mnist.load_data()
    else:
        parts = [
            (read_idx(folder / f"{name}-images-idx3-ubyte.gz"), read_idx(folder / f"{name}-labels-idx1-ubyte.gz"))
            for name in ("train", "t10k")
        ]
    train, test = (
        Glyphs(_in_parallel(_normalise_grey, list(images)), labels.astype(np.int64)) for images, labels in parts
    )
    return train, test


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array in a gzipped IDX file of bytes: two zeros, type, rank, each dimension, the data."""
    raw = gzip.decompress(path.read_bytes())
    rank = raw[3]
    shape = np.frombuffer(raw, ">u4", count=rank, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_symbols(path: Path) -> Iterator[Symbol]:
    """Yield the symbols of a gzipped file of JSON lines; those without a single point are passed over."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            strokes = [stroke for stroke in record["strokes"] if len(stroke) >= 2]
            if strokes:
                yield Symbol(record["label"], record["writer"], strokes)


def is_validation(writer: str) -> bool:
    """Say whether a writer is kept for validation; by a hash of the name, so it is the same in every file."""
    digest = hashlib.sha256(writer.encode()).digest()
    return int.from_bytes(digest[:4]) < VALIDATION_SHARE * 2**32


def glyphs_of(symbols: list[Symbol], renderings: int, seed: int) -> Glyphs:
    """Draw every symbol several times, each with another pen at another size, and normalise it."""
    seeds = np.random.default_rng(seed).integers(2**32, size=(len(symbols), renderings))
    jobs = [(s.strokes, int(n)) for s, row in zip(symbols, seeds, strict=True) for n in row]
    labels = [int(s.label) if s.label.isdigit() else NOT_A_DIGIT for s in symbols]
    return Glyphs(_in_parallel(_normalise_drawn, jobs), np.repeat(labels, renderings))


def draw_as_on_a_pad(strokes: Sequence[Stroke], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a symbol as somebody might on a pad of 280 pixels: 8 to 100 % of it, brush 1.5 to 12 % of it.

    A brush of over a third of the symbol's size is no writing any more, and does not occur.
    """
    share = float(np.exp(rng.uniform(np.log(0.08), 0)))
    brush = float(np.exp(rng.uniform(np.log(0.015), np.log(max(0.016, min(0.12, share / 3))))))
    return draw_alone(strokes, longest=max(12, round(280 * share)), brush=brush / share)


def _normalise_grey(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.rint(normalise(ink_of(grey)) * 255).astype(np.uint8)


def _normalise_drawn(job: tuple[Sequence[Stroke], int]) -> NDArray[np.uint8]:
    strokes, seed = job
    return _normalise_grey(draw_as_on_a_pad(_tilt(strokes, seed), np.random.default_rng(seed)))


def _tilt(strokes: Sequence[Stroke], seed: int) -> list[Stroke]:
    """Turn by up to 12°, slant by up to 0.25, and stretch by up to 15 %."""
    rng = np.random.default_rng([seed, 1])
    angle = np.radians(rng.uniform(-12, 12))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, rng.uniform(-0.25, 0.25)], [0, 1]])
    stretch = np.diag([rng.uniform(0.85, 1.15), 1])
    matrix = turn @ slant @ stretch
    left, top, right, bottom = extent(strokes)
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    return [((np.reshape(stroke, (-1, 2)) - middle) @ matrix.T + middle).ravel().tolist() for stroke in strokes]


def _in_parallel(work: Callable[[Any], NDArray[np.uint8]], jobs: list[Any]) -> NDArray[np.uint8]:
    if not jobs:
        return np.zeros((0, 28, 28), np.uint8)
    with ProcessPoolExecutor() as pool:
        return np.stack(list(pool.map(work, jobs, chunksize=256)))
