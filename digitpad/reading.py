"""From an image to a reading: find the ink, find the symbols in it, have them classified, and say what was read."""

import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.chain import HEIGHT, Link, chain_picture, links
from digitpad.ink import median
from digitpad.normalise import SIDE, bounding_box, normalise
from digitpad.page import Page, find_ink, laid_out
from digitpad.segment import Line as WrittenLine
from digitpad.segment import Piece, joined, split

LIKELY_DIGIT = 0.1
"""What the model holds less likely than this to be a digit is not read as one.

So low because a digit turned away is the worse mistake: it happens to one in a hundred of unseen writers' digits.
training/REPORT.md says how often either mistake is made.
"""

LIKELY_IN_A_NUMBER = 0.03
"""The same for a symbol that stands beside others: among digits, one is likelier to be a digit too."""

NO_DIGIT = "?"
"""What stands in a text for something that is no digit."""

_PLAINLY = (0.98, 0.99)  # what is at least so likely a digit, and so surely a certain one, is plainly one …
_WIDE = 0.8  # … unless it is so many times as wide as high
_MARK = 0.35  # what is no higher than this, as a share of its line's height, and no wider than that, is a dot or a dash
_APART = (0.55, 2.5)  # numbers are apart where a gap is so wide, as a share of the line's height, and so many
# times as wide as gaps in the line usually are …
_FAR_APART = 1.0  # … or as wide as that
_LINKED = 0.6  # a symbol of a chain that hangs together is at least so likely a digit
_HEARD = {True: (0.8, 1.0), False: (0.5, 0.0)}  # how much the network for chains has to say in which digit a symbol is,
# and in whether it is one, where the symbol was cut out and where it was not
_BATCH_COLUMNS = 64  # chains are read together with others that need as many columns, rounded up to this


@dataclass(frozen=True)
class Outputs:
    """What the model says of N images: `probabilities` `(N, 10)`, rows sum to 1; `is_digit` `(N,)`, 0 … 1."""

    probabilities: NDArray[np.float32]
    is_digit: NDArray[np.float32]


Classifier = Callable[[NDArray[np.float32]], Awaitable[Outputs]]
"""Takes `(N, 28, 28)`, float32, ink 1 on paper 0; awaited, since onnxruntime-web answers later.

It begins when it is called, if it can: not everything has to wait for the answer.
"""

ChainReader = Callable[[NDArray[np.float32]], Awaitable[NDArray[np.float32]]]
"""Takes `(N, 32, W)`, float32, ink 1 on paper 0, W even, and answers `(N, W / 2, 12)`: see `digitpad.chain`."""


@dataclass(frozen=True)
class Networks:
    """What reads: `classify` single symbols, and `read_chains` of symbols that touch."""

    classify: Classifier
    read_chains: ChainReader


class Line(TypedDict):
    """A line of text and its box `[x, y, width, height]` in the image's pixels."""

    text: str
    box: list[int]


class Digit(TypedDict):
    """One symbol: the likeliest digit, how likely each is, whether it is one at all, and where it stands."""

    digit: int
    confidence: float
    probabilities: list[float]
    is_digit: float
    box: list[int]
    line: int


class Reading(TypedDict):
    """All that was read of an image. An image without ink has an empty text, and no lines or digits."""

    text: str
    lines: list[Line]
    digits: list[Digit]
    milliseconds: float


@dataclass(frozen=True)
class Sight:
    """A reading, and what the network saw: `pictures` `(N, 28, 28)`, float32, ink 1 on paper 0, one a digit."""

    reading: Reading
    pictures: NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """What the network for single symbols saw of a piece, and what it says.

    `picture` is `(28, 28)`, float32, ink 1 on paper 0; `probabilities` `(10,)` sum to 1; `is_digit` is 0 … 1.
    """

    picture: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    is_digit: float

    @property
    def is_plain(self) -> bool:
        """Whether it is plainly one digit."""
        is_digit, surely = _PLAINLY
        return self.is_digit >= is_digit and float(self.probabilities.max()) >= surely


@dataclass(frozen=True)
class Symbol:
    """A symbol that was found: its ink, what was seen of it, its line's number, and whether a number begins with it.

    `link` is what the network for chains says of it, if it was asked; `is_cut` says that its ink was cut out of more.
    """

    piece: Piece
    seen: Seen
    line: int = 0
    begins: bool = False
    link: Link | None = None
    is_cut: bool = False


async def read(image: Image.Image, networks: Networks, single: bool | None = None) -> Reading:
    """Return what an image, of any mode and size, says.

    It is taken as exactly one symbol where `single` is True, as numbers where it is False; otherwise what is written
    decides.
    """
    return (await look(image, networks, single)).reading


