"""What memory the page's workers hold: after its first reading, and after many."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from playwright.sync_api import Browser, Page

from bench.readings import open_page

COUNTS = (1, 100, 2_000)
"""After how many readings it is asked; the first ones fill caches."""

READ_A_NOUGHT = """() => {
    const paper = new OffscreenCanvas(280, 280).getContext("2d");
    paper.fillStyle = "white";
    paper.fillRect(0, 0, 280, 280);
    paper.lineWidth = 12;
    paper.arc(140, 140, 80, 0, 2 * Math.PI);
    paper.stroke();
    return digitpad.read(paper.getImageData(0, 0, 280, 280)).then(() => {});
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


def measure_memory(browser: Browser, address: str) -> list[dict[str, float]]:
    """Return what the workers hold, `objects` and `buffers` in MB, after each of `COUNTS` readings."""
    page = open_page(browser, address)
    workers = workers_of(page)
    held = []
    done = 0
    for count in COUNTS:
        if done:
            page.evaluate(READ_AND_READ, count - done)
        else:
            page.evaluate(READ_A_NOUGHT)
        done = count
        memories = [worker.memory() for worker in workers]
        objects, buffers = (sum(parts) for parts in zip(*memories, strict=True))
        held.append({"readings": count, "objects": objects, "buffers": buffers})
    page.context.close()
    return held


def workers_of(page: Page) -> list["Target"]:
    """Return the page's worker, Python's, and the worker of that, the networks'."""
    session = page.context.new_cdp_session(page)
    top = Target(page, lambda message: session.send(message["method"], message["params"]))
    for method in ("Target.attachedToTarget", "Target.receivedMessageFromTarget"):
        session.on(method, partial(top.take, method))
    python = top.worker()
    return [python, python.worker()]


class Target:
    """A page or a worker, as the browser's own tools see it: asked by way of the one that it belongs to."""

    def __init__(self, page: Page, send: Callable[[dict[str, Any]], object]) -> None:
        self._page, self._send = page, send
        self._workers: dict[str, Target] = {}
        self._answers: dict[int, Any] = {}
        self._count = 0

    def worker(self) -> "Target":
        """Return the first worker that it has."""
        self._tell("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=False)
        while not self._workers:
            self._page.wait_for_timeout(20)
        return next(iter(self._workers.values()))

    def memory(self) -> tuple[float, float]:
        """Return what objects and buffers hold after a garbage collection, in MB.

        Python's memory is among the buffers. That of onnxruntime-web, which can be shared, is not told.
        """
        self._ask("HeapProfiler.collectGarbage")
        usage = self._ask("Runtime.getHeapUsage")
        return usage["usedSize"] / 1e6, usage["backingStorageSize"] / 1e6

    def take(self, method: str, event: dict[str, Any]) -> None:
        """Take an event: that there is a worker, or what one of them says."""
        if method == "Target.attachedToTarget":
            send = partial(self._send_on, event["sessionId"])
            self._workers[event["sessionId"]] = Target(self._page, send)
        elif method == "Target.receivedMessageFromTarget":
            self._workers[event["sessionId"]]._hear(json.loads(event["message"]))

    def _hear(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers[message["id"]] = message["result"]
        else:
            self.take(message["method"], message["params"])

    def _send_on(self, worker: str, message: dict[str, Any]) -> None:
        self._tell("Target.sendMessageToTarget", sessionId=worker, message=json.dumps(message))

    def _ask(self, method: str) -> Any:
        number = self._tell(method)
        while number not in self._answers:
            self._page.wait_for_timeout(20)
        return self._answers.pop(number)

    def _tell(self, method: str, **parameters: object) -> int:
        self._count += 1
        self._send({"id": self._count, "method": method, "params": parameters})
        return self._count
