"""The page without a network: the service worker that keeps it, new versions, images that other apps share.

sw.js is the other side of it.
"""

import asyncio

import js
from pyscript.ffi import to_js


class Offline:
    """Has the page kept in the browser, and offers a new version by a `notice` when all of it is there.

    Where the browser has no service workers, or refuses, the page needs the network as it did. Calls `outdated()` when
    a new version has taken the place of this one, because another tab asked for it: what this tab has not fetched yet
    cannot be had any more.
    """

    def __init__(self, notice, outdated) -> None:
        self._notice, self._outdated = notice, outdated
        self._workers = getattr(js.navigator, "serviceWorker", None)
        self._registration = None
        self._is_asked = self._is_started = self.is_outdated = False
        if self._workers:
            self._is_kept = bool(self._workers.controller)
            self._workers.addEventListener("controllerchange", self._on_change)

    def start(self) -> None:
        """Begin, once the page has what it needs itself: all that is kept is fetched, or asked for, once more."""
        if self._workers and not self._is_started and js.location.protocol.startswith("http"):
            self._is_started = True
            asyncio.create_task(self._start())

    async def _start(self) -> None:
        was_kept = self._is_kept
        try:
            await self._workers.register("sw.js", to_js({"updateViaCache": "none"}))
        except Exception as error:
            js.console.info(f"The browser does not keep this page: {error}")
            return
        self._registration = await self._workers.ready
        js.document.documentElement.dataset.kept = "true"
        if was_kept:  # else all of it has just been fetched
            self._registration.active.postMessage("fill")
        self._registration.addEventListener("updatefound", lambda event: self._watch())
        self._watch()

    def _watch(self) -> None:
        if self._registration.installing:
            self._registration.installing.addEventListener("statechange", lambda event: self._offer())
        self._offer()

    def _offer(self) -> None:
        if self._registration.waiting:
            self._notice.stand("A new version of Digitpad is ready. Updating clears the pad.", "Update", self._update)

    def _update(self) -> None:
        self._is_asked = True
        self._registration.waiting.postMessage("take over")

    def _on_change(self, event: js.Event) -> None:
        was_kept, self._is_kept = self._is_kept, True
        if self._is_asked:
            js.location.reload()
        elif was_kept:
            self.is_outdated = True
            self._notice.stand(
                "Digitpad was updated in another tab. This one goes on as it is; reloading it clears its pad.",
                "Reload",
                lambda: js.location.reload(),
            )
            self._outdated()


async def shared_image() -> js.Blob | None:
    """Return the image that another app has shared with this page, if it has arrived."""
    found = await (await _shared()).matchAll("shared-image")
    return await found[0].blob() if found.length else None


async def forget_shared_image() -> None:
    """Forget the image, and that the page was opened for it."""
    await (await _shared()).delete("shared-image")
    js.history.replaceState(None, "", "./")


async def _shared() -> js.Cache:
    return await js.caches.open("digitpad-shared")
