"""Read handwritten digits in image files and print them: `python -m digitpad IMAGE…`. The page does without this."""

import argparse
import csv
import glob
import importlib.util
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digitpad.reading import Reading

NEEDED = {"numpy": "numpy", "PIL": "pillow", "onnxruntime": "onnxruntime"}
"""What has to be installed: the module's name, and the package's."""

SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".gif", ".bmp", ".webp", ".tif", ".tiff"}
"""What the names of images end with, of the kinds in `digitpad.image.FORMATS`; in a folder, other files are let be."""

STDIN = "-"

ALL_READ, SOME_NOT = 0, 1  # argparse ends with 2
INTERRUPTED, NOBODY_LISTENS = 130, 141
"""What a shell gives for programs that SIGINT and SIGPIPE have ended."""

_BAR = 30  # characters

_EPILOG = """\
A folder stands for all images in it and in its folders, but for names that begin with a dot. Names with *, ?, [] and **
are matched here where the shell has not done so. - is standard input.

One image that is named itself gives just its text; otherwise the file's name and a colon go before each line of it.
What is no digit is a ?. A file that cannot be read is reported on standard error, and the rest is read.

exit status: 0 all was read; 1 something could not be read; 2 nothing was done: wrong usage, or no image found"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line, and return the exit status."""
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # As Python ends it flushes what is left, and would meet the closed pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_LISTENS


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    read = _reader(parser, options.model, options.single)
    found = [(name, _find(name)) for name in options.images]
    files = [file for _, files in found for file in files]
    if not files:
        parser.error("no image was found")

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be in any encoding
    output: _Output
    if options.json:
        output = _Json()
    elif options.csv:
        output = _Csv()
    else:
        output = _Text(named=files != options.images[:1])
    progress = _Progress(len(files))
    status = ALL_READ

    def report(name: str, sentence: str) -> None:
        nonlocal status
        status = SOME_NOT
        progress.clear()
        print(f"{name}: {sentence}", file=sys.stderr)
        output.fault(name, sentence)

    try:
        for name in [name for name, files in found if not files]:
            report(name, "No image was found there.")
        for done, file in enumerate(files):
            progress.show(done)
            try:
                reading = read(file)
            except _Unreadable as unreadable:
                report(file, str(unreadable))
            else:
                progress.clear()
                output.reading(file, reading)
            sys.stdout.flush()
    finally:
        progress.clear()
        output.end()
        sys.stdout.flush()
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m digitpad",
        description="Read handwritten digits and numbers in images.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="an image, a folder, a pattern, or -")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_true",
        help='print a JSON object a line for each image: {"file", "text", "lines", "digits", "symbols", '
        '"alternatives", "milliseconds"}, '
        'or {"file", "error"}',
    )
    form.add_argument(
        "--csv", action="store_true", help="print a table: a row for each line of writing, a column for each number"
    )
    parser.add_argument("--single", action="store_true", help="take each image as one symbol")
    parser.add_argument("--model", type=Path, metavar="PATH", help="another model than the project's model.onnx")
    return parser


# What is read


class _Unreadable(Exception):
    """A file that cannot be read, with a sentence for the user."""


