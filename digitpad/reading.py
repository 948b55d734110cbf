"""From an image to a reading: find its lines, have them read, look at each digit by itself, and say what was read."""

import itertools
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.glyphs import Piece, glyphs, stacked, whole
from digitpad.ink import INSIDE, pen_width
from digitpad.layout import ROOM, SYMBOL, Page, TextLine, layout, orientations
from digitpad.line import (
    BLANK,
    HEIGHT,
    OTHER,
    STRIDE,
    SYMBOLS,
    Found,
    Lines,
    alternatives,
    decode,
    line_picture,
    padded,
)
from digitpad.morphology import Box, median
from digitpad.normalise import SIDE, normalise
from digitpad.table import Extent, columns

LIKELY_DIGIT = 0.1
"""What the digit model holds less likely than this to be a digit is not read as one.

So low because a digit turned away is the worse mistake: it happens to one in a hundred of unseen writers' digits.
training/REPORT.md says how often either mistake is made.
"""

NO_DIGIT = "?"
"""What stands in a text for something that is no digit and no sign."""

DIGITS = "0123456789"

_PLAIN = (0.98, 0.99)  # what is at least so likely a digit, and so surely a certain one, is not read as a line …
_WIDE = 0.8  # … unless it is so many times as wide as high
_READER = {True: 0.5, False: 0.8}  # how much the line reader has to say in which digit a symbol is, where its ink is
# whole, and where it was cut out or told from paper that is not clean; the digit model has the rest
_TEMPERATURE = 1.15  # of both together: of 1 to 1.5 the best on the clinics' cells that are there to choose by
_EXPONENT = (0.6, 0.5)  # a digit that is so many times as high as the one before it, at most, and ends above so much of
# that one's height is an exponent, and begins a number; zeros are written small and high by some
_LARGER = 1.9  # times as high as all digits of a number before it is a digit that begins another: those are print
_APART = (0.55, 2.5)  # numbers are apart where a gap is so wide, as a share of the line's height, and so many
# times as wide as gaps in the line usually are …
_FAR_APART = 1.0  # … or as wide as that; …
_PITCH = 1.4  # … in a row of boxes, only where two middles are so many times as far apart as they usually are
_NO_PART, _LINKED = 0.05, 0.85  # what hangs together is one symbol where a part of it is less likely a digit, and the
# line reader is less sure of one: so it is with letters that pass for two digits, and seldom with digits that touch
_HIGH = 0.4  # of a line's height: what was not read and is lower is no digit
_MARK = (0.8, 0.4)  # pens: ink on clean paper that is so long is no dust, and that is so thick no bit of a rule; it is
# shown though nothing was read
_DOUBTFUL = 0.9  # a line whose text is less likely has alternatives …
_LIKELY = 0.02  # … which are at least so likely
_ALTERNATIVES = 4  # texts of a line, at most, its likeliest among them
_MOST_DOUBTS = 30  # frames in doubt: beyond that the search takes long, and no text is likely
_SAME_SIZE = 0.15  # of the logarithm of a crop's height: a line is not read again for less
_AROUND = 0.5  # of the digits' height is what its crop then has of paper at the left and right
_FEW = 3  # lines, or fewer, may be bits of one that fills the picture
_EVEN_ODDS = 0.5  # of a symbol: what is less likely counts against a reading
_TELLING = 3  # symbols, or more, tell whether a page is upright: a 6 alone may as well be a 9
_UNSURE = 0.8  # a picture read with less confidence than this, on average, may lie on its side
_TURNED = 1.2  # … and does, where turned so many times as much of it can be read: most pictures are upright
_BATCH_COLUMNS = 16  # lines are read together with others that need as many columns, rounded up to this


@dataclass(frozen=True)
class Outputs:
    """What the digit model says of N images: `probabilities` `(N, 10)`, rows sum to 1; `is_digit` `(N,)`, 0 … 1."""

    probabilities: NDArray[np.float32]
    is_digit: NDArray[np.float32]


Classifier = Callable[[NDArray[np.float32]], Awaitable[Outputs]]
"""Takes `(N, 28, 28)`, float32, ink 1 on paper 0; awaited, since onnxruntime-web answers later."""

LineReader = Callable[[NDArray[np.float32]], Awaitable[Lines]]
"""Takes `(N, 40, W)`, float32, as `digitpad.line.line_picture` makes them, W a multiple of 4."""


