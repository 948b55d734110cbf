"""The answer: how it is worded, what it shows of the network, when it is read and announced, and how it goes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tools.browser.digits import DIGITS, LETTERS
from tools.browser.hands import Mouse, ink_on_the_pad, percentages, settled, write

Visit = Callable[..., Page]


def test_the_answer_says_how_sure_it_is(visit: Visit) -> None:
    page = visit()
    write(page, Mouse(page), DIGITS["3"])
    assert settled(page) == "3"
    assert max(percentages(page)) >= 99
    expect(page.locator("#confidence")).to_have_text("Certain: over 99 %")
    expect(page.locator("#runner-up")).to_have_text("")
    assert page.title() == "3 – Digitpad"
    page.keyboard.press("Escape")
    write(page, Mouse(page), LETTERS["W"])
    assert settled(page) == "?"
    expect(page.locator("#confidence")).to_have_text("That does not look like a digit.")
    expect(page.locator("#runner-up")).to_contain_text("The closest is")
    assert page.title() == "? – Digitpad"
    page.keyboard.press("Escape")
    expect(page.locator("#confidence")).to_contain_text("Ready")
    assert page.title() == "Digitpad"


def test_the_runner_up_is_named_when_it_is_close(visit: Visit) -> None:
    page = visit()
    # From a 1 to a 7: somewhere on the way the network has to doubt.
    doubts = 0
    for reach in range(0, 240, 20):
        write(page, Mouse(page), [[420 - reach / 2, 250, 530, 235, 528, 400, 500, 600, 480, 800]])
        text, bars = settled(page), percentages(page)
        first, second = sorted(range(10), key=lambda digit: -bars[digit])[:2]
        words = page.locator("#confidence").inner_text()
        if bars[first] > bars[second] >= 6 and text != "?" and "may be no digit" not in words:
            doubts += 1
            expect(page.locator("#runner-up")).to_have_text(f"It may be {second} ({bars[second]} %)")
            assert str(bars[first]) in words
        page.keyboard.press("Escape")
    assert doubts > 0


def test_what_the_network_sees_is_shown(visit: Visit) -> None:
    page = visit()
    lightness = """seen => Array.from(seen.getContext("2d").getImageData(0, 0, 28, 28).data)
                                .filter((value, index) => index % 4 === 0)"""
    assert max(page.locator("#seen").evaluate(lightness)) == 0
    write(page, Mouse(page), DIGITS["1"], scale=0.3)
    settled(page)
    seen = page.locator("#seen").evaluate(lightness)
    rows = [n // 28 for n, value in enumerate(seen) if value > 127]
    columns = [n % 28 for n, value in enumerate(seen) if value > 127]
    # However small it was written: twenty pixels high, in the middle.
    assert 18 <= max(rows) - min(rows) + 1 <= 22
    assert 12 <= sum(columns) / len(columns) <= 15
    page.keyboard.press("Escape")
    expect(page.locator("#seen")).to_have_attribute("data-blank", "true")


def test_the_heat_map_lies_on_the_ink_and_goes_with_the_next_stroke(visit: Visit) -> None:
    page = visit()
    why = page.get_by_role("button", name="Show why")
    expect(why).to_be_disabled()
    write(page, Mouse(page), [[c * 0.4 + 500 for c in stroke] for stroke in DIGITS["3"]])
    settled(page)
    why.click()
    expect(why).to_have_attribute("aria-pressed", "true")
    heat = page.locator("#heat")
    expect(heat).to_be_visible()
    expect(page.locator("#inside-words")).to_contain_text("orange ink, 3 would be less likely")
    # Its warm part is where the 3 was written: in the lower right quarter of the pad.
    warm = heat.evaluate(
        """heat => {
            const {data} = heat.getContext("2d").getImageData(0, 0, 28, 28);
            const box = heat.getBoundingClientRect(), pad = document.getElementById("pad").getBoundingClientRect();
            let [x, y, total] = [0, 0, 0];
            for (let n = 0; n < 784; n++) {
                const weight = data[4 * n + 3];
                x += weight * (box.left + (n % 28 + 0.5) / 28 * box.width - pad.left) / pad.width;
                y += weight * (box.top + (Math.floor(n / 28) + 0.5) / 28 * box.height - pad.top) / pad.height;
                total += weight;
            }
            return [x / total, y / total];
        }"""
    )
    assert warm == pytest.approx([0.7, 0.7], abs=0.08)
    why.click()
    expect(heat).to_be_hidden()
    why.click()
    expect(heat).to_be_visible()
    write(page, Mouse(page), [[100, 100, 120, 120]])
    expect(heat).to_be_hidden()
    expect(why).to_have_attribute("aria-pressed", "false")


def test_the_answer_is_dismissed_and_the_drawing_stays(visit: Visit) -> None:
    page = visit()
    write(page, Mouse(page), DIGITS["7 crossed"])
    assert settled(page) == "7"
    ink = ink_on_the_pad(page)
    page.get_by_role("button", name="Dismiss answer").click()
    expect(page.locator("#reading")).to_have_text("")
    assert percentages(page) == [0] * 10
    assert ink_on_the_pad(page) == ink
    expect(page.get_by_role("button", name="Keep")).to_be_disabled()
    write(page, Mouse(page), [[660, 505, 670, 507]])
    expect(page.locator("#reading")).to_have_text("7")


def test_reading_can_wait_for_the_button_and_the_choice_lasts(visit: Visit) -> None:
    page = visit()
    read = page.get_by_role("button", name="Read", exact=True)
    expect(read).to_be_hidden()
    page.get_by_role("switch", name="Read while I write").uncheck()
    write(page, Mouse(page), DIGITS["5 in two strokes"][:1])
    assert settled(page) == ""
    expect(page.locator("#confidence")).to_contain_text("Not read yet")
    read.click()
    expect(page.locator("#reading")).to_have_text("5")
    # What was read is not what is there any more.
    write(page, Mouse(page), DIGITS["5 in two strokes"][1:])
    assert settled(page) == ""
    page.locator("#pad").press("Enter")
    expect(page.locator("#reading")).to_have_text("5")
    page.reload()
    page.wait_for_selector("body[data-state=ready]")
    expect(page.get_by_role("switch")).not_to_be_checked()
    write(page, Mouse(page), DIGITS["2"])
    assert settled(page) == ""
    page.get_by_role("switch").check()
    expect(page.locator("#reading")).to_have_text("2")


def test_an_answer_is_announced_once_when_it_has_settled(visit: Visit) -> None:
    page = visit()
    # What a screen reader would say: changes of a live region count when it is not busy.
    page.evaluate(
        """() => {
            const reading = document.getElementById("reading");
            let last = reading.textContent;
            window.announced = [];
            new MutationObserver(() => {
                if (reading.getAttribute("aria-busy") === "true" || reading.textContent === last) return;
                announced.push(last = reading.textContent);
            }).observe(reading, {childList: true, characterData: true, subtree: true, attributes: true});
        }"""
    )
    for stroke in DIGITS["4 open"]:
        write(page, Mouse(page), [stroke])
        settled(page)
        assert page.evaluate("announced") == []
    page.wait_for_function("announced.length > 0")
    assert page.evaluate("announced") == ["4"]


def test_everything_is_reached_and_used_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    page.locator("#pad").focus()
    page.keyboard.press("Space")
    for key in ["ArrowDown"] * 14:
        page.keyboard.press(key)
    page.keyboard.press("Space")
    assert settled(page) == "1"
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.sample || ''"))
        if reached[-1] in ("why", "keep"):
            page.keyboard.press("Enter")
        if reached[-1] == "theme":
            break
    expect(page.locator("#heat")).to_be_visible()
    expect(page.locator("#kept li")).to_have_count(1)
    missing = {"undo", "eraser", "clear", "keep", "dismiss", "why", "open", "live", "kind", "import"} - set(reached)
    assert not missing
    assert sum(name.startswith("assets/samples/") for name in reached) == 4