async def look(image: Image.Image, networks: Networks, single: bool | None = None) -> Sight:
    """Read as `read` does, and return what the network saw as well."""
    started = time.perf_counter()
    page, symbols = await find_symbols(image, networks, single)
    digits = [_digit(symbol, page) for symbol in symbols]
    written = _lines(symbols, digits)
    reading: Reading = {
        "text": "\n".join(line["text"] for line in written),
        "lines": written,
        "digits": digits,
        "milliseconds": (time.perf_counter() - started) * 1000,
    }
    pictures = [symbol.seen.picture for symbol in symbols]
    return Sight(reading, np.stack(pictures) if pictures else np.zeros((0, SIDE, SIDE), np.float32))


async def find_symbols(image: Image.Image, networks: Networks, single: bool | None = None) -> tuple[Page, list[Symbol]]:
    """Return an image's page, and the symbols on it in reading order, for `single` as `read` has it."""
    inked = find_ink(image)
    whole, asked = inked.whole, None
    # What looks like one symbol is asked about at once: the page is laid out while the network is at it.
    if whole is not None and (single or (single is None and whole.width < whole.height)):
        asked = _ask([whole], networks)
    page = laid_out(inked)
    (seen,) = await _heard(*asked) if asked else (None,)
    if page.whole is not whole:
        seen = None  # it was turned, or lines were taken out of it
    if not page.lines:
        return page, []
    if single:
        return page, [Symbol(page.whole, seen or (await _see([page.whole], networks))[0])]
    # What may turn out to be one symbol is seen with all its ink, as it is where it is known to be one.
    alone = page.whole if single is None and len(page.lines) == len(page.lines[0].blocks) == 1 else None
    found: list[Symbol] = []
    for number, line in enumerate(page.lines):
        blocks = await _symbols(line, alone, seen if alone else None, networks)
        found += _in_numbers([symbol for block in blocks for symbol in block], number, line.height)
    return page, [replace(found[0], link=None)] if alone and len(found) == 1 else found


async def _see(pieces: Sequence[Piece], networks: Networks) -> list[Seen]:
    """Return what the network for single symbols sees of each piece, and says."""
    return await _heard(*_ask(pieces, networks)) if pieces else []


def _ask(pieces: Sequence[Piece], networks: Networks) -> tuple[NDArray[np.float32], Awaitable[Outputs]]:
    """Return the pictures that the network for single symbols sees of pieces, and what it will say."""
    pictures = np.stack([normalise(piece.ink) for piece in pieces])
    return pictures, networks.classify(pictures)


async def _heard(pictures: NDArray[np.float32], answer: Awaitable[Outputs]) -> list[Seen]:
    outputs = await answer
    return [
        Seen(picture, probabilities, float(is_digit))
        for picture, probabilities, is_digit in zip(pictures, outputs.probabilities, outputs.is_digit, strict=True)
    ]


async def _symbols(
    line: WrittenLine, alone: Piece | None, seen_alone: Seen | None, networks: Networks
) -> list[list[Symbol]]:
    """Return the symbols of each block of a line.

    A block may be one symbol, or each of its pieces may be one; where not just one of these is plainly so, the
    network for chains is asked. `alone` stands for the block of a line that has just one, where that is one symbol;
    `seen_alone` is what was seen of it, if it was asked about already.
    """
    wholes = [joined(block) for block in line.blocks]
    several = [block for block in line.blocks if len(block) > 1]
    unseen = [] if seen_alone else [alone] if alone else wholes
    seen = itertools.chain(
        [seen_alone] if seen_alone else [], await _see([*unseen, *itertools.chain(*several)], networks)
    )
    found: list[list[Symbol]] = []
    doubtful: list[int] = []
    one = [Symbol(alone or whole, next(seen)) for whole in wholes]
    for n, (block, whole) in enumerate(zip(line.blocks, wholes, strict=True)):
        each = [Symbol(piece, next(seen)) for piece in block] if len(block) > 1 else []
        is_one = one[n].seen.is_plain and whole.width < _WIDE * whole.height
        marks = any(_is_mark(piece, line.height) for piece in block)
        is_each = bool(each) and all(symbol.seen.is_plain for symbol in each) and not marks
        found.append(each if is_each else [one[n]])
        if is_one == is_each and not _is_mark(whole, line.height):
            doubtful.append(n)
    parted: list[tuple[int, Link, Piece, bool]] = []
    for n, chain in zip(doubtful, await _read_chains([wholes[n] for n in doubtful], networks), strict=True):
        # What hangs together and is no digit somewhere is one symbol: letters have such parts.
        is_other = len(line.blocks[n]) == 1 and any(link.is_digit < _LINKED for link in chain)
        if len(chain) < 2 or is_other:
            found[n] = [replace(one[n], link=chain[0] if len(chain) == 1 else None)]
        else:
            parts = split(line.blocks[n], [wholes[n].left + link.middle for link in chain])
            parted += [(n, link, piece, is_cut) for link, (piece, is_cut) in zip(chain, parts, strict=True)]
            found[n] = []
    of_parts = await _see([piece for _, _, piece, _ in parted], networks)
    for (n, link, piece, is_cut), own in zip(parted, of_parts, strict=True):
        found[n].append(Symbol(piece, own, link=link, is_cut=is_cut))
    return found


