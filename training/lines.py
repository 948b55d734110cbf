"""Lines of writing to learn from, made on the fly: one hand's digits and signs, on any paper, as a camera sees them.

A line is made of what may be learned from: pen strokes (`ink/`), MNIST's images by writer and USPS's (`mnist/`,
`real/mnist-writers/`, `usps/`), drawn signs and characters (`real/signs/`, `real/omniglot/`), the ways of writing in
`training.styles`, and print. `training.paper` has what it is written on.
"""

import io
import itertools
import math
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from digitpad.line import BLANK, HEIGHT, OTHER, STRIDE, SYMBOLS, normalised
from training import gather, paper, styles
from training.data import DIGITS, LOOK_ALIKES, Symbol, is_validation, mnist, mnist_writers, usps
from training.styles import Points
from training.vary import vary

LOOKS_LIKE: Mapping[str, str] = {
    **dict.fromkeys("S", "5"),
    **dict.fromkeys("Zz", "2"),
    **dict.fromkeys("Il|", "1"),
    **dict.fromkeys("OoD", "0"),
    **dict.fromkeys("bG", "6"),
    **dict.fromkeys("B", "8"),
    **dict.fromkeys("gqy", "9"),
}
"""Letters that somebody else writes for a digit: in a line of digits that is what they are."""

STAND_IN = 0.04
"""The share of digits that are such letters."""

INK_SIGNS = 0.5
"""The share of signs that are ink, where it has them, and not drawn by `training.styles`."""

WIDEST = 520
"""Columns that a line's picture has at most."""

IGNORED = 255
"""The class of frames beside a symbol's middle: they may say what they like."""

_FINE = 3  # times the picture's pixels, for strokes


@dataclass(frozen=True)
class Hand:
    """One person's symbols, by label: strokes in units of the usual height of that person's digits, or images."""

    strokes: Mapping[str, Sequence[Sequence[Points]]]
    images: Mapping[str, Sequence[NDArray[np.uint8]]]


@dataclass(frozen=True)
class Sources:
    """All that lines are made of."""

    hands: Sequence[Hand]
    image_hands: Sequence[Hand]
    letters: Sequence[Sequence[Points]]
    stand_ins: Mapping[str, Sequence[Sequence[Points]]]
    signs: Mapping[str, Sequence[NDArray[np.uint8]]]
    ink_signs: Mapping[str, Sequence[Sequence[Points]]]


@dataclass(frozen=True)
class Line:
    """A line's picture, `(40, W)`, uint8, W a multiple of 4, and its symbols: classes and boxes `(N, 4)` in pixels.

    Where it is not `has_signs`, its digits alone are named, and any signs may stand beside them.
    """

    grey: NDArray[np.uint8]
    classes: Sequence[int]
    boxes: NDArray[np.float32]
    has_signs: bool = True


def sources(folder: Path, validation: bool = False) -> Sources:
    """Return what lines are made of, of the writers to learn from, or of those kept back."""
    part = int(validation)
    digits = gather.split(gather.digits(folder))[part]
    others = gather.split(gather.letters_and_signs(folder))[part]
    by_writer: dict[str, list[Symbol]] = defaultdict(list)
    for symbol in digits:
        by_writer[symbol.writer].append(symbol)
    stand_ins: dict[str, list[list[Points]]] = defaultdict(list)
    for symbol in others:
        if symbol.label in LOOKS_LIKE:
            stand_ins[LOOKS_LIKE[symbol.label]].append(_unit(symbol))
    ink_signs: dict[str, list[list[Points]]] = defaultdict(list)
    for symbol in others:
        if symbol.label in styles.SIGNS:
            strokes = _unit(symbol)
            if styles.is_whole(symbol.label, strokes):
                ink_signs[symbol.label].append(strokes)
    letters = [_unit(s) for s in others if s.label not in LOOK_ALIKES | DIGITS | set(SYMBOLS) | set('"-_^~')]
    letters += _omniglot(folder / "real" / "omniglot", validation)
    return Sources(
        hands=[_hand(symbols) for symbols in by_writer.values() if len({s.label for s in symbols}) == len(DIGITS)],
        image_hands=_image_hands(folder, validation),
        letters=letters,
        stand_ins=stand_ins,
        signs=_sign_images(folder / "real" / "signs", "val" if validation else "train"),
        ink_signs=ink_signs,
    )


