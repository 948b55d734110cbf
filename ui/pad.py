"""The pad: pens, fingers, mice and arrow keys in, strokes on two canvases out.

One canvas is seen; it has the screen's density and the theme's colours. The other is what the recogniser
reads: always of the same size, black on white, so that a reading does not depend on the screen.
"""

import js
from pyscript.ffi import to_js

from ui.drawing import Drawing

BRUSH = 0.025
"""The pen's width as a share of the pad: a digit of a twelfth of the pad still has holes in its loops."""

READ_SIDE = 280
"""Pixels along a side of what the recogniser reads."""

KEY_STEP = 0.02
"""How far an arrow key moves the pen, as a share of the pad."""

_ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}


class Pad:
    """The canvas `#pad` and the pen. Calls `changed()` whenever there is something else to be read."""

    def __init__(self, changed) -> None:
        self.drawing = Drawing()
        self.is_drawing = False
        self._changed = changed
        self._canvas = js.document.getElementById("pad")
        self._seen = self._canvas.getContext("2d")
        hidden = js.document.createElement("canvas")
        hidden.width = hidden.height = READ_SIDE
        self._read = hidden.getContext("2d", to_js({"willReadFrequently": True}))
        self._side = 0
        self._pointer = None
        self._marker = js.document.getElementById("pen")
        self._pen = [0.5, 0.5]
        self._listen()
        self._fit()

    def pixels(self) -> js.ImageData:
        """Return what is drawn as an ImageData of READ_SIDE × READ_SIDE, black on white."""
        return self._read.getImageData(0, 0, READ_SIDE, READ_SIDE)

    def repaint(self) -> None:
        """Paint everything anew."""
        self._seen.clearRect(0, 0, self._side, self._side)
        self._read.fillStyle = "white"
        self._read.fillRect(0, 0, READ_SIDE, READ_SIDE)
        self._set_pens()
        for stroke in self.drawing.strokes:
            for context, side in self._surfaces():
                _paint(context, side, stroke)

    def undo(self) -> None:
        """Take the last stroke, or the last clearing, back."""
        self._step(self.drawing.undo)

    def redo(self) -> None:
        """Bring back what was taken back last."""
        self._step(self.drawing.redo)

    def clear(self) -> None:
        """Take everything off the pad; it can be undone."""
        self._step(self.drawing.clear)

    def _step(self, step) -> None:
        self._lift()
        step()
        self.repaint()
        self._changed()

    def _listen(self) -> None:
        canvas = self._canvas
        for name, handler in (
            ("pointerdown", self._on_down),
            ("pointermove", self._on_move),
            ("pointerup", self._on_up),
            ("pointercancel", self._on_up),
            ("lostpointercapture", self._on_up),
            ("keydown", self._on_key),
            ("blur", lambda event: self._hide_marker()),
        ):
            canvas.addEventListener(name, handler)
        js.ResizeObserver.new(lambda *entries: self._fit()).observe(canvas)
        js.window.addEventListener("resize", lambda event: self._fit())  # also where only the density changes
        dark = js.matchMedia("(prefers-color-scheme: dark)")
        dark.addEventListener("change", lambda event: self.repaint())

    def _fit(self) -> None:
        """Give the canvas as many pixels as the screen has where it stands."""
        side = max(1, round(self._canvas.clientWidth * js.devicePixelRatio))
        if side != self._side:
            self._side = self._canvas.width = self._canvas.height = side
            self.repaint()

    def _surfaces(self) -> tuple:
        return ((self._seen, self._side), (self._read, READ_SIDE))

    def _set_pens(self) -> None:
        colour = js.getComputedStyle(self._canvas).color
        for context, side in self._surfaces():
            context.lineCap = context.lineJoin = "round"
            context.lineWidth = BRUSH * side
            context.strokeStyle = "black" if context is self._read else colour

    # Pens, fingers and mice

    def _on_down(self, event: js.PointerEvent) -> None:
        if self._pointer is not None or event.button != 0:
            return  # a second finger, a resting palm, another button
        event.preventDefault()
        self._hide_marker()
        self._pointer = event.pointerId
        if event.isTrusted:  # a script's own events come from no pointer that could be captured
            self._canvas.setPointerCapture(event.pointerId)
        box = self._canvas.getBoundingClientRect()
        self._origin = (box.left, box.top, box.width)
        self._begin(*self._place(event))

    def _on_move(self, event: js.PointerEvent) -> None:
        if event.pointerId != self._pointer:
            return
        for moved in _coalesced(event):
            self._extend(*self._place(moved))
        self._changed()

    def _on_up(self, event: js.PointerEvent) -> None:
        if event.pointerId == self._pointer:
            self._lift()
            self._changed()

    def _place(self, event: js.PointerEvent) -> tuple[float, float]:
        left, top, width = self._origin
        return (event.clientX - left) / width, (event.clientY - top) / width

    # The arrow keys

    def _on_key(self, event: js.KeyboardEvent) -> None:
        if event.ctrlKey or event.metaKey or event.altKey:
            return
        if event.key in _ARROWS:
            dx, dy = _ARROWS[event.key]
            self._pen = [min(max(c + d * KEY_STEP, 0), 1) for c, d in zip(self._pen, (dx, dy))]
            if self.is_drawing:
                self._extend(*self._pen)
                self._changed()
        elif event.key == " ":
            if self.is_drawing:
                self._lift()
            else:
                self._begin(*self._pen)
            self._changed()
        else:
            return
        event.preventDefault()
        self._show_marker()

    def _show_marker(self) -> None:
        self._marker.hidden = False
        self._marker.style.left = f"{100 * self._pen[0]}%"
        self._marker.style.top = f"{100 * self._pen[1]}%"
        self._marker.dataset.down = "true" if self.is_drawing else "false"

    def _hide_marker(self) -> None:
        if not self._marker.hidden:
            self._marker.hidden = True
            self._lift()

    # Strokes

    def _begin(self, x: float, y: float) -> None:
        self.is_drawing = True
        self.drawing.begin(x, y)
        for context, side in self._surfaces():
            _paint(context, side, [x, y])
        self._changed()

    def _extend(self, x: float, y: float) -> None:
        stroke = self.drawing.extend(x, y)
        for context, side in self._surfaces():
            _paint_last(context, side, stroke)

    def _lift(self) -> None:
        self._pointer = None
        if self.is_drawing:
            self.is_drawing = False
            for context, side in self._surfaces():
                _paint_end(context, side, self.drawing.strokes[-1])


