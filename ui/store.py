"""What the user keeps: entries in the browser's own database, which other tabs of this page share."""

import js
from pyscript.js_modules import idb

from ui.engine import reason

NAME = "digitpad"


class Unkept(Exception):
    """The browser has not kept something; the message is a sentence for the user."""


class Store:
    """The entries of the history by their ids, as JavaScript's arrays of `[id, entry]`.

    Python takes none of them in its hands: there may be thousands, and the page is not to stand still meanwhile.
    Calls `changed()` when another tab has changed them. Where the browser gives no database (some do not, in a private
    window or with cookies forbidden), entries are kept as long as the page is open, and `lasts` is False.
    """

    def __init__(self, changed) -> None:
        self.lasts = True
        self._memory = js.Map.new()
        self._table = idb.createStore(NAME, "readings")
        self._channel = js.BroadcastChannel.new(NAME)
        self._channel.onmessage = lambda event: changed()

    async def all(self) -> js.Array:
        """Return all pairs, the oldest first. Without a database, those that the page keeps itself."""
        if self.lasts:
            try:
                return await _call(idb.entries, self._table)
            except Exception:
                self.lasts = False
        return getattr(js.Array, "from")(self._memory).sort()

    async def get(self, ids: js.Array) -> js.Array:
        """Return the entries with these ids, and what is undefined in the place of those that are not there."""
        if self.lasts:
            return await _call(idb.getMany, ids, self._table)
        return ids.map(self._memory.get.bind(self._memory))

    async def put(self, pairs: js.Array) -> None:
        """Keep entries, in the place of those with the same ids. Raises Unkept where there is no room for them all."""
        if self.lasts:
            await self._change(idb.setMany, pairs)
        else:
            for pair in pairs:
                self._memory.set(pair[0], pair[1])

    async def delete(self, ids: js.Array) -> None:
        """Delete entries. Raises Unkept where the browser refuses."""
        if self.lasts:
            await self._change(idb.delMany, ids)
        else:
            ids.forEach(self._memory.delete.bind(self._memory))

    async def _change(self, function: js.Function, argument: js.Array) -> None:
        try:
            await _call(function, argument, self._table)
        except Exception as error:
            if "Quota" in str(error):
                raise Unkept("The browser's storage is full. Export the readings and delete some, then try again.")
            raise Unkept(f"The browser did not store that: {reason(error)}")
        self._channel.postMessage("changed")


async def _call(function: js.Function, *arguments: object) -> object:
    # What JavaScript throws at once passes MicroPython by; within a promise it becomes a rejection.
    return await js.Promise.resolve().then(function.bind(None, *arguments))
