import gzip
import json
import re
import struct
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tools.build import site, vendor


def test_the_page_is_given_all_of_its_modules() -> None:
    page = tomllib.loads((ROOT / "pyscript.toml").read_text())["files"]
    compiled = [*(site.DIST / "ui").glob("*.mpy"), *(vendor.VENDOR / "pyscript").glob("*.mpy")]
    assert sorted(page.values()) == sorted(f"{path.parent.name}/{path.name}" for path in compiled)
    assert {path.stem for path in (ROOT / "ui").glob("*.py")} == {
        path.stem for path in compiled if path.parent.name == "ui"
    }
    assert all((site.DIST / name).is_file() for name in page)


def test_the_locks_name_no_host() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
    assert "://" not in (ROOT / "requirements.txt").read_text()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A project with Pyodide's lock in place, no wheels, and no way out."""
    monkeypatch.setattr(vendor, "WHEEL_CACHE", tmp_path / "cache")
    contents = {f"{name}.whl": name.encode() for name in vendor.WHEELS}
    lock = {
        "packages": {
            name: {"file_name": f"{name}.whl", "sha256": vendor._sha256(name.encode())} for name in vendor.WHEELS
        }
    }
    monkeypatch.setattr(vendor, "LOCK", tmp_path / "pyodide-lock.json")
    vendor.LOCK.write_text(json.dumps(lock))
    monkeypatch.setattr(vendor, "_download", _refuse)
    monkeypatch.setattr(vendor, "_from_mirror", _refuse)
    return contents


def _refuse(name: str) -> bytes:
    raise OSError("the network is not there")


def _contents(paths: list[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


def test_wheels_come_from_the_folder_that_the_user_names(tmp_path: Path, wheels: dict[str, bytes]) -> None:
    for name, content in wheels.items():
        (tmp_path / name).write_bytes(content)
    assert _contents(vendor._bring_wheels(tmp_path)) == wheels


def test_wheels_come_from_the_cache_the_second_time(tmp_path: Path, wheels: dict[str, bytes]) -> None:
    for name, content in wheels.items():
        (tmp_path / name).write_bytes(content)
    vendor._bring_wheels(tmp_path)
    for name in wheels:
        (tmp_path / name).unlink()
    assert _contents(vendor._bring_wheels(None)) == wheels


def test_a_wheel_with_another_hash_is_passed_over(
    tmp_path: Path, wheels: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in wheels:
        (tmp_path / name).write_bytes(b"something else")
    monkeypatch.setattr(vendor, "_from_mirror", lambda name: wheels[name])
    assert _contents(vendor._bring_wheels(tmp_path)) == wheels


def test_what_could_not_be_had_is_named_with_the_way_to_provide_it(wheels: dict[str, bytes]) -> None:
    with pytest.raises(vendor.Missing) as missing:
        vendor._bring_wheels(None)
    sentence = str(missing.value)
    assert "numpy.whl could not be had" in sentence
    assert "the network is not there" in sentence
    assert "make site WHEELS=" in sentence


def test_the_mirror_is_fetched_once_and_read_like_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "WHEEL_CACHE", tmp_path)
    (tmp_path / "mirror").mkdir()
    with zipfile.ZipFile(tmp_path / "mirror" / "mirror.whl", "w") as archive:
        archive.writestr(f"{vendor.MIRROR_FOLDER}/numpy.whl", b"numpy")
    assert vendor._from_mirror("numpy.whl") == b"numpy"


def test_a_damaged_file_in_dist_is_written_anew(tmp_path: Path) -> None:
    target = tmp_path / "dist" / "target"
    assert site._write(target, b"whole")
    assert not site._write(target, b"whole")
    target.write_bytes(b"what?")
    assert site._write(target, b"whole")
    assert target.read_bytes() == b"whole"


def test_the_page_is_told_early_of_what_it_needs_and_only_of_what_there_is() -> None:
    page = (site.DIST / "index.html").read_text()
    hinted = re.findall(r'<link rel="(?:modulepreload|preload)" href="(.*?)"', page)
    assert len(hinted) == len(set(hinted))
    assert all((site.DIST / name).is_file() for name in hinted)
    wanted = tomllib.loads((ROOT / "pyscript.toml").read_text())["files"]
    assert {*wanted, "main.py", "vendor/pyscript/core.js", "vendor/micropython/micropython.wasm"} <= {*hinted}
    assert site.HINTS not in page
    assert site.CONFIG not in page


PYODIDE = vendor.VENDOR / "pyodide"


def about(name: str) -> Any:
    """Return what worker/pyodide_internals.mjs calls the JSON of a file."""
    content = gzip.decompress((PYODIDE / name).read_bytes())
    (length,) = struct.unpack_from("<I", content)
    return json.loads(content[4 : 4 + length])


def kept() -> list[str]:
    """Return the files that are kept of the packages: the shared libraries of the start, and the rest."""
    return libraries() + [name for name, _ in about("python.rest")]


def libraries() -> list[str]:
    """Return the shared libraries of the start."""
    folder = PYODIDE / "libraries"
    return [path.relative_to(folder).as_posix().removesuffix(".wasm") for path in folder.rglob("*.wasm")]


def test_the_lock_has_pyodide_load_no_packages() -> None:
    assert json.loads((PYODIDE / "pyodide-lock.json").read_bytes())["packages"] == {}


def test_all_of_digitpad_is_kept_but_what_is_for_the_shell() -> None:
    modules = {path.name for path in (ROOT / "digitpad").glob("*.py")} - {"__main__.py", "onnx.py"}
    assert {name for name in kept() if name.startswith("digitpad/")} == {f"digitpad/{name}c" for name in modules}


@pytest.mark.parametrize(("name", "folder"), [("numpy", "numpy/"), ("pillow", "PIL/")])
def test_what_is_kept_of_a_wheel_is_compiled_and_less_than_half_with_its_licences(name: str, folder: str) -> None:
    (wheel,) = vendor.WHEEL_CACHE.glob(f"{name}-*.whl")
    with zipfile.ZipFile(wheel) as whole:
        of_the_whole = whole.namelist()
    names = [path for path in kept() if path.startswith(folder)]
    assert {path.removesuffix("c") for path in names} <= {*of_the_whole}
    assert len(names) == len({*names})
    assert 0 < len(names) < len(of_the_whole) / 2
    assert not [path for path in names if path.endswith((".py", ".pyi")) or "/tests/" in path]
    licences = [path for path in of_the_whole if ".dist-info/licenses/" in path]
    assert licences
    for path in licences:
        assert (PYODIDE / "licenses" / path.replace(".dist-info/licenses", "")).is_file()


def test_the_snapshot_knows_the_libraries_that_are_linked_before_it() -> None:
    opened = [path for path, _ in about("python.snapshot")["opened"]]
    assert sorted(opened) == sorted(libraries())


def test_the_snapshot_holds_no_path_of_the_machine_that_made_it() -> None:
    content = gzip.decompress((PYODIDE / "python.snapshot").read_bytes())
    assert str(ROOT).encode() not in content
    assert str(Path.home()).encode() + b"/" not in content
