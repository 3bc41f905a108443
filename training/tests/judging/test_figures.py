from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sortline_training.dataset import Examples
from sortline_training.errors import InputProblem
from sortline_training.judging.figures import judge
from sortline_training.models import Model, OwnThreshold


def model_that_says(rows: Sequence[Sequence[float]], threshold: OwnThreshold | None = None) -> Model:
    """A model with the labels a and b, and these probabilities whatever the texts."""
    return Model("m", "linear", "1", ("a", "b"), lambda _texts: np.array(rows), threshold)


def test_the_most_confident_mistakes_are_named_by_id() -> None:
    examples = Examples(("t1", "t2", "t3", "t4"), ("a", "b", "b", "a"), ("1", "2", "3", "4"))
    judged = judge(model_that_says([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.7, 0.3]]), examples, precision=0.95)
    assert [(each.id, each.label, each.predicted, each.probability) for each in judged.worst] == [
        ("3", "b", "a", 0.8),
        ("2", "b", "a", 0.6),
    ]
    assert judged.right.tolist() == [True, False, False, True]


def test_at_most_fifty_mistakes_are_kept() -> None:
    examples = Examples(tuple(f"t{number}" for number in range(80)), ("b",) * 80)
    judged = judge(model_that_says([[0.6, 0.4]] * 80), examples, precision=0.95)
    assert len(judged.worst) == 50


def test_a_threshold_of_the_models_own_is_measured_and_no_other_chosen() -> None:
    examples = Examples(("t1", "t2", "t3"), ("a", "a", "b"))
    model = model_that_says([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]], OwnThreshold(probability=0.75, wanted=0.9))
    found = judge(model, examples, precision=0.5).threshold
    assert (found.probability, found.wanted, found.chosen_on) == (0.75, 0.9, "validation")
    assert (found.precision, found.coverage) == (1, pytest.approx(2 / 3))


def test_without_one_the_threshold_is_chosen_on_the_test_set_and_says_so() -> None:
    examples = Examples(("t1", "t2", "t3"), ("a", "a", "b"))
    found = judge(model_that_says([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]]), examples, precision=0.9).threshold
    assert (found.probability, found.wanted, found.chosen_on) == (0.8, 0.9, "test")


def test_labels_that_the_model_does_not_know_are_counted() -> None:
    examples = Examples(("t1", "t2", "t3"), ("a", "new", "new"))
    judged = judge(model_that_says([[0.9, 0.1]] * 3), examples, precision=0.95)
    assert (judged.unknown_labels, judged.unknown_examples) == (("new",), 2)


def test_a_model_whose_probabilities_are_no_numbers_is_refused() -> None:
    examples = Examples(("t1", "t2"), ("a", "b"))
    with pytest.raises(InputProblem, match=r"the model m gives no probabilities for 1 of 2 test texts"):
        judge(model_that_says([[0.9, 0.1], [float("nan"), 0.5]]), examples, precision=0.95)
