from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ui.drawing import Drawing, Picture, Stroke

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
        picture = Picture("ink", 3, 4)
        self.drawing.add(picture)
        self._see([picture])

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
        assert self.drawing.marks == view
        assert self.drawing.can_undo == (self.now > 0)
        assert self.drawing.can_redo == (self.now < len(self.views) - 1)
        pictures = [mark for mark in view if isinstance(mark, Picture)]
        assert self.drawing.picture is (pictures[0] if pictures else None)
        x = [place for mark in view for place in (mark.points[::3] if isinstance(mark, Stroke) else (0, 1))]
        y = [place for mark in view for place in (mark.points[1::3] if isinstance(mark, Stroke) else (0, 1))]
        assert self.drawing.box == ((min(x), min(y), max(x), max(y)) if view else (0, 0, 1, 1))

    def _see(self, view: list[Mark]) -> None:
        del self.views[self.now + 1 :]
        self.views.append(view)
        self.now += 1


TestDrawing = DrawingMachine.TestCase
