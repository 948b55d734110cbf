"""Make an interpreter that was started ready for its snapshot; run inside Pyodide by tools/build/reduce.mjs.

Imports `names`, forgets the archive that they come from, since another one takes its place, and wipes what memory holds
of things long gone, which makes the snapshot smaller by a megabyte.
"""

import gc
import importlib
import sys
import zipimport

POOL, BIG = 1 << 15, 1 << 18  # bytes taken of each size of Python's own pools, and of each size beyond

names: list[str]

for name in names:  # noqa: F821
    importlib.import_module(name)
sys.path_importer_cache.clear()
zipimport._zip_directory_cache.clear()  # type: ignore[attr-defined]
gc.collect()
wiped: list[bytes | bytearray] = [bytes(size) for size in range(0, 480, 16) for _ in range(POOL // (size + 32))]
wiped += [bytearray(1 << k) for k in range(18, 8, -1) for _ in range(BIG >> k)]
del wiped
gc.collect()
