"""What was measured, as tables in docs/benchmarks.md, between two marks there, and as pictures beside it."""

import json
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.picture import PROMPT, draw
from tools.build.vendor import ROOT

RESULTS = Path(__file__).parent / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
PICTURES = "bench-{}.svg"

MOST_MEGABYTES, SOON, FLUENT = 14, 600, 30
"""Goals: megabytes of a first visit; milliseconds until one can draw; readings a second."""

DRAWABLE, READ = "drawable", "first_reading"


def save(results: dict[str, Any]) -> None:
    """Keep what was measured, to a hundredth of its unit."""
    rounded = json.loads(json.dumps(results), parse_float=lambda number: round(float(number), 2))
    text = json.dumps(rounded, indent=1)
    # A list of numbers is one line, however long it is.
    RESULTS.write_text(re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), text) + "\n")


def load() -> dict[str, Any]:
    """Return what was measured last."""
    return json.loads(RESULTS.read_text())


def report(results: dict[str, Any]) -> None:
    """Print the tables, and write them and the pictures where docs/benchmarks.md has them."""
    tables = in_words(results)
    print(f"\n{tables}")
    for theme in ("light", "dark"):
        (PAGE.parent / PICTURES.format(theme)).write_text(draw(results, theme))
    before, rest = PAGE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{_pictures(results)}\n\n{tables}\n{END}{after}")


def in_words(results: dict[str, Any]) -> str:
    """Return all tables, as Markdown."""
    machine = results["machine"]
    return "\n\n".join(
        [
            f"On {machine['cores']} cores, in Chromium {machine['chromium']}; rounds of starts: {results['rounds']}.",
            _table(("what", "measured", "goal", ""), [goal.row for goal in goals(results)]),
            _table(
                ("a start: median (least … most)", *(page["name"] for page in results["starts"].values())),
                _starts(results["starts"]),
            ),
            _table(("a reading, and more", "runs", "median", "95th percentile", "least … most"), _readings(results)),
        ]
    )


@dataclass(frozen=True)
class Goal:
    """A goal, what was measured for it, and whether that reaches it."""

    what: str
    measured: str
    goal: str
    is_reached: bool

    @property
    def row(self) -> tuple[str, str, str, str]:
        """Its row in a table."""
        return self.what, self.measured, self.goal, "reached" if self.is_reached else "**missed**"


def goals(results: dict[str, Any]) -> list[Goal]:
    """Return the goals, missed ones too."""
    starts, readings = results["starts"], results["readings"]
    digitpad = starts["digitpad"]
    drawable = median(values(digitpad["cold"], DRAWABLE))
    tasks = [
        *(task for kind in ("cold", "slow", "warm") for start in digitpad[kind] for task in start["long_tasks"]),
        *readings["long tasks while drawing"],
        *readings["long tasks while a photo is read"],
    ]
    megabytes = digitpad["fetched"] / 1e6
    whole, network = median(readings["pixels to bars"]), median(readings["network"])
    late = percentile(readings["pixels to bars"])
    rate = median(readings["rate"])
    return [
        _to_stock("first reading, first visit, to stock Pyodide's", starts, "cold", 0.55),
        _to_stock("the same at 20 Mbit/s", starts, "slow", 0.80),
        _to_stock("first reading, second visit, to stock Pyodide's", starts, "warm", 0.45),
        Goal("page drawable, first visit", seconds(drawable), f"≤ {seconds(SOON)}", drawable <= SOON),
        Goal(
            "the main thread's longest task from then on",
            f"{max(tasks):.0f} ms ({len(tasks)} over 50 ms)" if tasks else "none over 50 ms",
            "≤ 50 ms",
            not tasks,
        ),
        Goal(
            "fetched up to the first reading, with gzip",
            f"{megabytes:.1f} MB",
            f"≤ {MOST_MEGABYTES} MB",
            megabytes <= MOST_MEGABYTES,
        ),
        Goal(
            "a reading, from the pad's pixels to the bars, to onnxruntime-web's own time, medians",
            f"{whole / network:.1f} × ({whole:.1f} ms to {network:.2f} ms)",
            "≤ 6 ×",
            whole <= 6 * network,
        ),
        Goal("that reading's 95th percentile", f"{late:.1f} ms", f"≤ {PROMPT} ms", late <= PROMPT),
        Goal("readings a second while one draws", f"{rate:.1f}", f"≥ {FLUENT}", rate >= FLUENT),
    ]


