from __future__ import annotations

from dataclasses import replace

import numpy as np

from sortline_training.dataset import Examples
from sortline_training.judging.compare import compare
from sortline_training.judging.evaluation import Evaluation
from sortline_training.judging.figures import Judged, judge
from sortline_training.models import Model

EXAMPLES = Examples(("t1", "t2"), ("a", "b"))


def judged(name: str, labels: tuple[str, ...] = ("a", "b"), cleaning: str = "2", sure_of: int = 0) -> Judged:
    row = np.full(len(labels), 0.1)
    row[sure_of] = 0.9
    model = Model(name, "linear", cleaning, labels, lambda texts: np.tile(row, (len(texts), 1)))
    return judge(model, EXAMPLES, precision=0.95)


def compared(candidate: Judged, champion: Judged | None = None) -> Evaluation:
    return compare(candidate, champion=champion, baseline=None, test_labels=EXAMPLES.labels, test_cleaning="2", seed=1)


def test_models_alike_need_no_note() -> None:
    evaluation = compared(judged("candidate"), judged("champion"))
    assert evaluation.notes == ()
    assert (evaluation.examples, evaluation.labels) == (2, 2)


def test_a_champion_of_another_cleaning_is_judged_and_that_is_told() -> None:
    evaluation = compared(judged("candidate"), judged("champion", cleaning="1", sure_of=1))
    assert evaluation.champion is not None
    assert evaluation.champion.judged.report.accuracy == 0.5
    assert evaluation.notes == (
        "The champion was trained on texts of cleaning version '1'; the test texts went through version '2', which may "
        "count against it.",
    )


def test_a_champion_of_other_labels_is_judged_and_that_is_told() -> None:
    evaluation = compared(judged("candidate"), judged("champion", labels=("a", "old")))
    assert evaluation.champion is not None
    assert evaluation.champion.judged.report.accuracy == 0.5
    assert evaluation.notes == (
        "1 test examples count as errors of the champion, which does not know the label b.",
        "The champion knows the label old, which the candidate does not.",
    )


def test_labels_of_the_candidate_that_nothing_tests_are_told_the_first_ten_of_them() -> None:
    labels = ("a", "b", *(f"n{number:02}" for number in range(12)))
    (note,) = compared(judged("candidate", labels=labels)).notes
    assert note.startswith("No test example has the labels n00, n01,")
    assert "n09 and 2 more: what the candidate does with such mail is not known." in note


def test_the_difference_is_that_of_the_candidate() -> None:
    better = replace(judged("candidate"), right=np.array([True, True]))
    evaluation = compared(better, judged("champion"))
    assert evaluation.champion is not None
    assert evaluation.champion.difference.accuracy == 0.5
