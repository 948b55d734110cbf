import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from digitpad.components import components

pictures = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=16), elements=st.booleans())


def by_flooding(inside: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Label the components one by one, the slow and plain way."""
    labels = np.zeros(inside.shape, np.int32)
    for start in map(tuple, np.argwhere(inside)):
        if labels[start]:
            continue
        labels[start] = labels.max() + 1
        waiting = [start]
        while waiting:
            y, x = waiting.pop()
            for near in np.ndindex(3, 3):
                p = y + near[0] - 1, x + near[1] - 1
                if 0 <= p[0] < inside.shape[0] and 0 <= p[1] < inside.shape[1] and inside[p] and not labels[p]:
                    labels[p] = labels[start]
                    waiting.append(p)
    return labels


@given(pictures)
def test_they_are_what_flooding_finds(inside: NDArray[np.bool_]) -> None:
    assert (components(inside).labels == by_flooding(inside)).all()


@given(pictures)
def test_boxes_and_areas_are_those_of_the_labels(inside: NDArray[np.bool_]) -> None:
    found = components(inside)
    assert len(found.boxes) == len(found.areas) == found.labels.max(initial=0)
    for number, ((left, top, right, bottom), area) in enumerate(zip(found.boxes, found.areas, strict=True), start=1):
        rows, columns = np.nonzero(found.labels == number)
        assert (left, top, right, bottom) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert area == len(rows)


def test_a_spiral_is_one_component() -> None:
    spiral = np.zeros((41, 41), bool)
    top, left, bottom, right = 0, 0, 40, 40
    while top < bottom:
        spiral[top, left : right + 1] = spiral[top : bottom + 1, right] = True
        spiral[bottom, left : right + 1] = spiral[top + 2 : bottom + 1, left] = True
        spiral[top + 2, left : left + 3] = True
        top, left, bottom, right = top + 2, left + 2, bottom - 2, right - 2
    assert len(components(spiral).areas) == 1