def content(rng: np.random.Generator) -> str:
    """Return what a line says: digits and signs, `a` for a letter, and a space where numbers are apart."""

    def number(few: int, many: int) -> str:
        count = int(rng.integers(few, many + 1))
        if rng.random() < 0.18 and count > 1:  # round numbers, and repeated digits
            kept = int(rng.integers(0, count))
            rest = "0" if rng.random() < 0.6 and kept else pick("1", "1", "7", str(rng.integers(10)))
            return "".join(map(str, rng.integers(0, 10, kept))) + rest * (count - kept)
        return "".join(map(str, rng.integers(0, 10, count)))

    def pick(*choices: str) -> str:
        return choices[int(rng.integers(len(choices)))]

    def part() -> str:  # of a fraction: ones and sevens, which look like a slash, often stand beside it
        if rng.random() < 0.3:
            return pick("1", "1", "7", "4", "10", "11", "1" + number(1, 1), number(1, 1) + "1")
        return number(1, 2)

    kind = int(rng.choice(len(_KINDS), p=_KINDS))
    if kind == 0:
        return number(1, 4)
    if kind == 1:
        return number(4, 9)
    if kind == 2:  # an amount: thousands apart, an end that nothing can be added to
        mark = pick(".", ".", ".", ",", " ", "'")
        thousands = [pick("000", "000", "500", number(3, 3), number(3, 3)) for _ in range(int(rng.integers(1, 3)))]
        text = number(1, 3) + "".join(mark + digits for digits in thousands)
        return (
            pick("", "", "", "", "", "", "", "$")
            + text
            + pick("", "", "", "-", ".-", "=", ".", ",-", ".=", " -", ",00", "--", ":", "=", ".-")
        )
    if kind == 3:
        return pick("", "", "", "", "-") + number(1, 4) + pick(".", ",") + number(1, 3)
    if kind == 4:
        return "-" + number(1, 5)
    if kind == 5:
        mark = pick(".", ".", "/", "/", "-", ":", " ")
        return number(1, 2) + mark + number(1, 2) + mark + pick(number(2, 2), "20" + number(2, 2), "19" + number(2, 2))
    if kind == 6:
        return number(1, 2) + pick(":", ":", ".") + number(2, 2)
    if kind == 7:
        return part() + "/" + part() if rng.random() < 0.8 else number(1, 4) + "/" + number(1, 4)
    if kind == 8:
        return pick("+" + number(1, 4), number(1, 2) + "+" + number(1, 2) + "=" + number(1, 2))
    if kind == 9:
        return number(1, 1)
    if kind == 10:  # units, and letters before or after
        letters = "a" * int(rng.integers(1, 4))
        return pick(number(1, 4) + pick("", " ") + letters, letters + pick("", " ") + number(1, 4), number(1, 3) + "%")
    if kind == 11:
        return " ".join(number(1, 4) for _ in range(int(rng.integers(2, 5))))
    if kind == 12:
        return "a" * (1 if rng.random() < 0.5 else int(rng.integers(2, 7)))
    if kind == 13:
        return "(" + number(1, 3) + ")" if rng.random() < 0.5 else number(1, 4) + pick(".", ",", "*", "~", "#", "x")
    return ""


_KINDS = (0.175, 0.135, 0.17, 0.115, 0.04, 0.04, 0.05, 0.045, 0.03, 0.06, 0.03, 0.035, 0.04, 0.02, 0.015)


def lines(made_of: Sources, rng: np.random.Generator, papers: int = 1) -> list[Line]:
    """Return the same writing on so many papers."""
    text = content(rng)
    kind = rng.random()
    if kind < 0.06:
        return _printed(text, papers, rng)
    hands = (made_of.hands if kind < 0.62 else made_of.image_hands) or made_of.hands or made_of.image_hands
    return _written(text, hands[int(rng.integers(len(hands)))], made_of, papers, rng)


@dataclass
class _Glyph:
    """A symbol to be painted: its class, strokes or an image's mask with its corner, and its box in pixels."""

    number: int
    strokes: list[Points]
    mask: NDArray[np.uint8] | None
    box: NDArray[np.float64]

    def move(self, dx: float, dy: float) -> None:
        self.strokes = [np.add(points, (dx, dy)) for points in self.strokes]
        self.box = np.add(self.box, (dx, dy, dx, dy))


def _written(text: str, hand: Hand, made_of: Sources, papers: int, rng: np.random.Generator) -> list[Line]:
    height = float(rng.uniform(20, 33) if rng.random() < 0.65 else rng.uniform(11, 37))
    pen = max(height * float(np.exp(rng.uniform(*np.log(_IMAGES_PENS if hand.images else _PENS)))), 0.7)
    kind = rng.random()  # beside what the ink slants by itself
    degrees = rng.normal(0, 5) if kind < 0.2 else rng.normal(11, 16) if kind < 0.94 else rng.uniform(28, 50)
    slant = math.tan(math.radians(float(np.clip(degrees, -25, 50))))
    spread = rng.uniform(0, 0.12)
    spacing = _SPACINGS[int(rng.choice(len(_SPACINGS), p=_SPACING_SHARES))]
    touching = rng.uniform(0.3, 1.0) if rng.random() < _TOUCHING_HANDS else 0.0
    zeros = _zeros_of(rng)
    habits = _habits(text, rng)
    glyphs: list[_Glyph] = []
    gap_before = 0.0
    for place, character in enumerate(text):
        if character == " ":
            gap_before = rng.uniform(0.7, 2.0) * height
            continue
        size = height * float(np.exp(rng.normal(0, spread)))
        raised = rng.normal(0, 0.05) * height
        if character == "0" and zeros and place:
            size, raised = size * zeros[0], raised - zeros[1] * height
        glyph = _glyph(character, hand, habits, made_of, size, pen, slant, rng)
        glyph.move(0, raised)
        if glyphs:
            gap = height * rng.uniform(*spacing)
            if rng.random() < touching:
                gap = -pen * rng.uniform(*_SHARED_INK)
            if character in ".,:'" or text[place - 1 : place] in (".", ",", ":", "'"):
                gap = height * rng.uniform(0.0, 0.5)
            elif "/" in text[place - 1 : place + 1]:  # nobody writes it into a digit
                gap = max(gap, -0.06 * height)
            glyph.move(_beside(glyphs[-1], glyph, pen, slant, gap_before or gap), 0)
        glyphs.append(glyph)
        gap_before = 0.0
    joins = _joins(glyphs, zeros, rng)
    slope = math.tan(math.radians(rng.normal(0, 2.5)))
    for glyph in glyphs:
        glyph.move(0, slope * float(glyph.box[[0, 2]].mean()))
    return _paint(glyphs, joins, height, pen, made_of, papers, rng)


