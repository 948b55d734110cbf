"""What is on the pad, and the way back: strokes, pictures, turns, undo, redo. Knows nothing of the browser."""

BRUSH = 0.025
"""The pen's width as a share of the pad: a digit of a twelfth of the pad still has holes in its loops."""

TURN = "turn"
"""The step that turns all marks."""

_QUARTERS = ((1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0))


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

    def turned(self) -> "Stroke":
        """Return the stroke as it is when the pad is turned by a quarter, clockwise."""
        p = self.points
        stroke = Stroke(self.erases, 1 - p[1], p[0], p[2])
        for i in range(3, len(p), 3):
            stroke.extend(1 - p[i + 1], p[i], p[i + 2])
        return stroke

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What the pen's ink lies in: left, top, right, bottom."""
        x, y = self.points[::3], self.points[1::3]
        return min(x) - BRUSH, min(y) - BRUSH, max(x) + BRUSH, max(y) + BRUSH


class Picture:
    """An image laid on the pad, in its middle: its longer side is the pad's, and has `side` pixels.

    `image` is what the browser paints, `paper` its paper's colour, and `scheme` says whether that is "light" or
    "dark". It was turned by so many `quarters`, clockwise; `width` and `height` are those that it has now.
    """

    def __init__(self, image: object, width: int, height: int, paper: str, scheme: str, quarters: int = 0) -> None:
        self.image, self.width, self.height = image, width, height
        self.paper, self.scheme, self.quarters = paper, scheme, quarters
        self.side = max(width, height)
        self._left, self._top = (self.side - width) // 2, (self.side - height) // 2

    def turned(self) -> "Picture":
        """Return the picture turned by a quarter, clockwise."""
        return Picture(self.image, self.height, self.width, self.paper, self.scheme, self.quarters + 1)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Where it lies: left, top, right, bottom, in shares of the pad's side."""
        left, top, side = self._left, self._top, self.side
        return left / side, top / side, (left + self.width) / side, (top + self.height) / side

    @property
    def transform(self) -> tuple[int, int, int, int, int, int]:
        """The matrix, as canvases take it, that brings the image's pixels to those of the pad."""
        a, b, c, d = _QUARTERS[self.quarters % 4]
        left = self._left + (self.width if a + c < 0 else 0)
        top = self._top + (self.height if b + d < 0 else 0)
        return a, b, c, d, left, top


class Drawing:
    """The marks on the pad: strokes, over a picture where one was opened.

    A picture takes the place of all that was there. Opening one, turning it and clearing are steps like a stroke is,
    and can be undone too.
    """

    def __init__(self) -> None:
        # A step is a mark, TURN where everything was turned, or None where everything was cleared.
        self._done: list[Stroke | Picture | str | None] = []
        self._undone: list[Stroke | Picture | str | None] = []
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
        boxes = [mark.box for mark in self.marks] or [(0, 0, 1, 1)]
        return (
            min([box[0] for box in boxes]),
            min([box[1] for box in boxes]),
            max([box[2] for box in boxes]),
            max([box[3] for box in boxes]),
        )

    def add(self, mark: Stroke | Picture) -> None:
        """Put a mark on the pad. What had been undone is gone for good."""
        self._step(mark)

    def turn(self) -> None:
        """Turn everything by a quarter, clockwise."""
        self._step(TURN)

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

    def _step(self, step: Stroke | Picture | str | None) -> None:
        self._done.append(step)
        self._undone.clear()
        self._see()

    def _see(self) -> None:
        self.marks = []
        for step in self._done:
            if isinstance(step, Stroke):
                self.marks.append(step)
            elif isinstance(step, Picture):
                self.marks = [step]
            elif step == TURN:
                self.marks = [mark.turned() for mark in self.marks]
            else:
                self.marks = []
