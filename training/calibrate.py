"""Make the probabilities mean what they say, on writers that the network has not learned from."""

import keras
import numpy as np
from numpy.typing import NDArray

from training.data import Glyphs
from training.model import probabilities as ask


def calibrate(network: keras.Model, glyphs: Glyphs) -> float:
    """Divide the logits of `probabilities` by the temperature that fits `glyphs` best, and return it.

    Which digit is the likeliest stays as it is (C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration
    of modern neural networks", ICML 2017). The temperature becomes part of the last layer's weights.
    """
    found = temperature(ask(network, glyphs.images), glyphs.labels)
    last = network.get_layer("probabilities")
    last.set_weights([weights / found for weights in last.get_weights()])
    return found


def temperature(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Return the temperature, 0.5 … 4, by which the labels are the likeliest.

    `probabilities` is `(N, 10)`, rows sum to 1; `labels` `(N,)`, 0 … 9.
    """
    candidates = np.geomspace(0.5, 4, 200)
    losses = [-np.log(sharpen(probabilities, t)[np.arange(len(labels)), labels]).mean() for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def sharpen(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Return the probabilities as they are at another temperature: above 1 more doubt, below 1 less."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.maximum(powers / powers.sum(axis=1, keepdims=True), 1e-12)


def calibration_error(probabilities: NDArray[np.floating], labels: NDArray[np.int64], bins: int = 15) -> float:
    """Return the expected calibration error, 0 … 1: how far confidence and accuracy lie apart, in equal bins.

    After M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning", AAAI 2015.
    """
    return float(
        sum(count * abs(sure - right) for count, sure, right in reliability(probabilities, labels, bins))
    ) / len(labels)


def reliability(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], bins: int = 15
) -> list[tuple[int, float, float]]:
    """Return, for each bin of confidence that is not empty, its count, mean confidence and accuracy."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        (int((which == b).sum()), float(confidence[which == b].mean()), float(right[which == b].mean()))
        for b in np.unique(which)
    ]
