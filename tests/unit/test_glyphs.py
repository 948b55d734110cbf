import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digitpad.glyphs import Piece, glyphs, stacked, whole


def page(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    ink = np.zeros((60, 200), np.float32)
    for left, top, right, bottom in boxes:
        ink[top:bottom, left:right] = 1
    return ink


LINE = (0, 0, 200, 60)


def test_each_symbol_has_its_own_ink_and_all_of_it() -> None:
    boxes = [(10, 10, 30, 50), (40, 10, 60, 50), (70, 44, 76, 50)]
    pieces, others = glyphs(page(*boxes), LINE, boxes)
    assert [piece.box for piece in pieces if piece] == boxes
    assert others == []


def test_parts_of_one_symbol_stay_together() -> None:
    ink = page((10, 10, 30, 14), (12, 20, 28, 50))
    (piece,), _ = glyphs(ink, LINE, [(10, 10, 30, 50)])
    assert piece is not None
    assert piece.ink.sum() == ink.sum()


def test_symbols_that_touch_are_cut_between_their_boxes() -> None:
    pieces, _ = glyphs(page((10, 10, 50, 50)), LINE, [(10, 10, 28, 50), (32, 10, 50, 50)])
    first, second = pieces
    assert first is not None
    assert second is not None
    assert (first.box, second.box) == ((10, 10, 30, 50), (30, 10, 50, 50))


def test_ink_far_from_every_symbol_is_nobodys() -> None:
    pieces, others = glyphs(page((10, 10, 30, 50), (150, 10, 170, 50)), LINE, [(10, 10, 30, 50)])
    assert pieces[0] is not None
    assert pieces[0].box == (10, 10, 30, 50)
    assert [piece.box for piece in others] == [(150, 10, 170, 50)]


def test_a_symbol_without_ink_has_none() -> None:
    assert glyphs(page(), LINE, [(10, 10, 30, 50)]) == ([None], [])


@given(st.lists(st.tuples(st.integers(0, 180), st.integers(0, 40), st.integers(2, 20), st.integers(2, 20)), max_size=6))
def test_no_ink_is_lost_or_doubled(rectangles: list[tuple[int, int, int, int]]) -> None:
    boxes = sorted((x, y, x + w, y + h) for x, y, w, h in rectangles)
    ink = page(*boxes)
    pieces, others = glyphs(ink, LINE, boxes)
    inside = sum(int((piece.ink > 0.5).sum()) for piece in [*pieces, *others] if piece)
    assert inside == int((ink > 0.5).sum())


def test_the_whole_of_a_box_has_a_pixel_around_it() -> None:
    piece = whole(page((10, 10, 30, 50)), (10, 10, 30, 50))
    assert piece.ink.shape == (42, 22)
    assert piece.box == (10, 10, 30, 50)


def test_pieces_above_each_other_are_one() -> None:
    dot = np.ones((3, 4), np.float32)
    upper, lower, beside = Piece(dot, 10, 5), Piece(dot, 12, 20), Piece(dot, 30, 6)
    colon, alone = stacked([beside, lower, upper])
    assert colon.box == (10, 5, 16, 23)
    assert float(colon.ink.sum()) == 2 * dot.sum()
    assert alone.box == beside.box


def test_a_tall_stroke_beside_a_symbols_box_is_another_symbol() -> None:
    exponent = (28, 4, 46, 30)
    _, others = glyphs(page((10, 10, 26, 56), exponent), LINE, [(9, 10, 29, 56)])
    assert [piece.box for piece in others] == [exponent]


def test_strokes_side_by_side_are_not_one_symbol() -> None:
    bars = [(10, 10, 14, 50), (22, 10, 26, 50), (34, 10, 38, 50)]
    pieces, others = glyphs(page(*bars), LINE, [(9, 9, 27, 51), (30, 9, 40, 51)])
    owned = [piece.box for piece in pieces if piece]
    assert sorted(owned + [piece.box for piece in others]) == bars
