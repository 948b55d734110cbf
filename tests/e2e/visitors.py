"""The browsers that are not Chromium, as a distribution has them, which Playwright cannot drive."""

import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

from playwright.sync_api import FloatRect

from tests.conftest import ROOT
from tools.browser import installed as installed
from tools.browser.hands import Strokes, on_the_pad

START = 60  # seconds that a start, or an answer, may take; WebKit is the slowest


class Visitor(ABC):
    """A browser with a profile of its own and one page: what it can do, and what a test makes of that."""

    @abstractmethod
    def go(self, address: str) -> None: ...

    @abstractmethod
    def reload(self) -> None: ...

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """Return what an expression in JavaScript is on the page, or what becomes of it if it is a promise."""

    @abstractmethod
    def asked(self) -> list[str]:
        """Return the addresses that were asked for; those on this machine only if the browser tells them."""

    @abstractmethod
    def stroke(self, points: list[tuple[float, float]]) -> None:
        """Draw with the browser's own mouse."""

    def complaints(self) -> list[tuple[str, str]]:
        """Return what the console says, and what was not caught, each with its kind, as far as the browser tells."""
        return []

    def until(self, expression: str) -> Any:
        """Wait until an expression is true on the page, and return what it is."""
        return self.evaluate(
            f"""new Promise((resolve, reject) => {{
                const end = Date.now() + {START * 1000};
                const look = () => {{
                    const value = {expression};
                    if (value) resolve(value);
                    else if (Date.now() < end) setTimeout(look, 50);
                    else reject(new Error({json.dumps("This never was so: " + expression + " The page says: ")}
                        + document.body.innerText));
                }};
                look();
            }})"""
        )

    def click(self, selector: str) -> None:
        """Click in the middle of what can be used, or wait until it can."""
        self.until(f"document.querySelector({json.dumps(selector)})?.disabled === false")
        box = self._box(selector)
        self.stroke([(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)])

    def write(self, strokes: Strokes) -> None:
        box = self._box("#pad")
        for stroke in strokes:
            self.stroke(on_the_pad(box, stroke))

    def _box(self, selector: str) -> FloatRect:
        """Return where an element lies in the window, having brought it there."""
        return self.evaluate(
            f"""(element => {{
                element.scrollIntoView({{block: "center", behavior: "instant"}});
                return element.getBoundingClientRect().toJSON();
            }})(document.querySelector({json.dumps(selector)}))"""
        )


class Firefox(Visitor):
    """Firefox, by puppeteer-core: no driver of its own is needed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def go(self, address: str) -> None:
        self._step("go", address)

    def reload(self) -> None:
        self._step("reload")

    def evaluate(self, expression: str) -> Any:
        return self._step("evaluate", expression)

    def stroke(self, points: list[tuple[float, float]]) -> None:
        self._step("stroke", points)

    def asked(self) -> list[str]:
        return list(self._step("asked"))

    def complaints(self) -> list[tuple[str, str]]:
        return [(kind, text) for kind, text in self._step("complaints")]

    def _step(self, name: str, *given: Any) -> Any:
        print(json.dumps([name, *given]), file=self._process.stdin, flush=True)
        assert self._process.stdout is not None
        answer = json.loads(self._process.stdout.readline() or '{"error": "Firefox did not start, or has ended"}')
        assert "error" not in answer, answer["error"]
        return answer.get("value")


@contextmanager
def firefox() -> Iterator[Visitor]:
    """Have Firefox there. Raises FileNotFoundError where it is not installed."""
    command = ["node", str(ROOT / "tests" / "e2e" / "firefox.mjs"), installed.find_firefox()]
    # Where its input is closed, it closes the browser, and ends.
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Firefox(process)


class Outside(ThreadingTCPServer):
    """A proxy in the place of all that is not this machine: it lets nothing through, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), BaseRequestHandler)

    def __enter__(self) -> "Outside":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Remember the first line, which begins with a verb, and hang up."""
        with request.makefile("rb") as lines:
            self.asked.append(lines.readline().decode().split(" ")[1])


class WebKit(Visitor):
    """WebKitGTK's own small browser, by WebDriver, which tells nothing of the console."""

    def __init__(self, driver: str, outside: Outside) -> None:
        self._address, self._outside = driver + "/session", outside
        proxy = f"127.0.0.1:{outside.server_address[1]}"
        wanted = {
            "timeouts": {"script": 2000 * START},
            "proxy": {"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy, "noProxy": ["127.0.0.1"]},
        }
        self._address += "/" + self._post("", capabilities={"alwaysMatch": wanted})["sessionId"]

    def go(self, address: str) -> None:
        self._post("/url", url=address)

    def reload(self) -> None:
        self._post("/refresh")

    def evaluate(self, expression: str) -> Any:
        return self._post("/execute/sync", script=f"return ({expression})", args=[])

    def stroke(self, points: list[tuple[float, float]]) -> None:
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y)} for x, y in points]
        steps = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        self._post("/actions", actions=[{"type": "pointer", "id": "mouse", "actions": steps}])

    def asked(self) -> list[str]:
        return self._outside.asked

    def _post(self, step: str, **given: Any) -> Any:
        request = urllib.request.Request(self._address + step, json.dumps(given).encode())
        try:
            with urllib.request.urlopen(request, timeout=3 * START) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None


@contextmanager
def webkit() -> Iterator[Visitor]:
    """Have WebKit there, on a screen that nobody sees. Raises FileNotFoundError where either is not installed."""
    driver, screen = installed.find_webkit()
    with (
        socket.create_server(("127.0.0.1", 0)) as free,
        Outside() as outside,
        _running(screen, "-displayfd", "1", "-screen", "0", "1280x1024x24", stdout=subprocess.PIPE) as shown,
    ):
        assert shown.stdout is not None
        display = ":" + shown.stdout.readline().strip()
        port = free.getsockname()[1]
        free.close()
        # Drawn with OpenGL, WebKitGTK 2.50 has ended itself with "integer is too large: 255": Skia looks at errno when
        # it has read a number in a shader, and the signals that stop JavaScript's threads are taken to have set it.
        environment = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
        with _running(driver, f"--port={port}", env=environment):
            _wait_for(port)
            yield WebKit(f"http://127.0.0.1:{port}", outside)


@contextmanager
def _running(*command: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, text=True, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    """Wait until somebody listens at a port."""
    end = time.monotonic() + START
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
