from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ui.drawing import Drawing


class DrawingMachine(RuleBasedStateMachine):
    """Every step goes back and forth; compared with a list of all pictures there were."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing = Drawing()
        self.pictures: list[list[list[float]]] = [[]]
        self.now = 0

    @rule(points=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4))
    def draw(self, points: list[tuple[float, float]]) -> None:
        self.drawing.begin(*points[0])
        for point in points[1:]:
            self.drawing.extend(*point)
        stroke = [c for point in points for c in point]
        self._add([*self.pictures[self.now], stroke])

    @rule()
    def clear(self) -> None:
        self.drawing.clear()
        if self.pictures[self.now]:
            self._add([])

    @rule()
    def undo(self) -> None:
        self.drawing.undo()
        self.now = max(self.now - 1, 0)

    @rule()
    def redo(self) -> None:
        self.drawing.redo()
        self.now = min(self.now + 1, len(self.pictures) - 1)

    @invariant()
    def shows_the_picture_and_the_ways_from_it(self) -> None:
        assert self.drawing.strokes == self.pictures[self.now]
        assert self.drawing.can_undo == (self.now > 0)
        assert self.drawing.can_redo == (self.now < len(self.pictures) - 1)

    def _add(self, picture: list[list[float]]) -> None:
        del self.pictures[self.now + 1 :]
        self.pictures.append(picture)
        self.now += 1


TestDrawing = DrawingMachine.TestCase
