from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitpad.line import Lines
from digitpad.onnx import at_once
from digitpad.reading import LIKELY_DIGIT, Outputs, read, recognise
from tests.model import networks, read_grey, read_image
from tools.browser.digits import DIGITS, LETTERS
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
    assert reading["lines"] == [{"text": name[0], "box": digit["box"], "columns": [0]}]


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


def row(*names: str, gap: int = 10) -> NDArray[np.uint8]:
    """Return symbols beside each other, 100 pixels high, that far apart; below zero they overlap."""
    parts = []
    for name in names:
        ink = draw({**DIGITS, **LETTERS}[name], size=160, brush=0.04)
        columns = np.flatnonzero((ink < 128).any(axis=0))
        parts.append(ink[:, columns[0] : columns[-1] + 1])
    page = np.full((160, sum(part.shape[1] + gap for part in parts) + 80), 255, np.uint8)
    left = 40
    for part in parts:
        place = page[:, left : left + part.shape[1]]
        np.minimum(place, part, out=place)
        left += part.shape[1] + gap
    return page


def below_each_other(*rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    wide = max(row.shape[1] for row in rows)
    return np.concatenate([np.pad(r, ((0, 0), (0, wide - r.shape[1])), constant_values=255) for r in rows])


def test_a_number_is_read_with_a_box_for_each_digit() -> None:
    reading = read_grey(row("4", "0", "9", "6"))
    assert reading["text"] == "4096"
    boxes = [digit["box"] for digit in reading["digits"]]
    assert [x for x, *_ in boxes] == sorted(x for x, *_ in boxes)
    assert all(90 < height < 120 for *_, height in boxes)
    (line,) = reading["lines"]
    assert line["text"] == "4096"
    assert line["box"] == pytest.approx([boxes[0][0], 32, boxes[-1][0] + boxes[-1][2] - boxes[0][0], 102], abs=4)


@pytest.mark.parametrize("names", [("1", "7"), ("3", "8", "2"), ("6", "0"), ("9", "4", "5", "2", "8")])
def test_digits_that_touch_are_told_apart(names: tuple[str, ...]) -> None:
    reading = read_grey(row(*names, gap=-2))
    assert reading["text"] == "".join(names)
    assert {digit["line"] for digit in reading["digits"]} == {0}


def test_lines_come_from_top_to_bottom_and_numbers_apart() -> None:
    first = np.concatenate([row("1", "2"), row("3", "4", "5")], axis=1)
    reading = read_grey(below_each_other(first, row("6", "7"), row("8")))
    assert reading["text"] == "12 345\n67\n8"
    assert [line["text"] for line in reading["lines"]] == ["12 345", "67", "8"]
    assert [digit["line"] for digit in reading["digits"]] == [0] * 5 + [1] * 2 + [2]


def test_what_is_no_digit_is_marked_in_its_place() -> None:
    assert read_grey(row("4", "A", "7")).get("text") == "4?7"


def test_what_shows_one_symbol_is_read_alike_with_and_without_saying_so() -> None:
    for name in DIGITS:
        image = draw(DIGITS[name], scale=0.4, shift=(-0.2, 0.1))
        by_itself, single = read_grey(image), read_grey(image, single=True)
        assert (by_itself["text"], by_itself["lines"]) == (single["text"], single["lines"])


def test_what_else_a_line_may_say_is_not_what_it_says() -> None:
    async def unsure(pictures: NDArray[np.float32]) -> Lines:
        said = await networks().read_lines(pictures)
        frames = said.frames.copy()
        frames[:, :, 1], frames[:, :, 7] = 0.6 * frames[:, :, 7], 0.4 * frames[:, :, 7]
        return Lines(frames, said.extents)

    image = Image.fromarray(draw(DIGITS["7"]))
    reading = at_once(read(image, replace(networks(), read_lines=unsure), single=False))
    assert reading["text"] == "7", "the digit model makes up the reader's mind"
    others = [other["text"] for other in reading["alternatives"]]
    assert others[0] == "1"
    assert "7" not in others


@pytest.mark.parametrize("single", [None, True, False])
def test_one_symbol_is_asked_about_once(single: bool | None) -> None:
    asked = []

    async def classify(images: NDArray[np.float32]) -> Outputs:
        asked.append(len(images))
        return await networks().classify(images)

    reading = at_once(read(Image.fromarray(draw(DIGITS["8"])), replace(networks(), classify=classify), single))
    assert (reading["text"], asked) == ("8", [1])


@pytest.mark.parametrize("x", [330, 680])
def test_a_point_beside_a_digit_is_not_dropped_in_silence(x: int) -> None:
    five = [[0.5 * c + 250 for c in stroke] for stroke in DIGITS["5"]]
    reading = read_grey(draw([*five, [x, 640, x + 5, 645]]))
    assert len(reading["symbols"]) == 2
    assert "5" in reading["text"]


def drawn(*lines: tuple[int, int, int, int], number: str = "258") -> Image.Image:
    """Return a number as on the pad, and lines drawn with the same pen."""
    pad = Image.new("L", (280, 280), 255)
    for place, name in enumerate(number):
        pad.paste(Image.fromarray(draw(DIGITS[name], size=80)), (20 + 80 * place, 100))
    for line in lines:
        ImageDraw.Draw(pad).line(line, fill=0, width=7)
    return pad


def text_of(pad: Image.Image) -> str:
    return at_once(recognise(pad, networks(), is_upright=True, is_drawn=True)).reading["text"]


@pytest.mark.parametrize("ends", [(10, 270), (30, 250), (20, 180)])
def test_an_underline_is_no_symbol(ends: tuple[int, int]) -> None:
    pad = drawn((ends[0], 200, ends[1], 198))
    assert text_of(pad) == "258"
    assert at_once(read(pad, networks()))["text"] == "258"


def test_a_number_struck_out_on_the_pad_is_not_read_as_if_it_stood() -> None:
    assert "?" in text_of(drawn((10, 140, 270, 136)))


def test_high_strokes_on_the_pad_are_ones_and_no_rules() -> None:
    assert text_of(drawn((100, 30, 96, 250), (180, 30, 178, 252), number="")) == "11"


def test_several_digits_can_be_taken_for_one_symbol() -> None:
    reading = read_grey(row("4", "0"), single=True)
    assert len(reading["digits"]) == 1
    assert len(read_grey(row("4", "0"), single=False)["digits"]) == 2


def test_the_symbols_are_as_many_as_the_characters_of_the_text() -> None:
    reading = read_grey(below_each_other(row("1", "W", "2"), row("5")))
    assert len(reading["digits"]) == len("".join(reading["text"].split()))


def beside(*parts: NDArray[np.uint8], gap: int = 20) -> NDArray[np.uint8]:
    """Return ink on clean paper, all standing on one line."""
    high = max(part.shape[0] for part in parts)
    page = np.full((high + 80, sum(part.shape[1] + gap for part in parts) + 80), 255, np.uint8)
    left = 40
    for part in parts:
        page[40 + high - part.shape[0] : 40 + high, left : left + part.shape[1]] = part
        left += part.shape[1] + gap
    return page


def ink_of(name: str, size: int) -> NDArray[np.uint8]:
    ink = draw(DIGITS[name], size=size, brush=0.04)
    rows, columns = (np.flatnonzero((ink < 128).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_an_exponent_close_to_its_digit_is_read_and_a_number_of_its_own() -> None:
    five, two = ink_of("5", 240), ink_of("2", 110)
    raised = np.full((five.shape[0] + two.shape[0] // 3, two.shape[1]), 255, np.uint8)
    raised[: two.shape[0]] = two
    assert read_grey(beside(five, raised, gap=8))["text"] == "5 2"


def test_strokes_close_to_each_other_are_as_many_ones() -> None:
    one = np.zeros((100, 6), np.uint8)
    assert read_grey(beside(*[one] * 4, gap=14))["text"] == "1111"


def test_a_point_is_no_dash() -> None:
    assert read_grey(beside(np.zeros((8, 7), np.uint8), ink_of("5", 160), gap=14))["text"] == ".5"


def test_a_number_is_apart_from_small_print_before_it() -> None:
    text = read_grey(beside(ink_of("2", 60), ink_of("7", 160), ink_of("4", 160), gap=14))["text"]
    assert text == "2 74"
