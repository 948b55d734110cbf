import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from digitpad.ink import ink_of, tones_of
from digitpad.page import find_page
from digitpad.paper import ink_on_paper, is_clean, ruled_turn, turned, without_rules
from tests.digits import DIGITS
from training.ink import draw


def sheet(*names: str, side: int = 200) -> NDArray[np.uint8]:
    """Return digits beside each other, black on white."""
    row = np.concatenate([draw(DIGITS[name], size=side, brush=0.05)[:, 20:-20] for name in names], axis=1)
    return np.pad(row, side // 2, constant_values=255)


def photo(page: NDArray[np.uint8], seed: int = 0) -> NDArray[np.uint8]:
    """Return a page with a shadow over its right half, grain and noise."""
    rng = np.random.default_rng(seed)
    light = 1 - 0.5 / (1 + np.exp(-(np.arange(page.shape[1]) - page.shape[1] / 2) / 10))
    grey = (60 + page * 0.6) * light + rng.normal(0, 3, page.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


def agreement(ink: NDArray[np.float32], page: NDArray[np.uint8]) -> float:
    """Return the share of the pixels that are ink in either which are ink in both."""
    one, other = ink > 0.5, page < 128
    return float((one & other).sum() / (one | other).sum())


def test_the_pad_is_clean_and_a_photo_is_not() -> None:
    page = sheet("4", "0", "9")
    assert is_clean(page, tones_of(page))
    assert not is_clean(photo(page), tones_of(photo(page)))


def test_a_clean_page_keeps_its_ink_as_it_is() -> None:
    page = sheet("4", "0")
    assert (find_page(Image.fromarray(page)).ink == ink_of(page)).all()


@pytest.mark.parametrize("is_chalk", [False, True])
def test_shadow_and_grain_are_no_ink(is_chalk: bool) -> None:
    page = sheet("4", "0", "9", "6")
    grey = photo(page)
    if is_chalk:
        grey = ((255 - grey.astype(np.int64)) * 0.8).astype(np.uint8)
    assert agreement(ink_on_paper(grey), page) > 0.8
    assert agreement(ink_of(grey), page) < 0.5, "this photo is none that evening out would be needed for"


@pytest.mark.parametrize("is_squared", [False, True])
def test_ruled_lines_go_and_strokes_that_cross_them_stay(is_squared: bool) -> None:
    ink = ink_of(sheet("4", "0", "9"))
    ruled = ink.copy()
    ruled[25::45] = ruled[26::45] = 0.7
    if is_squared:
        ruled[:, 25::45] = ruled[:, 26::45] = 0.7
    cleaned = without_rules(ruled)
    assert ((cleaned > 0.5) & (ink < 0.1)).sum() < 0.02 * ((ruled > 0.5) & (ink < 0.1)).sum()
    assert ((cleaned > 0.5) & (ink > 0.5)).sum() > 0.97 * (ink > 0.5).sum()


def test_writing_without_rules_is_left_as_it_is() -> None:
    ink = ink_of(sheet("4", "7", "5", "2"))
    assert (without_rules(ink) == ink).all()
    assert ruled_turn(ink) == 0


@pytest.mark.parametrize("shape", [(10, 1500), (1500, 10), (2, 60), (1, 1)])
def test_a_strip_of_paper_is_searched_for_rules_too(shape: tuple[int, int]) -> None:
    strip = np.zeros(shape, np.float32)
    strip[shape[0] // 2] = 1
    assert without_rules(strip).shape == shape


@pytest.mark.parametrize("degrees", [-8, -3, 0, 5, 10])
def test_the_turn_is_told_by_ruled_lines(degrees: float) -> None:
    ink = ink_of(sheet("4", "0", "9"))
    ink[25::45] = ink[26::45] = 0.7
    assert ruled_turn(turned(ink, -degrees)) == pytest.approx(degrees, abs=0.5)


@pytest.mark.parametrize("degrees", [-10, -4, 6, 10])
def test_a_line_of_writing_is_laid_level_and_its_boxes_lie_on_the_image(degrees: float) -> None:
    page = sheet("4", "0", "9", "6", "8")
    askew = Image.fromarray(page).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    grey = photo(np.asarray(askew))
    found = find_page(Image.fromarray(grey))
    assert found.turn == pytest.approx(-degrees, abs=2)
    (line,) = found.lines
    pieces = [piece for block in line.blocks for piece in block]
    tops = [piece.top for piece in pieces if piece.height > 0.5 * line.height]
    assert np.ptp(tops) < 0.35 * line.height
    for piece in pieces:
        left, top, right, bottom = (round(edge) for edge in found.in_image(piece.box))
        inside = np.asarray(askew)[max(top, 0) : bottom, max(left, 0) : right]
        assert (inside < 128).sum() > 0.8 * (piece.ink > 0.5).sum()
