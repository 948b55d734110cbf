"""The data sets, normalised and split; kept on disk, since drawing them takes minutes."""

import argparse
import hashlib
import inspect
import sys
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from digitpad import ink, normalise
from training import data as readers
from training import ink as drawing
from training.data import LOOK_ALIKES, Glyphs

DIGIT_RENDERINGS = 6
NON_DIGIT_RENDERINGS = 2
DEFAULT_DATA = Path("../shared/data")
DEFAULT_CACHE = Path("build/glyphs")


@dataclass(frozen=True)
class Data:
    """What the network learns from and what it is tried on; no writer is in two of them."""

    train: Glyphs
    mnist_test: Glyphs
    unseen_digits: Glyphs
    unseen_non_digits: Glyphs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the data is."""
    parser.add_argument(
        "--data",
        type=Path,
        default=DEFAULT_DATA,
        help="folder with mnist/ and ink/, each optional: without mnist/ keras.datasets fetches MNIST, without "
        "ink/ the network learns from MNIST alone and cannot tell a letter from a digit (default: %(default)s)",
    )
    parser.add_argument(
        "--cache", type=Path, default=DEFAULT_CACHE, help="folder for normalised data (default: %(default)s)"
    )


def gather(folder: Path, cache: Path) -> Data:
    """Return the data in `folder`, from the cache where it was made by the same code from the same folder."""
    kept = cache / f"{_fingerprint(folder)}.npz"
    if kept.exists():
        print(f"Normalised data: {kept}")
        return _load(kept)
    data = _make(folder)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".part")
    with unfinished.open("wb") as file:
        columns = {
            f"{part.name}_{column.name}": getattr(getattr(data, part.name), column.name)
            for part in fields(Data)
            for column in fields(Glyphs)
        }
        np.savez_compressed(file, **columns)
    unfinished.rename(kept)
    return data


def _make(folder: Path) -> Data:
    mnist = folder / "mnist"
    print("Normalising MNIST …" if mnist.exists() else "No mnist/ in the data folder: fetching MNIST with Keras …")
    train, test = readers.mnist(mnist if mnist.exists() else None)
    seen, unseen = _split(folder / "ink" / "digits_train.jsonl.gz", "digits")
    seen_others, unseen_others = _split(folder / "ink" / "nondigits_train.jsonl.gz", "other symbols")
    seen_others = [s for s in seen_others if s.label not in LOOK_ALIKES]
    unseen_others = [s for s in unseen_others if s.label not in LOOK_ALIKES]
    print("Drawing the ink …")
    parts = [
        train,
        readers.glyphs_of(seen, DIGIT_RENDERINGS, seed=1),
        readers.glyphs_of(seen_others, NON_DIGIT_RENDERINGS, seed=2),
    ]
    everything = Glyphs(np.concatenate([p.images for p in parts]), np.concatenate([p.labels for p in parts]))
    return Data(everything, test, readers.glyphs_of(unseen, 1, seed=3), readers.glyphs_of(unseen_others, 1, seed=4))


def _split(path: Path, what: str) -> tuple[list[readers.Symbol], list[readers.Symbol]]:
    if not path.exists():
        print(f"No {path.name} in the data folder: learning without {what} in ink.")
        return [], []
    symbols = list(readers.read_symbols(path))
    unseen = [readers.is_validation(s.writer) for s in symbols]
    return (
        [s for s, new in zip(symbols, unseen, strict=True) if not new],
        [s for s, new in zip(symbols, unseen, strict=True) if new],
    )


def _load(path: Path) -> Data:
    with np.load(path) as kept:
        return Data(
            **{
                part.name: Glyphs(**{c.name: kept[f"{part.name}_{c.name}"] for c in fields(Glyphs)})
                for part in fields(Data)
            }
        )


def _fingerprint(folder: Path) -> str:
    """Return a name for what `gather` would make: of the code that makes it and of the files it reads."""
    digest = hashlib.sha256()
    for module in (ink, normalise, readers, drawing, sys.modules[__name__]):
        digest.update(inspect.getsource(module).encode())
    for path in sorted(folder.rglob("*.gz")):
        digest.update(f"{path.relative_to(folder)} {path.stat().st_size}".encode())
    return digest.hexdigest()[:16]
