import base64
import csv
import gzip
import io
import json
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFont

from digitpad import history
from digitpad.history import KINDS, Entry, entry_of, export, load
from digitpad.image import open_image
from digitpad.ink import ink_of
from digitpad.normalise import normalise
from digitpad.reading import Reading
from tools.browser.digits import DIGITS
from training.data import read_idx
from training.ink import draw

PICTURES = {digit: draw(DIGITS[digit]) for digit in "0123456789"}
NETWORK_SAW = {digit: normalise(ink_of(picture)) for digit, picture in PICTURES.items()}


def reading_of(text: str, confidence: float = 0.75) -> Reading:
    return {
        "text": text,
        "lines": [{"text": text, "box": [0, 0, 280, 280], "columns": [0]}],
        "digits": [
            {
                "digit": int(digit),
                "confidence": confidence,
                "probabilities": [0.1] * 10,
                "is_digit": 0.9,
                "box": [0, 0, 280, 280],
                "line": 0,
            }
            for digit in text
        ],
        "symbols": [{"symbol": digit, "confidence": confidence, "box": [0, 0, 280, 280], "line": 0} for digit in text],
        "alternatives": [],
        "milliseconds": 1.0,
    }


def kept(text: str, correction: str = "", number: int = 0, confidence: float = 0.75) -> Entry:
    time = f"2026-11-21T17:03:{number // 1000 % 60:02}.{number % 1000:03}Z"
    image = Image.fromarray(np.hstack([PICTURES[digit] for digit in text]))
    pictures = np.stack([NETWORK_SAW[digit] for digit in text])
    entry = entry_of(image, reading_of(text, confidence), pictures, f"{time}-{number}", time)
    return {**entry, "correction": correction}


def changed(key: str, value: object, entry: Entry | None = None) -> Entry:
    return cast(Entry, {**(entry or ENTRIES[0]), key: value})


def with_digit(key: str, value: object) -> Entry:
    return changed("digits", [{**ENTRIES[0]["digits"][0], key: value}])


def grey_levels(data_url: str) -> NDArray[np.uint8]:
    image = Image.open(io.BytesIO(base64.b64decode(data_url.removeprefix("data:image/png;base64,"))))
    assert (image.format, image.mode) == ("PNG", "L")
    return np.asarray(image)


def data_url(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def idx(shape: tuple[int, ...], data: bytes, kind: int = 8) -> bytes:
    return gzip.compress(struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + data)


def idx_zip(images: bytes, labels: bytes) -> bytes:
    return zipped({"train-images-idx3-ubyte.gz": images, "train-labels-idx1-ubyte.gz": labels})


def json_of(*entries: object) -> bytes:
    return json.dumps({"digitpad": 1, "readings": entries}).encode()


ENTRIES = [
    kept("7", number=1),
    kept("4096", correction="4090", number=2, confidence=0.5),
    kept("1", correction="7", number=3),
    kept("33", correction="3", number=4),
]
"""Not checked; checked, and one symbol of four wrong; wrong; corrected, but not digit for digit."""

EMPTY = {**kept("7", number=5), "text": "", "digits": [], "picture": ""}

TIMES = st.datetimes().map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z".rjust(24, "0"))
SHARES = st.floats(0, 1)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    text = draw(st.text("0123456789? \n", max_size=12))
    digits = [
        {
            "digit": draw(st.integers(0, 9)),
            "confidence": draw(SHARES),
            "is_digit": draw(SHARES),
            "picture": draw(st.sampled_from(ENTRIES))["digits"][0]["picture"],
        }
        for _ in "".join(text.split())
    ]
    return cast(
        Entry,
        {
            "id": draw(st.from_regex(r"[A-Za-z0-9:.\-]{1,100}", fullmatch=True)),
            "time": draw(TIMES | st.just("")),
            "text": text,
            "correction": " ".join(draw(st.text("0123456789 ", max_size=64)).split()),
            "digits": draw(st.sampled_from([digits, []])),
            "picture": draw(st.sampled_from([ENTRIES[1]["picture"], ""])),
        },
    )


def test_an_entry_keeps_what_was_read_and_what_the_network_saw() -> None:
    entry = kept("4096", number=7)
    assert entry["id"] == "2026-11-21T17:03:00.007Z-7"
    assert (entry["time"], entry["text"], entry["correction"]) == ("2026-11-21T17:03:00.007Z", "4096", "")
    for digit, expected in zip(entry["digits"], "4096", strict=True):
        assert (digit["digit"], digit["confidence"], digit["is_digit"]) == (int(expected), 0.75, 0.9)
        assert np.array_equal(grey_levels(digit["picture"]), np.rint(NETWORK_SAW[expected] * 255))


def test_a_reading_that_was_corrected_before_it_is_kept_is_checked() -> None:
    entry = entry_of(Image.new("L", (9, 9)), reading_of(""), np.zeros((0, 28, 28), np.float32), "a", "", "40 96")
    assert entry["correction"] == "40 96"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((280, 280), (280, 280)),
        ((3000, 1500), (280, 140)),
        ((1000, 2), (280, 1)),
        ((1, 1), (1, 1)),
        ((90, 30), (90, 30)),
    ],
)
def test_a_kept_picture_is_brought_down_to_280_pixels_at_most(size: tuple[int, int], expected: tuple[int, int]) -> None:
    entry = entry_of(Image.new("L", size, 255), reading_of(""), np.zeros((0, 28, 28), np.float32), "a", "")
    assert grey_levels(entry["picture"]).shape == expected[::-1]


