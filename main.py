"""The page's Python, in MicroPython on the UI thread: brings its parts, one after the other, and starts the page."""

import js

# One after the other, each after what it imports itself: in between the page has its turn.
await js.turn()  # noqa: F704
__import__("pyscript")
for name in ("engine", "api", "images", "notice", "offline", "drawing", "area", "pad", "symbols", "results", "page"):
    await js.turn()  # noqa: F704
    __import__(f"ui.{name}")

from ui.dom import element
from ui.page import Page

await js.turn()  # noqa: F704
page = Page()
await js.turn()  # noqa: F704
page.open()
await js.writeAnew()  # noqa: F704
element("unstarted").remove()
page.start_engine()
js.setTimeout(page.open_history, 0)
