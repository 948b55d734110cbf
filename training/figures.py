"""The report's pictures. Each function writes one PNG."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from numpy.typing import NDArray
from PIL import Image

mpl.use("Agg")

INK, PALE, GRID = "#1f4e8c", "#c9d6e6", "#dddddd"
_GREYS = 32


def confusion(labels: NDArray[np.int64], read: NDArray[np.int64], path: Path) -> None:
    """Show which digit (row) was read as which (column); the diagonal is left pale, so that errors show."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, read), 1)
    errors = counts * (1 - np.eye(10, dtype=int))
    _, axes = plt.subplots(figsize=(5, 5))
    axes.imshow(errors, cmap="Blues", vmax=max(int(errors.max()), 1) * 1.5)
    for row, column in np.argwhere(counts):
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=8)
    axes.set(xlabel="read", ylabel="written", xticks=range(10), yticks=range(10))
    _save(path)


def reliability(bins: Sequence[tuple[int, float, float]], error: float, path: Path) -> None:
    """Show how often the network is right, against how sure it says it is; bins are `(count, sure, right)`."""
    _, axes = plt.subplots(figsize=(4.5, 4.5))
    counts, sure, right = (np.array(column) for column in zip(*bins, strict=True))
    axes.plot([0, 1], [0, 1], color=GRID)
    axes.scatter(sure, right, s=12 + 200 * np.sqrt(counts / counts.sum()), color=INK, alpha=0.7)
    for count, x, y in bins:
        axes.annotate(f"{count}", (x, y), textcoords="offset points", xytext=(6, -10), fontsize=7)
    axes.set(xlabel="says it is this sure", ylabel="is right this often", xlim=(0, 1.03), ylim=(0, 1.03))
    axes.set_title(f"expected calibration error {error:.2%}", fontsize=10)
    _save(path)


def roc(lost: NDArray[np.float64], turned_away: NDArray[np.float64], area: float, path: Path) -> None:
    """Show non-digits turned away against digits lost, at every threshold; `area` is the area under the curve."""
    _, axes = plt.subplots(figsize=(4.5, 4.5))
    axes.plot(lost, turned_away, color=INK)
    axes.axvline(0.01, color=GRID)
    axes.set(xlabel="digits turned away", ylabel="letters and signs turned away", xlim=(0, 0.2), ylim=(0.5, 1.003))
    axes.xaxis.set_major_locator(mpl.ticker.MultipleLocator(0.05))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=0))
    axes.set_title(f"AUROC {area:.4f}; the left 20 % of it", fontsize=10)
    _save(path)


def errors(images: NDArray[np.uint8], captions: Sequence[str], path: Path) -> None:
    """Show a sheet of images, `(N, 28, 28)`, as the network sees them, each with its caption."""
    columns = 12
    rows = max(1, -(-len(images) // columns))
    _, grid = plt.subplots(rows, columns, figsize=(columns * 0.85, rows * 1.05), squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, caption in zip(grid.flat, images, captions, strict=False):
        axes.imshow(255 - image, cmap="gray", vmin=0, vmax=255)
        axes.set_title(caption, fontsize=7, pad=2)
    _save(path)


def numbers(columns: Mapping[str, Sequence[tuple[Image.Image, str]]], rows: int, path: Path) -> None:
    """Show columns of pictures, `rows` at most, each with its caption; in a few greys, for photos' noise is large."""
    _, grid = plt.subplots(rows + 1, len(columns), figsize=(len(columns) * 1.9, (rows + 1) * 0.95), squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for column, (name, pictures) in zip(grid.T, columns.items(), strict=True):
        column[0].text(0.5, 0, textwrap.fill(name, 24), fontsize=9, ha="center", transform=column[0].transAxes)
        for axes, (picture, caption) in zip(column[1:], pictures, strict=False):
            axes.imshow(picture.convert("L"), cmap="gray", vmin=0, vmax=255)
            axes.set_title(caption, fontsize=7, pad=2)
    _save(path)
    Image.open(path).convert("L").quantize(_GREYS).save(path, optimize=True)


def sweeps(curves: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """Show accuracy against how the same digits were drawn: for each of four ways, shares by setting."""
    _, grid = plt.subplots(2, 2, figsize=(9, 6.5))
    low = min(share for curve in curves.values() for share in curve.values())
    for axes, (name, curve) in zip(grid.flat, curves.items(), strict=True):
        _bars(axes, curve, low)
        axes.set_title(name, fontsize=10)
    _save(path)


def history(epochs: Sequence[Mapping[str, float]], path: Path) -> None:
    """Show the errors after each epoch, on each of the sets that are kept back."""
    _, axes = plt.subplots(figsize=(6, 3.6))
    for name in ("unseen writers", "MNIST kept back", "USPS"):
        if all(name in epoch for epoch in epochs):
            axes.plot([e["epoch"] for e in epochs], [1 - e[name] for e in epochs], marker="o", ms=3, label=name)
    axes.set(xlabel="epoch", ylabel="misread", yscale="log")
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=1))
    axes.yaxis.set_minor_formatter(mpl.ticker.PercentFormatter(1, decimals=1))
    axes.grid(color=GRID, which="both")
    axes.legend()
    _save(path)


def _bars(axes: Axes, curve: Mapping[str, float], low: float) -> None:
    bottom = min(0.9, low - 0.01)
    drawn = axes.bar(list(curve), [share - bottom for share in curve.values()], bottom=bottom, color=PALE)
    axes.bar_label(drawn, [f"{share:.1%}" for share in curve.values()], fontsize=7)
    axes.set_ylim(bottom, 1.005)
    axes.tick_params(labelsize=7)


def _save(path: Path) -> None:
    plt.tight_layout()
    plt.savefig(path, dpi=90, metadata={"Software": None})
    plt.close()
