"""The answer: what was read, how sure that is, and ten bars."""

import js

SURE = 0.9
"""A digit at least this likely is given without a word of doubt …"""

PLAINLY_A_DIGIT = 0.5
"""… if it is at least this likely to be a digit at all."""


class Results:
    """Shows readings in `#reading`, `#confidence` and `#digits`."""

    def __init__(self) -> None:
        self._reading = js.document.getElementById("reading")
        self._confidence = js.document.getElementById("confidence")
        group = js.document.getElementById("digits")
        self._bars = [_bar(group, digit) for digit in range(10)]

    def show(self, reading: js.Object, settled: bool) -> None:
        """Show a reading; `settled` says that the pen is up, so the answer may be announced."""
        digits = reading.digits
        if not digits.length:
            self.clear()
            return
        digit = digits[digits.length - 1]
        self._announce(reading.text, settled)
        probabilities = [digit.probabilities[n] for n in range(10)]
        sure = digit.confidence >= SURE and digit.is_digit >= PLAINLY_A_DIGIT
        self._reading.dataset.doubt = "false" if sure else "true"
        self._confidence.textContent = _in_words(reading.text, probabilities, digit.is_digit)
        for bar, probability in zip(self._bars, probabilities):
            bar.show(probability)
        js.document.title = f"{reading.text} – Digitpad"

    def clear(self) -> None:
        """Show that nothing is read."""
        self._announce("", True)
        self._reading.dataset.doubt = "false"
        self._confidence.textContent = "Ready. What you write is read here."
        for bar in self._bars:
            bar.show(0)
        js.document.title = "Digitpad"

    def _announce(self, text: str, settled: bool) -> None:
        # A screen reader holds back what is busy: it hears the answer once, not at every stroke.
        self._reading.setAttribute("aria-busy", "false" if settled else "true")
        if self._reading.textContent != text:
            self._reading.textContent = text


class _Bar:
    def __init__(self, element: js.Element) -> None:
        self._element = element
        self._percent = element.querySelector(".percent")
        self._fill = element.querySelector(".fill")
        self._shown = None

    def show(self, probability: float) -> None:
        percent = round(100 * probability)
        if percent == self._shown:
            return
        self._shown = percent
        self._element.setAttribute("aria-valuenow", str(percent))
        self._percent.textContent = f"{percent} %"
        self._fill.style.transform = f"scaleX({probability:.3f})"
        self._element.dataset.likely = "true" if probability >= 0.5 else "false"


def _bar(group: js.Element, digit: int) -> _Bar:
    element = js.document.createElement("div")
    for name, value in (
        ("role", "meter"),
        ("aria-label", str(digit)),
        ("aria-valuemin", "0"),
        ("aria-valuemax", "100"),
    ):
        element.setAttribute(name, value)
    for name in ("name", "track", "percent"):
        part = js.document.createElement("span")
        part.className = name
        element.append(part)
    element.querySelector(".name").textContent = str(digit)
    fill = js.document.createElement("span")
    fill.className = "fill"
    element.querySelector(".track").append(fill)
    group.append(element)
    bar = _Bar(element)
    bar.show(0)
    return bar


def _in_words(text: str, probabilities: list[float], is_digit: float) -> str:
    ranked = sorted(range(10), key=lambda digit: -probabilities[digit])
    first, second = ranked[0], ranked[1]
    percent = round(100 * probabilities[first])
    if text == "?":
        return f"That does not look like a digit. The closest is {first}."
    if is_digit < PLAINLY_A_DIGIT:
        return f"It may be no digit. If it is one: {first} ({percent} %)"
    if probabilities[first] >= SURE:
        return f"{percent} % sure" if percent < 100 else "Over 99 % sure"
    return f"Not sure: {first} ({percent} %) or {second} ({round(100 * probabilities[second])} %)"