def chalk(image: Image.Image) -> Image.Image:
    return image.point(lambda level: 255 - level)


def deep(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image).astype(np.uint16) * 256)


def on_glass(image: Image.Image) -> Image.Image:
    ink = Image.new("RGBA", image.size, (0, 60, 120, 0))
    ink.putalpha(chalk(image))
    return ink


@pytest.mark.parametrize("made", [lambda image: image.convert("RGB"), chalk, deep, on_glass])
def test_a_kept_picture_is_black_on_white_whatever_it_was(made: Callable[[Image.Image], Image.Image]) -> None:
    image = made(Image.fromarray(PICTURES["7"]))
    entry = entry_of(image, reading_of("7"), NETWORK_SAW["7"][None], "a", "")
    assert np.abs(grey_levels(entry["picture"]).astype(int) - PICTURES["7"]).mean() < 3


def test_there_is_one_picture_for_each_digit_or_none_is_kept() -> None:
    with pytest.raises(ValueError, match="zip"):
        entry_of(Image.new("L", (9, 9)), reading_of("77"), NETWORK_SAW["7"][None], "a", "")


@pytest.mark.parametrize("kind", KINDS)
def test_without_readings_there_is_nothing_to_export(kind: str) -> None:
    with pytest.raises(ValueError, match=r"nothing to export\.$"):
        export([], kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_readings_make_the_same_file(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = export(ENTRIES, kind)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert export(ENTRIES, kind) == first


@given(st.lists(entries(), min_size=1, max_size=4))
def test_json_comes_back_as_it_was(entries: list[Entry]) -> None:
    assert load(export(entries, "json")) == entries


@given(st.lists(entries(), min_size=1, max_size=4))
def test_a_sheet_comes_back_as_it_was(entries: list[Entry]) -> None:
    assert load(export(entries, "png")) == entries


@given(st.lists(entries(), min_size=1, max_size=4))
def test_a_table_comes_back_without_what_it_cannot_hold(entries: list[Entry]) -> None:
    keys = ("id", "time", "text", "correction")
    assert load(export(entries, "csv")) == [{key: entry[key] for key in keys} for entry in entries]  # type: ignore[literal-required]


def test_the_table_says_what_was_read_and_how_sure_that_is() -> None:
    content = export([*ENTRIES, cast(Entry, EMPTY)], "csv")
    assert content.startswith(b"\xef\xbb\xbftime,read,corrected,confidence,id\r\n")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["read"] for row in rows] == ["7", "4096", "1", "33", ""]
    assert [row["corrected"] for row in rows] == ["", "4090", "7", "3", ""]
    assert [row["confidence"] for row in rows] == ["0.7500", "0.5000", "0.7500", "0.7500", ""]
    assert [row["id"] for row in rows] == [entry["id"] for entry in [*ENTRIES, EMPTY]]
    assert rows[0]["time"] == "2026-11-21T17:03:00.001Z"


def test_the_confidence_in_the_table_is_the_least_sure_digits() -> None:
    sure, unsure = kept("4", confidence=0.98)["digits"][0], kept("2", confidence=0.61234)["digits"][0]
    (row,) = csv.DictReader(io.StringIO(export([changed("digits", [sure, unsure])], "csv").decode("utf-8-sig")))
    assert row["confidence"] == "0.6123"


def test_a_table_may_have_been_through_a_spreadsheet() -> None:
    table = "\ufefftime;read;corrected;confidence;id\r\n2026-11-21T17:03:22.123Z;7;1;0,75;a\r\n"
    expected = {"id": "a", "time": "2026-11-21T17:03:22.123Z", "text": "7", "correction": "1"}
    assert load(table.encode()) == [expected]


def test_json_is_meant_to_be_read_by_people_too() -> None:
    content = export(ENTRIES, "json").decode()
    assert json.loads(content) == {"digitpad": 1, "readings": ENTRIES}
    assert content.startswith('{\n "digitpad": 1,\n "readings": [\n')


def test_what_nobody_asked_for_is_dropped() -> None:
    digits = [{**ENTRIES[0]["digits"][0], "more": 1}]
    assert load(json_of({**ENTRIES[0], "digits": digits, "more": "<script>"})) == [ENTRIES[0]]


@pytest.mark.parametrize("default", ["load_default", "load_default_imagefont"])
def test_a_sheet_shows_every_picture_with_a_caption(default: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Pillow without FreeType takes its second font.
    monkeypatch.setattr(ImageFont, "load_default", getattr(ImageFont, default))
    sheet = open_image(export(ENTRIES, "png"))
    grey = np.asarray(sheet.convert("L"))
    height, width = (edge // 2 for edge in grey.shape)
    assert sheet.size == (2 * width, 2 * height)
    for index in range(4):
        top, left = index // 2 * height, index % 2 * width
        cell = grey[top : top + height, left : left + width]
        assert (cell[:140, :140] < 128).mean() > 0.005, "a digit"
        assert (cell[140:] < 128).sum() > 8, "a caption"
        assert (cell[0] == 255).all(), "paper"
        assert (cell[:, -1] == 255).all(), "paper"


def test_a_caption_is_the_right_digits_or_says_that_nobody_knows_yet() -> None:
    assert history._caption(ENTRIES[1], 20) == "4090"
    assert history._caption(ENTRIES[0], 20) == "7 (?) 75%"
    assert history._caption(changed("text", "12\n3 4"), 20) == "12 3 4 (?) 75%"
    assert history._caption(changed("digits", []), 20) == "7 (?)"
    assert history._caption(changed("correction", "1234567890"), 8) == "12345..."


def test_a_sheet_of_one_reading_is_one_picture_wide() -> None:
    assert open_image(export(ENTRIES[:1], "png")).width < 160


def test_a_sheet_of_a_thousand_readings_is_near_square_and_comes_back_as_it_was() -> None:
    many = [changed("id", f"{number:04}", ENTRIES[number % 4]) for number in range(1000)]
    content = export(many, "png")
    width, height = open_image(content).size  # that Pillow opens it is one of the things to see here
    assert 0.9 < width / height < 1.1
    assert width * height < 20_000_000
    assert load(content) == many


def test_data_sets_hold_the_checked_symbols_alone() -> None:
    with np.load(io.BytesIO(export(ENTRIES, "npz"))) as dataset:
        images, labels = dataset["x_train"], dataset["y_train"]
    assert (images.dtype, images.shape) == (np.uint8, (5, 28, 28))
    assert (labels.dtype, labels.tolist()) == (np.uint8, [4, 0, 9, 0, 7])
    for image, digit in zip(images, "40961", strict=True):
        assert np.array_equal(image, np.rint(NETWORK_SAW[digit] * 255))


def test_numbers_that_were_checked_give_a_label_to_each_symbol() -> None:
    entry = {**kept("4096"), "text": "40\n96", "correction": "40 90"}
    with np.load(io.BytesIO(export([cast(Entry, entry)], "npz"))) as dataset:
        assert dataset["y_train"].tolist() == [4, 0, 9, 0]


def test_idx_files_are_what_readers_of_mnist_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(export(ENTRIES, "idx"))) as archive:
        assert archive.namelist() == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
        archive.extractall(tmp_path)
    images = read_idx(tmp_path / "train-images-idx3-ubyte.gz")
    assert gzip.decompress((tmp_path / "train-images-idx3-ubyte.gz").read_bytes())[:4] == b"\0\0\x08\x03"
    with np.load(io.BytesIO(export(ENTRIES, "npz"))) as dataset:
        assert np.array_equal(images, dataset["x_train"])
        assert np.array_equal(read_idx(tmp_path / "train-labels-idx1-ubyte.gz"), dataset["y_train"])


@pytest.mark.parametrize("kind", ["npz", "idx"])
@pytest.mark.parametrize("entry", [ENTRIES[0], ENTRIES[3], changed("correction", "7", cast(Entry, EMPTY))])
def test_without_checked_symbols_there_is_no_data_set(kind: str, entry: Entry) -> None:
    with pytest.raises(ValueError, match="No reading has been corrected or confirmed yet"):
        export([entry], kind)


@pytest.mark.parametrize("kind", ["npz", "idx"])
def test_each_image_of_a_data_set_makes_an_entry(kind: str) -> None:
    content = export(ENTRIES, kind)
    entries = cast(list[Entry], load(content))
    assert [entry["text"] for entry in entries] == ["4", "0", "9", "0", "7"]
    for entry, digit in zip(entries, "40961", strict=True):
        (symbol,) = entry["digits"]
        assert entry["correction"] == entry["text"] == str(symbol["digit"])
        assert (entry["time"], symbol["confidence"], symbol["is_digit"]) == ("", 1.0, 1.0)
        assert np.array_equal(grey_levels(symbol["picture"]), np.rint(NETWORK_SAW[digit] * 255))
        assert np.array_equal(grey_levels(entry["picture"]), 255 - grey_levels(symbol["picture"]))
    assert len({entry["id"] for entry in entries}) == 5
    assert max(entry["id"] for entry in entries) < ENTRIES[0]["id"]
    assert load(content) == load(json_of(*entries)) == load(export(entries, kind)) == entries


def test_an_image_with_another_label_is_another_entry() -> None:
    blank = np.zeros((3, 28, 28), np.uint8)
    first, second, third = load(npz(x_train=blank, y_train=np.array([1, 7, 7])))
    assert first["id"] != second["id"] == third["id"]


def test_a_foreign_data_set_is_read_and_its_test_images_passed_over() -> None:
    images = np.stack([np.rint(NETWORK_SAW[digit] * 255).astype(np.uint8) for digit in "38"])
    labels = np.array([3, 8])
    entries = load(npz(x_train=np.asfortranarray(images), y_train=labels, x_test=images[:1], y_test=labels[:1]))
    assert [entry["text"] for entry in entries] == ["3", "8"]
    assert np.array_equal(grey_levels(cast(Entry, entries[0])["digits"][0]["picture"]), images[0])


IMAGES, LABELS = np.zeros((2, 28, 28), np.uint8), np.array([3, 8])


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (IMAGES, np.array([3, 10])),
        (IMAGES, np.array([-1, 3])),
        (IMAGES, LABELS[:1]),
        (IMAGES, LABELS[:, None]),
        (IMAGES, LABELS / 2),
        (IMAGES, LABELS.astype(float)),
        (IMAGES, LABELS.astype(str)),
        (IMAGES / 255, LABELS),
        (IMAGES[:, :27], LABELS),
        (IMAGES[..., None], LABELS),
    ],
)
def test_a_data_set_of_something_else_is_named(images: NDArray[Any], labels: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="images of 28 × 28"):
        load(npz(x_train=images, y_train=labels))


