"""Damaged, truncated and absurd image files, and a process of their own in which they are read.

Which file an index stands for follows from the seed alone. `python -m tests.fuzz SEED FIRST END` reads files FIRST to
END, and prints a line of JSON about each; with `--save FOLDER` it writes them down instead.
"""

import argparse
import faulthandler
import io
import json
import random
import re
import struct
import sys
import time
import traceback
import warnings
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
from PIL import Image, ImageOps

from digitpad.image import open_image
from digitpad.reading import Reading
from tests.model import read_image
from tools.browser.digits import DIGITS
from training.ink import draw

LONGEST = 20
"""Seconds of the processor's time that a file may take."""

HANGS = 3 * LONGEST
"""After so many seconds, in which others may have had the processor, the process ends itself, with a traceback."""

MOST_MEMORY = 2000
"""Megabytes that the process may grow by: an image of 50 million pixels takes part of it, a bomb would take more."""


class Outcome(TypedDict):
    """What became of a file: it was read, or refused in words; anything else is a fault, with a traceback."""

    index: int
    what: str
    outcome: str  # "read", "refused" or "fault"
    words: str
    seconds: float


# The files to begin with

WIDTH, HEIGHT = 113, 59
"""The pictures' size, in numbers that are easily found again in a file."""


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.copy().save(file, format, **options)  # Pillow's writers may leave an image changed
    return file.getvalue()


def interlaced() -> bytes:
    """Return a PNG in Adam7's order, which Pillow does not write: RFC 2083, 2.6."""
    pixels = 255 - np.asarray(_ink())
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(
        b"\0" + row.tobytes() for top, left, down, right in passes for row in pixels[top::down, left::right]
    )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 1)
    return PNG + b"".join(chunk(*part) for part in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")))


PNG = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@cache
def _ink() -> Image.Image:
    """Return a 4 and a 7, light on dark."""
    page = Image.new("L", (WIDTH, HEIGHT))
    for left, digit in ((2, "4"), (56, "7")):
        page.paste(ImageOps.invert(Image.fromarray(draw(DIGITS[digit], size=55, brush=0.06))), (left, 2))
    return page


@cache
def whole_files() -> dict[str, bytes]:
    """Return files of all kinds that are opened, none of them damaged."""
    ink = _ink()
    grey = ImageOps.invert(ink)
    colour = ImageOps.colorize(grey, "#319", "#ffd")
    clear = Image.new("RGBA", ink.size, (80, 0, 0, 0))
    clear.putalpha(ink)
    turned = Image.Exif()
    turned[0x0112], turned[0x010E] = 6, "a description"
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 200)
    real = Image.fromarray(np.asarray(grey).astype(np.float32) / 255)

    def pages() -> dict[str, object]:
        return {"save_all": True, "append_images": [grey.rotate(180), colour.copy()]}

    tiff = {f"TIFF, {name}": saved(grey, "TIFF", compression=name) for name in ("tiff_lzw", "packbits", "jpeg")}
    return tiff | {
        "PNG of 1 bit": saved(grey.convert("1"), "PNG"),
        "PNG of 2 bits": saved(grey.quantize(4), "PNG", bits=2),
        "PNG of 8 bits": saved(grey, "PNG"),
        "PNG of 16 bits": saved(deep, "PNG"),
        "PNG in colour": saved(colour, "PNG"),
        "PNG, transparent": saved(clear, "PNG"),
        "PNG, grey and transparent": saved(clear.convert("LA"), "PNG"),
        "PNG, palette and transparent": saved(clear.quantize(8), "PNG"),
        "PNG, one colour transparent": saved(colour, "PNG", transparency=(255, 255, 221)),
        "PNG, animated": saved(grey, "PNG", **pages()),
        "PNG, interlaced": interlaced(),
        "PNG, EXIF": saved(grey, "PNG", exif=turned),
        "JPEG in grey": saved(grey, "JPEG"),
        "JPEG in colour": saved(colour, "JPEG", quality=60),
        "JPEG, progressive": saved(colour, "JPEG", progressive=True),
        "JPEG in CMYK": saved(colour.convert("CMYK"), "JPEG"),
        "JPEG, EXIF": saved(grey, "JPEG", exif=turned),
        "JPEG, MPO": saved(colour, "MPO", save_all=True, append_images=[colour]),
        "WebP, lossy": saved(colour, "WEBP"),
        "WebP, lossless": saved(clear, "WEBP", lossless=True),
        "WebP, animated": saved(colour, "WEBP", **pages()),
        "WebP, EXIF": saved(colour, "WEBP", exif=turned),
        "GIF": saved(grey, "GIF"),
        "GIF, interlaced": saved(grey, "GIF", interlace=True),
        "GIF, animated": saved(grey, "GIF", duration=100, **pages()),
        "GIF, transparent": saved(clear, "GIF"),
        "BMP of 1 bit": saved(grey.convert("1"), "BMP"),
        "BMP of 8 bits": saved(grey, "BMP"),
        "BMP in colour": saved(colour, "BMP"),
        "BMP of 32 bits": saved(colour.convert("RGBA"), "BMP"),
        "TIFF": saved(grey, "TIFF"),
        "TIFF of 1 bit, group 4": saved(grey.convert("1"), "TIFF", compression="group4"),
        "TIFF of 1 bit, group 3": saved(grey.convert("1"), "TIFF", compression="group3"),
        "TIFF of 16 bits": saved(deep, "TIFF"),
        "TIFF of 32 bits": saved(grey.convert("I"), "TIFF"),
        "TIFF of floating-point numbers": saved(real, "TIFF"),
        "TIFF in colour": saved(colour, "TIFF", compression="tiff_adobe_deflate"),
        "TIFF with a palette": saved(colour.quantize(8), "TIFF"),
        "TIFF, transparent": saved(clear, "TIFF", compression="tiff_lzw"),
        "TIFF in CMYK": saved(colour.convert("CMYK"), "TIFF"),
        "TIFF in YCbCr": saved(colour.convert("YCbCr"), "TIFF", compression="jpeg"),
        "TIFF in LAB": saved(Image.merge("LAB", [grey, ink, ink]), "TIFF"),
        "TIFF with pages": saved(grey, "TIFF", **pages()),
    }


