"""A picture on the pad: its own colours, its own pixels, turned by quarters, and an area of it that is read alone."""

import base64
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Locator, Page, expect

from tests.conftest import ROOT
from tests.e2e.test_looks import violations
from tests.e2e.test_numbers import PHONE, selected, sheet, symbols
from tools.browser.hands import (
    Finger,
    Mouse,
    clear,
    difference,
    give,
    ink_on_the_pad,
    saved,
    seen_on_the_pad,
    settled,
    write,
)

Visit = Callable[..., Page]

PAPER, INK, SLATE = (235, 222, 190), (25, 40, 120), (37, 68, 56)
LINES = sheet(["407 12", "395 68"])
NOTE = ImageOps.colorize(LINES.resize((900, 900)), INK, PAPER).crop((0, 0, 900, 700))
BOARD = ImageOps.colorize(LINES, "#eee", SLATE)


def expect_text(page: Page, text: str) -> None:
    expect(page.locator("#reading")).to_have_text(text, use_inner_text=True)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def opened(page: Page, picture: Image.Image) -> str:
    give(page, saved(picture))
    expect(button(page, "Turn the picture by a quarter")).to_be_visible()
    return settled(page)


def colour(page: Page, x: float, y: float) -> list[int]:
    """Return the colour at a place on the pad, in shares of its side; it is opaque there."""
    seen = np.asarray(seen_on_the_pad(page))
    *levels, alpha = seen[int(y * len(seen)), int(x * len(seen))].tolist()
    assert alpha == 255
    return levels


