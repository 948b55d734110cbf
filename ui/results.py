"""The answer: what was read, how sure that is, ten bars, what the network saw, why, and what the user says instead."""

import js

from ui.answer import DIGITS, SIGNS, Answer
from ui.dom import element
from ui.symbols import MARGIN, Symbols

CERTAIN = 0.99
SURE = 0.9
"""A symbol at least this likely is given without a word of doubt …"""

PLAINLY_A_DIGIT = 0.5
"""… and a digit if it is at least this likely to be one at all."""

FAIRLY_SURE = 0.7

CLOSE = 0.05
"""What is at least this likely to be meant instead is named too."""

SIDE = 28  # of the pictures that the network sees


class Results:
    """Shows readings in `#reading` and `#boxes`, and one of their symbols, the selected one, in all the rest.

    `on_select()` is called when the user has selected another symbol, `on_correct()` when one was corrected.
    """

    def __init__(self, on_select, on_correct) -> None:
        self._on_select, self._on_correct = on_select, on_correct
        self.answer = Answer("", [])
        """What was read, with the user's corrections, which hold until the next reading."""
        self.selected = -1
        self._reading = element("reading")
        self._confidence = element("confidence")
        self._runner_up = element("runner-up")
        self._field = element("right-symbol")
        self._out = element("not-a-symbol")
        self._seen = element("seen").getContext("2d")
        self._heat = element("heat")
        self._inside_words = element("inside-words")
        self._about_picture = self._inside_words.textContent
        self._why = element("why")
        self._said = self._titled = None
        self._bars = [_Bar(meter) for meter in element("digits").querySelectorAll("[role=meter]")]
        self._view = Symbols(self.select, self.correct)
        self._symbols = self._digits = self._pictures = self._numbers = None
        self._others = {}
        self._sure, self._boxes = [], []
        self._field.addEventListener("focus", lambda event: self._field.select())
        self._field.addEventListener("input", lambda event: self._on_typed())
        self._out.addEventListener("click", lambda event: self._on_out())

    def show(self, reading: js.Object, side: int) -> None:
        """Show a reading with symbols of a pad of `side` pixels. It is not announced before `settle` is called."""
        self._reading.setAttribute("aria-busy", "true")
        self.answer = Answer(reading.text, [list(line.columns) for line in reading.lines])
        self._symbols, self._digits, self._pictures = list(reading.symbols), list(reading.digits), reading.pictures
        numbers = iter(range(len(self._digits)))
        self._numbers = [None if symbol in SIGNS else next(numbers) for symbol in self.answer.read]
        self._others = _in_place_of_lines(reading.alternatives)
        self._sure = [self._is_sure(index) for index in range(len(self._symbols))]
        self._boxes = [_box(symbol.box, side) for symbol in self._symbols] if len(self._symbols) > 1 else []
        self._select(len(self._symbols) - 1)

    def clear(self, words: str) -> None:
        """Show that nothing is read, and say what that means."""
        self._reading.setAttribute("aria-busy", "true")
        self._symbols = self._digits = self._pictures = self._numbers = None
        self._sure, self._boxes = [], []
        self.answer = Answer("", [])
        self.selected = -1
        self._show_text()
        self._say(words, "")
        self._show_digit(None, [0] * 10)
        self.settle()

    @property
    def number(self) -> int | None:
        """Which of the reading's digits is selected; None where it is a sign."""
        return self._numbers[self.selected]

    def at(self, x: float, y: float) -> int | None:
        """Return which symbol of several stands at a place on the pad, in shares of its side; None for no one."""
        found = [(w * h, n) for n, (x0, y0, w, h) in enumerate(self._boxes) if 0 <= x - x0 <= w and 0 <= y - y0 <= h]
        return min(found)[1] if found else None

    def select(self, index: int) -> None:
        """Show another symbol, as the user wishes."""
        if index != self.selected:
            self._select(index)
            self._view.bring_into_view(index)
            self._on_select()

    def correct(self, index: int, symbol: str) -> None:
        """Put another symbol in the place of one, or, with "", take it out of the text, as the user wishes."""
        self.select(index)
        self.answer.correct(index, symbol)
        self._select(index)
        self._on_correct()

    def settle(self) -> None:
        """Let the answer be announced: nothing will change it before the user does something."""
        # A screen reader holds back what is busy: it hears the answer once, not at every stroke.
        self._reading.setAttribute("aria-busy", "false")

    def explain(self, explanation: js.Object, side: int) -> None:
        """Lay the heat map on a pad of `side` pixels."""
        pixels = js.ImageData.new(js.Uint8ClampedArray.new(explanation.heat.buffer), SIDE, SIDE)
        self._heat.getContext("2d").putImageData(pixels, 0, 0)
        for name, place in zip(("left", "top", "width"), explanation.frame):
            self._heat.style.setProperty(name, f"{100 * place / side:.3f}%")
        self._heat.hidden = False
        self._why.setAttribute("aria-pressed", "true")
        self._inside_words.textContent = (
            f"Without the orange ink, {explanation.digit} would be less likely; without the blue ink, more."
        )

    def forget_explanation(self) -> None:
        """Take the heat map off the pad."""
        self._heat.hidden = True
        self._why.setAttribute("aria-pressed", "false")
        self._inside_words.textContent = self._about_picture

    def _select(self, index: int) -> None:
        self.selected = index
        self._show_text()
        number, probabilities = self.number, [0] * 10
        if number is not None:
            probabilities = [self._digits[number].probabilities[n] for n in range(10)]
        self._say(*self._in_words(index, probabilities))
        self._show_digit(number, probabilities)

    def _is_sure(self, index: int) -> bool:
        number = self._numbers[index]
        is_plain = number is None or self._digits[number].is_digit >= PLAINLY_A_DIGIT
        return is_plain and self._symbols[index].confidence >= SURE

    def _in_words(self, index: int, probabilities: list[float]) -> tuple[str, str]:
        """Return how sure the answer is about a symbol, and what else may be meant by it, or by all of its line."""
        found, number = self._symbols[index], self._numbers[index]
        symbol, read = self.answer.symbols[index], self.answer.read[index]
        which = f"{index + 1} of {len(self._symbols)}" if len(self._symbols) > 1 else ""
        kind = "Sign" if number is None else "Symbol" if None in self._numbers else "Digit"
        if number is None:
            words, runner_up = _how_sure(kind, which, found.confidence), ""
        else:
            words, runner_up = _about_digit(kind, which, read, probabilities, self._digits[number].is_digit)
        if symbol != read:
            words = _words(kind, which, "corrected" if symbol else "taken out", f"read as {read}")
        line = self._others.get(found.line, "")
        return words, (line or runner_up if which else runner_up or line)

    def _show_digit(self, number: int | None, probabilities: list[float]) -> None:
        """Show how likely each digit is, and what the network saw, which for a sign is nothing."""
        for bar, probability in zip(self._bars, probabilities):
            bar.show(probability)
        if number is None:
            self._seen.clearRect(0, 0, SIDE, SIDE)
        else:
            pixels = js.Uint8ClampedArray.new(self._pictures[number].buffer)
            self._seen.putImageData(js.ImageData.new(pixels, SIDE, SIDE), 0, 0)
        self._seen.canvas.dataset.blank = "true" if number is None else "false"
        self._why.disabled = number is None

    def _show_text(self) -> None:
        answer = self.answer
        doubts = [not sure and not answer.is_corrected(n) for n, sure in enumerate(self._sure)]
        self._view.show(answer, doubts, self._boxes, self.selected)
        self._reading.dataset.doubt = "true" if True in doubts else "false"
        symbol = answer.symbols[self.selected] if answer.symbols else ""
        self._field.value = symbol
        self._out.setAttribute("aria-pressed", "true" if answer.symbols and not symbol else "false")
        text = " ".join(answer.text.split())
        if text != self._titled:
            self._titled = text
            js.document.title = f"{text} – Digitpad" if text else "Digitpad"

    def _say(self, words: str, runner_up: str) -> None:
        if (words, runner_up) != self._said:
            self._said = (words, runner_up)
            self._confidence.textContent = words
            self._runner_up.textContent = runner_up

    def _on_typed(self) -> None:
        typed = self._field.value.strip()[-1:]
        if typed in DIGITS + SIGNS:
            self.correct(self.selected, typed)
        else:
            self._show_text()
        self._field.select()  # what is typed next takes its place

    def _on_out(self) -> None:
        is_out = not self.answer.symbols[self.selected]
        self.correct(self.selected, self.answer.read[self.selected] if is_out else "")


