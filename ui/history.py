"""The readings that the user keeps: the list under the pad, its corrections, its files."""

import asyncio

import js
from pyscript.ffi import to_js

from ui.answer import DIGITS, SIGNS
from ui.dom import element
from ui.engine import reason
from ui.images import choose
from ui.results import percent
from ui.sharing import save_file
from ui.store import Store

SHOWN = 20
"""Entries in the list at first, and as many more at each asking: a list of thousands would hold the page up."""

PART = 100
"""Entries that are looked at before the page gets its turn."""

# The browser's own way of writing dates; navigator.language may be a word that dates do not know, as WebKit's "C".
LANGUAGE = js.Array.new()
TIME = to_js({"dateStyle": "medium", "timeStyle": "short"})

FILES = {
    "csv": ("digitpad.csv", "text/csv"),
    "json": ("digitpad.json", "application/json"),
    "png": ("digitpad.png", "image/png"),
    "npz": ("digitpad.npz", "application/zip"),
    "idx": ("digitpad-idx.zip", "application/zip"),
}
"""Name and media type of each kind of file that `digitpad.history` makes."""


class History:
    """The list `#kept`, and the buttons about it. `engine` makes and reads the files, `notice` tells what happened."""

    def __init__(self, engine, notice) -> None:
        self._engine, self._notice = engine, notice
        self._pairs = js.Array.new()  # all of them, [id, entry], the oldest first
        self._entries = {}  # those in the list, by id
        self._shown = SHOWN
        self._list = element("kept")
        self._template = element("kept-reading")
        self._store = Store(lambda: self._do(self._show()))
        for name, action in (("export", self._export), ("delete-all", self._delete_all), ("more", self._show_more)):
            element(name).addEventListener("click", lambda event, action=action: self._do(action()))
        choose("import", "history-file", lambda files: self._do(self._import(files[0])))
        self._list.addEventListener("click", self._on_click)
        self._list.addEventListener("change", self._on_change)
        self._do(self._start())

    async def keep(self, correction: str, mode: str, *pad: object) -> bool:
        """Keep the reading of a pad, given as `Pad.part` has it, and the right text where it was corrected.

        Returns whether that went well; if not, the user has been told.
        """
        now = js.Date.new().toISOString()
        name = f"{now}-{js.crypto.getRandomValues(js.Uint32Array.new(1))[0]:08x}"
        return await self._tell(self._keep(name, now, correction, mode, *pad))

    async def _keep(self, *arguments: object) -> None:
        entry = await self._engine.read("keep", *arguments)
        await self._put(_pairs([entry]))

    def _do(self, task) -> None:
        asyncio.create_task(self._tell(task))

    async def _tell(self, task) -> bool:
        """Wait for something that is done, and tell the user where it cannot be."""
        try:
            await task
        except Exception as error:
            self._notice.say(reason(error))
            return False
        return True

    async def _start(self) -> None:
        await self._show()
        if not self._store.lasts:
            element("history-hint").textContent = (
                "This browser does not let the page store anything (a private window, or storage switched off in its "
                "settings): what is kept lasts until the page is closed. Export it before."
            )

    # The list

    async def _show(self) -> None:
        self._pairs = await self._store.all()
        count = self._pairs.length
        element("kept-count").textContent = f"{count}" if count else ""
        for name in ("export", "delete-all"):
            element(name).disabled = not count
        element("more").hidden = count <= self._shown
        newest = [pair[1] for pair in self._pairs.slice(-self._shown)]
        self._entries = {entry.id: entry for entry in newest}
        self._list.replaceChildren(*[self._row(entry) for entry in reversed(newest)])

    async def _show_more(self) -> None:
        self._shown += SHOWN
        await self._show()

    def _row(self, entry: js.Object) -> js.Element:
        row = self._template.content.firstElementChild.cloneNode(True)
        row.dataset.id = entry.id
        picture = row.querySelector("img")
        if entry.picture:
            picture.src = entry.picture
        text, checked = _in_one_line(entry.text), bool(entry.correction)
        field = row.querySelector("input")
        field.value = entry.correction
        field.placeholder = text
        field.setAttribute("aria-label", f"The right text, where {text} was read")
        confirm = row.querySelector(".confirm")
        confirm.setAttribute("aria-pressed", "true" if checked else "false")
        confirm.setAttribute("aria-label", f"{text} is right")
        confirm.title = "This was read right"
        confirm.hidden = not _is_right(text)
        delete = row.querySelector(".delete")
        delete.setAttribute("aria-label", f"Delete the reading {text}")
        delete.title = "Delete"
        row.querySelector(".read").textContent = _how_read(entry)
        time = row.querySelector("time")
        if entry.time:
            time.dateTime = entry.time
            time.textContent = js.Date.new(entry.time).toLocaleString(LANGUAGE, TIME)
        return row

    def _entry_at(self, event: js.Event) -> js.Object:
        return self._entries[event.target.closest("li").dataset.id]

    def _on_click(self, event: js.PointerEvent) -> None:
        if event.target.closest(".delete"):
            self._do(self._delete(_pairs([self._entry_at(event)])))
        elif event.target.closest(".confirm"):
            entry = self._entry_at(event)
            self._do(self._correct(entry, "" if entry.correction else _in_one_line(entry.text)))

    def _on_change(self, event: js.Event) -> None:
        entry, typed = self._entry_at(event), _in_one_line(event.target.value)
        if typed and not _is_right(typed):
            self._notice.say(
                f"“{typed}” has something else in it than digits and signs. Type what was written: 0 to 9 . , - / : +"
            )
            event.target.value = entry.correction
            return
        self._do(self._correct(entry, typed))

    async def _correct(self, entry: js.Object, correction: str) -> None:
        entry.correction = correction
        await self._put(_pairs([entry]))

    async def _put(self, pairs: js.Array) -> None:
        try:
            await self._store.put(pairs)
        finally:
            await self._show()

    async def _delete(self, pairs: js.Array) -> None:
        await self._store.delete(js.Object.keys(js.Object.fromEntries(pairs)))
        await self._show()
        what = "The reading was" if pairs.length == 1 else f"{pairs.length} readings were"
        self._notice.say(f"{what} deleted.", "Bring back", lambda: self._do(self._put(pairs)))

    async def _delete_all(self) -> None:
        await self._delete(self._pairs)

    # Files

    async def _export(self) -> None:
        kind = element("kind").value
        name, media_type = FILES[kind]
        entries = js.Object.values(js.Object.fromEntries(self._pairs))
        content = await self._engine.read("export_history", entries, kind)
        save_file(name, content, media_type)

    async def _import(self, file: js.File) -> None:
        content = js.Uint8Array.new(await file.arrayBuffer())
        entries = await self._engine.read("import_history", content)
        pairs = js.Array.new()
        for start in range(0, entries.length, PART):
            part = list(entries.slice(start, start + PART))
            known = await self._store.get(to_js([entry.id for entry in part]))
            for entry, old in zip(part, known):
                # A table holds less than what is known already: what it does not say stays.
                whole = js.Object.assign(to_js({"digits": [], "picture": ""}), old, entry)
                pairs.push(js.Array.of(entry.id, whole))
        await self._put(pairs)
        count = entries.length
        self._notice.say(f"{count} reading was imported." if count == 1 else f"{count} readings were imported.")


def _pairs(entries: list[js.Object]) -> js.Array:
    return to_js([[entry.id, entry] for entry in entries])


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _is_right(text: str) -> bool:
    """Whether a text can be what was written: all of it digits and signs."""
    return bool(text) and all(c in DIGITS + SIGNS + " " for c in text)


def _how_read(entry: js.Object) -> str:
    text = _in_one_line(entry.text)
    if text == "?":
        return "Read as no digit"
    confidences = [digit.confidence for digit in entry.digits]
    return f"Read as {text}, {percent(min(confidences))} sure" if confidences else f"Read as {text}"
