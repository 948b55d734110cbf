import base64
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Arrive, Watch, serving
from tests.model import read_grey
from tools.browser.digits import DIGITS
from tools.browser.hands import Mouse, ink_on_the_pad, saved, settled, write
from training.ink import draw


# One page for all: these calls leave nothing behind.
@pytest.fixture(scope="module")
def page(arrive: Arrive) -> Iterator[Page]:
    with serving("/some/repo/") as site:
        watch = Watch(site.origin)
        page = arrive(site, watch)
        page.wait_for_function("window.digitpad")
        page.evaluate("digitpad.ready")
        yield page
        page.context.close()
        assert watch.found == []


SOURCES: dict[str, str] = {
    "ImageData": """(bytes) => createImageBitmap(new Blob([bytes])).then(image => {
        const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height);
    })""",
    "Blob": "(bytes) => new Blob([bytes])",
    "HTMLCanvasElement": """(bytes) => createImageBitmap(new Blob([bytes])).then(image => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.width, image.height];
        canvas.getContext("2d").drawImage(image, 0, 0);
        return canvas;
    })""",
    "HTMLImageElement": """(bytes) => {
        const image = new Image();
        image.src = URL.createObjectURL(new Blob([bytes]));
        return image;
    }""",
}


def read(page: Page, source: str, picture: bytes = b"") -> dict:
    return page.evaluate(
        f"""async text => {{
            const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
            const source = await ({source})(bytes);
            return digitpad.read(source, {{single: true}});
        }}""",
        base64.b64encode(picture).decode(),
    )


@pytest.mark.parametrize("kind", SOURCES)
def test_each_kind_of_source_is_read_as_it_is_in_cpython(page: Page, kind: str) -> None:
    for name, strokes in DIGITS.items():
        picture = draw(strokes)
        reading, expected = read(page, SOURCES[kind], saved(Image.fromarray(picture))), read_grey(picture, single=True)
        assert reading.pop("milliseconds") > 0
        assert sorted(reading) == ["alternatives", "digits", "lines", "symbols", "text"]
        assert reading["text"] == expected["text"] == name[0]
        assert reading["lines"] == expected["lines"]
        (digit,) = reading["digits"]
        (known,) = expected["digits"]
        assert sorted(digit) == ["box", "confidence", "digit", "is_digit", "line", "probabilities"]
        assert digit["box"] == known["box"]
        assert digit["probabilities"] == pytest.approx(known["probabilities"], abs=1e-3)
        assert digit["is_digit"] == pytest.approx(known["is_digit"], abs=1e-3)
        (symbol,) = reading["symbols"]
        assert sorted(symbol) == ["box", "confidence", "line", "symbol"]
        assert (symbol["symbol"], symbol["box"], symbol["line"]) == (name[0], digit["box"], 0)
        assert symbol["confidence"] == pytest.approx(expected["symbols"][0]["confidence"], abs=1e-3)


def test_an_empty_picture_reads_as_nothing(page: Page) -> None:
    reading = read(page, SOURCES["Blob"], saved(Image.new("L", (90, 60), 255)))
    del reading["milliseconds"]
    assert reading == {"text": "", "lines": [], "digits": [], "symbols": [], "alternatives": []}


UNUSABLE = {
    "nothing": ("() => undefined", "has to be an ImageData"),
    "null": ("() => null", "has to be an ImageData"),
    "a number": ("() => 7", "has to be an ImageData"),
    "a text": ("() => 'seven'", "has to be an ImageData"),
    "an object": ("() => ({width: 3, height: 3})", "has to be an ImageData"),
    "an element that shows nothing": ("() => document.body", "has to be an ImageData"),
    "an empty file": ("() => new Blob([])", "file is empty"),
    "a text file": ("() => new Blob(['seven'])", "not an image"),
    "a damaged image": (
        "() => new Blob([Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82])])",
        "damaged|not an image",
    ),
    "a canvas without pixels": (
        "() => Object.assign(document.createElement('canvas'), {width: 0, height: 9})",
        "empty: 0 × 9",
    ),
    "pixels that were transferred": (
        """() => { const image = new ImageData(9, 9);
                   structuredClone(image.data.buffer, {transfer: [image.data.buffer]}); return image; }""",
        "lost its pixels",
    ),
    "a canvas that is too long": (
        "() => Object.assign(document.createElement('canvas'), {width: 20000, height: 9})",
        "too long: 20000 × 9",
    ),
    "an image without a file": ("() => new Image()", "shows no image"),
    "a canvas that is too large": (
        "() => Object.assign(document.createElement('canvas'), {width: 9000, height: 9000})",
        "too large: 9000 × 9000",
    ),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_source_that_cannot_be_read_is_told_and_nothing_is_lost(page: Page, what: str) -> None:
    source, sentence = UNUSABLE[what]
    if not ink_on_the_pad(page):
        write(page, Mouse(page), DIGITS["6"])
    assert settled(page) == "6"
    error = page.evaluate(
        f"""() => Promise.resolve(({source})()).then(source => digitpad.read(source)).then(
            reading => "it was read", error => `${{error.constructor.name}}: ${{error.message}}`)"""
    )
    assert error.startswith("Error: "), error
    assert "Traceback" not in error
    assert any(part in error for part in sentence.split("|")), error
    assert page.locator("body").get_attribute("data-state") == "ready"
    expect(page.locator("#reading")).to_have_text("6")
    assert ink_on_the_pad(page) > 0


def test_every_reading_of_many_arrives(page: Page) -> None:
    # MicroPython before 1.29 lost one promise in some hundreds to its garbage collector.
    lost = page.evaluate(
        """async count => {
            const image = new ImageData(40, 40);
            image.data.fill(255);
            for (let y = 8; y < 32; y++) image.data.fill(0, (y * 40 + 18) * 4, (y * 40 + 22) * 4 - 1);
            let lost = 0;
            for (let n = 0; n < count; n++) if ((await digitpad.read(image))?.digits?.length !== 1) lost++;
            return lost;
        }""",
        1500,
    )
    assert lost == 0
