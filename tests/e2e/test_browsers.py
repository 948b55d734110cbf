"""The page in browsers that are not Chromium, where they are installed. All other tests see it in Chromium."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest

from tests.e2e.conftest import Site, Watch
from tests.e2e.visitors import Visitor, firefox, webkit
from tools.browser.digits import DIGITS
from tools.build.site import ONE_FILE
from tools.onefile import write as onefile


@pytest.fixture(params=[firefox, webkit])
def visitor(request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A browser with a new profile."""
    start: Callable[[], AbstractContextManager[Visitor]] = request.param
    with ExitStack() as stack:
        try:
            visitor = stack.enter_context(start())
        except FileNotFoundError as missing:
            pytest.skip(str(missing))
        yield visitor


@pytest.fixture
def page(visitor: Visitor, site: Site) -> Iterator[Visitor]:
    """The page in it, on which it can be drawn; the test fails on anything that must not happen meanwhile."""
    come(visitor, site.address)
    yield visitor
    expect_no_trouble(visitor, site.origin)


def come(visitor: Visitor, address: str) -> None:
    visitor.go(address)
    expect_started(visitor)


def reload(page: Visitor) -> None:
    page.reload()
    expect_started(page)


def expect_started(page: Visitor) -> None:
    """Wait until the page can be drawn on."""
    page.until("!document.querySelector('#unstarted')")


def expect_reading(page: Visitor, text: str) -> None:
    page.until(f"document.querySelector('#reading').innerText === {json.dumps(text)}")


def expect_kept(page: Visitor, text: str) -> None:
    page.until(f"document.querySelector('#kept .read')?.innerText.startsWith({json.dumps('Read as ' + text)})")


def expect_no_trouble(visitor: Visitor, origin: str) -> None:
    watch = Watch(origin)
    for url in visitor.asked():
        watch.request(url)
    for complaint in visitor.complaints():
        watch.console(*complaint)
    assert watch.found == []


def test_a_digit_is_drawn_and_read_and_so_is_an_image(page: Visitor) -> None:
    page.write(DIGITS["3"])
    expect_reading(page, "3")
    page.click('[aria-label="Sample: chalk on a blackboard"]')
    expect_reading(page, "8")


def test_python_goes_on_from_its_snapshot(visitor: Visitor, site: Site) -> None:
    site.trouble.missing.add("sw.js")  # it would fetch what takes the snapshot's place too
    come(visitor, site.address)
    visitor.write(DIGITS["3"])
    expect_reading(visitor, "3")
    assert site.trouble.sent["python.snapshot"] == 1
    assert site.trouble.sent["python_stdlib.zip"] == 0


def test_what_is_kept_is_there_after_a_reload(page: Visitor) -> None:
    page.write(DIGITS["7"])
    expect_reading(page, "7")
    page.click("#keep")
    expect_kept(page, "7")
    reload(page)
    expect_kept(page, "7")


def test_after_one_visit_everything_works_with_the_server_gone(page: Visitor, site: Site) -> None:
    page.until("navigator.serviceWorker.controller !== null")
    site.stop()
    reload(page)
    page.write(DIGITS["3"])
    expect_reading(page, "3")
    page.click('[aria-label="Sample: a photo of a note"]')
    expect_reading(page, "5")


def test_the_page_in_one_file_reads_what_is_drawn(visitor: Visitor) -> None:
    onefile.build()
    come(visitor, ONE_FILE.as_uri())
    visitor.write(DIGITS["3"])
    expect_reading(visitor, "3")
    expect_no_trouble(visitor, "file://")
