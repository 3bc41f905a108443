"""What a model does on a test set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..dataset import Examples, digest_of
from ..errors import InputProblem
from ..metrics import Bin, Report, calibration_bins, report_of
from ..models import Model
from .selective import MeasuredThreshold, Point, area_under, best_threshold, measure_threshold, risk_coverage

# Enough to see what is wrong, few enough to look at.
_MOST_MISTAKES = 50


@dataclass(frozen=True)
class Mistake:
    """A test example that the model gets wrong."""

    id: str
    label: str
    predicted: str
    probability: float
    """Of the predicted label."""


@dataclass(frozen=True)
class Judged:
    """A model and its figures. Says nothing of the texts but their ids."""

    name: str
    algorithm: str
    cleaning: str
    labels: tuple[str, ...]
    """Those that the model tells apart."""
    report: Report
    bins: tuple[Bin, ...]
    curve: tuple[Point, ...]
    aurc: float
    threshold: MeasuredThreshold
    worst: tuple[Mistake, ...]
    """The most confident first, at most 50."""
    unknown_labels: tuple[str, ...]
    """Labels of the test set that the model does not know; their examples are errors."""
    unknown_examples: int
    right: NDArray[np.bool_]
    """Of each test example, in the test set's order."""
    learnt: NDArray[np.bool_] | None = None
    """Of each test example whether the model has learnt from its text; nothing where it does not tell."""


def judge(model: Model, examples: Examples, *, precision: float, learnt: frozenset[str] | None = None) -> Judged:
    """Measures a model on at least one example.

    `precision`: wanted of what the model decides alone, where it has no threshold of its own; `learnt`: digests of the
    texts of its training, where they are known. Raises InputProblem if what the model says are no probabilities.
    """
    probabilities = model.probabilities(examples.texts)
    broken = int((~np.isfinite(probabilities).all(axis=1)).sum())
    if broken > 0:
        raise InputProblem(
            f"the model {model.name} gives no probabilities for {broken} of {len(examples.texts)} test texts: its "
            "weights are not finite numbers, and it must be trained again"
        )
    columns = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(columns)), columns]
    predicted = [model.labels[column] for column in columns]
    right = np.array([ours == label for ours, label in zip(predicted, examples.labels, strict=True)])
    curve = risk_coverage(confidence, right)
    unknown = set(examples.labels) - set(model.labels)
    own = model.threshold
    return Judged(
        name=model.name,
        algorithm=model.algorithm,
        cleaning=model.cleaning,
        labels=model.labels,
        report=report_of(examples.labels, probabilities, model.labels),
        bins=calibration_bins(confidence, right),
        curve=curve,
        aurc=area_under(curve),
        threshold=measure_threshold(
            best_threshold(curve, precision) if own is None else own.probability,
            confidence,
            right,
            wanted=precision if own is None else own.wanted,
            chosen_on="test" if own is None else "validation",
        ),
        worst=_worst(examples, predicted, confidence, right),
        unknown_labels=tuple(sorted(unknown)),
        unknown_examples=sum(label in unknown for label in examples.labels),
        right=right,
        learnt=None if learnt is None else np.array([digest_of(text) in learnt for text in examples.texts]),
    )


def _worst(
    examples: Examples, predicted: list[str], confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[Mistake, ...]:
    wrong = np.flatnonzero(~right)
    chosen = wrong[np.argsort(-confidence[wrong], kind="stable")][:_MOST_MISTAKES]
    return tuple(
        Mistake(
            id=examples.ids[at],
            label=examples.labels[at],
            predicted=predicted[at],
            probability=round(float(confidence[at]), 6),
        )
        for at in chosen
    )
