"""What the docs name is there: files, folders, commands."""

import importlib.util
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

MADE = ("dist/", "vendor/", "build/", "node_modules/", ".venv")
"""What the commands make."""

PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|mjs|js|md|html|toml|json|onnx))`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
HERE = ("training/", "tests/", "bench/", "tools/", "ui/", "worker/", "digitpad/", "docs/", "assets/", "examples/")
"""Folders of the project: other paths in the docs are of the data, or of somebody else."""


def is_there(name: str, page: Path) -> bool:
    return (ROOT / name).exists() or (page.parent / name).exists()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_files_and_folders_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text()
    named = [name for name in PATH.findall(text) if name.startswith(HERE)] + LINK.findall(text)
    missing = [name for name in named if not name.startswith(MADE) and not is_there(name, page)]
    assert missing == []


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_commands_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text()
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [name for name in re.findall(r"[`\n]make ([a-z][\w-]*)", text) if name not in targets] == []
    modules = [name for name in re.findall(r"python -m ([\w.]+)", text) if name not in ("pip", "pytest")]
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
