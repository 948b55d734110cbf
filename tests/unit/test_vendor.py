import json
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import site, vendor


def test_each_interpreter_is_given_all_of_its_modules() -> None:
    page = tomllib.loads((ROOT / "pyscript.toml").read_text())["files"]
    worker = json.loads((ROOT / "recogniser.json").read_text())["files"]
    assert sorted(page) == sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "ui").glob("*.py"))
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "digitpad").glob("*.py")}
    for_the_shell = {"digitpad/__main__.py", "digitpad/onnx.py"}
    assert {*worker} == modules - for_the_shell | {"model.onnx", "chain.onnx"}


def test_the_locks_name_no_host() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
    assert "://" not in (ROOT / "requirements.txt").read_text()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A project with Pyodide's lock in place, no wheels, and no way out."""
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "WHEEL_CACHE", tmp_path / "cache")
    contents = {f"{name}.whl": name.encode() for name in vendor.WHEELS}
    lock = {
        "packages": {
            name: {"file_name": f"{name}.whl", "sha256": vendor._sha256(name.encode())} for name in vendor.WHEELS
        }
    }
    (tmp_path / "vendor/pyodide").mkdir(parents=True)
    (tmp_path / "vendor/pyodide/pyodide-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(vendor, "_download", _refuse)
    monkeypatch.setattr(vendor, "_from_mirror", _refuse)
    return contents


def _refuse(name: str) -> bytes:
    raise OSError("the network is not there")


def _vendored(wheels: dict[str, bytes]) -> dict[str, bytes]:
    return {name: (vendor.VENDOR / "pyodide" / name).read_bytes() for name in wheels}


def test_wheels_come_from_the_folder_that_the_user_names(tmp_path: Path, wheels: dict[str, bytes]) -> None:
    for name, content in wheels.items():
        (tmp_path / name).write_bytes(content)
    vendor._bring_wheels(tmp_path)
    assert _vendored(wheels) == wheels


def test_wheels_come_from_the_cache_the_second_time(tmp_path: Path, wheels: dict[str, bytes]) -> None:
    for name, content in wheels.items():
        (tmp_path / name).write_bytes(content)
    vendor._bring_wheels(tmp_path)
    for name in wheels:
        (tmp_path / name).unlink()
    vendor._bring_wheels(None)
    assert _vendored(wheels) == wheels


def test_a_wheel_with_another_hash_is_passed_over(
    tmp_path: Path, wheels: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in wheels:
        (tmp_path / name).write_bytes(b"something else")
    monkeypatch.setattr(vendor, "_from_mirror", lambda name: wheels[name])
    vendor._bring_wheels(tmp_path)
    assert _vendored(wheels) == wheels


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
    source, target = tmp_path / "source", tmp_path / "dist" / "target"
    source.write_bytes(b"whole")
    assert site._copy(source, target)
    assert not site._copy(source, target)
    target.write_bytes(b"what?")
    assert site._copy(source, target)
    assert target.read_bytes() == b"whole"
