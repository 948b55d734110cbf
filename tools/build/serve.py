"""Build the site and serve it on this machine; a plain static server, to nobody else.

Run as: `python -m tools.build.serve [--port 8000]`
"""

import argparse
import os
import sys
import webbrowser
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.build.site import DIST, TWIN, build, is_twin
from tools.build.vendor import Missing


class Handler(SimpleHTTPRequestHandler):
    """Static files under a prefix, asked for anew at each visit, so that an edit shows after a reload.

    In the place of a file goes its compressed twin, where there is one and the visitor takes it.
    """

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
    }

    is_packed = False
    """Whether what is sent is a twin."""

    def __init__(self, *args: Any, prefix: str = "/", **kwargs: Any) -> None:
        self._prefix = prefix
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        """Return the file that is sent for a path below the prefix."""
        self.is_packed = False
        if not path.startswith(self._prefix):
            return str(Path(self.directory) / "not-below-the-prefix")
        file = super().translate_path("/" + path.removeprefix(self._prefix))
        twin = Path(file + TWIN)
        self.is_packed = "gzip" in self.headers.get("Accept-Encoding", "") and is_twin(twin, Path(file))
        return str(twin) if self.is_packed else file

    def guess_type(self, path: Any) -> str:
        """Return the type of a file, or of the one whose twin it is."""
        return super().guess_type(str(path).removesuffix(TWIN) if self.is_packed else path)

    def send_error(self, *args: Any, **kwargs: Any) -> None:
        """Say that something was not found, in words of its own."""
        self.is_packed = False
        super().send_error(*args, **kwargs)

    def end_headers(self) -> None:
        """Send the headers, with leave to keep a copy but not to use it unasked."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Vary", "Accept-Encoding")
        if self.is_packed:
            self.send_header("Content-Encoding", "gzip")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""


class Server(ThreadingHTTPServer):
    """A server on loopback. Raises OSError where the port is taken; port 0 takes a free one."""

    def __init__(self, port: int, handler: Callable[..., Handler]) -> None:
        super().__init__(("127.0.0.1", port), handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of errors, but not of a visitor who left before a file had gone out."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--wheels", type=Path, help="folder with the NumPy and Pillow wheels for Pyodide")
    arguments = parser.parse_args()
    try:
        build(arguments.wheels)
    except Missing as missing:
        sys.exit(f"\n{missing}")
    try:
        running = Server(arguments.port, partial(Handler, directory=str(DIST)))
    except OSError as error:
        sys.exit(f"\nPort {arguments.port} cannot be used ({error.strerror}). Choose another: make serve PORT=8001")
    address = f"http://127.0.0.1:{running.server_port}/"
    print(f"\nDigitpad is at {address}  (Ctrl+C ends it)", flush=True)
    if _has_screen():
        webbrowser.open(address)
    try:
        running.serve_forever()
    except KeyboardInterrupt:
        print()


def _has_screen() -> bool:
    """Say whether a browser could open a window; without a screen, one might take over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    main()
