"""Say how well real paper is read: cheques, logbooks, school tests and canvases of others, beside other readers.

Run as: `python -m training.real --data ../shared/data`; it writes `training/REAL.md` and its picture.
"""

import argparse
import contextlib
import csv
import importlib
import io
import os
import re
import shutil
import statistics
import subprocess
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad import __main__ as shell
from digitpad.image import open_image
from digitpad.line import OTHER, SYMBOLS
from digitpad.onnx import MODEL, at_once, networks
from digitpad.reading import Networks, read
from training import figures, gather
from training.amounts import FOLDS, fold_of
from training.data import is_validation
from training.numbers import edit_distance
from training.tables import grid, wilson

REPORT = Path(__file__).parent / "REAL.md"
FIGURE = Path(__file__).parent / "figures" / "real.png"
WORST = 12
"""How many errors of each set are shown."""

OURS = "Digitpad"
CASES_GOAL = "≥ 85 of 91"
STATES = Path("build/reader")
"""Where `make cross-validate` puts its networks."""

HALVES = ("choose", "report")
"""What the halves of a set are for: to choose by while tuning, and to report on."""

_CAPTION = 30  # characters that fit above a picture of the figure
_TABLE_HEAD = ("what", "read by", "exactly right", "95 % interval", "goal", "digit errors", "ms a line")


@dataclass(frozen=True)
class Measure:
    """What counts as exactly right: the label's and the text's `key` are the same. `goal` is a share, for ours."""

    name: str
    key: Callable[[str], str]
    goal: float


@dataclass(frozen=True)
class RealSet:
    """A set of labelled pictures: its folder, its measures, and how its pictures are read.

    They are enlarged so many `times`, and taken as one symbol each where `single` is True. `may_be_shown` says that
    its licence lets the figure show some of them, `learned_from` that the line reader has learned from them: each is
    then read by a network that has not learned from its fold (cross-validation).
    """

    name: str
    folder: str
    measures: Sequence[Measure]
    single: bool = False
    times: int = 1
    may_be_shown: bool = True
    learned_from: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture of a set, and what is written there."""

    file: str
    label: str
    image: Image.Image


@dataclass(frozen=True)
class Answer:
    """What a reader says of a picture, how long it took, and how sure it is, 0 … 1, where it says so."""

    text: str
    milliseconds: float
    confidence: float = 0.0


@dataclass(frozen=True)
class Reader:
    """What reads pictures of a set; `megabytes` is its models' size, `takes` says which sets it is asked about."""

    name: str
    megabytes: float
    read: Callable[[Sequence[Picture], RealSet], Sequence[Answer]]
    takes: Callable[[RealSet], bool] = lambda of: True


@dataclass(frozen=True)
class Outcome:
    """A picture and what was read of it."""

    picture: Picture
    answer: Answer

    @property
    def errors(self) -> int:
        """How many digits were left out, put in or misread."""
        return edit_distance(digits(self.picture.label), digits(self.answer.text))

    @property
    def caption(self) -> str:
        """What is written and what was read."""
        return _caption(self.picture.label, self.answer.text)


@dataclass(frozen=True)
class Result:
    """What a reader made of a set."""

    of: RealSet
    reader: Reader
    outcomes: Sequence[Outcome]

    def wrong(self) -> list[Outcome]:
        """Return what is wrong by the set's first measure, those first of which the reader was surest."""
        key = self.of.measures[0].key
        wrong = [o for o in self.outcomes if key(o.picture.label) != key(o.answer.text)]
        return sorted(wrong, key=lambda o: -o.answer.confidence)


@dataclass(frozen=True)
class Case:
    """A picture with one difficulty: what is right, as `cases.tsv` has it, what was read, and whether it is right."""

    file: Path
    right: str
    text: str
    is_right: bool


def digits(text: str) -> str:
    """Return the digits of a text alone."""
    return re.sub("[^0-9]", "", text)


def plain(text: str) -> str:
    """Return a text without its spaces and lines, each comma as a point."""
    return "".join(text.split()).replace(",", ".")


