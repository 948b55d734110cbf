import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ui.drawing import BRUSH, Drawing, Picture, Stroke

Mark = Stroke | Picture


class DrawingMachine(RuleBasedStateMachine):
    """Every step goes back and forth; compared with a list of all that was ever to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing = Drawing()
        self.views: list[list[Mark]] = [[]]
        self.now = 0

    @rule(points=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.4, 1.6)), min_size=1, max_size=4))
    def draw(self, points: list[tuple[float, float, float]]) -> None:
        stroke = Stroke(False, *points[0])
        self.drawing.add(stroke)
        for point in points[1:]:
            stroke.extend(*point)
        assert stroke.points == [c for point in points for c in point]
        self._see([*self.views[self.now], stroke])

    @rule()
    def open(self) -> None:
        picture = Picture("image", 3, 4, "white", "light")
        self.drawing.add(picture)
        self._see([picture])

    @rule()
    def turn(self) -> None:
        self.drawing.turn()
        self._see([mark.turned() for mark in self.views[self.now]])

    @rule()
    def clear(self) -> None:
        self.drawing.clear()
        if self.views[self.now]:
            self._see([])

    @rule()
    def undo(self) -> None:
        self.drawing.undo()
        self.now = max(self.now - 1, 0)

    @rule()
    def redo(self) -> None:
        self.drawing.redo()
        self.now = min(self.now + 1, len(self.views) - 1)

    @invariant()
    def shows_the_marks_and_the_ways_from_them(self) -> None:
        view = self.views[self.now]
        assert list(map(vars, self.drawing.marks)) == list(map(vars, view))
        assert self.drawing.can_undo == (self.now > 0)
        assert self.drawing.can_redo == (self.now < len(self.views) - 1)
        pictures = [mark for mark in self.drawing.marks if isinstance(mark, Picture)]
        assert self.drawing.picture is (pictures[0] if pictures else None)
        left, top, right, bottom = self.drawing.box
        for mark in view:
            if isinstance(mark, Stroke):
                x, y = mark.points[::3], mark.points[1::3]
                box = (min(x) - BRUSH, min(y) - BRUSH, max(x) + BRUSH, max(y) + BRUSH)
            else:
                box = mark.box
            assert left <= box[0] <= box[2] <= right
            assert top <= box[1] <= box[3] <= bottom
        if not view:
            assert self.drawing.box == (0, 0, 1, 1)

    def _see(self, view: list[Mark]) -> None:
        del self.views[self.now + 1 :]
        self.views.append(view)
        self.now += 1


TestDrawing = DrawingMachine.TestCase


@pytest.mark.parametrize(("width", "height"), [(3, 3), (4, 3), (5, 2), (1, 6)])
def test_each_pixel_of_a_turned_picture_lies_on_one_of_the_pad(width: int, height: int) -> None:
    pixels = np.arange(width * height).reshape(height, width)
    picture = Picture("image", width, height, "white", "light")
    for quarters in range(5):
        a, b, c, d, left, top = picture.transform
        pad = np.full((picture.side, picture.side), -1)
        for y, x in np.ndindex(height, width):
            pad[int(b * (x + 0.5) + d * (y + 0.5) + top), int(a * (x + 0.5) + c * (y + 0.5) + left)] = pixels[y, x]
        x0, y0, x1, y1 = (round(edge * picture.side) for edge in picture.box)
        np.testing.assert_array_equal(pad[y0:y1, x0:x1], np.rot90(pixels, -quarters))
        assert (pad >= 0).sum() == pixels.size
        picture = picture.turned()


def test_a_stroke_turned_four_times_is_as_it_was() -> None:
    stroke = Stroke(True, 0.25, 0, 1)
    stroke.extend(0.5, 0.125, 0.5)
    assert stroke.turned().points == [1, 0.25, 1, 0.875, 0.5, 0.5]
    assert vars(stroke.turned().turned().turned().turned()) == vars(stroke)