@dataclass(frozen=True)
class Networks:
    """What reads: `classify` single symbols, and `read_lines` of any symbols."""

    classify: Classifier
    read_lines: LineReader


class Line(TypedDict):
    """A line of text, its box `[x, y, width, height]` in the image's pixels, and the column of each of its numbers."""

    text: str
    box: list[int]
    columns: list[int]


class Digit(TypedDict):
    """One digit: the likeliest, how likely each is, whether it is one at all, and where it stands."""

    digit: int
    confidence: float
    probabilities: list[float]
    is_digit: float
    box: list[int]
    line: int


class Sign(TypedDict):
    """Anything that was read: one of `digitpad.line.SYMBOLS`, how sure that is, and where it stands."""

    symbol: str
    confidence: float
    box: list[int]
    line: int


class Alternative(TypedDict):
    """What else a line may say, and how likely that is."""

    line: int
    text: str
    probability: float


class Reading(TypedDict):
    """All that was read of an image. An image without ink has an empty text, and no lines, symbols or digits.

    `symbols` are all, in the order in which one reads; `digits` are those of them that are a digit or NO_DIGIT.
    `alternatives` are of lines that are in doubt, without spaces.
    """

    text: str
    lines: list[Line]
    digits: list[Digit]
    symbols: list[Sign]
    alternatives: list[Alternative]
    milliseconds: float


@dataclass(frozen=True)
class Recognition:
    """A reading, and what the digit model saw: `images` `(N, 28, 28)`, float32, ink 1 on paper 0, one a digit."""

    reading: Reading
    images: NDArray[np.float32]


@dataclass(frozen=True)
class Symbol:
    """A symbol of a page: one of `digitpad.line.SYMBOLS`, how sure that is, its box and its ink.

    `line` is its line's number; a number begins with it where `begins` is set. A digit, or what is none, has an `image`
    `(28, 28)`, float32, ink 1 on paper 0; `probabilities` `(10,)`, which sum to 1; and `is_digit` in 0 … 1.
    """

    symbol: str
    confidence: float
    box: Box
    piece: Piece
    line: int = 0
    begins: bool = False
    image: NDArray[np.float32] | None = None
    probabilities: NDArray[np.float32] | None = None
    is_digit: float = 0.0


async def read(image: Image.Image, networks: Networks, single: bool | None = None) -> Reading:
    """Return what an image, of any mode and size, says.

    It is taken as exactly one symbol where `single` is True, as lines of numbers where it is False; otherwise what is
    written decides.
    """
    return (await recognise(image, networks, single)).reading


async def recognise(
    image: Image.Image,
    networks: Networks,
    single: bool | None = None,
    is_upright: bool = False,
    is_drawn: bool = False,
) -> Recognition:
    """Read as `read` does, and return what the digit model saw as well.

    What `is_upright` is not tried turned. What `is_drawn` is strokes alone, without any rules.
    """
    started = time.perf_counter()
    page, symbols, doubts = await find_symbols(image, networks, single, is_upright, is_drawn)
    boxes = [_in_pixels(page, symbol.box) for symbol in symbols]
    written = _lines(symbols, boxes)
    reading: Reading = {
        "text": "\n".join(line["text"] for line in written),
        "lines": written,
        "digits": [_digit(symbol, box) for symbol, box in zip(symbols, boxes, strict=True) if symbol.image is not None],
        "symbols": [_sign(symbol, box) for symbol, box in zip(symbols, boxes, strict=True)],
        "alternatives": doubts,
        "milliseconds": (time.perf_counter() - started) * 1000,
    }
    images = [symbol.image for symbol in symbols if symbol.image is not None]
    return Recognition(reading, np.stack(images) if images else np.zeros((0, SIDE, SIDE), np.float32))


