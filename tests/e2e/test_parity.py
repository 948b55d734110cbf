"""The network says the same in the browser as it does in CPython."""

import base64
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

from tests.conftest import SHARED
from tests.digits import DIGITS, LETTERS
from tests.e2e.conftest import START, serving
from tests.model import MODEL
from training import data
from training.export import run

RUN = """async bytes => {
    const ort = await import("./vendor/onnxruntime/ort.wasm.bundle.min.mjs");
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create("./model.onnx");
    const ink = Float32Array.from(atob(bytes), character => character.charCodeAt(0) / 255);
    const probabilities = [], isDigit = [];
    for (let start = 0; start < ink.length; start += 500 * 784) {
        const part = ink.slice(start, start + 500 * 784);
        const outputs = await session.run({images: new ort.Tensor("float32", part, [part.length / 784, 28, 28])});
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


def test_the_browser_and_cpython_say_the_same(browser: Browser) -> None:
    images = images_to_read()
    with serving("/some/repo/") as site:
        page = browser.new_context().new_page()
        page.set_default_timeout(START)
        page.goto(site.address)
        probabilities, is_digit = page.evaluate(RUN, base64.b64encode(images.tobytes()).decode())
        page.context.close()
    here = run(MODEL, images)
    there = np.reshape(probabilities, (-1, 10))
    np.testing.assert_array_equal(there.argmax(axis=1), here["probabilities"].argmax(axis=1))
    np.testing.assert_allclose(there, here["probabilities"], atol=1e-3)
    np.testing.assert_allclose(is_digit, here["is_digit"], atol=1e-3)
