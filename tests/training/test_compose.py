from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from tools.browser.digits import DIGITS
from training.compose import CLOSE, OVERLAPPING, SPACED, TOUCHING, Glyph, Number, compose
from training.data import Symbol

SYMBOLS = [Symbol(name[0], "me", strokes) for name, strokes in DIGITS.items()]

numbers = st.builds(
    lambda which, seed, height, pen, word: composed([SYMBOLS[i] for i in which], word, seed, height, pen),
    st.lists(st.integers(0, len(SYMBOLS) - 1), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1),
    st.floats(24, 120),
    st.floats(0.05, 0.16),
    st.sampled_from([SPACED, CLOSE, TOUCHING, OVERLAPPING]),
)


def composed(symbols: list[Symbol], word: str, seed: int = 0, height: float = 60, pen: float = 0.1) -> Number:
    return compose(symbols, [word] * (len(symbols) - 1), height, pen, np.random.default_rng(seed))


def placed(glyph: Glyph, shape: tuple[int, int]) -> np.ndarray:
    page = np.zeros(shape, np.uint8)
    page[glyph.top : glyph.top + glyph.ink.shape[0], glyph.left : glyph.left + glyph.ink.shape[1]] = glyph.ink
    return page


def grown(ink: np.ndarray) -> np.ndarray:
    """Return the stroke, without its pale edge, and all that touches it, if only at a corner."""
    return np.asarray(Image.fromarray(ink).filter(ImageFilter.MaxFilter(3))) > 64


@given(numbers)
@settings(max_examples=50)
def test_all_ink_of_every_symbol_is_on_the_page_in_its_order(number: Number) -> None:
    glyphs = [placed(glyph, number.shape) for glyph in number.glyphs]
    page = number.page()
    assert page.shape == number.shape
    np.testing.assert_array_equal(255 - page, np.max(glyphs, axis=0))
    assert min(page[0].min(), page[-1].min(), page[:, 0].min(), page[:, -1].min()) == 255
    lefts = [glyph.left for glyph in number.glyphs]
    assert lefts == sorted(lefts)


@given(st.lists(st.integers(0, len(SYMBOLS) - 1), min_size=2, max_size=6), st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_gaps_are_as_wide_as_they_are_called(which: list[int], seed: int) -> None:
    widths = []
    for word in (SPACED, CLOSE, TOUCHING, OVERLAPPING):
        number = composed([SYMBOLS[i] for i in which], word, seed)
        glyphs = [placed(glyph, number.shape) for glyph in number.glyphs]
        for one, other in pairwise(glyphs):
            if word in (SPACED, CLOSE):
                assert not (grown(one) & (other > 64)).any(), "there is paper between neighbours"
        widths.append(number.glyphs[-1].left - number.glyphs[0].left)
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("word", [TOUCHING, OVERLAPPING])
def test_digits_that_touch_have_ink_in_common(word: str) -> None:
    common = 0
    for seed in range(100):
        pair = [SYMBOLS[i] for i in np.random.default_rng(seed).integers(len(SYMBOLS), size=2)]
        number = composed(pair, word, seed)
        one, other = (placed(glyph, number.shape) for glyph in number.glyphs)
        common += bool((np.minimum(one, other) > 64).any())
    assert common >= 95


def test_a_number_has_its_size_and_its_writers_proportions() -> None:
    tall, small = Symbol("1", "me", [[500, 0, 500, 400]]), Symbol("0", "me", [[400, 300, 600, 300, 600, 500, 400, 300]])
    number = composed([tall, small], SPACED, height=80, pen=0.1)
    heights = [glyph.ink.shape[0] for glyph in number.glyphs]
    # The pen paints half its width outside of the points, above and below.
    assert heights == pytest.approx([88, 48], abs=2)
    assert number.text == "10"


def test_a_seed_repeats_itself() -> None:
    first, again, other = (composed(SYMBOLS[:4], CLOSE, seed).page() for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()


def test_no_symbol_makes_no_number() -> None:
    with pytest.raises(ValueError, match="empty"):
        composed([], SPACED)
