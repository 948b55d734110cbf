"""A real browser, a plain static server, and an eye on all that must not happen."""

import inspect
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tools.browser import installed as chromium
from tools.browser.hands import START
from tools.build.serve import Handler, Server
from tools.build.site import DIST, ONE_FILE
from tools.onefile import write as onefile

SUB_PATH = "/some/repo/"
both_places = pytest.mark.parametrize("site", ["/", SUB_PATH], indirect=True)
"""Marks what is tried at the root of a server as well as below it; all the rest is tried where it is harder."""
expect.set_options(timeout=START)


class Trouble:
    """What the static server does to some files, so that the page can be seen to bear it; how often it sent each."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.held: dict[str, threading.Event] = {}
        self.torn: dict[str, tuple[bytes, threading.Event]] = {}  # after what of a file its rest is held
        self.sent: Counter[str] = Counter()


class TroubledHandler(Handler):
    def __init__(self, *args: Any, trouble: Trouble, **kwargs: Any) -> None:
        self._trouble = trouble
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:  # noqa: N802
        name = self.path.rsplit("/", 1)[-1]
        if name in self._trouble.held:
            self._trouble.held[name].wait(60)
        if name in self._trouble.torn:
            # It is sent as it is, and whether or not the browser has it.
            del self.headers["If-Modified-Since"], self.headers["Accept-Encoding"]
        if name in self._trouble.missing:
            self.send_error(404)
        else:
            super().do_GET()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        name = self.path.rsplit("/", 1)[-1]
        if name in self._trouble.torn:
            torn_after, rest = self._trouble.torn[name]
            before, found, after = source.read().partition(torn_after)
            outputfile.write(before + found)
            rest.wait(60)
            outputfile.write(after)
        else:
            super().copyfile(source, outputfile)

    def send_response(self, code: int, message: str | None = None) -> None:
        super().send_response(code, message)
        if code == 200:
            self._trouble.sent[self.path.rsplit("/", 1)[-1]] += 1


class LeavingServer(Server):
    """A server that, when it is closed, leaves the visitors that are still connected without an answer too."""

    def __init__(self, *args: Any) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Site:
    """A site as it is served under a prefix, until it is stopped and after it is started again."""

    def __init__(self, prefix: str, folder: Path) -> None:
        self.prefix, self.trouble, self._port = prefix, Trouble(), 0
        self._handler = partial(TroubledHandler, directory=str(folder), prefix=prefix, trouble=self.trouble)
        self._server: LeavingServer | None = None
        self.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def address(self) -> str:
        return self.origin + self.prefix

    def start(self) -> None:
        if self._server is None:
            self._server = LeavingServer(self._port, self._handler)
            self._port = self._server.server_port
            threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def serving(prefix: str, folder: Path = DIST) -> Iterator[Site]:
    site = Site(prefix, folder)
    yield site
    site.stop()


class OneFile(Site):
    """The page in one file, opened from the disk, in the place of a site."""

    def __init__(self) -> None:
        self.prefix, self.trouble = ONE_FILE.as_uri().removeprefix("file://"), Trouble()

    @property
    def origin(self) -> str:
        return "file://"

    def start(self) -> None:
        """Be there, as it always is."""


Standing = Callable[[str], AbstractContextManager[Site]]


@pytest.fixture(scope="session")
def standing(pytestconfig: pytest.Config) -> Standing:
    """Have the site stand somewhere: on a server, under a prefix; with --onefile in one file on the disk."""
    if not pytestconfig.getoption("onefile"):
        return serving
    onefile.build()
    return lambda prefix: nullcontext(OneFile())


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
        context.on("request", lambda request: self.request(request.url))
        context.on("console", lambda message: self.console(message.type, message.text))
        context.on("weberror", lambda error: self.add("uncaught", str(error.error)))

    def request(self, url: str) -> None:
        own = (
            ("blob:null/", ONE_FILE.as_uri())
            if self.origin == "file://"
            else (f"{self.origin}/", f"blob:{self.origin}/")
        )
        if not url.startswith((*own, "data:")):
            self.add("request", url)

    def console(self, kind: str, text: str) -> None:
        # A part of the build that this browser can do nothing with is told of as a warning.
        if kind == "error" or "does not fit" in text:
            self.add(kind, text)

    def add(self, kind: str, what: str) -> None:
        self.found.append(f"{kind}: {what}")


@pytest.fixture
def site(request: pytest.FixtureRequest, standing: Standing) -> Iterator[Site]:
    with standing(getattr(request, "param", SUB_PATH)) as site:
        yield site


Arrive = Callable[..., Page]


@pytest.fixture(scope="session")
def arrive(browser: Browser, pytestconfig: pytest.Config) -> Arrive:
    """Go to a site in a new profile; with --offline for the second time, and the server is gone."""
    is_offline = pytestconfig.getoption("offline")

    def go(site: Site, watch: Watch, **options: Any) -> Page:
        # Nobody is to wait for what a first visit keeps in the browser, except to see it in use.
        context = browser.new_context(service_workers="allow" if is_offline else "block", **options)
        watch.on(context)
        page = context.new_page()
        page.set_default_timeout(START)
        site.start()
        page.goto(site.address)
        if is_offline:
            wait_until_kept(page)
            site.stop()
            page.goto(site.address)
        return page

    return go


def wait_until_kept(page: Page) -> None:
    """Wait until the service worker has everything: only then does it take the page over."""
    page.wait_for_function("navigator.serviceWorker.controller")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out with --offline, or --onefile, what has business with what is not there."""
    functions = [item for item in items if isinstance(item, pytest.Function)]
    if config.getoption("offline"):
        skip = pytest.mark.skip(reason="needs the server, or a browser of its own")
        for item in functions:
            has_own = inspect.signature(item.function).parameters.keys() & {"site", "browser", "playwright"}
            if has_own or "visitor" in item.fixturenames:
                item.add_marker(skip)
    if config.getoption("onefile"):
        skip = pytest.mark.skip(reason="needs a server, which the one file has not")
        for item in functions:
            is_at_root = getattr(item, "callspec", None) and item.callspec.params.get("site") == "/"
            if is_at_root or re.search(r"site\.(trouble|stop)|site\.address \+", inspect.getsource(item.function)):
                item.add_marker(skip)


@pytest.fixture
def visit(arrive: Arrive, site: Site) -> Iterator[Callable[..., Page]]:
    """Open the page in a new profile; the test fails on anything that must not happen meanwhile."""
    contexts = []
    watch = Watch(site.origin)

    def open_page(wait: bool = True, has_python: bool = True, **options: Any) -> Page:
        page = arrive(site, watch, **options)
        contexts.append(page.context)
        if has_python:
            page.wait_for_selector("#unstarted", state="detached")
        if wait:
            page.wait_for_selector("body[data-state=ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    # The browser itself complains of a file that is missing on purpose, and so may what takes its place.
    expected = ("error: ", "warning: ") if site.trouble.missing else "nothing"
    assert [found for found in watch.found if not found.startswith(expected)] == []
