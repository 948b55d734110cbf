"""`window.digitpad`: readings for other scripts, and for pages that embed this one."""

import asyncio

import js
from pyscript.ffi import to_js

from ui.engine import Engine, Unusable, reason

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 16_384  # of a canvas, in the browsers that allow the least


def install(engine: Engine) -> js.Object:
    """Put `digitpad.read` on the window. Returns the object, whose `ready` is the caller's to set."""
    digitpad = js.Object.new()

    def read(source: object = None, options: object = None) -> js.Promise:
        """Promise a reading of an ImageData, a Blob, a canvas or an image element.

        `options.single`, true or false, says that the source shows exactly one symbol, or that it shows numbers;
        without it, that is found out.
        """

        def executor(resolve, reject):
            asyncio.create_task(_settle(engine, source, _mode(options), resolve, reject))

        return js.Promise.new(executor)

    digitpad.read = read
    js.window.digitpad = digitpad
    return digitpad


def announce(reading: js.Object) -> None:
    """Tell scripts of this page, and pages of the same origin that embed it, what the pad reads: event `digitpad`."""
    names = ("text", "lines", "digits", "symbols", "alternatives", "milliseconds")
    known = {name: reading[name] for name in names}
    js.window.dispatchEvent(js.CustomEvent.new("digitpad", to_js({"detail": known})))


# What JavaScript throws at once passes MicroPython by, uncaught; what a promise is rejected with becomes an exception.
# Hence all is looked at first, and the pixels of elements are asked for by a promise.


async def _settle(engine: Engine, source: object, mode: str, resolve: js.Function, reject: js.Function) -> None:
    try:
        answer = await engine.read(*await _question(source), mode)
    except Exception as error:
        reject(js.Error.new(reason(error)))
        return
    resolve(answer)


def _mode(options: object) -> str:
    """Return what recogniser.py calls the mode of reading that is wanted."""
    single = getattr(options, "single", None)
    if single is True:
        return "one"
    return "number" if single is False else "auto"


async def _question(source: object) -> tuple:
    """Return the worker's function that reads a source, and its arguments. Raises Unusable."""
    kind = js.Object.prototype.toString.call(source)[8:-1]
    if kind == "ImageData":
        return _pixels(source)
    if kind in ("Blob", "File"):
        return await _file(source)
    if kind == "HTMLCanvasElement":
        return await _file(await _painted(source, source.width, source.height))
    if kind == "HTMLImageElement":
        try:
            await source.decode()
        except Exception:
            raise Unusable("The image element shows no image: its file is missing or damaged.")
        return await _file(await _painted(source, source.naturalWidth, source.naturalHeight))
    raise Unusable(f"The source has to be an ImageData, a Blob, a canvas or an image element; this is: {kind}.")


async def _file(blob: js.Blob) -> tuple:
    return "read_file", js.Uint8Array.new(await blob.arrayBuffer())


async def _painted(element: js.Element, width: int, height: int) -> js.Blob:
    """Return what an element shows, as an image file."""
    _check_size(width, height)
    if max(width, height) > LONGEST_SIDE:
        raise Unusable(f"The source is too long: {width} × {height} pixels; a side may have {LONGEST_SIDE}.")
    canvas = js.OffscreenCanvas.new(width, height)
    canvas.getContext("2d").drawImage(element, 0, 0, width, height)
    try:
        return await canvas.convertToBlob()
    except Exception:
        raise Unusable("The image comes from another site, and the browser keeps its pixels from this page.")


def _pixels(image: js.ImageData) -> tuple:
    _check_size(image.width, image.height)
    if image.data.constructor.name != "Uint8ClampedArray":
        raise Unusable("The ImageData has to hold bytes, not floating-point numbers.")
    if image.data.length != 4 * image.width * image.height:
        raise Unusable("The ImageData has lost its pixels: they were transferred elsewhere.")
    return "read_pixels", image.data, image.width, image.height


def _check_size(width: int, height: int) -> None:
    if width * height == 0:
        raise Unusable(f"The source is empty: {width} × {height} pixels.")
    if width * height > MOST_PIXELS:
        raise Unusable(f"The source is too large: {width} × {height} pixels; up to 50 million can be read.")
