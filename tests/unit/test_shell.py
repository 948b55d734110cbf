"""`python -m digitpad`: what a shell, and who writes scripts for it, may rely on."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from digitpad import __main__ as shell
from digitpad.image import FORMATS
from tests.conftest import ROOT
from tests.fuzz import absurd_files, saved
from tests.model import read_image
from tools.browser.digits import DIGITS
from training.ink import draw

COMMAND = [sys.executable, "-m", "digitpad"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder: a few pictures, one of them damaged, a blank one, and what is none."""
    monkeypatch.chdir(tmp_path)
    for name, digit in (("7.png", "7"), ("page 2.png", "2"), ("page 10.jpg", "0"), ("more/deep/3.webp", "3")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw(DIGITS[digit])).save(path)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/broken.PNG").write_bytes(saved(Image.fromarray(draw(DIGITS["5"])), "PNG")[:300])
    Image.new("L", (60, 60), 255).save(tmp_path / "bad/clean.png")
    (tmp_path / "none").mkdir()
    for name in ("none/notes.txt", ".7.png", "more/.hidden.png"):
        (tmp_path / name).write_text("no image")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        status: object = shell.main(arguments)
    except SystemExit as end:
        status = end.code
    assert isinstance(status, int)
    return status, *capsys.readouterr()


