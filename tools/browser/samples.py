"""Paint the sample images that a visitor can try at a click: our own writing, on four kinds of ground.

Run as: `python -m tools.browser.samples`
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tools.browser.digits import DIGITS, LETTERS
from training.ink import Stroke, draw

FOLDER = Path("assets/samples")
SIDE = 240


def ink(strokes: Sequence[Stroke], brush: float, scale: float = 0.9) -> NDArray[np.float64]:
    """Return how much ink is on each pixel of a sample, `(SIDE, SIDE)`, 0 … 1."""
    return 1 - draw(strokes, size=SIDE, brush=brush, scale=scale) / 255


def on_ground(share: NDArray[np.float64], ground: NDArray[np.float64], colour: tuple[int, int, int]) -> Image.Image:
    """Return writing of a colour on a ground, `(SIDE, SIDE, 3)`, 0 … 255."""
    mixed = ground * (1 - share[..., None]) + np.array(colour) * share[..., None]
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(4)
    grain = random.normal(size=(SIDE, SIDE))
    even = np.ones((SIDE, SIDE, 1))

    dust = np.clip(0.75 + 0.35 * grain, 0, 1)
    board = even * (38, 70, 58) + 5 * grain[..., None]
    on_ground(ink(DIGITS["8"], 0.05) * dust, board, (238, 240, 232)).save(FOLDER / "chalk.jpg", quality=80)

    across, down = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE))
    light = (1.05 - 0.22 * across - 0.1 * down)[..., None]
    note = light * (252, 232, 130) + 3 * grain[..., None]
    photo = on_ground(ink(DIGITS["5 in two strokes"], 0.035), note, (30, 40, 110))
    photo.rotate(4, Image.Resampling.BICUBIC, fillcolor=(236, 216, 122)).filter(ImageFilter.GaussianBlur(0.8)).save(
        FOLDER / "photo.jpg", quality=85
    )

    faint = ink(DIGITS["4 open"], 0.022) * np.clip(0.7 + 0.4 * grain, 0, 1)
    on_ground(faint, even * 246 + 2 * grain[..., None], (120, 120, 126)).save(FOLDER / "pencil.webp", quality=85)

    # Nothing but the ink: the ground is transparent.
    letter = np.zeros((SIDE, SIDE, 4), np.uint8)
    letter[..., :3] = 168, 44, 60
    letter[..., 3] = np.rint(255 * ink(LETTERS["A"], 0.045))
    Image.fromarray(letter).save(FOLDER / "letter.png", optimize=True)


if __name__ == "__main__":
    main()
