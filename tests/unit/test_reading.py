import numpy as np
import pytest
from PIL import Image

from digitpad.reading import LIKELY_DIGIT
from tests.digits import DIGITS, LETTERS
from tests.model import read_grey, read_image
from training.ink import draw


@pytest.mark.parametrize("name", DIGITS)
def test_digits_are_read(name: str) -> None:
    reading = read_grey(draw(DIGITS[name]))
    assert reading["text"] == name[0]
    (digit,) = reading["digits"]
    assert digit["digit"] == int(name[0])
    assert digit["confidence"] == max(digit["probabilities"])
    assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert 0.5 < digit["is_digit"] <= 1
    assert reading["lines"] == [{"text": name[0], "box": digit["box"]}]


@pytest.mark.parametrize("level", [0, 127, 255])
def test_an_empty_image_reads_as_nothing(level: int) -> None:
    reading = read_image(Image.new("L", (280, 280), level))
    assert (reading["text"], reading["lines"], reading["digits"]) == ("", [], [])


def test_the_box_is_in_the_pixels_of_the_image_however_large() -> None:
    picture = np.full((1500, 3000), 255, np.uint8)
    picture[300:580, 2000:2280] = draw(DIGITS["8"])
    small, large = read_grey(picture[300:580, 2000:2280]), read_grey(picture)
    x, y, width, height = small["digits"][0]["box"]
    assert large["digits"][0]["box"] == pytest.approx([x + 2000, y + 300, width, height], abs=4)
    assert large["text"] == "8"


@pytest.mark.parametrize("letter", LETTERS)
def test_what_is_no_digit_is_marked_not_read(letter: str) -> None:
    reading = read_grey(draw(LETTERS[letter]))
    assert reading["text"] == "?"
    assert reading["digits"][0]["is_digit"] < LIKELY_DIGIT