@pytest.mark.parametrize("arrays", [{"x_train": IMAGES}, {"x_train": np.array([{}]), "y_train": LABELS}])
def test_a_data_set_without_labels_or_with_pickles_is_damaged(arrays: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="damaged"):
        load(npz(**arrays))


def test_idx_files_of_anything_but_bytes_are_damaged() -> None:
    labels = idx((2,), b"\1\2")
    assert len(load(idx_zip(idx((2, 28, 28), IMAGES.tobytes()), labels))) == 2
    with pytest.raises(ValueError, match="damaged"):
        load(idx_zip(idx((2, 28, 28), IMAGES.tobytes(), kind=9), labels))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"{}",
        b'{"digitpad": 2, "readings": []}',
        b'{"digitpad": 1}',
        b"a,b\r\n1,2\r\n",
        b"\xff\xfe\0",
        zipped({"hello.txt": b"hello"}),
        npz(images=IMAGES),
    ],
)
def test_a_file_of_something_else_is_named(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^The file is not an export of Digitpad\.$"):
        load(content)


def test_a_picture_that_carries_no_readings_is_named() -> None:
    with pytest.raises(ValueError, match="not a sheet"):
        load(base64.b64decode(ENTRIES[0]["picture"].removeprefix("data:image/png;base64,")))


def half(data_url: str) -> str:
    start, content = data_url.split(",")
    png = base64.b64decode(content)
    return f"{start},{base64.b64encode(png[: len(png) // 2]).decode()}"


HALF_A_PNG = half(ENTRIES[0]["picture"])
NO_PNG = "data:image/png;base64," + base64.b64encode(b"GIF89a").decode()
BAD: list[object] = [
    7,
    {},
    changed("id", ""),
    changed("id", "a b"),
    changed("id", "a" * 101),
    changed("id", 7),
    changed("time", "yesterday"),
    changed("time", "2026-02-31T17:03:22.123Z"),
    changed("time", "2026-11-21T17:03:22Z"),
    changed("time", None),
    changed("text", "<b>"),
    changed("text", "٧"),
    changed("text", " " * 1001),
    changed("text", "77"),
    changed("correction", None),
    changed("correction", "7\n"),
    changed("correction", "1" * 1001),
    changed("correction", "1  2"),
    changed("correction", " 12"),
    changed("correction", "12 "),
    changed("correction", "1 ?"),
    changed("correction", 7),
    changed("digits", None),
    changed("digits", [7]),
    changed("picture", None),
    changed("picture", "javascript:alert()"),
    changed("picture", "data:image/png;base64,%%%"),
    changed("picture", ENTRIES[0]["picture"] + '"'),
    changed("picture", ENTRIES[0]["picture"][:200]),
    changed("picture", NO_PNG),
    changed("picture", ENTRIES[0]["picture"].removeprefix("data:image/png;base64,")),
    changed("picture", HALF_A_PNG),
    changed("picture", data_url(Image.new("L", (281, 9)))),
    changed("picture", data_url(Image.new("RGB", (9, 9)))),
    with_digit("digit", 10),
    with_digit("digit", True),
    with_digit("digit", 7.0),
    with_digit("confidence", 1.01),
    with_digit("confidence", float("nan")),
    with_digit("confidence", "1"),
    with_digit("confidence", True),
    with_digit("is_digit", -0.01),
    with_digit("is_digit", float("inf")),
    with_digit("is_digit", None),
    with_digit("picture", ""),
    with_digit("picture", data_url(Image.new("L", (28, 27)))),
    with_digit("picture", ENTRIES[0]["picture"]),
]


@pytest.mark.parametrize("reading", BAD, ids=range(len(BAD)))
def test_a_reading_that_digitpad_cannot_have_written_is_damage(reading: object) -> None:
    with pytest.raises(ValueError, match=r"^The file is damaged: .*\.$"):
        load(json_of(ENTRIES[1], reading))


@pytest.mark.parametrize("row", ["2026-11-21T17:03:22.123Z,7,x,0.75,a", "2026-11-21T17:03:22.123Z,7"])
def test_a_row_that_digitpad_cannot_have_written_is_damage(row: str) -> None:
    with pytest.raises(ValueError, match=r"^The file is damaged: .*\.$"):
        load(f"time,read,corrected,confidence,id\r\n{row}\r\n".encode())


@pytest.mark.parametrize(
    "more", ["[" * 1_000_000, "[" * 99 + "]" * 99, '{"a":' * 99 + "7" + "}" * 99, '["]]}}\\"]",' * 99 + "7" + "]" * 99]
)
def test_json_that_nests_deeply_is_damage_for_pyodide_does_not_survive_it(more: str) -> None:
    with pytest.raises(ValueError, match="damaged"):
        load(f'{{"digitpad": 1, "readings": [], "more": {more}}}'.encode())


def test_brackets_in_strings_are_no_nesting() -> None:
    assert load(json_of({**ENTRIES[0], "more": '[[[[[[[[[[[[[["\\{{{{{{{{{{{'})) == [ENTRIES[0]]


def test_a_long_header_is_not_parsed_for_pyodide_may_not_survive_it() -> None:
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 28, 28)}".ljust(1000)
    array = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode()
    with pytest.raises(ValueError, match="damaged"):
        load(zipped({"x_train.npy": array, "y_train.npy": array}))


