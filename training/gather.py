"""The data sets, normalised and split; kept on disk, since drawing them takes minutes."""

import argparse
import hashlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitpad import ink, normalise
from training import broken, drawn, published, styles
from training import data as readers
from training import ink as drawing
from training import vary as variation
from training.data import LOOK_ALIKES, Glyphs, Symbol, joined

DIGIT_RENDERINGS = 8
NON_DIGIT_RENDERINGS = 3
STYLED_SHARE = 0.2
"""How many digits are drawn in other styles, as a share of those in ink: a tenth of all that is learned from."""

MNIST_KEPT_BACK = 5_000
"""As many of the last images as this are kept back where nothing says who wrote them; else whole writers are."""

USPS_KEPT_BACK = 1_000
"""As many of the last images as this are kept back, but no more than a seventh."""
OWN_SIZE_BRUSH = 0.06
DEFAULT_DATA = Path("../shared/data")
DEFAULT_CACHE = Path("build/glyphs")


@dataclass(frozen=True)
class Data:
    """What the network learns from, and what it is chosen and tried on; no writer is in both.

    What it learns from has no broken samples, and neither has `sound_digits`, which are the rest of `unseen_digits`.
    `own_size` shows the digits of `unseen_digits` where and as large as they were written, with a broad brush.
    """

    mnist: Glyphs
    digits: Glyphs
    non_digits: Glyphs
    usps: Glyphs
    mnist_kept_back: Glyphs
    usps_kept_back: Glyphs
    unseen_digits: Glyphs
    sound_digits: Glyphs
    unseen_non_digits: Glyphs
    own_size: Glyphs
    mnist_test: Glyphs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the data is."""
    parser.add_argument(
        "--data",
        type=Path,
        default=DEFAULT_DATA,
        help="folder with any of mnist/, ink/ and usps/, or, instead of ink/, UCI's pendigits-orig.tra.Z and "
        "UNIPEN's unpacked train_r01_v07/ as published; without mnist/, keras.datasets fetches MNIST; without ink "
        "the network learns from images alone and cannot tell a letter from a digit (default: %(default)s)",
    )
    parser.add_argument(
        "--cache", type=Path, default=DEFAULT_CACHE, help="folder for normalised data (default: %(default)s)"
    )


def gather(folder: Path, cache: Path) -> Data:
    """Return the data in `folder`, from the cache where it was made by the same code from the same folder."""
    kept = cache / f"{fingerprint(folder)}.npz"
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


def digits(folder: Path) -> list[Symbol]:
    """Return the digits in ink that are in a data folder; none where there are none."""

    def from_publishers() -> list[Symbol]:
        found = [path for path in sorted(folder.glob("pendigits-orig.tra*")) if path.suffix in {".tra", ".Z"}]
        return [*(s for path in found[:1] for s in published.pen_digits(path)), *_unipen(folder, "1a")]

    return _read(folder / "ink" / "digits_train.jsonl.gz", "digits", from_publishers)


def letters_and_signs(folder: Path) -> list[Symbol]:
    """Return the letters and signs in a data folder."""
    return _read(
        folder / "ink" / "nondigits_train.jsonl.gz", "letters and signs", lambda: _unipen(folder, "1b", "1c", "1d")
    )


def non_digits(folder: Path) -> list[Symbol]:
    """Return the letters and signs in a data folder, without those that look like digits."""
    return [s for s in letters_and_signs(folder) if s.label not in LOOK_ALIKES and s.label not in readers.DIGITS]


def split(symbols: list[Symbol]) -> tuple[list[Symbol], list[Symbol]]:
    """Return the symbols of the writers to learn from, and those of the writers kept back."""
    seen = [s for s in symbols if not readers.is_validation(s.writer)]
    return seen, [s for s in symbols if readers.is_validation(s.writer)]


def fingerprint(folder: Path) -> str:
    """Return a name for what `gather` would make: of the code that makes it and of the files it reads."""
    digest = hashlib.sha256()
    for module in (
        ink,
        normalise,
        readers,
        drawing,
        variation,
        published,
        broken,
        drawn,
        styles,
        sys.modules[__name__],
    ):
        digest.update(inspect.getsource(module).encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(folder)} {path.stat().st_size}".encode())
    return digest.hexdigest()[:16]


def _make(folder: Path) -> Data:
    mnist = folder / "mnist"
    print("Normalising MNIST …" if mnist.exists() else "No mnist/ in the data folder: fetching MNIST with Keras …")
    mnist_train, mnist_test = map(readers.normalised, readers.mnist(mnist))
    learned, mnist_kept_back = _keep_writers_back(mnist_train, readers.mnist_writers(folder))
    usps = folder / "usps" / "zip.train.gz"
    nothing = Glyphs(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64))
    usps_learned, usps_kept_back = _keep_back(
        readers.normalised(readers.usps(usps)) if usps.exists() else nothing, USPS_KEPT_BACK
    )
    seen, unseen = split(digits(folder))
    seen = [symbol for symbol in seen if not broken.is_broken(symbol)]
    is_sound = np.array([not broken.is_broken(symbol) for symbol in unseen], bool)
    seen_others, unseen_others = split(non_digits(folder))
    print("Drawing the ink …")
    in_ink = readers.varied(seen, DIGIT_RENDERINGS, seed=1)
    as_written = readers.as_written(unseen, seed=3)
    return Data(
        mnist=learned,
        digits=joined([in_ink, readers.styled(round(STYLED_SHARE * len(in_ink)), seed=5)]),
        non_digits=readers.varied(seen_others, NON_DIGIT_RENDERINGS, seed=2),
        usps=usps_learned,
        mnist_kept_back=mnist_kept_back,
        usps_kept_back=usps_kept_back,
        unseen_digits=as_written,
        sound_digits=_only(as_written, is_sound),
        unseen_non_digits=readers.as_written(unseen_others, seed=4),
        own_size=readers.at_own_size(unseen, OWN_SIZE_BRUSH),
        mnist_test=mnist_test,
    )


def _read(path: Path, what: str, otherwise: Callable[[], list[Symbol]]) -> list[Symbol]:
    symbols = list(readers.read_symbols(path)) if path.exists() else otherwise()
    if not symbols:
        print(f"No {what} in ink in the data folder: learning without them.")
    return symbols


def _unipen(folder: Path, *sections: str) -> list[Symbol]:
    return list(published.unipen(folder / "train_r01_v07", sections))


def _keep_writers_back(mnist: Glyphs, writers: list[str] | None) -> tuple[Glyphs, Glyphs]:
    if writers is None:
        return _keep_back(mnist, MNIST_KEPT_BACK)
    kept_back = np.array([readers.is_validation(writer) for writer in writers], bool)
    return _only(mnist, ~kept_back), _only(mnist, kept_back)


def _only(glyphs: Glyphs, which: NDArray[np.bool_]) -> Glyphs:
    return Glyphs(glyphs.images[which], glyphs.labels[which])


def _keep_back(glyphs: Glyphs, most: int) -> tuple[Glyphs, Glyphs]:
    cut = len(glyphs) - min(most, len(glyphs) // 7)
    return Glyphs(glyphs.images[:cut], glyphs.labels[:cut]), Glyphs(glyphs.images[cut:], glyphs.labels[cut:])


def _load(path: Path) -> Data:
    with np.load(path) as kept:
        return Data(
            **{
                part.name: Glyphs(**{c.name: kept[f"{part.name}_{c.name}"] for c in fields(Glyphs)})
                for part in fields(Data)
            }
        )
