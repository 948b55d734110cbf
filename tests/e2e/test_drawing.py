import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import both_places
from tools.browser.digits import DIGITS
from tools.browser.hands import Finger, Mouse, Pen, clear, ink_on_the_pad, percentages, settled, write
from training.data import is_validation

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True, "device_scale_factor": 3}
Visit = Callable[..., Page]


def thinned(stroke: list[int], most: int = 16) -> list[int]:
    """Return a stroke with no more points than a quick hand leaves: the browser takes a frame for each."""
    points = list(zip(stroke[0::2], stroke[1::2], strict=True))
    step = max(1, len(points) // most)
    return [c for point in [*points[:-1:step], points[-1]] for c in point]


@both_places
def test_digits_drawn_with_a_mouse_are_read(visit: Visit) -> None:
    page = visit()
    for name, strokes in DIGITS.items():
        write(page, Mouse(page), strokes)
        assert settled(page) == name[0], name
        bars = percentages(page)
        assert bars[int(name[0])] == max(bars)
        assert 98 <= sum(bars) <= 102  # but for rounding, a hundred
        clear(page)
        assert percentages(page) == [0] * 10


@both_places
def test_digits_drawn_with_a_finger_are_read(visit: Visit) -> None:
    page = visit(**PHONE)
    finger = Finger(page)
    for name, strokes in DIGITS.items():
        write(page, finger, strokes)
        assert settled(page) == name[0], name
        clear(page)


@pytest.mark.parametrize(("pointer", "count"), [("mouse", 150), ("finger", 100)])
def test_digits_that_people_wrote_are_read(visit: Visit, shared_data: Path, pointer: str, count: int) -> None:
    with gzip.open(shared_data / "ink" / "digits_train.jsonl.gz", "rt") as lines:
        records = [record for record in map(json.loads, lines) if is_validation(record["writer"])]
    page = visit(**PHONE if pointer == "finger" else {})
    hand = Finger(page) if pointer == "finger" else Mouse(page)
    misread = []
    for record in random.Random(pointer).sample(records, count):
        write(page, hand, [thinned(stroke) for stroke in record["strokes"]])
        text = settled(page)
        if text != record["label"]:
            misread.append(f"{record['label']} as {text}")
        clear(page)
    # What was measured on all of them is in training/REPORT.md; below this something is broken.
    assert len(misread) <= 0.07 * count, misread


def test_a_script_can_draw_too(visit: Visit) -> None:
    page = visit()
    page.locator("#pad").evaluate(
        """(pad, strokes) => {
            const box = pad.getBoundingClientRect();
            for (const stroke of strokes) {
                const send = (type, i) => pad.dispatchEvent(new PointerEvent(type, {
                    bubbles: true, pointerId: 7, pointerType: "pen",
                    clientX: box.left + stroke[i] / 1000 * box.width,
                    clientY: box.top + stroke[i + 1] / 1000 * box.height,
                }));
                send("pointerdown", 0);
                for (let i = 2; i < stroke.length; i += 2) send("pointermove", i);
                send("pointerup", stroke.length - 2);
            }
        }""",
        DIGITS["4"],
    )
    assert settled(page) == "4"


def test_small_digits_in_a_corner_are_read(visit: Visit) -> None:
    page = visit()
    for name in ("3", "5", "7 crossed", "8"):
        strokes = [[c * 0.15 + 20 for c in stroke] for stroke in DIGITS[name]]
        write(page, Mouse(page), strokes)
        assert settled(page) == name[0], name
        clear(page)


def test_bars_move_while_one_draws(visit: Visit) -> None:
    page = visit()
    box = page.locator("#pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 250, steps=8)
    expect(page.locator("#reading")).not_to_have_text("")
    assert max(percentages(page)) > 0
    assert page.locator("#reading").get_attribute("aria-busy") == "true"
    page.mouse.up()
    settled(page)
    expect(page.locator("#reading")).to_have_attribute("aria-busy", "false")


def test_undo_redo_and_clear(visit: Visit) -> None:
    page = visit()
    button = {name: page.get_by_role("button", name=name) for name in ("Undo", "Redo", "Clear")}
    for each in button.values():
        expect(each).to_be_disabled()
    write(page, Mouse(page), DIGITS["7 crossed"])
    assert settled(page) == "7"
    whole = ink_on_the_pad(page)
    button["Undo"].click()
    assert 0 < ink_on_the_pad(page) < whole
    button["Redo"].click()
    assert ink_on_the_pad(page) == pytest.approx(whole, rel=0.02)
    button["Clear"].click()
    expect(page.locator("#reading")).to_have_text("")
    assert ink_on_the_pad(page) == 0
    expect(button["Clear"]).to_be_disabled()
    page.keyboard.press("Control+z")
    assert ink_on_the_pad(page) == pytest.approx(whole, rel=0.02)
    assert settled(page) == "7"
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#reading")).to_have_text("")
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    expect(page.locator("#reading")).to_have_text("")


def test_an_empty_pad_reads_as_nothing(visit: Visit) -> None:
    page = visit()
    assert settled(page) == ""
    assert percentages(page) == [0] * 10
    assert page.title() == "Digitpad"


def test_a_finger_that_draws_does_not_scroll_the_page(visit: Visit) -> None:
    page = visit(**PHONE)
    page.evaluate("document.body.style.minHeight = '3000px'")
    finger = Finger(page)
    write(page, finger, [[500, 900, 500, 800, 500, 600, 500, 400, 500, 200, 500, 100]])
    assert settled(page) == "1"
    assert page.evaluate("scrollY") == 0
    # The same finger beside the pad does scroll: it is the pad that holds the page still.
    finger.stroke([(180, 600 - 40 * step) for step in range(8)])
    page.wait_for_function("scrollY > 0")


def test_a_second_finger_does_not_scribble(visit: Visit) -> None:
    page = visit(**PHONE)
    finger = Finger(page)
    write(page, finger, [[500, 200, 500, 800]])
    alone = ink_on_the_pad(page)
    clear(page)
    box = page.locator("#pad").bounding_box()
    assert box is not None

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    finger.touch("touchStart", at(0.5, 0.2))
    finger.touch("touchStart", at(0.5, 0.2), at(0.8, 0.8))
    finger.touch("touchMove", at(0.5, 0.8), at(0.2, 0.3))
    finger.touch("touchEnd")
    settled(page)
    assert abs(ink_on_the_pad(page) - alone) <= 0.02 * alone


def test_a_tap_right_after_a_stroke_counts(visit: Visit) -> None:
    page = visit(**PHONE)
    finger = Finger(page)
    for _ in range(4):
        write(page, finger, DIGITS["3"])
        box = page.get_by_role("button", name="Clear").bounding_box()
        assert box is not None
        finger.touch("touchStart", (box["x"] + 20, box["y"] + 20))
        finger.touch("touchEnd")
        expect(page.locator("#reading")).to_have_text("", timeout=5000)
        assert ink_on_the_pad(page) == 0


def test_what_the_system_takes_for_a_palm_leaves_no_mark(visit: Visit) -> None:
    page = visit(**PHONE)
    finger = Finger(page)
    write(page, finger, DIGITS["1"])
    alone = ink_on_the_pad(page)
    box = page.locator("#pad").bounding_box()
    assert box is not None
    finger.touch("touchStart", (box["x"] + 40, box["y"] + 300))
    finger.touch("touchMove", (box["x"] + 90, box["y"] + 300))
    assert ink_on_the_pad(page) > alone
    finger.touch("touchCancel")
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    assert ink_on_the_pad(page) == pytest.approx(alone, rel=0.02)
    assert settled(page) == "1"


def test_a_palm_beside_the_pen_leaves_no_mark(visit: Visit) -> None:
    page = visit(**PHONE)
    box = page.locator("#pad").bounding_box()
    assert box is not None
    palm, pen = Finger(page), Pen(page)
    # The palm comes first, and stays.
    palm.touch("touchStart", (box["x"] + 300, box["y"] + 300))
    palm.touch("touchMove", (box["x"] + 290, box["y"] + 310))
    write(page, pen, DIGITS["7"])
    palm.touch("touchMove", (box["x"] + 200, box["y"] + 320))
    assert settled(page) == "7"
    palm.touch("touchEnd")
    # Lifted and put down again at once, it is a palm still.
    write(page, pen, [[500, 500, 510, 500]])
    ink = ink_on_the_pad(page)
    palm.touch("touchStart", (box["x"] + 300, box["y"] + 300))
    palm.touch("touchMove", (box["x"] + 250, box["y"] + 310))
    palm.touch("touchEnd")
    assert ink_on_the_pad(page) == ink


def test_a_pen_that_is_pressed_writes_broader(visit: Visit) -> None:
    page = visit()
    ink = {}
    for force in (0.1, 0.5, 0.9):
        write(page, Pen(page, force), DIGITS["7"])
        assert settled(page) == "7"
        ink[force] = ink_on_the_pad(page)
        clear(page)
    write(page, Mouse(page), DIGITS["7"])
    assert ink[0.1] < 0.7 * ink[0.5] < 0.7 * ink[0.9]
    assert ink_on_the_pad(page) == pytest.approx(ink[0.5], rel=0.05)


# Counts what is darker than paper on the canvas that is read, in the part that is handed over and in all of it.
COUNT_INK = """() => {
    const {prototype} = CanvasRenderingContext2D, {getImageData} = prototype;
    const ink = ({data}) => data.filter((value, index) => index % 4 === 0 && value < 255).length;
    window.parts = [];
    prototype.getImageData = function (...place) {
        const part = getImageData.apply(this, place), {width, height} = this.canvas;
        parts.push({ink: ink(part), ofAll: ink(getImageData.call(this, 0, 0, width, height)), size: part.data.length});
        return part;
    };
}"""


def test_what_is_handed_over_has_all_ink_and_little_paper(visit: Visit) -> None:
    page = visit()
    page.evaluate(COUNT_INK)
    # With the broadest pen, over the edges of the pad, and all beyond it but for the start.
    for scale, strokes in ((0.3, DIGITS["7"]), (1.5, DIGITS["7"]), (1.0, [[990, 500, 1400, 900, 1500, 100]])):
        write(page, Pen(page, 1), strokes, scale)
        settled(page)
        parts = page.evaluate("parts.splice(0)")
        assert parts[-1]["ink"] > 0
        for part in parts:
            assert part["ink"] == part["ofAll"]
        if scale < 1:
            assert max(part["size"] for part in parts) < 0.2 * 280 * 280 * 4
        clear(page)


def test_the_eraser_takes_ink_away_and_is_undone_like_a_stroke(visit: Visit) -> None:
    page = visit()
    eraser = page.get_by_role("button", name="Eraser")
    write(page, Mouse(page), DIGITS["7 crossed"])
    assert settled(page) == "7"
    whole = ink_on_the_pad(page)
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    write(page, Mouse(page), [[600, 250, 700, 210, 560, 520, 430, 830]])
    settled(page)
    rest = ink_on_the_pad(page)
    assert 0 < rest < 0.8 * whole
    page.keyboard.press("Control+z")
    assert ink_on_the_pad(page) == pytest.approx(whole, rel=0.02)
    assert settled(page) == "7"
    page.keyboard.press("Control+Shift+z")
    assert ink_on_the_pad(page) == pytest.approx(rest, rel=0.02)
    # All rubbed out is nothing to be read.
    write(page, Mouse(page), [[200, y, 800, y] for y in range(150, 900, 60)])
    assert settled(page) == ""
    assert percentages(page) == [0] * 10
    eraser.click()
    write(page, Mouse(page), DIGITS["1"])
    assert settled(page) == "1"


def test_turning_the_phone_keeps_the_drawing(visit: Visit) -> None:
    page = visit(**PHONE)
    write(page, Finger(page), DIGITS["2"][:1])
    assert settled(page) == "2"
    page.set_viewport_size({"width": 640, "height": 360})
    page.wait_for_function("document.getElementById('pad').width < 900")
    write(page, Finger(page), [[500, 500, 505, 505]])
    assert settled(page) == "2"


def test_the_canvas_has_the_pixels_of_the_screen(visit: Visit) -> None:
    page = visit(**PHONE)
    pad = page.locator("#pad")
    assert pad.evaluate("pad => pad.width") == round(3 * pad.evaluate("pad => pad.clientWidth"))


def test_a_change_of_size_keeps_the_drawing(visit: Visit) -> None:
    page = visit()
    write(page, Mouse(page), DIGITS["2"])
    assert settled(page) == "2"
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function("document.getElementById('pad').width < 400")
    assert ink_on_the_pad(page) > 0
    write(page, Mouse(page), [[495, 500, 500, 505]])
    assert settled(page) == "2"


def test_the_keyboard_draws(visit: Visit) -> None:
    page = visit()
    page.locator("#pad").focus()
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(24):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert settled(page) == "1"
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    ink = ink_on_the_pad(page)
    page.keyboard.press("Space")
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    assert ink_on_the_pad(page) < 0.8 * ink
    page.keyboard.press("Delete")
    expect(page.locator("#reading")).to_have_text("")