SETS: Sequence[RealSet] = (
    RealSet("cheque amounts", "cheque-amounts", [Measure("cheque amounts, digits", digits, 0.94)], learned_from=True),
    RealSet(
        "clinic cells",
        "clinic-cells",
        [Measure("clinic cells, text", plain, 0.82), Measure("clinic cells, digits alone", digits, 0.88)],
        may_be_shown=False,
    ),
    *(
        RealSet(name, folder, [Measure(name, plain, goal)], single=True, times=times)
        for what, folder, goal in (("exam digits", "exam-digits", 0.97), ("canvas digits", "canvas-digits", 0.98))
        for times in (1, 2, 4)
        for name in [what if times == 1 else f"{what}, enlarged {times} times"]
    ),
)

CASES = RealSet("cases", "", [])
"""The pictures with one difficulty each, which are not measured like the others."""


# The readers


def ours() -> list[Reader]:
    """Return Digitpad, as the shell has it; and with what its line reader is after synthetic lines alone.

    `make cross-validate` makes the networks that have not learned from a fold of what the line reader learned from.
    """
    shipped = networks()
    folds = [_networks_of(f"fold-{fold}.onnx") for fold in range(FOLDS)]
    synthetic = _networks_of("synthetic.onnx")
    if not (all(folds) and synthetic):
        print("Of what the line reader has learned from nothing is said: `make cross-validate` was not run.")

    def answer(picture: Picture, single: bool, reads: Networks | None) -> Answer:
        assert reads is not None
        reading = at_once(read(picture.image, reads, single or None))
        surely = min((digit["confidence"] for digit in reading["digits"]), default=0.0)
        return Answer(reading["text"], reading["milliseconds"], surely)

    def answers(pictures: Sequence[Picture], of: RealSet) -> list[Answer]:
        return [
            answer(picture, of.single, folds[fold_of(picture.label)] if of.learned_from else shipped)
            for picture in pictures
        ]

    def answers_of_synthetic(pictures: Sequence[Picture], of: RealSet) -> list[Answer]:
        return [answer(picture, of.single, synthetic) for picture in pictures]

    size = _megabytes(MODEL.parent.glob("*.onnx"))
    found = [Reader(OURS, size, answers, lambda of: all(folds) or not of.learned_from)]
    if synthetic:
        found.append(Reader(f"{OURS}, synthetic lines alone", size, answers_of_synthetic, lambda of: not of.single))
    return found


def _networks_of(name: str) -> Networks | None:
    path = STATES / name
    return networks(reader=path) if path.exists() else None


def rapidocr() -> list[Reader]:
    """Return PP-OCR as `rapidocr` brings it, its recogniser alone: as it comes, and restricted to our symbols."""
    try:
        package = importlib.import_module("rapidocr")
    except ImportError:
        return []
    models = sorted((Path(str(package.__file__)).parent / "models").glob("*_rec_*.onnx"))

    def reader(name: str, engine: Any) -> Reader:
        def answer(image: Image.Image) -> Answer:
            started = time.perf_counter()
            text = "".join(engine(image, use_det=False, use_cls=False, use_rec=True).txts)
            return Answer(text, (time.perf_counter() - started) * 1000)

        answer(Image.new("RGB", (320, 48)))  # only now it loads its network
        return Reader(name, _megabytes(models), lambda pictures, _: [answer(picture.image) for picture in pictures])

    engines = [
        package.RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1, "Global.log_level": "critical"})
        for _ in range(2)
    ]
    name = models[0].stem.replace("_rec_", " ")
    found = [reader(f"{name}, as it comes", engines[0]), reader(f"{name}, our symbols only", engines[1])]
    recogniser = engines[1].text_rec
    recogniser.postprocess_op = restricted(recogniser.postprocess_op)
    return found


def restricted(decode: Any) -> Callable[..., Any]:
    """Return rapidocr's decoder, of probabilities `(N, T, C)`, without all classes but the blank and our symbols."""
    allowed = np.isin(decode.character, [symbol for symbol in SYMBOLS if symbol != SYMBOLS[OTHER]])
    allowed[0] = True  # the blank

    def decode_allowed(probabilities: NDArray[np.float32], *arguments: Any, **options: Any) -> Any:
        return decode(np.where(allowed, probabilities, np.float32(0)), *arguments, **options)

    return decode_allowed


