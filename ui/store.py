"""What the user keeps: entries in the browser's own database, which other tabs of this page share."""

import js
from pyscript.ffi import to_js
from pyscript.js_modules import idb

NAME = "digitpad"


class Unkept(Exception):
    """The browser has not kept something; the message is a sentence for the user."""


class Store:
    """The entries of the history, by their `id`. Calls `changed()` when another tab has changed them.

    Where the browser gives no database (some do not, in a private window or with cookies forbidden), entries are kept
    as long as the page is open, and `lasts` is False.
    """

    def __init__(self, changed) -> None:
        self.lasts = True
        self._memory = {}
        self._table = idb.createStore(NAME, "readings")
        self._channel = js.BroadcastChannel.new(NAME)
        self._channel.onmessage = lambda event: changed()

    async def all(self) -> list[js.Object]:
        """Return all entries, the oldest first. Without a database, those that the page keeps itself."""
        if self.lasts:
            try:
                return list(await _call(idb.values, self._table))
            except Exception:
                self.lasts = False
        return [self._memory[id] for id in sorted(self._memory)]

    async def put(self, entries: list[js.Object]) -> None:
        """Keep entries, in the place of those with the same id. Raises Unkept where there is no room for them."""
        if self.lasts:
            await self._change(idb.setMany, to_js([[entry.id, entry] for entry in entries]))
        else:
            self._memory.update({entry.id: entry for entry in entries})

    async def delete(self, entries: list[js.Object]) -> None:
        """Delete entries. Raises Unkept where the browser refuses."""
        if self.lasts:
            await self._change(idb.delMany, to_js([entry.id for entry in entries]))
        else:
            for entry in entries:
                del self._memory[entry.id]

    async def _change(self, function: js.Function, argument: js.Array) -> None:
        try:
            await _call(function, argument, self._table)
        except Exception as error:
            reason = str(error)
            if "Quota" in reason:
                raise Unkept("The browser's storage is full. Export the readings and delete some, then try again.")
            raise Unkept(f"The browser did not store that ({reason}).")
        self._channel.postMessage("changed")


async def _call(function: js.Function, *arguments: object) -> object:
    # What JavaScript throws at once passes MicroPython by; within a promise it becomes a rejection.
    return await js.Promise.resolve().then(function.bind(None, *arguments))
