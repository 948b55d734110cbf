import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.answer import Answer

NUMBER = r"[0-9?.,\-/:+]+"
TEXTS = st.from_regex(rf"({NUMBER}( {NUMBER})*(\n{NUMBER}( {NUMBER})*)*)?", fullmatch=True)


def answer_to(text: str) -> Answer:
    return Answer(text, [list(range(len(line.split(" ")))) for line in text.split("\n")])


@given(TEXTS)
def test_without_corrections_the_text_is_what_was_read(text: str) -> None:
    answer = answer_to(text)
    assert answer.text == text
    assert answer.correction == ""
    assert answer.symbols == answer.read == list("".join(text.split()))


@given(TEXTS, st.data())
def test_what_is_taken_out_leaves_no_double_gap_and_comes_back(text: str, data: st.DataObject) -> None:
    answer = answer_to(text)
    out = data.draw(st.sets(st.integers(0, len(answer.read) - 1))) if answer.read else set()
    for index in out:
        answer.correct(index, "")
    assert answer.text == "" or all(all(line.split(" ")) for line in answer.text.split("\n"))
    assert "".join(answer.text.split()) == "".join(s for n, s in enumerate(answer.read) if n not in out)
    for index in out:
        answer.correct(index, answer.read[index])
    assert answer.text == text


@pytest.mark.parametrize(
    ("text", "corrections", "expected"),
    [
        ("4096", {3: "5"}, "4095"),
        ("40?6", {2: "9"}, "4096"),
        ("12 3 45", {2: ""}, "12 45"),
        ("12\n3\n45", {2: ""}, "12\n45"),
        ("12 3\n45", {2: ""}, "12\n45"),
        ("1 23", {0: ""}, "23"),
        ("7", {0: ""}, ""),
        ("12.5", {2: ","}, "12,5"),
        ("1?5 -3", {1: ".", 3: ""}, "1.5 3"),
    ],
)
def test_the_text_is_corrected_in_place(text: str, corrections: dict[int, str], expected: str) -> None:
    answer = answer_to(text)
    for index, symbol in corrections.items():
        answer.correct(index, symbol)
        assert answer.is_corrected(index)
    assert answer.text == expected


@pytest.mark.parametrize(
    ("text", "index", "symbol", "expected"),
    [
        ("4096", 3, "5", "4095"),
        ("40 96\n12", 0, "1", "10 96 12"),
        ("4?9 ?", 0, "1", "19"),
        ("4096", 3, "6", ""),
        ("7", 0, "", ""),
        ("12.5 ?3", 2, ":", "12:5 3"),
    ],
)
def test_a_correction_is_the_right_text_alone(text: str, index: int, symbol: str, expected: str) -> None:
    answer = answer_to(text)
    answer.correct(index, symbol)
    assert answer.correction == expected


def test_a_table_has_a_row_for_each_line_and_a_column_for_each_number() -> None:
    assert answer_to("12 345\n6").table == "12,345\r\n6,\r\n"
    assert answer_to("12,5 -3\n1.5").table == '"12,5",-3\r\n1.5,\r\n'
    assert answer_to("").table == "\r\n"


def test_a_cell_that_is_blank_stays_blank_in_the_table() -> None:
    answer = Answer("12 345 67\n24 31\n20 58 79", [[0, 1, 2], [1, 2], [0, 1, 2]])
    assert answer.table == "12,345,67\r\n,24,31\r\n20,58,79\r\n"
    for index in (2, 3, 4):  # all of 345
        answer.correct(index, "")
    assert answer.table == "12,,67\r\n,24,31\r\n20,58,79\r\n"
    for index in (7, 8, 9, 10):
        answer.correct(index, "")
    assert answer.table == "12,,67\r\n20,58,79\r\n"
