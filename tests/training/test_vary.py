import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.browser.digits import DIGITS
from training.ink import extent
from training.vary import CROSSED, cross, vary

STROKES = list(DIGITS.values())


@given(st.integers(0, len(STROKES) - 1), st.integers(0, 2**32 - 1))
def test_a_varied_symbol_has_its_strokes_and_about_its_size(which: int, seed: int) -> None:
    strokes = STROKES[which]
    varied = vary(strokes, np.random.default_rng(seed))
    assert len(varied) == len(strokes)
    assert all(len(stroke) >= 2 and len(stroke) % 2 == 0 for stroke in varied)
    left, top, right, bottom = extent(strokes)
    a, b, c, d = extent(varied)
    assert 0.5 < max(c - a, d - b) / max(right - left, bottom - top) < 2


def test_no_two_are_the_same_but_a_seed_repeats_itself() -> None:
    first, again, other = (vary(STROKES[3], np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_a_dot_stays_a_dot(x: float, y: float) -> None:
    assert len(vary([[x, y]], np.random.default_rng(0))[0]) == 2


def test_some_zeros_and_sevens_are_crossed_and_nothing_else() -> None:
    for name, strokes in DIGITS.items():
        rng = np.random.default_rng(0)
        counts = [len(cross(name[0], strokes, rng)) for _ in range(1000)]
        crossed = sum(count > len(strokes) for count in counts)
        if name[0] in "07" and len(strokes) == 1:
            assert 0.5 * CROSSED < crossed / 1000 < 1.5 * CROSSED
        else:
            assert crossed == 0
