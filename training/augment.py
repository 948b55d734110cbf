"""Small deformations of normalised images, anew in every epoch."""

import numpy as np
import tensorflow as tf

TURN = np.radians(10)
SLANT = 0.15
STRETCH = 0.1
SHIFT = 1.0  # pixels


def augment(images: tf.Tensor) -> tf.Tensor:
    """Turn, slant, stretch and shift each image a little, each in its own way.

    `images` is `(N, 28, 28)`, float32 in 0 … 1, and so is the result.
    """
    n = tf.shape(images)[0]

    def spread(limit: float) -> tf.Tensor:
        return tf.random.uniform((n,), -limit, limit)

    turn, slant = spread(TURN), spread(SLANT)
    wide, high = 1 + spread(STRETCH), 1 + spread(STRETCH)
    cos, sin = tf.cos(turn), tf.sin(turn)
    a, b = wide * cos, high * (slant * cos - sin)
    c, d = wide * sin, high * (slant * sin + cos)
    # A projective transform maps output to input pixels; it turns about (0, 0), and is moved to the middle.
    middle = (images.shape[1] - 1) / 2
    x = middle - a * middle - b * middle + spread(SHIFT)
    y = middle - c * middle - d * middle + spread(SHIFT)
    zero = tf.zeros_like(a)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images[..., None],
        transforms=tf.stack([a, b, x, c, d, y, zero, zero], axis=1),
        output_shape=images.shape[1:3],
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )
    return moved[..., 0]
