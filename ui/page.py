"""The page as a whole: wires the controls, the pad, the answer, what is kept, and the recogniser."""

import asyncio

import js
from pyscript.ffi import to_js

from ui import api
from ui.dom import element
from ui.drawing import Picture
from ui.engine import Engine, Unusable, as_sentence, reason
from ui.images import Images
from ui.notice import Notice
from ui.offline import Offline, forget_shared_image, shared_image
from ui.pad import Pad
from ui.results import Results
from ui.sharing import copy_text, save_file

PAUSE = 16
"""Milliseconds from one reading to the next while the pen is down: the machine is to have time for the pen."""

SETTLE = 800
"""Milliseconds without a stroke after which an answer is the answer, and is announced."""

PATIENCE = 2000
"""Milliseconds that a first reading has the machine to itself, before the page is kept in the browser."""

SAID = 2000
"""Milliseconds for which the page says that something was copied."""

MOST_BYTES = 200_000_000
"""Of an image file; a larger one would not fit into the recogniser's memory."""

BLANK = "There is nothing to read in the image: it is blank, or too faint."
EMPTY = "Ready. What you write is read here."
READING = "Reading the picture …"
UNREAD = "Not read yet. Press “Read”, or Enter on the pad."

OUTDATED = "Digitpad was updated in another tab, and this one needs a reload."

root = js.document.documentElement
body = js.document.body


