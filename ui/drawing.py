"""What is drawn, and the way back: strokes, undo, redo. Knows nothing of the browser."""


class Drawing:
    """The strokes on the pad, as `[x0, y0, x1, y1, …]` in shares of its side, from the upper left corner.

    Clearing is a step like a stroke is, so it can be undone too.
    """

    def __init__(self) -> None:
        # A step is a stroke, or None where everything was cleared.
        self._done: list[list[float] | None] = []
        self._undone: list[list[float] | None] = []

    @property
    def strokes(self) -> list[list[float]]:
        """The strokes that are to be seen, the oldest first."""
        seen: list[list[float]] = []
        for step in self._done:
            if step is None:
                seen = []
            else:
                seen.append(step)
        return seen

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._undone)

    def begin(self, x: float, y: float) -> None:
        """Put the pen down. What had been undone is gone for good."""
        self._done.append([x, y])
        self._undone.clear()

    def extend(self, x: float, y: float) -> list[float]:
        """Move the pen on, and return the stroke that grows. Raises IndexError where none was begun."""
        stroke = self.strokes[-1]
        stroke.append(x)
        stroke.append(y)
        return stroke

    def clear(self) -> None:
        """Take everything off the pad."""
        if self.strokes:
            self._done.append(None)
            self._undone.clear()

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self._done:
            self._undone.append(self._done.pop())

    def redo(self) -> None:
        """Take the last step that was taken back again, if there is one."""
        if self._undone:
            self._done.append(self._undone.pop())