TOO_MANY = 10_001
MANY_IMAGES, MANY_LABELS = np.zeros((TOO_MANY, 28, 28), np.uint8), np.zeros(TOO_MANY, np.uint8)


@pytest.mark.parametrize(
    "content",
    [
        json_of(*[{}] * TOO_MANY),
        b"time,read,corrected,confidence,id\r\n" + b",,,,a\r\n" * TOO_MANY,
        npz(x_train=MANY_IMAGES, y_train=MANY_LABELS),
        idx_zip(idx(MANY_IMAGES.shape, MANY_IMAGES.tobytes()), idx(MANY_LABELS.shape, MANY_LABELS.tobytes())),
    ],
    ids=["json", "csv", "npz", "idx"],
)
def test_more_than_ten_thousand_readings_are_named(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"10,001 readings: up to 10,000 can be imported"):
        load(content)


def test_ten_thousand_readings_are_not_too_many() -> None:
    table = b"time,read,corrected,confidence,id\r\n" + b",7,,,a\r\n" * 10_000
    assert len(load(table)) == 10_000


def test_a_file_that_is_too_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    content = export(ENTRIES, "json")
    monkeypatch.setattr(history, "MOST_BYTES", len(content) - 1)
    with pytest.raises(ValueError, match="too large"):
        load(content)


