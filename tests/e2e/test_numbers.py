"""Whole numbers on the page: text, boxes, the symbol that is selected, corrections, and what is taken away."""

import base64
import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_looks import violations
from tools.browser.digits import DIGITS, LETTERS
from tools.browser.hands import Finger, Mouse, Strokes, give, ink_on_the_pad, percentages, saved, settled, write
from training.ink import draw

Visit = Callable[..., Page]
SIGNS = {
    ".": [[470, 805, 485, 815]],
    ",": [[500, 760, 490, 820, 450, 900]],
    "-": [[340, 520, 660, 515]],
    "/": [[720, 100, 300, 920]],
    ":": [[490, 400, 500, 410], [490, 700, 500, 710]],
    "+": [[320, 520, 680, 515], [500, 330, 500, 700]],
}
PHONE = {"viewport": {"width": 360, "height": 760}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def number(text: str, top: float = 300, height: float = 360) -> list[list[float]]:
    """Return the strokes of a number, written from the pad's left edge on: a digit is as broad as half its height."""
    pitch = 0.62 * height
    return [
        [
            c
            for x, y in points(stroke)
            for c in (60 + place * pitch + (x - 300) / 1000 * height, top + y / 1000 * height)
        ]
        for place, symbol in enumerate(text)
        for stroke in ([] if symbol == " " else {**DIGITS, **LETTERS, **SIGNS}[symbol])
    ]


def points(stroke: list[int]) -> list[tuple[int, int]]:
    return list(zip(stroke[0::2], stroke[1::2], strict=True))


def sheet(lines: list[str]) -> Image.Image:
    """Return a picture of numbers, a line below the other."""
    step = 1000 / len(lines)
    height = min(0.9 * step, 1450 / max(map(len, lines)))
    strokes = [stroke for n, line in enumerate(lines) for stroke in number(line, n * step, height)]
    return Image.fromarray(draw(strokes, size=1000, brush=0.008))


def written(page: Page, strokes: Strokes) -> str:
    write(page, Mouse(page), strokes)
    return settled(page)


def symbols(page: Page) -> Locator:
    return page.locator("#reading button")


def selected(page: Page) -> list[int]:
    return symbols(page).evaluate_all(
        "buttons => buttons.flatMap((button, n) => button.getAttribute('aria-pressed') === 'true' ? [n] : [])"
    )


def boxes(page: Page, kind: str) -> int:
    """Return how many boxes of a kind are on the pad."""
    return (page.locator(f"#boxes .{kind}").get_attribute("d") or "").count("M")


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Right symbol", exact=True)


def test_a_number_is_read_and_each_symbol_can_be_selected(visit: Visit) -> None:
    page = visit()
    assert written(page, number("4096")) == "4096"
    assert page.locator("#reading").text_content() == "4096"
    assert page.title() == "4096 – Digitpad"
    expect(symbols(page)).to_have_count(4)
    # At first it is the last one.
    assert selected(page) == [3]
    assert percentages(page)[6] >= 90
    expect(page.locator("#confidence")).to_contain_text("Digit 4 of 4: ")
    seen = "seen => seen.toDataURL()"
    last = page.locator("#seen").evaluate(seen)
    symbols(page).nth(1).click()
    assert selected(page) == [1]
    assert percentages(page)[0] >= 90
    expect(page.locator("#confidence")).to_contain_text("Digit 2 of 4: ")
    assert page.locator("#seen").evaluate(seen) != last
    expect(field(page)).to_have_value("0")
    page.locator("#pad").press("Escape")
    expect(symbols(page)).to_have_count(0)
    assert {kind: boxes(page, kind) for kind in ("sure", "doubtful", "out", "selected")} == dict.fromkeys(
        ("sure", "doubtful", "out", "selected"), 0
    )


def test_boxes_lie_about_the_symbols_and_are_not_read(visit: Visit) -> None:
    page = visit()
    write(page, Mouse(page), DIGITS["7"])
    assert settled(page) == "7"
    assert boxes(page, "selected") == 0
    page.locator("#pad").press("Escape")
    assert written(page, number("4096")) == "4096"
    assert boxes(page, "sure") + boxes(page, "doubtful") == 3
    assert boxes(page, "selected") == 1
    pad, box = page.locator("#pad").bounding_box(), page.locator("#boxes .selected").bounding_box()
    assert pad is not None
    assert box is not None
    xs, ys = zip(
        *[point for stroke in number("   6") for point in zip(stroke[0::2], stroke[1::2], strict=True)], strict=True
    )
    expected = [min(xs), min(ys), max(xs), max(ys)]
    found = [box["x"] - pad["x"], box["y"] - pad["y"]]
    found += [found[0] + box["width"], found[1] + box["height"]]
    assert [1000 * edge / pad["width"] for edge in found] == pytest.approx(expected, abs=40)
    # They are there for the eye alone: whoever writes there writes, and what is read is the ink.
    assert page.evaluate("getComputedStyle(document.getElementById('boxes')).pointerEvents") == "none"
    first = page.locator("#confidence").inner_text()
    page.get_by_label("Read as").select_option("number")
    assert settled(page) == "4096"
    assert page.locator("#confidence").inner_text() == first


def test_what_is_doubtful_is_marked_and_not_by_colour_alone(visit: Visit) -> None:
    page = visit()
    assert written(page, number("40E6")) == "40?6"
    expect(page.locator("#reading")).to_have_attribute("data-doubt", "true")
    doubtful = symbols(page).nth(2)
    doubtful.click()
    expect(doubtful).to_have_accessible_name("?, doubtful")
    assert doubtful.evaluate("button => getComputedStyle(button).borderTopStyle") == "dashed"
    expect(page.locator("#confidence")).to_have_text("Symbol 3 of 4 does not look like a digit.")
    dashes = "path => getComputedStyle(path).strokeDasharray"
    assert page.locator("#boxes .selected").evaluate(dashes) != "none"
    symbols(page).nth(0).click()
    assert page.locator("#boxes .selected").evaluate(dashes) == "none"
    assert page.locator("#boxes .doubtful").evaluate(dashes) != "none"
    assert boxes(page, "doubtful") == 1


@pytest.mark.parametrize("text", ["12.5", "-3", "12:30", "1/2", "4,05", "2+7"])
def test_signs_are_read_with_mouse_and_finger(visit: Visit, text: str) -> None:
    page = visit(**PHONE)
    for hand in (Mouse(page), Finger(page)):
        write(page, hand, number(text, height=300))
        assert settled(page) == text
        page.locator("#pad").press("Escape")


def test_a_sign_has_what_a_digit_has_but_the_bars(visit: Visit) -> None:
    page = visit()
    assert written(page, number("12.5")) == "12.5"
    expect(symbols(page)).to_have_count(4)
    assert sum(boxes(page, kind) for kind in ("sure", "doubtful", "selected")) == 4
    why = page.get_by_role("button", name="Show why")
    why.click()
    expect(page.locator("#inside-words")).to_contain_text("orange ink, 5 would be less likely")
    point = symbols(page).nth(2)
    point.click()
    expect(page.locator("#confidence")).to_contain_text("Sign 3 of 4: ")
    expect(point).to_have_accessible_name(re.compile("^point"))
    assert percentages(page) == [0] * 10
    expect(page.locator("#seen")).to_have_attribute("data-blank", "true")
    expect(page.locator("#heat")).to_be_hidden()
    expect(why).to_be_disabled()
    symbols(page).nth(1).click()
    assert percentages(page)[2] >= 90
    why.click()
    expect(page.locator("#inside-words")).to_contain_text("orange ink, 2 would be less likely")


def test_signs_are_corrected_kept_and_saved(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    assert written(page, number("12.5")) == "12.5"
    symbols(page).nth(2).click()
    page.keyboard.press("-")
    expect(page.locator("#reading")).to_have_text("12-5")
    expect(symbols(page).nth(2)).to_have_accessible_name("minus, corrected")
    symbols(page).nth(2).click()
    expect(page.locator("#confidence")).to_have_text("Sign 3 of 4: corrected, read as .")
    field(page).fill("7")
    expect(page.locator("#reading")).to_have_text("1275")
    field(page).fill(",")
    expect(page.locator("#reading")).to_have_text("12,5")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save table").click()
    download.value.save_as(tmp_path / "it.csv")
    assert (tmp_path / "it.csv").read_bytes() == b'"12,5"\r\n'
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept input")).to_have_value("12,5")
    expect(page.locator("#kept .read")).to_contain_text("Read as 12.5,")
    page.locator("#kept input").fill("-1/2")
    page.locator("#kept input").press("Enter")
    expect(page.locator("#kept input")).to_have_value("-1/2")
    page.get_by_label("File type").select_option("json")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "it.json")
    page.locator("#kept .delete").click()
    expect(page.locator("#kept li")).to_have_count(0)
    page.set_input_files("#history-file", tmp_path / "it.json")
    expect(page.locator("#kept input")).to_have_value("-1/2")
    expect(page.locator("#kept .read")).to_contain_text("Read as 12.5,")


HEAR = "addEventListener('digitpad', ({detail}) => { heard = detail; })"


def test_scripts_hear_of_signs(visit: Visit) -> None:
    page = visit()
    page.evaluate(f"heard = null; {HEAR}")
    assert written(page, number("12.5")) == "12.5"
    page.wait_for_function("heard")
    reading = page.evaluate("heard")
    assert sorted(reading) == ["alternatives", "digits", "lines", "milliseconds", "symbols", "text"]
    assert [symbol["symbol"] for symbol in reading["symbols"]] == ["1", "2", ".", "5"]
    assert all(symbol["line"] == 0 and 0 < symbol["confidence"] <= 1 for symbol in reading["symbols"])
    lefts = [symbol["box"][0] for symbol in reading["symbols"]]
    assert lefts == sorted(lefts)
    digits = [symbol["box"] for symbol in reading["symbols"] if symbol["symbol"] != "."]
    assert [(digit["digit"], digit["box"]) for digit in reading["digits"]] == list(zip([1, 2, 5], digits, strict=True))


def test_what_a_line_may_be_instead_is_named(visit: Visit) -> None:
    page = visit()
    page.evaluate(HEAR)
    named = 0
    # From a 1 to a 7, beside a 4: somewhere on the way a reader has to doubt.
    for reach in range(0, 240, 20):
        page.evaluate("heard = null")
        write(page, Mouse(page), [[220, 250, 130, 560, 340, 560], [280, 430, 270, 800]])
        write(page, Mouse(page), [[520 - reach / 2, 250, 630, 235, 628, 400, 600, 600, 580, 800]])
        settled(page)
        page.wait_for_function("heard")
        close = [other for other in page.evaluate("heard.alternatives") if other["probability"] >= 0.05]
        if close:
            named += 1
            assert close[0]["line"] == 0
            words = f"It may be {close[0]['text']} ({round(100 * close[0]['probability'])} %)"
            expect(page.locator("#runner-up")).to_have_text(words)
        page.locator("#pad").press("Escape")
    assert named > 0


@pytest.mark.parametrize("pointer", [Mouse, Finger])
def test_a_tap_on_a_symbol_selects_it_and_leaves_no_trace(visit: Visit, pointer: type[Mouse] | type[Finger]) -> None:
    page = visit(**PHONE) if pointer is Finger else visit()
    hand = pointer(page)
    write(page, hand, number("40"))
    write(page, hand, [[900, 800, 905, 900]])
    settled(page)
    page.get_by_role("button", name="Undo").click()
    assert settled(page) == "40"
    ink = ink_on_the_pad(page)
    x, y = number("4")[0][:2]
    write(page, hand, [[x, y, x + 4, y + 4]])
    assert selected(page) == [0]
    assert ink_on_the_pad(page) == ink
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    # A stroke there is a stroke; and where no symbol stands, a tap is a dot.
    write(page, hand, [[x, y, x + 30, y + 60]])
    settled(page)
    assert ink_on_the_pad(page) > ink
    page.get_by_role("button", name="Undo").click()
    settled(page)
    write(page, hand, [[800, 100, 800, 100]])
    settled(page)
    assert ink_on_the_pad(page) > ink


def test_a_symbol_is_corrected_in_place_until_the_drawing_changes(visit: Visit) -> None:
    page = visit()
    assert written(page, number("40 96", height=280)) == "40 96"
    symbols(page).nth(1).click()
    field(page).click()
    page.keyboard.type("8")
    expect(page.locator("#reading")).to_have_text("48 96")
    assert page.title() == "48 96 – Digitpad"
    expect(symbols(page).nth(1)).to_have_accessible_name("8, corrected")
    expect(page.locator("#confidence")).to_have_text("Digit 2 of 4: corrected, read as 0")
    # What is typed next takes its place; what is no symbol does not.
    page.keyboard.type("7x")
    expect(page.locator("#reading")).to_have_text("47 96")
    expect(field(page)).to_have_value("7")
    page.keyboard.press("Backspace")
    expect(page.locator("#reading")).to_have_text("4 96")
    assert boxes(page, "out") == 1
    ink = ink_on_the_pad(page)
    assert ink > 0
    # What was taken out is there to be brought back.
    out = page.get_by_role("button", name="Not a symbol")
    expect(out).to_have_attribute("aria-pressed", "true")
    out.click()
    expect(page.locator("#reading")).to_have_text("40 96")
    symbols(page).nth(0).click()
    out.click()
    expect(page.locator("#reading")).to_have_text("0 96")
    write(page, Mouse(page), [[900, 800, 905, 900]])
    settled(page)
    assert (page.locator("#reading").text_content() or "").startswith("40 96")


def test_one_digit_is_corrected_too(visit: Visit) -> None:
    page = visit()
    expect(field(page)).to_be_disabled()
    write(page, Mouse(page), DIGITS["1"])
    assert settled(page) == "1"
    field(page).fill("7")
    expect(page.locator("#reading")).to_have_text("7")
    expect(page.locator("#confidence")).to_have_text("Corrected: read as 1")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept input")).to_have_value("7")
    expect(page.locator("#kept .read")).to_contain_text("Read as 1")


def test_a_number_is_selected_and_corrected_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    assert written(page, number("4096")) == "4096"
    ink = ink_on_the_pad(page)
    symbols(page).nth(3).focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert selected(page) == [0]
    expect(symbols(page).nth(0)).to_be_focused()
    page.keyboard.type("18")
    expect(page.locator("#reading")).to_have_text("1896")
    assert selected(page) == [2]
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#reading")).to_have_text("186")
    expect(symbols(page).nth(3)).to_be_focused()
    assert ink_on_the_pad(page) == ink
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "false")


