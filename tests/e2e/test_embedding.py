"""The example pages: Digitpad in a frame of another page, and as a reader of files behind one."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.e2e.conftest import both_places
from tools.browser.digits import DIGITS
from tools.browser.hands import Mouse

Visit = Callable[..., Page]


@both_places
def test_the_example_with_a_frame_hears_what_is_read(visit: Visit) -> None:
    page = visit(wait=False)
    page.goto(page.url + "examples/embed.html")
    frame = page.frame_locator("iframe")
    frame.locator("body[data-state=ready]").wait_for(state="attached")
    expect(frame.locator("#history")).to_be_hidden()
    box = frame.locator("#pad").bounding_box()
    assert box is not None
    for name, words in (("3", "You wrote 3."), ("8", "8 is right.")):
        hand = Mouse(page)
        for stroke in DIGITS[name]:
            points = zip(stroke[0::2], stroke[1::2], strict=True)
            hand.stroke([(box["x"] + x / 1000 * box["width"], box["y"] + y / 1000 * box["height"]) for x, y in points])
        expect(page.locator("#verdict")).to_contain_text(words)
        page.keyboard.press("Escape")


@both_places
def test_the_example_of_the_api_reads_files(visit: Visit) -> None:
    page = visit(wait=False)
    page.goto(page.url + "examples/api.html")
    expect(page.locator("#state")).to_have_text("Ready.")
    page.set_input_files(
        "#files",
        [ROOT / "assets" / "samples" / "chalk.jpg", ROOT / "assets" / "samples" / "letter.png", ROOT / "Makefile"],
    )
    rows = page.locator("#rows tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("chalk.jpg8")
    expect(rows.nth(1)).to_contain_text("letter.png?")
    expect(rows.nth(2)).to_contain_text("not an image")
