"""From the bytes of a file to an image, or to a sentence that says why not."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 50_000_000


def open_image(content: bytes) -> Image.Image:
    """Return the image in a file's bytes, upright; of an animation, the first frame.

    Raises ValueError, with a sentence for the user, where the bytes are empty, no image that Pillow knows, an
    image of over 50 million pixels, or a damaged one.
    """
    if not content:
        raise ValueError("The file is empty.")
    try:
        image = Image.open(io.BytesIO(content))
    except UnidentifiedImageError:
        raise ValueError("The file is not an image of a kind that can be read here.") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValueError("The image is damaged, or too large to be read.") from None
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise ValueError(
            f"The image is too large: {width} × {height} pixels. Up to {MOST_PIXELS // 1_000_000} million can be read."
        )
    try:
        image.load()
        return ImageOps.exif_transpose(image)
    # Pillow's decoders raise many kinds of errors on damaged data.
    except Exception:
        raise ValueError("The image is damaged: it ends too early or holds what no image can.") from None
