"""How well predictions fit: accuracy, macro-F1, calibration error, a row a class, the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 15


@dataclass(frozen=True)
class ClassRow:
    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Report:
    accuracy: float
    macro_f1: float
    """Mean F1 of the labels that occur in the truth or were predicted."""
    ece: float
    """Expected calibration error, 0 to 1: how far confidence is from accuracy, over 15 bins of equal width."""
    classes: tuple[ClassRow, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows are true labels, columns predicted ones."""


def report_of(truth: Sequence[str], probabilities: NDArray[np.float64], labels: Sequence[str]) -> Report:
    """Measures probabilities, one column for each of `labels`. A true label that is not among them is an error."""
    every_label = tuple(sorted({*truth, *labels}))
    number = {label: index for index, label in enumerate(every_label)}
    true_numbers = np.array([number[label] for label in truth])
    column_numbers = np.array([number[label] for label in labels])
    predicted = column_numbers[probabilities.argmax(axis=1)]
    confidence = probabilities.max(axis=1)
    right = predicted == true_numbers

    confusion = np.zeros((len(every_label), len(every_label)), dtype=np.int64)
    np.add.at(confusion, (true_numbers, predicted), 1)
    rows = tuple(_class_row(label, index, confusion) for index, label in enumerate(every_label))
    occurring = [row.f1 for index, row in enumerate(rows) if confusion[index].any() or confusion[:, index].any()]
    return Report(
        accuracy=float(right.mean()),
        macro_f1=float(np.mean(occurring)),
        ece=calibration_error(confidence, right),
        classes=rows,
        labels=every_label,
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
    )


@dataclass(frozen=True)
class Bin:
    """Predictions of similar confidence."""

    low: float
    high: float
    """Confidence from `low` to `high`; 1 is in the last bin."""
    examples: int
    """At least one: a bin without predictions is left out."""
    confidence: float
    """Mean of theirs."""
    accuracy: float


def calibration_bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Predictions by confidence, in bins of equal width."""
    numbers = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return tuple(
        Bin(
            low=number / _BINS,
            high=(number + 1) / _BINS,
            examples=int(inside.sum()),
            confidence=float(confidence[inside].mean()),
            accuracy=float(right[inside].mean()),
        )
        for number in range(_BINS)
        if (inside := numbers == number).any()
    )


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance of confidence from accuracy over bins, weighted by how many predictions fall in them."""
    distances = [each.examples * abs(each.accuracy - each.confidence) for each in calibration_bins(confidence, right)]
    return float(sum(distances) / len(confidence))


def _class_row(label: str, index: int, confusion: NDArray[np.int64]) -> ClassRow:
    hits = int(confusion[index, index])
    support = int(confusion[index].sum())
    predicted = int(confusion[:, index].sum())
    return ClassRow(
        label=label,
        precision=hits / predicted if predicted else 0.0,
        recall=hits / support if support else 0.0,
        f1=2 * hits / (support + predicted) if support + predicted else 0.0,
        support=support,
    )
