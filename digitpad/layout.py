"""From any picture to its lines of writing: upright, told from paper, rules and frames, with the height of each.

Nothing is cut and nothing is cleaned for the line reader, which sees the grey picture as it stands: ink is told from
paper only to say where lines are, and later to show each digit's own ink.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitpad.components import Components, components, joined
from digitpad.image import brought_down
from digitpad.ink import INSIDE, find_ink, grey_of, pen_width
from digitpad.morphology import dilate, median, weighted_median
from digitpad.rules import RULE, THIN, ruled_turn, turned, without_rules

ENOUGH = 1600
"""Pictures are brought down to at most so many pixels on their longer side: a sheet's digits still have 30."""

LEAST = 160
"""Smaller pictures are brought up to so many, so that a digit of 28 pixels is laid out as the same one enlarged."""

SYMBOL = 26 / 40
"""The height of a line's symbols in its crop: the middle of what the line reader has learned from (`digitpad.line`)."""

CLEAN_SYMBOL = 29 / 40
"""The same on clean paper, where no ink is missed: what touches is told apart better where it is larger.

Of 0.6 to 0.82 about the best on numbers of writers that the line reader has learned from.
"""

ROOM = 1.15
"""Times the height of all a line's ink is what its crop has at least."""

HIGHEST = 32 / 40
"""Where the picture ends nearer, their height at most: paper is added for it."""

_ASKEW = 1.5  # degrees: a photo that lies so little askew is left as it is …
_FAR_ASKEW = 4.0  # … and what is written on clean paper, not quite level, is so
_DUST = 3.0  # pens: what is shorter is no digit, and tells nothing of how long components are
_HALF = 0.5  # of the page's longer side: what is longer does not tell how long symbols usually are
_SLOPING = 0.3  # of its length: an underline is no higher
_REST = 0.1  # of all ink is what the rest has, if that is writing
_LARGE = 2.5  # times the usual length: what is longer and low, or is larger both ways, is no symbol
_LOW = 0.5  # times the usual length: what is so low and so long is a rule or a picture's edge
_BLOB = 4.0  # pens: what is filled and is so thick is a hole or a stain, …
_FILLED = 0.75  # … if it fills so much of its box, for a disc fills 0.79 …
_ROUND = 2.0  # … and is no longer than so many times its width: a row of digits that touch is filled, too
_FRINGE = 0.4  # pens: what is so thin, and far longer, is what a rule has left on clean paper
_EDGE = 2.0  # pens: what is cut off by the picture and lies so near to its edge …
_NEARLY = 0.8  # … with so much of its area goes along the edge
_MOST = 600  # components that are looked at, the largest: noise has many more
_ALIKE = 0.5  # symbols stand beside each other if the lower one has at least this share of the higher one's height, …
_OVERLAP = 0.3  # … they share this of the lower one's height …
_REACH = 3.0  # … and are no further apart than this, in the higher one's heights
_SIGN = 1.0  # a lower one belongs to its nearest neighbour if it is no further away than that, in its heights, …
_BESIDE = 0.3  # … and not so much above or below it
_ROW = 0.5  # lines are one if they share so much of the lower one's height
_SMALL = 0.25  # of a usual line's height: what is smaller is dust, if it stands alone
_DUSTY = 3  # specks that stand alone, a line: where there are more, those about a line are dust too
_CUT_OFF = 0.25  # of its area is what a component counts that the picture's edge cuts off
_SECOND = 0.2  # of a line's ink is what another line has, or more
_ALONE = 0.5  # of the picture's height: where a line needs more, no other has room
_TELLING = 3  # so many tall components of a line tell whether it runs level
_LEVEL = 1.5  # times as high as its highest component: a line that is no higher runs level
_SIDE, _CLEAN_SIDE = 0.5, 0.35  # of a symbol's height is what a crop has of paper at the left and right; on clean
# paper no ink is missed, and each column takes its time


@dataclass(frozen=True)
class TextLine:
    """A line of writing on a page; edges are left, top, right and bottom, in its pixels.

    `box` holds its ink. `crop` is the part of the page to be read: the box with paper around it, as high as the line
    reader wants it, clipped by the page's edges. `height` is the usual height of its symbols, in pixels.
    """

    box: tuple[int, int, int, int]
    crop: tuple[int, int, int, int]
    height: float


