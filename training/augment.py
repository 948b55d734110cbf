"""Small deformations of normalised images, anew in every epoch; on whatever Keras runs on."""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

TURN = np.radians(8)
SLANT = 0.12
STRETCH = 0.1
SHIFT = 0.8  # pixels
WARP = 0.6  # pixels, standard deviation
WARP_GRID = 5  # control points a side
BLUR = 0.2  # the share of the images that are blurred


def augment(images: keras.KerasTensor) -> keras.KerasTensor:
    """Turn, slant, stretch, shift and warp each image a little, each in its own way, and blur some.

    `images` is `(N, 28, 28)`, float32 in 0 … 1, and so is the result. The warp is an elastic distortion
    (P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied to
    visual document analysis", ICDAR 2003), smooth because it is given at few control points.
    """
    n, side = images.shape[:2]
    # On a GPU each call of a random generator takes as long as a convolution does: all at once.
    random = keras.random.uniform((8, n), -1, 1)
    return _blur(_sample(images, _affine(random[:6], side) + _warp(n, side)), random[6], random[7])


def _affine(random: keras.KerasTensor, side: int) -> keras.KerasTensor:
    """Return where each pixel of the result comes from, `(N, side, side, 2)`, y and x in pixels.

    `random` is `(6, N)` in -1 … 1.
    """
    turn, slant = TURN * random[0], SLANT * random[1]
    high, wide = 1 + STRETCH * random[2], 1 + STRETCH * random[3]
    cos, sin = ops.cos(turn), ops.sin(turn)
    middle = (side - 1) / 2
    axis = np.arange(side, dtype=np.float32) - np.float32(middle)
    y, x = ops.convert_to_tensor(axis)[None, :, None], ops.convert_to_tensor(axis)[None, None, :]

    def moved(by_y: keras.KerasTensor, by_x: keras.KerasTensor, shift: keras.KerasTensor) -> keras.KerasTensor:
        return by_y[:, None, None] * y + by_x[:, None, None] * x + (middle + SHIFT * shift)[:, None, None]

    rows = moved(high * (slant * sin + cos), wide * sin, random[4])
    return ops.stack([rows, moved(high * (slant * cos - sin), wide * cos, random[5])], axis=-1)


def _warp(n: int, side: int) -> keras.KerasTensor:
    controls = keras.random.normal((n, 2, WARP_GRID, WARP_GRID), stddev=WARP)
    spread = ops.convert_to_tensor(_between(WARP_GRID, side))
    return ops.transpose(spread @ controls @ ops.transpose(spread), (0, 2, 3, 1))


def _between(controls: int, side: int) -> NDArray[np.float32]:
    """Return how much each control point counts at each of `side` pixels between them, `(side, controls)`, bicubic."""
    places = (np.arange(side) + 0.5) * controls / side - 0.5
    away = np.abs(places[:, None] - np.arange(controls))
    near, far = 1.5 * away**3 - 2.5 * away**2 + 1, -0.5 * away**3 + 2.5 * away**2 - 4 * away + 2
    weights = np.where(away < 1, near, np.where(away < 2, far, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _sample(images: keras.KerasTensor, places: keras.KerasTensor) -> keras.KerasTensor:
    """Return the images at the given places, between four pixels each; outside of the image is paper."""
    n, side = images.shape[:2]
    padded = side + 2
    flat = ops.reshape(ops.pad(images, ((0, 0), (1, 1), (1, 1))), (-1,))
    places = ops.clip(places + 1, 0.0, padded - 1.001)
    corner = ops.floor(places)
    down, right = places[..., 0] - corner[..., 0], places[..., 1] - corner[..., 1]
    corner = ops.cast(corner, "int32")
    starts = ops.convert_to_tensor(np.arange(n, dtype=np.int32) * padded * padded)
    start = starts[:, None, None] + corner[..., 0] * padded + corner[..., 1]
    upper = ops.take(flat, start) * (1 - right) + ops.take(flat, start + 1) * right
    lower = ops.take(flat, start + padded) * (1 - right) + ops.take(flat, start + padded + 1) * right
    return upper * (1 - down) + lower * down


def _blur(images: keras.KerasTensor, chosen: keras.KerasTensor, share: keras.KerasTensor) -> keras.KerasTensor:
    """Mix some of the images with their mean over 3 × 3 pixels, as a coarse scan or a poor photo does.

    `chosen` and `share` are `(N,)`, at random in -1 … 1.
    """
    share = (ops.cast(chosen < 2 * BLUR - 1, "float32") * (share + 1) / 2)[:, None, None]
    padded = ops.pad(images, ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    mean = (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9
    return images * (1 - share) + mean * share
