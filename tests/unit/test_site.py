import base64
import hashlib
import json
from pathlib import Path

from tools import site


def listed(folder: Path) -> list[dict[str, str]]:
    site.write_precache(folder)
    return json.loads((folder / "precache.js").read_text().removeprefix("self.PRECACHE = ").removesuffix(";\n"))


def test_the_service_worker_keeps_each_file_that_a_page_may_ask_for(tmp_path: Path) -> None:
    names = ["index.html", "main.py", "ui/pad.py", "vendor/a/x.wasm", "vendor/manifest.json", "examples/index.html"]
    others = [
        "sw.js",
        ".nojekyll",
        "LICENSE",
        "NOTICES.md",
        "vendor/a/LICENSE",
        "vendor/b/LICENCE",
        "vendor/workbox/w.js",
    ]
    for name in (*names, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    entries = listed(tmp_path)
    assert {entry["url"] for entry in entries} == {*names}
    assert entries[-1]["url"] == "index.html"  # see sw.js
    digest = hashlib.sha256(b"ui/pad.py").digest()
    pad = next(entry for entry in entries if entry["url"] == "ui/pad.py")
    assert pad["integrity"] == "sha256-" + base64.b64encode(digest).decode()
    assert pad["revision"] == digest.hex()


def test_the_list_changes_with_every_file_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("page")
    (tmp_path / "model.onnx").write_text("network")
    before = listed(tmp_path)
    assert listed(tmp_path) == before
    (tmp_path / "model.onnx").write_text("another")
    assert listed(tmp_path) != before
