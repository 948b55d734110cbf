"""The area of a picture that is read alone: two corners of it are marked on the pad, and it is shown as a frame."""

from ui.dom import element


class Area:
    """Shows the area in `#area`. While it `is_on`, what goes over the pad marks it and does not write.

    `box` is its left, top, right and bottom in shares of the pad's side, or None where all of the picture is read.
    """

    def __init__(self) -> None:
        self.is_on = False
        self.box = None
        self._corner = self._marked = None
        self._frame = element("area")
        self._button = element("select-area")
        self._hint = element("marking")

    @property
    def is_begun(self) -> bool:
        """Whether one corner is marked, and the other is not yet."""
        return self._corner is not None

    def switch(self, is_on: bool) -> None:
        """Let an area be marked, or be done with it."""
        self.is_on = is_on
        self._button.setAttribute("aria-pressed", "true" if is_on else "false")
        self.forget()

    def begin(self, x: float, y: float, within: tuple[float, float, float, float]) -> None:
        """Mark a corner; the area will lie within a box."""
        self._within = within
        self._corner = self._held(x, y)

    def reach(self, x: float, y: float) -> None:
        """Show the area up to a place, if it was begun."""
        if self._corner:
            (x0, y0), (x1, y1) = self._corner, self._held(x, y)
            self._marked = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
            self._show(self._marked)

    def end(self) -> None:
        """Have what is marked be the area."""
        self.box = self._marked
        self.drop()

    def drop(self) -> None:
        """Leave the area as it was before one was begun."""
        if self._corner:
            self._corner = self._marked = None
            self._show(self.box)

    def forget(self) -> None:
        """Have no area."""
        self.box = self._corner = self._marked = None
        self._show(None)

    def is_beside(self, x: float, y: float) -> bool:
        """Whether there is an area, and a place lies beyond it."""
        if self.box is None:
            return False
        left, top, right, bottom = self.box
        return not (left <= x <= right and top <= y <= bottom)

    def _held(self, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = self._within
        return min(max(x, left), right), min(max(y, top), bottom)

    def _show(self, box: tuple[float, float, float, float] | None) -> None:
        self._frame.hidden = box is None
        self._hint.hidden = not self.is_on or box is not None
        if box:
            left, top, right, bottom = box
            for name, share in (("left", left), ("top", top), ("width", right - left), ("height", bottom - top)):
                self._frame.style.setProperty(name, f"{100 * share:.3f}%")
