import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpad.table import Extent, columns

EXTENTS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 9)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=4
).map(sorted)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([[(0, 9)]], [[0]]),
        ([[(0, 9), (20, 29)], [(22, 25)]], [[0, 1], [1]]),
        ([[(0, 9), (20, 29)], [(30, 39)]], [[0, 1], [0]]),  # the last is in no column of the others
        ([[(0, 9)], [(20, 29)]], [[0], [0]]),
        ([[(0, 9), (20, 29)], [(5, 25)]], [[0, 1], [0]]),
        ([[(0, 9), (12, 15), (20, 29)], [(8, 11), (21, 24)], [(25, 31)]], [[0, 1, 2], [0, 2], [2]]),
    ],
)
def test_numbers_below_each_other_are_of_a_column(rows: list[list[Extent]], expected: list[list[int]]) -> None:
    assert columns(rows) == expected


@given(st.lists(EXTENTS, max_size=5))
def test_columns_of_a_row_never_go_back_and_there_are_no_more_than_the_widest_row_has(rows: list[list[Extent]]) -> None:
    found = columns(rows)
    widest = max(map(len, rows), default=0)
    for row, numbers in zip(rows, found, strict=True):
        assert len(numbers) == len(row)
        assert all(0 <= number < widest for number in numbers)
        assert numbers == sorted(set(numbers))
