"""Measure the page: how soon one can draw, how soon and how often it reads, what blocks, and what memory it takes.

Run as: `python -m bench`

Prints a table and writes `bench/results.json`.
"""

import base64
import io
import json
import math
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.digits import DIGITS
from tests.e2e.conftest import START, serving
from tests.e2e.hands import Mouse, clear, settled, write
from tools import browser as chromium
from training.compose import CLOSE, SPACED, compose
from training.data import Symbol
from training.photo import only, photographed

STARTS = 7
ROUNDS = 5
REST = 200  # milliseconds from stroke to stroke
DRAWING = 6  # seconds without lifting the pen
READINGS = 2000
PHOTOS = 7
RESULTS = Path(__file__).parent / "results.json"

# Runs in the page before anything else; all times in milliseconds since the visit began.
STOPWATCH = """
    window.measured = {drawable: null, firstReading: null, penUp: null, latencies: [], longTasks: []};
    new PerformanceObserver(list => {
        for (const {startTime, duration} of list.getEntries()) measured.longTasks.push([startTime, duration]);
    }).observe({type: "longtask", buffered: true});
    addEventListener("pointerup", event => {
        if (event.target.id === "pad") measured.penUp = event.timeStamp;
    }, true);
    new MutationObserver(() => {
        const now = performance.now();
        if (!document.body) return;
        const started = !document.getElementById("unstarted") && document.getElementById("pad");
        if (measured.drawable === null && started) measured.drawable = now;
        const reading = document.getElementById("reading")?.textContent;
        if (measured.firstReading === null && reading) measured.firstReading = now;
        // The bars are set before the state is.
        if (measured.penUp !== null && document.body.dataset.state === "ready") {
            measured.latencies.push(now - measured.penUp);
            measured.penUp = null;
        }
    }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""

READ_ALONE = """async pixels => {
    const image = new ImageData(Uint8ClampedArray.from(atob(pixels), c => c.charCodeAt(0)), 280, 280);
    const times = [];
    for (let n = 0; n < 200; n++) {
        const start = performance.now();
        const {milliseconds} = await digitpad.read(image);
        times.push([performance.now() - start, milliseconds]);
    }
    return times;
}"""


NETWORK_ALONE = """async () => {
    const ort = await import("./vendor/onnxruntime/ort.wasm.bundle.min.mjs");
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create("./model.onnx");
    const times = [];
    for (let n = 0; n < 550; n++) {
        const images = new ort.Tensor("float32", Float32Array.from({length: 784}, Math.random), [1, 28, 28]);
        const start = performance.now();
        await session.run({images});
        times.push(performance.now() - start);
    }
    return times.slice(50);
}"""


def open_page(browser: Browser, address: str) -> Page:
    """Visit the page with an empty cache; the stopwatch runs."""
    page = browser.new_context(service_workers="block").new_page()  # what a first visit keeps is another matter
    page.set_default_timeout(START)
    page.add_init_script(STOPWATCH)
    page.goto(address)
    page.wait_for_function("measured.drawable !== null")
    return page


def measure_start(browser: Browser, address: str) -> tuple[float, float, list[float]]:
    """Return when one could draw, when the first reading stood there, and the long tasks in between."""
    page = open_page(browser, address)
    write(page, Mouse(page), DIGITS["5"])
    page.wait_for_function("measured.firstReading !== null")
    measured = page.evaluate("measured")
    page.context.close()
    drawable = measured["drawable"]
    blocking = [duration for start, duration in measured["longTasks"] if start > drawable]
    return drawable, measured["firstReading"], blocking


def measure_drawing(browser: Browser, address: str) -> tuple[list[float], list[float], list[list[float]], list[float]]:
    """Return the times from pen up to bars set, the long tasks meanwhile, and times of readings and of the network."""
    page = open_page(browser, address)
    page.wait_for_selector("body[data-state=ready]")
    page.evaluate("measured.longTasks = []")
    for _ in range(ROUNDS):
        for strokes in DIGITS.values():
            for stroke in strokes:
                write(page, Mouse(page), [stroke])
                # A hand takes a moment to the next stroke. Until then nothing asks the page how far it is, for
                # that would be measured too.
                page.wait_for_timeout(REST)
            clear(page)
    measured = page.evaluate("measured")
    write(page, Mouse(page), DIGITS["5"])
    settled(page)
    pixels = page.evaluate(
        """() => {
            const small = new OffscreenCanvas(280, 280).getContext("2d");
            small.fillStyle = "white";
            small.fillRect(0, 0, 280, 280);
            small.drawImage(document.getElementById("pad"), 0, 0, 280, 280);
            const {data} = small.getImageData(0, 0, 280, 280);
            return btoa(Array.from(data, value => String.fromCharCode(value)).join(""));
        }"""
    )
    single = page.evaluate(READ_ALONE, pixels)
    network = page.evaluate(NETWORK_ALONE)
    page.context.close()
    return measured["latencies"], [duration for _, duration in measured["longTasks"]], single, network


# Each reading marks the answer as busy, even where it is the same once more.
COUNT_READINGS = """() => {
    window.readings = 0;
    new MutationObserver(records => { readings += records.length; })
        .observe(document.getElementById("reading"), {attributeFilter: ["aria-busy"]});
}"""

# Moves a pen on the pad, each time as soon as the last move has been read: the page's own way, without a hand.
READ_AND_READ = """async count => {
    const pad = document.getElementById("pad"), box = pad.getBoundingClientRect();
    const send = (type, t) => pad.dispatchEvent(new PointerEvent(type, {
        bubbles: true, pointerId: 7, pointerType: "mouse",
        clientX: box.left + box.width * (0.5 + 0.3 * Math.cos(t)),
        clientY: box.top + box.height * (0.5 + 0.3 * Math.sin(t)),
    }));
    const reading = document.getElementById("reading");
    const read = () => new Promise(resolve => {
        const observer = new MutationObserver(() => { observer.disconnect(); resolve(); });
        observer.observe(reading, {attributeFilter: ["aria-busy"]});
    });
    for (let n = 0; n < count; n++) {
        const answer = read();
        if (n % 50 === 0) send("pointerdown", 0);
        send("pointermove", n % 50 / 8);
        await answer;
        if (n % 50 === 49) {
            send("pointerup", 0);
            document.getElementById("clear").click();
            await new Promise(resolve => setTimeout(resolve, 100));
        }
    }
}"""


def measure_rate(browser: Browser, address: str) -> tuple[float, list[float]]:
    """Return how many readings a second there are while one draws without a pause, and the long tasks meanwhile."""
    page = open_page(browser, address)
    page.wait_for_selector("body[data-state=ready]")
    box = page.locator("#pad").bounding_box()
    assert box is not None
    page.evaluate(COUNT_READINGS)
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.evaluate("measured.longTasks = []; readings = 0")
    start = time.perf_counter()
    while (now := time.perf_counter() - start) < DRAWING:
        reach = 0.3 - 0.04 * now
        page.mouse.move(
            box["x"] + (0.5 + reach * math.cos(2 * now)) * box["width"],
            box["y"] + (0.5 + reach * math.sin(2 * now)) * box["height"],
        )
    count, tasks = page.evaluate("[readings, measured.longTasks]")
    rate = count / (time.perf_counter() - start)
    page.context.close()
    return rate, [duration for _, duration in tasks]


class Worker:
    """The page's worker, asked by the browser's own tools what memory it holds."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._answers: dict[int, Any] = {}
        self._count = 0
        attached: list[str] = []
        self._session.on("Target.attachedToTarget", lambda event: attached.append(event["sessionId"]))
        self._session.on("Target.receivedMessageFromTarget", lambda event: self._receive(event["message"]))
        self._session.send(
            "Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
        )
        while not attached:
            page.wait_for_timeout(50)
        self._id = attached[0]

    def memory(self) -> tuple[float, float]:
        """Return what objects and buffers (WebAssembly's memory among them) hold after a garbage collection, in MB."""
        self._ask("HeapProfiler.collectGarbage")
        usage = self._ask("Runtime.getHeapUsage")
        return usage["usedSize"] / 1e6, usage["backingStorageSize"] / 1e6

    def _ask(self, method: str, **parameters: object) -> Any:
        self._count += 1
        message = json.dumps({"id": self._count, "method": method, "params": parameters})
        self._session.send("Target.sendMessageToTarget", {"sessionId": self._id, "message": message})
        while self._count not in self._answers:
            self._page.wait_for_timeout(20)
        return self._answers.pop(self._count)

    def _receive(self, message: str) -> None:
        answer = json.loads(message)
        if "id" in answer:
            self._answers[answer["id"]] = answer["result"]