@contextmanager
def memory_below(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < most


BOMB = bytes(60_000_000)


def bombs() -> dict[str, bytes]:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (2, 28, 28)})
    promise = io.BytesIO()
    np.lib.format.write_array_header_1_0(promise, {"descr": "|u1", "fortran_order": False, "shape": (2, 28, 10**8)})
    return {
        "npz": zipped({"x_train.npy": header.getvalue() + BOMB, "y_train.npy": b""}),
        "npz, bzip2": zipped({"x_train.npy": header.getvalue() + BOMB, "y_train.npy": b""}, zipfile.ZIP_BZIP2),
        "npz, promised": zipped({"x_train.npy": promise.getvalue(), "y_train.npy": b""}),
        "idx": idx_zip(idx((2, 28, 28), BOMB), idx((2,), b"\1\2")),
    }


@pytest.mark.parametrize("content", bombs().values(), ids=bombs())
def test_what_swells_when_unpacked_is_not_unpacked_in_full(content: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"), memory_below(40_000_000):
        load(content)


def test_a_sheets_text_is_not_unpacked_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    chunk = b"iTXtdigitpad\0\1\0\0\0" + zlib.compress(BOMB)
    content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    monkeypatch.setattr(history, "MOST_BYTES", len(content))
    with pytest.raises(ValueError, match="too large"), memory_below(40_000_000):
        load(content)


def assert_loaded_or_refused(content: bytes) -> None:
    try:
        entries = load(content)
    except ValueError as error:
        assert str(error).startswith("The ")
        assert str(error).endswith(".")
    else:
        assert all(entry["id"] for entry in entries)


@cache
def file_of(kind: str) -> bytes:
    return export(ENTRIES, kind)


def damaged(data: st.DataObject, content: bytes) -> bytes:
    bad = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    return bytes(bad[: data.draw(st.just(len(bad)) | st.integers(0, len(bad)))])


@given(st.binary(), st.sampled_from([b"", b"{", b"PK\3\4", b"\x89PNG\r\n\x1a\n", b"time,read,corrected,id\n"]))
def test_random_bytes_are_refused_in_a_sentence(content: bytes, start: bytes) -> None:
    assert_loaded_or_refused(start + content)


@pytest.mark.filterwarnings("ignore")  # zipfile, NumPy and Pillow warn of what they find before they give up
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_damage_is_a_sentence_or_readings_never_another_error(kind: str, data: st.DataObject) -> None:
    assert_loaded_or_refused(damaged(data, file_of(kind)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["npz", "idx"])
@given(data=st.data())
def test_damage_inside_a_zip_is_a_sentence_or_readings(kind: str, data: st.DataObject) -> None:
    # The checksums fit, so that what is damaged gets as far as it can: half of the time to what gzip has packed.
    with zipfile.ZipFile(io.BytesIO(file_of(kind))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(files)))
    if name.endswith(".gz") and data.draw(st.booleans()):
        files[name] = gzip.compress(damaged(data, gzip.decompress(files[name])))
    else:
        files[name] = damaged(data, files[name][:300] if data.draw(st.booleans()) else files[name])
    assert_loaded_or_refused(zipped(files, zipfile.ZIP_STORED))
