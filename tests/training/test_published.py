"""Small samples in the formats in which the data was published, made up here."""

from pathlib import Path

import pytest

from training import published
from training.gather import digits, non_digits

PEN_DIGITS = """\
.INCLUDE dene.doc
.LEXICON "0" "1" "2"
.HIERARCHY DIGIT

.SEGMENT DIGIT 0 ? "1"
.COMMENT 1 7 22
.PEN_DOWN
 250  400
 250  100
.PEN_UP
.DT 100
.SEGMENT DIGIT 1-2 ? "4"
.COMMENT 4 8 23
.PEN_DOWN
 100 450
 100 250
 400 250
.PEN_UP
.DT 100
.PEN_DOWN
 300 400
 300 50
.PEN_UP
.DT 100
"""

STROKES = """\
.WRITER_ID Ada_L
.STYLE PRINTED
.PEN_DOWN
\t0\t0
\t0\t100
.PEN_UP
.PEN_DOWN
 10 0 12 512
 60 0 14 512
 60 100 16 512
.PEN_UP
.PEN_DOWN
 5 5
.PEN_UP
"""


def test_uci_digits_keep_their_place_and_their_writer(tmp_path: Path) -> None:
    path = tmp_path / "pendigits-orig.tra"
    path.write_text(PEN_DIGITS)
    one, four = published.pen_digits(path)
    assert (one.label, one.writer) == ("1", "pendigits-train/7")
    assert list(one.strokes) == [[500, 200, 500, 800]]
    assert (four.label, four.writer, len(four.strokes)) == ("4", "pendigits-train/8", 2)


def test_uci_digits_are_read_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "pendigits-orig.tra.Z"
    text = PEN_DIGITS[PEN_DIGITS.index(".SEGMENT") : PEN_DIGITS.index(".SEGMENT DIGIT 1-2")]
    # What compress(1) makes of less than 255 letters: a head, and nine bits for each letter, the lowest first.
    codes = sum(letter << 9 * n for n, letter in enumerate(text.encode()))
    path.write_bytes(b"\x1f\x9d\x90" + codes.to_bytes(-(-9 * len(text) // 8), "little"))
    assert [s.label for s in published.pen_digits(path)] == ["1"]


@pytest.fixture
def unipen(tmp_path: Path) -> Path:
    folder = tmp_path / "train_r01_v07"
    strokes = folder / "include/abc/data/ada.dat"
    strokes.parent.mkdir(parents=True)
    strokes.write_text(STROKES)
    (folder / "include/abc/abc.doc").write_text(".VERSION 1.0\n.COORD X Y\n")
    head = ".VERSION 1.0\n.INCLUDE abc/abc.doc\n.INCLUDE abc/data/ada.dat\n"
    for section, segments in {
        "1a": '.SEGMENT CHARACTER 0 ? "1"\n.SEGMENT CHARACTER 1 OK "7"\n.SEGMENT CHARACTER 9 ? "3"\n',
        "1b": '.SEGMENT CHARACTER 0-1 ? "N"\n.SEGMENT CHARACTER 1:1-1:2 ? "I"\n',
        "1d": '.SEGMENT CHARACTER 0,1 ? "\\""\n.SEGMENT CHARACTER 2 ? "."\n',
    }.items():
        path = folder / "data" / section / "abc/ada.dat"
        path.parent.mkdir(parents=True)
        path.write_text(head + segments)
    return folder


def test_unipen_symbols_are_put_together_from_the_files_they_include(unipen: Path) -> None:
    one, seven = published.unipen(unipen, ("1a",))
    assert (one.label, one.writer) == ("1", "abc/Ada_L")
    # y is up there, and 700 units are the longer side here.
    assert list(one.strokes) == [[500, 850, 500, 150]]
    assert seven.strokes == [[325, 850, 675, 850, 675, 150]]


def test_unipen_names_strokes_in_several_ways(unipen: Path) -> None:
    n, i = published.unipen(unipen, ("1b",))
    assert [len(stroke) for stroke in n.strokes] == [4, 6]
    assert i.strokes == [[500, 850, 500, 150]]
    quote, dot = published.unipen(unipen, ("1d",))
    assert (quote.label, len(quote.strokes)) == ('"', 2)
    assert (dot.label, dot.strokes) == (".", [[500, 500]])


def test_a_data_folder_may_hold_the_published_files(unipen: Path) -> None:
    (unipen.parent / "pendigits-orig.tra").write_text(PEN_DIGITS)
    assert [s.label for s in digits(unipen.parent)] == ["1", "4", "1", "7"]
    assert [s.label for s in non_digits(unipen.parent)] == ["N", '"', "."]
