"""A data folder as `../shared/data` is one, with a few symbols of the tests' own in each file."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from tools.browser.digits import DIGITS
from training.ink import draw

RNG = np.random.default_rng(0)
IMAGES = np.stack([draw(strokes, size=28, brush=0.1) for strokes in DIGITS.values()])
LABELS = np.array([int(name[0]) for name in DIGITS], np.uint8)


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes()))


def write_symbols(path: Path, labels: str, writers: int) -> None:
    with gzip.open(path, "wt") as file:
        for number, label in enumerate(labels):
            record = {
                "label": label,
                "source": "made",
                "writer": f"w{number % writers}",
                "strokes": DIGITS.get(label, DIGITS["8"]),
            }
            print(json.dumps(record), file=file)
        print(json.dumps({"label": "1", "source": "made", "writer": "w0", "strokes": []}), file=file)


def write_usps(path: Path) -> None:
    lines = []
    for strokes, label in zip(DIGITS.values(), LABELS, strict=True):
        grey = draw(strokes, size=16, brush=0.1)
        values = (255 - grey.astype(float)) / 127.5 - 1
        lines.append(f"{label}.0000 " + " ".join(f"{v:.4f}" for v in values.ravel()) + " ")
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for part in ("mnist", "ink", "usps"):
        (folder / part).mkdir(parents=True)
    for part in ("train", "t10k"):
        write_idx(folder / f"mnist/{part}-images-idx3-ubyte.gz", 255 - IMAGES)
        write_idx(folder / f"mnist/{part}-labels-idx1-ubyte.gz", LABELS)
    write_symbols(folder / "ink/digits_train.jsonl.gz", "0123456789" * 6, writers=30)
    write_symbols(folder / "ink/nondigits_train.jsonl.gz", "aEmOl" * 12, writers=30)
    write_usps(folder / "usps/zip.train.gz")
    return folder