async def _read_chains(pieces: Sequence[Piece], networks: Networks) -> list[list[Link]]:
    """Return what the network for chains says of each piece."""
    pictures = [chain_picture(piece.ink) for piece in pieces]
    widths = [-(-picture.shape[1] // _BATCH_COLUMNS) * _BATCH_COLUMNS for picture, _ in pictures]
    found: list[list[Link]] = [[] for _ in pieces]
    for width in sorted(set(widths)):
        together = [n for n, w in enumerate(widths) if w == width]
        batch = np.zeros((len(together), HEIGHT, width), np.float32)
        for row, n in enumerate(together):
            batch[row, :, : pictures[n][0].shape[1]] = pictures[n][0]
        for n, frames in zip(together, await networks.read_chains(batch), strict=True):
            found[n] = links(frames, pictures[n][1], pieces[n].width)
    return found


def _is_mark(piece: Piece, height: float) -> bool:
    return piece.height <= _MARK * height and piece.width <= height


def _in_numbers(symbols: Sequence[Symbol], line: int, height: float) -> list[Symbol]:
    """Return the symbols of a line with what is known of them: their line, and where numbers begin."""
    gaps = [after.piece.left - before.piece.right for before, after in itertools.pairwise(symbols)]
    placed = [replace(symbol, line=line) for symbol in symbols]
    share, times = _APART
    for n, gap in enumerate(gaps):
        others = [max(g, 0) for g in (*gaps[:n], *gaps[n + 1 :])]
        is_wide = bool(others) and gap > share * height and gap > times * median(others)
        if is_wide or gap > _FAR_APART * height:
            placed[n + 1] = replace(placed[n + 1], begins=True)
    return placed


def _digit(symbol: Symbol, page: Page) -> Digit:
    probabilities, is_digit = symbol.seen.probabilities, symbol.seen.is_digit
    if symbol.link is not None:
        which, whether = _HEARD[symbol.is_cut]
        # The geometric mean: both networks have to hold it likely.
        product = np.maximum(probabilities, 1e-6) ** (1 - which) * symbol.link.probabilities**which
        probabilities = product / product.sum()
        is_digit = is_digit ** (1 - whether) * symbol.link.is_digit**whether
    elif _is_mark(symbol.piece, page.lines[symbol.line].height):
        is_digit = 0.0
    digit = int(probabilities.argmax())
    box = bounding_box(symbol.piece.ink) or (0, 0, symbol.piece.width, symbol.piece.height)
    left, top = symbol.piece.left, symbol.piece.top
    return {
        "digit": digit,
        "confidence": float(probabilities[digit]),
        "probabilities": probabilities.tolist(),
        "is_digit": is_digit,
        "box": _in_pixels(page, (left + box[0], top + box[1], left + box[2], top + box[3])),
        "line": symbol.line,
    }


def _in_pixels(page: Page, box: tuple[float, float, float, float]) -> list[int]:
    """Return a box on the page as `[x, y, width, height]` in whole pixels of the image."""
    wide, high = (side * page.scale for side in page.size)
    left, top, right, bottom = page.in_image(box)
    x, y = min(max(round(left), 0), wide), min(max(round(top), 0), high)
    return [x, y, min(round(right), wide) - x, min(round(bottom), high) - y]


def _lines(symbols: Sequence[Symbol], digits: Sequence[Digit]) -> list[Line]:
    """Return the lines of text that symbols make."""
    written: list[Line] = []
    lengths = Counter(symbol.line for symbol in symbols)
    for symbol, digit in zip(symbols, digits, strict=True):
        likely = LIKELY_DIGIT if lengths[symbol.line] == 1 else LIKELY_IN_A_NUMBER
        character = str(digit["digit"]) if digit["is_digit"] >= likely else NO_DIGIT
        if len(written) == symbol.line:
            written.append({"text": character, "box": digit["box"]})
        else:
            line = written[-1]
            line["text"] += " " * symbol.begins + character
            line["box"] = _around(line["box"], digit["box"])
    return written


def _around(one: list[int], other: list[int]) -> list[int]:
    """Return the box about two boxes."""
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right, bottom = max(one[0] + one[2], other[0] + other[2]), max(one[1] + one[3], other[1] + other[3])
    return [left, top, right - left, bottom - top]
