"""The pad: pens, fingers, mice and arrow keys in, strokes on two canvases out.

One canvas is seen; it has the screen's density and the theme's colours. The other is what the recogniser
reads: black on white and of the same size on every screen, so that a reading does not depend on the screen.
A picture lies on both in its own colours, on the one that is read with its own pixels. On both, a unit is the
pad's side.
"""

import js
from pyscript.ffi import to_js

from ui.area import Area
from ui.dom import element
from ui.drawing import BRUSH, Drawing, Picture, Stroke

ERASER = 0.08
"""The eraser's width as a share of the pad."""

POINT = 1e-3
"""How long a dot is drawn, as a share of the pad: of a line without length browsers draw nothing."""

READ_SIDE = 280
"""Pixels along a side of what the recogniser reads; where a picture is on the pad, as many as it has."""

KEY_STEP = 0.02
"""How far an arrow key moves the pen, as a share of the pad."""

PALM = 1000
"""Milliseconds after a pen was last seen during which a touch is the hand that holds it."""

TAP = 0.015
"""How far a tap may wander, as a share of the pad; what goes farther is a stroke."""

_ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}
_ERASER_BUTTON = 5  # of a pen: its other end


class Pad:
    """The canvas `#pad` and the pen. Calls `changed(is_asked)` whenever there is something else to be read.

    `is_asked` says that it is to be read at once, and not only written. `symbol_at(x, y)` says which symbol of the
    answer stands at a place, or None; a tap there leaves no mark, but calls `tapped(symbol)`.
    """

    def __init__(self, changed, symbol_at, tapped) -> None:
        self.drawing = Drawing()
        self.area = Area()
        self.is_drawing = False
        self.erases = False
        self._changed, self._symbol_at, self._tapped = changed, symbol_at, tapped
        self._canvas = element("pad")
        self._seen = self._canvas.getContext("2d")
        self._hidden = js.document.createElement("canvas")
        self._read = self._hidden.getContext("2d", to_js({"willReadFrequently": True}))
        self._pointer = self._kind = self._held = None
        self._pen_seen = -PALM
        self._marker = element("pen")
        self._pen = [0.5, 0.5]

    def open(self) -> None:
        """Take the canvas over: paint it, and listen to what is written on it."""
        self._listen()
        self.repaint()
        js.ResizeObserver.new(lambda *entries: self._fit()).observe(self._canvas)
        js.window.addEventListener("resize", lambda event: self._fit())  # also where only the density changes

    @property
    def side(self) -> int:
        """Pixels along a side of the square that the recogniser reads."""
        return self._hidden.width

    def part(self) -> tuple[js.Uint8ClampedArray, int, int, int, int, int, bool, bool]:
        """Return the pixels that are to be read, the way recogniser.py takes the pad.

        They are followed by the width and the height of this part, its left and top, the side of the whole, whether
        there is a picture on it, and whether its upper side is known to be up; where there is no picture, they are what
        is written on, black on white.
        """
        side, picture = self.side, self.drawing.picture
        left, top, right, bottom = self.area.box or self.drawing.box
        left, right = _pixels(left, right, side)
        top, bottom = _pixels(top, bottom, side)
        width, height = right - left, bottom - top
        pixels = self._read.getImageData(left, top, width, height).data
        is_upright = not picture or picture.quarters > 0  # whoever turns it says which side is up
        return pixels, width, height, left, top, side, bool(picture), is_upright

    def repaint(self) -> None:
        """Paint everything anew, with as many pixels as the screen has where the pad stands."""
        picture = self.drawing.picture
        # What is written on a picture is to be seen on its paper, whatever the theme.
        element("paper").style.colorScheme = picture.scheme if picture else ""
        self._canvas.width = self._canvas.height = self._side()
        self._hidden.width = self._hidden.height = picture.side if picture else READ_SIDE
        self._paper = picture.paper if picture else "white"
        self._colour = js.getComputedStyle(self._canvas).color
        self._ink_read = self._colour if picture else "black"
        self._erasing = "source-over" if picture else "destination-out"
        for context in (self._seen, self._read):
            context.lineCap = context.lineJoin = "round"
            context.fillStyle = self._paper
            if picture or context is self._read:
                context.fillRect(0, 0, context.canvas.width, context.canvas.width)
            if picture:
                _lay(picture, context)
            side = context.canvas.width
            context.setTransform(side, 0, 0, side, 0, 0)
        for mark in self.drawing.marks:
            if isinstance(mark, Stroke):
                self._paint(mark, 0, True)

    def undo(self) -> None:
        """Take the last step back."""
        self._step(self.drawing.undo)

    def redo(self) -> None:
        """Bring back what was taken back last."""
        self._step(self.drawing.redo)

    def clear(self) -> None:
        """Take everything off the pad; it can be undone."""
        self._step(self.drawing.clear)

    def lay(self, picture: Picture) -> None:
        """Put a picture in the place of what is on the pad; it can be undone."""
        self._step(lambda: self.drawing.add(picture), True)

    def turn(self) -> None:
        """Turn the picture, and what is written on it, by a quarter; it can be undone."""
        self._step(self.drawing.turn, True)

    def select_area(self) -> None:
        """Let an area be marked that is read alone, or, if that is so, have all be read again."""
        self._lift()
        had_area = self.area.box is not None
        self.area.switch(not self.area.is_on)
        self._canvas.focus(to_js({"preventScroll": True}))
        if had_area:
            self._changed(True)

    def _step(self, step, is_asked: bool = False) -> None:
        self._lift()
        self.area.switch(False)
        step()
        self.repaint()
        self._changed(is_asked)

    def _listen(self) -> None:
        for name, handler in (
            ("pointerdown", self._on_down),
            ("pointermove", self._on_move),
            ("pointerup", self._on_up),
            ("lostpointercapture", self._on_up),
            ("pointercancel", self._on_cancel),
            ("keydown", self._on_key),
            ("blur", lambda event: self._hide_marker()),
            ("contextmenu", self._on_menu),
        ):
            self._canvas.addEventListener(name, handler)
        # To the browser a stroke is a swipe, and a tap soon after it only ends the swipe: no button would hear of it.
        no_swipe = to_js({"passive": False})
        self._canvas.addEventListener("touchstart", lambda event: event.preventDefault(), no_swipe)
        dark = js.matchMedia("(prefers-color-scheme: dark)")
        dark.addEventListener("change", lambda event: self.repaint())

    def _side(self) -> int:
        return max(1, round(self._canvas.clientWidth * js.devicePixelRatio))

    def _fit(self) -> None:
        if self._side() != self._canvas.width:
            self.repaint()

    # Pens, fingers and mice

    def _on_down(self, event: js.PointerEvent) -> None:
        self._note_pen(event)
        if event.button not in (0, _ERASER_BUTTON):
            return
        if self._pointer is not None:
            if event.pointerType != "pen" or self._kind != "touch":
                return  # a second finger
            self._drop()  # the palm was there before the pen
        elif event.pointerType == "touch" and event.timeStamp - self._pen_seen < PALM:
            return
        event.preventDefault()
        self._canvas.focus(to_js({"preventScroll": True, "focusVisible": False}))
        self._hide_marker()
        self._pointer, self._kind = event.pointerId, event.pointerType
        if event.isTrusted:  # a script's own events come from no pointer that could be captured
            self._canvas.setPointerCapture(event.pointerId)
        box = self._canvas.getBoundingClientRect()
        self._origin = (box.left, box.top, box.width)
        self._width = _pressed(event)
        x, y = self._place(event)
        erases = self.erases or event.button == _ERASER_BUTTON
        symbol = None if erases else self._symbol_at(x, y)
        if symbol is None and not self.area.is_on:
            self._begin(x, y, self._width, erases)
        else:
            self._held = (x, y, symbol)  # it may become a tap: stroke and area begin when it has gone on

    def _on_move(self, event: js.PointerEvent) -> None:
        self._note_pen(event)
        if event.pointerId != self._pointer:
            return
        if self._held:
            (x, y), (x0, y0, _) = self._place(event), self._held
            if abs(x - x0) < TAP and abs(y - y0) < TAP:
                return
            self._held = None
            if self.area.is_on:
                self.area.begin(x0, y0, self.drawing.box)
            else:
                self._begin(x0, y0, self._width, False)
        if self.area.is_on:
            self.area.reach(*self._place(event))
            return
        for moved in _coalesced(event):
            # A hand presses unevenly; a line that followed it at once would be ragged. Steps that cannot be seen keep
            # runs of one width together, which are painted at once.
            self._width += 0.3 * (_pressed(moved) - self._width)
            self._extend(*self._place(moved), round(self._width * 20) / 20)
        self._changed()

    def _on_up(self, event: js.PointerEvent) -> None:
        if event.pointerId != self._pointer:
            return
        held, is_marked = self._held, self.area.is_begun
        if is_marked:
            self.area.end()
        self._lift()
        if not held:
            self._changed(is_marked)
        elif held[2] is not None:
            self._tapped(held[2])
        elif self.area.is_beside(*held[:2]):
            self.area.forget()
            self._changed(True)

    def _on_cancel(self, event: js.PointerEvent) -> None:
        if event.pointerId == self._pointer and self._drop():
            self._changed()

    def _on_menu(self, event: js.PointerEvent) -> None:
        if self.is_drawing:
            event.preventDefault()  # a finger that rests is to draw on

    def _note_pen(self, event: js.PointerEvent) -> None:
        if event.pointerType == "pen":
            self._pen_seen = event.timeStamp

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
                self._extend(*self._pen, 1)
                self._changed()
            self.area.reach(*self._pen)
        elif event.key == " ":
            self._press()
        else:
            return
        event.preventDefault()
        self._show_marker()

    def _press(self) -> None:
        is_marked = self.area.is_begun
        if is_marked:
            self.area.end()
        elif self.area.is_on:
            self.area.begin(*self._pen, self.drawing.box)
            return
        elif self.is_drawing:
            self._lift()
        else:
            self._begin(*self._pen, 1, self.erases)
        self._changed(is_marked)

    def _show_marker(self) -> None:
        self._marker.hidden = False
        self._marker.style.left = f"{100 * self._pen[0]}%"
        self._marker.style.top = f"{100 * self._pen[1]}%"
        self._marker.dataset.down = "true" if self.is_drawing or self.area.is_begun else "false"

    def _hide_marker(self) -> None:
        if not self._marker.hidden:
            self._marker.hidden = True
            self._lift()

    # Strokes

    def _begin(self, x: float, y: float, width: float, erases: bool) -> None:
        self.is_drawing = True
        self._stroke = Stroke(erases, x, y, width)
        self.drawing.add(self._stroke)
        self._paint(self._stroke, 0, True)
        self._changed()

    def _extend(self, x: float, y: float, width: float) -> None:
        self._stroke.extend(x, y, width)
        self._paint(self._stroke, len(self._stroke.points) - 3, False)

    def _lift(self) -> None:
        self._pointer = self._held = None
        self.area.drop()
        if self.is_drawing:
            self.is_drawing = False
            self._paint(self._stroke, len(self._stroke.points), True)

    def _drop(self) -> bool:
        """Take the stroke back, if one was begun: no hand has drawn it. Redo brings it back if one has."""
        was_drawing = self.is_drawing
        self._lift()
        if was_drawing:
            self.drawing.undo()
            self.repaint()
        return was_drawing

    # Paint

    def _paint(self, stroke: Stroke, start: int, whole: bool) -> None:
        """Paint a stroke from the point at `start` in its numbers on; a whole one right up to its last point.

        Parabolas from middle to middle of the points, bent towards the points, pass smoothly into each other,
        however far apart these lie. While the pen moves, the last half step waits for where it goes.
        """
        p = stroke.points
        x, y, width = p[start - 3 : start] if start else p[:3]
        path = _path(*_middle(p, start - 3))
        for i in range(start or 3, len(p), 3):
            path.quadraticCurveTo(x, y, *_middle(p, i))
            x, y = p[i], p[i + 1]
            if p[i + 2] != width:
                self._ink(path, width, stroke.erases)
                path, width = _path(*_middle(p, i)), p[i + 2]
        if whole:
            path.lineTo(x + (POINT if len(p) == 3 else 0), y)
        self._ink(path, width, stroke.erases)

    def _ink(self, path: js.Path2D, width: float, erases: bool) -> None:
        tool = ERASER if erases else BRUSH
        for context, ink in ((self._seen, self._colour), (self._read, self._ink_read)):
            context.lineWidth = tool * width
            context.strokeStyle = self._paper if erases else ink
            if context is self._seen:
                context.globalCompositeOperation = self._erasing if erases else "source-over"
            context.stroke(path)


