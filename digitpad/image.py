"""From the bytes of a file to an image, or to a sentence that says why not.

What a file claims of itself is checked before it is believed: a few hundred bytes can ask a decoder for gigabytes, or
for an hour of work.
"""

import io
import warnings

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from digitpad.ink import grey_of

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
"""The kinds of images that are opened, by Pillow's names: what cameras, phones, scanners and programs write.

Pillow knows forty more, among them some that start other programs (EPS), that it decodes in slow Python (PPM), or for
which it takes any bytes (TGA). An MPO, which some phones write, is opened as the JPEG that it begins with.
"""

MOST_BYTES = 200_000_000
MOST_PIXELS = 50_000_000

_MOST_SCANS = 500
"""Scans in a progressive JPEG; programs write about ten. Each takes 11 bytes or more, and goes over all pixels."""

_START_OF_SCAN = b"\xff\xda"
_TILE = (322, 323)  # TIFF's tags for the width and the height of its tiles, which have no need to fit the image

_UNKNOWN = "The file is not an image of a kind that can be read here."
_UNOPENED = "The image is damaged, or too large to be read."
_DAMAGED = "The image is damaged: it ends too early or holds what no image can."
_MEMORY = "The image is too large for the memory that is there."


def open_image(content: bytes) -> Image.Image:
    """Return the image in a file's bytes, upright; of an animation, the first frame.

    Raises ValueError, with a sentence for the user, where the bytes are empty, over 200 MB, no image of FORMATS, an
    image of over 50 million pixels, or a damaged one.
    """
    if not content:
        raise ValueError("The file is empty.")
    if len(content) > MOST_BYTES:
        raise ValueError(f"The file is too large: up to {MOST_BYTES // 1_000_000} MB can be read.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what it finds before it gives up
        image = _opened(content)
        _check_size(*image.size)
        return _loaded(image, content)


def brought_down(image: Image.Image, longest: int) -> tuple[Image.Image, float]:
    """Return an image with at most so many pixels on its longer side, and how many of its own one of these has.

    It is opaque: in colour ("RGB"), or as `grey_of` has it ("L") where it has no colour, transparency, or more than
    eight bits.
    """
    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(grey_of(image))
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in ("1", "L") else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    longer = max(image.size)
    if longer > longest:
        width, height = (max(side * longest // longer, 1) for side in image.size)
        image = image.resize((width, height), reducing_gap=2)
    if mode == "RGBA":
        is_opaque = image.getchannel("A").getextrema() == (255, 255)
        image = image.convert("RGB") if is_opaque else Image.fromarray(grey_of(image))
    return image, max(longer / longest, 1)


def _opened(content: bytes) -> ImageFile.ImageFile:
    """Return an image that knows its size, but has not decoded its pixels yet."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        _check_size(*_webp_size(content))
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        raise ValueError(_UNKNOWN) from None
    # Pillow's readers raise many kinds of errors on damaged data, and so do its decoders.
    except Exception:
        raise ValueError(_UNOPENED) from None
    # A BMP packed by run lengths is decoded in Python, byte by byte, with gigabytes for what a few bytes may skip.
    if any(tile.codec_name in Image.DECODERS for tile in image.tile):
        raise ValueError(_UNKNOWN)
    return image


def _loaded(image: ImageFile.ImageFile, content: bytes) -> Image.Image:
    """Return an image with its pixels decoded, and turned upright."""
    try:
        if _is_bomb(image, content):
            raise ValueError(_DAMAGED)
        image.load()
        upright = _upright(image)
        # Pillow converts LAB to nothing else; its lightness says all.
        return upright.getchannel("L") if upright.mode == "LAB" else upright
    except MemoryError:
        raise ValueError(_MEMORY) from None
    except Exception:
        raise ValueError(_DAMAGED) from None


def _upright(image: Image.Image) -> Image.Image:
    """Return an image turned as its EXIF data say, and as it is where they are damaged, for it need not be."""
    try:
        image.getexif()
        image.info.pop("exif", None)  # or Pillow writes them anew, and fails where a camera's are a little odd
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def _is_bomb(image: ImageFile.ImageFile, content: bytes) -> bool:
    """Tell whether an image of a permitted size would take its decoder far longer, or far more memory, than others."""
    if image.info.get("progressive"):
        return content.count(_START_OF_SCAN) > _MOST_SCANS
    tags = getattr(image, "tag_v2", {})
    return tags.get(_TILE[0], 1) * tags.get(_TILE[1], 1) > MOST_PIXELS


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ValueError(
            f"The image is too large: {width} × {height} pixels. Up to {MOST_PIXELS // 1_000_000} million can be read."
        )


def _webp_size(content: bytes) -> tuple[int, int]:
    """Return the size in a WebP's header, for libwebp takes eight bytes a pixel before Pillow can ask it.

    RFC 9649, "WebP Image Format", has the three kinds of headers in sections 2.5 to 2.7.
    """
    kind = content[12:16]
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(content[26:28], "little") & 0x3FFF, int.from_bytes(content[28:30], "little") & 0x3FFF
