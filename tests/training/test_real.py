import io
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from digitpad import onnx
from digitpad.line import Lines
from digitpad.onnx import READER
from digitpad.reading import Networks
from tools.browser.digits import DIGITS
from training import real
from training.amounts import FOLDS, fold_of
from training.compose import SPACED, compose
from training.data import Symbol
from training.real import Answer, Measure, Outcome, Picture, Reader, RealSet, Result


def pad(text: str) -> Image.Image:
    symbols = [Symbol(digit, "me", DIGITS[digit]) for digit in text]
    number = compose(symbols, [SPACED] * (len(text) - 1), 60, 0.08, np.random.default_rng(0))
    return Image.fromarray(number.page())


def write_set(folder: Path, labels: dict[str, str], shown: dict[str, str] | None = None) -> None:
    folder.mkdir(parents=True)
    (folder / "labels.tsv").write_text("file\tlabel\n" + "".join(f"{f}\t{label}\n" for f, label in labels.items()))
    with zipfile.ZipFile(folder / "images.zip", "w") as images:
        for file, label in (shown or labels).items():
            content = io.BytesIO()
            pad(label).save(content, "PNG")
            images.writestr(file, content.getvalue())


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, path in (("REPORT", tmp_path / "REAL.md"), ("FIGURE", tmp_path / "figures" / "real.png")):
        monkeypatch.setattr(real, name, path)
    for name in ("rapidocr", "tesseract"):
        monkeypatch.setitem(real.READERS, name, list)
    monkeypatch.setattr(real, "STATES", tmp_path / "states")
    (tmp_path / "states").mkdir()
    for name in ("synthetic", *(f"fold-{fold}" for fold in range(FOLDS))):
        (tmp_path / "states" / f"{name}.onnx").symlink_to(READER)
    data = tmp_path / "data"
    write_set(data / "real/cheque-amounts", {"a.png": "47", "b.png": "203", "c.png": "58"})
    write_set(data / "real/clinic-cells", {"a.png": "47", "b.png": "9"}, {"a.png": "47", "b.png": "3"})
    write_set(data / "real/exam-digits", {"a.png": "7"})
    cases = tmp_path / "cases"
    cases.mkdir()
    pad("24").save(cases / "pad.png")
    pad("35").save(cases / "other.png")
    (cases / "cases.tsv").write_text("file\tright\npad.png\t24 or 2 4\nother.png\t-35\n")
    return data


def outcome(label: str, text: str, file: str = "a.png", confidence: float = 0.5) -> Outcome:
    return Outcome(Picture(file, label, Image.new("L", (9, 9))), Answer(text, 2.0, confidence))


def test_what_counts_as_the_same() -> None:
    assert real.digits("$ 1.234,5-") == "12345"
    assert real.plain(" 1 2,5\n-") == real.plain("12.5-") == "12.5-"
    assert outcome("12.5", "1,25").errors == 0
    assert outcome("125", "s12").errors == 1


@pytest.mark.parametrize(
    ("right", "text", "is_right"),
    [
        ("12.5", "12.5", True),
        ("12.5", "12,5", False),
        ("1 1 1", "111", False),
        ("123|456", "123\n456", True),
        ("123|456", "123 456", False),
        ("917 or ? 917 or ??? 917", "? 917", True),
        ("917 or ? 917 or ??? 917", "?917", False),
        ("1?234 or 1'234", "1'234", True),
        (real.THREE_NUMBERS, "70429\n3158\n926", True),
        (real.THREE_NUMBERS, "70429\n3158\n926\n1", False),
        (real.BESIDE_LABELS, "??? 70429\n??: 3158\n? 926\n? ? 48810", True),
        (real.BESIDE_LABELS, "??? 70429\n??: 3158\n?926\n? ? 48810", False),
        (real.BESIDE_LABELS, "70429\n3158\n926\n48810", False),
        ("12|34" + real.BELOW_A_HEADING, "?? 2024-118\n12\n34", True),
        ("12|34" + real.BELOW_A_HEADING, "12\n34", False),
        ("12|34" + real.BELOW_A_HEADING, "?? 12\n34", False),
    ],
)
def test_what_is_right_for_a_case(right: str, text: str, is_right: bool) -> None:
    assert real.is_right(right, text, Path("unread.png")) == is_right


def test_an_unknown_kind_of_case_is_an_error() -> None:
    with pytest.raises(ValueError, match="No check is known"):
        real.is_right("some numbers", "12", Path("unread.png"))


