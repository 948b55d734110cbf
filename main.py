"""The page's Python, in MicroPython on the UI thread: wires the controls, the pad, the answer and the recogniser."""

import js

from ui import api
from ui.engine import Engine
from ui.pad import Pad
from ui.results import Results

PAUSE = 30
"""Milliseconds from one reading to the next while the pen is down: the machine is to have time for the pen."""

body = js.document.body


def element(name: str) -> js.Element:
    return js.document.getElementById(name)


class Page:
    """What the page knows: its parts, and whether something on the pad is new and has not been read."""

    def __init__(self) -> None:
        self.is_new = False
        self.settled = False
        self.last = 0
        self.pause = None
        self.results = Results()
        self.pad = Pad(self.on_change)
        self.engine = Engine(self.on_progress, self.on_ready, self.on_failure)
        self.api = api.install(self.engine)
        self.wire()
        self.start_engine()

    def wire(self) -> None:
        buttons = {"undo": self.pad.undo, "redo": self.pad.redo, "clear": self.pad.clear}
        for name, action in buttons.items():
            element(name).addEventListener("click", _without_event(action))
        element("retry").addEventListener("click", _without_event(self.start_engine))
        js.document.addEventListener("keydown", self.on_key)

    def start_engine(self) -> None:
        body.dataset.state = "loading"
        element("failure").hidden = True
        element("loading").hidden = False
        self.engine.start()
        self.api.ready = self.engine.ready

    def on_progress(self, percent: int, words: str) -> None:
        element("loading-progress").value = percent
        element("loading-text").textContent = words

    def on_ready(self) -> None:
        element("loading").hidden = True
        element("failure").hidden = True
        body.dataset.state = "ready"
        self.on_change()

    def on_failure(self, sentence: str) -> None:
        element("loading").hidden = True
        element("failure").hidden = False
        element("failure-text").textContent = f"{sentence} Your drawing is kept."
        body.dataset.state = "error"

    def on_change(self) -> None:
        """Have what is on the pad now read, as soon as the recogniser is there and free."""
        drawing = self.pad.drawing
        is_empty = not drawing.strokes
        element("hint").hidden = not is_empty
        element("undo").disabled = not drawing.can_undo
        element("redo").disabled = not drawing.can_redo
        element("clear").disabled = is_empty
        self.is_new = True
        if body.dataset.state == "ready":
            body.dataset.state = "reading"
            self.read()
        elif self.pause is not None and not self.pad.is_drawing:
            self.read()

    def read(self) -> None:
        """Read the pad, and again until nothing on it is new.

        With callbacks, for each `await` in MicroPython costs a timer, and while one draws these add up.
        """
        js.clearTimeout(self.pause)
        self.pause = None
        if self.is_new and not self.pad.drawing.strokes:
            self.is_new = False
            self.results.clear()
        if not self.is_new:
            body.dataset.state = "ready"
            return
        rest = PAUSE - (js.performance.now() - self.last)
        if self.pad.is_drawing and rest > 0:
            self.pause = js.setTimeout(self.read, rest)
            return
        self.is_new = False
        self.last = js.performance.now()
        self.settled = not self.pad.is_drawing
        image = self.pad.pixels()
        answer = self.engine.ask("read_pixels", image.data, image.width, image.height)
        answer.then(self.on_reading, self.on_reading_failed)

    def on_reading(self, reading: js.Object) -> None:
        if self.pad.drawing.strokes:
            self.results.show(reading, self.settled and not self.pad.is_drawing)
        self.read()

    def on_reading_failed(self, error: js.Error) -> None:
        self.on_failure(f"The recogniser has stopped. {error.message}")

    def on_key(self, event: js.KeyboardEvent) -> None:
        if event.altKey:
            return
        key = event.key.lower()
        if event.ctrlKey or event.metaKey:
            if key == "z":
                action = self.pad.redo if event.shiftKey else self.pad.undo
            elif key == "y":
                action = self.pad.redo
            else:
                return
        elif key in ("delete", "backspace", "escape"):
            action = self.pad.clear
        else:
            return
        event.preventDefault()
        action()


def _without_event(action):
    return lambda event: action()


page = Page()
element("unstarted").remove()
