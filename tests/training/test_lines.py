from pathlib import Path

import numpy as np
import pytest

from digitpad.line import BLANK, HEIGHT, OTHER, STRIDE, SYMBOLS
from tests.training.conftest import write_symbols
from training import lines, paper
from training.styles import OTHERS, SIGNS, STYLED, is_whole, placed_sign, sign, styled


@pytest.fixture
def made_of(folder: Path) -> lines.Sources:
    write_symbols(folder / "ink/digits_train.jsonl.gz", "0123456789" * 30, writers=7)
    write_symbols(folder / "ink/nondigits_train.jsonl.gz", "aEm.,-/:+SZ" * 12, writers=30)
    return lines.sources(folder)


def test_lines_are_as_the_reader_takes_them(made_of: lines.Sources) -> None:
    rng = np.random.default_rng(1)
    said = []
    for _ in range(150):
        for made in lines.lines(made_of, rng, 2):
            assert made.grey.shape[0] == HEIGHT
            assert made.grey.shape[1] % 4 == 0
            assert made.grey.dtype == np.uint8
            assert len(made.classes) == len(made.boxes)
            # Equal neighbours need a blank frame between them.
            assert made.grey.shape[1] / STRIDE >= 2 * len(made.classes)
            middles = made.boxes[:, [0, 2]].mean(axis=1)
            assert (np.diff(middles) >= 0).all()
            said.append("".join(SYMBOLS[c] for c in made.classes))
    assert set(SYMBOLS) <= set("".join(said))
    assert "" in said, "some lines are bare paper"


def test_the_same_ink_comes_on_several_papers(made_of: lines.Sources) -> None:
    one, other = lines.lines(made_of, np.random.default_rng(3), 2)
    assert one.classes == other.classes
    assert (one.boxes == other.boxes).all()
    assert (one.grey != other.grey).any()


def test_a_batch_names_the_middles_of_symbols(made_of: lines.Sources) -> None:
    rng = np.random.default_rng(2)
    some = [lines.lines(made_of, rng)[0] for _ in range(40)]
    together = lines.batch(some)
    assert together.pictures.dtype == np.float32
    for row, made in enumerate(some):
        assert together.lengths[row] == len(made.classes)
        frames = together.frames[row]
        named = np.flatnonzero((frames != BLANK) & (frames != lines.IGNORED))
        assert set(frames[named]) <= set(made.classes)
        for frame in named:
            left, top, right, bottom = together.extents[row, frame]
            x, y = (frame + 0.5) * STRIDE, HEIGHT / 2
            box = np.array([x - left, y - top, x + right, y + bottom])
            assert np.abs(made.boxes - box).sum(axis=1).min() < 1e-3


def test_who_is_kept_back_is_never_learned_from(folder: Path) -> None:
    write_symbols(folder / "ink/digits_train.jsonl.gz", "0123456789" * 90, writers=49)
    seen, unseen = lines.sources(folder), lines.sources(folder, validation=True)
    assert len(seen.hands) + len(unseen.hands) == 49


@pytest.mark.parametrize("label", STYLED)
def test_styled_digits_are_strokes_about_one_high(label: str) -> None:
    for seed in range(20):
        points = np.concatenate(styled(label, np.random.default_rng(seed)))
        assert points.shape[1] == 2
        assert 0.7 < np.ptp(points[:, 1]) < 1.7


@pytest.mark.parametrize("label", SIGNS + OTHERS)
def test_signs_stand_on_or_about_the_line(label: str) -> None:
    for seed in range(20):
        points = np.concatenate(sign(label, np.random.default_rng(seed)))
        assert points[:, 1].min() > -0.5
        assert points[:, 1].max() < 1.6


@pytest.mark.parametrize("label", SIGNS)
def test_signs_in_ink_are_brought_to_their_size(label: str) -> None:
    ink = [np.array([(0.0, 0.0), (500.0, 400.0)])]
    points = np.concatenate(placed_sign(label, ink, np.random.default_rng(0)))
    assert np.ptp(points, axis=0).max() < 1.4


@pytest.mark.parametrize("label", SIGNS)
def test_drawn_signs_are_whole(label: str) -> None:
    assert all(is_whole(label, sign(label, np.random.default_rng(seed))) for seed in range(100))


def test_parts_of_signs_are_not_whole() -> None:
    dot, dash = np.array([(0.0, 0.0)]), np.array([(0.0, 0.0), (1.0, 0.0)])
    assert not is_whole(":", [dot])
    assert not is_whole(":", [dot, dash]), "side by side"
    assert not is_whole("+", [dash])
    assert not is_whole("/", [np.array([(0.0, 0.0), (1.0, 1.0)])]), "a backslash"


def test_slashes_lean_to_the_right_in_any_hand(made_of: lines.Sources) -> None:
    hand = made_of.hands[0]
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for slant in (-0.4, 0.0, 1.0):
            made = lines._glyph("/", hand, {}, made_of, 25, 2, slant, rng)
            points = np.concatenate(made.strokes)
            assert points[points[:, 1].argmin(), 0] > points[points[:, 1].argmax(), 0]


def test_pencil_is_as_dark_in_a_coarse_picture_as_it_is_meant_to_be() -> None:
    cover = np.zeros((HEIGHT, 80), np.float32)
    cover[5:35, 40] = 0.8
    for seed in range(20):
        rng = np.random.default_rng(seed)
        plane = 1 - np.float32(0.4) * paper.pressed(cover, 0.5, rng)
        picture = paper.coarse(plane, 0.5, 255.0, rng)
        assert picture.shape == cover.shape
        assert 110 < picture.min() < 215
        assert np.median(picture) == 255


def test_neighbours_that_overlap_keep_their_order(made_of: lines.Sources) -> None:
    hand = made_of.hands[0]
    for seed in range(60):
        rng = np.random.default_rng(seed)
        habits = {"1": None, "8": None, "7": None}
        for pair in ("11", "8,", "71", "7."):
            slant = rng.uniform(0, 1)
            before, after = (lines._glyph(c, hand, habits, made_of, 25, 2, slant, rng) for c in pair)
            after.move(lines._beside(before, after, 2, slant, -6), 0)
            assert after.box[[0, 2]].mean() - before.box[[0, 2]].mean() >= 2 * STRIDE - 1e-6


def test_what_is_small_is_not_made_coarser_than_can_be_read() -> None:
    boxes = np.array([(4.0, 10.0, 9.0, 20.0)])
    assert all(lines._kept(boxes, (0.3, 0.8), np.random.default_rng(seed)) >= 0.8 for seed in range(20))


def test_letters_are_something_else() -> None:
    said = "".join(lines.content(np.random.default_rng(seed)) for seed in range(400))
    assert "a" in said
    assert all(character in SYMBOLS or OTHER for character in said)
