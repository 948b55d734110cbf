import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from digitpad.morphology import (
    bounding_box,
    dilate,
    median,
    run_lengths,
    stroke_width,
    weighted_median,
    window_extreme,
    window_mean,
    window_median,
)

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12))
LEVELS = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12))
SIDES = st.integers(0, 4).map(lambda n: 2 * n + 1)


def window(values: NDArray[np.generic], y: int, x: int, side: int) -> NDArray[np.generic]:
    return values[max(y - side // 2, 0) : y + side // 2 + 1, max(x - side // 2, 0) : x + side // 2 + 1]


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_median(values: list[int]) -> None:
    assert median(values) == np.median(values)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1))
def test_half_of_the_weight_is_at_the_weighted_median_or_below(pairs: list[tuple[int, int]]) -> None:
    values, weights = np.array(pairs).T
    found = weighted_median(values, weights)
    assert weights[values <= found].sum() >= weights.sum() / 2 >= weights[values < found].sum()


@given(MASKS)
def test_a_bounding_box_holds_all_ink_and_no_smaller_one_does(inside: NDArray[np.bool_]) -> None:
    box = bounding_box(inside)
    if box is None:
        assert not inside.any()
        return
    left, top, right, bottom = box
    part = inside[top:bottom, left:right]
    assert part.sum() == inside.sum()
    assert part[0].any() and part[-1].any() and part[:, 0].any() and part[:, -1].any()


@given(MASKS)
def test_dilating_adds_the_eight_neighbours(inside: NDArray[np.bool_]) -> None:
    dilated = dilate(inside)
    for (y, x), value in np.ndenumerate(dilated):
        assert value == window(inside, y, x, 3).any()


@given(MASKS)
def test_run_lengths_count_upwards_and_downwards(inside: NDArray[np.bool_]) -> None:
    lengths = run_lengths(inside)
    assert ((lengths > 0) == inside).all()
    for (y, x), length in np.ndenumerate(lengths):
        if length:
            column = "".join("x" if value else " " for value in inside[:, x])
            before = len(column[:y].split(" ")[-1])
            assert length == before + len(column[y:].split(" ")[0])


@given(LEVELS, SIDES)
def test_windows(values: NDArray[np.uint8], side: int) -> None:
    mean, greatest = window_mean(values.astype(np.float32), side), window_extreme(values, side, np.maximum)
    for (y, x), value in np.ndenumerate(mean):
        around = window(values, y, x, side)
        assert value == pytest.approx(around.mean(), abs=1e-2)
        assert greatest[y, x] == around.max()


@given(LEVELS, SIDES)
def test_a_window_median_is_rounded_up_to_a_quantile(values: NDArray[np.uint8], side: int) -> None:
    for (y, x), value in np.ndenumerate(window_median(values, side)):
        around = np.sort(window(values, y, x, side), axis=None)
        exact = around[(around.size - 1) // 2]
        assert exact <= value
        assert ((values > exact) & (values < value)).sum() <= values.size / 32 + 1


@pytest.mark.parametrize("width", [2, 5, 9])
def test_the_width_of_a_stroke(width: int) -> None:
    ink = np.zeros((40, 300), np.float32)
    ink[10 : 10 + width, 20:280] = 1
    assert stroke_width(ink) == pytest.approx(width, rel=0.1)
    assert stroke_width(np.zeros((9, 9), np.float32)) == 0
