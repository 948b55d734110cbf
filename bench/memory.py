"""What memory the page's worker holds: after its first reading, and after many."""

import json
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

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
    """Return what the worker holds, `objects` and `buffers` in MB, after each of `COUNTS` readings."""
    page = open_page(browser, address)
    worker = Worker(page)
    held = []
    done = 0
    for count in COUNTS:
        if done:
            page.evaluate(READ_AND_READ, count - done)
        else:
            page.evaluate(READ_A_NOUGHT)
        done = count
        objects, buffers = worker.memory()
        held.append({"readings": count, "objects": objects, "buffers": buffers})
    page.context.close()
    return held


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
