"""What makes the page in one file: it changes what it knows, and stops with a sentence where that is not there."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.build.vendor import Missing
from tools.onefile import write as onefile

NAMES = ("index.html", "assets", "ui", "LICENSE", "NOTICES.md")


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with what of the site is in the page as it is."""
    for name in NAMES:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, tmp_path / name)
    monkeypatch.setattr(onefile, "DIST", tmp_path)
    return tmp_path


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_bytes_become_characters_that_html_leaves_alone() -> None:
    content = bytes(a for b in range(256) for a in (b, 0, b, ord("="), b))
    escaped = onefile.escaped(content)
    assert not set(escaped) & set(b"\0\r<")
    for byte in b"<\r\0=":
        escaped = escaped.replace(bytes([ord("="), byte + 64]), bytes([byte]))
    assert escaped == content


def test_the_page_names_no_other_file(dist: Path) -> None:
    page = onefile.one_file([("main.py", b"pass")], "all this").decode(onefile.ENCODING)
    assert "all this" in page[:1000]
    assert 'data-path="main.py">pass</script>' in page
    assert "default-src 'none'" in page
    assert "“Keep” puts a reading here" in page
    assert "make serve" not in page


@pytest.mark.parametrize("line", ['<script src="more.js"></script>', '<a href="help.html">Help</a>'])
def test_another_file_that_the_page_names_is_told(dist: Path, line: str) -> None:
    changed(dist / "index.html", "</header>", f"{line}</header>")
    with pytest.raises(Missing, match=r"index.html names (more.js|help.html)"):
        onefile.one_file([], "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ui/boot/before_python.js", "root.dataset.fromDisk"),
        ("index.html", 'id="from-disk"'),
        ("index.html", "</footer>"),
    ],
)
def test_what_is_to_be_changed_and_is_not_there_is_told(dist: Path, name: str, text: str) -> None:
    changed(dist / name, text, "")
    with pytest.raises(Missing, match="was to be there once, not 0 times"):
        onefile.one_file([], "")


def test_a_character_that_the_encoding_has_not_is_told_where_html_could_not_spell_it(dist: Path) -> None:
    changed(dist / "index.html", "<h1>Digitpad</h1>", "<h1>Дигитпад</h1>")
    assert b"&#1044;" in onefile.one_file([], "")
    changed(dist / "ui/boot/before_python.js", "const root", "/* Дигитпад */ const root")
    with pytest.raises(Missing, match="“Д”"):
        onefile.one_file([], "")
