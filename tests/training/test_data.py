from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tests.training.conftest import IMAGES, LABELS, RNG, write_idx
from tools.browser.digits import DIGITS
from training import broken, data
from training.drawn import DRAWN, drawn
from training.gather import STYLED_SHARE, gather
from training.ink import draw, draw_alone


def test_idx_files_are_read(tmp_path: Path) -> None:
    array = RNG.integers(0, 256, (3, 5, 7), np.uint8)
    write_idx(tmp_path / "array.gz", array)
    np.testing.assert_array_equal(data.read_idx(tmp_path / "array.gz"), array)


def test_no_writer_is_both_seen_and_unseen(folder: Path) -> None:
    gathered = gather(folder, folder.parent / "cache")
    digits = list(data.read_symbols(folder / "ink/digits_train.jsonl.gz"))
    assert len(digits) == 60, "a symbol without a point is passed over"
    unseen = [symbol for symbol in digits if data.is_validation(symbol.writer)]
    assert 0 < len(unseen) < len(digits)
    assert len(gathered.unseen_digits) == len(unseen)
    assert not {s.writer for s in unseen} & {s.writer for s in digits if s not in unseen}


def test_what_is_kept_back_is_learned_nowhere(folder: Path) -> None:
    gathered = gather(folder, folder.parent / "cache")
    assert len(gathered.mnist_kept_back) == len(IMAGES) // 7
    assert len(gathered.usps_kept_back) == len(LABELS) // 7
    for learned, kept_back in (
        (gathered.mnist, gathered.mnist_kept_back),
        (gathered.usps, gathered.usps_kept_back),
    ):
        assert len(learned) + len(kept_back) == len(LABELS)
        np.testing.assert_array_equal(np.r_[learned.labels, kept_back.labels], LABELS)


def test_mnist_is_split_by_writer_where_they_are_known(folder: Path) -> None:
    assert data.mnist_writers(folder) is None
    path = folder / "real" / "mnist-writers" / "qmnist_labels.npz"
    path.parent.mkdir(parents=True)
    columns = np.zeros((len(LABELS), 8), np.int32)
    columns[:, 2] = np.arange(len(LABELS)) // 2
    np.savez(path, train=columns)
    writers = data.mnist_writers(folder)
    assert writers
    assert writers[:3] == ["mnist/0", "mnist/0", "mnist/1"]
    is_kept_back = np.array([data.is_validation(writer) for writer in writers])
    assert 0 < is_kept_back.sum() < len(LABELS)
    gathered = gather(folder, folder.parent / "cache")
    np.testing.assert_array_equal(gathered.mnist_kept_back.labels, LABELS[is_kept_back])
    np.testing.assert_array_equal(gathered.mnist.labels, LABELS[~is_kept_back])


def test_broken_samples_teach_nothing_and_choose_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gather(folder, folder.parent / "cache")
    assert len(whole.sound_digits) == len(whole.unseen_digits)
    monkeypatch.setattr(broken, "is_broken", lambda symbol: symbol.label == "4")
    gathered = gather(folder, folder.parent / "other cache")
    drawn = round(STYLED_SHARE * (len(gathered.digits) / (1 + STYLED_SHARE)))
    assert 4 not in gathered.digits.labels[:-drawn]
    assert 4 not in gathered.sound_digits.labels
    np.testing.assert_array_equal(gathered.unseen_digits.labels, whole.unseen_digits.labels)


@pytest.mark.parametrize("label", DRAWN)
def test_digits_in_other_styles_are_whole(label: str) -> None:
    rng = np.random.default_rng(int(label))
    for _ in range(50):
        strokes, _ = drawn(label, rng)
        flat = [points.ravel().tolist() for points in strokes]
        assert not broken.is_broken(data.Symbol(label, "me", flat))
        if label == "8":
            points = strokes[0]
            assert np.hypot(*(points[0] - points[-1])) > 0.1, "open at its top"
            assert max(points[0, 1], points[-1, 1]) < 0.4


def test_so_many_digits_are_drawn_in_other_styles() -> None:
    glyphs = data.styled(100, seed=1)
    assert glyphs.images.shape == (100, 28, 28)
    assert {str(label) for label in glyphs.labels} == set(DRAWN)
    assert glyphs.images.reshape(100, -1).max(axis=1).min() > 200


def test_usps_is_read_with_its_ink_high(folder: Path) -> None:
    glyphs = data.usps(folder / "usps/zip.train.gz")
    assert glyphs.images.shape == (len(LABELS), 16, 16)
    np.testing.assert_array_equal(glyphs.labels, LABELS)
    np.testing.assert_allclose(glyphs.images[3], 255 - draw(list(DIGITS.values())[3], size=16, brush=0.1), atol=1)


def test_a_pose_decides_where_a_symbol_stands_but_not_how_it_is_seen() -> None:
    symbols = [data.Symbol(name[0], name, strokes) for name, strokes in DIGITS.items()]
    here = data.posed(symbols, data.Pose(size=0.3, x=0.2, y=0.8)).images.astype(int)
    there = data.posed(symbols, data.Pose(size=0.3, x=0.7, y=0.3)).images.astype(int)
    assert np.abs(here - there).mean() < 3
    turned = data.posed(symbols, data.Pose(size=0.3, turn=30)).images.astype(int)
    assert np.abs(here - turned).mean() > 10


def test_look_alikes_are_not_taught_as_non_digits(folder: Path) -> None:
    gathered = gather(folder, folder.parent / "cache")
    others = [s for s in data.read_symbols(folder / "ink/nondigits_train.jsonl.gz") if s.label in "aEm"]
    assert len(gathered.unseen_non_digits) == sum(data.is_validation(s.writer) for s in others)
    assert (gathered.unseen_non_digits.labels == data.NOT_A_DIGIT).all()


def test_what_was_gathered_is_kept_and_is_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = gather(folder, folder.parent / "cache")
    capsys.readouterr()
    second = gather(folder, folder.parent / "cache")
    assert "Normalised data: " in capsys.readouterr().out
    np.testing.assert_array_equal(first.digits.images, second.digits.images)
    np.testing.assert_array_equal(first.digits.labels, second.digits.labels)


def test_without_a_data_folder_mnist_comes_from_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = SimpleNamespace(load_data=lambda: ((IMAGES, LABELS), (IMAGES[:5], LABELS[:5])))
    monkeypatch.setattr(keras.datasets, "mnist", fetched)
    gathered = gather(tmp_path / "nothing", tmp_path / "cache")
    assert len(gathered.mnist) + len(gathered.mnist_kept_back) == len(IMAGES)
    assert gathered.mnist_test.labels.tolist() == LABELS[:5].tolist()
    assert len(gathered.unseen_digits) == 0


def test_ink_is_drawn_where_and_as_wide_as_it_was_asked_for() -> None:
    dark = draw([[500, 100, 500, 900]], size=200, brush=0.05) < 128
    columns = np.flatnonzero(dark.any(axis=0))
    rows = np.flatnonzero(dark.any(axis=1))
    assert (columns[0] + columns[-1] + 1) / 2 == pytest.approx(100, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(10, abs=1)
    assert np.ptp(rows) + 1 == pytest.approx(170, abs=2)
    alone = draw_alone([[500, 100, 500, 900]], longest=80, brush=0.1) < 128
    assert np.ptp(np.flatnonzero(alone.any(axis=1))) + 1 == pytest.approx(88, abs=2)
