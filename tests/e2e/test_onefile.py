"""The page in one file: opened from the disk, alone, wherever it lies. The other tests see it with --onefile."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tools.browser.digits import DIGITS
from tools.browser.hands import START, Mouse, settled, write
from tools.build.site import ONE_FILE
from tools.onefile import write as onefile

Open = Callable[[], Page]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file as somebody has it who was given it, and nothing else."""
    onefile.build()
    folder = tmp_path_factory.mktemp("disk") / "Größe & Maß, 100 %"
    folder.mkdir()
    return Path(shutil.copyfile(ONE_FILE, folder / "für Zoë #1.html"))


@pytest.fixture
def opened(browser: Browser, copy: Path) -> Iterator[Open]:
    """Open the file; the test fails if it asks for anything but itself, or complains."""
    context = browser.new_context()
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))

    def open_page() -> Page:
        page = context.new_page()
        page.set_default_timeout(START)
        page.goto(copy.as_uri())
        page.wait_for_selector("body[data-state=ready]")
        return page

    yield open_page
    context.close()
    assert {url for url in asked if not url.startswith(("blob:null/", "data:"))} == {copy.as_uri()}
    assert complaints == []


def test_it_is_small_enough_to_be_sent(copy: Path) -> None:
    assert copy.stat().st_size < 25_000_000


def test_a_digit_is_drawn_read_and_explained(opened: Open) -> None:
    page = opened()
    write(page, Mouse(page), DIGITS["3"])
    assert settled(page) == "3"
    page.get_by_role("button", name="Show why").click()
    expect(page.locator("#heat")).to_be_visible()


def test_a_sample_is_read_and_so_is_what_a_script_brings(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="Sample: chalk on a blackboard").click()
    expect(page.locator("#reading")).to_have_text("8")
    assert page.locator("#samples img").evaluate_all("images => images.every(image => image.naturalWidth > 0)")
    text = page.evaluate(
        """async () => {
            await digitpad.ready;
            const sample = await fetch("assets/samples/photo.jpg");
            return (await digitpad.read(await sample.blob())).text;
        }"""
    )
    assert text == "5"


def test_what_is_kept_is_there_after_a_reload_and_in_another_tab(opened: Open) -> None:
    page = opened()
    write(page, Mouse(page), DIGITS["7"])
    assert settled(page) == "7"
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept li")).to_have_count(1)
    page.get_by_label("Theme").select_option("dark")
    page.reload()
    for tab in (page, opened()):
        expect(tab.locator("#kept .read")).to_contain_text("Read as 7")
        expect(tab.get_by_label("Theme")).to_have_value("dark")


def test_it_says_what_it_is_and_what_is_different(opened: Open) -> None:
    footer = opened().get_by_role("contentinfo")
    expect(footer).to_contain_text("one file")
    expect(footer).to_contain_text("What is kept stays in the browser, not in the file")


def test_a_browser_that_cannot_unpack_it_is_told_what_to_do(browser: Browser, copy: Path) -> None:
    page = browser.new_page()
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto(copy.as_uri())
    alert = page.get_by_role("alert", name="Digitpad has not started")
    expect(alert).to_contain_text("Open the file in a recent Chrome")
    expect(alert).to_be_visible()
    page.close()


def test_a_file_that_was_cut_off_says_so(browser: Browser, copy: Path) -> None:
    whole = copy.read_bytes()
    part = copy.with_name("part.html")
    part.write_bytes(whole[: len(whole) // 2])
    page = browser.new_page()
    page.set_default_timeout(START)
    page.goto(part.as_uri())
    expect(page.get_by_role("alert").filter(has_text="could not be loaded")).to_be_visible()
    page.close()


def test_it_is_made_anew_only_where_something_has_changed(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = ONE_FILE.stat().st_mtime_ns
    onefile.build()
    assert ONE_FILE.stat().st_mtime_ns == before
    assert "already" in capsys.readouterr().out
