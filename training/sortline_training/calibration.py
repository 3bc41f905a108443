"""From scores to probabilities that can be believed, and from which probability on the model may decide alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def best_sharpness(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The factor of the scores, from 0.2 to 5, at which held-out labels are most likely (golden-section search)."""
    finite = np.isfinite(scores[np.arange(len(truth)), truth])
    scores, truth = scores[finite], truth[finite]
    if len(truth) == 0:
        return 1.0

    def loss(logarithm: float) -> float:
        probabilities = softmax(scores * np.exp(logarithm))
        return float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-12)).mean())

    ratio = (np.sqrt(5.0) - 1) / 2
    low, high = np.log(0.2), np.log(5.0)
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


# Held-out texts say of a threshold that chance made look good what they say of a good one; so it has to be this sure
# that the precision is there (Geifman & El-Yaniv 2017, "Selective Classification for Deep Neural Networks": selection
# with guaranteed risk). One-sided normal quantile of 90 %.
_QUANTILE = 1.2816
PRECISIONS = (0.5, 0.999)
"""Which precisions may be wanted of what a model decides alone: the lowest and the highest."""
NEVER = 1.01
"""A threshold that no probability reaches: a person decides always."""


@dataclass(frozen=True)
class Threshold:
    """Below which probability a person decides."""

    probability: float
    """Above 1 where held-out texts show of no threshold that it has the precision that is wanted: then a person decides
    always."""
    precision: float
    """Of what lies above it, on the held-out texts; 0 when nothing does."""
    coverage: float
    """Part of the held-out texts that lies above it."""
    low: float
    """Lower bound of the precision on other texts, one-sided 90 %; 0 when nothing lies above it."""


def threshold_for(confidence: NDArray[np.float64], right: NDArray[np.bool_], wanted: float) -> Threshold:
    """The lowest probability from which on it is 90 % sure that the model is right as often as `wanted`.

    Probabilities that are equal are never parted.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    hits = np.cumsum(right[order])
    counts = np.arange(1, len(order) + 1)
    low = _lower_bound(hits, counts)
    last_of_equals = np.append(sorted_confidence[1:] < sorted_confidence[:-1], True)
    good = np.flatnonzero((low >= wanted) & last_of_equals)
    if len(good) == 0:
        return Threshold(probability=NEVER, precision=0.0, coverage=0.0, low=0.0)
    at = int(good[-1])
    return Threshold(
        probability=float(sorted_confidence[at]),
        precision=float(hits[at] / counts[at]),
        coverage=float(counts[at] / len(order)),
        low=float(low[at]),
    )


def fewest_for(wanted: float) -> int:
    """How many texts have to lie above a threshold, all of them right, to show a precision."""
    return ceil(wanted / (1 - wanted) * _QUANTILE**2)


def _lower_bound(hits: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Wilson's of a proportion."""
    share, square = hits / counts, _QUANTILE**2
    middle = share + square / (2 * counts)
    spread = _QUANTILE * np.sqrt(share * (1 - share) / counts + square / (4 * counts**2))
    return (middle - spread) / (1 + square / counts)
