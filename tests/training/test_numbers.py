import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.model import MODEL
from tests.training.conftest import write_symbols
from training import data, numbers
from training.compose import SPACED
from training.numbers import Kind, Outcome, Setting, edit_distance
from training.styles import SIGNS

ONE, OTHER = (
    Outcome(0, "abc/one", "12", "12", 0.9, True),
    Outcome(1, "abc/other", "345", "34 8", 0.8, False),
)

texts = st.text("012", max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("", "123", 3), ("4096", "4096", 0), ("4096", "409", 1), ("4096", "40196", 1), ("12", "21", 2)],
)
def test_the_edit_distance_of_known_texts(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == distance


@given(texts, texts, texts)
def test_the_edit_distance_is_one(a: str, b: str, c: str) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


def test_what_is_told_of_outcomes() -> None:
    kind = Kind("some", 1, 8, SPACED, goal=0.97)
    results = [ONE, OTHER]
    assert str(numbers.row(kind, results)).startswith("| some | 50.00% of 2 |")
    assert str(numbers.row(kind, results)).endswith("| ≥ 97 % |")
    assert numbers.beside(kind, results) == ["some", "20.00% of 5", "50.0% of 2", "100.0% of 1"]
    assert numbers.weighted(results, {"abc/one": 30, "abc/other": 10}) == pytest.approx(0.75)
    assert numbers.split_by(lambda outcome: len(outcome.written), "digits", {kind: results}).splitlines() == [
        "| digits | some |",
        "| --- | --- |",
        "| 2 | 100.0% of 1 |",
        "| 3 | 0.0% of 1 |",
    ]


@pytest.mark.parametrize(
    ("read", "failure"), [("1234", 0), ("12", 1), ("", 1), ("124", 2), ("12?", 2), ("12 3", 3), ("1\n23", 3)]
)
def test_how_a_number_went_wrong(read: str, failure: int) -> None:
    wrong = Outcome(0, "abc/one", "123", read, 0.9, True)
    assert numbers.failures([ONE, wrong]) == [int(i == failure) for i in range(4)]


def test_how_far_sureness_and_right_digits_lie_apart() -> None:
    one, seven = ([0.9 if n == digit else 0.1 / 9 for n in range(10)] for digit in (1, 7))
    told = Outcome(0, "abc/one", "17", "17", 0.9, True, [(1, one), (7, one), (7, seven), (1, one)])
    error, count = numbers.calibration([told, ONE])
    assert error == pytest.approx(0.9 - 0.75) and count == 4
    assert numbers.calibration([ONE]) == (0.0, 0)


def test_a_picture_is_the_same_each_time_and_of_the_kind_that_was_asked_for() -> None:
    hand = [data.Symbol(label, "me", [[500, 100, 500, 900]]) for label in "0123456789"]
    signs = {label: [data.Symbol(label, "me", [[500, 100, 400, 300]])] for label in SIGNS}
    for kind in (*numbers.KINDS, numbers.ROWS, *numbers.APART):
        for index in range(3):
            written, image = numbers.picture(kind, index, hand, signs)
            assert len(written) == kind.rows
            digits = [[c for c in number.text if c.isdigit()] for number in written]
            assert all(kind.few <= len(found) <= kind.many for found in digits)
            assert all(len(set(found)) == len(found) for found in digits), "no digit is there twice"
            assert kind.signs == any(
                len(found) < len(number.text) for found, number in zip(digits, written, strict=True)
            )
            np.testing.assert_array_equal(image, numbers.picture(kind, index, hand, signs)[1])


@pytest.fixture
def setting(folder: Path) -> Setting:
    # Enough that some of the writers kept back have written eight digits.
    write_symbols(folder / "ink/digits_train.jsonl.gz", "0123456789" * 30, writers=30)
    write_symbols(folder / "ink/nondigits_train.jsonl.gz", SIGNS * 30, writers=29)
    return Setting(folder, MODEL)


def test_nobody_whose_ink_was_learned_writes_numbers(setting: Setting) -> None:
    writers = {symbol.writer for hand in setting.hands() for symbol in hand}
    assert writers
    assert all(map(data.is_validation, writers))
    assert all(len({symbol.writer for symbol in hand}) == 1 for hand in setting.hands())


def test_the_report_has_every_figure_and_its_picture(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "FIGURE", tmp_path / "figures" / "numbers.png")
    monkeypatch.setattr(numbers, "ProcessPoolExecutor", ThreadPoolExecutor)
    report = numbers.report(setting, 4)
    for kind in numbers.KINDS:
        assert re.search(rf"^\| {kind.name} \| [0-9.]+% of 4 \| .* \| .*\|$", report, re.MULTILINE)
    for kind in (numbers.ROWS, *numbers.APART):
        assert re.search(rf"^\| {kind.name} \| [0-9.]+% of 2 \|", report, re.MULTILINE)
    assert "| 1 to 8 digits, spaced or close | " in report
    unseen = sum(map(len, setting.hands()))
    assert re.search(rf"read by themselves \| [0-9.]+% of {unseen} \|", report)
    assert Image.open(tmp_path / "figures" / "numbers.png").size > (200, 200)
