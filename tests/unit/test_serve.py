import gzip
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tools.build.serve import Handler, Server
from tools.build.site import write_twin

WORDS = "print('digits')\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.py").write_text(WORDS)
    write_twin(tmp_path / "page.py")
    return tmp_path


@pytest.fixture
def visitor(folder: Path) -> Iterator[HTTPConnection]:
    """Return a connection to a server of the folder below /repo/."""
    server = Server(0, partial(Handler, directory=str(folder), prefix="/repo/"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = HTTPConnection("127.0.0.1", server.server_port)
    yield connection
    connection.close()
    server.shutdown()
    server.server_close()


def answer(visitor: HTTPConnection, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    visitor.request("GET", path, headers=headers)
    response = visitor.getresponse()
    return response, response.read()


def test_a_twin_goes_to_whoever_takes_it(visitor: HTTPConnection) -> None:
    response, content = answer(visitor, "/repo/page.py", **{"Accept-Encoding": "gzip, br"})
    plain, whole = answer(visitor, "/repo/page.py")
    assert gzip.decompress(content) == whole == WORDS.encode()
    assert response.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Content-Encoding"] is None
    assert response.headers["Content-Type"] == plain.headers["Content-Type"]
    assert response.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_a_file_that_was_edited_goes_out_itself(visitor: HTTPConnection, folder: Path) -> None:
    (folder / "page.py").write_text("print('edited')")
    os.utime(folder / "page.py.gz", (0, 0))
    response, content = answer(visitor, "/repo/page.py", **{"Accept-Encoding": "gzip"})
    assert (response.headers["Content-Encoding"], content) == (None, b"print('edited')")


@pytest.mark.parametrize("path", ["/repo/none.py", "/page.py"])
def test_what_is_not_there_is_told_in_words(visitor: HTTPConnection, path: str) -> None:
    answer(visitor, "/repo/page.py", **{"Accept-Encoding": "gzip"})
    response, content = answer(visitor, path, **{"Accept-Encoding": "gzip"})
    assert response.status == 404
    assert response.headers["Content-Encoding"] is None
    assert b"not found" in content.lower()