def test_what_shows_why_is_of_the_selected_symbol(visit: Visit) -> None:
    page = visit()
    assert written(page, number("4096")) == "4096"
    page.get_by_role("button", name="Show why").click()
    expect(page.locator("#inside-words")).to_contain_text("orange ink, 6 would be less likely")
    last = page.locator("#heat").bounding_box()
    symbols(page).nth(0).click()
    expect(page.locator("#inside-words")).to_contain_text("orange ink, 4 would be less likely")
    first = page.locator("#heat").bounding_box()
    assert first is not None
    assert last is not None
    assert first["x"] + first["width"] < last["x"] + last["width"] / 2


def test_the_mode_of_reading_is_chosen_and_the_choice_lasts(visit: Visit) -> None:
    page = visit()
    assert written(page, number("40")) == "40"
    mode = page.get_by_label("Read as")
    mode.select_option("one")
    expect(symbols(page)).to_have_count(0)
    assert len(settled(page)) == 1
    page.reload()
    page.wait_for_selector("body[data-state=ready]")
    expect(mode).to_have_value("one")
    write(page, Mouse(page), number("40"))
    assert len(settled(page)) == 1
    mode.select_option("auto")
    expect(page.locator("#reading")).to_have_text("40")


def test_a_script_chooses_the_mode_too(visit: Visit) -> None:
    page = visit()
    texts = page.evaluate(
        """async text => {
            const blob = new Blob([Uint8Array.from(atob(text), character => character.charCodeAt(0))]);
            const options = [undefined, null, {}, {single: undefined}, {single: null}, {single: false}, {single: true}];
            return Promise.all(options.map(o => digitpad.read(blob, o).then(reading => reading.text)));
        }""",
        base64.b64encode(saved(sheet(["40"]))).decode(),
    )
    assert texts[:6] == ["40"] * 6
    assert len(texts[6]) == 1


