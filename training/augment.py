"""Small deformations of normalised images, anew in every epoch."""

import numpy as np
import tensorflow as tf

TURN = np.radians(8)
SLANT = 0.12
STRETCH = 0.1
SHIFT = 0.8  # pixels
WARP = 0.6  # pixels, standard deviation
WARP_GRID = 5  # control points a side
BLUR = 0.2  # the share of the images that are blurred


def augment(images: tf.Tensor) -> tf.Tensor:
    """Turn, slant, stretch, shift and warp each image a little, each in its own way, and blur some.

    `images` is `(N, 28, 28)`, float32 in 0 … 1, and so is the result. The warp is an elastic distortion
    (P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied to
    visual document analysis", ICDAR 2003), smooth because it is given at few control points.
    """
    return _blur(_sample(images, _affine(tf.shape(images)[0], images.shape[1]) + _warp(images)))


def _affine(n: tf.Tensor, side: int) -> tf.Tensor:
    """Return where each pixel of the result comes from, `(N, side, side, 2)`, y and x in pixels."""
    turn, slant = _spread(n, TURN), _spread(n, SLANT)
    wide, high = 1 + _spread(n, STRETCH), 1 + _spread(n, STRETCH)
    cos, sin = tf.cos(turn), tf.sin(turn)
    matrix = tf.stack(
        [tf.stack([high * (slant * sin + cos), wide * sin], 1), tf.stack([high * (slant * cos - sin), wide * cos], 1)],
        1,
    )
    middle = (side - 1) / 2
    axis = tf.range(side, dtype=tf.float32) - middle
    grid = tf.reshape(tf.stack(tf.meshgrid(axis, axis, indexing="ij"), -1), (1, -1, 2))
    shift = tf.stack([_spread(n, SHIFT), _spread(n, SHIFT)], 1)[:, None]
    moved = tf.matmul(tf.tile(grid, (n, 1, 1)), matrix, transpose_b=True) + middle + shift
    return tf.reshape(moved, (n, side, side, 2))


def _warp(images: tf.Tensor) -> tf.Tensor:
    n, side = tf.shape(images)[0], images.shape[1]
    controls = tf.random.normal((n, WARP_GRID, WARP_GRID, 2), stddev=WARP)
    return tf.image.resize(controls, (side, side), method="bicubic")


def _sample(images: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """Return the images at the given places, between four pixels each; outside of the image is paper."""
    n, side = tf.shape(images)[0], images.shape[1]
    padded = side + 2
    flat = tf.reshape(tf.pad(images, ((0, 0), (1, 1), (1, 1))), (-1,))
    places = tf.clip_by_value(places + 1, 0.0, padded - 1.001)
    corner = tf.floor(places)
    down, right = tf.unstack(places - corner, axis=-1)
    row, column = tf.unstack(tf.cast(corner, tf.int32), axis=-1)
    start = (tf.range(n) * padded * padded)[:, None, None] + row * padded + column
    upper = tf.gather(flat, start) * (1 - right) + tf.gather(flat, start + 1) * right
    lower = tf.gather(flat, start + padded) * (1 - right) + tf.gather(flat, start + padded + 1) * right
    return upper * (1 - down) + lower * down


def _blur(images: tf.Tensor) -> tf.Tensor:
    """Mix some of the images with their mean over 3 × 3 pixels, as a coarse scan or a poor photo does."""
    n = tf.shape(images)[0]
    chosen = tf.cast(tf.random.uniform((n, 1, 1)) < BLUR, tf.float32)
    share = chosen * tf.random.uniform((n, 1, 1))
    mean = tf.nn.avg_pool2d(images[..., None], 3, 1, "SAME")[..., 0]
    return images * (1 - share) + mean * share


def _spread(n: tf.Tensor, limit: float) -> tf.Tensor:
    return tf.random.uniform((n,), -limit, limit)
