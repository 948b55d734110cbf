"""The recogniser's worker: start it, say how far it is, start it again where that failed, ask it."""

import asyncio

import js
from pyscript import PyWorker

STALLED = 60_000
"""Milliseconds without any news of the start after which it is given up."""

# Shares of the progress bar: the downloads, and then what each step takes on a common machine.
_DOWNLOADS = 50
_STEPS = {"python": 20, "packages": 15, "model": 15}
_WORDS = {
    None: "Loading Python",
    "python": "Starting NumPy and Pillow",
    "packages": "Loading the network",
    "model": "Ready",
}


class Unavailable(Exception):
    """A part of the recogniser cannot be had; the message is a sentence for the user."""


class Unusable(Exception):
    """What the user brought cannot be used; the message is a sentence that says why."""


class Engine:
    """The worker that reads.

    `on_progress(percent, words)` is called as the start goes on, `on_ready()` when it is done, and
    `on_failure(sentence)` when it broke off or does not move. `ready` is a promise of the present start.
    """

    def __init__(self, on_progress, on_ready, on_failure) -> None:
        self._on_progress, self._on_ready, self._on_failure = on_progress, on_ready, on_failure
        self._worker = None
        self._timer = None
        self.ready = None

    def start(self) -> None:
        """Start the worker, or start it anew; `ready` is a new promise at once."""
        self._stop()
        self._loaded, self._total, self._last_step, self._steps_done = 0, 0, None, 0
        self.ready = js.Promise.new(self._keep_promise)
        # Whoever awaits the promise hears of a failure; that nobody does is no error of its own.
        self.ready.catch(lambda error: None)
        self._tell()
        asyncio.create_task(self._run())

    async def _run(self) -> None:
        worker = None
        try:
            worker = await self._make_worker()
            await worker.ready
            # What goes wrong in recogniser.py itself is printed by PyScript and not passed on.
            if self._last_step != "model":
                raise Unavailable(f"It broke off at “{_WORDS[self._last_step]}”.")
        except Exception as error:
            if worker is self._worker:
                self.give_up(reason(error))
            return
        js.clearTimeout(self._timer)
        self._resolve()
        self._on_ready()

    async def read(self, function: str, *arguments: object) -> js.Object:
        """Return what a function of recogniser.py answers, as soon as the worker is ready.

        Raises Unusable where it answers that it cannot use what it was given, and an error where it has not started.
        """
        await self.ready
        answer = await self.ask(function, *arguments)
        problem = getattr(answer, "error", None)
        if problem:
            raise Unusable(problem)
        return answer

    def ask(self, function: str, *arguments: object) -> js.Promise:
        """Promise what a function of recogniser.py answers; the worker has to be ready."""
        return getattr(self._worker.sync, function)(*arguments)

    def give_up(self, why: str) -> None:
        """Stop the worker, and the start of it; `why` is a sentence for the user."""
        js.clearTimeout(self._timer)
        self._stop()
        sentence = f"The recogniser could not be loaded. {why}"
        self._reject(js.Error.new(sentence))
        self._on_failure(sentence)

    def _keep_promise(self, resolve: js.Function, reject: js.Function) -> None:
        self._resolve, self._reject = resolve, reject

    async def _make_worker(self) -> js.Worker:
        await _fetch("recogniser.py")  # PyScript would wait for it for ever
        config = await _fetch("recogniser.json")
        options = {
            "type": "pyodide",
            "version": _address("interpreter.mjs"),
            "config": await config.json(),
            "configURL": config.url,
            "async": True,
        }
        worker = self._worker = PyWorker("recogniser.py", **options)
        worker.onerror = lambda event: None  # told by the promise
        worker.addEventListener("message", self._on_message)
        return worker

    def _on_message(self, event: js.MessageEvent) -> None:
        part = getattr(event.data, "part", None)
        if part == "missing":
            self.give_up(event.data.sentence)
            return
        if part == "total":
            self._total = event.data.bytes
        elif part == "bytes":
            self._loaded += event.data.bytes
        elif part in _STEPS:
            self._last_step = part
            self._steps_done += _STEPS[part]
        self._tell()

    def _tell(self) -> None:
        words = _WORDS[self._last_step]
        if 0 < self._loaded < self._total:
            words = f"{words} … {self._loaded / 1e6:.0f} of {self._total / 1e6:.0f} MB"
        share = min(self._loaded / self._total, 1) if self._total else 0
        self._on_progress(round(_DOWNLOADS * share + self._steps_done), words)
        js.clearTimeout(self._timer)
        self._timer = js.setTimeout(self._on_stall, STALLED)

    def _on_stall(self) -> None:
        self.give_up("Nothing has moved for a minute. Is the connection, or the server, still there?")

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.terminate()
            self._worker = None


async def _fetch(path: str) -> js.Response:
    response = await js.fetch(_address(path))
    if not response.ok:
        raise Unavailable(f"{path} did not arrive (status {response.status}).")
    return response


def _address(path: str) -> str:
    return js.URL.new(path, js.document.baseURI).href


def reason(error: Exception) -> str:
    """Return what an error says, as a sentence.

    Of a JavaScript error MicroPython keeps the message last; what Python raised in the worker is a traceback there,
    which ends with what was the matter.
    """
    said = str(error.args[-1] if error.args else error).strip().split("\n")[-1]
    return said if said.endswith((".", "?")) else said + "."
