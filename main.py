"""The page's Python, in MicroPython on the UI thread: brings its parts, one after the other, and starts the page."""

import js

from ui.dom import element

# Modules are compiled as they are imported; in between the page has its turn.
for name in ("api", "drawing", "engine", "images", "offline", "pad", "symbols", "results", "page"):
    await js.turn()  # noqa: F704
    __import__(f"ui.{name}")

from ui.page import Page

await js.turn()  # noqa: F704
page = Page()
await js.turn()  # noqa: F704
page.open()
await js.writeAnew()  # noqa: F704
element("unstarted").remove()
js.setTimeout(page.open_history, 0)
