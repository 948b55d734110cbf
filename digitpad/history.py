"""The readings that a user keeps, as files: as a table, in full, as pictures, or as a data set like MNIST.

What is imported further down (csv, gzip, hashlib, Pillow's drawing) takes Pyodide 10 to 40 ms each, and a page that
starts needs none of it.
"""

import base64
import io
import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.ink import find_ink, grey_of
from digitpad.normalise import SIDE
from digitpad.reading import Reading

MOST = 10_000
"""Readings, or images of a data set, that one file can bring in."""

MOST_BYTES = 200_000_000
"""The size of the largest file that can be brought in, and of the readings in a sheet once unpacked."""

LONGEST = 280
"""The longer side of a kept picture is at most this many pixels."""

COLUMNS = ("time", "read", "corrected", "confidence", "id")

_DATA_URL = "data:image/png;base64,"
_PNG = b"\x89PNG\r\n\x1a\n"
_SHEET_KEY = "digitpad"
_SHEET_CHUNK = b"digitpad\0\1\0\0\0"  # keyword; compressed, by deflate; no language; no translated keyword
# Pillow opens no PNG with a text of over 1 MB in a chunk, and a character may take four bytes.
_CHUNK_TEXT = 200_000

_IMAGES = "train-images-idx3-ubyte.gz"
_LABELS = "train-labels-idx1-ubyte.gz"
_BYTES = 8  # IDX's name for unsigned bytes
_MOST_DATA = MOST * SIDE * SIDE + 2**16  # the images, with room for a header and for what gzip adds to noise

_DEEPEST = 10  # brackets in brackets in a JSON file; ours has five, and a later version may have more
_HEADER = 256  # the longest header of a NumPy file; those of arrays of images have about 120 characters

_CELL = (56, 140)  # a picture on the sheet has at least and at most so many pixels a side
_SHEET = 3000  # about the sheet's side in pixels, where the cells' bounds allow it
_GAP = 6
_CAPTION = 14  # height of a line in Pillow's own font, with some room
_CHARACTER = 6  # its width

_FOREIGN = "The file is not an export of Digitpad."
_DAMAGED = "The file is damaged: it ends too early, or holds what no export does."

_PATTERNS = {
    "id": r"[A-Za-z0-9:.\-]{1,100}",
    "time": r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)?",
    "text": r"[0-9?.,\-/:+ \n]{0,1000}",
    "correction": r"(?!.{1001})([0-9.,\-/:+]+( [0-9.,\-/:+]+)*)?",
}


class KeptDigit(TypedDict):
    """One symbol of an entry; `picture` is what the network saw: a data URL of a 28 × 28 grey PNG, ink is white."""

    digit: int
    confidence: float
    is_digit: float
    picture: str


class Row(TypedDict):
    """What a table tells of an entry.

    `id` is unique, and sorts by time. `time` is ISO 8601, UTC, with milliseconds ("2026-11-21T17:03:22.123Z"), and
    empty for what comes from a data set. `text` is what was read, `correction` the right digits as the user gave
    them, numbers apart by a space each, whatever lines they stood in; empty where nobody has checked.
    """

    id: str
    time: str
    text: str
    correction: str


class Entry(Row):
    """A reading that is kept: `digits` has one for each symbol of `text`, or none where a table is all there was.

    `picture` is what was written: a data URL of a grey PNG, black on white, of at most 280 pixels a side; "" where
    there is none.
    """

    digits: list[KeptDigit]
    picture: str


class _Unfit(ValueError):
    """A file that cannot be imported, with a sentence for the user; what the libraries raise has none."""


def entry_of(
    image: Image.Image, reading: Reading, pictures: NDArray[np.float32], id: str, time: str, correction: str = ""
) -> Entry:
    """Return what is kept of a reading; without a `correction` nobody has checked it yet.

    `image` is what was read, of any mode and size; `pictures` is what the network saw, `(N, 28, 28)`, float32, ink 1
    on paper 0. The kept picture is the image's ink, so that chalk on a board is black on white too.

    Raises ValueError where there is not one picture for each digit of the reading.
    """
    grey = Image.fromarray(grey_of(image))
    small = np.asarray(_scaled(grey, min(LONGEST, max(grey.size))))
    ink, _, _ = find_ink(small)
    return {
        "id": id,
        "time": time,
        "text": reading["text"],
        "correction": correction,
        "digits": [
            {
                "digit": digit["digit"],
                "confidence": digit["confidence"],
                "is_digit": digit["is_digit"],
                "picture": _data_url(picture * 255),
            }
            for digit, picture in zip(reading["digits"], pictures, strict=True)
        ],
        "picture": _data_url(255 - ink * 255),
    }


