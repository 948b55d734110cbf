import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from digitpad.ink import ink_of
from digitpad.morphology import bounding_box, stroke_width
from digitpad.normalise import PEN, normalise
from tests.model import read_grey
from tools.browser.digits import DIGITS
from training.ink import draw, extent

names = st.sampled_from(sorted(DIGITS))


def normalised(name: str, **how: object) -> NDArray[np.float32]:
    return normalise(ink_of(draw(DIGITS[name], **how)))  # type: ignore[arg-type]


@given(name=names)
def test_the_longer_side_is_20_and_the_centre_of_mass_in_the_middle(name: str) -> None:
    image = normalised(name)
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() == pytest.approx(1, abs=0.01)
    left, top, right, bottom = bounding_box(image) or (0, 0, 0, 0)
    assert abs(max(right - left, bottom - top) - 20) <= 1
    rows, columns = np.mgrid[:28, :28] + 0.5
    assert np.average(columns, weights=image) == pytest.approx(14, abs=0.25)
    assert np.average(rows, weights=image) == pytest.approx(14, abs=0.25)


@given(name=names, right=st.integers(-50, 50), down=st.integers(-50, 50))
def test_where_it_stands_does_not_matter(name: str, right: int, down: int) -> None:
    ink = ink_of(draw(DIGITS[name], scale=0.6))
    np.testing.assert_allclose(normalise(np.roll(ink, (down, right), (0, 1))), normalise(ink), atol=1e-5)


@given(name=names, scale=st.floats(0.4, 1.5))
def test_how_large_it_is_does_not_matter(name: str, scale: float) -> None:
    # The pen grows with the digit, as when one comes closer to the paper.
    large = normalised(name, scale=scale, brush=0.03 * scale)
    assert np.abs(large - normalised(name, brush=0.03)).mean() < 0.02


@given(name=names, brush=st.floats(0.004, 0.05))
def test_a_thin_pen_is_thickened_to_a_pen_as_people_have_it(name: str, brush: float) -> None:
    image = normalised(name, brush=brush)
    assert stroke_width(image) > PEN[0] * 20 * 0.8
    assert np.abs(image - normalised(name, brush=0.05)).mean() < 0.06


@pytest.mark.parametrize("brush", [0.01, 0.025, 0.05, 0.08, 0.12, 0.16])
def test_the_width_of_a_stroke_is_measured(brush: float) -> None:
    ink = ink_of(draw([[100, 500, 900, 520]], brush=brush))
    assert stroke_width(ink) == pytest.approx(brush * 280, rel=0.2)


@given(
    name=names,
    share=st.floats(0.08, 1),
    right=st.floats(0, 1),
    down=st.floats(0, 1),
    brush=st.floats(0.01, 0.12),
    light=st.booleans(),
)
def test_move_scale_thicken_invert_same_reading(
    name: str, share: float, right: float, down: float, brush: float, light: bool
) -> None:
    # With a brush of more than a quarter of the digit the loops of an 8 fill in for good.
    assume(brush <= share / 4)
    strokes = DIGITS[name]
    x0, y0, x1, y1 = extent(strokes)
    scale = (share - brush) * 1000 / max(x1 - x0, y1 - y0)
    half_width, half_height = (scale * span / 2000 + brush / 2 for span in (x1 - x0, y1 - y0))
    # The middle of the digit goes anywhere between where it touches the left and the right edge.
    x = half_width + right * (1 - 2 * half_width)
    y = half_height + down * (1 - 2 * half_height)
    centre = ((x0 + x1) / 2000 - 0.5) * scale + 0.5, ((y0 + y1) / 2000 - 0.5) * scale + 0.5
    picture = draw(strokes, scale=scale, brush=brush, shift=(x - centre[0], y - centre[1]))
    assert read_grey(255 - picture if light else picture)["digits"][0]["digit"] == int(name[0])


def test_a_dot_is_normalised_too() -> None:
    assert normalise(ink_of(draw([[500, 500]], brush=0.01))).max() == pytest.approx(1, abs=0.01)


@given(height=st.integers(1, 60), width=st.integers(1, 60), seed=st.integers(0, 999))
def test_any_ink_becomes_a_picture(height: int, width: int, seed: int) -> None:
    ink = np.random.default_rng(seed).random((height, width), np.float32)
    assume((ink > 0.25).any())
    image = normalise(ink)
    assert image.shape == (28, 28)
    assert np.isfinite(image).all()
    assert 0 <= image.min() <= image.max() <= 1


def test_no_ink_is_an_error_in_words() -> None:
    with pytest.raises(ValueError, match="no ink"):
        normalise(np.zeros((28, 28), np.float32))
    assert bounding_box(np.zeros((5, 5), np.float32)) is None