@pytest.mark.usefixtures("folder")
class TestText:
    def test_of_one_image_it_is_all_that_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys, "7.png") == (0, "7\n", "")

    def test_of_a_blank_image_it_is_an_empty_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys, "bad/clean.png") == (0, "\n", "")

    def test_of_several_images_it_has_their_names(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys, "page 2.png", "7.png", "7.png") == (0, "page 2.png: 2\n7.png: 7\n7.png: 7\n", "")

    def test_of_several_lines_each_has_the_name(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = [{"text": "12 3", "columns": [0, 2]}, {"text": "45", "columns": [1]}]
        two_lines = read_image(Image.open("7.png")) | {"text": "12 3\n45", "lines": lines}
        monkeypatch.setattr(shell, "_reader", lambda *_: lambda name: two_lines)
        assert run(capsys, "7.png") == (0, "12 3\n45\n", "")
        assert run(capsys, "7.png", "7.png")[1] == "7.png: 12 3\n7.png: 45\n" * 2
        assert run(capsys, "--csv", "7.png")[1] == "file,number 1,number 2,number 3\n7.png,12,,3\n7.png,,45,\n"


@pytest.mark.usefixtures("folder")
class TestFinding:
    def test_a_folder_stands_for_its_images_in_natural_order(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, printed, _ = run(capsys, ".")
        names = ["7.png", "page 2.png", "page 10.jpg", "bad/clean.png", "more/deep/3.webp"]
        assert [line.split(":")[0] for line in printed.splitlines()] == [f"./{name}" for name in names]

    def test_a_pattern_is_matched_where_the_shell_has_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys, "page*") == (0, "page 2.png: 2\npage 10.jpg: 0\n", "")
        assert run(capsys, "more/**/*.webp") == (0, "more/deep/3.webp: 3\n", "")

    def test_a_file_may_be_named_like_a_pattern(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("7.png").rename("[7].png")
        assert run(capsys, "[7].png") == (0, "7\n", "")

    def test_what_ends_like_an_image_does_is_what_pillow_reads(self) -> None:
        Image.init()
        assert {suffix for suffix, kind in Image.EXTENSION.items() if kind in {*FORMATS, "MPO"}} == shell.SUFFIXES

    @pytest.mark.parametrize("name", ["none", "*.tif"])
    def test_where_there_is_no_image_nothing_is_done(self, capsys: pytest.CaptureFixture[str], name: str) -> None:
        status, printed, told = run(capsys, name)
        assert (status, printed) == (2, "")
        assert "no image was found" in told

    def test_the_others_are_read_where_one_name_stands_for_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys, "none", "7.png") == (1, "7.png: 7\n", "none: No image was found there.\n")


@pytest.mark.usefixtures("folder")
class TestFaults:
    def test_one_bad_file_is_reported_and_the_rest_is_read(self, capfd: pytest.CaptureFixture[str]) -> None:
        status, printed, told = run(capfd, "bad", "7.png", "absent.png")
        assert status == 1
        assert printed == "bad/clean.png: \n7.png: 7\n"
        assert told == (
            "bad/broken.PNG: The image is damaged: it ends too early or holds what no image can.\n"
            "absent.png: No such file or directory.\n"
        )

    def test_libraries_in_c_add_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        Path("it.tif").write_bytes(absurd_files()["TIFF, a strip of 2 billion rows"]())
        status, _, told = run(capfd, "it.tif")
        assert status == 1
        assert told.count("\n") == 1

    def test_a_file_larger_than_memory_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        with Path("huge.png").open("wb") as file:
            file.truncate(2**40)
        assert run(capsys, "huge.png") == (1, "", "huge.png: The file is too large: up to 200 MB can be read.\n")

    @pytest.mark.parametrize("arguments", [[], ["--json", "--csv", "7.png"], ["--colour", "7.png"]])
    def test_wrong_usage_is_told(self, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
        status, printed, told = run(capsys, *arguments)
        assert (status, printed) == (2, "")
        assert "usage: python -m digitpad" in told

    def test_a_missing_model_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, _, told = run(capsys, "--model", "no.onnx", "7.png")
        assert status == 2
        assert "there is no model: no.onnx is missing" in told

    def test_what_is_no_model_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, _, told = run(capsys, "--model", "page 2.png", "7.png")
        assert status == 2
        assert "page 2.png is no model" in told

    def test_what_is_not_installed_is_told_with_how_to_get_it(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(shell.NEEDED, "a_module_that_nobody_has", "its-package")
        status, _, told = run(capsys, "7.png")
        assert status == 2
        assert "python -m pip install its-package\n" in told


@pytest.mark.usefixtures("folder")
class TestForScripts:
    def test_json_is_an_object_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, printed, told = run(capsys, "--json", "7.png", "bad/broken.PNG")
        assert status == 1
        read, unread = map(json.loads, printed.splitlines())
        expected = {"file": "7.png", **read_image(Image.open("7.png"))}
        assert list(read) == ["file", "text", "lines", "digits", "symbols", "alternatives", "milliseconds"]
        assert read | {"milliseconds": 0} == expected | {"milliseconds": 0}
        assert list(unread) == ["file", "error"]
        assert unread["error"].startswith("The image is damaged")
        assert told.startswith("bad/broken.PNG: The image is damaged")

    def test_csv_is_a_row_a_line_and_a_column_a_number(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, printed, _ = run(capsys, "--csv", "7.png", "bad/clean.png", "bad/broken.PNG")
        assert status == 1
        assert list(csv.reader(io.StringIO(printed))) == [["file", "number 1"], ["7.png", "7"], ["bad/clean.png", ""]]

    def test_names_in_no_encoding_are_printed_all_the_same(self) -> None:
        try:
            Path("7.png").rename(os.fsdecode(b"\xff.png"))
        except OSError:
            pytest.skip("this file system has names in Unicode only")
        process = subprocess.run([*COMMAND, "."], capture_output=True, env=ENVIRONMENT)
        assert process.returncode == 1  # of the damaged one
        assert rb"./\udcff.png: 7" in process.stdout


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.mark.usefixtures("folder")
class TestProcess:
    def test_standard_input_is_read(self) -> None:
        with Path("7.png").open("rb") as file:
            process = subprocess.run([*COMMAND, "-"], stdin=file, capture_output=True, text=True, env=ENVIRONMENT)
        assert (process.returncode, process.stdout, process.stderr) == (0, "7\n", "")

    def test_a_reader_that_has_enough_is_no_error(self) -> None:
        process = subprocess.Popen(
            [*COMMAND, *["7.png"] * 500], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
        )
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"7.png: 7\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == shell.NOBODY_LISTENS

    @pytest.mark.parametrize(("form", "last"), [([], "7.png: 7"), (["--csv"], "7.png,7")])
    def test_ctrl_c_ends_it_with_what_was_read(self, form: list[str], last: str) -> None:
        # The fifth file is a pipe, in which nothing comes.
        os.mkfifo("pipe")
        process = subprocess.Popen(
            [*COMMAND, *form, *["7.png"] * 4, "pipe"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=ENVIRONMENT,
            # What runs in the background does not hear Ctrl-C, nor do its children, unless they are told to.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        with Path("pipe").open("wb"):  # waits until it is opened to be read
            process.send_signal(signal.SIGINT)
            printed, told = process.communicate()
        assert process.returncode == 130
        assert printed.splitlines()[-4:] == [last] * 4
        assert told == ""

    def test_a_terminal_sees_a_bar_which_is_gone_at_the_end(self) -> None:
        ours, theirs = pty.openpty()
        process = subprocess.run([*COMMAND, *["7.png"] * 3], stdout=subprocess.PIPE, stderr=theirs, env=ENVIRONMENT)
        os.close(theirs)
        shown = os.read(ours, 10_000).decode()
        os.close(ours)
        assert process.stdout == b"7.png: 7\n" * 3
        assert "] 0 of 3\r" in shown and "] 2 of 3\r" in shown
        assert shown.endswith(f"\r{' ' * (shell._BAR + 9)}\r")

    def test_it_starts_without_what_the_training_needs(self) -> None:
        code = "import sys; from digitpad.__main__ import main; main(['7.png']); print(*sys.modules)"
        process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT)
        assert process.stdout.startswith("7\n")
        assert not {"tensorflow", "keras", "training"} & set(process.stdout.split())
