"""A real browser, a plain static server, and an eye on all that must not happen."""

import inspect
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tools import browser as chromium
from tools import onefile
from tools.serve import Handler, Server
from tools.site import DIST, ONE_FILE

SUB_PATH = "/some/repo/"
both_places = pytest.mark.parametrize("site", ["/", SUB_PATH], indirect=True)
"""Marks what is tried at the root of a server as well as below it; all the rest is tried where it is harder."""
START = 30_000  # milliseconds that a start may take on the slowest machine that runs these tests
expect.set_options(timeout=START)


class Trouble:
    """What the static server does to some files, so that the page can be seen to bear it."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.held: dict[str, threading.Event] = {}


class TroubledHandler(Handler):
    def __init__(self, *args: Any, trouble: Trouble, **kwargs: Any) -> None:
        self._trouble = trouble
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:  # noqa: N802
        name = self.path.rsplit("/", 1)[-1]
        if name in self._trouble.held:
            self._trouble.held[name].wait(60)
        if name in self._trouble.missing:
            self.send_error(404)
        else:
            super().do_GET()


@dataclass
class Site:
    """The site as it is served under a prefix."""

    origin: str
    prefix: str
    trouble: Trouble = field(default_factory=Trouble)

    @property
    def address(self) -> str:
        return self.origin + self.prefix


@contextmanager
def serving(prefix: str) -> Iterator[Site]:
    trouble = Trouble()
    handler = partial(TroubledHandler, directory=str(DIST), prefix=prefix, trouble=trouble)
    server = Server(0, handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(f"http://127.0.0.1:{server.server_port}", prefix, trouble)
    server.shutdown()
    server.server_close()


class OneFile(Site):
    """The page in one file, opened from the disk, in the place of a site."""

    def __init__(self) -> None:
        self.origin, self.prefix, self.trouble = "file://", ONE_FILE.as_uri().removeprefix("file://"), Trouble()


Standing = Callable[[str], AbstractContextManager[Site]]


@pytest.fixture(scope="session")
def standing(pytestconfig: pytest.Config) -> Standing:
    """Have the site stand somewhere: on a server, under a prefix; with --onefile in one file on the disk."""
    if not pytestconfig.getoption("onefile"):
        return serving
    onefile.build()
    return lambda prefix: nullcontext(OneFile())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --onefile, leave out what has business with a server: what it fails to send, its root, its other pages."""
    if not config.getoption("onefile"):
        return
    skip = pytest.mark.skip(reason="needs a server, which the one file has not")
    for item in items:
        if isinstance(item, pytest.Function):
            is_at_root = getattr(item, "callspec", None) and item.callspec.params.get("site") == "/"
            if is_at_root or re.search(r"site\.trouble|site\.address \+", inspect.getsource(item.function)):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = chromium.launch(playwright)
    yield running
    running.close()


@dataclass
class Watch:
    """All that a visit must not bring about: requests elsewhere, uncaught errors, errors on the console."""

    origin: str
    found: list[str] = field(default_factory=list)

    def on(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._request(request.url))
        context.on("console", lambda m: self._add(m.type, m.text) if m.type == "error" else None)
        context.on("weberror", lambda error: self._add("uncaught", str(error.error)))

    def _request(self, url: str) -> None:
        own = (
            ("blob:null/", ONE_FILE.as_uri())
            if self.origin == "file://"
            else (f"{self.origin}/", f"blob:{self.origin}/")
        )
        if not url.startswith((*own, "data:")):
            self._add("request", url)

    def _add(self, kind: str, what: str) -> None:
        self.found.append(f"{kind}: {what}")


@pytest.fixture
def site(request: pytest.FixtureRequest, standing: Standing) -> Iterator[Site]:
    with standing(getattr(request, "param", SUB_PATH)) as site:
        yield site


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open the page in a new profile; the test fails on anything that must not happen meanwhile."""
    contexts = []
    watch = Watch(site.origin)

    def open_page(wait: bool = True, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        watch.on(context)
        page = context.new_page()
        page.set_default_timeout(START)
        page.goto(site.address)
        page.wait_for_selector("#unstarted", state="detached")
        if wait:
            page.wait_for_selector("body[data-state=ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    # The browser itself complains of a file that is missing on purpose.
    expected = "error: " if site.trouble.missing else "nothing"
    assert [found for found in watch.found if not found.startswith(expected)] == []