_PENS, _IMAGES_PENS = (0.035, 0.2), (0.05, 0.17)
"""How wide pens are, in heights of a digit: any, and such as MNIST's, so that its signs fit its digits."""

_SPACINGS = ((-0.25, -0.02), (-0.08, 0.08), (0.02, 0.2), (0.1, 0.5), (0.3, 1.2), (-0.15, 0.4))
_SPACING_SHARES = (0.12, 0.23, 0.28, 0.18, 0.07, 0.12)

_TOUCHING_HANDS = 0.18
"""The share of hands whose symbols touch those before them: some of them or all, each by as much as it may be."""

_SHARED_INK = (0.1, 1.5)  # the ink that two symbols have in common there, in widths of the pen


def _zeros_of(rng: np.random.Generator) -> tuple[float, float] | None:
    """Return how small and how raised this hand writes zeros after other digits; None where like any digit."""
    return (rng.uniform(0.4, 0.95), rng.uniform(0, 0.4)) if rng.random() < 0.4 else None


def _joins(glyphs: Sequence[_Glyph], zeros: tuple[float, float] | None, rng: np.random.Generator) -> list[Points]:
    """Return strokes that join some neighbours, zeros above all, as a hand does that does not lift the pen."""
    share = 0.7 if zeros and rng.random() < 0.6 else 0.02
    found = []
    for before, after in itertools.pairwise(glyphs):
        both_zero = before.number == after.number == 0
        if rng.random() < (share if both_zero else share / 8) and before.number < 10 and after.number < 10:
            (left, top, right, bottom), (x, y, _, below) = before.box, after.box
            start = right - rng.uniform(0, 0.4) * (right - left), top + rng.uniform(0, 0.25) * (bottom - top)
            end = x + rng.uniform(0, 0.4) * (after.box[2] - x), y + rng.uniform(0, 0.25) * (below - y)
            sag = rng.uniform(-0.05, 0.2) * (bottom - top)
            middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + sag
            found.append(np.array([start, middle, end]))
    return found


def _habits(text: str, rng: np.random.Generator) -> Mapping[str, int | None]:
    """Return for each of a line's digits what its style begins from, or None: one person writes it alike each time."""
    return {
        digit: int(rng.integers(2**32)) if rng.random() < styles.STYLED.get(digit, 0) else None
        for digit in sorted(set(text) & DIGITS)
    }


def _glyph(
    character: str,
    hand: Hand,
    habits: Mapping[str, int | None],
    made_of: Sources,
    size: float,
    pen: float,
    slant: float,
    rng: np.random.Generator,
) -> _Glyph:
    """Return a symbol as a hand writes it, its line at y 0 and its left edge at x 0."""
    number = SYMBOLS.index(character) if character in SYMBOLS else OTHER
    if character in DIGITS:
        if (habit := habits[character]) is not None:
            strokes = styles.styled(character, np.random.default_rng(habit))
        elif rng.random() < STAND_IN and made_of.stand_ins.get(character):
            strokes = list(_any(made_of.stand_ins[character], rng))
        elif hand.images.get(character):
            return _pasted(number, _any(hand.images[character], rng), size, slant, rng)
        else:
            strokes = list(_any(hand.strokes[character], rng)) if hand.strokes else styles.styled("1", rng)
        strokes = _varied(strokes, rng)
    elif character == "a":
        strokes = _varied(list(_any(made_of.letters, rng)), rng)
        size *= rng.uniform(0.5, 1.1)
    elif character in made_of.signs and hand.images and rng.random() < 0.4:
        share = _SLASHES if character == "/" else _OTHER_SIGNS
        sign = _pasted(number, _any(made_of.signs[character], rng), size * rng.uniform(*share), slant, rng)
        sign.move(0, (sign.box[3] - sign.box[1]) / 2 - size * rng.uniform(0.4, 0.65))
        return sign
    elif made_of.ink_signs.get(character) and rng.random() < INK_SIGNS:
        strokes = styles.placed_sign(character, _any(made_of.ink_signs[character], rng), rng)
    else:
        strokes = styles.sign(character, rng)
    if character == "/":  # it leans to the right in any hand, and not much more in one that slants
        slant = max(slant, 0) * 0.8
    placed = []
    for points in strokes:
        x, y = points[:, 0] * size, (points[:, 1] - 1) * size
        placed.append(np.column_stack([x - y * slant, y]))
    every = np.concatenate(placed)
    box = np.array([*(every.min(axis=0) - pen / 2), *(every.max(axis=0) + pen / 2)])
    glyph = _Glyph(number, placed, None, box)
    glyph.move(-float(box[0]), 0)
    return glyph


