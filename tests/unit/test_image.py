import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digitpad.image import open_image
from tests.digits import DIGITS
from training.ink import draw

SEVEN = Image.fromarray(draw(DIGITS["7"]))


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_common_formats_are_opened(format: str) -> None:
    opened = np.asarray(open_image(saved(SEVEN, format)).convert("L")).astype(int)
    assert np.abs(opened - np.asarray(SEVEN)).mean() < 3


def test_a_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned to the right
    turned = saved(SEVEN.rotate(90), "JPEG", exif=exif, quality=95)
    assert np.abs(np.asarray(open_image(turned)).astype(int) - np.asarray(SEVEN)).mean() < 3


def test_an_empty_file_is_named() -> None:
    with pytest.raises(ValueError, match="empty"):
        open_image(b"")


def test_a_file_that_is_no_image_is_named() -> None:
    with pytest.raises(ValueError, match="not an image"):
        open_image(b"%PDF-1.7 this is something else")


def test_a_huge_image_is_named_with_its_size() -> None:
    with pytest.raises(ValueError, match=r"too large: 10000 × 6000"):
        open_image(saved(Image.new("1", (10_000, 6_000)), "PNG"))


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it finds before it gives up
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@given(data=st.data())
def test_damage_is_a_sentence_or_an_image_never_another_error(format: str, data: st.DataObject) -> None:
    content = bytearray(saved(SEVEN, format))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        open_image(bytes(content[:cut]))
    except ValueError as error:
        assert str(error).endswith(".")
