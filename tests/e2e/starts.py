"""Start the page again and again on a busy machine, and say how many starts were lost: such as never answered.

Run as: `python -m tests.e2e.starts --count 200`; it takes hours. A start is a reload and a first reading. Online, every
file comes from a server, or the browser's own cache; offline, from the service worker, when the server is gone.
"""

import argparse
import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.e2e.conftest import serving
from tests.e2e.visitors import START, Visitor, firefox, webkit
from tools.browser import installed as installed

BUSY = 2
"""Processes that keep the machine busy meanwhile."""

KEPT = "navigator.serviceWorker.controller !== null"

READ = """(async () => {
    await digitpad.ready;
    const image = new ImageData(100, 100);
    for (let y = 20; y < 80; y++) image.data.fill(255, 4 * (100 * y + 48) + 3, 4 * (100 * y + 53));
    return (await digitpad.read(image)).text;
})()"""
"""Reads a black stroke on what is transparent."""


class Chromium(Visitor):
    """Chromium, by Playwright."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def go(self, address: str) -> None:
        self._page.goto(address)

    def reload(self) -> None:
        self._page.reload()

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(expression)

    def asked(self) -> list[str]:
        raise NotImplementedError

    def stroke(self, points: list[tuple[float, float]]) -> None:
        raise NotImplementedError


@contextmanager
def chromium() -> Iterator[Visitor]:
    """Have Chromium there."""
    with sync_playwright() as playwright:
        browser = installed.launch(playwright)
        page = browser.new_page()
        page.set_default_timeout(1000 * START)
        yield Chromium(page)
        browser.close()


BROWSERS: dict[str, Callable[[], AbstractContextManager[Visitor]]] = {
    "chromium": chromium,
    "firefox": firefox,
    "webkit": webkit,
}


def lost(browser: str, count: int, is_online: bool) -> list[str]:
    """Return what the starts that were lost came to, out of so many."""
    found: list[str] = []
    with serving("/") as site, BROWSERS[browser]() as visitor:
        if is_online:
            site.trouble.missing.add("sw.js")
        visitor.go(site.address)
        if not is_online:
            visitor.until(KEPT)
            site.stop()
        for number in range(count):
            visitor.reload()
            try:
                visitor.until("window.digitpad")
                read = visitor.evaluate(READ)
                found += [] if read == "1" else [f"{number}: read as {read}"]
            except Exception as error:  # it counts, whatever it was
                found.append(f"{number}: {error}")
    return found


def _work() -> None:
    for _ in itertools.count():
        pass


def main() -> None:
    """Count the lost starts from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="starts of each kind (default: %(default)s)")
    parser.add_argument("--browser", choices=BROWSERS, action="append", help="default: all three")
    arguments = parser.parse_args()
    busy = [multiprocessing.Process(target=_work, daemon=True) for _ in range(BUSY)]
    for process in busy:
        process.start()
    for browser in arguments.browser or BROWSERS:
        for is_online in (True, False):
            began = time.monotonic()
            failed = lost(browser, arguments.count, is_online)
            where = "online" if is_online else "offline"
            seconds = (time.monotonic() - began) / arguments.count
            print(f"{browser}, {where}: {len(failed)} of {arguments.count} lost, {seconds:.1f} s each", flush=True)
            print(*failed, sep="\n", end="\n" if failed else "", flush=True)


if __name__ == "__main__":
    main()
