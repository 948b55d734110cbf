"""Hands for tests and measurements: a mouse, a finger, a pen and an eye on the page."""

import base64
import io
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from PIL import Image
from playwright.sync_api import CDPSession, FloatRect, Page, expect

Strokes = Sequence[Sequence[float]]

START = 30_000  # milliseconds that a start may take on the slowest machine that the tests run on


class Hand(Protocol):
    """What draws."""

    def stroke(self, points: list[tuple[float, float]]) -> None:
        """Draw a stroke through points of the window."""


class Mouse:
    """The browser's own mouse."""

    def __init__(self, page: Page) -> None:
        self._mouse = page.mouse

    def stroke(self, points: list[tuple[float, float]]) -> None:
        """Draw a stroke through points of the window."""
        self._mouse.move(*points[0])
        self._mouse.down()
        for point in points[1:]:
            self._mouse.move(*point)
        self._mouse.up()


class Finger:
    """A finger on the glass, from below the page: the browser makes touch, pointer and scroll events of it."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)

    def stroke(self, points: list[tuple[float, float]]) -> None:
        """Draw a stroke through points of the window."""
        self.touch("touchStart", points[0])
        for point in points[1:]:
            self.touch("touchMove", point)
        self.touch("touchEnd")

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """Send one touch event with the fingers that are on the glass."""
        fingers: list[dict[str, Any]] = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


class Pen:
    """A pen with a tip that feels how hard it is pressed, from 0 to 1."""

    def __init__(self, page: Page, force: float = 0.5) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._force = force

    def stroke(self, points: list[tuple[float, float]]) -> None:
        """Draw a stroke through points of the window."""
        self._send("mousePressed", points[0])
        for point in points[1:]:
            self._send("mouseMoved", point)
        self._send("mouseReleased", points[-1])

    def _send(self, kind: str, point: tuple[float, float]) -> None:
        tip = {"pointerType": "pen", "button": "left", "buttons": 1, "force": self._force, "clickCount": 1}
        self._session.send("Input.dispatchMouseEvent", {"type": kind, "x": point[0], "y": point[1], **tip})


def on_the_pad(box: FloatRect, stroke: Sequence[float], scale: float = 1.0) -> list[tuple[float, float]]:
    """Return where in the window a stroke's points are, which are given in a box of 1000 × 1000."""
    return [
        (
            box["x"] + ((x / 1000 - 0.5) * scale + 0.5) * box["width"],
            box["y"] + ((y / 1000 - 0.5) * scale + 0.5) * box["height"],
        )
        for x, y in zip(stroke[0::2], stroke[1::2], strict=True)
    ]


def write(page: Page, hand: Hand, strokes: Strokes, scale: float = 1.0) -> None:
    """Draw strokes, given in a box of 1000 × 1000, on the pad."""
    box = page.locator("#pad").bounding_box()
    assert box is not None
    for stroke in strokes:
        hand.stroke(on_the_pad(box, stroke, scale))


def settled(page: Page) -> str:
    """Wait until all that was drawn is read, and return what was."""
    page.wait_for_selector("body[data-state=ready]")
    return page.locator("#reading").inner_text()


def clear(page: Page) -> None:
    """Clear the pad, and see that nothing is read any more."""
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#reading")).to_have_text("")


def percentages(page: Page) -> list[int]:
    """Return the ten bars' values."""
    bars = page.locator('#digits [role="meter"]')
    return bars.evaluate_all("bars => bars.map(bar => Number(bar.getAttribute('aria-valuenow')))")


def ink_on_the_pad(page: Page) -> int:
    """Return how many pixels of the pad are painted."""
    return page.locator("#pad").evaluate(
        """pad => pad.getContext("2d").getImageData(0, 0, pad.width, pad.height).data
                     .filter((value, index) => index % 4 === 3 && value > 0).length"""
    )


def seen_on_the_pad(page: Page) -> Image.Image:
    """Return what the pad shows."""
    content = page.locator("#pad").evaluate("pad => pad.toDataURL()")
    return Image.open(io.BytesIO(base64.b64decode(content.partition(",")[2])))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return by how much the levels of two pictures' pixels differ on average."""
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other)).mean())


def give(page: Page, content: bytes) -> None:
    """Open a file on the page."""
    page.set_input_files("#file", {"name": "it", "mimeType": "application/octet-stream", "buffer": content})


def saved(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    """Return an image file."""
    file = io.BytesIO()
    image.copy().save(file, format, **options)  # Pillow's writers may leave an image changed
    return file.getvalue()
