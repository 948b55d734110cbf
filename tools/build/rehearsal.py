"""All that the worker does, once, for what it imports to be known; run inside Pyodide by tools/build/reduce.py."""

import contextlib
import importlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from digitpad.reading import Networks, Outputs

SAMPLES = Path("samples")

RECOGNISER = ("asyncio", "functools", "typing", *(f"digitpad.{name}" for name in ("explain", "image", "reading")))
"""Modules that recogniser.py begins with."""

ENCODINGS = ("ascii", "cp437", "idna", "latin_1", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_8", "utf_8_sig")
"""Such as files of the history and of images may have, or the names in them."""


async def start() -> None:
    """Do what is done before the first reading, that, and what may be asked of the pad soon after it."""
    for name in (*(f"encodings.{name}" for name in ENCODINGS), *RECOGNISER):
        importlib.import_module(name)
    from digitpad.explain import explain
    from digitpad.reading import recognise

    for single in (None, True):
        await recognise(_pad(), _networks(), single)
        await explain(_pad(), _networks(), single)


async def all_else() -> None:
    """Do all that may be done later."""
    from digitpad.history import entry_of, export, load
    from digitpad.image import FORMATS, open_image
    from digitpad.reading import recognise

    networks = _networks()
    for path in SAMPLES.iterdir():
        await recognise(open_image(path.read_bytes()), networks)
    for kind in FORMATS:
        for mode in ("L", "RGB", "1"):
            file = io.BytesIO()
            _pad().convert(mode).save(file, kind)
            open_image(file.getvalue())
    for damaged in (b"", b"no image", file.getvalue()[:-20]):
        with contextlib.suppress(ValueError):
            open_image(damaged)
    recognition = await recognise(_pad(), networks, True)
    entry = entry_of(_pad(), recognition.reading, recognition.images, "1", "2026-11-21T10:00:00.000Z", "7")
    for kind in ("csv", "json", "png", "npz", "idx"):
        load(export([entry], kind))


def _pad() -> Image.Image:
    """Return a seven, as on the pad, with a dot beside it."""
    pad = Image.new("L", (280, 280), 255)
    pad.paste(0, (80, 60, 200, 80))
    pad.paste(0, (180, 80, 200, 220))
    pad.paste(0, (20, 200, 28, 208))
    return pad


def _networks() -> "Networks":
    import numpy as np

    from digitpad.line import BLANK, Lines
    from digitpad.reading import Networks, Outputs

    async def classify(images: "NDArray[np.float32]") -> "Outputs":
        return Outputs(np.full((len(images), 10), 0.1, np.float32), np.full(len(images), 0.5, np.float32))

    async def read_lines(pictures: "NDArray[np.float32]") -> "Lines":
        frames = np.zeros((len(pictures), pictures.shape[2] // 2, BLANK + 1), np.float32)
        frames[:, 4::12, 7] = 0.6
        frames[:, 4::12, 1] = 0.4
        frames[..., BLANK] = 1 - frames.sum(axis=-1)
        return Lines(frames, np.full((*frames.shape[:2], 4), 8, np.float32))

    return Networks(classify, read_lines)