async def find_symbols(
    image: Image.Image,
    networks: Networks,
    single: bool | None = None,
    is_upright: bool = False,
    is_drawn: bool = False,
) -> tuple[Page, list[Symbol], list[Alternative]]:
    """Return an image's page, the symbols on it in reading order, and what else its lines may say; as `recognise`."""
    page = layout(image, is_drawn=is_drawn)
    if not page.lines:
        return page, [], []
    if single:
        return page, [await _one(page, networks)], []
    alone: Symbol | None = None
    if single is None and page.is_clean and len(page.lines) == 1:
        line = page.lines[0]
        piece = whole(page.ink, line.box)
        if line.box[2] - line.box[0] < _WIDE * line.height and not _has_gap(piece):
            alone = await _classified(piece, networks)
            if alone.is_digit >= _PLAIN[0] and alone.confidence >= _PLAIN[1]:
                return page, [alone], []
    found = await _read_closely(page, networks)
    several = sum(len(line.found) for line in found) >= _TELLING
    if not is_upright and several and _confidence(found) < _UNSURE:
        least = _TURNED * _legible(found)
        for turns in orientations(page):
            other = layout(image, turns, is_drawn)
            turned = await _read_closely(other, networks)
            if (legible := _legible(turned)) > least:
                page, found, least = other, turned, legible
    return await _recognised(page, found, networks, alone)


def _has_gap(piece: Piece) -> bool:
    """Say whether there is paper between parts of the ink, from top to bottom: a point beside a digit is a sign."""
    columns = np.flatnonzero(piece.ink.max(axis=0) > INSIDE)
    return bool((np.diff(columns) > 1).any())


@dataclass(frozen=True)
class _Read:
    """A line that was read: its symbols, with boxes on the page, and the reader's frames."""

    line: TextLine
    found: Sequence[Found]
    frames: NDArray[np.float32]


async def _read_closely(page: Page, networks: Networks) -> list[_Read]:
    """Return what the line reader says of each line of a page; lines at another size than it has learned from, twice.

    What it has read says better than ink how high symbols are, where paper is not clean. The surer reading counts.
    """
    if page.is_clean:
        return await _read_lines(page, page.lines, networks)
    read = await _read_twice(page, page.lines, networks)
    height, width = page.grey.shape
    if len(page.lines) <= _FEW and width >= height:
        # It may be the picture of one line, of which not all ink was told from the paper.
        whole_page = (0, 0, width, height)
        alone = await _read_twice(page, [TextLine(whole_page, whole_page, SYMBOL * height)], networks)
        if _score(alone) > _score(read):
            read = alone
    return [line for line in read if line.found]


async def _read_twice(page: Page, lines: Sequence[TextLine], networks: Networks) -> list[_Read]:
    read = await _read_lines(page, lines, networks)
    closer = {n: line for n, line in enumerate(map(_closer, read)) if line}
    again = await _read_lines(page, list(closer.values()), networks)
    for n, other in zip(closer, again, strict=True):
        if _score([other]) > _score([read[n]]):
            read[n] = other
    return read


def _closer(read: _Read) -> TextLine | None:
    """Return a line with a crop in which its symbols are as high as they should be; None where they about are."""
    digits = [symbol.box for symbol in read.found if symbol.symbol in DIGITS]
    if not digits:
        return None
    boxes = np.array([symbol.box for symbol in read.found])
    height = median([bottom - top for _, top, _, bottom in digits])
    top, bottom = float(boxes[:, 1].min()), float(boxes[:, 3].max())
    high = max(height / SYMBOL, (bottom - top) * ROOM)
    left, upper, right, lower = read.line.crop
    if abs(math.log(max(high, 1) / (lower - upper))) < _SAME_SIZE:
        return None
    side = _AROUND * height
    crop = (
        max(math.floor(boxes[:, 0].min() - side), left),
        math.floor((top + bottom - high) / 2),
        min(math.ceil(boxes[:, 2].max() + side), right),
        math.ceil((top + bottom + high) / 2),
    )
    is_there = crop[2] > crop[0] and crop[1] < lower and crop[3] > upper
    return replace(read.line, crop=crop) if is_there else None


