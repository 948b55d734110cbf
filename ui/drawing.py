"""What is on the pad, and the way back: strokes, pictures, undo, redo. Knows nothing of the browser."""


class Stroke:
    """A line that the pen or the eraser has drawn.

    `points` is `[x0, y0, w0, x1, y1, w1, …]`: places in shares of the pad's side, from its upper left corner, and
    how broad the line is there, 1 being the tool's usual width.
    """

    def __init__(self, erases: bool, x: float, y: float, width: float) -> None:
        self.erases = erases
        self.points = [x, y, width]

    def extend(self, x: float, y: float, width: float) -> None:
        """Move the tool on."""
        self.points += (x, y, width)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The least and the greatest of its places: left, top, right, bottom."""
        x, y = self.points[::3], self.points[1::3]
        return min(x), min(y), max(x), max(y)


class Picture:
    """An image laid on the pad: `ink` as the browser paints it, in its own pixels. Its longer side is the pad's."""

    box = (0, 0, 1, 1)

    def __init__(self, ink: object, width: int, height: int) -> None:
        self.ink, self.width, self.height = ink, width, height


class Drawing:
    """The marks on the pad: strokes, over a picture where one was opened.

    A picture takes the place of all that was there. Opening one and clearing are steps like a stroke is, and can be
    undone too.
    """

    def __init__(self) -> None:
        # A step is a mark, or None where everything was cleared.
        self._done: list[Stroke | Picture | None] = []
        self._undone: list[Stroke | Picture | None] = []
        self.marks: list[Stroke | Picture] = []
        """What is to be seen, the oldest first."""

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._undone)

    @property
    def picture(self) -> Picture | None:
        """The picture under the strokes, if there is one."""
        return self.marks[0] if self.marks and isinstance(self.marks[0], Picture) else None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What all marks lie in: left, top, right, bottom; the whole pad where there is none."""
        boxes = [mark.box for mark in self.marks] or [Picture.box]
        return (
            min([box[0] for box in boxes]),
            min([box[1] for box in boxes]),
            max([box[2] for box in boxes]),
            max([box[3] for box in boxes]),
        )

    def add(self, mark: Stroke | Picture) -> None:
        """Put a mark on the pad. What had been undone is gone for good."""
        self._step(mark)

    def clear(self) -> None:
        """Take everything off the pad."""
        if self.marks:
            self._step(None)

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self._done:
            self._undone.append(self._done.pop())
            self._see()

    def redo(self) -> None:
        """Take the last step that was taken back again, if there is one."""
        if self._undone:
            self._done.append(self._undone.pop())
            self._see()

    def _step(self, step: Stroke | Picture | None) -> None:
        self._done.append(step)
        self._undone.clear()
        self._see()

    def _see(self) -> None:
        self.marks = []
        for step in self._done:
            if not isinstance(step, Stroke):
                self.marks = []
            if step is not None:
                self.marks.append(step)
