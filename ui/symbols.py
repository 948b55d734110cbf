"""The text that was read, symbol by symbol, and the boxes about the symbols on the pad."""

import js
from pyscript.ffi import to_js

from ui.answer import DIGITS, SIGNS, Answer
from ui.dom import element

MARGIN = 0.008
"""Between a symbol and its box, as a share of the pad."""

SPOKEN = {".": "point", ",": "comma", "-": "minus", "/": "slash", ":": "colon", "+": "plus"}
"""What a screen reader calls a sign, which else it may pass over."""

KINDS = ("sure", "doubtful", "out", "selected")
"""The paths in `#boxes`. All boxes of a kind are one path, for they change at every move of the pen."""


class Symbols:
    """Shows an answer in `#reading`, and its boxes in `#boxes`.

    One symbol is a text. Of several each is a button: `select(index)` is called when it is pressed or reached with the
    arrow keys, and `correct(index, symbol)` when a digit or a sign is typed on it, or it is deleted.
    """

    def __init__(self, select, correct) -> None:
        self._select, self._correct = select, correct
        self._reading = element("reading")
        self._answer, self._laid = None, ("", 0)
        # Kept while they are not needed: the next text may be a longer one.
        self._gaps, self._buttons, self._states = [], [], []
        self._paths = {kind: element("boxes").querySelector(f".{kind}") for kind in KINDS}
        self._drawn = dict.fromkeys(KINDS, "")
        self._reading.addEventListener("click", self._on_click)
        self._reading.addEventListener("keydown", self._on_key)

    def show(self, answer: Answer, doubts: list[bool], boxes: list[tuple], selected: int) -> None:
        """Show an answer as it stands now.

        `doubts` says of each symbol whether it is doubtful, and `boxes` where it stands: `(left, top, width, height)`
        in shares of the pad.
        """
        text, count = answer.text, len(answer.symbols)
        is_other = (text, count) != self._laid
        if is_other:
            self._fit(text)
        if count > 1:
            self._write(answer, doubts, selected)
            if is_other and answer is not self._answer:
                self._lay(count, selected)
        elif is_other:
            self._reading.textContent = text
        self._answer, self._laid = answer, (text, count)
        self._draw(answer, doubts, boxes, selected)

    def go_to(self, index: int) -> None:
        """Select a symbol, if there is one of this number, and bring the keyboard there."""
        if 0 <= index < len(self._answer.symbols):
            self._select(index)
            self._buttons[index].focus()

    def bring_into_view(self, index: int) -> None:
        """Scroll a long text to a symbol, and nothing else of the page."""
        button = self._buttons[index]
        self._reading.scrollTop = button.offsetTop - (self._reading.clientHeight - button.offsetHeight) / 2

    # The text

    def _fit(self, text: str) -> None:
        lines = text.split("\n")
        self._reading.style.setProperty("--across", str(max([len(line) for line in lines])))
        self._reading.style.setProperty("--lines", str(len(lines)))

    def _write(self, answer: Answer, doubts: list[bool], selected: int) -> None:
        while len(self._buttons) < len(answer.symbols):
            self._add_button()
        for index, gap in enumerate(answer.gaps):
            symbol, is_corrected = answer.symbols[index], answer.is_corrected(index)
            state = (gap, symbol, is_corrected, doubts[index], index == selected)
            if state == self._states[index]:
                continue
            self._states[index] = state
            self._gaps[index].data = gap
            button = self._buttons[index]
            button.textContent = symbol
            button.tabIndex = 0 if index == selected else -1  # one stop for Tab; the arrow keys go on from there
            button.dataset.corrected = "true" if is_corrected else "false"
            button.dataset.doubt = "true" if doubts[index] else "false"
            button.setAttribute("aria-pressed", "true" if index == selected else "false")
            button.setAttribute("aria-label", _name(index, symbol, is_corrected, doubts[index]))

    def _add_button(self) -> None:
        button = js.document.createElement("button")
        button.type = "button"
        button.dataset.index = str(len(self._buttons))
        self._buttons.append(button)
        self._gaps.append(js.document.createTextNode(""))
        self._states.append(None)

    def _lay(self, count: int, selected: int) -> None:
        # All of it anew, though most may be there: to the browser what is laid anew has not moved, and a text that
        # grows while one writes is no jump of the page.
        is_focused = self._reading.contains(js.document.activeElement)
        nodes = []
        for index in range(count):
            nodes += (self._gaps[index], self._buttons[index])
        self._reading.replaceChildren(*nodes)
        if is_focused:
            self._buttons[selected].focus(to_js({"preventScroll": True}))

    # The boxes

    def _draw(self, answer: Answer, doubts: list[bool], boxes: list[tuple], selected: int) -> None:
        drawn = dict.fromkeys(KINDS, "")
        for index, (left, top, width, height) in enumerate(boxes):
            box = f"M{left:.4f} {top:.4f}h{width:.4f}v{height:.4f}h-{width:.4f}z"
            if not answer.symbols[index]:
                drawn["out"] += f"{box}l{width:.4f} {height:.4f}"
            if index == selected:
                drawn["selected"] = box
            elif answer.symbols[index]:
                drawn["doubtful" if doubts[index] else "sure"] += box
        for kind in KINDS:
            if drawn[kind] != self._drawn[kind]:
                self._paths[kind].setAttribute("d", drawn[kind])
        self._drawn = drawn
        self._paths["selected"].dataset.doubt = "true" if boxes and doubts[selected] else "false"

    # What the user does

    def _on_click(self, event: js.PointerEvent) -> None:
        button = event.target.closest("button")
        if button:
            self._select(int(button.dataset.index))

    def _on_key(self, event: js.KeyboardEvent) -> None:
        if event.ctrlKey or event.metaKey or event.altKey:
            return
        index, key = int(event.target.dataset.index), event.key
        if key in ("ArrowLeft", "ArrowRight"):
            self.go_to(index + (1 if key == "ArrowRight" else -1))
        elif key in ("Delete", "Backspace"):
            self._correct(index, "")
            self.go_to(index + 1)
        elif len(key) == 1 and key in DIGITS + SIGNS:
            self._correct(index, key)
            self.go_to(index + 1)
        else:
            return
        event.preventDefault()


def _name(index: int, symbol: str, is_corrected: bool, is_doubtful: bool) -> str:
    """Return what a screen reader calls a symbol."""
    if not symbol:
        return f"Symbol {index + 1}, taken out"
    name = SPOKEN.get(symbol, symbol)
    if is_corrected:
        return f"{name}, corrected"
    return f"{name}, doubtful" if is_doubtful else name
