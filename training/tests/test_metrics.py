from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from sortline_training.metrics import Bin, calibration_bins, calibration_error, report_of

LABELS = ("a", "b", "c")


def test_figures_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(5)
    truth = [LABELS[number] for number in generator.integers(0, 3, 200)]
    probabilities = generator.dirichlet(np.ones(3), 200)
    predicted = [LABELS[number] for number in probabilities.argmax(axis=1)]
    report = report_of(truth, probabilities, LABELS)

    precision, recall, f1, support = precision_recall_fscore_support(truth, predicted, labels=list(LABELS))
    np.testing.assert_allclose([row.precision for row in report.classes], precision)
    np.testing.assert_allclose([row.recall for row in report.classes], recall)
    np.testing.assert_allclose([row.f1 for row in report.classes], f1)
    assert [row.support for row in report.classes] == support.tolist()
    assert report.macro_f1 == pytest.approx(f1.mean())
    assert np.array(report.confusion).tolist() == confusion_matrix(truth, predicted, labels=list(LABELS)).tolist()


def test_a_true_label_unknown_to_the_model_is_an_error() -> None:
    report = report_of(["a", "z"], np.array([[0.9, 0.1], [0.8, 0.2]]), ("a", "b"))
    assert report.accuracy == 0.5
    assert report.labels == ("a", "b", "z")
    assert report.confusion == ((1, 0, 0), (0, 0, 0), (1, 0, 0))


def test_calibration_error_is_the_distance_of_confidence_from_accuracy() -> None:
    assert calibration_error(np.full(10, 0.9), np.array([True] * 7 + [False] * 3)) == pytest.approx(0.2)
    assert calibration_error(np.ones(4), np.ones(4, dtype=bool)) == 0.0


def test_bins_hold_predictions_of_similar_confidence_and_certainty_is_in_the_last() -> None:
    bins = calibration_bins(np.array([0.61, 0.65, 1.0]), np.array([True, False, True]))
    assert bins == (
        Bin(low=9 / 15, high=10 / 15, examples=2, confidence=pytest.approx(0.63), accuracy=0.5),
        Bin(low=14 / 15, high=1.0, examples=1, confidence=1.0, accuracy=1.0),
    )
