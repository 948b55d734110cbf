from pathlib import Path

import pytest
from hypothesis import settings

# The same examples at every run: a property that fails for a rare digit is to be found by looking for it, with
# `pytest --hypothesis-profile=search`, and not by whoever changes something else.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz", type=int, default=1000, metavar="N", help="damaged image files to read (default: 1000)")
    parser.addoption("--fuzz-seed", type=int, default=0, metavar="N", help="which ones (default: 0)")
    parser.addoption("--onefile", action="store_true", help="see the page in one file, opened from the disk")
    parser.addoption("--offline", action="store_true", help="see the page at a second visit, with the server gone")


ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the real handwriting in ../shared/data is not there")
    return SHARED
