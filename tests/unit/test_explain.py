import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from digitpad.explain import Explanation, explain
from digitpad.onnx import at_once
from digitpad.reading import Networks, Outputs
from tests.model import networks, read_image
from tools.browser.digits import DIGITS
from training.ink import draw


def explained(image: Image.Image, reads: Networks) -> Explanation | None:
    return at_once(explain(image, reads))


async def sees_only_the_upper_half(images: NDArray[np.float32]) -> Outputs:
    """A network whose 7 stands and falls with the ink in the upper half, and whose 1 profits from its loss."""
    ink = images[:, :14].sum(axis=(1, 2)) / images.shape[0]
    seven = 0.5 + 0.4 * ink / max(float(ink.max()), 1e-6)
    probabilities = np.zeros((len(images), 10), np.float32)
    probabilities[:, 7], probabilities[:, 1] = seven, 1 - seven
    return Outputs(probabilities, np.ones(len(images), np.float32))


def test_what_the_network_looks_at_is_warm_and_the_rest_is_not() -> None:
    explanation = explained(
        Image.fromarray(draw(DIGITS["0"])), Networks(sees_only_the_upper_half, networks().read_lines)
    )
    assert explanation is not None
    assert explanation.digit == 7
    assert explanation.heat[:11].max() == 1
    assert np.abs(explanation.heat[18:]).max() < 0.05
    assert explanation.heat.min() > -0.05


@pytest.mark.parametrize("name", DIGITS)
def test_heat_lies_on_the_ink_and_speaks_for_the_answer(name: str) -> None:
    image = Image.fromarray(draw(DIGITS[name], scale=0.5, shift=(0.15, -0.1)))
    explanation = explained(image, networks())
    assert explanation is not None
    assert explanation.digit == read_image(image)["digits"][0]["digit"]
    heat = explanation.heat
    assert heat.dtype == np.float32
    assert np.abs(heat).max() == pytest.approx(1)
    assert heat.sum() > 0
    # Laid on the image by its frame, the heat is where the ink is.
    left, top, side = explanation.frame
    on_image = Image.fromarray(heat).transform(
        image.size, Image.Transform.AFFINE, (28 / side, 0, -left * 28 / side, 0, 28 / side, -top * 28 / side)
    )
    grey, warm = np.asarray(image), np.abs(np.asarray(on_image))
    assert warm[grey < 128].sum() > 0.6 * warm.sum()


def test_an_empty_image_has_no_explanation() -> None:
    assert explained(Image.new("L", (100, 100), 255), networks()) is None
