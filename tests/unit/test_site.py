import base64
import gzip
import hashlib
import json
import os
from pathlib import Path

import numpy as np

from tools.build import site


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


def test_a_twin_is_written_where_it_is_smaller_and_anew_when_its_file_changes(tmp_path: Path) -> None:
    page, noise, image = tmp_path / "page.py", tmp_path / "noise.onnx", tmp_path / "image.png"
    page.write_text("print(1)\n" * 100)
    noise.write_bytes(np.random.default_rng(0).bytes(1000))
    image.write_bytes(bytes(1000))
    for path in (page, noise, image):
        site.write_twin(path)
    twin = tmp_path / "page.py.gz"
    assert gzip.decompress(twin.read_bytes()) == page.read_bytes()
    assert set(tmp_path.iterdir()) == {page, noise, image, twin}
    assert set(site.files_of(tmp_path)) == {page, noise, image}
    assert "page.py.gz" not in [entry["url"] for entry in listed(tmp_path)]
    page.write_text("print(2)\n" * 100)
    os.utime(twin, (0, 0))
    assert not site.is_twin(twin, page)
    site.write_twin(page)
    assert gzip.decompress(twin.read_bytes()) == page.read_bytes()