def bmp(width: int, height: int, packed: bytes) -> bytes:
    """Return a BMP packed by run lengths, which Pillow does not write."""
    palette = b"".join(bytes([level, level, level, 0]) for level in range(256))
    start = 54 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(packed), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", start + len(packed), 0, 0, start) + header + palette + packed


def tiff(tags: dict[int, int], content: bytes) -> bytes:
    """Return a TIFF with these numbers as its tags; its strip or tile begins at `tiff_start(tags)`."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0" + content


# The absurd ones


@cache
def absurd_files() -> dict[str, Callable[[], bytes]]:
    """Return files that nobody would think up but to break something."""
    grey = ImageOps.invert(_ink())
    lzw = {256: 100, 257: 100, 258: 8, 259: 5, 262: 1, 277: 1}
    strange = np.asarray(grey).astype(np.float32)
    strange[::3, ::2], strange[1::3, ::3], strange[2::3, ::5] = np.nan, np.inf, -3e38

    stripes = np.where(np.arange(3000) % 3, 255, 0).astype(np.uint8)
    dots = np.zeros((2000, 2000), np.uint8)
    dots[::10, ::10] = dots[1::10, ::10] = dots[::10, 1::10] = dots[1::10, 1::10] = 255

    def scans(count: int) -> bytes:
        jpeg = bytearray(saved(grey, "JPEG", progressive=True))
        size = jpeg.find(b"\xff\xc2") + 5
        jpeg[size : size + 4] = struct.pack(">HH", 7000, 7000)
        last = jpeg[jpeg.rfind(b"\xff\xda") : -2]
        return bytes(jpeg[:-2] + last * count + b"\xff\xd9")

    def lossless(width: int, height: int) -> bytes:
        bits = (width - 1) | (height - 1) << 14
        content = b"\x2f" + bits.to_bytes(4, "little") + bytes(20)
        return b"RIFF" + struct.pack("<I", len(content) + 12) + b"WEBPVP8L" + struct.pack("<I", len(content)) + content

    return {
        "nothing": lambda: b"",
        "a byte": lambda: b"\0",
        "a text": lambda: b"seven " * 1000,
        "a PDF": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        "zeros": lambda: bytes(100_000),
        "an AVI": lambda: b"RIFF\xff\xff\xff\xffAVI LIST" + b"\xff" * 100,
        "PNG, one pixel": lambda: saved(Image.new("L", (1, 1)), "PNG"),
        "PNG, 1 × 50,000": lambda: saved(Image.radial_gradient("L").resize((1, 50_000)), "PNG"),
        "PNG, 50,000 × 1": lambda: saved(Image.radial_gradient("L").resize((50_000, 1)), "PNG"),
        "PNG, 65,000 × 700": lambda: saved(grey.resize((65_000, 700)), "PNG"),
        "PNG, 50 million pixels": lambda: saved(Image.new("1", (10_000, 5_000)), "PNG"),
        "PNG, 50 million pixels of 16 bits": lambda: saved(Image.new("I;16", (10_000, 5_000)), "PNG"),
        "PNG, transparent, 49 million pixels": lambda: saved(Image.new("RGBA", (7000, 7000)), "PNG"),
        "PNG, checked, 16 million pixels": lambda: saved(
            Image.fromarray(np.indices((4000, 4000)).sum(axis=0).astype(np.uint8) % 2 * 255), "PNG"
        ),
        "PNG, 40,000 dots": lambda: saved(Image.fromarray(255 - dots), "PNG"),
        "PNG, 1,000 stripes": lambda: saved(Image.fromarray(np.tile(stripes, (4000, 1))), "PNG"),
        "PNG, 2,000 digits": lambda: saved(Image.fromarray(np.tile(np.asarray(grey), (40, 25))), "PNG"),
        "PNG, noise, 4 million pixels": lambda: saved(Image.effect_noise((2000, 2000), 99), "PNG"),
        "PNG, 2 billion pixels a side": lambda: (
            PNG + chunk(b"IHDR", b"\x7f\xff\xff\xff" * 2 + b"\x08\0\0\0\0") + chunk(b"IDAT", b"")
        ),
        "PNG, 100 million pixels": lambda: (
            PNG + chunk(b"IHDR", struct.pack(">II", 10_000, 10_000) + b"\x08\0\0\0\0") + chunk(b"IDAT", b"")
        ),
        "PNG, no pixels": lambda: PNG + chunk(b"IHDR", bytes(8) + b"\x08\0\0\0\0") + chunk(b"IEND", b""),
        "PNG, 100 MB of text": lambda: (
            PNG
            + chunk(b"IHDR", struct.pack(">II", 9, 9) + b"\x08\0\0\0\0")
            + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**8)))
        ),
        "JPEG, a thousand scans": lambda: scans(1000),
        "JPEG, a hundred scans": lambda: scans(100),
        "BMP that skips all rows": lambda: bmp(20_000_000, 2, b"\0\2\0\xff"),
        "BMP that skips rows": lambda: bmp(65_535, 700, b"\0\2\0\xff" * 9),
        "BMP of line ends": lambda: bmp(65_535, 700, b"\1\1\0\0" * 999),
        "WebP, 268 million pixels": lambda: lossless(16_384, 16_384),
        "WebP, 49 million pixels": lambda: lossless(7000, 7000),
        "GIF, a frame of 65,535": lambda: (
            b"GIF89a" + struct.pack("<HH", 9, 9) + b"\0\0\0," + struct.pack("<HHHH", 0, 0, 65_535, 65_535) + b"\0\2\0;"
        ),
        "TIFF, a tile of 32,768": lambda: tiff(lzw | {322: 32_768, 323: 32_768, 324: 134, 325: 60}, b"\x80\0\1" * 20),
        "TIFF, a strip of 2 billion rows": lambda: tiff(lzw | {273: 122, 278: 2**31 - 1, 279: 60}, b"\x80\0\1" * 20),
        "TIFF of NaN and infinity": lambda: saved(Image.fromarray(strange), "TIFF"),
        "TIFF of NaN alone": lambda: saved(Image.new("F", grey.size, float("nan")), "TIFF"),
        "TIFF of infinity alone": lambda: saved(Image.new("F", grey.size, float("inf")), "TIFF"),
    }


# Damage

Damage = Callable[[random.Random, bytearray], None]
ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
SIZES = (0, 1, 2, 7, 255, 5000, 7000, 20_000, 50_000, 65_535, 2**24 - 1, 2**31 - 1, 2**31, 2**32 - 1)


def flip_bits(rng: random.Random, content: bytearray) -> None:
    for _ in range(rng.choice((1, 1, 3, 20))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def overwrite(rng: random.Random, content: bytearray) -> None:
    start, length = rng.randrange(len(content)), rng.choice((1, 4, 16, 200))
    end = min(start + length, len(content))
    content[start:end] = rng.choice((bytes(end - start), b"\xff" * (end - start), rng.randbytes(end - start)))


def truncate(rng: random.Random, content: bytearray) -> None:
    del content[rng.randrange(len(content)) :]


def remove(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content))
    del content[start : start + rng.choice((1, 2, 4, 50, 500))]


def repeat(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content))
    content[start:start] = content[start : start + rng.choice((1, 4, 50, 500))] * rng.choice((1, 1, 5, 100))


def swap(rng: random.Random, content: bytearray) -> None:
    first, second, third = sorted(rng.randrange(len(content)) for _ in range(3))
    content[first:third] = content[second:third] + content[first:second]


def put_number(rng: random.Random, content: bytearray) -> None:
    """Write an absurd number somewhere, more often than not where headers are."""
    bytes_ = rng.choice((1, 2, 4))
    number = (rng.choice(SIZES) % 2 ** (8 * bytes_)).to_bytes(bytes_, rng.choice(ORDERS))
    start = rng.randrange(min(len(content), rng.choice((64, 64, 300, len(content)))))
    content[start : start + bytes_] = number


def put_size(rng: random.Random, content: bytearray) -> None:
    """Find the width, the height or both, however they are written, and put an absurd one in their place."""
    for side in rng.choice(((WIDTH,), (HEIGHT,), (WIDTH, HEIGHT))):
        value = rng.choice(SIZES)
        ways = [
            (number, less, order)
            for number in (4, 3, 2)
            for less in (0, 1)
            for order in ORDERS
            if (side - less).to_bytes(number, order) in content
        ]
        if ways:
            number, less, order = rng.choice(ways)
            start = content.find((side - less).to_bytes(number, order))
            content[start : start + number] = ((value - less) % 2 ** (8 * number)).to_bytes(number, order)


DAMAGES: tuple[Damage, ...] = (flip_bits, overwrite, truncate, remove, repeat, swap, put_number, put_number, put_size)


def mend_checks(content: bytes) -> bytes:
    """Put right the check sums of a PNG's chunks, for its damage to get further than to them."""
    mended, start = bytearray(content), len(PNG)
    while start + 12 <= len(content):
        end = start + 8 + int.from_bytes(content[start : start + 4], "big")
        mended[end : end + 4] = struct.pack(">I", zlib.crc32(content[start + 4 : end]))[: max(0, len(content) - end)]
        start = end + 4
    return bytes(mended)


