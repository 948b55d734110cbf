"""Keep of Python's standard library, of NumPy and of Pillow what the page needs; run inside Pyodide by reduce.mjs."""

import ast
import importlib.util
import sys
import zipfile
from collections.abc import Coroutine
from importlib._bootstrap_external import _code_to_hash_pyc  # type: ignore[attr-defined]
from pathlib import Path

from digitpad.image import FORMATS
from tools import rehearsal

STDLIB = Path("/lib/python314.zip")
SITE = Path("/lib/python3.14/site-packages")
WORDS_ALONE = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
"""Modules that do nothing but describe others in words, which takes them some time."""

DESCRIBED = ("_pyodide/", "pyodide/", "numpy/")
"""Modules that work with their docstrings, and keep them."""

KINDS = tuple(f"pil/{kind.lower()}image" for kind in (*FORMATS, "MPO", "PPM"))
"""How Pillow's modules begin for the images that `digitpad.image` opens, and for those that it cannot do without.

It looks for all the others when it does not know a file, and takes it well that they are not there.
"""


def rehearse() -> None:
    """Do all that the page does."""
    _run(rehearsal.start())
    _run(rehearsal.all_else())


def reduce(wheels: Path, output: Path) -> list[str]:
    """Write to a folder the wheels and the standard library with the modules that the page's work imports.

    The standard library comes in two parts: `start.zip` has the modules that are imported before the first reading,
    whose names are returned, and `python.zip` those that may be imported later.
    """
    _run(rehearsal.start())
    at_start = _imported_from(STDLIB)
    _run(rehearsal.all_else())
    library, packages = set(_imported_from(STDLIB).values()), set(_imported_from(SITE).values())
    _reduce(STDLIB, output / "start.zip", set(at_start.values()))
    _reduce(STDLIB, output / "python.zip", library - set(at_start.values()))
    for wheel in wheels.glob("*.whl"):
        about = {name for name in _names(wheel) if name.endswith((".dist-info/METADATA", ".dist-info/WHEEL"))}
        _reduce(wheel, output / wheel.name, {name for name in packages if _is_wanted(name)} | about)
    return sorted(at_start)


def _run(coroutine: Coroutine[None, None, None]) -> None:
    """Run a coroutine that waits for nothing but others such as it."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("The rehearsal waits for something.")


def _imported_from(place: Path) -> dict[str, str]:
    """Return the modules that were imported from a place, and for each the name of its file there."""
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    return {name: file.removeprefix(f"{place}/") for name, file in files.items() if file.startswith(f"{place}/")}


def _is_wanted(name: str) -> bool:
    """Say whether a module that was imported is not just one of Pillow's for another kind of images."""
    return not name.endswith("ImagePlugin.py") or name.lower().startswith(KINDS)


def _names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as whole:
        return whole.namelist()


def _reduce(source: Path, target: Path, names: set[str]) -> None:
    """Copy files of an archive to a smaller one, Python's compiled and without its docstrings."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as small:
        for name in sorted(names.intersection(whole.namelist())):
            content = whole.read(name)
            if name.endswith(".py"):
                content = _compiled(b"" if name in WORDS_ALONE else content, name)
                name += "c"
            # Always the same date, for the same archive to come of the same files.
            small.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)


def _compiled(source: bytes, name: str) -> bytes:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, kinds) and ast.get_docstring(node) is not None and not name.startswith(DESCRIBED):
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
    code = compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True)
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), False))
