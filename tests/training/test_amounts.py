import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training import amounts
from training.lines import IGNORED, batch

WRITTEN = "4071"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one amount, of blocks in the place of digits, and one whose boxes are too few."""
    image = Image.new("L", (150, 60), 200)
    boxes = [[10 + 33 * n, 12, 20, 34 - 5 * n] for n in range(len(WRITTEN))]
    for left, top, width, height in boxes:
        ImageDraw.Draw(image).rectangle((left, top, left + width - 1, top + height - 1), fill=20)
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as images:
        for name in ("a.png", "b.png"):
            with images.open(name, "w") as file:
                image.save(file, "PNG")
    (tmp_path / "labels.tsv").write_text(f"file\tlabel\na.png\t{WRITTEN}\nb.png\t{WRITTEN}\n")
    (tmp_path / "boxes.json").write_text(json.dumps({"a.png": boxes, "b.png": boxes[:2]}))
    return tmp_path


def test_an_amount_whose_boxes_are_not_its_digits_is_left_out(folder: Path) -> None:
    (amount,) = amounts.amounts(folder)
    assert amount.digits == WRITTEN
    assert amount.boxes[0].tolist() == [10, 12, 30, 46]


def test_there_are_none_where_there_is_no_folder(tmp_path: Path) -> None:
    assert amounts.amounts(tmp_path / "none") == []


def test_boxes_stay_on_the_digits(folder: Path) -> None:
    (amount,) = amounts.amounts(folder)
    rng = np.random.default_rng(0)
    for line in amounts.lines(amount, rng, 40):
        assert line.grey.shape[0] == 40
        assert line.grey.shape[1] % 4 == 0
        assert list(line.classes) == [4, 0, 7, 1]
        for left, top, right, bottom in line.boxes:
            x, y = round((left + right) / 2), round((top + bottom) / 2)
            if 0 <= x < line.grey.shape[1] and 0 <= y < 40 and np.ptp(line.grey) > 60:
                is_inverted = np.median(line.grey) < line.grey.mean() - 5
                assert is_inverted or line.grey[y, x] <= np.median(line.grey)


def test_what_stands_beside_the_digits_is_not_known(folder: Path) -> None:
    (amount,) = amounts.amounts(folder)
    made = batch(amounts.lines(amount, np.random.default_rng(1), 3))
    assert not made.has_signs.any()
    assert set(np.unique(made.frames)) <= {4, 0, 7, 1, IGNORED, 17}
    for row in range(3):
        assert [number for number in made.frames[row] if number < 10] == [4, 0, 7, 1]


def test_amounts_that_say_the_same_are_in_one_fold() -> None:
    assert amounts.fold_of("10000") == amounts.fold_of("10000")
    assert {amounts.fold_of(str(n)) for n in range(100)} == set(range(amounts.FOLDS))
