import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digitpad.ink import grey_of, ink_of
from tools.browser.digits import DIGITS
from training.ink import draw

EIGHT = draw(DIGITS["8"])


def test_dark_ink_and_light_ink_are_the_same_ink() -> None:
    np.testing.assert_array_equal(ink_of(EIGHT), ink_of(255 - EIGHT))


@given(paper=st.integers(0, 255), ink=st.integers(0, 255))
def test_any_two_greys_that_differ_enough_are_paper_and_ink(paper: int, ink: int) -> None:
    picture = np.where(EIGHT < 128, ink, paper).astype(np.uint8)
    expected = EIGHT < 128 if abs(paper - ink) >= 20 else np.zeros(EIGHT.shape)
    np.testing.assert_array_equal(ink_of(picture), expected)


@given(level=st.integers(0, 255), noise=st.integers(0, 9), seed=st.integers(0, 99))
def test_paper_alone_has_no_ink(level: int, noise: int, seed: int) -> None:
    speckles = np.random.default_rng(seed).integers(-noise, noise + 1, (40, 50))
    paper = np.clip(level + speckles, 0, 255).astype(np.uint8)
    assert not ink_of(paper).any()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV", "LA", "RGBA", "I", "I;16", "F"])
def test_an_image_of_any_mode_shows_the_same_ink(mode: str) -> None:
    image = Image.fromarray(np.where(EIGHT < 128, 0, 255).astype(np.uint8))
    if mode == "I;16":
        image = Image.fromarray(np.where(EIGHT < 128, 0, 60_000).astype(np.uint16))
    elif mode in ("LAB", "HSV"):
        image = image.convert("RGB").convert(mode) if mode == "HSV" else image.convert("RGB")
    else:
        image = image.convert(mode)
    np.testing.assert_array_equal(ink_of(grey_of(image)) > 0.5, EIGHT < 128)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 30), (255, 230, 0)])
def test_ink_of_any_colour_on_transparency_is_ink(colour: tuple[int, int, int]) -> None:
    pixels = np.zeros((*EIGHT.shape, 4), np.uint8)
    pixels[EIGHT < 128] = (*colour, 255)
    np.testing.assert_array_equal(ink_of(grey_of(Image.fromarray(pixels))) > 0.5, EIGHT < 128)


def test_transparent_corners_of_a_scan_are_no_ink() -> None:
    pixels = np.full((*EIGHT.shape, 4), 250, np.uint8)
    pixels[..., :3][EIGHT < 128] = 20
    pixels[:40, :40, 3] = 0
    pixels[:40, :40, :3] = 0
    np.testing.assert_array_equal(ink_of(grey_of(Image.fromarray(pixels))) > 0.5, EIGHT < 128)


def test_an_image_that_is_transparent_all_over_has_no_ink() -> None:
    assert not ink_of(grey_of(Image.new("RGBA", (30, 20)))).any()


def test_deep_images_with_infinities_do_not_break() -> None:
    deep = np.where(EIGHT < 128, 0, 1).astype(np.float32)
    deep[0, 0], deep[0, 1] = np.inf, np.nan
    assert ink_of(grey_of(Image.fromarray(deep))).shape == EIGHT.shape
