"""Keep of Python's standard library, of NumPy and of Pillow what the page needs; run inside Pyodide by reduce.mjs."""

import ast
import importlib.util
import sys
import zipfile
from collections.abc import Coroutine
from importlib._bootstrap_external import _code_to_hash_pyc  # type: ignore[attr-defined]
from pathlib import Path

from digitpad.image import FORMATS
from tools.build import rehearsal

STDLIB = Path("/lib/python314.zip")
SITE = Path("/lib/python3.14/site-packages")
WORDS_ALONE = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
"""Modules that do nothing but describe others in words, which takes them some time."""

DESCRIBED = ("_pyodide/", "pyodide/")
"""Modules that work with their docstrings, and keep them …"""

SILENT = ("numpy/",)
"""… and those that do too, but take it well that nothing is said there."""

KINDS = tuple(f"pil/{kind.lower()}image" for kind in (*FORMATS, "MPO", "PPM"))
"""How Pillow's modules begin for the images that `digitpad.image` opens, and for those that it cannot do without.

It looks for all the others when it does not know a file, and takes it well that they are not there.
"""


def rehearse_start() -> None:
    """Do what the page does with its pad."""
    _run(rehearsal.start())


def rehearse_all_else() -> None:
    """Do all else that the page does."""
    _run(rehearsal.all_else())


def reduce(output: Path) -> list[str]:
    """Write to a folder what the page's work imports: of the standard library, of the packages, and of digitpad.

    The standard library comes in two archives: `start.zip` has the modules that are imported before the first reading,
    and `python.zip` those that may be imported later. The folder `libraries` gets the shared libraries that are needed
    before the first reading, and `rest` all other files of the packages. Returns the names of all modules that are
    imported before the first reading.
    """
    rehearse_start()
    library_at_start, packages_at_start = _imported_from(STDLIB), _imported_from(SITE)
    rehearse_all_else()
    library, packages = set(_imported_from(STDLIB).values()), set(_imported_from(SITE).values())
    output.mkdir()
    with zipfile.ZipFile(STDLIB) as whole:
        _archive(whole, set(library_at_start.values()), output / "start.zip")
        _archive(whole, library - set(library_at_start.values()), output / "python.zip")
    for name in filter(_is_wanted, packages):
        content = (SITE / name).read_bytes()
        if name.endswith(".so") and name in packages_at_start.values():
            _write(output / "libraries" / f"{name}.wasm", content)  # a name of which hosts know that it is compressed
        elif name.endswith(".so"):
            _write(output / "rest" / name, content)
        else:
            _write(output / "rest" / f"{name}c", _compiled(content, name))
    return sorted(library_at_start) + sorted(packages_at_start)


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


def _archive(whole: zipfile.ZipFile, names: set[str], target: Path) -> None:
    """Copy Python's files of an archive to a smaller one, compiled and without their docstrings."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as small:
        for name in sorted(names):
            # Always the same date, for the same archive to come of the same files.
            small.writestr(zipfile.ZipInfo(f"{name}c"), _compiled(whole.read(name), name), zipfile.ZIP_DEFLATED, 9)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _compiled(source: bytes, name: str) -> bytes:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if not isinstance(node, kinds) or ast.get_docstring(node) is None or name.startswith(DESCRIBED):
            continue
        if name.startswith(SILENT):
            node.body[0] = ast.copy_location(ast.Expr(ast.Constant("")), node.body[0])
        else:
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
    if name in WORDS_ALONE:
        tree = ast.Module([], [])
    code = compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True)
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), False))
