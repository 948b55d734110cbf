"""Numbers that stand below each other are of one column, and a row may leave a column empty."""

from collections.abc import Sequence

Extent = tuple[float, float]
"""Where something begins and ends, from left to right."""


def columns(rows: Sequence[Sequence[Extent]]) -> list[list[int]]:
    """Return the column of each number of each row, counted from 0, given where the numbers stand.

    It is a table where numbers that overlap from top to bottom are never of one row, and where some row has a number in
    each column. Otherwise nothing says which numbers belong together, and the first of each row is in column 0.
    """
    placed = sorted((extent, row, place) for row, extents in enumerate(rows) for place, extent in enumerate(extents))
    number, end = -1, float("-inf")
    found = [[0] * len(extents) for extents in rows]
    for (left, right), row, place in placed:
        number += left >= end
        end = right if left >= end else max(end, right)
        found[row][place] = number
    widest = max(map(len, rows), default=0)
    is_table = number + 1 == widest and all(len(set(row)) == len(row) for row in found)
    return found if is_table else [list(range(len(row))) for row in rows]
