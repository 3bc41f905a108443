from __future__ import annotations

import numpy as np
import pytest

from sortline_training.calibration import best_sharpness, fewest_for, softmax, threshold_for


def test_the_lowest_threshold_that_is_surely_precise_enough_is_chosen() -> None:
    confidence = np.concatenate([np.full(40, 0.9), np.full(40, 0.8), np.full(40, 0.7)])
    right = np.concatenate([np.full(40, True), np.full(39, True), [False], np.full(20, True), np.full(20, False)])
    threshold = threshold_for(confidence, right, 0.95)
    assert (threshold.probability, threshold.precision, threshold.coverage) == (0.8, 79 / 80, 80 / 120)
    assert 0.95 < threshold.low < 79 / 80


def test_equal_probabilities_are_not_parted() -> None:
    confidence = np.append(np.full(80, 0.9), 0.5)
    right = np.append(np.full(40, True), np.full(41, False))
    threshold = threshold_for(confidence, right, 0.9)
    assert (threshold.probability, threshold.coverage) == (1.01, 0.0)


@pytest.mark.parametrize(("wanted", "fewest"), [(0.8, 7), (0.95, 32), (0.99, 163)])
def test_few_texts_show_no_precision_even_where_all_are_right(wanted: float, fewest: int) -> None:
    assert fewest_for(wanted) == fewest
    for count in (fewest - 1, fewest):
        found = threshold_for(np.full(count, 0.9), np.full(count, True), wanted)
        assert (found.coverage == 1) == (count == fewest)


@pytest.mark.parametrize("texts", [100, 1_000])
def test_nine_thresholds_of_ten_keep_what_is_wanted_on_other_texts(texts: int) -> None:
    generator = np.random.default_rng(3)
    everything = 1 - generator.beta(0.4, 2.5, size=200_000)
    missed = 0
    for _ in range(500):
        confidence = 1 - generator.beta(0.4, 2.5, size=texts)
        threshold = threshold_for(confidence, generator.random(texts) < confidence, 0.95)
        above = everything[everything >= threshold.probability]
        missed += len(above) > 0 and above.mean() < 0.95
    assert missed / 500 == pytest.approx(0.1, abs=0.03)


def test_scores_that_are_too_sure_are_made_less_so() -> None:
    generator = np.random.default_rng(5)
    scores = generator.normal(size=(2_000, 4))
    truth = np.array([generator.choice(4, p=row) for row in softmax(scores)])
    assert best_sharpness(scores * 3, truth) == pytest.approx(1 / 3, abs=0.05)
