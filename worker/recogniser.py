"""The worker's Python: pixels or an image file in, a reading out. The one file that knows onnxruntime-web."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, TypeVar

import js
import networks as files
import pyodide_js
from pyodide.ffi import JsException, JsProxy, to_js
from pyodide.webloop import PyodideTask


def report(part: str) -> None:
    """Tell the page how far the start has come."""
    js.postMessage(to_js({"part": part}, dict_converter=js.Object.fromEntries))


report("python")

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.explain import explain
from digitpad.image import brought_down, open_image
from digitpad.layout import ENOUGH
from digitpad.line import Lines
from digitpad.reading import Networks, Outputs, Reading, read, recognise

if TYPE_CHECKING:
    from digitpad.history import Entry

report("packages")

Result = TypeVar("Result")

PATIENCE = 2
"""Seconds that a first reading has the machine to itself."""

SINGLE = {"auto": None, "one": True, "number": False}
"""How the page names `single` of `digitpad.reading.look`: what JavaScript has for None would not arrive as it."""

FOR, AGAINST = (230, 80, 0), (0, 120, 255)
"""The colours of a heat map: of ink that speaks for the answer, and of ink that speaks against it."""


def run(file: str, name: str, array: NDArray[np.float32]) -> JsProxy:
    """Run the network in a file on an array of any shape, its input of that name; promise its outputs.

    It is asked at once, and runs beside what is done here until the answer is awaited.
    """
    return files.run(file, name, to_js(array.ravel()), to_js(array.shape))


def classify(images: NDArray[np.float32]) -> Awaitable[Outputs]:
    """Run the network for single symbols: `digitpad.reading.Classifier`."""

    async def outputs(promised: JsProxy) -> Outputs:
        answer = await promised
        return Outputs(_array(answer.probabilities), _array(answer.is_digit))

    return outputs(run("model.onnx", "images", images))


async def read_lines(pictures: NDArray[np.float32]) -> Lines:
    """Run the network for lines: `digitpad.reading.LineReader`."""
    outputs = await run("reader.onnx", "lines", pictures)
    return Lines(_array(outputs.frames), _array(outputs.extents))


def _array(tensor: JsProxy) -> NDArray[np.float32]:
    return np.asarray(tensor.data.to_py()).reshape(tensor.dims.to_py())


networks = Networks(classify, read_lines)


def as_object(answer: object) -> JsProxy:
    """Return an answer as JavaScript's own objects, arrays and bytes."""
    return to_js(answer, dict_converter=js.Object.fromEntries)


def at_once(function: Callable[..., Coroutine[object, object, Result]]) -> Callable[..., Awaitable[Result]]:
    """Begin with the message that asks.

    Pyodide's loop would send itself another one first, which takes as long as a step of a reading does.
    """

    @functools.wraps(function)
    def task(*arguments: object) -> Awaitable[Result]:
        return PyodideTask(function(*arguments), loop=asyncio.get_running_loop(), eager_start=True)

    return task


def in_words(function: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[JsProxy]]:
    """Answer as an object, and, where what the user brought cannot be used, with `{error: a sentence}`."""

    @at_once
    @functools.wraps(function)
    async def answer(*arguments: object) -> JsProxy:
        try:
            result = await function(*arguments)
        except ValueError as error:
            result = {"error": str(error)}
        except MemoryError:
            result = {"error": "The image is too large for the memory that the browser gives to this page."}
        return as_object(result)

    return answer


def with_all(function: Callable[..., Awaitable[Result]]) -> Callable[..., Awaitable[Result]]:
    """Have what of Python's packages is not there from the start brought before. Raises ValueError where that fails."""

    @functools.wraps(function)
    async def answer(*arguments: object) -> Result:
        try:
            await pyodide_js.bringRest()
        except JsException as error:
            raise ValueError(f"{error.message} Try again when the connection is back.") from error
        return await function(*arguments)

    return answer


def keep_for_later() -> None:
    """Bring what is not needed for a first reading, when that has had the time that it takes.

    Not only when it is needed: by then another tab may have brought a new version, and files of two are never mixed.
    """
    files.keep("reader.onnx")
    pyodide_js.bringRest().add_done_callback(lambda done: done.exception())  # told where it is needed


# What is behind `window.digitpad`


@in_words
async def read_pixels(pixels: JsProxy, width: int, height: int, single: str) -> Reading:
    """Read RGBA pixels, four bytes each, row by row."""
    return await read(_image(pixels, width, height), networks, SINGLE[single])


@in_words
@with_all
async def read_file(content: JsProxy, single: str) -> Reading:
    """Read an image file, given as its bytes."""
    return await read(open_image(content.to_bytes()), networks, SINGLE[single])


# What is behind the page


