"""Build the finished site in `dist/`: static files, for any host, under any path.

Run as: `python -m tools.build.site [--wheels FOLDER]`
"""

import argparse
import base64
import gzip
import hashlib
import html
import json
import sys
import tomllib
from pathlib import Path

from tools.build.vendor import ROOT, VENDOR, Missing, made_by_node, vendor

DIST = ROOT / "dist"
ONE_FILE = DIST / "digitpad.html"
"""The whole site once more; `tools.onefile.write` makes it of all the rest."""

PARTS = (
    "index.html",
    "main.py",
    "ui/boot/*",
    "worker/*",
    "model.onnx",
    "reader.onnx",
    "sw.js",
    "assets/**/*",
    "examples/*",
    "LICENSE",
    "NOTICES.md",
)

HINTS = "<!-- tools/build/site.py puts in here what the page fetches next, so that the browser knows at once. -->"
MODULES = (
    *("vendor/pyscript/core.js", "vendor/pyscript/core-*.js", "vendor/pyscript/error-*.js"),
    *("ui/boot/micropython.mjs", "vendor/micropython/micropython.mjs", "vendor/idb-keyval/index.js"),
)
"""What the page imports before it can be drawn on …"""

FETCHED = ("vendor/micropython/micropython.wasm", "vendor/pyscript/*.mpy", "main.py")
"""… and what it fetches, with the modules of the page's Python."""

CONFIG = "pyscript.toml"
"""What PyScript is told. The page that is built has it in itself: fetched, all else would wait for it."""

PACKED = {".css", ".html", ".js", ".json", ".mjs", ".mpy", ".onnx", ".py", ".svg", ".wasm"}
"""What gets a twin, compressed beforehand, for hosts that serve such; all else is compressed in itself, or small …"""

TWIN = ".gz"
WORTH = 0.9  # … and so does what is not smaller than this share of the file

GENERATED = (".nojekyll", "precache.js", ONE_FILE.name)

UNKEPT = (*GENERATED, "sw.js", "vendor/workbox/*", "*LICENSE*", "LICENCE", "COPYING", "NOTICES.md")
"""What the service worker does not keep: itself, which the browser keeps, and what no page asks for."""


def build(wheels: Path | None = None) -> None:
    """Write `dist/`, copying what is new or changed and removing what has no source any more.

    Raises Missing where a part of the runtime could not be had (`tools.build.vendor`), or a module not be compiled.
    """
    vendor(wheels)
    paths = [path for part in PARTS for path in sorted(ROOT.glob(part))] + list(VENDOR.rglob("*"))
    paths = [path for path in paths if path.is_file()]
    wanted = {DIST / path.relative_to(ROOT): path.read_bytes() for path in paths}
    modules = made_by_node("tools/build/ui.mjs", ROOT / "ui", [], ("*.mpy",))
    wanted |= {DIST / "ui" / name: content for name, content in modules.items()}
    page = DIST / "index.html"
    wanted[page] = whole(wanted[page].decode(), [f"ui/{name}" for name in modules]).encode()
    copied = sum(_write(target, content) for target, content in wanted.items())
    # GitHub Pages, serving a branch, leaves out files such as __init__.py unless this one is there.
    (DIST / ".nojekyll").touch()
    for path in [path for path in DIST.rglob("*") if path.is_file()]:
        file = path.with_suffix("") if path.suffix == TWIN else path
        if file not in wanted and path.name not in GENERATED:
            path.unlink()
    for path in wanted:
        write_twin(path)
    write_precache(DIST)
    size = sum(path.stat().st_size for path in wanted)
    print(f"The site is in {DIST.name}/: {len(wanted)} files, {size / 1e6:.1f} MB; {copied} of them new.")


def files_of(site: Path) -> list[Path]:
    """Return the files of a site, without their twins and without the page in one file."""
    files = (path for path in sorted(site.rglob("*")) if path.is_file())
    return [path for path in files if path.suffix != TWIN and path.name != ONE_FILE.name]


def write_twin(path: Path) -> None:
    """Write a file once more beside it, compressed, unless that is done, or not worth it.

    nginx with `gzip_static`, Caddy with `precompressed gzip`, and `tools.build.serve` send it in the file's place.
    """
    twin = path.with_name(path.name + TWIN)
    if path.suffix not in PACKED or is_twin(twin, path):
        return
    content = path.read_bytes()
    smaller = gzip.compress(content, 9, mtime=0)
    if len(smaller) < WORTH * len(content):
        twin.write_bytes(smaller)
    else:
        twin.unlink(missing_ok=True)


def is_twin(twin: Path, path: Path) -> bool:
    """Say whether a file's twin is there, and has been written since the file was."""
    return path.is_file() and twin.is_file() and twin.stat().st_mtime_ns >= path.stat().st_mtime_ns


def write_precache(site: Path) -> None:
    """Write the list of what the service worker keeps of a site, each file with its hash.

    The page itself comes last: where it is kept, so is all that it needs.
    """
    paths = [path.relative_to(site) for path in files_of(site)]
    kept = [path for path in paths if not any(path.match(pattern) for pattern in UNKEPT)]
    kept.sort(key=lambda path: path == Path("index.html"))
    entries = [_precache_entry(path.as_posix(), (site / path).read_bytes()) for path in kept]
    (site / "precache.js").write_text(f"self.PRECACHE = {json.dumps(entries, indent=1)};\n")


def _precache_entry(url: str, content: bytes) -> dict[str, str]:
    digest = hashlib.sha256(content).digest()
    return {"url": url, "revision": digest.hex(), "integrity": f"sha256-{base64.b64encode(digest).decode()}"}


def whole(page: str, modules: list[str]) -> str:
    """Return the page with all that is put into it when it is built.

    That is what PyScript is told, and the elements that have the browser load what the page asks for only later, one
    thing after the other; `modules` are those of the page's Python.
    """
    config = json.dumps(tomllib.loads((ROOT / CONFIG).read_text()))
    links = [f'<link rel="modulepreload" href="{name}" />' for name in _names(MODULES)]
    links += [f'<link rel="preload" href="{name}" as="fetch" crossorigin />' for name in _names(FETCHED) + modules]
    return page.replace(HINTS, "\n    ".join(links)).replace(f'"{CONFIG}"', f'"{html.escape(config)}"')


def _names(patterns: tuple[str, ...]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def _write(target: Path, content: bytes) -> bool:
    """Write a file unless it is the same already; say whether it was written."""
    if target.is_file() and target.read_bytes() == content:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return True


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheels", type=Path, help="folder with the NumPy and Pillow wheels for Pyodide")
    try:
        build(parser.parse_args().wheels)
    except Missing as missing:
        sys.exit(f"\n{missing}")


if __name__ == "__main__":
    main()