def _lay(picture: Picture, context: js.CanvasRenderingContext2D) -> None:
    """Paint a picture on a pad of any size; on one of its own size, pixel by pixel."""
    scale = context.canvas.width / picture.side
    context.imageSmoothingEnabled = scale != 1
    context.imageSmoothingQuality = "high"
    context.setTransform(*[scale * n for n in picture.transform])
    context.drawImage(picture.image, 0, 0)


def _pixels(first: float, last: float, side: int) -> tuple[int, int]:
    """Return the first pixel between two places on the pad, and one past the last; there is one at least."""
    start = min(max(round(side * first), 0), side - 1)
    return start, min(max(round(side * last), start + 1), side)


def _path(x: float, y: float) -> js.Path2D:
    path = js.Path2D.new()
    path.moveTo(x, y)
    return path


def _middle(p: list[float], i: int) -> tuple[float, float]:
    """Return the middle between the point at `i` and the one before it; for the first point, the point itself."""
    if i < 3:
        return p[0], p[1]
    return (p[i - 3] + p[i]) / 2, (p[i - 2] + p[i + 1]) / 2


def _pressed(event: js.PointerEvent) -> float:
    """Return how broad a pen writes for how hard it is pressed; everything else writes in one width."""
    if event.pointerType == "pen" and event.pressure:
        return 0.4 + 1.2 * event.pressure
    return 1


def _coalesced(event: js.PointerEvent) -> list[js.PointerEvent]:
    """Return the positions that a screen has reported since the last event, where the browser has kept them."""
    if not hasattr(event, "getCoalescedEvents"):
        return [event]
    events = event.getCoalescedEvents()
    return events if events.length else [event]