async def _read_lines(page: Page, lines: Sequence[TextLine], networks: Networks) -> list[_Read]:
    """Return what the line reader says of each of some lines of a page."""
    pictures = [line_picture(_part(page, line)) for line in lines]
    widths = [-(-picture.shape[1] // _BATCH_COLUMNS) * _BATCH_COLUMNS for picture in pictures]
    read: list[_Read | None] = [None] * len(pictures)
    for width in sorted(set(widths)):
        together = [n for n, w in enumerate(widths) if w == width]
        answer = await networks.read_lines(np.stack([padded(pictures[n], width) for n in together]))
        for n, frames, extents in zip(together, answer.frames, answer.extents, strict=True):
            line = lines[n]
            scale = (line.crop[3] - line.crop[1]) / HEIGHT
            found = [
                replace(symbol, box=_on_the_page(symbol.box, line.crop, scale)) for symbol in decode(frames, extents)
            ]
            read[n] = _Read(line, found, frames)
    return [line for line in read if line is not None]


def _part(page: Page, line: TextLine) -> NDArray[np.uint8]:
    """Return a line's crop of the page; on clean paper without what the lines above and below have there."""
    part = page.part(line.crop)
    if page.is_clean:
        rows = np.arange(line.crop[1], line.crop[3])
        part = np.where(((rows < line.box[1] - 1) | (rows > line.box[3]))[:, None], np.uint8(page.paper), part)
    return part


def _on_the_page(box: Box, crop: tuple[int, int, int, int], scale: float) -> Box:
    left, top, right, bottom = box
    return crop[0] + left * scale, crop[1] + top * scale, crop[0] + right * scale, crop[1] + bottom * scale


def _score(read: Sequence[_Read]) -> float:
    """Return how good a reading is beside another of the same: a symbol that is as likely as not adds nothing."""
    return sum(sure - _EVEN_ODDS for sure in _confidences(read))


def _legible(read: Sequence[_Read]) -> float:
    """Return how much of a page can be read: as `_score`, but each symbol counts by its height, and letters not at all.

    Beside handwritten numbers print is small, and upside down some of its letters pass for digits.
    """
    symbols = [symbol for line in read for symbol in line.found if symbol.symbol != NO_DIGIT]
    return sum((symbol.confidence - _EVEN_ODDS) * (symbol.box[3] - symbol.box[1]) for symbol in symbols)


def _confidence(read: Sequence[_Read]) -> float:
    """Return how sure the symbols of a page are, on average."""
    sure = _confidences(read)
    return sum(sure) / len(sure) if sure else 0.0


def _confidences(read: Sequence[_Read]) -> list[float]:
    """Return how sure each symbol is, 0 … 1; what is none of a number's counts as nothing."""
    return [s.confidence if s.symbol != NO_DIGIT else 0.0 for line in read for s in line.found]


async def _recognised(
    page: Page, read: Sequence[_Read], networks: Networks, alone: Symbol | None
) -> tuple[Page, list[Symbol], list[Alternative]]:
    """Return the symbols of lines that were read, with what the digit model says of each digit's own ink.

    `alone` is what it says of all the page's ink, where it has been asked.
    """
    symbols: list[Symbol] = []
    kept: list[_Read] = []
    for line in read:
        if of_line := _with_ink(page, line):
            symbols += [replace(symbol, line=len(kept)) for symbol in of_line]
            kept.append(line)
    places = [n for n, symbol in enumerate(symbols) if symbol.probabilities is not None]
    if not places:
        return page, _in_numbers(symbols, kept), _doubts(symbols, kept)
    if alone and len(symbols) == 1 and _is_same(symbols[0].piece, alone.piece):
        images, outputs = _said(alone)
    else:
        images = np.stack([normalise(symbols[n].piece.ink) for n in places])
        outputs = await networks.classify(images)
    is_linked = page.is_clean and len(read) == 1 and all(symbol.piece.is_cut for symbol in symbols)
    if is_linked and float(outputs.is_digit.min()) < _NO_PART and min(_confidences(read)) < _LINKED:
        return page, [alone or await _classified(whole(page.ink, read[0].line.box), networks)], []
    for n, image, probabilities, is_digit in zip(places, images, outputs.probabilities, outputs.is_digit, strict=True):
        # What was cut out, or told from other paper than clean, is not all of a digit's ink, or more.
        is_whole = page.is_clean and not symbols[n].piece.is_cut
        whether = float(is_digit) if is_whole else symbols[n].is_digit
        if page.is_clean and len(symbols) == 1:
            symbols[n] = replace(symbols[n], is_digit=whether)  # nothing beside it says that it is one
        seen = replace(symbols[n], image=image)
        symbols[n] = _together(seen, probabilities, whether, _READER[is_whole])
    return page, _in_numbers(symbols, kept), _doubts(symbols, kept)


def _is_same(one: Piece, other: Piece) -> bool:
    return one.box == other.box and bool(one.ink.sum() == other.ink.sum())


def _said(symbol: Symbol) -> tuple[NDArray[np.float32], Outputs]:
    """Return the image of a symbol that the digit model has seen, and what it said, as of one of many."""
    assert symbol.image is not None and symbol.probabilities is not None
    return symbol.image[None], Outputs(symbol.probabilities[None], np.array([symbol.is_digit], np.float32))


def _doubts(symbols: Sequence[Symbol], read: Sequence[_Read]) -> list[Alternative]:
    """Return what else each line in doubt may say than its symbols do."""
    doubts: list[Alternative] = []
    for number, line in enumerate(read):
        said = "".join(symbol.symbol for symbol in symbols if symbol.line == number)
        doubts += [
            {"line": number, "text": text, "probability": probability}
            for text, probability in _texts(line.frames)
            if text not in ("", said) and probability >= _LIKELY
        ]
    return doubts


def _texts(frames: NDArray[np.float32]) -> list[tuple[str, float]]:
    """Return what a line in doubt may say: nothing where it is sure, or where too much of it is in doubt."""
    likeliest = frames.max(axis=1)
    if likeliest.prod() >= _DOUBTFUL or np.count_nonzero(likeliest < _DOUBTFUL) > _MOST_DOUBTS:
        return []
    return alternatives(frames, _ALTERNATIVES)


def _together(symbol: Symbol, probabilities: NDArray[np.float32], is_digit: float, reader: float) -> Symbol:
    """Return a symbol with what line reader and digit model say together: geometric means, both have to hold it likely.

    `probabilities` and `is_digit` are the digit model's; `reader` is the line reader's weight.
    """
    assert symbol.probabilities is not None
    one, other = reader / _TEMPERATURE, (1 - reader) / _TEMPERATURE
    product = np.maximum(symbol.probabilities, 1e-6) ** one * np.maximum(probabilities, 1e-6) ** other
    product = (product / product.sum()).astype(np.float32)
    digit = int(product.argmax())
    whether = math.sqrt(symbol.is_digit * is_digit)
    said = replace(symbol, probabilities=product, is_digit=whether)
    if whether < LIKELY_DIGIT:
        return replace(said, symbol=NO_DIGIT, confidence=1 - whether)
    return replace(said, symbol=DIGITS[digit], confidence=float(product[digit]))


def _with_ink(page: Page, line: _Read) -> list[Symbol]:
    """Return the symbols of a line, each with its ink; on clean paper what was not read too, as NO_DIGIT."""
    left, top, right, bottom = line.line.crop
    if page.is_clean:
        top, bottom = max(top, line.line.box[1]), min(bottom, line.line.box[3])
    pieces, others = glyphs(page.ink, (left, top, right, bottom), [symbol.box for symbol in line.found])
    if page.is_clean:
        pieces, others = _with_dots(line.found, pieces, others)
    symbols = []
    for found, piece in zip(line.found, pieces, strict=True):
        if page.is_clean and piece is None:
            continue  # all its ink is another symbol's
        own = piece or _seen(page, found.box)
        box: Box = own.box if piece else found.box
        if found.symbol not in DIGITS + NO_DIGIT:
            sign = _sign_of(found.symbol, own) if page.is_clean else found.symbol
            symbols.append(Symbol(sign, found.confidence, box, own))
            continue
        digits = np.maximum(found.probabilities[:10], 1e-6)
        is_digit = float(digits.sum() / (digits.sum() + found.probabilities[OTHER]))
        shares = (digits / digits.sum()).astype(np.float32)
        symbols.append(Symbol(found.symbol, found.confidence, box, own, probabilities=shares, is_digit=is_digit))
    if page.is_clean and others:
        left, top, right, bottom = line.line.box
        pen = pen_width(page.ink[top:bottom, left:right])
        longest, thinnest = _MARK
        symbols += [
            _told(piece, line)
            for piece in stacked(others)
            if max(_sides(piece)) >= longest * pen and min(_sides(piece)) >= thinnest * pen
        ]
    return sorted(symbols, key=lambda symbol: symbol.box[0] + symbol.box[2])


def _with_dots(
    found: Sequence[Found], pieces: Sequence[Piece | None], others: Sequence[Piece]
) -> tuple[list[Piece | None], list[Piece]]:
    """Return the ink of symbols, each colon's with both its dots, and the ink that is left."""
    joined, left = list(pieces), list(others)
    for n, (symbol, piece) in enumerate(zip(found, pieces, strict=True)):
        if symbol.symbol == ":" and piece:
            parts = stacked([piece, *left])
            whole_of = next(part for part in parts if part.box[0] <= piece.box[0] and part.box[2] >= piece.box[2])
            joined[n] = whole_of
            left = [other for other in left if other.box[2] <= whole_of.box[0] or other.box[0] >= whole_of.box[2]]
    return joined, left


def _told(piece: Piece, line: _Read) -> Symbol:
    """Return ink in which nothing was read as what the line reader holds likeliest where it lies, blank or not."""
    left, _, right, _ = piece.box
    crop = line.line.crop
    frame = round(((left + right) / 2 - crop[0]) * HEIGHT / (crop[3] - crop[1]) / STRIDE - 0.5)
    frame = min(max(frame, 0), len(line.frames) - 1)
    shares = np.maximum(line.frames[max(frame - 1, 0) : frame + 2, :BLANK].sum(axis=0), 1e-6)
    shares /= shares.sum()
    signs = shares[len(DIGITS) : OTHER]
    if float(signs.sum()) >= _EVEN_ODDS:
        likeliest = int(signs.argmax())
        sign = _sign_of(SYMBOLS[len(DIGITS) + likeliest], piece)
        return Symbol(sign, float(signs[likeliest]), piece.box, piece)
    # The digit model says whether it is a digit, if it is as high as one.
    digits = float(shares[:10].sum()) if _sides(piece)[1] >= _HIGH * line.line.height else 0.0
    return Symbol(NO_DIGIT, 0.5, piece.box, piece, probabilities=shares[:10] / shares[:10].sum(), is_digit=digits)


def _sign_of(symbol: str, piece: Piece) -> str:
    """Return a sign, given its ink: a dash is longer than high, else it is a point."""
    return "." if symbol == "-" and _sides(piece)[0] <= _sides(piece)[1] else symbol


def _sides(piece: Piece) -> tuple[int, int]:
    left, top, right, bottom = piece.box
    return right - left, bottom - top


def _seen(page: Page, box: Box) -> Piece:
    """Return as ink what in a box of the page differs from its median: where a symbol's was not told from paper."""
    height, width = page.grey.shape
    left, top = min(max(int(box[0]), 0), width - 1), min(max(int(box[1]), 0), height - 1)
    right, bottom = max(int(box[2]) + 1, left + 1), max(int(box[3]) + 1, top + 1)
    part = page.grey[top:bottom, left:right].astype(np.float32)
    away = np.abs(part - median(part))
    return Piece(away / max(float(away.max()), 1.0) if away.any() else np.ones_like(part), left, top)


async def _one(page: Page, networks: Networks) -> Symbol:
    """Return the one symbol of a page."""
    edges = np.array([line.box for line in page.lines])
    box = (*edges[:, :2].min(axis=0).tolist(), *edges[:, 2:].max(axis=0).tolist())
    symbol = await _classified(whole(page.ink, box), networks)
    if page.is_clean:
        return symbol
    # On other paper the line reader sees more than ink that was told from it.
    read = await _read_closely(page, networks)
    digits = [found for line in read for found in line.found if found.symbol in DIGITS]
    if not digits:
        return symbol
    found = max(digits, key=lambda found: found.confidence)
    assert symbol.probabilities is not None
    shares = found.probabilities[:10] / found.probabilities[:10].sum()
    own = replace(symbol, probabilities=shares, is_digit=found.confidence)
    return _together(own, symbol.probabilities, found.confidence, _READER[False])


async def _classified(piece: Piece, networks: Networks) -> Symbol:
    """Return what the digit model says of a piece of ink."""
    image = normalise(piece.ink)
    outputs = await networks.classify(image[None])
    probabilities, is_digit = outputs.probabilities[0], float(outputs.is_digit[0])
    digit = int(probabilities.argmax())
    symbol = DIGITS[digit] if is_digit >= LIKELY_DIGIT else NO_DIGIT
    return Symbol(
        symbol,
        float(probabilities[digit]),
        piece.box,
        piece,
        image=image,
        probabilities=probabilities,
        is_digit=is_digit,
    )


def _in_numbers(symbols: Sequence[Symbol], read: Sequence[_Read]) -> list[Symbol]:
    """Return the symbols of all lines, and which of them begin a number."""
    of_lines = itertools.groupby(symbols, key=lambda symbol: symbol.line)
    return [symbol for n, of_line in of_lines for symbol in _numbers_of(list(of_line), read[n].line.height)]


def _numbers_of(symbols: Sequence[Symbol], height: float) -> list[Symbol]:
    """Return the symbols of a line, and which of them begin a number."""
    gaps = [after.box[0] - before.box[2] for before, after in itertools.pairwise(symbols)]
    pitches = [sum(after.box[::2]) / 2 - sum(before.box[::2]) / 2 for before, after in itertools.pairwise(symbols)]
    placed = list(symbols)
    share, times = _APART
    for n, gap in enumerate(gaps):
        others = [max(g, 0) for g in (*gaps[:n], *gaps[n + 1 :])]
        is_wide = bool(others) and gap > share * height and gap > times * median(others)
        is_far = gap > _FAR_APART * height
        # In boxes of one digit each, a gap beside a one is wide, but its middle is no further away than others are.
        is_pitch = bool(others) and pitches[n] < _PITCH * median([*pitches[:n], *pitches[n + 1 :]])
        if (is_wide or is_far) and not (is_pitch and min(others) < _FAR_APART * height):
            placed[n + 1] = replace(placed[n + 1], begins=True)
    for n, (before, after) in enumerate(itertools.pairwise(symbols)):
        if _is_raised(after, before) or _is_raised(before, after):
            placed[n + 1] = replace(placed[n + 1], begins=True)
    tallest = 0.0
    for n, symbol in enumerate(placed):
        if symbol.probabilities is None:
            continue
        high = symbol.box[3] - symbol.box[1]
        if symbol.symbol in DIGITS and 0 < _LARGER * tallest <= high:
            placed[n] = symbol = replace(symbol, begins=True)
        tallest = high if symbol.begins else max(tallest, high)
    return placed


def _is_raised(symbol: Symbol, beside: Symbol) -> bool:
    """Say whether a symbol is an exponent of the one beside it."""
    if symbol.symbol not in DIGITS[1:] or beside.symbol not in DIGITS:
        return False
    (_, top, _, bottom), (_, upper, _, lower) = symbol.box, beside.box
    height = lower - upper
    return bottom - top <= _EXPONENT[0] * height and bottom <= upper + _EXPONENT[1] * height


def _digit(symbol: Symbol, box: list[int]) -> Digit:
    assert symbol.probabilities is not None
    digit = int(symbol.probabilities.argmax())
    return {
        "digit": digit,
        "confidence": float(symbol.probabilities[digit]),
        "probabilities": symbol.probabilities.tolist(),
        "is_digit": symbol.is_digit,
        "box": box,
        "line": symbol.line,
    }


def _sign(symbol: Symbol, box: list[int]) -> Sign:
    return {"symbol": symbol.symbol, "confidence": symbol.confidence, "box": box, "line": symbol.line}


def _in_pixels(page: Page, box: Box) -> list[int]:
    """Return a box on the page as `[x, y, width, height]` in whole pixels of the image."""
    wide, high = (round(side * page.scale) for side in page.size)
    left, top, right, bottom = page.in_image(box)
    x, y = min(max(round(left), 0), wide - 1), min(max(round(top), 0), high - 1)
    return [x, y, max(min(round(right), wide) - x, 1), max(min(round(bottom), high) - y, 1)]


def _lines(symbols: Sequence[Symbol], boxes: Sequence[list[int]]) -> list[Line]:
    """Return the lines of text that symbols make."""
    written: list[Line] = []
    for symbol, box in zip(symbols, boxes, strict=True):
        if len(written) == symbol.line:
            written.append({"text": symbol.symbol, "box": box, "columns": []})
        else:
            line = written[-1]
            line["text"] += " " * symbol.begins + symbol.symbol
            line["box"] = _around(line["box"], box)
    for line, of_line in zip(written, columns(_extents(symbols)), strict=True):
        line["columns"] = of_line
    return written


def _extents(symbols: Sequence[Symbol]) -> list[list[Extent]]:
    """Return where the numbers of each line begin and end on the page."""
    rows: list[list[Extent]] = []
    for symbol in symbols:
        left, _, right, _ = symbol.box
        if len(rows) == symbol.line:
            rows.append([(left, right)])
        elif symbol.begins:
            rows[-1].append((left, right))
        else:
            rows[-1][-1] = rows[-1][-1][0], max(rows[-1][-1][1], right)
    return rows


def _around(one: list[int], other: list[int]) -> list[int]:
    """Return the box about two boxes."""
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right, bottom = max(one[0] + one[2], other[0] + other[2]), max(one[1] + one[3], other[1] + other[3])
    return [left, top, right - left, bottom - top]
