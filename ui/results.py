"""The answer: what was read, how sure that is, ten bars, what the network saw, and why."""

import js

from ui.dom import element

CERTAIN = 0.99
SURE = 0.9
"""A digit at least this likely is given without a word of doubt …"""

PLAINLY_A_DIGIT = 0.5
"""… if it is at least this likely to be a digit at all."""

FAIRLY_SURE = 0.7

CLOSE = 0.05
"""What is at least this likely to be meant instead is named too."""

SIDE = 28  # of the pictures that the network sees


class Results:
    """Shows readings in `#reading`, `#confidence`, `#runner-up`, `#digits` and `#seen`."""

    def __init__(self) -> None:
        self._reading = element("reading")
        self._confidence = element("confidence")
        self._runner_up = element("runner-up")
        self._seen = element("seen").getContext("2d")
        self._heat = element("heat")
        self._inside_words = element("inside-words")
        self._about_picture = self._inside_words.textContent
        self._why = element("why")
        self._said = None
        self._bars = [_Bar(meter) for meter in element("digits").querySelectorAll("[role=meter]")]

    def show(self, reading: js.Object) -> None:
        """Show a reading that has digits. It is not announced before `settle` is called."""
        digits = reading.digits
        digit = digits[digits.length - 1]
        probabilities = [digit.probabilities[n] for n in range(10)]
        sure = digit.confidence >= SURE and digit.is_digit >= PLAINLY_A_DIGIT
        self._say(reading.text, *_in_words(reading.text, probabilities, digit.is_digit))
        self._reading.dataset.doubt = "false" if sure else "true"
        for bar, probability in zip(self._bars, probabilities):
            bar.show(probability)
        pixels = js.Uint8ClampedArray.new(reading.picture.buffer)
        self._seen.putImageData(js.ImageData.new(pixels, SIDE, SIDE), 0, 0)
        self._seen.canvas.dataset.blank = "false"

    def clear(self, words: str) -> None:
        """Show that nothing is read, and say what that means."""
        self._say("", words, "")
        self._reading.dataset.doubt = "false"
        for bar in self._bars:
            bar.show(0)
        self._seen.clearRect(0, 0, SIDE, SIDE)
        self._seen.canvas.dataset.blank = "true"
        self.settle()

    def settle(self) -> None:
        """Let the answer be announced: nothing will change it before the user does something."""
        # A screen reader holds back what is busy: it hears the answer once, not at every stroke.
        self._reading.setAttribute("aria-busy", "false")

    def explain(self, explanation: js.Object) -> None:
        """Lay the heat map on the pad."""
        pixels = js.ImageData.new(js.Uint8ClampedArray.new(explanation.heat.buffer), SIDE, SIDE)
        self._heat.getContext("2d").putImageData(pixels, 0, 0)
        left, top, side = explanation.frame
        for name, share in (("left", left), ("top", top), ("width", side)):
            self._heat.style.setProperty(name, f"{100 * share:.3f}%")
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

    def _say(self, text: str, words: str, runner_up: str) -> None:
        self._reading.setAttribute("aria-busy", "true")
        said = (text, words, runner_up)
        if said == self._said:
            return
        self._said = said
        self._reading.textContent = text
        self._confidence.textContent = words
        self._runner_up.textContent = runner_up
        js.document.title = f"{text} – Digitpad" if text else "Digitpad"


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
        self._percent.textContent = f"{percent} %"
        self._fill.style.transform = f"scaleX({probability:.3f})"
        self._meter.dataset.likely = "true" if probability >= 0.5 else "false"


def _in_words(text: str, probabilities: list[float], is_digit: float) -> tuple[str, str]:
    """Return how sure the answer is, and what else it may be."""
    ranked = sorted(range(10), key=lambda digit: -probabilities[digit])
    first, second = ranked[0], ranked[1]
    likely = probabilities[first]
    if text == "?":
        return "That does not look like a digit.", f"The closest is {first}."
    if is_digit < PLAINLY_A_DIGIT:
        return "It may be no digit.", f"If it is one: {first} ({percent(likely)})"
    if likely >= CERTAIN:
        words = "Certain"
    elif likely >= SURE:
        words = "Sure"
    elif likely >= FAIRLY_SURE:
        words = "Fairly sure"
    else:
        words = "Not sure"
    is_close = probabilities[second] >= CLOSE
    return f"{words}: {percent(likely)}", f"It may be {second} ({percent(probabilities[second])})" if is_close else ""


def percent(probability: float) -> str:
    """Return a probability in percent, for people: nothing is certain."""
    return "over 99 %" if probability > 0.995 else f"{round(100 * probability)} %"
