"""A message to the user, at the lower edge of the page: what went wrong, or what was done and can be taken back."""

from ui.dom import element


class Notice:
    """Shows one message at a time in `#notice`, until the next one comes or it is closed."""

    def __init__(self) -> None:
        self._box = element("notice")
        self._text = element("notice-text")
        self._button = element("notice-action")
        self._action = None
        self._button.addEventListener("click", lambda event: self._act())
        element("notice-close").addEventListener("click", lambda event: self.close())

    def say(self, sentence: str, offer: str = "", action=None) -> None:
        """Show a sentence, and a button that offers something, if there is something to offer."""
        self._text.textContent = sentence
        self._button.textContent = offer
        self._button.hidden = action is None
        self._action = action
        self._box.hidden = False

    def close(self) -> None:
        """Take the message away."""
        self._box.hidden = True

    def _act(self) -> None:
        self.close()
        self._action()
