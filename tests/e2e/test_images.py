"""Images from outside: real files of every format, through the file input, the clipboard and by drag and drop."""

import base64
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Page, expect

from digitpad.image import brought_down, open_image
from tests.e2e.conftest import Arrive, Standing, Watch
from tools.browser.digits import DIGITS
from tools.browser.hands import Mouse, difference, give, ink_on_the_pad, saved, seen_on_the_pad, settled, write
from training.ink import draw

SEVEN = Image.fromarray(draw(DIGITS["7"], size=300, brush=0.05, scale=0.8))
ON_DARK = ImageOps.invert(SEVEN)


def transparent(colour: tuple[int, int, int]) -> Image.Image:
    image = Image.new("RGBA", SEVEN.size, (*colour, 0))
    image.putalpha(ON_DARK)
    return image


def deep(image: Image.Image, mode: str) -> Image.Image:
    levels = np.asarray(image).astype(np.float32)
    return Image.fromarray((levels * 200).astype(np.uint16) if mode == "I;16" else levels / 999)


def turned(orientation: int) -> bytes:
    """Return a JPEG of a camera that was held so that the picture has to be turned by its EXIF orientation."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    wide = ImageOps.expand(SEVEN, (90, 0), 255)
    return saved(wide if undo is None else wide.transpose(undo), "JPEG", exif=exif)


def huge() -> bytes:
    """Return a PNG of just under 50 million pixels."""
    page = Image.new("L", (8300, 6000), 255)
    page.paste(SEVEN.resize((3000, 3000)), (2500, 1500))
    return saved(page, "PNG", compress_level=1)


FILES: dict[str, Callable[[], bytes]] = {
    "PNG of 1 bit": lambda: saved(SEVEN.convert("1"), "PNG"),
    "PNG of 2 bits": lambda: saved(SEVEN.quantize(4), "PNG", bits=2),
    "PNG of 8 bits": lambda: saved(SEVEN, "PNG"),
    "PNG of 16 bits": lambda: saved(deep(SEVEN, "I;16"), "PNG"),
    "PNG in colour, light on dark": lambda: saved(ImageOps.colorize(ON_DARK, "#123", "#fe8"), "PNG"),
    "PNG, dark and transparent": lambda: saved(transparent((0, 0, 80)), "PNG"),
    "PNG, light and transparent": lambda: saved(transparent((255, 255, 220)), "PNG"),
    "PNG, grey and transparent": lambda: saved(transparent((0, 0, 0)).convert("LA"), "PNG"),
    "PNG with a palette and transparency": lambda: saved(transparent((180, 20, 0)).quantize(8), "PNG"),
    "JPEG in grey": lambda: saved(SEVEN, "JPEG"),
    "JPEG in colour": lambda: saved(ImageOps.colorize(SEVEN, "#319", "#ffd"), "JPEG", quality=60),
    "JPEG, progressive": lambda: saved(SEVEN.convert("RGB"), "JPEG", progressive=True),
    "JPEG in CMYK": lambda: saved(SEVEN.convert("CMYK"), "JPEG"),
    **{f"JPEG turned by EXIF, {n}": partial(turned, n) for n in range(1, 9)},
    "WebP, lossy": lambda: saved(SEVEN, "WEBP"),
    "WebP, lossless and transparent": lambda: saved(transparent((0, 90, 0)), "WEBP", lossless=True),
    "GIF": lambda: saved(SEVEN, "GIF"),
    "GIF with frames": lambda: saved(SEVEN, "GIF", save_all=True, append_images=[SEVEN.rotate(180)], duration=100),
    "GIF, transparent": lambda: saved(transparent((0, 0, 0)), "GIF"),
    "BMP of 1 bit": lambda: saved(ON_DARK.convert("1"), "BMP"),
    "BMP in colour": lambda: saved(SEVEN.convert("RGB"), "BMP"),
    "TIFF of 1 bit, as a fax": lambda: saved(SEVEN.convert("1"), "TIFF", compression="group4"),
    "TIFF of 8 bits": lambda: saved(SEVEN, "TIFF", compression="tiff_lzw"),
    "TIFF of 16 bits": lambda: saved(deep(ON_DARK, "I;16"), "TIFF"),
    "TIFF of floating-point numbers": lambda: saved(deep(SEVEN, "F"), "TIFF"),
    "TIFF in CMYK": lambda: saved(SEVEN.convert("CMYK"), "TIFF"),
    "TIFF with pages": lambda: saved(SEVEN, "TIFF", save_all=True, append_images=[SEVEN.rotate(180)]),
    "as small as MNIST's": lambda: saved(ON_DARK.resize((28, 28), Image.Resampling.LANCZOS), "PNG"),
    "narrow": lambda: saved(SEVEN.crop((90, 0, 220, 300)), "PNG"),
    "50 million pixels": huge,
}

UNREADABLE = {
    "a text": (lambda: b"seven", "not an image"),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not an image"),
    "an empty file": (lambda: b"", "file is empty"),
    "half a PNG": (lambda: saved(SEVEN, "PNG")[:900], "damaged"),
    "half a JPEG": (lambda: saved(SEVEN, "JPEG")[:900], "damaged"),
    "60 million pixels": (lambda: saved(Image.new("1", (10_000, 6_000)), "PNG"), "too large: 10000 × 6000"),
}

EMPTY = {
    "a blank page": Image.new("L", (200, 100), 240),
    "one pixel": Image.new("L", (1, 1), 0),
    "wholly transparent": Image.new("RGBA", (50, 50), (9, 9, 9, 0)),
}


# One page for all: the page is to go on after each of them.
@pytest.fixture(scope="module")
def page(arrive: Arrive, standing: Standing) -> Iterator[Page]:
    with standing("/some/repo/") as site:
        watch = Watch(site.origin)
        page = arrive(site, watch, permissions=["clipboard-read", "clipboard-write"])
        page.wait_for_selector("body[data-state=ready]")
        yield page
        page.context.close()
        assert watch.found == []


@pytest.fixture(autouse=True)
def blank(page: Page) -> None:
    page.locator("#pad").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#reading")).to_have_text("")


@pytest.mark.parametrize("what", FILES)
def test_an_image_is_read_and_shown_on_the_pad(page: Page, what: str) -> None:
    content = FILES[what]()
    give(page, content)
    assert settled(page) == "7"
    expect(page.locator("#opening")).to_be_hidden()
    seen, given = seen_on_the_pad(page).convert("RGB"), brought_down(open_image(content), 1600)[0].convert("RGB")
    given = ImageOps.contain(given, seen.size)
    left, top = (seen.width - given.width) // 2, (seen.height - given.height) // 2
    seen = seen.crop((left, top, left + given.width, top + given.height))
    assert difference(seen, given) < 6


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_and_the_drawing_stays(page: Page, what: str) -> None:
    write(page, Mouse(page), DIGITS["3"])
    assert settled(page) == "3"
    before = ink_on_the_pad(page)
    make, sentence = UNREADABLE[what]
    give(page, make())
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text(sentence)
    expect(notice).not_to_contain_text("Traceback")
    expect(page.locator("#opening")).to_be_hidden()
    assert ink_on_the_pad(page) == before
    expect(page.locator("#reading")).to_have_text("3")
    page.get_by_role("button", name="Close this message").click()
    expect(notice).to_be_hidden()


@pytest.mark.parametrize("what", EMPTY)
def test_a_picture_on_which_nothing_is_found_stays_and_that_is_said(page: Page, what: str) -> None:
    give(page, saved(EMPTY[what]))
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("There is nothing to read in the image: it is blank, or too faint.")
    expect(page.get_by_role("button", name="Turn the picture by a quarter")).to_be_visible()
    page.get_by_role("button", name="Close this message").click()
    write(page, Mouse(page), [[500, 500, 501, 501]])  # it is said of what was opened alone
    settled(page)
    expect(notice).to_be_hidden()


def test_a_file_too_large_to_be_opened_is_told(page: Page) -> None:
    # A file of more than 200 MB, of which nothing is read.
    page.evaluate(
        """() => {
            const file = new File([], "huge.png");
            Object.defineProperty(file, "size", {value: 300e6});
            const event = new Event("paste", {bubbles: true});
            event.clipboardData = {files: [file]};
            document.body.dispatchEvent(event);
        }"""
    )
    expect(page.get_by_role("alert")).to_contain_text("too large: 300 MB")
    page.get_by_role("button", name="Close this message").click()


def test_the_button_opens_the_browsers_file_chooser(page: Page) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open image").click()
    chooser.value.set_files({"name": "5.png", "mimeType": "image/png", "buffer": saved(ON_DARK, "PNG")})
    expect(page.locator("#reading")).to_have_text("7")


def test_an_image_is_dropped(page: Page, tmp_path: Path) -> None:
    (tmp_path / "seven.png").write_bytes(saved(SEVEN, "PNG"))
    drag(page, [str(tmp_path / "seven.png")])
    expect(page.locator("#reading")).to_have_text("7")


def test_of_several_files_the_first_is_read_and_that_is_said(page: Page, tmp_path: Path) -> None:
    for name, strokes in (("a", DIGITS["2"]), ("b", DIGITS["6"])):
        Image.fromarray(draw(strokes)).save(tmp_path / f"{name}.png")
    drag(page, [str(tmp_path / "a.png"), str(tmp_path / "b.png")])
    expect(page.locator("#reading")).to_have_text("2")
    expect(page.get_by_role("alert")).to_contain_text("2 files")
    page.get_by_role("button", name="Close this message").click()


def drag(page: Page, files: list[str]) -> None:
    """Drag files over the page and drop them, from below the page: the browser makes its own events of it."""
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": files, "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 300, "data": data})
        if kind == "dragOver":
            expect(page.locator("body")).to_have_attribute("data-drop", "true")
    expect(page.locator("body")).to_have_attribute("data-drop", "false")


def test_an_image_is_pasted(page: Page) -> None:
    page.evaluate(
        """text => {
            const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
            const image = new Blob([bytes], {type: "image/png"});
            return navigator.clipboard.write([new ClipboardItem({"image/png": image})]);
        }""",
        base64.b64encode(saved(SEVEN, "PNG")).decode(),
    )
    page.keyboard.press("Control+v")
    expect(page.locator("#reading")).to_have_text("7")


def test_a_text_on_the_clipboard_is_told(page: Page) -> None:
    page.evaluate("navigator.clipboard.writeText('seven')")
    page.keyboard.press("Control+v")
    expect(page.get_by_role("alert")).to_contain_text("no image on the clipboard")
    page.get_by_role("button", name="Close this message").click()


@pytest.mark.parametrize(
    ("sample", "text"),
    [("chalk on a blackboard", "8"), ("a photo of a note", "5"), ("a faint pencil", "4"), ("a letter", "?")],
)
def test_the_samples_are_read(page: Page, sample: str, text: str) -> None:
    page.get_by_role("button", name=f"Sample: {sample}").click()
    expect(page.locator("#reading")).to_have_text(text)


def test_an_image_can_be_written_on_erased_and_undone(page: Page) -> None:
    give(page, saved(Image.fromarray(draw(DIGITS["1"], brush=0.04)), "PNG"))
    expect(page.locator("#reading")).to_have_text("1")
    write(page, Mouse(page), [[200, 240, 350, 235, 510, 230]])
    expect(page.locator("#reading")).to_have_text("7")
    page.get_by_role("button", name="Eraser").click()
    write(page, Mouse(page), [[190, 240, 350, 235, 430, 230]])
    page.get_by_role("button", name="Eraser").click()
    expect(page.locator("#reading")).to_have_text("1")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#reading")).to_have_text("7")
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    expect(page.locator("#reading")).to_have_text("")
    assert ink_on_the_pad(page) == 0
    page.get_by_role("button", name="Redo").click()
    expect(page.locator("#reading")).to_have_text("1")


def test_a_photo_can_be_taken_where_there_is_a_camera_in_the_hand(visit: Callable[..., Page]) -> None:
    page = visit(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 640})
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a photo").tap()
    assert chooser.value.element.get_attribute("capture") == "environment"
    chooser.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": turned(6)})
    expect(page.locator("#reading")).to_have_text("7")
    # The button stands below the answer; what was photographed is to be seen.
    expect(page.locator("#pad")).to_be_in_viewport(ratio=1)
