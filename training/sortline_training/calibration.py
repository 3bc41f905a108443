"""From scores to probabilities that can be believed, and from which probability on the model may decide alone."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Threshold:
    """Below which probability a person decides."""

    probability: float
    """Above 1 where no threshold gives the precision that is wanted: then a person decides always."""
    precision: float
    """Of what lies above it, on the held-out texts; 0 when nothing does."""
    coverage: float
    """Part of the held-out texts that lies above it."""


def threshold_for(confidence: NDArray[np.float64], right: NDArray[np.bool_], wanted: float) -> Threshold:
    """The lowest probability from which on the model is right as often as `wanted`.

    Probabilities that are equal are never parted.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    hits = np.cumsum(right[order])
    counts = np.arange(1, len(order) + 1)
    precision = hits / counts
    last_of_equals = np.append(sorted_confidence[1:] < sorted_confidence[:-1], True)
    good = np.flatnonzero((precision >= wanted) & last_of_equals)
    if len(good) == 0:
        return Threshold(probability=1.01, precision=0.0, coverage=0.0)
    at = int(good[-1])
    coverage = float(counts[at] / len(order))
    return Threshold(probability=float(sorted_confidence[at]), precision=float(precision[at]), coverage=coverage)