_SLASHES, _OTHER_SIGNS = (1.1, 1.8), (0.4, 0.8)
"""How large drawn signs are pasted: slashes, which fill half of their pictures, become about as high as digits."""


def _varied(strokes: list[Points], rng: np.random.Generator) -> list[Points]:
    if rng.random() < 0.35:
        return strokes
    flat = [(points * 1000).ravel().tolist() for points in strokes]
    varied = [np.reshape(stroke, (-1, 2)) / 1000 for stroke in vary(flat, rng)]
    every = np.concatenate(varied)
    top, bottom = every[:, 1].min(), every[:, 1].max()
    old = np.concatenate(strokes)[:, 1]
    scale = (old.max() - old.min()) / max(bottom - top, 1e-3) if bottom - top > 0.2 else 1.0
    return [(points - (0, bottom)) * scale + (0, old.max()) for points in varied]


def _pasted(number: int, image: NDArray[np.uint8], size: float, slant: float, rng: np.random.Generator) -> _Glyph:
    """Return an image's symbol at a size, slanted and turned a little; its strokes thinner or thicker at times."""
    picture = Image.fromarray(image)
    kind = rng.random()
    if kind < 0.12:
        picture = picture.filter(ImageFilter.MaxFilter(3))
    elif kind < 0.2:
        picture = picture.resize((56, 56), Image.Resampling.BICUBIC).filter(ImageFilter.MinFilter(3))
    scale = size / 20 * (image.shape[0] / picture.height)
    lean, turn, stretch = slant * 0.6, rng.normal(0, 0.06), float(np.exp(rng.normal(0, 0.12)))
    side = math.ceil(40 * size / 20) + 2
    matrix = np.linalg.inv(np.array([[scale * stretch, -lean * scale - turn * scale], [turn * scale, scale]]))
    middle = picture.width / 2
    offset = np.array([middle, middle]) - matrix @ (side / 2, side / 2)
    mask = np.asarray(
        picture.transform(
            (side, side),
            Image.Transform.AFFINE,
            (matrix[0, 0], matrix[0, 1], offset[0], matrix[1, 0], matrix[1, 1], offset[1]),
            Image.Resampling.BICUBIC,
        )
    )
    rows, columns = (np.flatnonzero((mask > 40).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        rows = columns = np.array([side // 2])
    mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _Glyph(number, [], mask, np.array([0.0, -mask.shape[0], mask.shape[1], 0.0]))


def _beside(before: _Glyph, after: _Glyph, pen: float, slant: float, gap: float) -> float:
    """Return how far right to move a symbol for its ink to be so far from that of the one before it, in some row.

    Its middle stays right of the other's, so that it can be said which of them comes first.
    """
    (first, _, rights), (second, lefts, _) = _outline(before, pen), _outline(after, pen)
    _, here, there = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    left, top, right, bottom = before.box
    upright = max(right - left - abs(slant) * (bottom - top), 0)  # how wide it is, but for its slant
    least = left + 0.6 * upright - after.box[0]
    meeting = float(max((rights[here] - lefts[there]).max(initial=least), least))
    middles = (left + right - after.box[0] - after.box[2]) / 2
    return max(meeting + gap, middles + _APART)


_APART = 2.0 * STRIDE
"""Pixels between the middles of neighbours at least: the reader tells them apart by its frames."""

_ROW = 4  # pixels of a row in which distances are measured


def _outline(glyph: _Glyph, pen: float) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows with ink, and the first and last column of each."""
    left, top = glyph.box[:2]
    if glyph.mask is not None:
        ys, xs = np.nonzero(glyph.mask > 60)
        ys, xs, reach = ys + top, xs + left, 0.0
    else:
        points = np.concatenate([_dense(stroke) for stroke in glyph.strokes])
        xs, ys, reach = points[:, 0], points[:, 1], pen / 2
    rows = np.floor(ys / _ROW).astype(np.int64)
    order = np.argsort(rows)
    rows, xs = rows[order], xs[order]
    starts = np.flatnonzero(np.diff(rows, prepend=rows[:1] - 1))
    return rows[starts], np.minimum.reduceat(xs, starts) - reach, np.maximum.reduceat(xs, starts) + reach


def _dense(stroke: Points) -> Points:
    """Return a stroke with so many points that it misses no row."""
    if len(stroke) < 2:
        return stroke
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], max(int(along[-1] / _ROW * 2), 2))
    return np.column_stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)])


def _paint(
    glyphs: list[_Glyph],
    joins: list[Points],
    height: float,
    pen: float,
    made_of: Sources,
    papers: int,
    rng: np.random.Generator,
) -> list[Line]:
    """Return the line with its symbols on paper."""
    if not glyphs:
        width = int(rng.integers(16, 200))
        return _finished(np.zeros((HEIGHT, (width + 3) // 4 * 4), np.float32), [], np.zeros((0, 4)), papers, rng)
    boxes = np.array([glyph.box for glyph in glyphs])
    while boxes[:, 2].max() - boxes[:, 0].min() > WIDEST - 40:
        glyphs = glyphs[:-1]
        boxes = boxes[:-1]
    left, top, right, bottom = boxes[:, 0].min(), boxes[:, 1].min(), boxes[:, 2].max(), boxes[:, 3].max()
    tall = bottom - top
    if tall > HEIGHT - 1:  # all of it smaller
        share = (HEIGHT - 1) / tall * rng.uniform(0.8, 1)
        return _paint_scaled(glyphs, joins, height, pen, made_of, share, papers, rng)
    margins = rng.exponential(8, 2) if rng.random() < 0.75 else rng.uniform(0, 60, 2)
    if rng.random() < 0.25:  # cropped tightly, or a little into the first or the last symbol
        margins = np.where(rng.random(2) < 0.6, rng.normal(-1, 1.5, 2), margins)
    width = math.ceil(right - left + margins.sum()) + 2
    width = (max(width, 4 * len(glyphs), 16) + 3) // 4 * 4  # CTC needs a frame between equal symbols
    dx = margins[0] + 1 - left
    room = HEIGHT - tall
    dy = rng.uniform(0, room) - top if rng.random() < 0.6 else room / 2 + rng.normal(0, 0.1) * room - top
    if rng.random() < 0.08:  # cut by the picture's edge
        dy += rng.normal(0, 0.12) * height
    for glyph in glyphs:
        glyph.move(dx, dy)
    strokes = [stroke for glyph in glyphs for stroke in glyph.strokes] + [np.add(join, (dx, dy)) for join in joins]
    numbers = [glyph.number for glyph in glyphs]
    strokes += _struck(glyphs, numbers, rng)
    strokes += _neighbours(height, width, (top + dy, bottom + dy), made_of, rng)
    cover = _drawn(strokes, pen, width, rng)
    for glyph in glyphs:
        if glyph.mask is not None:
            _paste(cover, glyph.mask, glyph.box)
    if rng.random() < 0.06:
        np.maximum(cover, _shining_through(height, pen, width, made_of, rng), out=cover)
    boxes = np.array([glyph.box for glyph in glyphs])
    order = np.argsort(boxes[:, [0, 2]].sum(axis=1), kind="stable")
    return _finished(cover, [numbers[n] for n in order], boxes[order], papers, rng)


def _paint_scaled(
    glyphs: list[_Glyph],
    joins: list[Points],
    height: float,
    pen: float,
    made_of: Sources,
    share: float,
    papers: int,
    rng: np.random.Generator,
) -> list[Line]:
    for glyph in glyphs:
        glyph.strokes = [points * share for points in glyph.strokes]
        glyph.box = glyph.box * share
        if glyph.mask is not None:
            size = max(round(glyph.mask.shape[1] * share), 1), max(round(glyph.mask.shape[0] * share), 1)
            glyph.mask = np.asarray(Image.fromarray(glyph.mask).resize(size, Image.Resampling.BILINEAR))
            left, _, _, bottom = glyph.box
            glyph.box = np.array([left, bottom - size[1], left + size[0], bottom])
    return _paint(glyphs, [j * share for j in joins], height * share, max(pen * share, 0.7), made_of, papers, rng)


def _struck(glyphs: Sequence[_Glyph], numbers: list[int], rng: np.random.Generator) -> list[Points]:
    """Strike symbols out, at times: what is struck out is something else. Returns the strokes."""
    if rng.random() > 0.03:
        return []
    first = int(rng.integers(len(glyphs)))
    last = first if rng.random() < 0.5 else len(glyphs) - 1
    left, top = glyphs[first].box[:2]
    right, bottom = glyphs[last].box[2:]
    numbers[first : last + 1] = [OTHER] * (last + 1 - first)
    kind = rng.random()
    middle = (top + bottom) / 2 + rng.normal(0, 0.08) * (bottom - top)
    if kind < 0.5:
        ends = [(left - rng.uniform(0, 4), middle), (right + rng.uniform(0, 4), middle + rng.normal(0, 2))]
        again = [np.add(ends, (0, 3))] if rng.random() < 0.3 else []
        return [np.array(ends), *again]
    if kind < 0.75:
        return [np.array([(left, top), (right, bottom)]), np.array([(left, bottom), (right, top)])]
    steps = int(rng.integers(5, 12))
    xs = np.linspace(left, right, steps)
    ys = np.where(np.arange(steps) % 2, top, bottom) + rng.normal(0, 2, steps)
    return [np.column_stack([xs, ys])]


def _neighbours(
    height: float, width: int, rows: tuple[float, float], made_of: Sources, rng: np.random.Generator
) -> list[Points]:
    """Return parts of lines above and below that reach into the picture, and of what stands at its sides."""
    found: list[Points] = []
    hand = made_of.hands[int(rng.integers(len(made_of.hands)))]
    for base in (rows[0] - rng.uniform(0.0, 0.5) * height - 1, rows[1] + rng.uniform(1.02, 1.6) * height + 1):
        if rng.random() > 0.12:
            continue
        # Of a line above only what hangs down is seen, of one below only what stands up.
        if base - height > HEIGHT or base < 0 or (base < HEIGHT / 2 and base > rows[0]):
            continue
        x = rng.uniform(-10, 10)
        while x < width:
            strokes = _any(_any(list(hand.strokes.values()), rng), rng)
            found += [np.column_stack([x + p[:, 0] * height, base + (p[:, 1] - 1) * height]) for p in strokes]
            x += height * rng.uniform(0.6, 2.5)
    return found


def _shining_through(
    height: float, pen: float, width: int, made_of: Sources, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return how much ink of the sheet's other side, or of the one before, covers each pixel: faint, and no symbol."""
    hand = made_of.hands[int(rng.integers(len(made_of.hands)))]
    strokes: list[Points] = []
    x, base = rng.uniform(0, width), rng.uniform(0.3, 1.2) * HEIGHT
    for _ in range(int(rng.integers(1, 5))):
        digit = _any(_any(list(hand.strokes.values()), rng), rng)
        strokes += [np.column_stack([x - p[:, 0] * height, base + (p[:, 1] - 1) * height]) for p in digit]
        x += height * rng.uniform(0.6, 1)
    return _drawn(strokes, pen, width, rng) * np.float32(rng.uniform(0.05, 0.25))


def _drawn(strokes: Sequence[Points], pen: float, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return how much of each pixel ink covers, `(40, W)`, 0 … 1; some pens press harder in some strokes."""
    image = Image.new("L", (width * _FINE, HEIGHT * _FINE))
    draw = ImageDraw.Draw(image)
    uneven = rng.random() < 0.3
    for stroke in strokes:
        thick = pen * _FINE * (float(np.exp(rng.normal(0, 0.15))) if uneven else 1.0)
        level = int(rng.integers(150, 256)) if uneven else 255
        points = list(map(tuple, (stroke * _FINE).tolist()))
        radius = max(thick / 2, 0.5)
        if len(points) > 1:
            draw.line(points, fill=level, width=max(round(thick), 1))
        for x, y in (points[0], *(points[n] for n in _corners(stroke)), points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=level)
    return _cover(image)


def _cover(image: Image.Image) -> NDArray[np.float32]:
    """Return how much of each pixel is covered, given a picture of _FINE times as many."""
    return np.asarray(image.reduce(_FINE), np.float32) / np.float32(255)


def _corners(stroke: Points) -> list[int]:
    """Return the points at which a stroke turns sharply, where a broad line would be notched."""
    steps = np.diff(stroke, axis=0)
    ahead, behind = steps[1:], steps[:-1]
    turn = np.abs(np.arctan2(behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0], (behind * ahead).sum(axis=1)))
    return (np.flatnonzero(turn > 0.6) + 1).tolist()


def _paste(cover: NDArray[np.float32], mask: NDArray[np.uint8], box: NDArray[np.float64]) -> None:
    left, top = round(float(box[0])), round(float(box[1]))
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + mask.shape[1], cover.shape[1]), min(top + mask.shape[0], HEIGHT)
    if x1 > x0 and y1 > y0:
        part = cover[y0:y1, x0:x1]
        np.maximum(part, mask[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32) / 255, out=part)


def _finished(
    cover: NDArray[np.float32],
    classes: Sequence[int],
    boxes: NDArray[np.float64],
    papers: int,
    rng: np.random.Generator,
) -> list[Line]:
    """Return a line whose ink covers this much of each pixel, on so many papers, photographed."""
    kept = boxes.astype(np.float32)
    if rng.random() < 0.5:
        cover = _warped(cover, rng)
    return [Line(_photographed(cover, boxes, rng), list(classes), kept) for _ in range(papers)]


_MESH = 10  # pixels between the points of a warp


def _warped(cover: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return ink bent smoothly, by a pixel or two, as no two hands form a digit alike (P. Simard and others, 2003)."""
    height, width = cover.shape
    xs, ys = np.arange(0, width + _MESH, _MESH), np.arange(0, height + _MESH, _MESH)
    spread = rng.uniform(0.2, 1.3)
    source = np.stack(np.meshgrid(xs, ys), axis=-1) + rng.normal(0, spread, (len(ys), len(xs), 2))
    corners = np.concatenate([source[:-1, :-1], source[1:, :-1], source[1:, 1:], source[:-1, 1:]], axis=-1)
    boxes = itertools.product(ys[:-1].tolist(), xs[:-1].tolist())
    quads = corners.reshape(-1, 8).tolist()
    mesh = [((x, y, x + _MESH, y + _MESH), tuple(quad)) for (y, x), quad in zip(boxes, quads, strict=True)]
    whole = np.pad(cover, ((0, int(ys[-1]) - height), (0, int(xs[-1]) - width)))
    image = Image.fromarray(whole)
    bent = image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    return np.asarray(bent)[:height, :width].copy()


def _photographed(
    cover: NDArray[np.float32], boxes: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    kind = rng.random()
    if kind < 0.25:  # as on the pad, or in a clean scan
        plane = 1 - cover * np.float32(rng.uniform(0.5, 1))
        return paper.taken(plane, rng) if rng.random() < 0.5 else _clean(plane)
    if kind < 0.31:  # a school test's pencil: white paper, and next to no ink, thin and small
        share = _kept(boxes, _SCANNED_SMALL, rng)
        return paper.coarse(1 - np.float32(rng.uniform(*_PENCIL)) * paper.pressed(cover, share, rng), share, 255.0, rng)
    if kind < 0.38:
        share = _kept(boxes, _PHOTOGRAPHED_SMALL, rng)
        plane = paper.logbook(cover.shape, rng)
        plane *= 1 - np.float32(rng.uniform(*_PENCIL)) * paper.pressed(cover, share, rng)
        paper.lit(plane, rng)
        return paper.coarse(plane, share, rng.uniform(150, 250), rng)
    plane = paper.ground((HEIGHT, cover.shape[1]), rng)
    contrast = float(rng.uniform(0.3, 0.97) if rng.random() < 0.74 else rng.uniform(0.11, 0.37))
    contrast = min(max(contrast, 2.2 * float(plane.std())), 0.97)
    if len(boxes):
        around = boxes[:, 0].min(), boxes[:, 1].min(), boxes[:, 2].max(), boxes[:, 3].max()
    else:
        around = 4.0, 8.0, cover.shape[1] - 4.0, 32.0
    paper.furnish(plane, around, rng)
    if rng.random() < 0.4:  # the paper's tooth, and a pen that runs dry
        grain = np.clip(rng.standard_normal(cover.shape, np.float32) * np.float32(rng.uniform(0, 0.35)), -0.8, 0.8)
        cover = np.clip(cover * (1 + grain - np.float32(rng.uniform(0, 0.2))), 0, 1)
    plane *= 1 - np.float32(contrast) * cover
    paper.lit(plane, rng)
    return paper.taken(plane, rng)


_PENCIL = (0.14, 0.5)
"""How much darker pencil is than its paper: so it is in all but one in twenty of the school tests and logbooks' cells
that are there to choose by."""

_SCANNED_SMALL, _PHOTOGRAPHED_SMALL = (0.3, 0.8), (0.45, 0.85)
"""How many pixels there were for each of a line's, in scans with digits 8 to 23 high, in photos with cells 34 high."""

_LOWEST = 8.0  # pixels that the highest symbol has there at least, or nobody could read it


def _kept(boxes: NDArray[np.float64], few: tuple[float, float], rng: np.random.Generator) -> float:
    """Return how many pixels there were for each of a line's, of so few as symbols with these boxes can do with."""
    highest = max(float((boxes[:, 3] - boxes[:, 1]).max(initial=0)), _LOWEST)
    return min(max(float(rng.uniform(*few)), _LOWEST / highest), 1.0)


def _clean(plane: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8)


def _printed(text: str, papers: int, rng: np.random.Generator) -> list[Line]:
    """Return a line of print: its digits and signs are read as such, its letters are something else."""
    size = int(rng.integers(14, 42))
    font = paper.font(str(rng.choice(paper.FONTS)), size * _FINE)
    x = rng.uniform(0, 20) * _FINE
    baseline = rng.uniform(0.72, 0.92) * HEIGHT * _FINE
    classes: list[int] = []
    boxes = []
    letters = "ABCDEFHKLMNPRTUVWXYacdefhkmnrtuvwx"
    image = Image.new("L", (WIDEST * _FINE, HEIGHT * _FINE))
    draw = ImageDraw.Draw(image)
    for character in text:
        shown = letters[int(rng.integers(len(letters)))] if character == "a" else character
        step = font.getlength(shown)
        if x + step > (WIDEST - 20) * _FINE:
            break
        if character != " ":
            draw.text((x, baseline), shown, fill=255, font=font, anchor="ls")
            box = draw.textbbox((x, baseline), shown, font=font, anchor="ls")
            boxes.append([c / _FINE for c in box])
            classes.append(SYMBOLS.index(character) if character in SYMBOLS else OTHER)
        x += step + rng.uniform(0, 1)
    width = (math.ceil(x / _FINE + rng.uniform(0, 20)) + 3) // 4 * 4
    image = image.crop((0, 0, max(width, 16) * _FINE, HEIGHT * _FINE))
    return _finished(_cover(image), classes, np.array(boxes).reshape(-1, 4), papers, rng)


# What lines are made of


def _any(things: Sequence, rng: np.random.Generator):  # type: ignore[no-untyped-def]
    return things[int(rng.integers(len(things)))]


def _unit(symbol: Symbol, height: float = 0.0) -> list[Points]:
    """Return a symbol's strokes with its line at y 1, its own height or the given one being 1."""
    strokes = [np.reshape(stroke, (-1, 2)).astype(np.float64) for stroke in symbol.strokes]
    every = np.concatenate(strokes)
    left, _ = every.min(axis=0)
    _, bottom = every.max(axis=0)
    sides = np.ptp(every, axis=0)
    scale = 1 / max(height or float(sides[1]), float(sides[0]) / 3, 1)
    return [(points - (left, bottom)) * scale + (0, 1) for points in strokes]


def _hand(symbols: Sequence[Symbol]) -> Hand:
    heights = [float(np.ptp([y for stroke in s.strokes for y in stroke[1::2]])) for s in symbols]
    usual = max(float(np.median(heights)), 1.0)
    strokes: dict[str, list[list[Points]]] = defaultdict(list)
    for symbol, height in zip(symbols, heights, strict=True):
        strokes[symbol.label].append(_unit(symbol, min(max(usual, height / 1.4), max(height, 1) / 0.6)))
    return Hand(strokes, {})


_UNKNOWN = 100  # digits that are taken for one person's where nothing says who wrote them


def _image_hands(folder: Path, validation: bool) -> list[Hand]:
    """Return MNIST's writers, with their own digits, and USPS's as one hand; not MNIST's test part."""
    learned = mnist(folder / "mnist")[0]
    writers = mnist_writers(folder) or [f"mnist/{n // _UNKNOWN}" for n in range(len(learned))]
    hands: dict[str, dict[str, list[NDArray[np.uint8]]]] = defaultdict(lambda: defaultdict(list))
    for image, label, writer in zip(learned.images, learned.labels.tolist(), writers, strict=True):
        if is_validation(writer) == validation:
            hands[writer][str(label)].append(image)
    found = [Hand({}, images) for images in hands.values() if len(images) == len(DIGITS)]
    if validation or not (folder / "usps" / "zip.train.gz").exists():
        return found
    zips: dict[str, list[NDArray[np.uint8]]] = defaultdict(list)
    glyphs = usps(folder / "usps" / "zip.train.gz")
    for image, label in zip(glyphs.images, glyphs.labels.tolist(), strict=True):
        larger = Image.fromarray(image).resize((20, 20), Image.Resampling.BICUBIC)
        zips[str(label)].append(np.pad(np.asarray(larger), 4))
    return [*found, *[Hand({}, zips)] * math.ceil(len(found) / 12)]


def _sign_images(folder: Path, part: str) -> Mapping[str, Sequence[NDArray[np.uint8]]]:
    names = {"addition_plus": "+", "subtraction_minus": "-", "division_slash": "/", "multiplication_cross": "x"}
    found: dict[str, list[NDArray[np.uint8]]] = defaultdict(list)
    path = folder / "mdas_symbols_v1.zip"
    if not path.exists():
        return found
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            parts = name.split("/")
            if name.endswith(".png") and parts[-3] == part and parts[-2] in names:
                image = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L"))
                found[names[parts[-2]]].append(255 - image if np.median(image) > 127 else image)
    return found


def _omniglot(folder: Path, validation: bool) -> list[list[Points]]:
    """Return the characters of other alphabets that are drawn by the people to learn from."""
    found = []
    for path in sorted(folder.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                person = name[-6:-4]
                if not name.endswith(".txt") or "__MACOSX" in name or (person in _KEPT_BACK) != validation:
                    continue
                strokes: list[list[float]] = [[]]
                for row in archive.read(name).decode().splitlines():
                    if row.startswith("START"):
                        continue
                    if row.startswith("BREAK"):
                        strokes.append([])
                        continue
                    x, y, _ = map(float, row.split(","))
                    strokes[-1] += [x * 10, -y * 10]
                kept = [stroke for stroke in strokes if len(stroke) >= 4]
                if kept:
                    found.append(_unit(Symbol("?", person, kept)))
    return found


_KEPT_BACK = {"01", "02", "03"}  # of Omniglot's twenty people


@dataclass(frozen=True)
class Batch:
    """Lines to learn from.

    `pictures` `(N, 40, W)`, float32; `classes` `(N, L)`, padded with BLANK, of `lengths` `(N,)`; `frames` `(N, W / 2)`,
    the class of each frame, BLANK or IGNORED; `extents` `(N, W / 2, 4)`, as `digitpad.line.Lines` has them, of those
    frames that are a symbol's middle; and `has_signs` `(N,)`, as `Line` has it.
    """

    pictures: NDArray[np.float32]
    classes: NDArray[np.int32]
    lengths: NDArray[np.int32]
    frames: NDArray[np.int32]
    extents: NDArray[np.float32]
    has_signs: NDArray[np.bool_]


def batch(lines: Sequence[Line]) -> Batch:
    """Return lines as a batch, each at the left of as many columns as the widest has."""
    width = max(made.grey.shape[1] for made in lines)
    count, most = len(lines), max(max((len(made.classes) for made in lines), default=0), 1)
    pictures = np.zeros((count, HEIGHT, width), np.float32)
    classes = np.full((count, most), BLANK, np.int32)
    frames = np.full((count, width // STRIDE), BLANK, np.int32)
    extents = np.zeros((count, width // STRIDE, 4), np.float32)
    for row, made in enumerate(lines):
        pictures[row, :, : made.grey.shape[1]] = normalised(made.grey)
        classes[row, : len(made.classes)] = made.classes
        if not made.has_signs:
            frames[row, : made.grey.shape[1] // STRIDE] = IGNORED
        last = frames.shape[1] - 1
        middles = [min(max(int((box[0] + box[2]) / 2 / STRIDE), 0), last) for box in made.boxes]
        for middle in middles:
            frames[row, max(middle - 1, 0) : middle + 2] = IGNORED
        for middle, number, (left, top, right, bottom) in zip(middles, made.classes, made.boxes, strict=True):
            frames[row, middle] = number
            x, y = (middle + 0.5) * STRIDE, HEIGHT / 2
            extents[row, middle] = x - left, y - top, right - x, bottom - y
    lengths = np.array([len(made.classes) for made in lines], np.int32)
    has_signs = np.array([made.has_signs for made in lines])
    return Batch(pictures, classes, lengths, frames, extents, has_signs)
