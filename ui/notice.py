"""A message to the user, at the lower edge of the page: what went wrong, or what was done and can be taken back."""

from ui.dom import element


class Notice:
    """Shows one message at a time in `#notice`, until the next one comes or it is closed.

    One message may stand behind the others, and comes back after each of them: an offer that is no hurry.
    """

    def __init__(self) -> None:
        self._box = element("notice")
        self._text = element("notice-text")
        self._button = element("notice-action")
        self._action = None
        self._standing = None
        self._is_standing = False
        self._button.addEventListener("click", lambda event: self._act())
        element("notice-close").addEventListener("click", lambda event: self.close())

    def say(self, sentence: str, offer: str = "", action=None) -> None:
        """Show a sentence, and a button that offers something, if there is something to offer."""
        self._is_standing = False
        self._show(sentence, offer, action)

    def stand(self, sentence: str, offer: str, action) -> None:
        """Offer something when nothing else is said, until that is taken or closed, or something else stands."""
        self._standing = sentence, offer, action
        if self._box.hidden or self._is_standing:
            self._show_standing()

    def close(self) -> None:
        """Take the message away."""
        if self._is_standing:
            self._standing = None
        self._box.hidden = True
        if self._standing:
            self._show_standing()

    def _show_standing(self) -> None:
        self._is_standing = True
        self._show(*self._standing)

    def _show(self, sentence: str, offer: str, action) -> None:
        self._text.textContent = sentence
        self._button.textContent = offer
        self._button.hidden = action is None
        self._action = action
        self._box.hidden = False

    def _act(self) -> None:
        action = self._action
        self.close()
        action()
