"""The networks say the same in the browser as they do in CPython."""

import base64
import io
from pathlib import Path

import numpy as np

from tests.conftest import SHARED
from tests.e2e.conftest import Arrive, Watch, serving
from tests.model import MODEL, read_image
from tools.browser.digits import DIGITS, LETTERS
from training import data
from training.compose import CLOSE, OVERLAPPING, SPACED, TOUCHING, compose
from training.export import run
from training.photo import photographed

RUN = """async ([address, bytes]) => {
    const networks = await import(address);
    const ink = Float32Array.from(atob(bytes), character => character.charCodeAt(0) / 255);
    const probabilities = [], isDigit = [];
    for (let start = 0; start < ink.length; start += 500 * 784) {
        const part = ink.slice(start, start + 500 * 784);
        const outputs = await networks.run("model.onnx", "images", part, [part.length / 784, 28, 28]);
        probabilities.push(...outputs.probabilities.data);
        isDigit.push(...outputs.is_digit.data);
    }
    return [probabilities, isDigit];
}"""


def images_to_read() -> np.ndarray:
    """MNIST's test images where they are; drawn symbols anywhere."""
    symbols = [data.Symbol(name[0], name, strokes) for name, strokes in {**DIGITS, **LETTERS}.items()]
    drawn = data.varied(symbols, renderings=40, seed=1).images
    mnist = Path(SHARED) / "mnist"
    return np.concatenate([drawn, data.normalised(data.mnist(mnist)[1]).images]) if mnist.exists() else drawn


def test_the_browser_and_cpython_say_the_same(arrive: Arrive) -> None:
    images = images_to_read()
    with serving("/some/repo/") as site:
        page = arrive(site, Watch(site.origin))
        page.wait_for_selector("body[data-state=ready]")
        given = [f"{site.address}worker/networks.mjs", base64.b64encode(images.tobytes()).decode()]
        probabilities, is_digit = page.workers[0].evaluate(RUN, given)
        page.context.close()
    here = run(MODEL, images)
    there = np.reshape(probabilities, (-1, 10))
    np.testing.assert_array_equal(there.argmax(axis=1), here["probabilities"].argmax(axis=1))
    np.testing.assert_allclose(there, here["probabilities"], atol=1e-3)
    np.testing.assert_allclose(is_digit, here["is_digit"], atol=1e-3)


READ = """async content => {
    await digitpad.ready;
    return digitpad.read(new Blob([Uint8Array.from(atob(content), c => c.charCodeAt(0))]));
}"""


def test_numbers_in_photos_are_read_as_in_cpython(arrive: Arrive) -> None:
    symbols = [data.Symbol(name[0], name, strokes) for name, strokes in DIGITS.items()]
    rng = np.random.default_rng(4)
    with serving("/some/repo/") as site:
        page = arrive(site, Watch(site.origin))
        page.wait_for_selector("body[data-state=ready]")
        for spacing in (SPACED, CLOSE, TOUCHING, OVERLAPPING):
            chosen = [symbols[int(n)] for n in rng.integers(len(symbols), size=5)]
            photo = photographed([compose(chosen, [spacing] * 4, 60, 0.1, rng).page() for _ in range(2)], rng)
            file = io.BytesIO()
            photo.save(file, "PNG")
            there = page.evaluate(READ, base64.b64encode(file.getvalue()).decode())
            here = read_image(photo)
            assert there["text"] == here["text"]
            assert len(here["lines"]) == 2
            for one, other in zip(there["digits"], here["digits"], strict=True):
                np.testing.assert_allclose(one["box"], other["box"], atol=2)
                np.testing.assert_allclose(one["probabilities"], other["probabilities"], atol=0.02)
        page.context.close()