@at_once
async def look_at(single: str, *pad: object) -> JsProxy:
    """Read the pad; the reading has `pictures` too, RGBA, one a digit: what the network saw."""
    image, left, top, *known = _on_the_pad(*pad)
    recognition = await recognise(image, networks, SINGLE[single], *known)
    reading = _moved(recognition.reading, left, top)
    return as_object({**reading, "pictures": [_opaque(picture) for picture in recognition.images]})


@in_words
async def explain_pad(index: int, single: str, *pad: object) -> dict[str, object]:
    """Say what spoke for a digit: `heat`, 28 × 28 RGBA, and its `frame` in pixels of the pad."""
    image, left, top, *known = _on_the_pad(*pad)
    explanation = await explain(image, networks, SINGLE[single], index, *known)
    if explanation is None:
        raise ValueError("There is no ink on the pad.")
    warmth = explanation.heat[..., None]
    colour = np.where(warmth > 0, FOR, AGAINST)
    heat = np.concatenate([colour, np.abs(warmth) * 255], axis=-1)
    x, y, side = explanation.frame
    return {"digit": explanation.digit, "heat": heat.astype(np.uint8).ravel(), "frame": [left + x, top + y, side]}


@in_words
@with_all
async def open_picture(content: JsProxy) -> dict[str, object]:
    """Open an image file, and return it as RGBA for the pad, with the colour of its paper: its pixels' median."""
    picture, _ = brought_down(open_image(content.to_bytes()), ENOUGH)
    counts = np.reshape(picture.convert("RGB").histogram(), (3, 256))
    paper = [int(np.searchsorted(np.cumsum(levels), levels.sum() / 2)) for levels in counts]
    return {
        "pixels": np.asarray(picture.convert("RGBA")).ravel(),
        "width": picture.width,
        "height": picture.height,
        "paper": f"rgb({', '.join(map(str, paper))})",
        "scheme": "light" if np.mean(paper) > 127 else "dark",
    }


# The history's files are made and read here, where NumPy and Pillow are. Its module is imported when it is first
# needed: a visitor's first reading is not to wait for it.


@in_words
@with_all
async def keep(id: str, time: str, correction: str, single: str, *pad: object) -> Entry:
    """Return what the history keeps of a reading."""
    from digitpad.history import entry_of

    image, _, _, *known = _on_the_pad(*pad)
    recognition = await recognise(image, networks, SINGLE[single], *known)
    return entry_of(image, recognition.reading, recognition.images, id, time, correction)


@in_words
@with_all
async def export_history(entries: JsProxy, kind: str) -> np.ndarray:
    """Return the bytes of a file of the history."""
    from digitpad.history import export

    return np.frombuffer(export(entries.to_py(), kind), np.uint8)


@in_words
@with_all
async def import_history(content: JsProxy) -> list[Entry]:
    """Return the entries that a file of the history holds."""
    from digitpad.history import load

    return load(content.to_bytes())


def _image(pixels: JsProxy, width: int, height: int) -> Image.Image:
    return Image.frombuffer("RGBA", (width, height), pixels.to_bytes())


def _on_the_pad(
    pixels: JsProxy, width: int, height: int, left: int, top: int, side: int, is_picture: bool, is_upright: bool
) -> tuple[Image.Image, int, int, bool, bool]:
    """Return what is to be read of the pad, its left and top, and whether it is upright, and whether it is drawn.

    `ui.pad.Pad.part` gives it. Of a picture it is the part that is given, as it is. Strokes alone lie on a square that
    is white beyond the part.
    """
    part = _image(pixels, width, height)
    if is_picture:
        return part.convert("RGB"), left, top, is_upright, False
    pad = Image.new("L", (side, side), 255)
    # It is grey and opaque: any of its three colours says all.
    pad.paste(part.getchannel("R"), (left, top))
    return pad, 0, 0, is_upright, True


def _moved(reading: Reading, left: int, top: int) -> Reading:
    """Return a reading with its boxes where they are on the pad, of which what was read has its left and top."""

    def moved(box: list[int]) -> list[int]:
        x, y, width, height = box
        return [left + x, top + y, width, height]

    parts = {name: reading[name] for name in ("lines", "digits", "symbols")}
    return {**reading, **{name: [{**part, "box": moved(part["box"])} for part in parts[name]] for name in parts}}


def _opaque(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a picture as RGBA, ink white on black, the way MNIST is shown."""
    grey = np.rint(picture * 255).astype(np.uint8).repeat(4)
    grey[3::4] = 255
    return grey


# The first run compiles and allocates; nobody's first digit is to wait for that.
await classify(np.zeros((1, 28, 28), np.float32))  # noqa: F704
asyncio.get_running_loop().call_later(PATIENCE, keep_for_later)
