"""The recogniser's worker: start it, say how far it is, start it again where that failed, ask it."""

import js

STALLED = 60_000
"""Milliseconds without any news of the start after which it is given up."""

# Shares of the progress bar: the downloads, and then what each step takes on a common machine.
_DOWNLOADS = 50
_STEPS = {"python": 20, "packages": 15, "ready": 15}
_WORDS = {
    None: "Loading Python",
    "python": "Starting NumPy and Pillow",
    "packages": "Loading the network",
    "ready": "Ready",
}


class Unusable(Exception):
    """What the user brought cannot be used; the message is a sentence that says why."""


class Engine:
    """The worker that reads.

    `on_progress(percent, words)` is called as the start goes on, `on_ready()` when it is done, and
    `on_failure(sentence)` when it broke off or does not move. `ready` is a promise of the start.
    """

    def __init__(self, on_progress, on_ready, on_failure) -> None:
        self._on_progress, self._on_ready, self._on_failure = on_progress, on_ready, on_failure
        self._worker = None
        self._timer = None
        self._is_settled = True
        self._promise()

    def start(self) -> None:
        """Start the worker, or start it anew; `ready` is a promise of this start at once."""
        self._stop()
        self._loaded, self._total, self._last_step, self._steps_done = 0, 0, None, 0
        self._promise()
        self._worker = js.startRecogniser()
        self._tell()
        self._worker.listen(self._on_news)

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
        return self._worker.ask(function, *arguments)

    def give_up(self, why: str) -> None:
        """Stop the worker, and the start of it; `why` is a sentence for the user."""
        js.clearTimeout(self._timer)
        self._stop()
        told = f"The recogniser could not be loaded. {as_sentence(why)}"
        self._promise()
        self._is_settled = True
        self._reject(js.Error.new(told))
        self._on_failure(told)

    def _promise(self) -> None:
        """Make a promise of the start, unless there is one that is neither kept nor broken."""
        if not self._is_settled:
            return
        self._is_settled = False
        self.ready = js.Promise.new(self._keep_promise)
        # Whoever awaits the promise hears of a failure; that nobody does is no error of its own.
        self.ready.catch(lambda error: None)

    def _keep_promise(self, resolve: js.Function, reject: js.Function) -> None:
        self._resolve, self._reject = resolve, reject

    def _on_news(self, news: js.Object) -> None:
        """Take news of the start: worker/main.mjs tells which there are."""
        if news.part == "failed":
            self.give_up(news.sentence)
            return
        if self._last_step == "ready":
            return
        if news.part == "total":
            self._total = news.bytes
        elif news.part == "bytes":
            self._loaded += news.bytes
        else:
            self._last_step = news.part
            self._steps_done += _STEPS[news.part]
        self._tell()
        if news.part == "ready":
            js.clearTimeout(self._timer)
            self._is_settled = True
            self._resolve()
            self._on_ready()

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
            self._worker.stop()
            self._worker = None


def reason(error: Exception) -> str:
    """Return what an error says, as a sentence; of a JavaScript error MicroPython keeps the message last."""
    return as_sentence(str(error.args[-1] if error.args else error))


def as_sentence(said: str) -> str:
    """Return what was said, ended as a sentence is."""
    said = said.strip()
    return said if said.endswith((".", "?")) else said + "."