class Page:
    """What the page knows: its parts, and whether something on the pad is due to be read."""

    def __init__(self) -> None:
        self.is_ready = self.is_reading = self.is_due = self.is_offered = False
        self.changes = self.changes_read = 0
        self.images = self.images_open = self.opened = 0
        self.last = self.side = 0
        self.pause = self.settling = self.saying = None
        self.reading = self.offered = self.looked_at = None
        self.is_explained = False
        self.results = Results(self.on_select, lambda: self.offer(True))
        self.pad = Pad(self.on_change, self.symbol_at, self.results.select)
        self.notice = Notice()
        self.engine = Engine(self.on_progress, self.on_ready, self.on_failure)
        self.api = api.install(self.engine)
        Images(self.take_image, self.notice)
        self.offline = Offline(self.notice, self.on_outdated)
        self.api.ready = self.engine.ready
        if js.URLSearchParams.new(js.location.search).has("shared"):
            asyncio.create_task(self.open_shared())

    def open(self) -> None:
        """Let the page be used, and written on."""
        self.pad.open()
        for name, action in (
            ("undo", self.pad.undo),
            ("redo", self.pad.redo),
            ("eraser", self.change_tool),
            ("clear", self.pad.clear),
            ("turn", self.pad.turn),
            ("select-area", self.pad.select_area),
            ("read", self.ask),
            ("keep", lambda: asyncio.create_task(self.keep())),
            ("dismiss", self.dismiss),
            ("copy", lambda: asyncio.create_task(self.copy())),
            ("save-table", self.save_table),
            ("why", self.change_explanation),
            ("retry", self.start_engine),
        ):
            element(name).addEventListener("click", _without_event(action))
        js.document.addEventListener("keydown", self.on_key)
        element("theme").value = getattr(root.dataset, "theme", "system")
        element("theme").addEventListener("change", _without_event(self.change_theme))
        element("live").checked = getattr(root.dataset, "live", "true") == "true"
        element("live").addEventListener("change", _without_event(self.change_live))
        element("mode-of-reading").value = self.mode
        element("mode-of-reading").addEventListener("change", _without_event(self.change_mode))
        element("read").hidden = self.is_live

    @property
    def is_live(self) -> bool:
        """Whether what is written is read while it is written."""
        return element("live").checked

    @property
    def mode(self) -> str:
        """Whether the pad is read as one digit, as a number, or as what it looks like: a key of `recogniser.SINGLE`."""
        return getattr(root.dataset, "mode", "auto")

    def open_history(self) -> None:
        """Bring what was kept; imported here, for nobody who wants to draw is to wait for it."""
        from ui.history import History

        self.history = History(self.engine, self.notice)

    # The recogniser

    def start_engine(self) -> None:
        if self.offline.is_outdated:
            self.engine.give_up(OUTDATED)
            return
        self.is_ready = self.is_reading = False
        body.dataset.state = "loading"
        element("failure").hidden = True
        element("loading").hidden = False
        self.engine.start()
        self.api.ready = self.engine.ready

    def on_progress(self, percent: int, words: str) -> None:
        element("loading-progress").value = percent
        element("loading-text").textContent = words

    def on_ready(self) -> None:
        if self.offline.is_outdated:  # since before there was a worker to be stopped
            self.engine.give_up(OUTDATED)
            return
        element("loading").hidden = True
        element("failure").hidden = True
        self.is_ready = True
        self.tell_state()
        if not self.pad.drawing.marks:
            self.results.clear(EMPTY)
        self.go_on()
        js.setTimeout(self.offline.start, PATIENCE)

    def on_failure(self, sentence: str) -> None:
        element("loading").hidden = True
        element("failure").hidden = False
        until = " until you reload" if self.offline.is_outdated else ""
        element("failure-text").textContent = f"{sentence} Your drawing is kept{until}."
        self.is_due = self.is_due or self.is_reading
        self.is_ready = self.is_reading = False
        js.clearTimeout(self.pause)
        self.pause = None
        body.dataset.state = "error"
        self.offline.start()  # a new version may do better

    def on_outdated(self) -> None:
        if not self.is_ready:
            self.engine.give_up(OUTDATED)

    def tell_state(self) -> None:
        if self.is_ready:
            body.dataset.state = "reading" if self.is_reading or self.images_open else "ready"

    # Reading

    def on_change(self, is_asked: bool = False) -> None:
        """Have what is on the pad now read, as soon as the recogniser is there and free, if that is wished."""
        drawing = self.pad.drawing
        self.offer_steps(bool(drawing.marks), drawing.can_undo, drawing.can_redo, bool(drawing.picture))
        self.changes += 1
        js.clearTimeout(self.settling)
        self.forget_explanation()
        self.is_due = is_asked or self.is_live or not drawing.marks
        if not self.is_due:
            self.forget_reading(UNREAD)
        self.go_on()

    def offer_steps(self, *offered: bool) -> None:
        if offered == self.offered:
            return  # as at nearly every move of the pen, which is to cost as little as can be
        self.offered = is_marked, can_undo, can_redo, has_picture = offered
        element("hint").hidden = is_marked
        element("clear").disabled = not is_marked
        element("undo").disabled = not can_undo
        element("redo").disabled = not can_redo
        for name in ("turn", "select-area"):
            element(name).hidden = not has_picture

    def ask(self) -> None:
        """Read the pad now, whether or not it is read while one writes."""
        self.is_due = True
        self.go_on()

    def go_on(self) -> None:
        if not self.is_reading:
            if self.is_ready and self.is_due:
                self.is_reading = True
                self.tell_state()
                self.read()
        elif self.pause is not None and not self.pad.is_drawing:
            self.read()

    def read(self) -> None:
        """Read the pad, and again until nothing on it is due.

        With callbacks, for each `await` in MicroPython costs a timer, and while one draws these add up.
        """
        js.clearTimeout(self.pause)
        self.pause = None
        if self.is_due and not self.pad.drawing.marks:
            self.is_due = False
            self.forget_reading(EMPTY)
        if not self.is_due:
            self.is_reading = False
            self.tell_state()
            return
        rest = PAUSE - (js.performance.now() - self.last)
        if self.pad.is_drawing and rest > 0:
            self.pause = js.setTimeout(self.read, rest)
            return
        self.is_due = False
        picture = self.pad.drawing.picture, self.pad.area.box
        if picture[0] and picture != self.looked_at:  # what stands there was read of another one
            self.forget_reading(READING)
        self.looked_at = picture
        self.last = js.performance.now()
        self.changes_read = self.changes
        self.side = self.pad.side
        answer = self.engine.ask("look_at", self.mode, *self.pad.part())
        answer.then(self.on_reading, self.on_reading_failed)

    def on_reading(self, reading: js.Object) -> None:
        if not self.is_ready:
            return  # the worker was ended meanwhile
        is_last = self.changes_read == self.changes
        if is_last or (self.is_live and self.pad.drawing.marks):
            self.show(reading)
        if is_last and not self.pad.is_drawing:
            js.clearTimeout(self.settling)
            self.settling = js.setTimeout(self.settle, SETTLE)
        self.read()

    def on_reading_failed(self, error: js.Error) -> None:
        self.on_stop(as_sentence(error.message))

    def on_stop(self, why: str) -> None:
        if not self.is_ready:
            return  # it was ended, and the visitor has been told why
        self.is_due = True
        self.on_failure(f"The recogniser has stopped. {why}")

    def show(self, reading: js.Object) -> None:
        if not reading.symbols.length:
            self.forget_reading("Nothing to read yet.")
            if self.changes_read == self.opened:
                self.notice.say(BLANK)
            return
        self.results.show(reading, self.side)
        self.reading = reading
        if not self.is_offered:
            self.offer(True)

    def settle(self) -> None:
        self.results.settle()
        if self.reading:
            api.announce(self.reading)

    def forget_reading(self, words: str) -> None:
        self.reading = None
        self.forget_explanation()
        self.offer(False)
        self.results.clear(words)

    def offer(self, is_read: bool) -> None:
        """Offer what can be done with an answer, if there is one."""
        self.is_offered = is_read
        for name in ("keep", "dismiss", "copy", "save-table", "right-symbol", "not-a-symbol"):
            element(name).disabled = not is_read
        element("keep").textContent = "Keep"

    def dismiss(self) -> None:
        self.forget_reading("Dismissed. What you write on is read again." if self.is_live else UNREAD)

    # What is done with a reading

    async def keep(self) -> None:
        button, changes = element("keep"), self.changes
        button.disabled = True
        self.is_offered = False
        is_kept = await self.history.keep(self.results.answer.correction, self.mode, *self.pad.part())
        if changes == self.changes:
            button.textContent = "Kept" if is_kept else "Keep"
            button.disabled = is_kept
            self.is_offered = not is_kept

    async def copy(self) -> None:
        if not await copy_text(self.results.answer.text):
            self.notice.say("The browser does not let this page copy. Select the text, and copy it yourself.")
            return
        self.say_copied("Copied", "Copied.")
        js.clearTimeout(self.saying)
        self.saying = js.setTimeout(lambda: self.say_copied("Copy", ""), SAID)

    def say_copied(self, on_button: str, aloud: str) -> None:
        element("copy").textContent = on_button
        element("aloud").textContent = aloud

    def save_table(self) -> None:
        save_file("digitpad-numbers.csv", self.results.answer.table, "text/csv")

    def change_explanation(self) -> None:
        if self.is_explained:
            self.forget_explanation()
        else:
            asyncio.create_task(self.explain())

    async def explain(self) -> None:
        asked = self.changes, self.results.selected
        try:
            explanation = await self.engine.read("explain_pad", self.results.number, self.mode, *self.pad.part())
        except Unusable as error:
            self.notice.say(reason(error))
        except Exception as error:
            self.on_stop(reason(error))
        else:
            if asked == (self.changes, self.results.selected) and self.reading:
                self.results.explain(explanation, self.side)
                self.is_explained = True

    def forget_explanation(self) -> None:
        if self.is_explained:
            self.results.forget_explanation()
            self.is_explained = False

    # Symbols

    def symbol_at(self, x: float, y: float) -> int | None:
        """Return which of several symbols stands at a place on the pad, if the answer is of what is there now."""
        return None if self.is_reading else self.results.at(x, y)

    def on_select(self) -> None:
        if self.is_explained:
            self.forget_explanation()
            if self.results.number is not None:
                asyncio.create_task(self.explain())

    # Images

    def take_image(self, blob: js.Blob) -> asyncio.Task:
        self.images += 1
        self.images_open += 1
        element("opening").hidden = False
        self.tell_state()
        return asyncio.create_task(self.open_image(blob, self.images))

    async def open_shared(self) -> None:
        """Lay on the pad what another app has shared; it brings the visitor to `?shared`."""
        try:
            blob = await shared_image()
            if blob:
                await self.take_image(blob)
            else:
                self.notice.say("The shared image did not arrive. Open it with “Open image”.")
            await forget_shared_image()
        except Exception as error:
            self.notice.say(reason(error))

    async def open_image(self, blob: js.Blob, number: int) -> None:
        """Lay an image on the pad and have it read; of several at a time, the last."""
        try:
            picture = await self.open_picture(blob)
            if number == self.images:
                self.pad.lay(picture)
                self.opened = self.changes
                element("paper").scrollIntoView(to_js({"block": "nearest"}))  # on a phone it may be far above
        except Exception as error:
            self.notice.say(reason(error))
        self.images_open -= 1
        element("opening").hidden = self.images_open == 0
        self.tell_state()

    async def open_picture(self, blob: js.Blob) -> Picture:
        """Return the picture in an image file. Raises an error, with a sentence for the user, where there is none."""
        if blob.size > MOST_BYTES:
            raise ValueError(f"The file is too large: {blob.size / 1e6:.0f} MB. Up to 200 MB can be read.")
        return _picture(await self.engine.read("open_picture", js.Uint8Array.new(await blob.arrayBuffer())))

    # Manners

    def change_tool(self) -> None:
        self.pad.erases = not self.pad.erases
        element("eraser").setAttribute("aria-pressed", "true" if self.pad.erases else "false")
        element("paper").dataset.erases = "true" if self.pad.erases else "false"

    def change_theme(self) -> None:
        root.dataset.theme = element("theme").value
        self.pad.repaint()

    def change_mode(self) -> None:
        root.dataset.mode = element("mode-of-reading").value
        self.ask()

    def change_live(self) -> None:
        root.dataset.live = "true" if self.is_live else "false"
        element("read").hidden = self.is_live
        if self.is_live:
            self.ask()

    def on_key(self, event: js.KeyboardEvent) -> None:
        if event.altKey or event.target.closest("#history, select, input[type=text]"):
            return
        key = event.key.lower()
        on_pad = event.target.id == "pad"
        on_symbol = event.target.closest("#reading")
        if event.ctrlKey or event.metaKey:
            if key == "z":
                action = self.pad.redo if event.shiftKey else self.pad.undo
            elif key == "y":
                action = self.pad.redo
            else:
                return
        elif key == "escape" and self.pad.area.is_on:
            action = self.pad.select_area
        elif key in ("delete", "backspace", "escape") and not on_symbol:
            action = self.pad.clear
        elif key == "e" and on_pad:
            action = self.change_tool
        elif key == "enter" and on_pad:
            action = self.ask
        else:
            return
        event.preventDefault()
        action()


def _without_event(action):
    return lambda event: action()


def _picture(opened: js.Object) -> Picture:
    """Return the picture that the worker has opened as one for the pad."""
    canvas = js.OffscreenCanvas.new(opened.width, opened.height)
    pixels = js.Uint8ClampedArray.new(opened.pixels.buffer)
    # It is painted on the canvas that is read too, which is in memory: from a GPU it had to be fetched each time.
    context = canvas.getContext("2d", to_js({"willReadFrequently": True}))
    context.putImageData(js.ImageData.new(pixels, opened.width, opened.height), 0, 0)
    return Picture(canvas, opened.width, opened.height, opened.paper, opened.scheme)
