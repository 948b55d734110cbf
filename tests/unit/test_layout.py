import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from digitpad.ink import grey_of, ink_on_paper, is_clean, tones_of
from digitpad.layout import CLEAN_SYMBOL, LEAST, Page, layout, orientations
from digitpad.line import HEIGHT
from digitpad.rules import ruled_turn, turned, without_rules
from tools.browser.digits import DIGITS
from training.ink import draw
from training.photo import Photo, photographed

Box = tuple[float, float, float, float]

DOT = [[495.0, 790.0, 505.0, 800.0]]
DASH = [[380.0, 500.0, 620.0, 500.0]]


def number(text: str, height: int = 60, pen: float = 0.1) -> NDArray[np.uint8]:
    """Return digits and signs beside each other, cut close, digits about so many pixels high, black on white."""
    size, symbols = round(height / 0.6), {".": DOT, "-": DASH}
    marks = [draw(symbols.get(c) or DIGITS[c], size=size, brush=pen * 0.6) for c in text]
    inked = [np.flatnonzero(mark.min(axis=0) < 128) for mark in marks]
    gap = np.full((size, max(height // 4, 1)), 255, np.uint8)
    parts = [
        part for mark, x in zip(marks, inked, strict=True) for part in (mark[:, max(x[0] - 1, 0) : x[-1] + 2], gap)
    ]
    row = np.concatenate(parts[:-1], axis=1)
    rows = np.flatnonzero(row.min(axis=1) < 128)
    return row[rows[0] : rows[-1] + 1]


def sheet(
    numbers: Sequence[tuple[str, int, int]], size: tuple[int, int] = (600, 400), height: int = 60
) -> NDArray[np.uint8]:
    """Return a white sheet, its width and height given, with numbers on it: text, left, top."""
    page = np.full(size[::-1], 255, np.uint8)
    for text, left, top in numbers:
        ink = number(text, height)
        part = page[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.minimum(part, ink, out=part)
    return page


def ink_box(page: NDArray[np.uint8]) -> Box:
    rows, columns = np.flatnonzero(page.min(axis=1) < 128), np.flatnonzero(page.min(axis=0) < 128)
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def holds(outer: Box, inner: Box, slack: float = 1) -> bool:
    return all(o <= i + slack for o, i in zip(outer[:2], inner[:2], strict=True)) and all(
        o >= i - slack for o, i in zip(outer[2:], inner[2:], strict=True)
    )


def share_of_crop(page: Page, number: int = 0) -> float:
    """Return how many of a line's 40 rows its symbols have."""
    line = page.lines[number]
    return HEIGHT * line.height / (line.crop[3] - line.crop[1])


LINES = [("409", 60, 50), ("27", 80, 160), ("5836", 60, 270)]


def test_each_line_is_found_from_top_to_bottom_with_its_height() -> None:
    page = layout(Image.fromarray(sheet(LINES)))
    assert page.is_clean
    assert [line.box[1] for line in page.lines] == pytest.approx([50, 160, 270], abs=2)
    assert [line.height for line in page.lines] == pytest.approx([66, 66, 66], abs=4)
    assert [share_of_crop(page, n) for n in range(3)] == pytest.approx([40 * CLEAN_SYMBOL] * 3, abs=2)


def test_a_row_of_digits_that_touch_is_no_stain() -> None:
    """It may fill as much of its box as a punched hole does, but is longer."""
    picture = sheet([("27", 60, 160)])
    picture[40:80, 60:220] = 0
    picture[55:65, 70:210:20] = 255
    assert len(layout(Image.fromarray(picture)).lines) == 2


def test_a_page_without_ink_has_no_lines() -> None:
    assert not layout(Image.new("L", (300, 200), 255)).lines
    assert not layout(Image.new("L", (1, 1))).lines


@pytest.mark.parametrize("text", ["1", "111", "-7", "5.", ".5", "1.1-1", "12.5"])
def test_signs_lie_in_the_crop_of_their_line(text: str) -> None:
    picture = sheet([(text, 150, 150)])
    (line,) = layout(Image.fromarray(picture)).lines
    assert holds(line.crop, ink_box(picture), slack=0)


def test_small_numbers_below_large_ones_have_their_own_height() -> None:
    picture = np.concatenate([sheet([("204", 40, 30)], (600, 200), 120), sheet([("17", 40, 10)], (600, 100), 40)])
    large, small = layout(Image.fromarray(picture)).lines
    assert large.height == pytest.approx(132, abs=8)
    assert small.height == pytest.approx(44, abs=4)


def test_digits_far_apart_and_up_and_down_are_one_line_and_digits_below_each_other_are_several() -> None:
    uneven = sheet([("7", 40, 100), ("0", 110, 125), ("4", 190, 90), ("31", 440, 110)])
    assert len(layout(Image.fromarray(uneven)).lines) == 1
    downwards = sheet([("7", 40, 20), ("0", 40, 110), ("4", 40, 200)])
    assert len(layout(Image.fromarray(downwards)).lines) == 3


@pytest.mark.parametrize("times", [1, 2, 4])
@pytest.mark.parametrize("name", ["3", "8", "7 crossed"])
def test_a_small_scan_is_laid_out_alike_at_any_enlargement(name: str, times: int) -> None:
    rng = np.random.default_rng(3)
    pencil = 235 - (255 - draw(DIGITS[name], size=28, brush=0.05, shift=(0.1, -0.1)).astype(np.float64)) * 0.3
    image = Image.fromarray(np.clip(pencil + rng.normal(0, 1, pencil.shape), 0, 255).astype(np.uint8))
    page = layout(image)
    larger = layout(image.resize((28 * times, 28 * times), Image.Resampling.BICUBIC))
    assert page.grey.shape == (LEAST, LEAST)
    (line,), (same,) = page.lines, larger.lines
    assert [edge / times for edge in larger.in_image(same.crop)] == pytest.approx(page.in_image(line.crop), abs=1)


def test_a_close_crop_keeps_the_ink_that_touches_its_edge_and_gets_paper() -> None:
    picture = number("708", 40)
    page = layout(Image.fromarray(picture))
    (line,) = page.lines
    assert holds(line.box, (0, 0, picture.shape[1] / page.scale, picture.shape[0] / page.scale), slack=3)
    part = page.part(line.crop)
    assert part.shape == (line.crop[3] - line.crop[1], line.crop[2] - line.crop[0])
    assert share_of_crop(page) <= 33
    assert (part[0] == part[0, 0]).all(), "paper was added above"


def test_one_line_on_a_textured_ground_is_one_line() -> None:
    y, x = np.mgrid[:56, :200]
    ground = 200 + 25 * np.sin(x / 3 + 2 * np.sin(y / 7)) * np.sin(y / 2.5)
    ink = np.pad(number("3904", 36, 0.12), ((9, 9), (12, 200)), constant_values=255)[:56, :200]
    picture = np.where(ink < 128, 60, ground[: ink.shape[0]]).astype(np.uint8)
    page = layout(Image.fromarray(picture))
    (line,) = page.lines
    assert not page.is_clean
    assert holds(page.in_image(line.crop), ink_box(ink))
    assert 20 <= HEIGHT * 37 / ((line.crop[3] - line.crop[1]) * page.scale) <= 33


@pytest.mark.parametrize("is_photo", [False, True])
@pytest.mark.parametrize("kind", ["ruled", "squared", "framed", "dotted", "underlined", "holes", "border", "dust"])
def test_what_is_no_writing_is_no_line_and_stretches_none(kind: str, is_photo: bool) -> None:
    plain = sheet(LINES)
    picture = plain.copy()
    rng = np.random.default_rng(1)
    if kind in ("ruled", "squared"):
        picture[45::55] = picture[46::55] = 90
    if kind == "squared":
        picture[:, 20::55] = picture[:, 21::55] = 90
    if kind == "framed":
        for left, top in ((40, 35), (40, 145), (40, 255)):
            picture[top : top + 3, left:300] = picture[top + 88 : top + 91, left:300] = 0
            picture[top : top + 91, left : left + 3] = picture[top : top + 91, 297:300] = 0
    if kind == "dotted":
        for row in (125, 235, 345):
            picture[row : row + 2, 40:560:8] = picture[row : row + 2, 41:560:8] = 60
    if kind == "underlined":
        picture[125:128, 40:400] = picture[235:238, 40:400] = 0
    if kind == "holes":
        y, x = np.ogrid[:400, :600]
        for hole in (100, 300):
            picture[(y - hole) ** 2 + (x - 25) ** 2 < 15**2] = 0
    if kind == "border":
        picture[:, -14:] = picture[-8:] = 0
    if kind == "dust":
        for y, x in zip(rng.integers(0, 398, 60), rng.integers(0, 598, 60), strict=True):
            picture[y : y + 2, x : x + 2] = 0
    if is_photo:
        light = np.linspace(1, 0.7, 600)
        picture = np.clip(picture * 0.85 * light + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
    page = layout(Image.fromarray(picture))
    assert len(page.lines) == 3
    for line, (_, left, top) in zip(page.lines, LINES, strict=True):
        assert line.height == pytest.approx(66, abs=8)
        assert line.crop[1] <= top and line.crop[3] >= top + 66
        assert line.crop[0] <= left


def test_a_row_of_a_table_is_one_line() -> None:
    rows = [[("12", 40, 30), ("345", 240, 32), ("6", 460, 28)], [("7", 40, 140), ("80", 460, 142)]]
    picture = sheet([cell for row in rows for cell in row])
    picture[110:112, 20:580] = picture[220:222, 20:580] = 0
    picture[10:222, 200:202] = picture[10:222, 420:422] = 0
    assert len(layout(Image.fromarray(picture)).lines) == 2


@pytest.mark.parametrize("degrees", [-29, -14, -8, 8, 14, 29])
def test_a_page_askew_is_turned_upright(degrees: float) -> None:
    image = Image.fromarray(sheet([("40927", 60, 80), ("5836", 60, 200)]))
    askew = image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    page = layout(askew)
    assert page.turn == pytest.approx(-degrees, abs=2.5)
    assert len(page.lines) == 2


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_places_on_a_turned_page_are_found_in_the_image(quarter_turns: int) -> None:
    picture = sheet([("40927", 60, 80), ("5836", 60, 200)])
    stored = np.rot90(picture, -quarter_turns)
    page = layout(Image.fromarray(np.ascontiguousarray(stored)), quarter_turns)
    assert page.turn == 90 * quarter_turns
    assert len(page.lines) == 2
    assert (page.grey == picture).all()
    left, top, right, bottom = page.in_image(page.lines[0].box)
    part = stored[round(top) : round(bottom), round(left) : round(right)]
    line = page.lines[0].box
    assert (np.rot90(part, quarter_turns) == picture[line[1] : line[3], line[0] : line[2]]).all()


def test_digits_higher_than_wide_are_upright_or_upside_down_and_others_on_their_side() -> None:
    image = Image.fromarray(sheet(LINES))
    assert orientations(layout(image)) == [2]
    assert orientations(layout(image, 2)) == [2]
    assert orientations(layout(image, 1)) == orientations(layout(image, 3)) == [1, 3]
    assert orientations(layout(Image.new("L", (50, 50)))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [((255, 130, 150), (175, 205, 185)), ((170, 0, 0), (0, 86, 0)), ((220, 50, 60), (105, 128, 148))],
)
def test_ink_of_its_papers_brightness_shows(ink: tuple[int, int, int], paper: tuple[int, int, int]) -> None:
    mask = sheet([("409", 60, 50)], (400, 160)) < 128
    image = Image.fromarray(np.where(mask[..., None], ink, paper).astype(np.uint8))
    grey = grey_of(image).astype(np.int64)
    assert abs(int(np.median(grey[mask])) - int(np.median(grey[~mask]))) > 50
    assert len(layout(image).lines) == 1


def test_black_on_white_and_most_colours_are_seen_by_their_luminance() -> None:
    mask = sheet([("409", 60, 50)], (400, 160)) < 128
    image = Image.fromarray(np.where(mask[..., None], (35, 55, 140), (250, 245, 230)).astype(np.uint8))
    assert (grey_of(image) == np.asarray(image.convert("L"))).all()


def test_light_ink_on_dark_above_dark_ink_on_light() -> None:
    rng = np.random.default_rng(2)
    dark = 255 - sheet([("123", 60, 60)], (600, 180))
    picture = np.concatenate([np.clip(dark, 20, 250), np.clip(sheet([("456", 60, 60)], (600, 180)), 10, 240)])
    picture = np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
    assert len(layout(Image.fromarray(picture)).lines) == 2


@pytest.mark.parametrize("is_chalk", [False, True])
def test_shadow_and_grain_are_no_ink(is_chalk: bool) -> None:
    plain = sheet(LINES)
    light = 1 - 0.5 / (1 + np.exp(-(np.arange(600) - 300) / 10))
    grey = np.clip((60 + plain * 0.6) * light + np.random.default_rng(0).normal(0, 3, plain.shape), 0, 255)
    grey = (255 - grey) * 0.8 if is_chalk else grey
    ink, inked = ink_on_paper(grey.astype(np.uint8)) > 0.5, plain < 128
    assert (ink & inked).sum() / (ink | inked).sum() > 0.75
    assert not is_clean(grey.astype(np.uint8), tones_of(grey.astype(np.uint8)))


def test_a_sheet_on_a_table_has_its_lines() -> None:
    pages = [np.pad(number(text), 30, constant_values=255) for text in ("40927", "5836")]
    width = max(page.shape[1] for page in pages)
    pages = [np.pad(page, ((0, 0), (0, width - page.shape[1])), constant_values=255) for page in pages]
    sheets = [
        photographed(pages, np.random.default_rng(seed), Photo(light=0.3, shadow=0.3, table=0.1, blur=0.5, noise=3))
        for seed in range(6)
    ]
    assert [len(layout(image).lines) for image in sheets] == [2] * 6


@pytest.mark.parametrize("is_squared", [False, True])
def test_rules_go_and_strokes_that_cross_them_stay(is_squared: bool) -> None:
    ink = ((255 - sheet(LINES)) / 255).astype(np.float32)
    ruled = ink.copy()
    ruled[25::45] = ruled[26::45] = 0.7
    if is_squared:
        ruled[:, 25::45] = ruled[:, 26::45] = 0.7
    cleaned = without_rules(ruled, 6)
    assert ((cleaned > 0.5) & (ink < 0.1)).sum() < 0.03 * ((ruled > 0.5) & (ink < 0.1)).sum()
    assert ((cleaned > 0.5) & (ink > 0.5)).sum() > 0.97 * (ink > 0.5).sum()
    assert (without_rules(ink, 6) == ink).all()


@pytest.mark.parametrize("degrees", [-25, -3, 5, 20])
def test_the_turn_is_told_by_ruled_lines(degrees: float) -> None:
    ink = ((255 - sheet(LINES)) / 255).astype(np.float32)
    assert ruled_turn(ink) == 0
    ink[25::45] = ink[26::45] = 0.8
    assert ruled_turn(turned(ink, degrees)) == pytest.approx(-degrees, abs=0.3)


@pytest.mark.parametrize("shape", [(10, 1500), (1500, 10), (2, 60), (1, 1), (1, 3000)])
def test_a_strip_of_paper_is_laid_out_too(shape: tuple[int, int]) -> None:
    for strip in (np.full(shape, 255, np.uint8), np.random.default_rng(0).integers(0, 256, shape, np.uint8)):
        strip[shape[0] // 2] = 0
        page = layout(Image.fromarray(strip))
        assert all(page.part(line.crop).size for line in page.lines)


@settings(max_examples=40)
@given(
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "F", "CMYK"]),
    st.integers(0, 3),
    st.integers(0, 2**32 - 1),
)
def test_any_picture_has_a_layout_whose_lines_lie_on_its_page(
    size: tuple[int, int], mode: str, quarter_turns: int, seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, size[::-1]).astype(np.uint8)
    image = Image.fromarray(noise.astype(np.uint16)) if mode == "I;16" else Image.fromarray(noise).convert(mode)
    page = layout(image, quarter_turns)
    height, width = page.grey.shape
    assert page.ink.shape == page.grey.shape
    for line in page.lines:
        assert holds((0, 0, width, height), line.box, slack=0)
        assert line.crop[0] <= line.box[0] < line.box[2] <= line.crop[2]
        assert line.crop[1] <= line.box[1] < line.box[3] <= line.crop[3]


def test_real_cheque_amounts_are_one_line(shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "real" / "cheque-amounts" / "images.zip") as images:
        names = [name for name in images.namelist() if name.endswith(".jpg")][:20]
        found = []
        for name in names:
            with images.open(name) as file:
                found.append(len(layout(Image.open(file)).lines))
    assert found == [1] * 20


def test_what_is_drawn_at_the_pads_edge_stays() -> None:
    picture = sheet([("1", 0, 100), ("40", 60, 100)], (280, 280))
    page = layout(Image.fromarray(picture))
    (line,) = page.lines
    assert holds(line.box, ink_box(picture))
    assert (page.ink[:, :10] > 0.5).any()


@pytest.mark.parametrize("size", [280, 350, 560])
def test_a_stroke_by_itself_is_no_rule_however_long_it_is(size: int) -> None:
    page = layout(Image.fromarray(draw([[500, 900, 500, 100]], size=size, brush=0.025)))
    (line,) = page.lines
    assert line.height > 0.75 * size


@pytest.mark.parametrize("x", [150, 425, 520])
def test_a_long_stroke_beside_a_small_number_costs_it_no_digit(x: int) -> None:
    page = sheet([("4836", 200, 180)], height=30)
    written = ink_box(page)
    page[10:390, x : x + 4] = 0
    lines = layout(Image.fromarray(page), is_drawn=True).lines
    (line,) = (line for line in lines if line.height < 100)
    assert holds(line.box, written)


@pytest.mark.parametrize("is_dusty", [False, True])
def test_specks_above_a_line_are_dust_where_there_are_many_and_points_stay(is_dusty: bool) -> None:
    page = sheet([("3.14", 200, 200)])
    page[180:185, 230:235] = 0
    if is_dusty:
        for x in range(30, 570, 60):
            page[20 + x // 5 : 24 + x // 5, x : x + 4] = 0
    (line,) = layout(Image.fromarray(page)).lines
    left, top, right, bottom = ink_box(number("3.14"))
    assert line.box[0::2] == (200 + left, 200 + right)
    assert line.box[1::2] == ((200 if is_dusty else 180) + top, 200 + bottom)
    assert layout(Image.fromarray(page)).ink[180:185, 230:235].any() != is_dusty


def test_a_stain_of_specks_breaks_nothing() -> None:
    """Those above each other pass for one tall symbol, and none of them is large beside it."""
    page = sheet([])
    rng = np.random.default_rng(1)
    for x, y in [*rng.integers(40, 150, (100, 2)).tolist(), *rng.integers(10, 380, (60, 2)).tolist()]:
        page[y : y + 4, x : x + 4] = 0
    layout(Image.fromarray(page))
