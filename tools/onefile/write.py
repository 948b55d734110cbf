"""Write the whole site into one file, `dist/digitpad.html`, that opens by a double click, without a server.

Run as: `python -m tools.onefile.write`

It carries what is in `dist/`, and `onefile/`, the JavaScript that hands it out in the browser.
"""

import base64
import gzip
import hashlib
import json
import mimetypes
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tools.build.site import DIST, ONE_FILE, files_of
from tools.build.vendor import NODE_MODULES, ROOT, Missing

PARTS = Path(__file__).parent
ESBUILD = NODE_MODULES / "esbuild" / "bin" / "esbuild"

LEFT_OUT = (
    *("index.html", "assets/style.css", "assets/icon.svg", "LICENSE", "NOTICES.md", ".nojekyll"),
    *("ui/boot/before_python.js", "ui/boot/recogniser.js"),
    "examples/*",
)
"""What the page holds as it is, and what is no part of it …"""

OF_A_SERVER = ("sw.js", "precache.js", "assets/manifest.webmanifest", "assets/icons/*", "vendor/workbox/*")
"""… and what is of use only where a server is."""

FIRST = ("main.py", "ui/*", "vendor/pyscript/*", "vendor/micropython/*", "vendor/idb-keyval/*")
"""What the page needs to be drawn on; it stands before all that the worker needs."""

CORE = "vendor/pyscript/core.js"
WORKER = "worker/main.mjs"
LATER = ("--external:../vendor/pyodide/pyodide.asm.mjs",)
"""What the worker imports as it goes."""
SESSION = "worker/onnxruntime.mjs"
MICROPYTHON = "vendor/micropython/micropython.mjs"

ENCODING = "windows-1252"
"""Of the page: each of the 256 bytes is a character in it, so that what is carried grows by 2 %, not by base64's 33."""

