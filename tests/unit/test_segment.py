import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from digitpad.components import components
from digitpad.cut import cuts
from digitpad.ink import ink_of
from digitpad.paper import INSIDE
from digitpad.segment import Line, Piece, joined, lines, split
from tests.digits import DIGITS
from training.ink import draw

names = st.sampled_from(sorted(DIGITS))


def alone(name: str, side: int = 120) -> NDArray[np.float32]:
    """Return a digit's ink, cut to its box."""
    ink = ink_of(draw(DIGITS[name], size=side, brush=0.05))
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def beside(*inks: NDArray[np.float32], gap: int = 12) -> NDArray[np.float32]:
    """Return inks in a row, on their line's middle, with so much paper in between and around."""
    high = max(len(ink) for ink in inks) + 40
    parts = []
    for ink in inks:
        above = (high - len(ink)) // 2
        parts.append(np.pad(ink, ((above, high - len(ink) - above), (0, gap))))
    return np.pad(np.concatenate(parts, axis=1), ((0, 0), (20, 20 - min(gap, 20))))


def lines_in(ink: NDArray[np.float32]) -> list[Line]:
    return lines(ink, components(ink > INSIDE), (0, 0))


@given(st.lists(names, min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_ink_in_a_row_is_one_line_and_none_of_it_is_lost(row: list[str]) -> None:
    ink = beside(*map(alone, row))
    (line,) = lines_in(ink)
    pieces = [piece for block in line.blocks for piece in block]
    assert np.isclose(sum(piece.ink.sum() for piece in pieces), ink.sum(), rtol=0.02)
    lefts = [joined(block).left for block in line.blocks]
    assert lefts == sorted(lefts)


def test_lines_come_from_top_to_bottom_also_where_they_run_askew() -> None:
    rows = [beside(*map(alone, row), gap=30) for row in (("4", "7", "8", "9"), ("1", "2"), ("9", "0", "3", "5"))]
    wide = max(row.shape[1] for row in rows)
    page = np.concatenate([np.pad(row, ((0, 0), (0, wide - row.shape[1]))) for row in rows])
    askew = np.asarray(Image.fromarray(page).rotate(5, Image.Resampling.BILINEAR, expand=True))
    assert [len(line.blocks) for line in lines_in(askew)] == [4, 2, 4]


def test_a_bar_beside_its_digit_belongs_to_its_block_and_a_dot_further_away_does_not() -> None:
    five = np.zeros((100, 200), np.float32)
    five[20:90, 20:30] = 1
    five[20:26, 33:45] = 1  # the bar, with three columns of paper before it
    five[82:90, 60:68] = 1
    (line,) = lines_in(five)
    assert [len(block) for block in line.blocks] == [2, 1]


def test_specks_are_no_pieces() -> None:
    ink = beside(alone("8"))
    ink[3, 3] = ink[5, 9] = 1
    (line,) = lines_in(ink)
    assert [len(block) for block in line.blocks] == [1]


def test_a_blank_page_has_no_lines() -> None:
    assert lines_in(np.zeros((50, 50), np.float32)) == []


@given(names, names)
@settings(max_examples=30, deadline=None)
def test_a_path_lies_between_two_digits_that_hardly_touch(one: str, other: str) -> None:
    left, right = alone(one), alone(other)
    high = max(len(left), len(right))
    parts = [np.pad(ink, ((high - len(ink), 0), (0, 0))) for ink in (left, right)]
    bridge = np.zeros((high, 6), np.float32)
    bridge[high // 2] = 1
    ink = np.concatenate([parts[0], bridge, parts[1]], axis=1)
    paths = cuts(ink)
    assert ((paths >= 0) & (paths <= ink.shape[1])).all()
    middle = left.shape[1] + 3
    assert min(abs(path.mean() - middle) for path in paths) < 8


@given(st.lists(names, min_size=2, max_size=4))
@settings(max_examples=30, deadline=None)
def test_split_gives_every_middle_its_ink(row: list[str]) -> None:
    inks = [alone(name) for name in row]
    high = max(map(len, inks))
    parts = [np.pad(ink, ((high - len(ink), 0), (0, 0))) for ink in inks]
    ink = np.concatenate(parts, axis=1)
    edges = np.cumsum([0, *(part.shape[1] for part in parts)])
    middles = [(a + b) / 2 for a, b in itertools.pairwise(edges)]
    found = split([Piece(ink, 5, 7)], [5 + middle for middle in middles])
    pieces = [piece for piece, _ in found]
    assert len(pieces) == len(row)
    assert all(is_cut for _, is_cut in found)
    assert np.isclose(sum(piece.ink.sum() for piece in pieces), ink.sum(), rtol=0.1)
    for piece, middle in zip(pieces, middles, strict=True):
        assert piece.left <= 5 + middle <= piece.right