def box_on_the_pad(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of something on the pad, in shares of its side."""
    pad, box = page.locator("#pad").bounding_box(), page.locator(selector).bounding_box()
    assert pad is not None
    assert box is not None
    left, top, side = box["x"] - pad["x"], box["y"] - pad["y"], pad["width"]
    return left / side, top / side, (left + box["width"]) / side, (top + box["height"]) / side


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_photo_stays_a_photo(visit: Visit, scheme: str, size: dict) -> None:
    page = visit(color_scheme=scheme, **size)
    expect(button(page, "Turn the picture by a quarter")).to_be_hidden()
    expect(button(page, "Select area")).to_be_hidden()
    found = {}
    for name, picture, paper in (("note", NOTE, PAPER), ("board", BOARD, SLATE)):
        assert opened(page, picture) == "407 12\n395 68"
        # Beside it the pad has its paper's colour.
        for share in (0.02, 0.5, 0.98):
            assert colour(page, share, share) == pytest.approx(paper, abs=4)
        # What is written on it can be seen, and rubbed out.
        write(page, Mouse(page), [[850, 480, 950, 480]])
        settled(page)
        assert abs(sum(colour(page, 0.9, 0.48)) - sum(paper)) > 360
        button(page, "Eraser").click()
        write(page, Mouse(page), [[840, 480, 960, 480]])
        button(page, "Eraser").click()
        assert settled(page) == "407 12\n395 68"
        assert colour(page, 0.9, 0.48) == pytest.approx(paper, abs=4)
        found[name] = violations(page)
    assert found == {"note": [], "board": []}


# Keeps what was handed over to be read: the place of the part, and its pixels.
KEEP_PART = """() => {
    const {prototype} = CanvasRenderingContext2D, {getImageData} = prototype;
    prototype.getImageData = function (...place) {
        const image = getImageData.apply(this, place);
        window.part = [place, Array.from(image.data)];
        return image;
    };
}"""


def test_what_is_read_are_the_pictures_own_pixels_and_no_others(visit: Visit) -> None:
    page = visit()
    page.evaluate(KEEP_PART)
    noise = np.random.default_rng(1).integers(0, 256, (200, 301, 3), dtype=np.uint8)
    opened(page, Image.fromarray(noise))
    for quarters, place in ((0, [0, 50, 301, 200]), (1, [50, 0, 200, 301]), (2, [0, 50, 301, 200])):
        if quarters:
            button(page, "Turn the picture by a quarter").click()
            settled(page)
        part, pixels = page.evaluate("part")
        assert part == place
        read = np.reshape(pixels, (place[3], place[2], 4))
        np.testing.assert_array_equal(read[..., :3], np.rot90(noise, -quarters))
        assert (read[..., 3] == 255).all()
    for left in ("Undo", "Undo", "Undo"):
        button(page, left).click()
    assert ink_on_the_pad(page) == 0


READ = """async content => {
    const blob = new Blob([Uint8Array.from(atob(content), character => character.charCodeAt(0))]);
    return digitpad.read(blob);
}"""


def large() -> Image.Image:
    """Return a picture that is brought down before it is read."""
    return NOTE.resize((2700, 2100), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("what", ["chalk.jpg", "photo.jpg", "pencil.webp", "letter.png", "a note", "a large note"])
def test_a_file_is_read_on_the_pad_as_it_is_for_a_script(visit: Visit, what: str) -> None:
    page = visit()
    page.evaluate("heard = null; addEventListener('digitpad', ({detail}) => { heard = detail; })")
    made = {"a note": NOTE, "a large note": large()}
    content = saved(made[what]) if what in made else (ROOT / "assets" / "samples" / what).read_bytes()
    give(page, content)
    page.wait_for_function("heard")
    there, here = page.evaluate("heard"), page.evaluate(READ, base64.b64encode(content).decode())
    assert there["text"] == here["text"] == settled(page)
    assert there["alternatives"] == here["alternatives"]
    scale = 2700 / 1600 if what == "a large note" else 1
    for kind in ("symbols", "digits", "lines"):
        offset = np.array(there[kind][0]["box"]) - np.array(here[kind][0]["box"]) / scale
        for one, other in zip(there[kind], here[kind], strict=True):
            np.testing.assert_allclose(one.pop("box"), np.array(other.pop("box")) / scale + offset, atol=1.5)
            assert one == other


def test_a_picture_is_turned_with_what_is_written_on_it(visit: Visit) -> None:
    page = visit()
    # It lies on its side, its head to the left.
    opened(page, NOTE.transpose(Image.Transpose.ROTATE_90))
    write(page, Mouse(page), [[200, 40, 300, 40]])
    settled(page)
    before = seen_on_the_pad(page)
    turn = button(page, "Turn the picture by a quarter")
    turn.click()
    settled(page)
    assert difference(seen_on_the_pad(page), before.transpose(Image.Transpose.ROTATE_270)) < 1
    button(page, "Undo").click()
    settled(page)
    assert difference(seen_on_the_pad(page), before) < 0.1
    button(page, "Undo").click()
    turn.click()
    assert settled(page) == "407 12\n395 68"
    # Once round is as it was.
    upright = seen_on_the_pad(page)
    for _ in range(4):
        turn.click()
    settled(page)
    assert seen_on_the_pad(page).tobytes() == upright.tobytes()


@pytest.mark.parametrize("pointer", [Mouse, Finger])
def test_an_area_is_read_alone(visit: Visit, pointer: type[Mouse] | type[Finger]) -> None:
    page = visit(**PHONE) if pointer is Finger else visit()
    hand = pointer(page)
    assert opened(page, NOTE) == "407 12\n395 68"
    select = button(page, "Select area")
    select.click()
    expect(select).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#marking")).to_be_visible()
    shown = seen_on_the_pad(page).tobytes()
    # From below to above, and beyond the picture: it ends with the picture.
    write(page, hand, [[10, 950, 500, 700, 1020, 505]])
    expect_text(page, "395 68")
    expect(page.locator("#marking")).to_be_hidden()
    area = box_on_the_pad(page, "#area")
    assert area == pytest.approx((0.01, 0.505, 1, 0.5 + 350 / 900), abs=0.02)
    # Boxes are where the symbols are, a tap on one selects it, and nothing is written.
    left, top, right, bottom = box_on_the_pad(page, "#boxes .selected")
    assert area[0] < left < right < area[2]
    assert area[1] < top < bottom < area[3]
    write(page, hand, [[300, 580, 302, 580]])
    first = box_on_the_pad(page, "#boxes .selected")
    write(page, hand, [[500 * (left + right), 500 * (top + bottom), 500 * (left + right) + 2, 500 * (top + bottom)]])
    assert selected(page) == [4]
    expect_text(page, "395 68")
    assert seen_on_the_pad(page).tobytes() == shown
    assert first[0] <= left
    page.get_by_role("button", name="Show why").click()
    expect(page.locator("#heat")).to_be_visible()
    heat = box_on_the_pad(page, "#heat")
    assert (heat[0] + heat[2]) / 2 == pytest.approx((left + right) / 2, abs=0.03)
    assert (heat[1] + heat[3]) / 2 == pytest.approx((top + bottom) / 2, abs=0.03)
    page.locator("#pad").scroll_into_view_if_needed()
    # Another one; then a tap beside it, and all is read again.
    write(page, hand, [[10, 120, 500, 300, 480, 500]])
    expect(page.locator("#reading")).to_have_text(re.compile("^40"))
    write(page, hand, [[800, 850, 801, 850]])
    expect_text(page, "407 12\n395 68")
    expect(page.locator("#area")).to_be_hidden()
    write(page, hand, [[10, 505, 500, 700, 990, 880]])
    expect_text(page, "395 68")
    select.click()
    expect_text(page, "407 12\n395 68")
    expect(page.locator("#area")).to_be_hidden()
    expect(select).to_have_attribute("aria-pressed", "false")
    # Now the pen writes again.
    write(page, hand, [[900, 850, 950, 850]])
    settled(page)
    assert seen_on_the_pad(page).tobytes() != shown


def press(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def test_an_area_is_marked_by_keyboard(visit: Visit) -> None:
    page = visit()
    assert opened(page, NOTE) == "407 12\n395 68"
    button(page, "Select area").press("Enter")
    expect(page.locator("#pad")).to_be_focused()
    press(page, "ArrowLeft", 24)
    page.keyboard.press("Space")
    expect(page.locator("#pen")).to_have_attribute("data-down", "true")
    press(page, "ArrowRight", 48)
    press(page, "ArrowDown", 20)
    expect(page.locator("#area")).to_be_visible()
    expect_text(page, "407 12\n395 68")
    page.keyboard.press("Space")
    expect_text(page, "395 68")
    # Escape ends that alone, and again clears the pad.
    page.keyboard.press("Escape")
    expect_text(page, "407 12\n395 68")
    expect(page.locator("#area")).to_be_hidden()
    expect(button(page, "Select area")).to_have_attribute("aria-pressed", "false")
    # Who goes elsewhere between the corners has marked nothing.
    button(page, "Select area").press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    press(page, "ArrowLeft", 5)
    button(page, "Copy").focus()
    expect(page.locator("#area")).to_be_hidden()
    page.locator("#pad").press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#reading")).to_have_text("")
    expect(button(page, "Select area")).to_be_hidden()


def test_an_area_is_forgotten_with_its_picture(visit: Visit) -> None:
    page = visit()

    def mark() -> None:
        button(page, "Select area").click()
        write(page, Mouse(page), [[10, 505, 500, 700, 990, 880]])
        settled(page)
        expect(page.locator("#area")).to_be_visible()

    for action in (
        lambda: button(page, "Turn the picture by a quarter").click(),
        lambda: opened(page, BOARD),
        lambda: clear(page),
    ):
        assert opened(page, NOTE) == "407 12\n395 68"
        mark()
        action()
        expect(page.locator("#area")).to_be_hidden()
        expect(page.locator("#select-area")).to_have_attribute("aria-pressed", "false")


def test_what_is_kept_of_an_area_is_the_area(visit: Visit) -> None:
    page = visit()
    opened(page, NOTE)
    button(page, "Select area").click()
    write(page, Mouse(page), [[10, 505, 500, 700, 990, 880]])
    expect_text(page, "395 68")
    symbols(page).nth(0).click()
    page.keyboard.press("4")
    button(page, "Keep").click()
    expect(page.locator("#kept input")).to_have_value("495 68")
    size = page.locator("#kept img").evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert size[0] == 280
    assert size[1] == pytest.approx(280 * 375 / 980, abs=4)


def test_turn_and_area_are_read_at_once_where_writing_is_not(visit: Visit) -> None:
    page = visit()
    page.get_by_role("switch", name="Read while I write").uncheck()
    assert opened(page, NOTE) == "407 12\n395 68"
    button(page, "Select area").click()
    write(page, Mouse(page), [[10, 505, 500, 700, 990, 880]])
    expect_text(page, "395 68")
    page.keyboard.press("Escape")
    expect_text(page, "407 12\n395 68")