@pytest.mark.parametrize(("row", "is_right"), [(",24,31", True), ("24,31,", False)])
def test_the_first_cell_of_a_table_s_second_row_is_to_be_empty(
    row: str, is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = f"file,number 1,number 2,number 3\na.png,12,345,67\na.png,{row}\n"
    monkeypatch.setattr("digitpad.__main__.main", lambda arguments: print(printed, end=""))
    right = "12 345 67|24 31" + real.WITH_AN_EMPTY_CELL
    assert real.is_right(right, "12 345 67\n24 31", Path("a.png")) == is_right
    assert not real.is_right(right, "12 345 67\n24\n31", Path("a.png"))


def test_the_shell_s_table_of_one_line_has_no_empty_cell(tmp_path: Path) -> None:
    pad("24").save(tmp_path / "pad.png")
    assert not real.has_an_empty_cell(tmp_path / "pad.png")


def test_each_picture_is_in_one_half_and_always_the_same() -> None:
    outcomes = [outcome("1", "1", f"{n}.png") for n in range(200)]
    choose, report = (real.in_half(half, outcomes) for half in real.HALVES)
    assert sorted(map(id, [*choose, *report])) == sorted(map(id, outcomes))
    assert 60 < len(choose) < 140
    assert real.in_half("choose", outcomes[::-1]) == choose[::-1]


def test_the_table_and_the_worst_errors() -> None:
    of = RealSet(
        "cells", "cells", [Measure("cells, text", real.plain, 0.82), Measure("cells, digits", real.digits, 0.88)]
    )
    reader = Reader("Digitpad", 1.0, lambda pictures, of: [])
    outcomes = [outcome("1.5", "1,5"), outcome("15", "1.5"), outcome("12", "13", confidence=0.9), outcome("7", "")]
    result = Result(of, reader, outcomes)
    assert real.table([result]).splitlines()[2:] == [
        "| cells, text | Digitpad | 25.0% of 4 | 4.6% … 69.9% | ≥ 82 % | 28.6% | 2.0 |",
        "| cells, digits | Digitpad | 50.0% of 4 | 15.0% … 85.0% | ≥ 88 % | 28.6% | 2.0 |",
    ]
    assert [o.caption for o in result.wrong()] == ["12 → 13", "15 → 1.5", "7 → nothing"]
    assert "no data" in real.table([Result(of, reader, [])])


def test_pictures_come_out_of_the_zip_file_and_are_enlarged(data: Path) -> None:
    folder = data / "real/cheque-amounts"
    own, large = real.pictures(folder), real.pictures(folder, 4)
    assert [(p.file, p.label) for p in own] == [("a.png", "47"), ("b.png", "203"), ("c.png", "58")]
    assert all(
        (b.image.width, b.image.height) == (4 * a.image.width, 4 * a.image.height)
        for a, b in zip(own, large, strict=True)
    )


def test_rapidocr_is_restricted_before_it_decodes() -> None:
    class Decoder:
        character = ("blank", "5", "s", "?")

        def __call__(self, probabilities: np.ndarray, scale: float) -> list[int]:
            return (scale * probabilities).argmax(axis=2)[0].tolist()

    frames = np.array([[[0.1, 0.3, 0.6, 0], [0.5, 0, 0.5, 0], [0.2, 0.1, 0, 0.7]]], np.float32)
    assert Decoder()(frames, scale=1) == [2, 0, 3]
    assert real.restricted(Decoder())(frames, scale=1) == [1, 0, 0]


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_tesseract_reads_a_set_at_once() -> None:
    (reader,) = real.tesseract()
    images = pad("2357"), Image.new("L", (60, 60), 255)
    answers = reader.read([Picture("", "", image) for image in images], RealSet("numbers", "", []))
    assert len(answers) == 2
    assert re.fullmatch("[0-9]+", answers[0].text)
    assert answers[1].text == ""


def test_the_report_has_every_figure_and_its_picture(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real.main(["--data", str(data)])
    printed, report = capsys.readouterr().out, real.REPORT.read_text()
    assert "left out: rapidocr, tesseract" in printed
    assert "left out: rapidocr, tesseract" in report
    assert "canvas-digits/images.zip: canvas digits are left out" in printed
    for measure, goal in (("cheque amounts, digits", "94"), ("exam digits, enlarged 4 times", "97")):
        assert re.search(rf"^\| {measure} \| Digitpad \| 100.0% of \d .* ≥ {goal} % \| 0.0% \|", report, re.MULTILINE)
    assert "| clinic cells, text | Digitpad | 50.0% of 2 |" in report
    assert "| pad.png | 24 or 2 4 | 24 | right |" in report
    assert "| other.png | -35 | 35 | **wrong** |" in report
    assert "1 of 2 are right" in report
    assert "clinic cells: `b.png` 9 → 3." in report
    assert Image.open(real.FIGURE).size > (200, 200)


def test_what_was_learned_from_is_read_by_networks_that_have_not(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def networks(*, reader: Path = READER) -> Networks:
        found = onnx.networks(reader=reader)

        async def read_lines(pictures: NDArray[np.float32]) -> Lines:
            asked.append(reader.stem)
            return await found.read_lines(pictures)

        return Networks(found.classify, read_lines)

    monkeypatch.setattr("training.real.networks", networks)
    real.main(["--data", str(data), "--only", "cheque", "--reader", "ours"])
    assert set(asked) == {"synthetic", *(f"fold-{fold_of(label)}" for label in ("47", "203", "58"))}
    real.main(["--data", str(data), "--only", "clinic", "--reader", "ours"])
    assert READER.stem in asked

    (real.STATES / "fold-3.onnx").unlink()
    capsys.readouterr()
    real.main(["--data", str(data), "--only", "cheque", "--reader", "ours"])
    printed = capsys.readouterr().out
    assert "`make cross-validate` was not run" in printed
    assert "| Digitpad |" not in printed


def test_one_set_is_just_printed_by_halves(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real.main(["--data", str(data), "--only", "cheque", "--reader", "ours", "--validation"])
    printed = capsys.readouterr().out
    found = re.findall(r"\| cheque amounts, digits, (choose|report) \| Digitpad \| (?:100.0% of (\d)|no data)", printed)
    assert [half for half, _ in found] == ["choose", "report"]
    assert sum(int(count or 0) for _, count in found) == 3
    assert "clinic" not in printed
    assert not real.REPORT.exists()


def test_the_cases_are_just_printed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real.main(["--data", str(data), "--only", "cases"])
    assert "cases: 1 of 2 right" in capsys.readouterr().out


def test_a_folder_without_real_pictures_gives_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        real.main(["--data", str(tmp_path / "nowhere")])
    assert "there are no such real pictures in" in capsys.readouterr().err
