from dataclasses import replace

import numpy as np
import pytest

from tools.browser.digits import DIGITS
from training.compose import SPACED, compose
from training.data import Symbol
from training.photo import DISTURBANCES, Photo, any_photo, only, photographed

SYMBOLS = [Symbol(name[0], "me", strokes) for name, strokes in DIGITS.items()]


def page(count: int = 3, height: float = 60) -> np.ndarray:
    return compose(SYMBOLS[:count], [SPACED] * (count - 1), height, 0.1, np.random.default_rng(0)).page()


def grey(photo: Photo | None, seed: int = 0, pages: int = 1) -> np.ndarray:
    taken = photographed([page()] * pages, np.random.default_rng(seed), photo)
    assert taken.mode == "RGB"
    return np.asarray(taken.convert("L"), float)


@pytest.mark.parametrize("name", DISTURBANCES)
def test_each_disturbance_changes_the_photo_and_leaves_it_readable(name: str) -> None:
    # Where the ink is does not change, but by the tilt and the room for the table: those must only have contrast.
    clean = grey(Photo())
    for seed in range(5):
        photo = only(name, np.random.default_rng(seed))
        taken = grey(photo)
        assert taken.shape != clean.shape or np.abs(taken - clean).mean() > 0.05
        if taken.shape == clean.shape:
            ink, paper = np.median(taken[clean < 60]), np.median(taken[clean > 220])
            assert abs(paper - ink) > 60
            assert (ink > paper) == (name == "chalk on a blackboard")
        else:
            assert np.ptp(np.percentile(taken, [2, 98])) > 60


def test_any_photo_has_each_disturbance_about_as_often_as_is_said() -> None:
    rng = np.random.default_rng(0)
    photos = [any_photo(rng) for _ in range(1000)]
    for share, count in (
        (0.6, sum(photo.shadow > 0 for photo in photos)),
        (0.25 * 0.9, sum(photo.squared for photo in photos)),
        (0.25 * 0.9, sum(photo.ruled and not photo.squared for photo in photos)),
        (0.25 * 0.9, sum(photo.table > 0 for photo in photos)),
        (0.1, sum(sum(photo.paper) < sum(photo.ink) for photo in photos)),
    ):
        assert count / 1000 == pytest.approx(share, abs=0.04)
    assert all(abs(photo.tilt) <= 10 and 40 <= photo.quality <= 95 for photo in photos)


def test_a_seed_repeats_itself() -> None:
    np.testing.assert_array_equal(grey(None, 1), grey(None, 1))
    assert grey(None, 1).shape != grey(None, 2).shape


def test_a_photo_keeps_the_writings_size_and_holds_all_of_it() -> None:
    written = page()
    for seed, tilt in enumerate((-10, 0, 10)):
        taken = grey(Photo(paper=(255, 255, 255), ink=(0, 0, 0), tilt=tilt), seed)
        assert taken.shape[0] > written.shape[0]
        assert taken.shape[1] > written.shape[1]
        assert (255 - taken)[taken < 200].sum() == pytest.approx((255.0 - written)[written < 200].sum(), rel=0.05)
        assert np.r_[taken[0], taken[-1], taken[:, 0], taken[:, -1]].min() > 200


def test_a_table_covers_no_ink() -> None:
    colour = (0, 0, 255)
    for seed in range(8):
        taken = np.asarray(
            photographed(page(), np.random.default_rng(seed), Photo(table=0.1, table_colour=colour, tilt=5)), float
        )
        table = (taken[..., 2] > 200) & (taken[..., 0] < 80)
        assert 0.05 < table.mean() < 0.12
        ink = taken.max(axis=2) < 100
        assert ink.sum() == pytest.approx((page() < 100).sum(), rel=0.1)


def test_pages_stand_below_each_other() -> None:
    for pages in (1, 3):
        rows = (grey(Photo(), pages=pages) < 128).any(axis=1)
        assert np.count_nonzero(np.diff(rows.astype(int)) == 1) == pages


def test_an_empty_page_is_a_photo_of_paper() -> None:
    taken = photographed(np.full((40, 60), 255, np.uint8), np.random.default_rng(0), replace(Photo(), ruled=True))
    assert np.asarray(taken).min() > 100
