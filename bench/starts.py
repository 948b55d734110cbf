"""How soon the pages can be drawn on and have read their first digit: at a first visit and at a second one.

Each pair of visits has a profile of its own, new and on the disk, for a browser's caches of files and of compiled
code are kept there; between the visits the browser is ended. The digit is drawn in the page, by a pen without a hand,
as soon as the pad takes it: the same digit in all pages.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, Playwright

from bench.host import LOOPBACK, Host, Line, files_of_digitpad, files_of_plain, files_of_stock, hosting
from tests.digits import DIGITS
from tools import browser as chromium

DIGIT = "3"
SLOW = Line(rate=20e6 / 8, latency=0.02)  # 20 Mbit/s
REST = 3_000  # milliseconds after a reading in which a browser keeps what it has compiled
LONGEST = 90_000  # milliseconds that a start may take

# Runs in the page before anything else; all times in milliseconds since the visit began. It tells what is waited for by
# the console: to ask the page, Playwright brings a script that takes as long as much of what is measured.
STOPWATCH = """
    window.measured = {drawable: null, firstReading: null, longTasks: []};
    new PerformanceObserver(list => {
        for (const {startTime, duration} of list.getEntries()) measured.longTasks.push([startTime, duration]);
    }).observe({type: "longtask", buffered: true});
    let isShown = false;
    const look = () => {
        const now = performance.now();
        if (!document.body?.dataset.state) return;
        if (measured.drawable === null && isShown && document.getElementById("pad")) {
            measured.drawable = now;
            dispatchEvent(new Event("drawable"));
        }
        const reading = document.getElementById("reading")?.textContent.trim();
        if (measured.firstReading === null && reading === window.awaited) {
            measured.firstReading = now;
            console.debug("read");
        }
    };
    new MutationObserver(look).observe(
        document, {subtree: true, childList: true, characterData: true, attributes: true}
    );
    new PerformanceObserver(() => {
        isShown = true;
        look();
    }).observe({type: "paint", buffered: true});
"""

# Draws, point by point, each in a task of its own: a pen that needs no hand and does not hold the page up.
PEN = """
    window.awaited = %s;
    addEventListener("drawable", async () => {
        const pad = document.getElementById("pad"), channel = new MessageChannel();
        const send = (type, x, y) => {
            const {left, top, width} = pad.getBoundingClientRect();
            pad.dispatchEvent(new PointerEvent(type, {
                bubbles: true, cancelable: true, pointerId: 7, pointerType: "mouse",
                clientX: left + width * x / 1000, clientY: top + width * y / 1000,
            }));
            return new Promise(resolve => {
                channel.port1.onmessage = resolve;
                channel.port2.postMessage(null);
            });
        };
        await new Promise(resolve => setTimeout(resolve));
        for (const points of %s) {
            await send("pointerdown", points[0], points[1]);
            for (let n = 2; n < points.length; n += 2) await send("pointermove", points[n], points[n + 1]);
            await send("pointerup", ...points.slice(-2));
        }
    }, {once: true});
"""

Kind = Literal["cold", "slow", "warm"]


@dataclass(frozen=True)
class Start:
    """A visit, in milliseconds since it began, and the bytes that it fetched up to the first reading."""

    drawable: float
    first_reading: float
    long_tasks: list[float]
    """The main thread's tasks over 50 ms that began after the page was drawable: how long they were."""
    parts: dict[str, float]
    """What the time went into, where the page says so."""
    fetched: int


@dataclass(frozen=True)
class Contestant:
    """A page that is measured: what it is called, where it is, whether a service worker keeps it in the browser."""

    name: str
    host: Host
    path: str = ""
    is_kept: bool = False

    @property
    def address(self) -> str:
        """Where it is."""
        return self.host.address + self.path


@contextmanager
def contestants() -> Iterator[dict[str, Contestant]]:
    """Have all pages served."""
    with ExitStack() as stack:
        digitpad, stock, plain = (
            stack.enter_context(hosting(files)) for files in (files_of_digitpad(), files_of_stock(), files_of_plain())
        )
        yield {
            "digitpad": Contestant("Digitpad", digitpad, is_kept=True),
            "stock": Contestant("stock Pyodide", stock),
            "at once": Contestant("stock Pyodide, all at once", stock, "?at-once"),
            "plain": Contestant("plain JavaScript", plain),
        }


def measure_starts(playwright: Playwright, pages: Mapping[str, Contestant], rounds: int) -> dict[str, Any]:
    """Return, for each page, its starts of each kind, and what a first visit fetches, the service worker left out."""
    results: dict[str, Any] = {}
    for key, page in pages.items():
        with tempfile.TemporaryDirectory() as profile:
            fetched = visit(playwright, page, Path(profile), allows_workers=False).fetched
        results[key] = {"name": page.name, "fetched": fetched, "cold": [], "slow": [], "warm": []}
        print(f"  {page.name} fetches {fetched / 1e6:.1f} MB", flush=True)
    for number in range(rounds):
        for key, page in pages.items():
            for kind, start in visits(playwright, page):
                results[key][kind].append(asdict(start))
                print(f"  round {number + 1}, {page.name}, {kind}: {start.first_reading:.0f} ms", flush=True)
    return results


def visits(playwright: Playwright, page: Contestant) -> Iterator[tuple[Kind, Start]]:
    """Visit a page for the first time, for the second time, and over a slow line for the first time."""
    with tempfile.TemporaryDirectory() as profile:
        yield "cold", visit(playwright, page, Path(profile))
        yield "warm", visit(playwright, page, Path(profile))
    page.host.line = SLOW
    with tempfile.TemporaryDirectory() as profile:
        yield "slow", visit(playwright, page, Path(profile))
    page.host.line = LOOPBACK


def visit(playwright: Playwright, contestant: Contestant, profile: Path, allows_workers: bool = True) -> Start:
    """Visit a page with a profile, and leave it when all is kept there that it keeps.

    Raises playwright's TimeoutError where it does not read the digit that is drawn.
    """
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium.find(playwright),
        args=chromium.ARGUMENTS,
        service_workers="allow" if allows_workers else "block",
    )
    page = context.pages[0]
    page.set_default_timeout(LONGEST)
    page.add_init_script(STOPWATCH + PEN % (json.dumps(DIGIT), json.dumps(DIGITS[DIGIT])))
    page.wait_for_timeout(1_000)  # the browser has its own start to finish first
    contestant.host.sent.clear()
    with page.expect_console_message(lambda message: message.text == "read"):
        page.goto(contestant.address, wait_until="commit")
    fetched = sum(contestant.host.sent)
    if contestant.is_kept and allows_workers:
        page.wait_for_function("navigator.serviceWorker.controller", polling=100)
    page.wait_for_timeout(REST)
    start = _start(page, fetched)
    context.close()
    return start


def _start(page: Page, fetched: int) -> Start:
    measured, parts = page.evaluate("[measured, window.done ?? {}]")
    drawable = measured["drawable"]
    return Start(
        drawable,
        measured["firstReading"],
        [duration for start, duration in measured["longTasks"] if start > drawable],
        parts,
        fetched,
    )
