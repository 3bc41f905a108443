from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sortline_training.dataset import Examples, digest_of
from sortline_training.judging.compare import compare
from sortline_training.judging.evaluation import Evaluation, to_json
from sortline_training.judging.figures import Judged, judge
from sortline_training.models import Model

EXAMPLES = Examples(("t1", "t2"), ("a", "b"))


def judged(
    name: str,
    labels: tuple[str, ...] = ("a", "b"),
    cleaning: str = "2",
    sure_of: int = 0,
    learnt: tuple[str, ...] | None = (),
) -> Judged:
    row = np.full(len(labels), 0.1)
    row[sure_of] = 0.9
    model = Model(name, "linear", cleaning, labels, lambda texts: np.tile(row, (len(texts), 1)))
    digests = None if learnt is None else frozenset(digest_of(text) for text in learnt)
    return judge(model, EXAMPLES, precision=0.95, learnt=digests)


def compared(candidate: Judged, champion: Judged | None = None, *, split_by_text: bool = False) -> Evaluation:
    return compare(
        candidate,
        champion=champion,
        baseline=None,
        test_labels=EXAMPLES.labels,
        test_cleaning="2",
        split_by_text=split_by_text,
        seed=1,
    )


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


def test_a_champion_that_has_learnt_from_test_examples_is_told_to_be_flattered_and_compared_without_them() -> None:
    # Both know the label of t1; of t2, which is new to both, only the candidate does.
    candidate = replace(judged("candidate"), right=np.array([False, True]))
    evaluation = compared(candidate, judged("champion", learnt=("t1", "t3")))
    assert evaluation.champion is not None
    assert evaluation.champion.difference.accuracy == 0
    assert evaluation.notes == (
        "The champion has learnt from 1 of the 2 test examples, which flatters it; without them the candidate's "
        "accuracy less the champion's is +1.0000 (95 %: +1.0000 to +1.0000).",
    )
    written: Any = to_json(evaluation)["champion"]
    assert written["learntFrom"] == 1
    assert written["differenceWithout"] == {"accuracy": 1, "low": 1, "high": 1}


def test_a_champion_that_has_learnt_from_all_test_examples_is_not_compared_without_them() -> None:
    evaluation = compared(judged("candidate"), judged("champion", learnt=("t1", "t2")))
    assert evaluation.notes == (
        "The champion has learnt from 2 of the 2 test examples, which flatters it: the comparison says nothing.",
    )
    written: Any = to_json(evaluation)["champion"]
    assert (written["learntFrom"], "differenceWithout" in written) == (2, False)


def test_a_champion_that_does_not_tell_what_it_has_learnt_from_is_noted() -> None:
    evaluation = compared(judged("candidate", learnt=None), judged("champion", learnt=None))
    assert evaluation.notes == (
        "Whether the champion has learnt from test examples is not known: its model does not tell.",
    )
    written: Any = to_json(evaluation)["champion"]
    assert "learntFrom" not in written


def test_a_candidate_that_has_learnt_from_test_examples_is_told_to_be_flattered() -> None:
    evaluation = compared(judged("candidate", learnt=("t2",)))
    assert to_json(evaluation)["learntFrom"] == 1
    (note,) = evaluation.notes
    assert note == "The candidate has learnt from 1 of the 2 test examples: it does worse on new mail."


def test_another_cleaning_may_flatter_a_champion_where_texts_decide_about_the_split() -> None:
    champion = judged("champion", cleaning="1")
    assert len(compared(judged("candidate"), champion).notes) == 1
    _, note = compared(judged("candidate"), champion, split_by_text=True).notes
    assert note.startswith("Some test examples have no id but a digest of their cleaned text. Where")
    assert compared(judged("candidate"), judged("champion"), split_by_text=True).notes == ()


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