def export(entries: list[Entry], kind: str) -> bytes:
    """Return a file of the entries, one of KINDS; the same entries make the same bytes.

    Raises ValueError, with a sentence for the user, where there is nothing to write.
    """
    if not entries:
        raise ValueError("No reading has been kept yet: there is nothing to export.")
    return KINDS[kind](entries)


def load(content: bytes) -> Sequence[Row]:
    """Return the entries in a file that `export` wrote; its kind is told by its content.

    They are full entries, but for a table's, which have a Row's keys only. Each image of a data set (Keras's
    mnist.npz is one, of which the test images are passed over) makes an entry of its own, with its label for text and
    correction. Its time is empty and its id is made of "0-dataset-" and a hash of image and label: so it comes before
    all ids that begin with a time, and an image that is imported twice is one entry.

    Raises ValueError, with a sentence for the user, whatever else the bytes are, and where there are more than 10,000
    readings or more than 200 MB.
    """
    try:
        return _load(content)
    except _Unfit:
        raise
    # zipfile, gzip, json, csv, NumPy and Pillow raise many kinds of errors on damaged data.
    except Exception:
        raise ValueError(_DAMAGED) from None


def _to_csv(entries: list[Entry]) -> bytes:
    """Write a table; it begins with a byte order mark, for without one spreadsheets do not take it as UTF-8."""
    import csv

    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for entry in entries:
        confidence = _confidence(entry)
        share = "" if confidence is None else f"{confidence:.4f}"
        table.writerow([entry["time"], entry["text"], entry["correction"], share, entry["id"]])
    return file.getvalue().encode("utf-8-sig")


def _to_json(entries: list[Entry]) -> bytes:
    return json.dumps({"digitpad": 1, "readings": entries}, ensure_ascii=False, indent=1).encode()