def _to_stock(what: str, starts: dict[str, Any], kind: str, most: float) -> Goal:
    ours, stock = (median(values(starts[key][kind], READ)) for key in ("digitpad", "stock"))
    measured = f"{ours / stock:.2f} ({seconds(ours)} to {seconds(stock)})"
    return Goal(what, measured, f"≤ {most:.2f}", ours <= most * stock)


def _starts(starts: dict[str, Any]) -> list[Sequence[str]]:
    """Return a row for each measure, with a cell for each page."""
    pages = list(starts.values())

    def row(what: str, kind: str, name: str) -> Sequence[str]:
        return what, *(_spread(values(page[kind], name)) for page in pages)

    return [
        row("drawable, first visit", "cold", DRAWABLE),
        row("drawable, second visit", "warm", DRAWABLE),
        row("first reading, first visit", "cold", READ),
        row("first reading, first visit at 20 Mbit/s", "slow", READ),
        row("first reading, second visit", "warm", READ),
        ("fetched up to the first reading, with gzip", *(f"{page['fetched'] / 1e6:.1f} MB" for page in pages)),
        ("the main thread's longest task once drawable, first visit", *(_longest(page["cold"]) for page in pages)),
        *(
            (f"of the first visit: {part}", *(_part(page["cold"], part) for page in pages))
            for part in starts["stock"]["cold"][0]["parts"]
        ),
    ]


def _readings(results: dict[str, Any]) -> list[Sequence[str]]:
    """Return a row for each measure, with runs, median, 95th percentile and spread."""
    readings = results["readings"]

    def row(what: str, name: str, unit: str = " ms") -> Sequence[str]:
        measured = readings[name]
        return (
            what,
            str(len(measured)),
            f"{_figure(median(measured))}{unit}",
            f"{_figure(percentile(measured))}{unit}",
            f"{_figure(min(measured))} … {_figure(max(measured))}{unit}",
        )

    memory = [
        (
            "the workers' memory, without onnxruntime-web's own, "
            f"after {held['readings']:,} {'reading' if held['readings'] == 1 else 'readings'}",
            "1",
            f"{held['objects'] + held['buffers']:.1f} MB",
            "",
            f"{held['objects']:.1f} MB objects, {held['buffers']:.1f} MB Python",
        )
        for held in results["memory"]
    ]
    return [
        row("pen up to bars", "pen up to bars"),
        row("a reading, from the pad's pixels to the bars", "pixels to bars"),
        row("a reading by `window.digitpad`, page to page", "window.digitpad"),
        row("of that in the worker", "worker"),
        row("onnxruntime-web alone, one digit", "network"),
        row("a photo of 12 megapixels with 40 digits", "photo"),
        row("symbols found on it", "symbols on the photo", ""),
        row("readings a second while one draws", "rate", ""),
        *memory,
    ]


def _pictures(results: dict[str, Any]) -> str:
    starts = results["starts"]
    ours, stock = (seconds(median(values(starts[key]["cold"], READ))) for key in ("digitpad", "stock"))
    words = f"Bars: the first digit is read after {ours} at a first visit, with stock Pyodide after {stock}."
    dark, light = PICTURES.format("dark"), PICTURES.format("light")
    return (
        f'<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="{dark}" />\n'
        f'  <img src="{light}" alt="{words} The tables below have all numbers." />\n</picture>'
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _spread(times: Sequence[float]) -> str:
    return f"{seconds(median(times))} ({min(times) / 1000:.2f} … {max(times) / 1000:.2f})"


def _longest(starts: Sequence[dict[str, Any]]) -> str:
    tasks = [task for start in starts for task in start["long_tasks"]]
    return f"{max(tasks):.0f} ms" if tasks else "none over 50 ms"


def _part(starts: Sequence[dict[str, Any]], part: str) -> str:
    times = [start["parts"][part] for start in starts if part in start["parts"]]
    return seconds(median(times)) if times else ""


def _figure(number: float) -> str:
    """Return a number with no more places than its spread bears."""
    places = 0 if number >= 100 or number == int(number) else 1 if number >= 10 else 2
    return f"{number:.{places}f}"


def values(measured: Iterable[dict[str, Any]], name: str) -> list[float]:
    """Return one of the things that were measured, of each run."""
    return [run[name] for run in measured]


def seconds(milliseconds: float) -> str:
    """Return a time as people read it."""
    return f"{milliseconds / 1000:.2f} s"


def median(measured: Sequence[float]) -> float:
    """Return what half of the runs do not exceed."""
    return statistics.median(measured)


def percentile(measured: Sequence[float]) -> float:
    """Return what 95 of a hundred runs do not exceed."""
    return sorted(measured)[min(len(measured) - 1, int(0.95 * len(measured)))]
