from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitpad import ink, layout, reading
from tools.browser.digits import DIGITS
from training import thresholds
from training.compose import SPACED, compose
from training.data import Symbol
from training.thresholds import Sample, Threshold


def by_name(name: str, place: int | None = None) -> Threshold:
    return next(one for one in thresholds.thresholds(reading) if (one.name, one.place) == (name, place))


def test_thresholds_are_found_with_what_they_say() -> None:
    assert by_name("LIKELY_DIGIT").says.startswith("What the digit model holds less likely")
    assert by_name("_APART", 1).value == reading._APART[1]
    assert by_name("_FAR_APART").says
    assert not any(one.name in thresholds.GIVEN for one in thresholds.thresholds(reading))


def test_a_threshold_is_another_wherever_it_is_used_and_then_as_before() -> None:
    before = layout.SYMBOL
    (symbol,) = (one for one in thresholds.thresholds(layout) if one.name == "SYMBOL")
    with thresholds.multiplied(symbol, 0.5):
        assert layout.SYMBOL == vars(reading)["SYMBOL"] == before / 2
    assert layout.SYMBOL == vars(reading)["SYMBOL"] == before
    share, times = reading._APART
    with thresholds.multiplied(by_name("_APART", 1), 2):
        assert vars(reading)["_APART"] == (share, times * 2)
    (contrast,) = (one for one in thresholds.thresholds(ink) if one.name == "CONTRAST")
    with thresholds.multiplied(contrast, 4 / 3):
        assert round(contrast.value * 4 / 3) == ink.CONTRAST


def test_the_report_says_what_each_threshold_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    symbols = [Symbol(digit, "me", DIGITS[digit]) for digit in "47"]
    page = compose(symbols, [SPACED], 60, 0.08, np.random.default_rng(0)).page()
    sample = Sample("pad", Image.fromarray(page), False, "47", str)
    monkeypatch.setattr(thresholds, "samples", lambda folder: [sample])
    apart = Threshold(reading.__name__, "_FAR_APART", None, reading._FAR_APART, "how far apart")
    with ThreadPoolExecutor(1) as pool:
        written = thresholds.report(Path(), [apart], pool)  # type: ignore[arg-type]
    assert "| pad |\n| --- |\n| 100% |" in written
    assert f"| `reading._FAR_APART` | {reading._FAR_APART:g} | 0 | 0 | how far apart |" in written


def test_samples_come_out_of_a_data_folder_that_has_none(tmp_path: Path) -> None:
    assert thresholds.composed(tmp_path, 1) == []
    assert thresholds.photographed(tmp_path, thresholds.PICTURES) == []