def _to_sheet(entries: list[Entry]) -> bytes:
    """Draw all pictures, with captions, in a grid that is near square; the PNG carries the JSON too.

    It does so in iTXt chunks (PNG specification, 11.3.3), all with the keyword "digitpad", whose texts follow on
    each other.
    """
    from PIL import ImageDraw, ImageFont
    from PIL.PngImagePlugin import PngInfo

    least, most = _CELL
    side = round(min(max(_SHEET / math.sqrt(len(entries)), least), most))
    width, height = side + _GAP, side + _CAPTION + _GAP
    columns = round(math.sqrt(len(entries) * height / width))
    sheet = Image.new("L", (columns * width, math.ceil(len(entries) / columns) * height), 255)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default()
    for index, entry in enumerate(entries):
        left, top = index % columns * width, index // columns * height
        if entry["picture"]:
            picture = _scaled(_open(entry["picture"]), side)
            sheet.paste(picture, (left + (width - picture.width) // 2, top + (side - picture.height) // 2))
        caption = _caption(entry, width // _CHARACTER)
        pen.text((left + (width - pen.textlength(caption, font=font)) / 2, top + side), caption, fill=0, font=font)

    text = _to_json(entries).decode()
    info = PngInfo()
    for start in range(0, len(text), _CHUNK_TEXT):
        info.add_itxt(_SHEET_KEY, text[start : start + _CHUNK_TEXT], zip=True)
    file = io.BytesIO()
    sheet.save(file, "PNG", pnginfo=info)
    return file.getvalue()


def _to_npz(entries: list[Entry]) -> bytes:
    """Write the checked symbols as Keras's mnist.npz has them: ink 255 on 0."""
    images, labels = _labelled(entries)
    file = io.BytesIO()
    np.savez_compressed(file, x_train=images, y_train=labels)
    return file.getvalue()


def _to_idx(entries: list[Entry]) -> bytes:
    """Write the checked symbols as MNIST's two gzipped IDX files, in a ZIP.

    The format is described on the database's own page, http://yann.lecun.com/exdb/mnist/.
    """
    import gzip

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in zip((_IMAGES, _LABELS), _labelled(entries), strict=True):
            header = struct.pack(f">HBB{array.ndim}I", 0, _BYTES, array.ndim, *array.shape)
            # ZipInfo has 1980 for its time, unlike a bare name, which gets the present.
            archive.writestr(zipfile.ZipInfo(name), gzip.compress(header + array.tobytes(), mtime=0))
    return file.getvalue()


KINDS: dict[str, Callable[[list[Entry]], bytes]] = {
    "csv": _to_csv,
    "json": _to_json,
    "png": _to_sheet,
    "npz": _to_npz,
    "idx": _to_idx,
}
"""What a file can be: a table, all in full, a sheet of pictures, and two forms of a data set."""


def _confidence(entry: Entry) -> float | None:
    return min((digit["confidence"] for digit in entry["digits"]), default=None)


def _caption(entry: Entry, most: int) -> str:
    """Say in at most so many characters what a picture shows, and how sure that is where nobody has checked."""
    confidence = _confidence(entry)
    caption = entry["correction"] or f"{' '.join(entry['text'].split())} (?)"
    if not entry["correction"] and confidence is not None:
        caption += f" {confidence:.0%}"
    return caption if len(caption) <= most else f"{caption[: most - 3]}..."


def _labelled(entries: list[Entry]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images, `(N, 28, 28)`, and labels, `(N,)`, of all symbols for which the user has given a digit each.

    Raises ValueError where there are none.
    """
    checked = [(entry["digits"], re.sub("[^0-9]", "", entry["correction"])) for entry in entries]
    pairs = [
        (digit["picture"], label)
        for digits, labels in checked
        if len(digits) == len(labels)
        for digit, label in zip(digits, labels, strict=True)
    ]
    if not pairs:
        raise ValueError(
            "No reading has been corrected or confirmed yet: type the right digits beside a reading first."
        )
    images = np.stack([np.asarray(_open(picture)) for picture, _ in pairs])
    return images, np.array([int(label) for _, label in pairs], np.uint8)


def _scaled(image: Image.Image, longest: int) -> Image.Image:
    """Return an image with its longer side at `longest` pixels, and the other at one at least."""
    scale = longest / max(image.size)
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), reducing_gap=3)


def _data_url(levels: NDArray[Any]) -> str:
    """Return a PNG of grey levels, `(H, W)`, 0 … 255."""
    file = io.BytesIO()
    Image.fromarray(np.rint(levels).astype(np.uint8)).save(file, "PNG")
    return _DATA_URL + base64.b64encode(file.getvalue()).decode()


def _open(data_url: str) -> Image.Image:
    content = base64.b64decode(data_url.removeprefix(_DATA_URL), validate=True)
    return Image.open(io.BytesIO(content), formats=["PNG"])


def _load(content: bytes) -> Sequence[Row]:
    if len(content) > MOST_BYTES:
        raise _too_large()
    if content.startswith(_PNG):
        return _from_json(_text_of_sheet(content))
    if content.startswith(b"PK"):
        return _from_zip(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unfit(_FOREIGN) from None
    return _from_json(text) if text.lstrip().startswith("{") else _from_csv(text)


def _from_csv(text: str) -> list[Row]:
    import csv

    # Where the comma is the decimal sign, spreadsheets put something else between the columns.
    first = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    if not set(COLUMNS) - {"confidence"} <= set(table.fieldnames or ()):
        raise _Unfit(_FOREIGN)
    rows = list(table)
    _refuse_more_than_most(len(rows))
    return [
        _row({"id": row["id"], "time": row["time"], "text": row["read"], "correction": row["corrected"]})
        for row in rows
    ]


def _from_json(text: str) -> list[Entry]:
    if _nests_deeply(text):
        raise _Unfit(_DAMAGED)
    content = json.loads(text)
    if content.get("digitpad") != 1 or not isinstance(content.get("readings"), list):
        raise _Unfit(_FOREIGN)
    _refuse_more_than_most(len(content["readings"]))
    return [_entry(reading) for reading in content["readings"]]


def _nests_deeply(text: str) -> bool:
    """Say whether JSON nests deeper than anything of ours, or has brackets without a partner.

    Pyodide's stack is the browser's, which is small: where CPython raises RecursionError, Pyodide ends for good.
    """
    brackets = re.sub(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^"\[\]{}]+', "", text)
    for _ in range(_DEEPEST):
        brackets = brackets.replace("[]", "").replace("{}", "")
    return bool(brackets)


def _text_of_sheet(content: bytes) -> str:
    """Return the text that a sheet carries.

    Pillow is not asked, since of several texts with one keyword it gives the last.
    """
    texts = []
    room = MOST_BYTES
    start = len(_PNG)
    while start < len(content):
        length, kind = struct.unpack_from(">I4s", content, start)
        data = content[start + 8 : start + 8 + length]
        if kind == b"iTXt" and data.startswith(_SHEET_CHUNK):
            texts.append(zlib.decompressobj().decompress(data[len(_SHEET_CHUNK) :], room))
            room -= len(texts[-1])
            if room <= 0:
                raise _too_large()
        start += length + 12
    if not texts:
        raise _Unfit("The picture carries no readings: it is not a sheet that Digitpad exported.")
    return b"".join(texts).decode()


def _from_zip(content: bytes) -> list[Entry]:
    import gzip

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if "x_train.npy" in names:
            return _from_dataset(*(_npy_array(_unpacked(archive, f"{name}.npy")) for name in ("x_train", "y_train")))
        if _IMAGES in names:
            files = (gzip.GzipFile(fileobj=io.BytesIO(_unpacked(archive, name))) for name in (_IMAGES, _LABELS))
            return _from_dataset(*(_idx_array(file.read(_MOST_DATA)) for file in files))
    raise _Unfit(_FOREIGN)


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a file in a ZIP, up to the length that MOST images can have; what it says of itself is not believed."""
    # The others are unpacked to any length at once, whatever one asks for.
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _Unfit(_DAMAGED)
    with archive.open(name) as file:
        return file.read(_MOST_DATA)


def _npy_array(raw: bytes) -> NDArray[Any]:
    """Return the array in a NumPy file of version 1, of which the end may be missing if it has more than MOST rows.

    Unlike `np.load` it makes no room for what the header promises, and knows nothing of pickles.
    """
    file = io.BytesIO(raw)
    np.lib.format.read_magic(file)
    # It is parsed as Python, and a long one can nest more deeply than Pyodide survives.
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_HEADER)
    _refuse_more_than_most(shape[0])
    return np.frombuffer(raw, dtype, offset=file.tell()).reshape(shape, order="F" if is_fortran else "C")


def _idx_array(raw: bytes) -> NDArray[np.uint8]:
    """Return the array in an IDX file, of which the end may be missing if it has more than MOST rows."""
    zeros, kind, rank = struct.unpack_from(">HBB", raw)
    if (zeros, kind) != (0, _BYTES):
        raise _Unfit(_DAMAGED)
    shape = struct.unpack_from(f">{rank}I", raw, 4)
    _refuse_more_than_most(shape[0])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def _from_dataset(images: NDArray[Any], labels: NDArray[Any]) -> list[Entry]:
    import hashlib

    fits = (
        images.dtype == np.uint8
        and images.shape == (len(images), SIDE, SIDE)
        and labels.dtype.kind in "iu"
        and labels.shape == (len(images),)
        and bool(np.isin(labels, range(10)).all())
    )
    if not fits:
        raise _Unfit("The data set does not fit: it needs images of 28 × 28 bytes, and a label from 0 to 9 for each.")
    entries: list[Entry] = []
    for image, label in zip(images, labels.tolist(), strict=True):
        text = str(label)
        digit: KeptDigit = {"digit": label, "confidence": 1.0, "is_digit": 1.0, "picture": _data_url(image)}
        entries.append(
            {
                "id": f"0-dataset-{hashlib.sha256(image.tobytes() + text.encode()).hexdigest()[:32]}",
                "time": "",
                "text": text,
                "correction": text,
                "digits": [digit],
                "picture": _data_url(255 - image),
            }
        )
    return entries


def _entry(raw: Any) -> Entry:
    """Return an entry with nothing in it that was not looked at, for it comes from anywhere."""
    row = _row(raw)
    digits = raw.get("digits")
    if not isinstance(digits, list) or len(digits) not in (0, len(re.sub("[^0-9?]", "", row["text"]))):
        raise _unlike_ours("digits")
    picture = "" if raw.get("picture") == "" else _picture(raw, 1, LONGEST)
    return {**row, "digits": [_digit(digit) for digit in digits], "picture": picture}


def _row(raw: dict[str, Any]) -> Row:
    time = _string(raw, "time")
    if time:
        datetime.fromisoformat(time)  # there is no 31st of February
    return {
        "id": _string(raw, "id"),
        "time": time,
        "text": _string(raw, "text"),
        "correction": _string(raw, "correction"),
    }


def _digit(raw: dict[str, Any]) -> KeptDigit:
    digit = raw.get("digit")
    if isinstance(digit, bool) or not isinstance(digit, int) or not 0 <= digit <= 9:
        raise _unlike_ours("digit")
    return {
        "digit": digit,
        "confidence": _share(raw, "confidence"),
        "is_digit": _share(raw, "is_digit"),
        "picture": _picture(raw, SIDE, SIDE),
    }


def _string(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not re.fullmatch(_PATTERNS[key], value):
        raise _unlike_ours(key)
    return value


def _share(raw: dict[str, Any], key: str) -> float:
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _unlike_ours(key)
    return float(value)


def _picture(raw: dict[str, Any], least: int, most: int) -> str:
    value = raw.get("picture")
    if isinstance(value, str) and value.startswith(_DATA_URL):
        image = _open(value)
        if image.mode == "L" and least <= min(image.size) and max(image.size) <= most:
            image.load()
            return value
    raise _unlike_ours("picture")


def _refuse_more_than_most(count: int) -> None:
    if count > MOST:
        raise _Unfit(f"The file holds {count:,} readings: up to {MOST:,} can be imported at once.")


def _too_large() -> _Unfit:
    return _Unfit(f"The file is too large: up to {MOST_BYTES // 1_000_000} MB can be imported.")


def _unlike_ours(key: str) -> _Unfit:
    return _Unfit(f"The file is damaged: the {key} of a reading is not as Digitpad writes it.")
