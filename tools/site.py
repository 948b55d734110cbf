"""Build the finished site in `dist/`: static files, for any host, under any path.

Run as: `python -m tools.site [--wheels FOLDER]`
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from tools.vendor import ROOT, VENDOR, Missing, vendor

DIST = ROOT / "dist"
ONE_FILE = DIST / "digitpad.html"
"""The whole site once more; `tools.onefile` makes it of all the rest."""

PARTS = (
    "index.html",
    "style.css",
    "icon.svg",
    "early.js",
    "main.py",
    "pyscript.toml",
    "ui/*.py",
    "recogniser.py",
    "recogniser.json",
    "interpreter.mjs",
    "samples/*",
    "examples/*",
    "LICENSE",
    "NOTICES.md",
)


def build(wheels: Path | None = None) -> None:
    """Write `dist/`, copying what is new or changed and removing what has no source any more.

    Raises Missing where a part of the runtime could not be had; see `tools.vendor.vendor`.
    """
    vendor(wheels)
    for_the_worker = json.loads((ROOT / "recogniser.json").read_text())["files"]
    parts = (*PARTS, *for_the_worker)
    wanted = {DIST / path.relative_to(ROOT): path for part in parts for path in sorted(ROOT.glob(part))}
    wanted |= {DIST / path.relative_to(ROOT): path for path in VENDOR.rglob("*") if path.is_file()}
    copied = sum(_copy(source, target) for target, source in wanted.items())
    # GitHub Pages, serving a branch, leaves out files such as __init__.py unless this one is there.
    (DIST / ".nojekyll").touch()
    for path in [path for path in DIST.rglob("*") if path.is_file()]:
        if path not in wanted and path.name != ".nojekyll" and path != ONE_FILE:
            path.unlink()
    size = sum(path.stat().st_size for path in wanted)
    print(f"The site is in {DIST.name}/: {len(wanted)} files, {size / 1e6:.1f} MB; {copied} of them new.")


def _copy(source: Path, target: Path) -> bool:
    """Copy a file unless its copy is the same already; say whether it was copied."""
    if target.is_file() and target.read_bytes() == source.read_bytes():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
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