def measure_memory(browser: Browser, address: str) -> list[tuple[int, float, float]]:
    """Return what the worker holds, `(readings, objects, buffers)` in MB, after its first readings and after many."""
    page = open_page(browser, address)
    page.wait_for_selector("body[data-state=ready]")
    worker = Worker(page)
    held = []
    done = 0
    for count in (100, READINGS // 2, READINGS // 2):  # the first ones fill caches
        page.evaluate(READ_AND_READ, count)
        done += count
        held.append((done, *worker.memory()))
    page.context.close()
    return held


def sheet() -> bytes:
    """Return a JPEG of 12 megapixels: a sheet of 40 digits in eight numbers, as a phone takes it."""
    rng = np.random.default_rng(PHOTOS)
    names = sorted(DIGITS)
    rows = []
    for _ in range(8):
        symbols = [Symbol(name[0], "", DIGITS[name]) for name in rng.choice(names, 5)]
        rows.append(compose(symbols, [CLOSE, SPACED] * 2, 150, 0.08, rng).page())
    photo = photographed(rows, rng, replace(only("uneven light", rng), noise=4, blur=1, tilt=3))
    whole = Image.new("RGB", (4000, 3000), photo.getpixel((5, 5)))
    whole.paste(photo, ((4000 - photo.width) // 2, (3000 - photo.height) // 2))
    file = io.BytesIO()
    whole.save(file, "JPEG", quality=90)
    return file.getvalue()


READ_PHOTO = """async content => {
    const blob = new Blob([Uint8Array.from(atob(content), c => c.charCodeAt(0))], {type: "image/jpeg"});
    measured.longTasks = [];
    const start = performance.now();
    const {digits} = await digitpad.read(blob);
    return [performance.now() - start, digits.length];
}"""


def measure_photo(browser: Browser, address: str) -> tuple[list[float], list[int], list[float]]:
    """Return how long a photo of a sheet takes, how many symbols were found on it, and the long tasks meanwhile."""
    page = open_page(browser, address)
    page.wait_for_selector("body[data-state=ready]")
    content = base64.b64encode(sheet()).decode()
    times, found, blocking = [], [], []
    for _ in range(PHOTOS):
        took, count = page.evaluate(READ_PHOTO, content)
        times.append(took)
        found.append(count)
        blocking += [duration for _, duration in page.evaluate("measured.longTasks")]
    page.context.close()
    return times, found, blocking


def row(what: str, values: list[float], unit: str = "ms") -> dict[str, object]:
    """Return the median, the spread and the 95th percentile of measured values."""
    ordered = sorted(values)
    return {
        "what": what,
        "unit": unit,
        "count": len(ordered),
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
        "least": round(ordered[0], 2),
        "most": round(ordered[-1], 2),
    }


def main() -> None:
    """Measure everything, print it and keep it."""
    with serving("/") as site, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        version = browser.version
        starts = [measure_start(browser, site.address) for _ in range(STARTS)]
        latencies, blocking, single, network = measure_drawing(browser, site.address)
        drawn = [measure_rate(browser, site.address) for _ in range(3)]
        memory = measure_memory(browser, site.address)
        photos, found, blocking_at_photos = measure_photo(browser, site.address)
        browser.close()
    blocking_at_start = [duration for *_, tasks in starts for duration in tasks]
    rows = [
        row("page drawable, empty cache", [start[0] for start in starts]),
        row("first reading, empty cache", [start[1] for start in starts]),
        row("pen up to bars set", latencies),
        row("a reading by window.digitpad, page to page", [total for total, _ in single]),
        row("the same, in the worker alone", [inside for _, inside in single]),
        row("the network alone, one digit", network),
        row("a photo of 12 megapixels with 40 digits", photos),
        row("symbols found on it", [float(count) for count in found], ""),
        row("readings a second while drawing", [rate for rate, _ in drawn], "/s"),
    ]
    for count, objects, buffers in memory:
        rows.append(row(f"the worker's JavaScript objects after {count} readings", [objects], "MB"))
        rows.append(row(f"the worker's buffers, Python's memory among them, after {count} readings", [buffers], "MB"))
    blocking += [duration for _, tasks in drawn for duration in tasks]
    blocks = {
        "longest main-thread task over 50 ms while drawing": max(blocking, default=0),
        "longest main-thread task over 50 ms from drawable to the first reading": max(blocking_at_start, default=0),
        "longest main-thread task over 50 ms while a photo is read": max(blocking_at_photos, default=0),
    }
    print("| what | runs | median | 95th percentile | least … most |", "| --- | --- | --- | --- | --- |", sep="\n")
    for r in rows:
        unit = r["unit"]
        spread = f"{r['least']} … {r['most']} {unit}"
        print(f"| {r['what']} | {r['count']} | {r['median']} {unit} | {r['p95']} {unit} | {spread} |")
    for what, longest in blocks.items():
        print(f"| {what} | | {f'{longest:.0f} ms' if longest else 'none'} | | |")
    machine = {"cores": os.cpu_count(), "chromium": version}
    RESULTS.write_text(json.dumps({"machine": machine, "rows": rows, "blocking": blocks}, indent=1) + "\n")
    print(f"\n{machine['cores']} cores, Chromium {version}; also in {RESULTS.name}.")


if __name__ == "__main__":
    main()
