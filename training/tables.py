"""Measured shares with their intervals, and Markdown tables of them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured share: `hits` of `total`, both counts."""

    what: str
    hits: int
    total: int
    goal: str = ""

    def __str__(self) -> str:
        if not self.total:
            return f"| {self.what} | no data | | {self.goal} |"
        low, high = wilson(self.hits, self.total)
        return (
            f"| {self.what} | {self.hits / self.total:.2%} of {self.total:,} | {low:.2%} … {high:.2%} | {self.goal} |"
        )


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. B. Wilson, JASA 22, 1927)."""
    p = hits / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    reach = z / (1 + z * z / total) * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return middle - reach, middle + reach


def table(rows: Iterable[Row]) -> str:
    """Return the figures as a Markdown table."""
    return "\n".join(["| what | measured | 95 % interval | goal |", "| --- | --- | --- | --- |", *map(str, rows)])


def grid(head: Sequence[object], lines: Iterable[Sequence[object]]) -> str:
    """Return anything as a Markdown table; every line is as long as the head."""
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in (head, ["---"] * len(head), *lines))
