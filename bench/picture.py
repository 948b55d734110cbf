"""A picture of what was measured, as SVG: a bar for each start of each page, and for a reading and its parts.

It is as narrow as a phone, for there its words have to be legible too.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, SHOWN = 460, 600  # units, and the pixels that these are on a wide page
MARGIN, NAMES, VALUES = 16, 136, 62  # left and right of all, and what is kept free beside the bars
BAR, ROW, HEAD, GAP = 13, 23, 32, 14  # heights: of a bar, of its row, of a line above bars, between two sections

COLOURS = {
    "light": {
        "card": "#ffffff",
        "line": "#dad5ca",
        "ink": "#1a2230",
        "muted": "#586170",
        "ours": "#2b52c4",
        "others": "#b9bfca",
        "goal": "#a3231a",
    },
    "dark": {
        "card": "#1d2027",
        "line": "#363b45",
        "ink": "#f3f1ec",
        "muted": "#a9b0bc",
        "ours": "#8fb0ff",
        "others": "#565e6c",
        "goal": "#ff9d92",
    },
}
"""The page's own; see style.css."""

PAGES = {"digitpad": "Digitpad", "stock": "stock Pyodide", "at once": "… all at once", "plain": "plain JavaScript"}
KINDS = {"cold": "First visit", "slow": "First visit, at 20 Mbit/s", "warm": "Second visit"}
PARTS = {
    "pen up to bars": "pen up to bars",
    "pixels to bars": "pixels to bars",
    "worker": "in the worker",
    "network": "onnxruntime-web",
}
"""Each is a part of the one before it, and the goal is one for all but the first."""
PROMPT = 16  # milliseconds: the goal of a reading


@dataclass(frozen=True)
class Bar:
    """A bar up to the median of what was measured, and a line from the least to the most of it."""

    name: str
    median: float
    least: float
    most: float
    value: str
    is_ours: bool
    dot: float | None = None


def draw(results: dict[str, Any], theme: str) -> str:
    """Return the picture in the colours of a theme, light or dark."""
    starts = {kind: [_start(results, page, kind) for page in PAGES] for kind in KINDS}
    readings = [_reading(name, results["readings"][part]) for part, name in PARTS.items()]
    longest = max(bar.most for bars in starts.values() for bar in bars)
    pieces = []
    y = MARGIN + HEAD
    pieces.append(_text(MARGIN, y - 8, "Until the first digit is read", "title"))
    for kind, bars in starts.items():
        y += HEAD
        pieces += [_text(MARGIN, y - 8, KINDS[kind], "name"), *_bars(bars, y, longest)]
        y += ROW * len(bars)
    y += HEAD - 5
    pieces += [
        f'<circle class="dot" cx="{MARGIN + 5}" cy="{y - 12}" r="4" />',
        _text(MARGIN + 16, y - 7, "one can draw", "note"),
        f'<path class="spread" d="{_span(MARGIN + 128, MARGIN + 152, y - 12)}" />',
        _text(MARGIN + 160, y - 7, "least … most", "note"),
    ]
    y += GAP + HEAD
    pieces.append(_text(MARGIN, y - 8, "One reading", "title"))
    longest = max(PROMPT, *(bar.most for bar in readings))
    goal, end = _place(PROMPT, longest), y + ROW * len(readings) + 6
    pieces += [
        f'<path class="goal" d="M{goal:.1f} {y + ROW}V{end}" />',
        f'<text class="goal-name" x="{goal:.1f}" y="{end + 14}">goal: {PROMPT} ms</text>',
        *_bars(readings, y, longest),
    ]
    y = end + HEAD
    pieces += [
        f'<path class="spread" d="{_span(MARGIN, MARGIN + 24, y)}" />',
        _text(MARGIN + 32, y + 5, "5 … 95 of 100", "note"),
    ]
    return _svg(pieces, y + MARGIN + 6, COLOURS[theme])


def _start(results: dict[str, Any], page: str, kind: str) -> Bar:
    starts = results["starts"][page][kind]
    times = [start["first_reading"] for start in starts]
    middle = statistics.median(times)
    drawable = statistics.median(start["drawable"] for start in starts)
    return Bar(PAGES[page], middle, min(times), max(times), f"{middle / 1000:.1f} s", page == "digitpad", drawable)


def _reading(name: str, times: Sequence[float]) -> Bar:
    middle = statistics.median(times)
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return Bar(name, middle, cuts[0], cuts[-1], f"{middle:.1f} ms", name != PARTS["network"])


def _bars(bars: Sequence[Bar], top: float, longest: float) -> list[str]:
    """Return bars below each other; `longest` is what reaches to the right end."""
    pieces = []
    for number, bar in enumerate(bars):
        y = top + number * ROW + ROW / 2
        start, end = _place(0, longest), _place(bar.median, longest)
        spread = _span(_place(bar.least, longest), _place(bar.most, longest), y)
        kind = "ours" if bar.is_ours else "others"
        pieces += [
            _text(MARGIN, y + 5, bar.name, "note" if not bar.is_ours else "word"),
            f'<rect class="{kind}" x="{start}" y="{y - BAR / 2}" width="{end - start:.1f}" height="{BAR}" rx="2" />',
            f'<path class="halo" d="{spread}" /><path class="spread" d="{spread}" />',
            _text(max(end, _place(bar.most, longest)) + 8, y + 5, bar.value, "word"),
        ]
        if bar.dot is not None:
            pieces.append(f'<circle class="dot" cx="{_place(bar.dot, longest):.1f}" cy="{y}" r="4" />')
    return pieces


def _place(value: float, longest: float) -> float:
    return MARGIN + NAMES + value / longest * (WIDTH - 2 * MARGIN - NAMES - VALUES)


def _span(start: float, end: float, y: float) -> str:
    """Return a line with a stop at either end."""
    return f"M{start:.1f} {y - 4}v8M{start:.1f} {y}H{end:.1f}M{end:.1f} {y - 4}v8"


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{words}</text>'


def _svg(pieces: Sequence[str], height: float, colours: dict[str, str]) -> str:
    style = f"""
    text {{ font: 14px system-ui, sans-serif; fill: {colours["ink"]}; }}
    .title {{ font-size: 17px; font-weight: 700; }}
    .name {{ font-weight: 600; }}
    .word, .note {{ paint-order: stroke; stroke: {colours["card"]}; stroke-width: 4; }}
    .halo {{ stroke: {colours["card"]}; stroke-width: 3.5; fill: none; }}
    .note {{ fill: {colours["muted"]}; }}
    .ours {{ fill: {colours["ours"]}; }}
    .others {{ fill: {colours["others"]}; }}
    .spread {{ stroke: {colours["ink"]}; stroke-width: 1.25; fill: none; }}
    .dot {{ fill: {colours["card"]}; stroke: {colours["ink"]}; stroke-width: 1.5; }}
    .goal {{ stroke: {colours["goal"]}; stroke-width: 1.5; stroke-dasharray: 4 3; }}
    .goal-name {{ fill: {colours["goal"]}; text-anchor: middle; }}
    """
    card = f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="12" '
    paint = f'fill="{colours["card"]}" stroke="{colours["line"]}" />'
    size = f'width="{SHOWN}" height="{height * SHOWN / WIDTH:.0f}" viewBox="0 0 {WIDTH} {height}"'
    body = "\n".join(pieces)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{style}</style>\n{card}{paint}\n{body}\n</svg>\n'