def test_the_text_is_copied(visit: Visit) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy = page.get_by_role("button", name="Copy")
    expect(copy).to_be_disabled()
    assert written(page, number("4096")) == "4096"
    symbols(page).nth(0).click()
    page.keyboard.press("1")
    copy.click()
    expect(page.locator("#copy")).to_have_text("Copied")
    expect(page.locator("#aloud")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "1096"
    expect(copy).to_have_text("Copy")
    expect(page.locator("#aloud")).to_have_text("")
    # Where the browser forbids the one way, there is the other.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden')); }")
    symbols(page).nth(0).press("2")
    copy.click()
    expect(page.locator("#copy")).to_have_text("Copied")
    expect(copy).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()") == "2096"
    page.evaluate("() => { document.execCommand = () => false; }")
    copy.click()
    expect(page.get_by_role("alert")).to_contain_text("does not let this page copy")


def test_a_table_is_saved(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    give(page, saved(sheet(["12 345", "67 8"])))
    expect(page.locator("#reading")).to_have_text("12 345\n67 8", use_inner_text=True)
    symbols(page).nth(0).click()
    page.keyboard.press("9")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save table").click()
    assert download.value.suggested_filename == "digitpad-numbers.csv"
    download.value.save_as(tmp_path / "it.csv")
    content = (tmp_path / "it.csv").read_bytes().decode()
    assert content == "92,345\r\n67,8\r\n"
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["92", "345"], ["67", "8"]]


def test_numbers_are_kept_with_their_corrections(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    give(page, saved(sheet(["12 345", "67 8"])))
    expect(page.locator("#reading")).to_have_text("12 345\n67 8", use_inner_text=True)
    keep = page.get_by_role("button", name="Keep")
    keep.click()
    expect(page.get_by_role("button", name="Kept")).to_be_disabled()
    # What was corrected is another reading.
    symbols(page).nth(0).click()
    page.keyboard.press("9")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#kept li")).to_have_count(2)
    expect(page.locator("#kept input").first).to_have_value("92 345 67 8")
    expect(page.locator("#kept .read").first).to_contain_text("Read as 12 345 67 8,")
    page.get_by_role("button", name="12 345 67 8 is right").last.click()
    expect(page.locator("#kept input").last).to_have_value("12 345 67 8")
    page.locator("#kept input").last.fill(" 1  2 ")
    page.locator("#kept input").last.press("Enter")
    expect(page.locator("#kept input").last).to_have_value("1 2")
    page.get_by_label("File type").select_option("json")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "it.json")
    entries = json.loads((tmp_path / "it.json").read_text())["readings"]
    assert [(entry["text"], entry["correction"]) for entry in entries] == [
        ("12 345\n67 8", "1 2"),
        ("12 345\n67 8", "92 345 67 8"),
    ]


FORTY = ["12345 678", "90123 456", "78901 234", "56789 012", "34567 890"]


def test_forty_digits_fit_and_hold_nothing_up(visit: Visit) -> None:
    page = visit()
    page.evaluate(
        """() => {
            window.tasks = [];
            new PerformanceObserver(list => tasks.push(...list.getEntries().map(task => task.duration)))
                .observe({entryTypes: ["longtask"]});
        }"""
    )
    for n, line in enumerate(FORTY):
        write(page, Mouse(page), number(line, 20 + 195 * n, 160))
    assert len("".join(settled(page).split())) == 40
    expect(symbols(page)).to_have_count(40)
    # On a machine with nothing else to do none takes 50 ms; here other work may come between.
    assert max(page.evaluate("tasks"), default=0) < 250


@pytest.mark.parametrize("width", [320, 360, 768, 1440, 2560])
def test_the_text_fits_at_any_width(visit: Visit, width: int) -> None:
    page = visit(viewport={"width": width, "height": 700})
    for lines in (["12345678"], ["12 345", "67 8"], ["40", "12", "96"], FORTY):
        give(page, saved(sheet(lines)))
        expect(page.locator("#reading")).to_have_text("\n".join(lines), use_inner_text=True)
        sizes = symbols(page).evaluate_all(
            "buttons => buttons.map(b => b.getBoundingClientRect()).map(box => [box.width, box.height, box.top])"
        )
        assert min(size for *sides, _ in sizes for size in sides) >= 24
        tops = [round(top) for *_, top in sizes]
        assert len(set(tops)) == len(lines), "each line stays a line"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        over = "reading => [reading.scrollWidth > reading.clientWidth, reading.scrollHeight > reading.clientHeight]"
        assert page.locator("#reading").evaluate(over) == [False, False]


@pytest.mark.parametrize("size", [{}, {"viewport": {"width": 360, "height": 760}}], ids=["desktop", "phone"])
def test_nothing_jumps_while_a_number_is_written(visit: Visit, size: dict) -> None:
    page = visit(**size)
    page.evaluate(
        """() => {
            window.jumps = [];
            new PerformanceObserver(list => {
                for (const {value, sources} of list.getEntries())
                    jumps.push([value, sources.map(s => s.node?.outerHTML ?? s.node?.data)]);
            }).observe({type: "layout-shift", buffered: true});
        }"""
    )
    # One stroke without a pause would count as no input of the user's while it goes on.
    for n, digit in enumerate("123456"):
        write(page, Mouse(page), number(" " * n + digit, height=230))
    settled(page)
    assert page.evaluate("jumps") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_about_numbers(visit: Visit, scheme: str, size: dict) -> None:
    page = visit(color_scheme=scheme, **size)
    assert written(page, number("4E96")) == "4?96"
    found = {"read": violations(page)}
    symbols(page).nth(0).click()
    page.keyboard.press("7")
    page.keyboard.press("Delete")
    found["corrected"] = violations(page)
    give(page, saved(sheet(FORTY)))
    expect(symbols(page)).to_have_count(40)
    found["many"] = violations(page)
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept li")).to_have_count(1)
    found["kept"] = violations(page)
    assert {state: what for state, what in found.items() if what} == {}
