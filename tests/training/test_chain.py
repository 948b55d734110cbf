from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest

from digitpad.chain import BLANK, HEIGHT, MARGIN, OTHER, STRIDE, chain_picture, links
from digitpad.ink import ink_of
from digitpad.onnx import CHAINS
from tests.digits import DIGITS, LETTERS
from tests.model import read_grey
from training import chain, data
from training.compose import OVERLAPPING, TOUCHING, compose
from training.data import Symbol

DIGIT_INK = [Symbol(name[0], f"w{n % 2}", strokes) for n, (name, strokes) in enumerate(DIGITS.items())] * 600
LETTER_INK = [Symbol(name, "w0", strokes) for name, strokes in LETTERS.items()] * 1600


@pytest.fixture(scope="module")
def some() -> chain.Chains:
    return chain.chains(DIGIT_INK, LETTER_INK, 400, seed=0)


@pytest.fixture(scope="module")
def trained(some: chain.Chains) -> keras.Model:
    return chain.train(some, epochs=1)


def test_frames_name_the_middles_of_symbols(some: chain.Chains) -> None:
    assert some.pictures.shape == (400, HEIGHT, chain.WIDTH)
    assert some.frames.shape == (400, chain.WIDTH // STRIDE)
    named = (some.frames < BLANK) | (some.frames == OTHER)
    counts = named.sum(axis=1)
    assert counts.min() >= 1
    assert counts.max() <= len(chain.LENGTHS)
    assert (some.frames == OTHER).any()
    # Where a symbol's middle is there is ink not far away.
    for picture, frames in zip(some.pictures, named, strict=True):
        for frame in np.flatnonzero(frames):
            assert picture[:, max(frame * STRIDE - 8, 0) : frame * STRIDE + 10].any()


def test_the_same_seed_makes_the_same_chains(some: chain.Chains) -> None:
    again = chain.chains(DIGIT_INK, LETTER_INK, 400, seed=0)
    assert (again.pictures == some.pictures).all()
    assert (again.frames == some.frames).all()


def test_keras_and_onnx_say_the_same_at_any_width(trained: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "chain.onnx"
    chain.export(trained, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for width in (32, 50, 300):
        pictures = np.random.default_rng(width).random((3, HEIGHT, width), np.float32)
        (frames,) = session.run(["frames"], {"pictures": pictures})
        assert frames.shape == (3, width // STRIDE, OTHER + 1)
        assert np.allclose(frames.sum(axis=-1), 1, atol=1e-4)
        assert np.allclose(frames, trained.predict(pictures, verbose=0), atol=1e-4)


@pytest.mark.parametrize("name", DIGITS)
def test_a_picture_holds_the_ink_and_a_margin(name: str) -> None:
    strokes = Symbol(name[0], "", DIGITS[name])
    page = compose([strokes], [], 90, 0.1, np.random.default_rng(0)).page()
    rows, columns = (np.flatnonzero((page < 128).any(axis=axis)) for axis in (1, 0))
    ink = ink_of(page)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    picture, scale = chain_picture(ink)
    assert picture.shape[0] == HEIGHT
    assert picture.shape[1] % STRIDE == 0
    assert picture[:MARGIN].max() == picture[-MARGIN:].max() == picture[:, :MARGIN].max() == 0
    assert picture.shape[1] == pytest.approx(ink.shape[1] * scale + 2 * MARGIN, abs=2)


def test_links_are_the_peaks_of_the_frames() -> None:
    frames = np.zeros((20, OTHER + 1), np.float32)
    frames[:, BLANK] = 1
    frames[4] = frames[12] = 0
    frames[4, 7], frames[12, 3], frames[12, OTHER] = 0.9, 0.6, 0.3
    frames[4, BLANK], frames[12, BLANK] = 0.1, 0.1
    first, second = links(frames, scale=0.5, width=100)
    assert [int(link.probabilities.argmax()) for link in (first, second)] == [7, 3]
    assert first.middle == pytest.approx(((4 + 0.5) * STRIDE - MARGIN) / 0.5)
    assert first.is_digit > 0.99
    assert second.is_digit == pytest.approx(2 / 3, abs=0.01)


def test_the_committed_network_is_small() -> None:
    assert CHAINS.stat().st_size < 1_000_000


def test_it_tells_digits_apart_that_touch_in_hands_it_has_not_seen(shared_data: Path) -> None:
    unseen = [s for s in data.read_symbols(shared_data / "ink/digits_train.jsonl.gz") if data.is_validation(s.writer)]
    rng = np.random.default_rng(0)
    by_writer = {writer: [s for s in unseen if s.writer == writer] for writer in sorted({s.writer for s in unseen})}
    pairs = []
    for n in range(200):
        own = list(by_writer.values())[n % len(by_writer)]
        symbols = [own[int(i)] for i in rng.integers(len(own), size=2)]
        pairs.append(compose(symbols, [TOUCHING if n % 2 else OVERLAPPING], 80, 0.1, rng))
    right = [read_grey(pair.page())["text"] == pair.text for pair in pairs]
    assert np.mean(right) > 0.8
