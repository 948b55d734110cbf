"""Make an interpreter that was started ready for its snapshot; run inside Pyodide by tools/reduce.mjs.

Imports `names`, keeps the code of `sources`, forgets the archive that the names come from, since another one takes its
place, and wipes what memory holds of things long gone, which makes the snapshot smaller by a megabyte.
"""

import gc
import importlib
import importlib.util
import sys
import zipimport
from importlib._bootstrap_external import SourceLoader
from types import CodeType
from typing import Any

POOL, BIG = 1 << 15, 1 << 18  # bytes taken of each size of Python's own pools, and of each size beyond

names: list[str]
sources: dict[str, str]
"""Modules that a browser will import from their sources, as PyScript's own, by their paths."""


def keep_code(sources: dict[str, str]) -> None:
    """Have imports compile no source that is one of these to the letter."""
    compiled = {
        importlib.util.source_hash(source.encode()): compile(source, path, "exec", dont_inherit=True, optimize=2)
        for path, source in sources.items()
    }
    compile_anew = SourceLoader.source_to_code

    def source_to_code(loader: SourceLoader, data: bytes, *path: Any, **options: Any) -> CodeType:
        return compiled.get(importlib.util.source_hash(data)) or compile_anew(loader, data, *path, **options)

    SourceLoader.source_to_code = source_to_code  # type: ignore[method-assign,assignment]
    sys.dont_write_bytecode = True  # nobody starts it twice


for name in names:  # noqa: F821
    importlib.import_module(name)
keep_code(sources)  # noqa: F821
sys.path_importer_cache.clear()
zipimport._zip_directory_cache.clear()  # type: ignore[attr-defined]
gc.collect()
wiped: list[bytes | bytearray] = [bytes(size) for size in range(0, 480, 16) for _ in range(POOL // (size + 32))]
wiped += [bytearray(1 << k) for k in range(18, 8, -1) for _ in range(BIG >> k)]
del wiped
gc.collect()