POLICY = (
    "default-src 'none'; script-src {scripts} data: 'unsafe-eval'; worker-src blob: data:; connect-src blob:; "
    "img-src blob: data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
"""Nothing may be fetched from, or sent to, anywhere at all."""

NOT_RUN = (
    "This browser does not let a page from the disk run. Open the file in a recent Chrome, Edge, Firefox or other "
    "browser built on one of these, with JavaScript switched on."
)
NOT_STARTED = (
    "If this does not go away in a moment, the file is not whole, or the browser does not let it run. Copy it anew, "
    "or open it in a recent Chrome, Edge or Firefox, with JavaScript switched on."
)
WHAT_IT_IS = (
    "This page is one file: it works from the disk, without a network, and there is nothing to install. What is kept "
    "stays in the browser, not in the file (export it to take it along), and other pages that are opened from the disk "
    "may see it there. Pages that embed this one hear nothing of it: browsers keep pages from the disk apart."
)

Part = tuple[str, bytes]


def build() -> None:
    """Write the file, unless it is there and made of the same. Raises Missing where something is not as expected."""
    sources = files_of(DIST)
    sources += [Path(__file__), ROOT / "package-lock.json", *sorted(PARTS.iterdir())]
    made_of = _fingerprint(sources)
    if ONE_FILE.exists() and made_of.encode() in ONE_FILE.open("rb").read(1000):
        print(f"{ONE_FILE.name} is made of what is in {DIST.name}/ already.")
        return
    print(f"Writing {ONE_FILE.name} …", flush=True)
    page = one_file(list(carried()), made_of)
    unfinished = ONE_FILE.with_suffix(".part")
    unfinished.write_bytes(page)
    unfinished.replace(ONE_FILE)
    print(f"The page in one file is {DIST.name}/{ONE_FILE.name}: {len(page) / 1e6:.1f} MB.")


def carried() -> Iterator[Part]:
    """Return the names and contents of the files that the page fetches or imports, those first that it needs first."""
    bundled, inlined = {}, set()
    for name, options in ((CORE, _externals()), (WORKER, [*LATER]), (SESSION, [])):
        bundled[name], imported = _bundle(name, options)
        inlined |= imported - {CORE}
    names = [path.relative_to(DIST).as_posix() for path in files_of(DIST)]
    wanted = [
        name
        for name in names
        if name not in inlined and not _is_any(name, LEFT_OUT + OF_A_SERVER) and "LICEN" not in name
    ]
    for name in sorted(wanted, key=lambda name: (not _is_any(name, FIRST), name)):
        content = bundled.get(name) or (DIST / name).read_bytes()
        yield name, _at_home(name, content) if name.endswith((".js", ".mjs")) else content


def _bundle(name: str, options: list[str]) -> tuple[bytes, set[str]]:
    """Return a module and those that it imports as one, and the names of those that nobody needs any more."""
    with tempfile.TemporaryDirectory() as folder:
        output, meta = Path(folder) / "module.js", Path(folder) / "meta.json"
        options = [*options, "--bundle", "--format=esm", "--charset=utf8", "--external:node:*", "--log-level=error"]
        command = [_node(), str(ESBUILD), str(DIST / name), *options, f"--outfile={output}", f"--metafile={meta}"]
        done = subprocess.run(command, cwd=DIST, capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"esbuild could not bundle {name}:\n{done.stderr.strip()}")
        imports = [found for module in json.loads(meta.read_bytes())["inputs"].values() for found in module["imports"]]
        # What is imported as it is needed may be needed in the worker, too.
        return output.read_bytes(), {found["path"] for found in imports if found["kind"] == "import-statement"}


def _node() -> str:
    node = shutil.which("node")
    if node is None or not ESBUILD.exists():
        raise Missing(
            "esbuild was not found, or Node.js, which it runs on. `make onefile` brings it, and runs this again."
        )
    return node


def _externals() -> list[str]:
    """Return options for the parts of PyScript that it would load when they are needed, and that the site has not."""
    folder = (DIST / CORE).parent
    named = {name for path in folder.glob("*.js") for name in re.findall(r'"\./([\w.-]+\.js)"', _text(path))}
    return [f"--external:./{name}" for name in sorted(named) if not (folder / name).exists()]


def _at_home(name: str, content: bytes) -> bytes:
    """Let a module, which has a `data:` address, know its own, and import other files of the page as such, too."""
    text = re.sub(r"(?<![\w$.])import\((?!\$\{)", "insideMeta.import(", content.decode())
    text = re.sub(r"\bimport\.meta\b", "insideMeta", text)
    if name == MICROPYTHON:  # which would ask for its wasm in another manner than by `fetch`, as it is on the disk
        text = _replaced(text, r'(?<=isFileURI=filename=>)filename\.startsWith\("file://"\)', "false")
    return f"const insideMeta = inside.metaOf({json.dumps(name)});\n{text}".encode()


def one_file(parts: list[Part], made_of: str) -> bytes:
    """Return the page: what `index.html` says, the scripts that it runs, and the parts."""
    inside, page, worker = (_text(PARTS / name) for name in ("inside.js", "page.js", "worker.js"))
    from_disk = re.escape('if (location.protocol === "file:") root.dataset.fromDisk = "";')
    early = _replaced(_text(DIST / "ui/boot/before_python.js"), from_disk, "")
    style = _text(DIST / "assets/style.css")
    start, ahead = "start();", _text(DIST / "ui/boot/recogniser.js")
    policy = POLICY.format(scripts=" ".join(map(_allowance, (inside, page, early, start, ahead))))

    scripts = (
        f'<script type="text/plain" id="for-the-worker">{worker}</script>'
        f'<script id="for-both">{inside}</script><script>{page}</script><script>{early}</script>'
    )
    html = re.sub("<!--.*?-->", "", _text(DIST / "index.html"), flags=re.DOTALL)
    for old, new in (
        ('<meta charset="utf-8" />', f'<meta charset="{ENCODING}" />\n<meta name="made-of" content="{made_of}" />'),
        ('content="default-src[^"]*"', f'content="{policy}"'),
        ('<link rel="stylesheet" href="assets/style.css" />', f"<style>{style}</style>"),
        ('<script src="ui/boot/before_python.js"></script>', scripts),
        ('<script src="ui/boot/recogniser.js"></script>', ""),
        (f'<script type="module" src="{CORE}"></script>', ""),
        ('(?<=<p id="from-disk">).*?(?=</p>)', NOT_RUN),
        ('(?<=<p id="not-loaded">).*?(?=</p>)', NOT_STARTED),
        ("(?=</footer>)", f"<p>{WHAT_IT_IS}</p>"),
        ("</body>.*", f"<!-- {_notices()} -->\n"),
    ):
        html = _replaced(html, old, new)
    html = re.sub('(<link rel="icon" href|<img src)="(.*?)"', lambda m: f'{m[1]}="{_data_address(m[2])}"', html)
    html = re.sub('<link rel="(?!icon).*?/>', "", html)  # what is in the page need not be loaded before
    others = [name for name in re.findall(r'\s(?:src|href)="(?!data:)(.*?)"', html) if name != "main.py"]
    if others:
        raise Missing(f"index.html names {', '.join(others)}: tools/onefile has to bring it into the one file.")

    first = b"".join(_element(*part) for part in parts if _is_any(part[0], FIRST))
    rest = b"".join(_element(*part) for part in parts if not _is_any(part[0], FIRST))
    starting = _encoded(f"<script>{start}</script><script>{ahead}</script>")
    return _encoded(html) + first + starting + rest + b"</body></html>\n"


def _replaced(text: str, old: str, new: str) -> str:
    """Return a text with a pattern replaced; raises Missing where it is not there once."""
    text, count = re.subn(old, lambda match: new, text, flags=re.DOTALL)
    if count != 1:
        raise Missing(f"tools/onefile replaces “{old}” in the page: it was to be there once, not {count} times.")
    return text


def _allowance(script: str) -> str:
    """Return what allows a script in a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _notices() -> str:
    licences = sorted(DIST.glob("vendor/**/LICEN*"))
    paths = [DIST / "LICENSE", DIST / "NOTICES.md", *licences]
    return "\n\n".join(f"{path.relative_to(DIST).as_posix()}\n\n{_text(path)}" for path in paths)


def _data_address(name: str) -> str:
    content = base64.b64encode((DIST / name).read_bytes()).decode()
    return f"data:{mimetypes.guess_type(name)[0]};base64,{content}"


def _element(name: str, content: bytes) -> bytes:
    """Return an element with a part of the page, compressed unless it is already."""
    packed = gzip.compress(content, mtime=0)
    is_smaller = len(packed) < 0.95 * len(content)
    start = f'<script type="application/octet-stream" data-path="{name}"{" data-packed" if is_smaller else ""}>'
    return start.encode() + escaped(packed if is_smaller else content) + b"</script>\n"


def escaped(content: bytes) -> bytes:
    """Return bytes that HTML leaves as they are, in an encoding in which each is a character; page.js undoes it."""
    for byte in b"=\0\r<":
        content = content.replace(bytes([byte]), bytes([ord("="), byte + 64]))
    return content


def _encoded(html: str) -> bytes:
    for raw in re.findall(r"<(?:style|script)\b[^>]*>(.*?)</(?:style|script)>", html, flags=re.DOTALL):
        try:
            raw.encode(ENCODING)
        except UnicodeEncodeError as error:
            raise Missing(f"A style or script has “{raw[error.start]}”, which {ENCODING} has not.") from error
    return html.encode(ENCODING, "xmlcharrefreplace")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _is_any(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _fingerprint(paths: list[Path]) -> str:
    """Return what stands for the names and contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def main() -> None:
    """Run from the command line."""
    try:
        build()
    except Missing as missing:
        sys.exit(f"\n{missing}")


if __name__ == "__main__":
    main()
