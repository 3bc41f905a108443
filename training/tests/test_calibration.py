from __future__ import annotations

import numpy as np
import pytest

from sortline_training.calibration import best_sharpness, softmax, threshold_for


def test_the_lowest_threshold_that_is_precise_enough_is_chosen() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, False, True, False])
    threshold = threshold_for(confidence, right, 0.75)
    assert (threshold.probability, threshold.precision, threshold.coverage) == (0.6, 0.75, 0.8)


def test_equal_probabilities_are_not_parted() -> None:
    confidence = np.array([0.9, 0.9, 0.5])
    threshold = threshold_for(confidence, np.array([True, False, False]), 0.9)
    assert (threshold.probability, threshold.coverage) == (1.01, 0.0)


@pytest.mark.parametrize("wanted", [0.6, 0.8, 0.95])
def test_what_is_above_a_threshold_is_as_often_right_as_wanted(wanted: float) -> None:
    generator = np.random.default_rng(3)
    confidence = generator.random(500)
    right = generator.random(500) < confidence
    threshold = threshold_for(confidence, right, wanted)
    above = confidence >= threshold.probability
    assert right[above].mean() == pytest.approx(threshold.precision)
    assert threshold.precision >= wanted
    assert above.mean() == pytest.approx(threshold.coverage)


def test_scores_that_are_too_sure_are_made_less_so() -> None:
    generator = np.random.default_rng(5)
    scores = generator.normal(size=(2_000, 4))
    truth = np.array([generator.choice(4, p=row) for row in softmax(scores)])
    assert best_sharpness(scores * 3, truth) == pytest.approx(1 / 3, abs=0.05)