def _coalesced(event: js.PointerEvent) -> list[js.PointerEvent]:
    """Return the positions that a screen has reported since the last event, where the browser has kept them."""
    if not hasattr(event, "getCoalescedEvents"):
        return [event]
    events = event.getCoalescedEvents()
    return events if events.length else [event]


def _paint(context: js.CanvasRenderingContext2D, side: int, stroke: list[float]) -> None:
    """Paint a whole stroke."""
    context.beginPath()
    context.moveTo(stroke[0] * side, stroke[1] * side)
    context.lineTo(stroke[0] * side, stroke[1] * side)
    for end in range(4, len(stroke) + 1, 2):
        _curve(context, side, stroke, end)
    context.lineTo(stroke[-2] * side, stroke[-1] * side)
    context.stroke()


def _paint_last(context: js.CanvasRenderingContext2D, side: int, stroke: list[float]) -> None:
    """Paint what the last point has added to a stroke."""
    n = len(stroke)
    context.beginPath()
    if n < 6:
        context.moveTo(stroke[0] * side, stroke[1] * side)
    else:
        context.moveTo((stroke[n - 6] + stroke[n - 4]) / 2 * side, (stroke[n - 5] + stroke[n - 3]) / 2 * side)
    _curve(context, side, stroke, n)
    context.stroke()


def _paint_end(context: js.CanvasRenderingContext2D, side: int, stroke: list[float]) -> None:
    """Paint the last half step, from where the curve stands to where the pen was lifted."""
    n = len(stroke)
    if n >= 4:
        context.beginPath()
        context.moveTo((stroke[n - 4] + stroke[n - 2]) / 2 * side, (stroke[n - 3] + stroke[n - 1]) / 2 * side)
        context.lineTo(stroke[n - 2] * side, stroke[n - 1] * side)
        context.stroke()


def _curve(context: js.CanvasRenderingContext2D, side: int, stroke: list[float], end: int) -> None:
    """Go on to the middle between the last two of the stroke's first `end` numbers, bent towards the former.

    Parabolas from middle to middle pass smoothly into each other, however far apart the points lie.
    """
    x, y = stroke[end - 4], stroke[end - 3]
    context.quadraticCurveTo(x * side, y * side, (x + stroke[end - 2]) / 2 * side, (y + stroke[end - 1]) / 2 * side)