def tesseract() -> list[Reader]:
    """Return Tesseract, restricted to digits. It reads a set's pictures as the pages of one TIFF, started once."""
    program = shutil.which("tesseract")
    if program is None:
        return []
    about = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=True).stdout
    models = Path(about.split('"')[1]) / "eng.traineddata"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]

    def answers(pictures: Sequence[Picture], of: RealSet) -> list[Answer]:
        content = io.BytesIO()
        first, *others = (picture.image.convert("L") for picture in pictures)
        first.save(content, "TIFF", save_all=True, append_images=others)
        taken_as = "10" if of.single else "7"  # one character, or one line
        command = [program, "-", "-", "--psm", taken_as, "-c", "tessedit_char_whitelist=0123456789"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        started = time.perf_counter()
        done = subprocess.run(command, input=content.getvalue(), capture_output=True, check=True, env=environment)
        milliseconds = (time.perf_counter() - started) * 1000 / len(pictures)
        texts = done.stdout.decode().split("\f")
        return [Answer(text.strip(), milliseconds) for text, _ in zip(texts, pictures, strict=False)]

    return [Reader(f"Tesseract {version}, digits only", _megabytes([models]), answers)]


READERS: Mapping[str, Callable[[], list[Reader]]] = {"ours": ours, "rapidocr": rapidocr, "tesseract": tesseract}


# The sets


def pictures(folder: Path, times: int = 1) -> list[Picture]:
    """Return the pictures in a set's `images.zip` that are in its `labels.tsv`, enlarged by cubic interpolation."""
    with zipfile.ZipFile(folder / "images.zip") as images:
        return [
            Picture(row["file"], row["label"], _enlarged(open_image(images.read(row["file"])), times))
            for row in _rows(folder / "labels.tsv")
        ]


def measured(data: Path, sets: Sequence[RealSet], readers: Sequence[Reader]) -> list[Result]:
    """Return what each reader makes of each set that is there, saying how far it is."""
    results = []
    for of in sets:
        folder = data / "real" / of.folder
        if not (folder / "images.zip").is_file():
            print(f"There is no {folder}/images.zip: {of.name} are left out.")
            continue
        shown = pictures(folder, of.times)
        for reader in readers:
            if not reader.takes(of):
                continue
            started = time.monotonic()
            answers = reader.read(shown, of)
            results.append(Result(of, reader, [Outcome(*pair) for pair in zip(shown, answers, strict=True)]))
            print(f"{of.name}, {reader.name}: {len(shown):,} read, {time.monotonic() - started:.0f} s")
    return results


def in_half(half: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes in one of HALVES, by a hash of the picture's name, so that it is always the same."""
    return [o for o in outcomes if is_validation(f"real {o.picture.file}", 0.5) == (half == HALVES[0])]


def table(results: Sequence[Result], halves: Sequence[str] = ("",)) -> str:
    """Return the figures as a Markdown table: a row for each measure, half and reader; "" is the whole set."""
    names = list(dict.fromkeys(result.of.name for result in results))
    return grid(
        _TABLE_HEAD,
        [
            _row(measure, half, result.reader, in_half(half, result.outcomes) if half else result.outcomes)
            for name in names
            for measure in next(r.of.measures for r in results if r.of.name == name)
            for half in halves
            for result in results
            if result.of.name == name
        ],
    )


# The cases

THREE_NUMBERS = "three numbers"
BESIDE_LABELS = "each number whole, what stands for its label apart"
BELOW_A_HEADING = " after what stands for the heading"
WITH_AN_EMPTY_CELL = ", and in the table (CSV) the first cell of the second row empty"
WRITTEN = ("70429", "3158", "926", "48810")
"""What is written where `cases.tsv` says only how many numbers there are, or beside what they stand."""


def is_right(right: str, text: str, file: Path) -> bool:
    """Say whether a case's text is what `cases.tsv` calls right; the file is read again where that is a table.

    Raises ValueError where `right` has words that are not known here.
    """
    lines = text.split("\n")
    if right == THREE_NUMBERS:
        return lines == [*WRITTEN[:3]]
    if right == BESIDE_LABELS:
        return are_beside_labels(text)
    if right.endswith(BELOW_A_HEADING):
        return are_below_a_heading(lines, right.removesuffix(BELOW_A_HEADING).split("|"))
    if right.endswith(WITH_AN_EMPTY_CELL):
        return lines == right.removesuffix(WITH_AN_EMPTY_CELL).split("|") and has_an_empty_cell(file)
    answers = right.split(" or ")
    if re.search("[a-z]", "".join(answers)):
        raise ValueError(f"No check is known for a case of which this is right: {right}")
    return lines in [answer.split("|") for answer in answers]


def are_beside_labels(text: str) -> bool:
    """Say whether each of WRITTEN is there in its order, with something else apart from it."""
    words = text.split()
    return tuple(word for word in words if word in WRITTEN) == WRITTEN and len(words) > len(WRITTEN)


def are_below_a_heading(lines: Sequence[str], numbers: Sequence[str]) -> bool:
    """Say whether the last lines are these numbers, and something stands above them."""
    return lines[-len(numbers) :] == numbers and len(lines) > len(numbers)


def has_an_empty_cell(file: Path) -> bool:
    """Say whether the shell's table of a picture begins its second row with an empty cell."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        shell.main(["--csv", str(file)])
    rows = list(csv.reader(io.StringIO(printed.getvalue())))[1:]
    return len(rows) > 1 and rows[1][1:2] == [""]


def cases(folder: Path, reader: Reader) -> list[Case]:
    """Return what a reader makes of each of the pictures that the folder's `cases.tsv` names."""
    found = []
    for row in _rows(folder / "cases.tsv"):
        file, right = folder / row["file"], row["right"]
        (answer,) = reader.read([Picture(row["file"], right, open_image(file.read_bytes()))], CASES)
        found.append(Case(file, right, answer.text, is_right(right, answer.text, file)))
    return found


# The report


def report(results: Sequence[Result], of_cases: Sequence[Case], readers: Sequence[Reader], missing: str) -> str:
    """Return the report as Markdown, and draw its picture."""
    mine = [result for result in results if result.reader is readers[0]]
    columns = {r.of.name: r.wrong()[:WORST] for r in mine if r.of.may_be_shown and r.of.times == 1}
    wrong = [case for case in of_cases if not case.is_right][:WORST]
    FIGURE.parent.mkdir(exist_ok=True)
    shown = {name: [(o.picture.image, o.caption) for o in column] for name, column in columns.items()}
    shown["cases"] = [(Image.open(case.file), _caption(case.right, case.text)) for case in wrong]
    figures.numbers(shown, WORST, FIGURE)
    return REPORT_TEXT.format(
        table=table(results),
        readers=grid(["reader", "models, MB"], [[reader.name, f"{reader.megabytes:.1f}"] for reader in readers])
        + (f"\n\nNot installed when this was written, and so left out: {missing}." if missing else ""),
        halves=table(mine, HALVES),
        cases=f"{sum(case.is_right for case in of_cases)} of {len(of_cases)} are right (goal: {CASES_GOAL}).",
        each=grid(["case", "right", "read", ""], [_case_row(case) for case in of_cases]),
        unshown="\n\n".join(
            f"{r.of.name}: " + ", ".join(f"`{o.picture.file}` {o.caption}" for o in r.wrong()[:WORST]) + "."
            for r in mine
            if not r.of.may_be_shown
        ),
    )


def _row(measure: Measure, half: str, reader: Reader, outcomes: Sequence[Outcome]) -> list[str]:
    what, goal = f"{measure.name}, {half}" if half else measure.name, f"≥ {100 * measure.goal:g} %"
    start, total = [what, reader.name], len(outcomes)
    if not total:
        return [*start, "no data", *[""] * (len(_TABLE_HEAD) - 3)]
    hits = sum(measure.key(o.picture.label) == measure.key(o.answer.text) for o in outcomes)
    low, high = wilson(hits, total)
    written = sum(len(digits(o.picture.label)) for o in outcomes)
    return [
        *start,
        f"{hits / total:.1%} of {total:,}",
        f"{low:.1%} … {high:.1%}",
        goal if reader.name == OURS else "",
        f"{sum(o.errors for o in outcomes) / written:.1%}",
        f"{statistics.median(o.answer.milliseconds for o in outcomes):.1f}",
    ]


def _case_row(case: Case) -> list[str]:
    in_words = (text.replace("|", " ⏎ ").replace("\n", " ⏎ ") for text in (case.right, case.text or "nothing"))
    return [case.file.name, *in_words, "right" if case.is_right else "**wrong**"]


def _caption(written: str, text: str) -> str:
    return textwrap.shorten(f"{written} → {text or 'nothing'}", _CAPTION, placeholder=" …")


def _enlarged(image: Image.Image, times: int) -> Image.Image:
    return image.resize((image.width * times, image.height * times), Image.Resampling.BICUBIC) if times > 1 else image


def _megabytes(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1e6


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


REPORT_TEXT = """# How well real paper is read

Written by `make evaluate`. The pictures are other people's: amounts on bank cheques, cells of clinics' logbooks, digits
out of the boxes of school tests, and digits that visitors of a public page drew (`../shared/data/real` says more). One
or two in a hundred of their labels are wrong, and count as errors all the same. Cheque amounts count by their digits
alone, clinic cells by their text, `,` and `.` alike and spaces aside. Exam and canvas digits are read with `single:
true`. Digitpad's line reader has learned from the cheque amounts too, and from no other set here: it is cross-validated
over them, each amount being read by one of five networks that has learned from none that says the same. *Synthetic
lines alone* is what it reads before it learns from them. A digit error is a digit too many, too few or misread, as a
share of the digits written.

{table}

All were read in one run on one machine, a line at a time on one thread; the time is the median, but for Tesseract,
which is started once for a set, the mean. PP-OCR's recogniser is given the line as it is, without its detector. *Our
symbols only* takes from its answer, before it is decoded, what is none of `0` to `9` and `. , - / : +`. Tesseract takes
a picture as a line, or, of single digits, as a character.

{readers}

## By halves

A hash of its name puts each picture in one of two halves, so that what is chosen by looking at real pictures can be
chosen on one of them (`--validation` prints both while tuning) and reported on the other.

{halves}

## One difficulty each

{cases} `⏎` is the end of a line.

{each}

## The worst errors

What Digitpad read wrong and was surest of, by the least sure digit; of the cases, the first.

![Misread pictures](figures/real.png)

Cheques: ORAND-CAR-A as labelled by github.com/Fzkuji/Labeled_ORAND-CAR-A (MIT); exam digits:
github.com/SageLabTW/auto-grading (ODbL 1.0); canvas digits:
github.com/jnsjknn/Handwritten-Digit-Recognition-using-a-Neural-Network. Where a set's licence is not known, its
pictures stay where they are, and only their names are given.

{unshown}
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure from the command line how real paper is read."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=gather.DEFAULT_DATA, help="folder with real/ (%(default)s)")
    parser.add_argument("--cases", type=Path, help="folder with cases.tsv (default: cases beside the data folder)")
    parser.add_argument("--only", metavar="WORDS", help="just print the figures of the sets with these words")
    parser.add_argument("--reader", choices=READERS, help="just print the figures of this one")
    parser.add_argument("--validation", action="store_true", help="just print the figures, each half of a set apart")
    options = parser.parse_args(arguments)
    folder = options.cases or options.data.parent / "cases"
    words = options.only or ""
    sets = [of for of in SETS if words in of.name]
    has_cases = words in "cases" and (folder / "cases.tsv").is_file()
    if not has_cases and not any((options.data / "real" / of.folder / "images.zip").is_file() for of in sets):
        parser.error(f"there are no such real pictures in {options.data}: its real/ is to hold a set's images.zip.")

    loaded = {name: load() for name, load in READERS.items() if options.reader in (None, name)}
    missing = ", ".join(name for name, readers in loaded.items() if not readers)
    if missing:
        print(f"Not installed, and so left out: {missing}. training/requirements-evaluate.in says how to install it.")
    readers = [reader for found in loaded.values() for reader in found]
    results = measured(options.data, sets, readers)
    of_cases = cases(folder, readers[0]) if has_cases and "ours" in loaded else []
    if words or options.reader or options.validation:
        print(table(results, HALVES if options.validation else ("",)))
        for case in of_cases:
            print(*_case_row(case), sep=" | ")
        if of_cases:
            print(f"cases: {sum(case.is_right for case in of_cases)} of {len(of_cases)} right")
        return
    REPORT.write_text(report(results, of_cases, readers, missing))
    print(f"Wrote {REPORT.name} and its picture.")


if __name__ == "__main__":
    main()
