import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.calibrate import calibration_error, sharpen, temperature

RNG = np.random.default_rng(5)


def drawn(n: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities, and labels drawn by them: as well calibrated as can be."""
    logits = RNG.normal(0, sharpness, (n, 10))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (probabilities.cumsum(axis=1) < RNG.uniform(size=(n, 1))).sum(axis=1)
    return probabilities, np.minimum(labels, 9)


def test_the_temperature_that_was_put_on_is_found_and_taken_off() -> None:
    probabilities, labels = drawn(20_000, 3)
    assert calibration_error(probabilities, labels) < 0.02
    for put_on in (0.6, 1.0, 2.5):
        distorted = sharpen(probabilities.astype(np.float32), 1 / put_on)
        assert temperature(distorted.astype(np.float32), labels) == pytest.approx(put_on, rel=0.1)
    too_sure = sharpen(probabilities.astype(np.float32), 1 / 2.5)
    assert calibration_error(too_sure, labels) > 0.05


@given(st.floats(0.5, 4), st.integers(0, 2**32 - 1))
def test_another_temperature_leaves_the_likeliest_digit(t: float, seed: int) -> None:
    probabilities = np.random.default_rng(seed).dirichlet(np.full(10, 0.3), 20).astype(np.float32)
    sharpened = sharpen(probabilities, t)
    np.testing.assert_allclose(sharpened.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(sharpened.argmax(axis=1), probabilities.argmax(axis=1))


def test_certain_and_right_is_calibrated_and_certain_and_wrong_is_not() -> None:
    certain = np.eye(10)
    assert calibration_error(certain, np.arange(10)) == 0
    assert calibration_error(certain, (np.arange(10) + 1) % 10) == 1
