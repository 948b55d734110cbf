import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digitpad.line import BLANK, HEIGHT, STRIDE, SYMBOLS, alternatives, decode, line_picture, padded

texts = st.text(SYMBOLS, max_size=6)


def frames_of(text: str, sure: float = 0.97) -> np.ndarray:
    """Return frames that say a text: a blank one, then for each symbol one of it and a blank one."""
    classes = [BLANK, *(c for symbol in text for c in (SYMBOLS.index(symbol), BLANK))]
    frames = np.full((len(classes), BLANK + 1), (1 - sure) / BLANK, np.float32)
    frames[np.arange(len(classes)), classes] = sure
    return frames


@given(texts)
def test_what_frames_say_is_decoded(text: str) -> None:
    frames = frames_of(text)
    found = decode(frames, np.ones((len(frames), 4), np.float32))
    assert "".join(symbol.symbol for symbol in found) == text
    assert all(symbol.confidence == pytest.approx(0.97) for symbol in found)
    assert all(symbol.probabilities.sum() == pytest.approx(1, abs=1e-5) for symbol in found)


def test_a_symbol_of_several_frames_is_one_and_stands_where_it_is_surest() -> None:
    frames = frames_of("7").repeat([1, 3, 1], axis=0)
    frames[2, 7] = 0.99
    extents = np.tile(np.array([3, 10, 5, 8], np.float32), (5, 1))
    (found,) = decode(frames, extents)
    middle = 2.5 * STRIDE
    assert found.box == (middle - 3, HEIGHT / 2 - 10, middle + 5, HEIGHT / 2 + 8)


@given(texts)
def test_the_likeliest_alternative_is_what_is_decoded_where_frames_are_sure(text: str) -> None:
    ranked = alternatives(frames_of(text), 3)
    assert ranked[0][0] == text
    assert [p for _, p in ranked] == sorted((p for _, p in ranked), reverse=True)
    assert sum(p for _, p in ranked) <= 1.001


def test_alternatives_name_what_else_it_may_be() -> None:
    frames = frames_of("17")
    frames[1, 1], frames[1, 7] = 0.6, 0.37
    assert [text for text, _ in alternatives(frames, 2)] == ["17", "77"]
    assert alternatives(frames, 1)[0][1] == pytest.approx(0.6 * 0.97, rel=0.1)


@given(st.integers(1, 90), st.integers(1, 300))
def test_a_picture_has_forty_rows_and_columns_in_fours(height: int, width: int) -> None:
    picture = line_picture(np.random.default_rng(0).integers(0, 256, (height, width)).astype(np.uint8))
    assert picture.shape[0] == HEIGHT
    assert picture.shape[1] % 4 == 0
    assert picture.dtype == np.float32


def test_brightness_and_contrast_hardly_matter_and_bare_paper_is_nothing() -> None:
    grey = np.full((60, 200), 230, np.uint8)
    grey[20:40, 50:60] = 30
    dim = (grey // 2 + 20).astype(np.uint8)
    assert np.abs(line_picture(grey) - line_picture(dim)).mean() < 0.1
    assert np.abs(line_picture(np.full((60, 200), 90, np.uint8))).max() < 1e-3


def test_an_enlarged_line_is_the_same_picture() -> None:
    grey = np.full((40, 120), 255, np.uint8)
    grey[10:30, 30:36] = 0
    enlarged = np.asarray(Image.fromarray(grey).resize((480, 160), Image.Resampling.BICUBIC))
    assert np.abs(line_picture(grey) - line_picture(enlarged)).mean() < 0.05


def test_padding_leaves_what_is_there() -> None:
    picture = np.ones((HEIGHT, 10), np.float32)
    wide = padded(picture, 30)
    assert wide.shape == (HEIGHT, 32)
    assert wide.sum() == picture.sum()


@pytest.mark.parametrize("is_at_one_place", [True, False])
def test_two_classes_at_one_place_are_one_symbol_in_doubt(is_at_one_place: bool) -> None:
    frames = np.full((6, BLANK + 1), 0.001, np.float32)
    frames[:, BLANK] = 0.98
    frames[2, [SYMBOLS.index("/"), BLANK, 1]] = 0.55, 0.01, 0.42
    frames[3, [SYMBOLS.index("/"), BLANK, 1]] = 0.43, 0.1, 0.45
    extents = np.full((6, 4), 6 if is_at_one_place else 1, np.float32)
    found = [symbol.symbol for symbol in decode(frames, extents)]
    assert found == (["/"] if is_at_one_place else ["/", "1"])
