import pytest

from tools.browser.digits import DIGITS
from training.broken import is_broken, listed
from training.data import Symbol


@pytest.mark.parametrize("name", DIGITS)
def test_digits_that_are_whole_are_not_broken(name: str) -> None:
    assert not is_broken(Symbol(name[0], "me", DIGITS[name]))


@pytest.mark.parametrize(
    ("label", "strokes", "expected"),
    [
        ("4", [[500, 0, 500, 500, 510, 1000]], True),
        ("4", [[500, 500]], True),
        ("0", [[0, 0, 1000, 40]], True),
        ("1", [[500, 0, 510, 1000]], False),
        ("1", [[0, 500, 1000, 510]], True),
        ("7", [[0, 0, 500, 0, 300, 1000]], False),
        ("4", [[500, 0, 500, 400], [500, 450, 500, 1000]], True),
    ],
)
def test_a_straight_stroke_is_no_digit_but_an_upright_one(label: str, strokes: list[list[int]], expected: bool) -> None:
    assert is_broken(Symbol(label, "me", strokes)) == expected


def test_broken_samples_are_listed_by_writer_and_digit() -> None:
    stroke = [[500.0, 0.0, 500.0, 1000.0]]
    assert (
        listed([Symbol("4", "b", stroke), Symbol("4", "a", stroke), Symbol("4", "b", stroke)]) == "a: 4 × 1, b: 4 × 2"
    )
