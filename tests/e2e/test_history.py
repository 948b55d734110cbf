"""What a user keeps: it stays, it is corrected, deleted, exported and imported, and a browser that is full is borne."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from digitpad.history import load
from tests.e2e.conftest import Site, both_places
from tools.browser import installed as chromium
from tools.browser.digits import DIGITS, LETTERS
from tools.browser.hands import START, Mouse, ink_on_the_pad, settled, write
from training.ink import draw

Visit = Callable[..., Page]


def keep(page: Page, *names: str) -> None:
    """Write digits and keep what they are read as."""
    count = page.locator("#kept li").count()
    for name in names:
        count += 1
        write(page, Mouse(page), DIGITS.get(name) or LETTERS[name])
        settled(page)
        page.get_by_role("button", name="Keep").click()
        expect(page.locator("#kept li")).to_have_count(count)
        page.locator("#pad").press("Escape")


def readings(page: Page) -> list[str]:
    """Return what the list says, the newest first."""
    return page.locator("#kept .read").all_inner_texts()


def answers(page: Page) -> list[str]:
    """Return the right text as far as somebody has said them, the newest first."""
    return page.locator("#kept input").evaluate_all("fields => fields.map(field => field.value)")


def exported(page: Page, kind: str, tmp_path: Path) -> bytes:
    page.get_by_label("File type").select_option(kind)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_bytes()


def bring(page: Page, content: bytes) -> None:
    page.set_input_files("#history-file", {"name": "it", "mimeType": "application/octet-stream", "buffer": content})


@both_places
def test_what_is_kept_stays_across_a_reload(visit: Visit) -> None:
    page = visit()
    button = page.get_by_role("button", name="Keep")
    expect(button).to_be_disabled()
    keep(page, "3", "7 crossed", "A")
    assert [text.split(",")[0] for text in readings(page)] == ["Read as no digit", "Read as 7", "Read as 3"]
    expect(page.locator("#kept-count")).to_have_text("3")
    write(page, Mouse(page), DIGITS["9"])
    page.reload()
    # A reload in the middle: what was kept is there before the recogniser is.
    expect(page.locator("#kept li")).to_have_count(3)
    assert [text.split(",")[0] for text in readings(page)] == ["Read as no digit", "Read as 7", "Read as 3"]
    widths = page.locator("#kept img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert widths == [280, 280, 280]
    page.wait_for_selector("body[data-state=ready]")
    keep(page, "1")
    assert readings(page)[0].startswith("Read as 1")


def test_the_same_reading_is_kept_once(visit: Visit) -> None:
    page = visit()
    write(page, Mouse(page), DIGITS["6"])
    settled(page)
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("button", name="Kept")).to_be_disabled()
    write(page, Mouse(page), [[500, 500, 502, 502]])
    expect(page.get_by_role("button", name="Keep", exact=True)).to_be_enabled()


def test_a_reading_is_corrected_and_confirmed(visit: Visit) -> None:
    page = visit()
    keep(page, "3", "1")
    field = page.get_by_label("The right text, where 1 was read")
    field.fill("7")
    field.press("Enter")
    page.get_by_role("button", name="3 is right").click()
    expect(page.get_by_role("button", name="3 is right")).to_have_attribute("aria-pressed", "true")
    assert answers(page) == ["7", "3"]
    page.reload()
    expect(page.locator("#kept li")).to_have_count(2)
    assert answers(page) == ["7", "3"]
    field.fill("a7")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“a7” has something else in it than digits")
    assert answers(page) == ["7", "3"]
    field.fill("")
    field.press("Enter")
    page.get_by_role("button", name="3 is right").click()
    expect(page.get_by_role("button", name="3 is right")).to_have_attribute("aria-pressed", "false")
    assert answers(page) == ["", ""]


def test_keys_that_edit_a_correction_leave_the_drawing_alone(visit: Visit) -> None:
    page = visit()
    keep(page, "3")
    write(page, Mouse(page), DIGITS["2"])
    assert settled(page) == "2"
    ink = ink_on_the_pad(page)
    field = page.get_by_label("The right text, where 3 was read")
    field.fill("88")
    for key in ("Backspace", "Control+z", "Delete", "Escape"):
        field.press(key)
    assert ink_on_the_pad(page) == ink


def test_deleting_can_be_taken_back(visit: Visit) -> None:
    page = visit()
    keep(page, "3", "1", "6")
    page.get_by_role("button", name="Delete the reading 1").click()
    expect(page.locator("#kept li")).to_have_count(2)
    expect(page.get_by_role("alert")).to_contain_text("The reading was deleted.")
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("#kept li")).to_have_count(3)
    assert readings(page)[1].startswith("Read as 1")
    page.get_by_role("button", name="Delete all").click()
    expect(page.locator("#kept li")).to_have_count(0)
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("#kept li")).to_have_count(3)
    page.get_by_role("button", name="Delete all").click()
    expect(page.locator("#kept li")).to_have_count(0)
    page.reload()
    page.wait_for_selector("body[data-state=ready]")
    expect(page.locator("#kept li")).to_have_count(0)


def test_two_tabs_keep_into_one_list(visit: Visit) -> None:
    first = visit()
    second = first.context.new_page()
    second.set_default_timeout(START)
    second.goto(first.url)
    second.wait_for_selector("body[data-state=ready]")
    keep(first, "3")
    expect(second.locator("#kept li")).to_have_count(1)
    keep(second, "8")
    expect(first.locator("#kept li")).to_have_count(2)
    assert readings(first) == readings(second)
    first.get_by_role("button", name="Delete the reading 3").click()
    expect(second.locator("#kept li")).to_have_count(1)


def test_each_file_holds_what_it_is_for_and_comes_back_whole(visit: Visit, tmp_path: Path) -> None:
    page, other = visit(), visit()
    keep(page, "3", "A", "1")
    field = page.get_by_label("The right text, where 1 was read")
    field.fill("7")
    field.press("Enter")
    page.get_by_role("button", name="3 is right").click()
    expect(page.get_by_role("button", name="3 is right")).to_have_attribute("aria-pressed", "true")

    files = {kind: exported(page, kind, tmp_path) for kind in ("csv", "json", "png", "npz", "idx")}

    lines = files["csv"].decode("utf-8-sig").splitlines()
    assert lines[0] == "time,read,corrected,confidence,id"
    assert [line.split(",")[1:3] for line in lines[1:]] == [["3", "3"], ["?", ""], ["1", "7"]]
    kept = json.loads(files["json"])["readings"]
    assert [entry["text"] for entry in kept] == ["3", "?", "1"]
    assert Image.open(io.BytesIO(files["png"])).size > (100, 100)
    with np.load(io.BytesIO(files["npz"])) as dataset:
        assert dataset["x_train"].shape == (2, 28, 28)
        assert dataset["x_train"].max() == 255
        assert dataset["y_train"].tolist() == [3, 7]
    with zipfile.ZipFile(io.BytesIO(files["idx"])) as archive:
        assert sorted(archive.namelist()) == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]

    was = page.locator("#kept").inner_html()
    for kind in ("json", "png"):
        for _ in range(2):  # once more makes no double
            bring(other, files[kind])
            expect(other.get_by_role("alert")).to_contain_text("3 readings were imported.")
            assert other.locator("#kept").inner_html() == was
            other.get_by_role("button", name="Close this message").click()
        other.get_by_role("button", name="Delete all").click()
        expect(other.locator("#kept li")).to_have_count(0)
    bring(other, files["csv"])
    expect(other.locator("#kept li")).to_have_count(3)
    assert answers(other) == ["7", "", "3"]
    # A table has no pictures; one that was corrected elsewhere leaves those that are there.
    bring(page, files["csv"].replace(b",3,3,", b",3,9,"))
    expect(page.get_by_role("alert")).to_contain_text("3 readings were imported.")
    assert answers(page) == ["7", "", "9"]
    assert page.locator("#kept img").evaluate_all("images => images.every(image => image.naturalWidth === 280)")
    other.get_by_role("button", name="Delete all").click()
    for kind in ("npz", "idx"):
        bring(other, files[kind])
        expect(other.locator("#kept li")).to_have_count(2)
        assert sorted(answers(other)) == ["3", "7"]


def test_a_data_set_needs_checked_readings(visit: Visit) -> None:
    page = visit()
    keep(page, "3")
    page.get_by_label("File type").select_option("npz")
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("alert")).to_contain_text("No reading has been corrected or confirmed yet")


def test_a_file_that_is_no_export_is_told_and_nothing_is_lost(visit: Visit) -> None:
    page = visit()
    keep(page, "3")
    for content in (b"", b"seven", b'{"digitpad": 1, "readings": [{"id": "<b>"}]}', b"PK\3\4", b"\xff\xd8"):
        bring(page, content)
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("The file is")
        expect(notice).not_to_contain_text("Traceback")
        expect(page.locator("#kept li")).to_have_count(1)
        page.get_by_role("button", name="Close this message").click()


def many(count: int) -> bytes:
    """Return an export of so many readings."""
    picture = Image.fromarray(draw(DIGITS["5"], size=28))
    images = np.repeat(255 - np.asarray(picture)[None], count, axis=0)
    for n, image in enumerate(images):
        image.flat[:2] = n // 256, n % 256  # each another one
    file = io.BytesIO()
    np.savez_compressed(file, x_train=images, y_train=np.full(count, 5, np.uint8))
    return file.getvalue()


def test_a_long_list_is_shown_in_parts(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    bring(page, many(500))
    expect(page.locator("#kept-count")).to_have_text("500")
    expect(page.locator("#kept li")).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#kept li")).to_have_count(40)
    assert len(load(exported(page, "json", tmp_path))) == 500


def test_a_full_storage_is_told_and_the_page_goes_on(visit: Visit, site: Site) -> None:
    page = visit()
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.origin, "quotaSize": 1})
    write(page, Mouse(page), DIGITS["8"])
    settled(page)
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("alert")).to_contain_text("storage is full")
    expect(page.get_by_role("button", name="Keep")).to_be_enabled()
    expect(page.locator("#reading")).to_have_text("8")
    expect(page.locator("#kept li")).to_have_count(0)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.origin})
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept li")).to_have_count(1)


def test_a_browser_that_stores_nothing_is_told_and_the_page_works_on(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    # As a visitor does it in the settings: no site may store anything.
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium.find(playwright), args=chromium.ARGUMENTS
    )
    page = context.pages[0]
    page.set_default_timeout(START)
    page.goto(site.address)
    page.wait_for_selector("body[data-state=ready]")
    expect(page.locator("#history-hint")).to_contain_text("does not let the page store anything")
    page.get_by_label("Theme").select_option("dark")
    keep(page, "3", "8")
    page.get_by_label("The right text, where 8 was read").fill("5")
    page.get_by_label("The right text, where 8 was read").press("Enter")
    page.get_by_role("button", name="Delete the reading 3").click()
    expect(page.locator("#kept li")).to_have_count(1)
    assert answers(page) == ["5"]
    page.reload()
    page.wait_for_selector("body[data-state=ready]")
    expect(page.locator("#kept li")).to_have_count(0)
    context.close()