def _reader(parser: argparse.ArgumentParser, model: Path | None, single: bool) -> "Callable[[str], Reading]":
    """Return what reads a file, or end where something is missing for it."""
    missing = [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        packages = " ".join(missing)
        parser.error(f"this is not installed: {packages}. Install it with: python -m pip install {packages}")
    # These take some tenths of a second, for which nobody is to wait who wants --help or has mistyped an option.
    from digitpad.image import MOST_BYTES, open_image
    from digitpad.onnx import MODEL, at_once, networks
    from digitpad.reading import read

    path = model or MODEL
    if not path.is_file():
        parser.error(f"there is no model: {path} is missing")
    try:
        reads = networks(path)
    except Exception:  # onnxruntime has a kind of error of its own for each way to be no model
        parser.error(f"{path} is no model that onnxruntime can load")

    def read_file(name: str) -> "Reading":
        try:
            content = _content(name, MOST_BYTES + 1)
        except OSError as error:
            raise _Unreadable(f"{error.strerror}.") from None
        try:
            with _hushed():
                image = open_image(content)
            return at_once(read(image, reads, single or None))
        except ValueError as error:
            raise _Unreadable(str(error)) from None
        except MemoryError:
            raise _Unreadable("The image is too large for the memory that is there.") from None

    return read_file


def _content(name: str, most: int) -> bytes:
    if name == STDIN:
        return sys.stdin.buffer.read(most)
    with Path(name).open("rb") as file:
        return file.read(most)


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep quiet what libraries in C write to the standard error: libtiff tells there of each damage that it meets."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _find(name: str) -> list[str]:
    """Return the files that an argument stands for: what it names or matches, and the images in folders."""
    # Names stay as the user wrote them, which a Path would not leave them.
    is_pattern = glob.has_magic(name) and not os.path.lexists(name)
    matches = sorted(glob.glob(name, recursive=True), key=_natural) if is_pattern else [name]  # noqa: PTH207
    return [file for match in matches for file in (_images_in(match) if os.path.isdir(match) else [match])]  # noqa: PTH112


def _images_in(folder: str) -> Iterator[str]:
    for path, folders, files in os.walk(folder):
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=_natural)
        for name in sorted(files, key=_natural):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield os.path.join(path, name)  # noqa: PTH118


def _natural(name: str) -> list[str | int]:
    """Return what sorts names as people do: page 2 comes before page 10."""
    return [int(part) if part.isdecimal() else part.casefold() for part in re.split("([0-9]+)", name)]


# What is written


class _Output:
    """What is printed on the standard output, file by file, in the order in which they are read."""

    def reading(self, name: str, reading: "Reading") -> None:
        raise NotImplementedError

    def fault(self, name: str, sentence: str) -> None:
        """Take note of a file that cannot be read; on the standard error that is told already."""

    def end(self) -> None:
        """Print what had to wait; after an interruption too."""


class _Text(_Output):
    """The text alone, or with the file's name before each line, as grep has it."""

    def __init__(self, named: bool) -> None:
        self._named = named

    def reading(self, name: str, reading: "Reading") -> None:
        for line in reading["text"].split("\n"):
            print(f"{name}: {line}" if self._named else line)


class _Json(_Output):
    """JSON Lines: an object for each file, for a script to go on with while the next one is read."""

    def reading(self, name: str, reading: "Reading") -> None:
        print(json.dumps({"file": name, **reading}))

    def fault(self, name: str, sentence: str) -> None:
        print(json.dumps({"file": name, "error": sentence}))


class _Csv(_Output):
    """A table: a row for each line of writing, and as many columns as the widest has, which is known at the end."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []

    def reading(self, name: str, reading: "Reading") -> None:
        for line in reading["lines"]:
            cells = [""] * (max(line["columns"]) + 1)
            for column, number in zip(line["columns"], line["text"].split(), strict=True):
                cells[column] = number
            self._rows.append([name, *cells])
        if not reading["lines"]:
            self._rows.append([name, ""])

    def end(self) -> None:
        width = max(map(len, self._rows), default=1)
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(["file", *(f"number {n}" for n in range(1, width))])
        table.writerows([*row, *[""] * (width - len(row))] for row in self._rows)


class _Progress:
    """A bar on the standard error, where that is a terminal and there is more than one file."""

    def __init__(self, files: int) -> None:
        self._files = files
        self._shown = ""

    def show(self, done: int) -> None:
        if self._files > 1 and sys.stderr.isatty():
            bar = "#" * (_BAR * done // self._files)
            self._print(f"[{bar:-<{_BAR}}] {done} of {self._files}")

    def clear(self) -> None:
        if self._shown:
            self._print(" " * len(self._shown))
            self._print("")

    def _print(self, text: str) -> None:
        print(f"\r{text}", end="", file=sys.stderr, flush=True)
        self._shown = text


if __name__ == "__main__":
    sys.exit(main())