class _Bar:
    def __init__(self, meter: js.Element) -> None:
        self._meter = meter
        self._percent = meter.querySelector(".percent")
        self._fill = meter.querySelector(".fill")
        self._shown = 0

    def show(self, probability: float) -> None:
        percent = round(100 * probability)
        if percent == self._shown:
            return
        self._shown = percent
        self._meter.setAttribute("aria-valuenow", str(percent))
        self._percent.textContent = f"{percent} %" if percent < 100 else "> 99 %"
        self._fill.style.transform = f"scaleX({probability:.3f})"
        self._meter.dataset.likely = "true" if probability >= 0.5 else "false"


def _box(box: js.Array, side: int) -> tuple[float, float, float, float]:
    """Return a symbol's box, with a margin, in shares of the pad."""
    left, top, width, height = [box[n] / side for n in range(4)]
    return left - MARGIN, top - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN


def _in_place_of_lines(alternatives: js.Array) -> dict[int, str]:
    """Return in words what each line may be instead, by their numbers, where that is close."""
    likeliest = {}
    for other in alternatives:
        if other.probability >= CLOSE and other.line not in likeliest:
            likeliest[other.line] = _may_be(other.text, other.probability)
    return likeliest


def _about_digit(kind: str, which: str, read: str, probabilities: list[float], is_digit: float) -> tuple[str, str]:
    """Return how sure the answer is about a symbol of a kind, which of several, and what else it may be."""
    ranked = sorted(range(10), key=lambda digit: -probabilities[digit])
    first, second = ranked[0], ranked[1]
    likely = probabilities[first]
    if read == "?":
        words = f"Symbol {which} does not look like a digit." if which else "That does not look like a digit."
        return words, f"The closest is {first}."
    if is_digit < PLAINLY_A_DIGIT:
        words = f"Symbol {which} may be no digit." if which else "It may be no digit."
        return words, f"If it is one: {first} ({percent(likely)})"
    is_close = probabilities[second] >= CLOSE
    return _how_sure(kind, which, likely), _may_be(second, probabilities[second]) if is_close else ""


def _how_sure(kind: str, which: str, likely: float) -> str:
    return _words(kind, which, _sureness(likely), percent(likely))


def _may_be(what: object, probability: float) -> str:
    return f"It may be {what} ({percent(probability)})"


def _words(kind: str, which: str, sureness: str, detail: str) -> str:
    return f"{kind} {which}: {sureness}, {detail}" if which else f"{sureness[0].upper()}{sureness[1:]}: {detail}"


def _sureness(likely: float) -> str:
    if likely >= CERTAIN:
        return "certain"
    if likely >= SURE:
        return "sure"
    return "fairly sure" if likely >= FAIRLY_SURE else "not sure"


def percent(probability: float) -> str:
    """Return a probability in percent, for people: nothing is certain."""
    return "over 99 %" if probability > 0.995 else f"{round(100 * probability)} %"
