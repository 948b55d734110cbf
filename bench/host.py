"""The three pages that are measured, each on a server that sends as a web host does, and counts what it sends.

Every file is sent as it is on a host that compresses: with gzip, at its best, where that makes it smaller. It was
compressed beforehand, so that no visit waits for it. Browsers may use their copy for ten minutes, as on GitHub Pages.
"""

import gzip
import hashlib
import json
import math
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from tools.build.serve import Handler, Server
from tools.build.site import DIST, files_of
from tools.build.vendor import LOCK, NODE_MODULES, NPM_FILES, ROOT, WHEEL_CACHE, WHEELS

HERE = Path(__file__).parent
CHUNK = 32_768  # bytes that go over the line in one piece
BURST = 0.02  # seconds by which a line may catch up on what a late wake-up has cost it


class Line:
    """What lies between a server and its visitors; all connections share it.

    `rate` is in bytes a second, `latency` the seconds that each request waits for its answer to begin.
    """

    def __init__(self, rate: float = math.inf, latency: float = 0) -> None:
        self._rate, self._latency = rate, latency
        self._free = 0.0
        self._lock = threading.Lock()

    def turn(self) -> None:
        """Wait as long as a request and the beginning of its answer are on the way."""
        time.sleep(self._latency)

    def carry(self, size: int) -> None:
        """Wait until so many bytes more have passed."""
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now - BURST) + size / self._rate
            wait = self._free - now
        if wait > 0:
            time.sleep(wait)


LOOPBACK = Line()


@dataclass(frozen=True)
class Packed:
    """A file as it goes over the wire; `tag` tells its versions apart."""

    content: bytes
    is_gzip: bool
    tag: str


@dataclass
class Host:
    """A page on a server of its own."""

    files: Mapping[str, Packed]
    line: Line = LOOPBACK
    sent: list[int] = field(default_factory=list)
    """The bytes of each file that was sent, without headers, in the order in which they were asked for."""
    address: str = ""
    told: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    """What the page has sent back."""

    def hear(self, longest: float) -> Any:
        """Return what the page tells next. Raises TimeoutError where that takes longer, in seconds."""
        try:
            return self.told.get(timeout=longest)
        except Empty:
            raise TimeoutError(f"{self.address} told nothing in {longest} s.") from None


class _PackedHandler(Handler):
    disable_nagle_algorithm = True  # it would hold back what follows the headers

    def __init__(self, *args: Any, host: Host, **kwargs: Any) -> None:
        self._host = host
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:  # noqa: N802
        name = self.path.split("?")[0].lstrip("/") or "index.html"
        file = self._host.files.get(name)
        self._host.line.turn()
        if file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif self.headers.get("If-None-Match") == file.tag:
            self._begin(HTTPStatus.NOT_MODIFIED, file)
        else:
            self._host.sent.append(len(file.content))
            self._begin(HTTPStatus.OK, file, self.guess_type(name))
            for start in range(0, len(file.content), CHUNK):
                piece = file.content[start : start + CHUNK]
                self._host.line.carry(len(piece))
                self.wfile.write(piece)

    def do_POST(self) -> None:  # noqa: N802
        self._host.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def _begin(self, status: HTTPStatus, file: Packed, kind: str | None = None) -> None:
        self.send_response(status)
        self.send_header("ETag", file.tag)
        if kind:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(file.content)))
            if file.is_gzip:
                self.send_header("Content-Encoding", "gzip")
        self.end_headers()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super(Handler, self).end_headers()  # not Handler's own, which lets no copy be used unasked


@contextmanager
def hosting(files: Mapping[str, Path]) -> Iterator[Host]:
    """Serve files, given by their names on the server; one that several hosts link to is packed once."""
    host = Host({name: _pack(path.resolve()) for name, path in files.items()})
    server = Server(0, partial(_PackedHandler, host=host))
    host.address = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()


def files_of_digitpad() -> dict[str, Path]:
    """Return the finished site's files."""
    return {path.relative_to(DIST).as_posix(): path for path in files_of(DIST)}


def files_of_plain() -> dict[str, Path]:
    """Return the files of the page without Python."""
    folder, names = NPM_FILES["onnxruntime"]
    runtime = {f"onnxruntime/{name}": NODE_MODULES / folder / name for name in names}
    return {
        "index.html": HERE / "plain.html",
        "pad.js": HERE / "pad.js",
        "model.onnx": ROOT / "model.onnx",
        **runtime,
    }


def files_of_stock() -> dict[str, Path]:
    """Return the files of the page with Pyodide as it comes, and the whole wheels of NumPy and Pillow."""
    folder, names = NPM_FILES["pyodide"]
    core = [NODE_MODULES / folder / name for name in names]
    packages = json.loads(LOCK.read_bytes())["packages"]
    wheels = [WHEEL_CACHE / packages[name]["file_name"] for name in WHEELS]
    runtime = {f"pyodide/{path.name}": path for path in [*core, LOCK, *wheels]}
    return {**files_of_plain(), "index.html": HERE / "stock.html", **runtime}


@cache
def _pack(path: Path) -> Packed:
    content = path.read_bytes()
    smaller = gzip.compress(content, 9, mtime=0)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    is_gzip = len(smaller) < len(content)
    return Packed(smaller if is_gzip else content, is_gzip, tag)
