"""What the user takes away from the page: a text on the clipboard, a file on the disk."""

import js
from pyscript.ffi import to_js


async def copy_text(text: str) -> bool:
    """Put a text on the clipboard. Returns whether the browser allows it."""
    clipboard = getattr(js.navigator, "clipboard", None)  # there only where the page was served safely
    if clipboard:
        try:
            await clipboard.writeText(text)
            return True
        except Exception:
            pass  # forbidden in this frame, or by the user: the older way may still be open
    return _copy_from_field(text)


def save_file(name: str, content: object, media_type: str) -> None:
    """Have the browser save a file; its content is a text, or JavaScript's bytes."""
    link = js.document.createElement("a")
    link.href = js.URL.createObjectURL(js.Blob.new(to_js([content]), to_js({"type": media_type})))
    link.download = name
    link.click()
    js.setTimeout(lambda: js.URL.revokeObjectURL(link.href), 60_000)


def _copy_from_field(text: str) -> bool:
    focused = js.document.activeElement
    field = js.document.createElement("textarea")
    field.className = "unseen"
    field.value = text
    js.document.body.append(field)
    field.select()
    is_copied = js.document.execCommand("copy")
    field.remove()
    focused.focus()
    return is_copied
