"""What a model gains by leaving texts to people: risk against coverage, and the threshold for a wanted precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from ..calibration import NEVER


@dataclass(frozen=True)
class Point:
    """What happens when the model decides alone from a probability on."""

    threshold: float
    """That probability, 0 to 1."""
    coverage: float
    """Part of the texts that it decides, above 0 and at most 1."""
    risk: float
    """Part of these that it gets wrong, 0 to 1."""


@dataclass(frozen=True)
class MeasuredThreshold:
    """A threshold, and what it does on the test set."""

    probability: float
    """Above 1 where none gives the precision that is wanted: then a person decides always."""
    precision: float
    """Of what the model decides alone; 0 when that is nothing."""
    coverage: float
    """Part that it decides alone, 0 to 1."""
    wanted: float
    """Precision that the threshold was chosen for, 0 to 1."""
    chosen_on: str
    """`validation`: by the training, on texts held out; `test`: on the texts measured, which flatters it."""
    low: float
    """Lower bound of the precision, 95 %; 0 when nothing is decided."""
    high: float
    """Upper bound; 1 when nothing is decided."""


def risk_coverage(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Point, ...]:
    """A point for each threshold that makes a difference, by rising coverage; texts of one confidence stay together."""
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    wrong = np.cumsum(~right[order])
    last_of_equals = np.append(falling[1:] < falling[:-1], True)
    return tuple(
        Point(
            threshold=float(falling[at]),
            coverage=float((at + 1) / len(order)),
            risk=float(wrong[at] / (at + 1)),
        )
        for at in np.flatnonzero(last_of_equals)
    )


def area_under(curve: tuple[Point, ...]) -> float:
    """Mean risk over all coverages (AURC), 0 to 1: the lower, the better does confidence tell right from wrong."""
    before = 0.0
    area = 0.0
    for point in curve:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return area


def thinned(curve: tuple[Point, ...], most: int) -> tuple[Point, ...]:
    """At most so many points (2 or more), evenly spread over the curve, the first and the last among them."""
    if len(curve) <= most:
        return curve
    chosen = np.unique(np.linspace(0, len(curve) - 1, most).round().astype(int))
    return tuple(curve[at] for at in chosen)


def best_threshold(curve: tuple[Point, ...], wanted: float) -> float:
    """The lowest probability from which on the model is right as often as wanted; above 1 if there is none."""
    # 93 of 100 is the 0.93 that is wanted, although 1 - 0.07 is a bit less in floating point.
    good = [point.threshold for point in curve if point.risk <= 1 - wanted + 1e-12]
    return good[-1] if good else NEVER


def measure_threshold(
    probability: float,
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    *,
    wanted: float,
    chosen_on: str,
) -> MeasuredThreshold:
    """What a threshold does on these texts."""
    decided = confidence >= probability
    count, hits = int(decided.sum()), int(right[decided].sum())
    low, high = interval(hits, count)
    return MeasuredThreshold(
        probability=probability,
        precision=hits / count if count else 0.0,
        coverage=count / len(decided),
        wanted=wanted,
        chosen_on=chosen_on,
        low=low,
        high=high,
    )


def interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion; of none everything is possible."""
    if count == 0:
        return 0.0, 1.0
    found = binomtest(hits, count).proportion_ci(confidence_level=0.95, method="wilson")
    return float(found.low), float(found.high)