def file_of(seed: int, index: int) -> tuple[str, bytes]:
    """Return what a file is made of, and its content: first come the absurd ones, then the damaged."""
    absurd, whole = list(absurd_files().items()), list(whole_files().items())
    if index < len(absurd):
        what, make = absurd[index]
        return what, make()
    rng = random.Random(f"{seed} {index}")
    what, undamaged = rng.choice(whole)
    content = bytearray(undamaged)
    way = rng.random()
    if way < 0.02:
        what, content = f"the first bytes of {what}, and noise", content[:16] + rng.randbytes(rng.choice((9, 99, 9999)))
    elif way < 0.08:
        other, tail = rng.choice(whole)
        what, content = f"{what} | {other}", content[: rng.randrange(len(content))] + tail[rng.randrange(len(tail)) :]
    else:
        for damage in rng.choices(DAMAGES, k=rng.choice((1, 1, 2, 3))):
            if content:
                what += f" > {damage.__name__}"
                damage(rng, content)
    if content.startswith(PNG) and rng.random() < 0.7:
        return f"{what} > mended", mend_checks(bytes(content))
    return what, bytes(content)


# Reading them


def outcome_of(content: bytes) -> tuple[str, str]:
    """Return how a file went, and what was read or said of it."""
    try:
        image = open_image(content)
    except ValueError as error:
        assert re.fullmatch(r"[A-Z][^\n]*\.", str(error)), f"no sentence: {error}"
        return "refused", str(error)
    reading = read_image(image)
    check(reading, image.size)
    return "read", reading["text"]