@dataclass(frozen=True)
class Page:
    """A picture, upright, and its lines of writing.

    `grey` `(H, W)`, uint8, is the picture as it stands, and `ink` `(H, W)`, float32, is 0 for paper to 1 for full ink,
    without rules and frames. One of their pixels has `scale` of the picture's, a side. They were turned by `turn`
    degrees, counterclockwise, about the middle, onto a page that is large enough; `size` is width and height before
    that. `lines` are from top to bottom. `paper` is the usual grey level, and `is_clean` says that all paper has it, as
    on the pad.
    """

    grey: NDArray[np.uint8]
    ink: NDArray[np.float32]
    scale: float
    turn: float
    size: tuple[int, int]
    lines: Sequence[TextLine]
    paper: int
    is_clean: bool

    def part(self, box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
        """Return the part of `grey` in a box, with paper where the box reaches beyond the page."""
        left, top, right, bottom = box
        height, width = self.grey.shape
        inside = self.grey[max(top, 0) : bottom, max(left, 0) : right]
        if top >= 0 and left >= 0 and bottom <= height and right <= width:
            return inside
        around = (max(-top, 0), max(bottom - height, 0)), (max(-left, 0), max(right - width, 0))
        paper = self.paper if self.is_clean else round(median(inside))
        return np.pad(inside, around, constant_values=paper)

    def in_image(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return the edges of the box in the picture, in its pixels, that holds a box on the page, by its edges."""
        angle = math.radians(self.turn)
        cosine, sine = math.cos(angle), math.sin(angle)
        left, top, right, bottom = box
        height, width = self.grey.shape
        # Without NumPy: every reading waits for it, and for four corners that takes four times as long.
        corners = [(x - width / 2, y - height / 2) for x in (left, right) for y in (top, bottom)]
        across = [(x * cosine - y * sine + self.size[0] / 2) * self.scale for x, y in corners]
        down = [(x * sine + y * cosine + self.size[1] / 2) * self.scale for x, y in corners]
        return min(across), min(down), max(across), max(down)


def layout(image: Image.Image, quarter_turns: int = 0, is_drawn: bool = False) -> Page:
    """Return the lines of writing of a picture of any mode and size, turned by so many quarters counterclockwise.

    What `is_drawn` is strokes alone: none of it is a rule that runs through others.
    """
    picture, less = brought_down(image, ENOUGH)
    grey, more = _brought_up(grey_of(picture))
    scale = less * more
    size = grey.shape[1], grey.shape[0]
    grey = np.ascontiguousarray(np.rot90(grey, quarter_turns))
    ink, clean, paper = find_ink(grey)
    pen = pen_width(ink)
    turn, written = 0.0, _Written.of(ink, pen, clean, is_drawn)
    if not written.is_one_line:
        if not (clean and written.ink is ink and written.is_level):  # else there is nothing to turn it by
            ink = clear_border(ink, clean)
            turn = ruled_turn(ink)
            if turn or not clean:
                written = _Written.of(turned(ink, turn), pen, clean, is_drawn)
        askew = written.slope
        if abs(askew) > (_FAR_ASKEW if clean else _ASKEW):
            # Anew, for ink that is turned twice is blurred twice.
            turn += askew
            written = _Written.of(turned(ink, turn), pen, clean, is_drawn)
        grey = turned(grey, turn, paper)
    return Page(grey, written.ink, scale, turn + 90.0 * (quarter_turns % 4), size, written.lines, paper, clean)


def orientations(page: Page) -> list[int]:
    """Return by how many quarters, counterclockwise, a picture may have to be turned if it does not read as it is.

    Digits are higher than wide: where what is written is so, the page may be upside down, elsewhere on its side.
    """
    found = components(page.ink > INSIDE)
    sides = found.sides[found.longest >= _SMALL * found.longest.max(initial=0)]
    higher = np.count_nonzero(sides[:, 1] > sides[:, 0]) - np.count_nonzero(sides[:, 1] < sides[:, 0])
    if abs(higher) < _TELLING:
        return [1, 2, 3]
    return [2] if higher > 0 else [1, 3]


def _brought_up(grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Return a picture with at least LEAST pixels on its longer side, and how many of its own one of these has."""
    longer = max(grey.shape)
    if longer >= LEAST:
        return grey, 1
    height, width = (max(round(side * LEAST / longer), 1) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC)), longer / LEAST


@dataclass(frozen=True)
class _Written:
    """What is written on an upright page: its ink without what is no writing, its lines and how they slope.

    Where `is_one_line`, the picture is of one line, and no other has room in it. Where it `is_level`, there is but one
    line, which is no higher than its symbols: rows that run askew may have been taken for one.
    """

    ink: NDArray[np.float32]
    lines: Sequence[TextLine]
    slope: float
    is_one_line: bool
    is_level: bool

    @staticmethod
    def of(ink: NDArray[np.float32], pen: float, clean: bool, is_drawn: bool) -> "_Written":
        """Return what is written on a page, given its ink, how wide its strokes are and whether its paper is clean."""
        written = components(ink > INSIDE) if clean else None
        cleaned = ink
        if written and (underlines := _underlines(written, pen)).any():
            cleaned = _without(ink, written, underlines)
        if not is_drawn:
            cleaned = without_rules(cleaned, pen)
        found = written if written and cleaned is ink else components(cleaned > INSIDE)
        pen = pen_width(cleaned) if cleaned is not ink and cleaned.any() else pen  # not that of the rules
        if written and len(written.areas) == 1 and cleaned is not ink and cleaned.sum() < _REST * ink.sum():
            found = written  # one stroke by itself is no rule, however long it is
        else:
            ink = cleaned
        is_writing = _are_writing(found, pen, clean)
        boxes, areas = found.boxes[is_writing], found.areas[is_writing]
        groups = _without_dust(_groups(boxes, pen), boxes, areas, pen, clean)
        one = _only(groups, boxes, areas, ink.shape, pen, clean)
        groups = groups if one is None else [one]
        if clean and groups:  # what is in no line is dust, and is not to be found in the paper about one
            in_lines = np.flatnonzero(is_writing)[np.concatenate(groups)]
            is_writing = np.isin(np.arange(len(is_writing)), in_lines)
        if not is_writing.all():
            ink = _without(ink, found, ~is_writing)
        whole = one is not None and not clean
        lines = [_line(boxes[group], ink.shape, clean, whole) for group in groups]
        lines.sort(key=lambda line: line.box[1] + line.box[3])
        highest = (boxes[:, 3] - boxes[:, 1]).max(initial=0)
        is_level = len(lines) == 1 and lines[0].box[3] - lines[0].box[1] <= _LEVEL * highest
        return _Written(ink, lines, _slope([boxes[group] for group in groups]), one is not None, is_level)


def _underlines(found: Components, pen: float) -> NDArray[np.bool_]:
    """Say which components are level strokes below two others or more, or are long, as rules are, and not alone."""
    wide, high = found.sides.T
    is_level = high <= _SLOPING * wide
    are_lines = is_level & (wide * wide >= RULE * found.areas)
    for n in np.flatnonzero(is_level & ~are_lines).tolist():
        left, top, right, _ = found.boxes[n].tolist()
        shared = np.minimum(found.boxes[:, 2], right) - np.maximum(found.boxes[:, 0], left)
        is_above = (shared >= wide / 2) & (found.boxes[:, 3] <= top + pen) & (top - found.boxes[:, 3] <= high)
        are_lines[n] = np.count_nonzero(is_above & (high >= 2 * high[n])) > 1
    return are_lines & ~are_lines.all()


def _only(
    groups: Sequence[NDArray[np.int64]],
    boxes: NDArray[np.int64],
    areas: NDArray[np.int64],
    page: tuple[int, ...],
    pen: float,
    clean: bool,
) -> NDArray[np.int64] | None:
    """Return the components of a picture's only line, where none else has room, or None.

    Then what is above and below is a part of other lines, of a frame or the paper's texture, if that is not clean. On
    clean paper a number beside the line is a line of its own.
    """
    if not groups:
        return None
    touching = _touching(boxes, page)
    weight = areas * np.where(touching, _CUT_OFF, 1)
    weights = np.array([weight[group].sum() for group in groups])
    main = groups[int(weights.argmax())]
    top, bottom = boxes[main, 1].min(), boxes[main, 3].max()
    if max(_usual_height(boxes[main]) / SYMBOL, bottom - top) < _ALONE * page[0]:
        return None
    middles = np.array([boxes[group, 1].min() + boxes[group, 3].max() for group in groups]) / 2
    beside = (middles > top) & (middles < bottom)
    if weights[~beside].max(initial=0) > (0 if clean else _SECOND * weights.max()):
        return None
    members = [group for group, is_beside in zip(groups, beside, strict=True) if is_beside]
    if clean and any(_is_number(boxes[group], pen) for group in members if group is not main):
        return None
    return np.concatenate(members)


def _are_writing(found: Components, pen: float, clean: bool) -> NDArray[np.bool_]:
    """Say which components may be writing: what is no rule, frame, table's edge, hole or noise."""
    largest = np.ones(len(found.areas), bool)
    if len(found.areas) > _MOST:
        largest[np.argsort(found.areas)[:-_MOST]] = False
    writing = largest.copy()
    longest, shortest = found.longest, found.sides.min(axis=1, initial=10**9)
    telling = longest >= _DUST * pen
    if not telling.any():
        return writing
    # A table's edge or a dark border has more ink than all writing may have.
    touching = _touching(found.boxes, found.labels.shape)
    within = telling & ~_borders(found)
    if found.areas[within].sum() > _REST * found.areas.sum() or (clean and np.count_nonzero(within) >= _TELLING):
        telling = within
    usual = weighted_median(longest[telling], found.areas[telling])
    long = longest > _LARGE * usual
    writing[long & ((shortest < _LOW * usual) | (found.areas < THIN * pen * longest))] = False
    if np.count_nonzero(telling & ~long) >= _TELLING:
        writing[long & touching] = False
    writing[shortest > _LARGE * usual] = False
    is_filled = (found.areas > _FILLED * found.sides.prod(axis=1)) & (longest <= _ROUND * shortest)
    writing[(shortest > _BLOB * pen) & is_filled] = False
    if not writing.any():
        writing[:] = largest  # there is nothing beside it
    if not clean:
        at_edge = _at_edge(found, round(_EDGE * pen))
        if writing[~at_edge].any():
            writing[at_edge] = False
    else:
        writing[(shortest < _FRINGE * pen) & (longest >= _DUST * shortest)] = False
    writing[_frames(found, writing & (found.longest >= _DUST * pen))] = False
    return writing


def clear_border(ink: NDArray[np.float32], clean: bool = False) -> NDArray[np.float32]:
    """Return ink without what the picture's edge cuts off: the table, another sheet, a shadow.

    Where that is most of what there is, the picture is cut close about writing, and it stays. On clean paper what is
    cut off may be writing, but for long borders, as scanners leave them.
    """
    found = components(ink > INSIDE)
    touching = _borders(found) if clean else _touching(found.boxes, ink.shape)
    if clean and not touching.any():
        return ink
    large = found.longest >= _SMALL * median(found.longest[~touching]) if not touching.all() else touching
    if 2 * np.count_nonzero(touching & large) > np.count_nonzero(large):
        return ink
    return _without(ink, found, touching)


def _without(ink: NDArray[np.float32], found: Components, others: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return ink without some of its components, and without their soft edges."""
    return np.where(dilate(np.concatenate([[False], others])[found.labels]), np.float32(0), ink)


def _borders(found: Components) -> NDArray[np.bool_]:
    """Say which components the picture's edge cuts off that are longer than half of its longer side."""
    shape = found.labels.shape
    return _touching(found.boxes, shape) & (found.longest > _HALF * max(shape))


def _touching(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Say which boxes, `(N, 4)`, touch the edge of a picture of that shape."""
    return (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == shape[::-1]).any(axis=1)


def _at_edge(found: Components, margin: int) -> NDArray[np.bool_]:
    """Say which components touch the picture's edge and go along it, as bits of a frame or of a neighbour do.

    Nearly all of their ink lies within `margin` pixels of an edge.
    """
    height, width = found.labels.shape
    touching = _touching(found.boxes, found.labels.shape)
    if not touching.any() or 2 * margin >= min(height, width):
        return np.zeros(len(touching), bool)
    sides = (found.labels[:margin], found.labels[height - margin :])
    ends = (found.labels[margin : height - margin, :margin], found.labels[margin : height - margin, width - margin :])
    count = len(touching) + 1
    inked = sum(np.bincount(part.ravel(), minlength=count)[1:] for part in (*sides, *ends))
    return touching & (inked >= _NEARLY * found.areas)


def _frames(found: Components, writing: NDArray[np.bool_]) -> list[int]:
    """Return what has writing inside, as frames and circles have: ink to its left and right, above and below it."""
    boxes, frames = found.boxes, []
    inner = np.flatnonzero(writing)
    for n in inner.tolist():
        left, top, right, bottom = boxes[n].tolist()
        within = (boxes[inner, 0] > left) & (boxes[inner, 1] > top)
        within &= (boxes[inner, 2] < right) & (boxes[inner, 3] < bottom)
        for other in inner[within].tolist():
            x, y = (boxes[other, 0] + boxes[other, 2]) // 2, (boxes[other, 1] + boxes[other, 3]) // 2
            row, column = found.labels[y] == n + 1, found.labels[:, x] == n + 1
            if row[:x].any() and row[x:].any() and column[:y].any() and column[y:].any():
                frames.append(n)
                break
    return frames


def _groups(boxes: NDArray[np.int64], pen: float) -> list[NDArray[np.int64]]:
    """Return which components belong to one line, given their boxes, `(N, 4)`."""
    if len(boxes) < 2:
        return [np.arange(1)] if len(boxes) else []
    left, top, right, bottom = boxes.T.astype(np.float64)
    height = bottom - top
    apart = np.maximum(np.maximum(left[:, None] - right, left - right[:, None]), 0)
    gap = np.maximum(top[:, None] - bottom, top - bottom[:, None])
    higher, lower = np.maximum(height[:, None], height), np.minimum(height[:, None], height)
    alike = (lower >= _ALIKE * higher) & (-gap >= _OVERLAP * lower) & (apart <= _REACH * higher)
    # Signs and bits of strokes go with their nearest larger neighbour, but a number not with a stroke that is in none.
    tall = _tall(boxes, pen)
    in_numbers = tall & (np.count_nonzero(alike & tall, axis=1) >= _TELLING)
    middle = (top + bottom) / 2
    beyond = np.maximum(np.maximum(top - middle[:, None], middle[:, None] - bottom), 0)
    is_host = (height[:, None] < _ALIKE * height) & (apart <= _SIGN * height) & (beyond <= _BESIDE * height)
    is_host &= in_numbers | ~in_numbers[:, None]
    distance = np.where(is_host, apart + np.maximum(gap, 0), np.inf)
    host = np.where(is_host.any(axis=1), distance.argmin(axis=1), np.arange(len(boxes)))
    free = host == np.arange(len(boxes))
    close = (apart <= pen) & (gap <= pen)
    one, other = np.nonzero(np.triu((alike | close) & free[:, None] & free, 1))
    groups = joined(len(boxes), np.append(one, np.flatnonzero(~free)), np.append(other, host[~free]))
    return _in_rows(boxes, groups)


def _in_rows(boxes: NDArray[np.int64], groups: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the members of each line: groups that stand beside each other are one."""
    members = [np.flatnonzero(groups == n) for n in range(groups.max() + 1)]
    tops = np.array([boxes[group, 1].min() for group in members])
    bottoms = np.array([boxes[group, 3].max() for group in members])
    heights = np.array([_usual_height(boxes[group]) for group in members])
    shared = np.minimum(bottoms[:, None], bottoms) - np.maximum(tops[:, None], tops)
    lower, higher = np.minimum(heights[:, None], heights), np.maximum(heights[:, None], heights)
    one, other = np.nonzero(np.triu((shared >= _ROW * lower) & (lower >= _ALIKE * higher), 1))
    rows = joined(len(members), one, other)
    return [np.concatenate([members[m] for m in np.flatnonzero(rows == n)]) for n in range(rows.max() + 1)]


def _usual_height(boxes: NDArray[np.int64]) -> float:
    """Return the height above and below which half of the symbols' height lies: points and dashes hardly count.

    Components above each other are of one symbol.
    """
    height = boxes[:, 3] - boxes[:, 1]
    if len(boxes) == 1:
        return float(height[0])
    boxes = boxes[height >= _SMALL * height.max()]
    order = np.argsort(boxes[:, 0])
    heights: list[int] = []
    top, bottom, end = 0, 0, -1
    for left, upper, right, lower in boxes[order].tolist():
        if left < end - (right - left) / 2 and heights:
            top, bottom, end = min(top, upper), max(bottom, lower), max(end, right)
            heights[-1] = bottom - top
        else:
            top, bottom, end = upper, lower, right
            heights.append(bottom - top)
    values = np.array(heights, np.float64)
    return weighted_median(values, values)


def _slope(lines: Sequence[NDArray[np.int64]]) -> float:
    """Return by how many degrees lines of writing run downhill: those of three tall components and more tell."""
    moments = np.zeros(2)
    for boxes in lines:
        height = boxes[:, 3] - boxes[:, 1]
        tall = boxes[height >= _ALIKE * _usual_height(boxes)]
        if len(tall) >= _TELLING:
            x, y = (tall[:, 0] + tall[:, 2]) / 2, (tall[:, 1] + tall[:, 3]) / 2
            x, y = x - x.mean(), y - y.mean()
            moments += (x @ y, x @ x)
    return float(np.degrees(np.arctan2(*moments))) if moments[1] else 0.0


def _line(boxes: NDArray[np.int64], page: tuple[int, ...], clean: bool, whole: bool) -> TextLine:
    """Return a line, given the boxes of its components; where it is the `whole` picture, all of its width is read."""
    share, beside = (CLEAN_SYMBOL, _CLEAN_SIDE) if clean else (SYMBOL, _SIDE)
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    height = _usual_height(boxes)
    high = max(height / share, (bottom - top) * ROOM)
    if high > page[0]:
        high = max(height / HIGHEST, (bottom - top) * ROOM, page[0])
    middle = (top + bottom) / 2
    if high <= page[0]:
        middle = min(max(middle, high / 2), page[0] - high / 2)
    upper, side = math.floor(middle - high / 2), math.ceil(beside * height)
    ends = (0, page[1]) if whole else (max(left - side, 0), min(right + side, page[1]))
    crop = ends[0], upper, ends[1], upper + math.ceil(high)
    return TextLine((left, top, right, bottom), crop, height)


def _without_dust(
    groups: Sequence[NDArray[np.int64]],
    boxes: NDArray[np.int64],
    areas: NDArray[np.int64],
    pen: float,
    clean: bool,
) -> list[NDArray[np.int64]]:
    """Return lines, as their components' numbers, without dust that stands alone.

    On clean paper a dash is none, nor is a number, however small it is beside the largest component.
    """
    if not groups:
        return []
    heights = np.array([_usual_height(boxes[group]) for group in groups])
    usual = weighted_median(heights, np.array([areas[group].sum() for group in groups]))
    tallest = np.array([(boxes[group, 3] - boxes[group, 1]).max() for group in groups])
    longest = np.array([(boxes[group, 2:] - boxes[group, :2]).max() for group in groups])
    is_dash = clean & (longest >= _SMALL * usual) & (longest <= usual)
    is_number = np.array([clean and _is_number(boxes[group], pen) for group in groups])
    is_dust = ~((tallest >= _SMALL * usual) | is_dash | is_number)
    kept = [group for group, alone in zip(groups, is_dust, strict=True) if not alone]
    if np.count_nonzero(is_dust) < _DUSTY * len(kept):
        return kept
    return [group[_stand_or_large(boxes[group])] for group in kept]


def _tall(boxes: NDArray[np.int64], pen: float) -> NDArray[np.bool_]:
    """Say which components are high enough for digits."""
    return boxes[:, 3] - boxes[:, 1] >= _DUST * pen


def _is_number(boxes: NDArray[np.int64], pen: float) -> bool:
    """Say whether components are plainly more than one symbol or dust."""
    return bool(np.count_nonzero(_tall(boxes, pen)) >= _TELLING)


def _stand_or_large(boxes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which of a line's components stand on the line, as points do, or are too large to be dust."""
    usual, longest = _usual_height(boxes), (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    # Specks above each other pass for one symbol, beside which none of them is large.
    large = longest >= min(_SMALL * usual, longest.max())
    return large | (np.abs(boxes[:, 3] - median(boxes[large, 3])) <= _SMALL * usual)
