"""How soon the pages can be drawn on and have read their first digit: at a first visit and at a second one.

Each pair of visits has a profile of its own, new and on the disk, for a browser's caches of files and of compiled
code are kept there; between the visits the browser is ended. The digit is drawn in the page, by a pen without a hand,
as soon as the pad takes it: the same digit in all pages.

Nothing watches the browser, for that takes time of the page's thread: twenty first visits led by Playwright had nine
tasks over 50 ms, twenty others, in turn with them, none. A script served with the pages tells what it saw.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from bench.host import LOOPBACK, Host, Line, files_of_digitpad, files_of_plain, files_of_stock, hosting
from tools.browser import installed as chromium
from tools.browser.digits import DIGITS
from tools.build.site import write_precache

DIGIT = "3"
SLOW = Line(rate=20e6 / 8, latency=0.02)  # 20 Mbit/s
REST = 3_000  # milliseconds after a reading in which a browser keeps what it has compiled
LONGEST = 90  # seconds that a page may take to tell something
END = 20  # seconds that a browser may take to end
UNKEPT = "#unkept"  # in a page's address: no service worker

# Runs in the page before anything else; all times in milliseconds since the visit began.
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
            dispatchEvent(new Event("read"));
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

# Tells the server what was measured, when the digit is read, and once more when all is kept that a page keeps.
TELL = """
    const isKept = %s && location.hash !== "%s";
    if (!isKept) ServiceWorkerContainer.prototype.register = () => new Promise(() => {});
    addEventListener("read", async () => {
        const tell = () =>
            fetch("told", {method: "POST", body: JSON.stringify({...measured, parts: window.done ?? {}})});
        const workers = navigator.serviceWorker;
        tell();
        if (isKept && !workers.controller)
            await new Promise(resolve => workers.addEventListener("controllerchange", resolve, {once: true}));
        setTimeout(tell, %d);
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
    """A page that is measured: what it is called, and where it is."""

    name: str
    host: Host
    path: str = ""

    @property
    def address(self) -> str:
        """Where it is."""
        return self.host.address + self.path


@contextmanager
def contestants() -> Iterator[dict[str, Contestant]]:
    """Have all pages served, with the stopwatch and the pen in them."""
    with ExitStack() as stack:
        digitpad, stock, plain = (
            stack.enter_context(_timed(files)) for files in (files_of_digitpad(), files_of_stock(), files_of_plain())
        )
        yield {
            "digitpad": Contestant("Digitpad", digitpad),
            "stock": Contestant("stock Pyodide", stock),
            "at once": Contestant("stock Pyodide, all at once", stock, "?at-once"),
            "plain": Contestant("plain JavaScript", plain),
        }


@contextmanager
def _timed(files: Mapping[str, Path]) -> Iterator[Host]:
    is_kept = "precache.js" in files
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        for name in files.keys() - {"index.html", "precache.js"}:
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).symlink_to(files[name])
        head = '<head>\n<script src="stopwatch.js"></script>'
        (site / "index.html").write_text(files["index.html"].read_text().replace("<head>", head, 1))
        if is_kept:  # it names the page by its hash
            write_precache(site)
        pen = PEN % (json.dumps(DIGIT), json.dumps(DIGITS[DIGIT]))
        (site / "stopwatch.js").write_text("{" + STOPWATCH + pen + TELL % (json.dumps(is_kept), UNKEPT, REST) + "}")
        with hosting({name: site / name for name in (*files, "stopwatch.js")}) as host:
            yield host


def measure_starts(executable: str, pages: Mapping[str, Contestant], rounds: int) -> dict[str, Any]:
    """Return, for each page, its starts of each kind, and what a first visit fetches, the service worker left out."""
    results: dict[str, Any] = {}
    for key, page in pages.items():
        with _profile() as profile:
            fetched = visit(executable, page, profile, UNKEPT).fetched
        results[key] = {"name": page.name, "fetched": fetched, "cold": [], "slow": [], "warm": []}
        print(f"  {page.name} fetches {fetched / 1e6:.1f} MB", flush=True)
    for number in range(rounds):
        for key, page in pages.items():
            for kind, start in visits(executable, page):
                results[key][kind].append(asdict(start))
                print(f"  round {number + 1}, {page.name}, {kind}: {start.first_reading:.0f} ms", flush=True)
    return results


def visits(executable: str, page: Contestant) -> Iterator[tuple[Kind, Start]]:
    """Visit a page for the first time, for the second time, and over a slow line for the first time."""
    with _profile() as profile:
        yield "cold", visit(executable, page, profile)
        yield "warm", visit(executable, page, profile)
    page.host.line = SLOW
    with _profile() as profile:
        yield "slow", visit(executable, page, profile)
    page.host.line = LOOPBACK


def visit(executable: str, page: Contestant, profile: Path, fragment: str = "") -> Start:
    """Visit a page with a profile, and leave it when all is kept there that it keeps.

    Raises TimeoutError where it does not read the digit that is drawn.
    """
    page.host.sent.clear()
    with _browsing(executable, page.address + fragment, profile):
        page.host.hear(LONGEST)
        fetched = sum(page.host.sent)
        measured = page.host.hear(LONGEST)
    drawable = measured["drawable"]
    return Start(
        drawable,
        measured["firstReading"],
        [duration for start, duration in measured["longTasks"] if start > drawable],
        measured["parts"],
        fetched,
    )


@contextmanager
def _profile() -> Iterator[Path]:
    # The browser's processes do not all end with the first of them.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        yield Path(profile)


@contextmanager
def _browsing(executable: str, address: str, profile: Path) -> Iterator[None]:
    # The browser has its own start to finish first.
    waiting = f"data:text/html,<meta http-equiv=refresh content='1;url={quote(address)}'>"
    arguments = [*chromium.ARGUMENTS, "--headless", "--disable-dev-shm-usage", "--window-size=1280,720"]
    browser = subprocess.Popen(
        [executable, *arguments, f"--user-data-dir={profile}", waiting],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        browser.terminate()  # at which it writes down what it keeps
        try:
            browser.wait(END)
        except subprocess.TimeoutExpired:
            browser.kill()
