"""Looks and manners for everyone: axe-core in every state, Lighthouse, themes, widths, motion, nothing that jumps."""

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.conftest import ROOT
from tests.e2e.conftest import Site
from tools.browser import installed as chromium
from tools.browser.digits import DIGITS, LETTERS
from tools.browser.hands import Mouse, settled, write

Visit = Callable[..., Page]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 360, "height": 760}}


def violations(page: Page) -> list[str]:
    """Return what axe-core finds, with all of its rules, on the page as it is now."""
    page.evaluate(AXE.read_text())
    # What is on its way from one colour to another is to have arrived.
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => {})))")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations)")
    return [f"{v['id']}: {v['help']}: {[node['html'][:120] for node in v['nodes']]}" for v in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_any_state(visit: Visit, site: Site, scheme: str, size: dict) -> None:
    site.trouble.held["model.onnx"] = threading.Event()
    page = visit(wait=False, color_scheme=scheme, **size)
    found = {"loading": violations(page)}
    site.trouble.held["model.onnx"].set()
    page.wait_for_selector("body[data-state=ready]")
    found["empty"] = violations(page)

    box = page.locator("#pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 250, steps=8)
    found["drawing"] = violations(page)
    page.mouse.up()
    settled(page)
    found["read"] = violations(page)
    page.get_by_role("button", name="Show why").click()
    expect(page.locator("#heat")).to_be_visible()
    found["heat map"] = violations(page)
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept li")).to_have_count(1)
    found["kept"] = violations(page)
    page.locator("#kept .confirm").click()
    expect(page.locator("#kept .confirm")).to_have_attribute("aria-pressed", "true")
    found["confirmed"] = violations(page)
    page.locator("#kept .delete").click()
    expect(page.get_by_role("button", name="Bring back")).to_be_visible()
    found["deleted"] = violations(page)
    page.get_by_role("button", name="Eraser").click()
    page.get_by_role("switch").uncheck()
    found["eraser, and reading by a button"] = violations(page)
    page.get_by_role("switch").check()
    page.get_by_role("button", name="Eraser").click()
    page.locator("#pad").press("Escape")
    write(page, Mouse(page), LETTERS["W"])
    assert settled(page) == "?"
    found["no digit"] = violations(page)
    page.set_input_files("#file", {"name": "it", "mimeType": "image/png", "buffer": b"seven"})
    expect(page.get_by_role("alert")).to_be_visible()
    found["error"] = violations(page)
    page.get_by_role("button", name="Sample: a photo of a note").click()
    page.get_by_role("button", name="Select area").click()
    found["an area is being marked"] = violations(page)
    write(page, Mouse(page), [[100, 100, 500, 500, 900, 900]])
    expect(page.locator("#reading")).to_have_text("5")
    found["an area is read"] = violations(page)
    assert {state: what for state, what in found.items() if what} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_the_recogniser_is_missing(visit: Visit, site: Site, scheme: str) -> None:
    site.trouble.missing.add("model.onnx")
    page = visit(wait=False, color_scheme=scheme)
    page.wait_for_selector("body[data-state=error]")
    assert violations(page) == []


@pytest.mark.parametrize("path", ["examples/embed.html", "examples/api.html"])
def test_axe_finds_nothing_on_the_example_pages(visit: Visit, site: Site, path: str) -> None:
    page = visit()
    page.goto(site.address + path)
    page.frame_locator("iframe").locator("body[data-state=ready]").wait_for(state="attached")
    assert violations(page) == []


def test_lighthouse_is_content(playwright: Playwright, site: Site, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = ["node", "node_modules/lighthouse/cli/index.js", site.address, "--quiet", "--output=json"]
    command += [f"--output-path={report}", "--only-categories=accessibility,best-practices,seo"]
    command += [f"--chrome-flags=--headless {' '.join(chromium.ARGUMENTS)}"]
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, "CHROME_PATH": chromium.find(playwright)}, check=True, timeout=300
    )
    content = json.loads(report.read_text())
    scores = {name: category["score"] for name, category in content["categories"].items()}
    short = [audit["id"] for audit in content["audits"].values() if audit["score"] is not None and audit["score"] < 1]
    assert sorted(scores) == ["accessibility", "best-practices", "seo"]
    assert min(scores.values()) >= 0.95, (scores, short)


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_the_theme_follows_the_system_until_one_is_chosen(visit: Visit) -> None:
    page = visit(color_scheme="light")
    light = background(page)
    page.emulate_media(color_scheme="dark")
    dark = background(page)
    assert dark != light
    write(page, Mouse(page), DIGITS["1"])
    page.get_by_label("Theme").select_option("light")
    assert background(page) == light
    # The ink on the pad has changed with it.
    darkest = page.locator("#pad").evaluate(
        """pad => {
            const {data} = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
            return data.reduce((least, red, n) => n % 4 === 0 && data[n + 3] > 250 ? Math.min(least, red) : least);
        }"""
    )
    assert darkest < 60
    page.reload()
    # Chosen before Python is there: nothing flashes.
    assert background(page) == light
    page.wait_for_selector("#unstarted", state="detached")
    expect(page.get_by_label("Theme")).to_have_value("light")
    page.get_by_label("Theme").select_option("system")
    assert background(page) == dark


# What reaches beyond the window, what is too small for a finger, and what has more to say than room to say it.
UNFIT = {
    "outside": """Array.from(document.body.querySelectorAll("*")).filter(element => {
        const box = element.getBoundingClientRect();
        return box.width && (box.right > innerWidth + 0.5 || box.left < -0.5);
    })""",
    "small": """Array.from(document.querySelectorAll("button, select, input")).filter(element => {
        const box = (element.closest("label.switch") ?? element).getBoundingClientRect();
        return box.width && (box.width < 44 || box.height < 44);
    })""",
    "squeezed": """Array.from(document.querySelectorAll("button, #words")).filter(
        element => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1
    )""",
}


def test_nothing_is_cut_off_at_any_width(visit: Visit) -> None:
    page = visit()
    write(page, Mouse(page), LETTERS["W"])
    settled(page)
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept li")).to_have_count(1)
    page.set_input_files("#file", {"name": "it", "mimeType": "image/png", "buffer": b"seven"})
    expect(page.get_by_role("alert")).to_be_visible()
    for on_the_pad in ("a letter", "a photo"):
        for width in (320, 360, 768, 1440, 2560):
            page.set_viewport_size({"width": width, "height": 700})
            for what, elements in UNFIT.items():
                found = page.evaluate(f"{elements}.map(element => element.outerHTML.slice(0, 100))")
                assert found == [], (on_the_pad, width, what)
        page.get_by_role("button", name="Sample: a photo of a note").click()
        page.get_by_role("button", name="Select area").click()


JUMPS = """
    window.jumps = [];
    new PerformanceObserver(list => {
        for (const {value, sources} of list.getEntries()) jumps.push([value, sources.map(s => s.node?.outerHTML)]);
    }).observe({type: "layout-shift", buffered: true});
"""


def test_nothing_jumps_while_the_page_arrives(visit: Visit, site: Site) -> None:
    page = visit(wait=False, **PHONE)
    page.add_init_script(JUMPS)
    rest = threading.Event()
    site.trouble.torn[""] = (b'<option value="system">', rest)
    page.goto(site.address, wait_until="commit")
    page.wait_for_function("document.querySelector('#theme option')", polling=100)
    assert page.evaluate("performance.getEntriesByType('paint')") == []
    rest.set()
    page.wait_for_selector("body[data-state=ready]")
    assert page.evaluate("jumps") == []


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_nothing_jumps_while_the_page_loads_and_reads(visit: Visit, site: Site, size: dict) -> None:
    page = visit(wait=False, **size)
    page.add_init_script(JUMPS)
    page.goto(site.address)
    page.wait_for_selector("body[data-state=ready]")
    for strokes in (DIGITS["7 crossed"], LETTERS["W"]):
        write(page, Mouse(page), strokes)
        settled(page)
        page.locator("#pad").press("Escape")
    assert page.evaluate("jumps") == []


def test_who_wants_less_motion_gets_less(visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    durations = "Array.from(document.querySelectorAll('*'), e => getComputedStyle(e).transitionDuration)"
    assert set(page.evaluate(durations)) == {"0s"}
    page.emulate_media(reduced_motion="no-preference")
    assert set(page.evaluate(durations)) != {"0s"}


# The sizes and weights of all fonts in which something is set, seen or not.
FONTS = """() => {
    const fonts = new Set();
    for (const element of document.body.querySelectorAll("*")) {
        if (!element.checkVisibility()) continue;
        const hasText = Array.from(element.childNodes).some(({nodeType, data}) => nodeType === 3 && data.trim());
        const own = hasText || element.matches("input") ? [getComputedStyle(element)] : [];
        const before = getComputedStyle(element, "::before");
        if (before.content !== "none") own.push(before);
        for (const {fontFamily, fontSize, fontWeight} of own) fonts.add([fontFamily, fontSize, fontWeight].join());
    }
    return Array.from(fonts);
}"""


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_the_first_reading_needs_no_font_that_the_page_did_not_have_at_first(visit: Visit, size: dict) -> None:
    page = visit(wait=False, has_python=False, **size)
    first = set(page.evaluate(FONTS))
    page.wait_for_selector("body[data-state=ready]")
    write(page, Mouse(page), DIGITS["5"])
    expect(page.locator("#reading")).to_have_text("5")
    settled(page)
    assert set(page.evaluate(FONTS)) - first == set()
