from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from sortline_training.judging.difference import Difference, paired_difference


def test_the_interval_is_that_of_scipys_paired_bootstrap() -> None:
    generator = np.random.default_rng(3)
    theirs = generator.random(400) < 0.8
    ours = np.where(generator.random(400) < 0.15, generator.random(400) < 0.9, theirs)
    found = paired_difference(ours, theirs, seed=1)
    expected = bootstrap(
        (ours.astype(float), theirs.astype(float)),
        lambda first, second, axis: first.mean(axis=axis) - second.mean(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=10_000,
        rng=np.random.default_rng(7),
    ).confidence_interval
    assert found.accuracy == pytest.approx(ours.mean() - theirs.mean())
    assert found.low == pytest.approx(expected.low, abs=0.003)
    assert found.high == pytest.approx(expected.high, abs=0.003)


def test_pairing_makes_the_interval_narrower_than_that_of_independent_models() -> None:
    theirs = np.random.default_rng(1).random(1000) < 0.8
    ours = theirs.copy()
    ours[np.flatnonzero(~theirs)[:10]] = True
    found = paired_difference(ours, theirs, seed=1)
    assert found.low > 0
    assert found.high < 0.02


def test_the_same_seed_gives_the_same_interval() -> None:
    # So many pairs that two draws hardly ever have the same percentiles.
    ours, theirs = np.array([True, True, False] * 30_000), np.array([True, False, True] * 30_000)
    found = paired_difference(ours, theirs, seed=4)
    assert found == paired_difference(ours, theirs, seed=4)
    assert found != paired_difference(ours, theirs, seed=5)


def test_models_that_are_right_on_the_same_texts_do_not_differ() -> None:
    right = np.array([True, False, True])
    assert paired_difference(right, right, seed=1) == Difference(0, 0, 0)


def test_swapping_the_models_turns_the_sign() -> None:
    ours, theirs = np.array([True] * 8 + [False] * 2), np.array([True] * 5 + [False] * 5)
    assert paired_difference(ours, theirs, seed=1).accuracy == pytest.approx(0.3)
    assert paired_difference(theirs, ours, seed=1).accuracy == pytest.approx(-0.3)
