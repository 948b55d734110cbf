import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digitpad.image import MOST_BYTES, brought_down, open_image
from tests.fuzz import absurd_files, mend_checks, saved
from tools.browser.digits import DIGITS
from training.ink import draw

SEVEN = Image.fromarray(draw(DIGITS["7"]))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_common_formats_are_opened(format: str) -> None:
    opened = np.asarray(open_image(saved(SEVEN, format)).convert("L")).astype(int)
    assert np.abs(opened - np.asarray(SEVEN)).mean() < 3


def test_a_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned to the right
    turned = saved(SEVEN.rotate(90), "JPEG", exif=exif, quality=95)
    assert np.abs(np.asarray(open_image(turned)).astype(int) - np.asarray(SEVEN)).mean() < 3


def test_odd_exif_data_do_not_keep_a_photo_from_being_turned() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    turned = saved(SEVEN.rotate(90), "JPEG", exif=exif, quality=95)
    odd = turned.replace(b"\x01\x0e\x00\x02", b"\x01\x00\x00\x02")  # makes the description the width, as text
    assert odd != turned
    assert np.abs(np.asarray(open_image(odd)).astype(int) - np.asarray(SEVEN)).mean() < 3


def test_damaged_exif_data_do_not_take_the_picture_with_them() -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    whole = saved(SEVEN, "PNG", exif=exif)
    damaged = mend_checks(whole.replace(b"eXIfMM", b"eXIfMx"))
    assert damaged != whole
    assert np.array_equal(np.asarray(open_image(damaged)), np.asarray(SEVEN))


def test_an_empty_file_is_named() -> None:
    with pytest.raises(ValueError, match="empty"):
        open_image(b"")


def test_a_file_that_is_no_image_is_named() -> None:
    with pytest.raises(ValueError, match="not an image"):
        open_image(b"%PDF-1.7 this is something else")


def test_a_huge_image_is_named_with_its_size() -> None:
    with pytest.raises(ValueError, match=r"too large: 10000 × 6000"):
        open_image(saved(Image.new("1", (10_000, 6_000)), "PNG"))


def test_a_file_of_too_many_bytes_is_named() -> None:
    with pytest.raises(ValueError, match="too large: up to 200 MB"):
        open_image(bytes(MOST_BYTES + 1))


def test_a_phones_jpeg_of_several_pictures_is_its_first() -> None:
    turned = SEVEN.rotate(180)
    opened = open_image(saved(SEVEN, "MPO", save_all=True, append_images=[turned]))
    assert np.abs(np.asarray(opened).astype(int) - np.asarray(SEVEN)).mean() < 3


def test_of_lab_the_lightness_is_opened() -> None:
    content = saved(Image.merge("LAB", [SEVEN, SEVEN.rotate(90), SEVEN.rotate(180)]), "TIFF")
    assert np.array_equal(np.asarray(open_image(content)), np.asarray(SEVEN))


@pytest.mark.parametrize("format", ["PPM", "TGA", "ICO", "PCX", "EPS", "PDF", "JPEG2000", "SGI"])
def test_kinds_that_no_camera_or_scanner_writes_are_refused(format: str) -> None:
    with pytest.raises(ValueError, match="not an image of a kind"):
        open_image(saved(SEVEN, format))


@pytest.mark.parametrize(
    ("bomb", "sentence"),
    [
        ("PNG, 2 billion pixels a side", "damaged, or too large"),
        ("PNG, 100 million pixels", "too large: 10000 × 10000"),
        ("PNG, 100 MB of text", "damaged"),
        ("JPEG, a thousand scans", "damaged"),
        ("BMP that skips all rows", "not an image of a kind"),
        ("BMP of line ends", "not an image of a kind"),
        ("WebP, 268 million pixels", "too large: 16384 × 16384"),
        ("TIFF, a tile of 32,768", "damaged"),
        ("TIFF, a strip of 2 billion rows", "damaged"),
    ],
)
def test_a_small_file_that_asks_for_much_is_refused_at_once(bomb: str, sentence: str) -> None:
    content = absurd_files()[bomb]()
    started = time.process_time()
    with pytest.raises(ValueError, match=sentence):
        open_image(content)
    assert time.process_time() - started < 1


@pytest.mark.filterwarnings("error")
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


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "I;16", "F"])
def test_an_image_of_any_mode_is_brought_down_and_a_small_one_keeps_its_pixels(mode: str) -> None:
    image = SEVEN.convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(SEVEN).astype(np.uint16) * 200)
    whole, scale = brought_down(image, 280)
    assert (whole.size, scale) == (SEVEN.size, 1)
    assert whole.mode == ("L" if mode in ("1", "L", "I;16", "F") else "RGB")
    assert np.abs(np.asarray(whole.convert("L")).astype(int) - np.asarray(SEVEN)).mean() < 2
    small, scale = brought_down(image.resize((300, 100)), 120)
    assert (small.size, scale, small.mode) == ((120, 40), 2.5, whole.mode)


def test_what_is_brought_down_is_opaque() -> None:
    clear = SEVEN.convert("RGB")
    clear.putalpha(255)
    assert brought_down(clear, 100)[0].mode == "RGB"
    clear.putalpha(SEVEN.point(lambda level: 255 - level))
    small, _ = brought_down(clear, 100)
    assert small.mode == "L"
    assert (small.getpixel((0, 0)), small.size) == (255, (100, 100))
    line, _ = brought_down(Image.new("RGBA", (5000, 2)), 100)
    assert (line.mode, line.size) == ("L", (100, 1))
