"""What was read, and what the user says instead. Knows nothing of the browser."""


class Answer:
    """The text of a reading, symbol by symbol, with the user's corrections.

    `symbols` are its characters without spaces and line ends, as they stand now: a digit, "?" for what is no digit,
    or "" for what the user has taken out. `read` is what they were read as.
    """

    def __init__(self, text: str) -> None:
        self.read = []
        self._gaps = []  # before each symbol: nothing, a space or the end of a line
        gap = ""
        for character in text:
            if character in " \n":
                gap = character
            else:
                self.read.append(character)
                self._gaps.append(gap)
                gap = ""
        self.symbols = list(self.read)

    def correct(self, index: int, symbol: str) -> None:
        """Put a digit in the place of a symbol, or, with "", take it out of the text."""
        self.symbols[index] = symbol

    def is_corrected(self, index: int) -> bool:
        """Whether the user says something else than what was read."""
        return self.symbols[index] != self.read[index]

    @property
    def gaps(self) -> list[str]:
        """What stands before each symbol: nothing is left around those that were taken out but one gap."""
        gaps = []
        pending, is_begun = "", False
        for gap, symbol in zip(self._gaps, self.symbols):
            if gap == "\n" or not pending:
                pending = gap
            gaps.append(pending if symbol and is_begun else "")
            if symbol:
                pending, is_begun = "", True
        return gaps

    @property
    def text(self) -> str:
        """The text as it stands now."""
        return "".join([gap + symbol for gap, symbol in zip(self.gaps, self.symbols)])

    @property
    def table(self) -> str:
        """The text as CSV (RFC 4180): a row for each line, a column for each number."""
        return "".join([",".join(line.split(" ")) + "\r\n" for line in self.text.split("\n")])

    @property
    def correction(self) -> str:
        """The right digits, numbers apart by a space, if the user has corrected anything; else nothing.

        What is still "?" is no digit, and nobody has said otherwise: it is left out.
        """
        if self.symbols == self.read:
            return ""
        return " ".join(self.text.replace("?", "").split())