def check(reading: Reading, size: tuple[int, int]) -> None:
    """Raise AssertionError where a reading is not what `digitpad.reading` promises."""
    assert re.fullmatch(r"[0-9?.,\-/:+ \n]*", reading["text"]), reading["text"]
    assert reading["text"] == "\n".join(line["text"] for line in reading["lines"])
    json.dumps(reading, allow_nan=False)
    for digit in reading["digits"]:
        x, y, width, height = digit["box"]
        assert min(x, y) >= 0 and min(width, height) > 0, digit["box"]
        # A box is made of whole pixels of the reduced image, and may reach beyond the last of them.
        assert x < size[0] and y < size[1], (digit["box"], size)
        assert 0 <= digit["line"] < len(reading["lines"])


def run(seed: int, first: int, end: int) -> None:
    """Read the files, and print an Outcome for each as a line of JSON."""
    warnings.simplefilter("error")  # open_image keeps Pillow's to itself; others are faults
    start = _memory()
    for index in range(first, end):
        what, content = file_of(seed, index)
        # It needs no turn of Python's, and so ends a decoder in C as well.
        faulthandler.dump_traceback_later(HANGS, exit=True)
        started = time.process_time()
        try:
            outcome, words = outcome_of(content)
        except Exception:
            outcome, words = "fault", traceback.format_exc()
        faulthandler.cancel_dump_traceback_later()
        seconds, grown = round(time.process_time() - started, 3), _memory() - start
        if seconds > LONGEST or grown > MOST_MEMORY:
            outcome, words = "fault", f"It took {seconds} s, and {grown} MB."
        print(json.dumps(Outcome(index=index, what=what, outcome=outcome, words=words, seconds=seconds)), flush=True)


def _memory() -> int:
    """Return the most memory that this process has had so far, in megabytes; 0 where that is not told."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 2**20 if sys.platform == "darwin" else most // 2**10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for number in ("seed", "first", "end"):
        parser.add_argument(number, type=int)
    parser.add_argument("--save", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.save is None:
        run(options.seed, options.first, options.end)
        return
    for index in range(options.first, options.end):
        (options.save / str(index)).write_bytes(file_of(options.seed, index)[1])


if __name__ == "__main__":
    main()
