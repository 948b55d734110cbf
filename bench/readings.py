"""How long a reading takes, part by part, how many there are in a second, and what holds the page up meanwhile."""

import base64
import io
import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page

from bench.starts import STOPWATCH
from tools.browser.digits import DIGITS
from tools.browser.hands import START, Mouse, clear, settled, write
from training.compose import CLOSE, SPACED, compose
from training.data import Symbol
from training.photo import only, photographed

ROUNDS = 5  # of all digits
REST = 200  # milliseconds from stroke to stroke
DRAWING = 6  # seconds without lifting the pen
DRAWINGS = 3
PHOTOS = 7

# All in milliseconds. The bars are set before the state is.
PEN_UP = """
    window.penUps = [];
    let penUp = null;
    addEventListener("pointerup", event => {
        if (event.target.id === "pad") penUp = event.timeStamp;
    }, true);
    new MutationObserver(() => {
        if (penUp === null || document.body?.dataset.state !== "ready") return;
        penUps.push(performance.now() - penUp);
        penUp = null;
    }).observe(document, {subtree: true, attributeFilter: ["data-state"]});
"""

# Asks for the pad to be read once more, as the button does. The answer is marked as busy in the moment in which it is
# shown, with its bars, and this hears of it when that is done.
READ_THE_PAD = """async count => {
    const button = document.getElementById("read"), reading = document.getElementById("reading");
    const times = [];
    for (let n = 0; n < count; n++) {
        const shown = new Promise(resolve => {
            const observer = new MutationObserver(() => {
                if (reading.ariaBusy !== "true") return;
                observer.disconnect();
                resolve();
            });
            observer.observe(reading, {attributeFilter: ["aria-busy"]});
        });
        const start = performance.now();
        button.click();
        await shown;
        times.push(performance.now() - start);
    }
    return times;
}"""

# Reads the same pixels by `window.digitpad`: the whole time, and the worker's own.
READ_ALONE = """async count => {
    const small = new OffscreenCanvas(280, 280).getContext("2d", {willReadFrequently: true});
    small.fillStyle = "white";
    small.fillRect(0, 0, 280, 280);
    small.drawImage(document.getElementById("pad"), 0, 0, 280, 280);
    const image = small.getImageData(0, 0, 280, 280);
    const times = [];
    for (let n = 0; n < count; n++) {
        const start = performance.now();
        const {milliseconds} = await digitpad.read(image);
        times.push([performance.now() - start, milliseconds]);
    }
    return times;
}"""

START_NETWORK = """async () => {
    globalThis.ort = await import("./vendor/onnxruntime/ort.wasm.bundle.min.mjs");
    ort.env.wasm.numThreads = 1;
    globalThis.session = await ort.InferenceSession.create("./model.onnx");
}"""

NETWORK_ALONE = """async count => {
    const times = [];
    for (let n = 0; n < count; n++) {
        const images = new ort.Tensor("float32", Float32Array.from({length: 784}, Math.random), [1, 28, 28]);
        const start = performance.now();
        await session.run({images});
        times.push(performance.now() - start);
    }
    return times;
}"""

TURNS, COUNT, FIRST = 10, 50, 50
"""How often all of these have their turn, one after the other, and how often each is measured then.

The first ones, so many of each, are left out: code is still being compiled. A machine that others use too is slower
for seconds at a time, and is to be so for all that is compared.
"""


def measure_readings(browser: Browser, address: str) -> dict[str, Any]:
    """Return all times in milliseconds, of long tasks too, and the rate in readings a second."""
    rates = [_rate(browser, address) for _ in range(DRAWINGS)]
    drawn = _drawing(browser, address)
    drawn["long tasks while drawing"] += [task for _, tasks in rates for task in tasks]
    return {"rate": [rate for rate, _ in rates], **drawn, **_photo(browser, address)}


def open_page(browser: Browser, address: str) -> Page:
    """Visit the page with an empty cache, and wait until it reads."""
    page = browser.new_context(service_workers="block").new_page()  # what a first visit keeps is another matter
    page.set_default_timeout(START)
    page.add_init_script(STOPWATCH + PEN_UP)
    page.goto(address)
    page.wait_for_selector("body[data-state=ready]")
    return page


def _drawing(browser: Browser, address: str) -> dict[str, list[float]]:
    """Measure readings from pen up to the bars, from the pad's pixels to the bars, and their parts."""
    page = open_page(browser, address)
    page.evaluate("measured.longTasks = []")
    for _ in range(ROUNDS):
        for strokes in DIGITS.values():
            for stroke in strokes:
                write(page, Mouse(page), [stroke])
                # A hand takes a moment to the next stroke. Until then nothing asks the page how far it is, for
                # that would be measured too.
                page.wait_for_timeout(REST)
            clear(page)
    pen_ups, tasks = page.evaluate("[penUps, measured.longTasks]")
    write(page, Mouse(page), DIGITS["5"])
    settled(page)
    page.evaluate(START_NETWORK)
    shown, alone, network = [], [], []
    for _ in range(TURNS):
        shown += page.evaluate(READ_THE_PAD, COUNT)
        alone += page.evaluate(READ_ALONE, COUNT)
        network += page.evaluate(NETWORK_ALONE, COUNT)
    page.context.close()
    return {
        "pen up to bars": pen_ups,
        "pixels to bars": shown[FIRST:],
        "window.digitpad": [whole for whole, _ in alone[FIRST:]],
        "worker": [inside for _, inside in alone[FIRST:]],
        "network": network[FIRST:],
        "long tasks while drawing": [duration for _, duration in tasks],
    }


# Each reading marks the answer as busy, even where it is the same once more.
COUNT_READINGS = """() => {
    window.readings = 0;
    new MutationObserver(records => { readings += records.length; })
        .observe(document.getElementById("reading"), {attributeFilter: ["aria-busy"]});
}"""


def _rate(browser: Browser, address: str) -> tuple[float, list[float]]:
    """Return how many readings a second there are while one draws without a pause, and the long tasks meanwhile."""
    page = open_page(browser, address)
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


def _photo(browser: Browser, address: str) -> dict[str, list[float]]:
    """Measure how long a photo of a sheet takes, and how many symbols are found on it."""
    page = open_page(browser, address)
    content = base64.b64encode(sheet()).decode()
    times, found, blocking = [], [], []
    for _ in range(PHOTOS):
        took, count = page.evaluate(READ_PHOTO, content)
        times.append(took)
        found.append(count)
        blocking += [duration for _, duration in page.evaluate("measured.longTasks")]
    page.context.close()
    return {"photo": times, "symbols on the photo": found, "long tasks while a photo is read": blocking}
