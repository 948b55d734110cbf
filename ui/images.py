"""Images from outside: opened, photographed, dropped, pasted, or one of the samples. Each becomes a Blob."""

import asyncio

import js

from ui.dom import element


class Images:
    """Calls `take(blob)` with each image file that the user brings."""

    def __init__(self, take, notice) -> None:
        self._take, self._notice = take, notice
        choose("open", "file", self._take_one)
        choose("photograph", "camera", self._take_one)
        for button in js.document.querySelectorAll("[data-sample]"):
            button.addEventListener("click", self._on_sample)
        for name, handler in (("dragover", self._on_drag), ("dragleave", self._on_leave), ("drop", self._on_drop)):
            js.window.addEventListener(name, handler)
        js.document.addEventListener("paste", self._on_paste)

    def _take_one(self, files: js.FileList) -> None:
        if files.length > 1:
            self._notice.say(f"{files.length} files were given. The first one is read; give the others one by one.")
        self._take(files[0])

    def _on_sample(self, event: js.PointerEvent) -> None:
        asyncio.create_task(self._take_sample(event.currentTarget.dataset.sample))

    async def _take_sample(self, address: str) -> None:
        try:
            response = await js.fetch(address)
            is_there = response.ok
        except Exception:
            is_there = False
        if is_there:
            self._take(await response.blob())
        else:
            self._notice.say("The sample did not arrive. Is the connection, or the server, still there?")

    def _on_drag(self, event: js.DragEvent) -> None:
        event.preventDefault()  # or the browser would open the file in the place of the page
        js.document.body.dataset.drop = "true"

    def _on_leave(self, event: js.DragEvent) -> None:
        if not event.relatedTarget:  # it has left the window, not just an element in it
            js.document.body.dataset.drop = "false"

    def _on_drop(self, event: js.DragEvent) -> None:
        event.preventDefault()
        js.document.body.dataset.drop = "false"
        if event.dataTransfer.files.length:
            self._take_one(event.dataTransfer.files)
        else:
            self._notice.say("That was no file. Drop an image file here, or copy an image and paste it.")

    def _on_paste(self, event: js.ClipboardEvent) -> None:
        if event.target.matches("input[type=text]"):
            return
        if event.clipboardData.files.length:
            event.preventDefault()
            self._take_one(event.clipboardData.files)
        else:
            self._notice.say("There is no image on the clipboard. Copy an image, and paste it here.")


def choose(button: str, field: str, take) -> None:
    """Have a button open a file input, and give the files that are chosen to `take`."""
    field = element(field)

    def on_change(event: js.Event) -> None:
        if field.files.length:
            take(field.files)
            field.value = ""  # the same file may be chosen again

    field.addEventListener("change", on_change)
    element(button).addEventListener("click", lambda event: field.click())
