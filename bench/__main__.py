"""Measure the page, and beside it a page with Pyodide as it comes and one of plain JavaScript.

Run as: `python -m bench [--rounds 5] [--report]`

Measures how soon one can draw, how soon a digit is read, what that fetches, how long a reading takes, what holds the
page up, and what memory it takes. Writes every value to `bench/results.json`, and tables and pictures of them to
docs/benchmarks.md and beside it.
"""

import argparse
import os

from playwright.sync_api import sync_playwright

from bench.host import files_of_digitpad, hosting
from bench.memory import measure_memory
from bench.readings import measure_readings
from bench.report import load, report, save
from bench.starts import contestants, measure_starts
from tools.browser import installed as chromium


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="of starts; in each, every page is started three times")
    parser.add_argument("--report", action="store_true", help="measure nothing; write tables and pictures once more")
    arguments = parser.parse_args()
    if not arguments.report:
        measure(arguments.rounds)
    report(load())


def measure(rounds: int) -> None:
    """Measure everything and keep it."""
    print("Packing all files …", flush=True)
    with sync_playwright() as playwright:
        executable = chromium.find(playwright)
    with contestants() as pages:
        print("Starting each page, again and again …", flush=True)
        starts = measure_starts(executable, pages, rounds)
    with hosting(files_of_digitpad()) as host, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        machine = {"cores": os.cpu_count(), "chromium": browser.version}
        print("Reading …", flush=True)
        readings = measure_readings(browser, host.address)
        print("Reading on, and asking for the memory …", flush=True)
        memory = measure_memory(browser, host.address)
        browser.close()
    save({"machine": machine, "rounds": rounds, "starts": starts, "readings": readings, "memory": memory})


if __name__ == "__main__":
    main()
