from __future__ import annotations

import numpy as np
import pytest

from sortline_training.judging.selective import (
    Point,
    area_under,
    best_threshold,
    interval,
    measure_threshold,
    risk_coverage,
    thinned,
)


def random_predictions(seed: int, count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Few different confidences, so that many are equal."""
    generator = np.random.default_rng(seed)
    confidence = generator.integers(1, 60, count) / 60
    return confidence, generator.random(count) < confidence


@pytest.mark.parametrize("seed", range(5))
def test_each_point_is_what_deciding_from_its_threshold_on_does(seed: int) -> None:
    confidence, right = random_predictions(seed)
    curve = risk_coverage(confidence, right)
    assert [point.threshold for point in curve] == sorted(set(confidence), reverse=True)
    for point in curve:
        decided = confidence >= point.threshold
        assert point.coverage == pytest.approx(decided.mean())
        assert point.risk == pytest.approx((~right[decided]).mean())
    assert curve[-1].coverage == 1


def test_equal_confidences_are_never_parted() -> None:
    curve = risk_coverage(np.array([0.5, 0.5, 0.5, 0.5]), np.array([True, False, True, True]))
    assert curve == (Point(threshold=0.5, coverage=1.0, risk=0.25),)


def test_the_area_is_the_mean_risk_over_all_coverages() -> None:
    right = np.array([True, False, True, False, True])
    curve = risk_coverage(np.array([0.9, 0.8, 0.7, 0.6, 0.5]), right)
    assert area_under(curve) == pytest.approx(np.mean([0 / 1, 1 / 2, 1 / 3, 2 / 4, 2 / 5]))


def test_the_area_is_least_where_confidence_tells_right_from_wrong() -> None:
    confidence = np.linspace(1, 0.1, 10)
    right = np.array([True] * 7 + [False] * 3)
    assert area_under(risk_coverage(confidence, right)) < area_under(risk_coverage(confidence, right[::-1]))


def test_a_thinned_curve_keeps_its_ends() -> None:
    curve = risk_coverage(*random_predictions(1))
    short = thinned(curve, 10)
    assert len(short) == 10
    assert (short[0], short[-1]) == (curve[0], curve[-1])
    assert thinned(curve, 1000) == curve


@pytest.mark.parametrize("seed", range(5))
def test_the_threshold_decides_as_much_as_the_wanted_precision_allows(seed: int) -> None:
    confidence, right = random_predictions(seed)
    found = best_threshold(risk_coverage(confidence, right), 0.7)
    precisions = {each: right[confidence >= each].mean() for each in set(confidence)}
    assert found == min(each for each, precision in precisions.items() if precision >= 0.7)


def test_a_precision_that_is_met_exactly_is_met() -> None:
    # 1 - 0.07 is less than 0.93 in floating point.
    curve = risk_coverage(np.full(100, 0.8), np.array([True] * 93 + [False] * 7))
    assert best_threshold(curve, 0.93) == 0.8


def test_without_a_threshold_people_decide_everything() -> None:
    confidence, right = np.array([0.9, 1.0]), np.array([False, False])
    probability = best_threshold(risk_coverage(confidence, right), 0.95)
    assert probability > 1
    found = measure_threshold(probability, confidence, right, wanted=0.95, chosen_on="test")
    assert (found.precision, found.coverage, found.low, found.high) == (0, 0, 0, 1)


def test_a_threshold_is_measured_on_what_it_decides() -> None:
    confidence, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, False])
    found = measure_threshold(0.7, confidence, right, wanted=0.95, chosen_on="validation")
    assert (found.probability, found.precision, found.coverage) == (0.7, pytest.approx(2 / 3), 0.75)


def test_the_interval_of_a_proportion_is_that_of_the_textbooks() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263.
    low, high = interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
