"""What was read, and what the user says instead. Knows nothing of the browser."""

DIGITS = "0123456789"
SIGNS = ".,-/:+"
"""What can be read beside digits, and "?" for all else."""


class Answer:
    """The text of a reading, symbol by symbol, with the user's corrections.

    `symbols` are its characters without spaces and line ends, as they stand now: a digit, a sign, "?" for what is
    neither, or "" for what the user has taken out. `read` is what they were read as. `columns` are, line by line, those
    that its numbers are in.
    """

    def __init__(self, text: str, columns: list[list[int]]) -> None:
        self.read = []
        self._gaps = []  # before each symbol: nothing, a space or the end of a line
        self._places = []  # of each symbol: its line, and its number's column
        gap, line, number = "", 0, 0
        for character in text:
            if character in " \n":
                gap = character
                line, number = (line + 1, 0) if gap == "\n" else (line, number + 1)
            else:
                self.read.append(character)
                self._gaps.append(gap)
                self._places.append((line, columns[line][number]))
                gap = ""
        self.symbols = list(self.read)

    def correct(self, index: int, symbol: str) -> None:
        """Put another symbol in the place of one, or, with "", take it out of the text."""
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
        """The text as CSV (RFC 4180): a row for each line that is left, and as many columns as the widest has."""
        numbers = dict.fromkeys(self._places, "")
        for place, symbol in zip(self._places, self.symbols):
            numbers[place] += symbol
        lines = sorted({line for (line, _), number in numbers.items() if number})
        width = max([column for (_, column), number in numbers.items() if number], default=0) + 1
        rows = [",".join([_cell(numbers.get((line, column), "")) for column in range(width)]) for line in lines or [0]]
        return "".join([row + "\r\n" for row in rows])

    @property
    def correction(self) -> str:
        """The right text, numbers apart by a space, if the user has corrected anything; else nothing.

        What is still "?" is no symbol, and nobody has said otherwise: it is left out.
        """
        if self.symbols == self.read:
            return ""
        return " ".join(self.text.replace("?", "").split())


def _cell(number: str) -> str:
    return f'"{number}"' if "," in number else number
