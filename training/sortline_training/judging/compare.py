"""Judges a candidate beside the model in service and the linear baseline, all on the same test set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .difference import Difference, paired_difference
from .evaluation import Evaluation, Other
from .figures import Judged

_MOST_LABELS_NAMED = 10


def compare(
    candidate: Judged,
    *,
    champion: Judged | None,
    baseline: Judged | None,
    test_labels: tuple[str, ...],
    test_cleaning: str,
    split_by_text: bool,
    seed: int,
) -> Evaluation:
    """Puts together what was judged.

    `test_labels`: of each test example; `test_cleaning`: version of the cleaning that their texts went through;
    `split_by_text`: whether any of them is known by its text alone, which then may decide that it is a test example;
    `seed`: of the bootstrap.
    """

    def other(judged: Judged | None) -> Other | None:
        if judged is None:
            return None
        return Other(
            judged, paired_difference(candidate.right, judged.right, seed=seed), _without(candidate, judged, seed)
        )

    of_champion = other(champion)
    notes = [*_of_cleaning("candidate", candidate, test_cleaning), *_of_labels("candidate", candidate)]
    if candidate.learnt is not None and candidate.learnt.any():
        notes.append(f"{_learnt('candidate', candidate.learnt)}: it does worse on new mail.")
    untested = sorted(set(candidate.labels) - set(test_labels))
    if untested:
        notes.append(
            f"No test example has the {_named(untested)}: what the candidate does with such mail is not known."
        )
    if champion is not None and of_champion is not None:
        notes += [*_of_cleaning("champion", champion, test_cleaning), *_of_labels("champion", champion)]
        notes += _of_learnt(champion, of_champion.difference_without)
        if split_by_text and champion.cleaning != test_cleaning:
            notes.append(
                "Some test examples have no id but a digest of their cleaned text. Where texts were split by that, the "
                "champion may have learnt from test examples that its cleaning left otherwise, which would flatter it."
            )
        only_champion = sorted(set(champion.labels) - set(candidate.labels))
        if only_champion:
            notes.append(f"The champion knows the {_named(only_champion)}, which the candidate does not.")
    return Evaluation(
        candidate=candidate,
        champion=of_champion,
        baseline=other(baseline),
        examples=len(test_labels),
        labels=len(set(test_labels)),
        notes=tuple(notes),
    )


def _of_cleaning(who: str, judged: Judged, test_cleaning: str) -> list[str]:
    if judged.cleaning == test_cleaning:
        return []
    return [
        f"The {who} was trained on texts of cleaning version {judged.cleaning!r}; the test texts went through version "
        f"{test_cleaning!r}, which may count against it."
    ]


def _of_learnt(champion: Judged, without: Difference | None) -> list[str]:
    if champion.learnt is None:
        return ["Whether the champion has learnt from test examples is not known: its model does not tell."]
    if not champion.learnt.any():
        return []
    told = f"{_learnt('champion', champion.learnt)}, which flatters it"
    if without is None:
        return [f"{told}: the comparison says nothing."]
    return [
        f"{told}; without them the candidate's accuracy less the champion's is {without.accuracy:+.4f} "
        f"(95 %: {without.low:+.4f} to {without.high:+.4f})."
    ]


def _learnt(who: str, learnt: NDArray[np.bool_]) -> str:
    return f"The {who} has learnt from {int(learnt.sum())} of the {len(learnt)} test examples"


def _without(candidate: Judged, other: Judged, seed: int) -> Difference | None:
    """The difference on the test examples that are new to the other model, where there are such and others."""
    if other.learnt is None or not other.learnt.any() or other.learnt.all():
        return None
    new = ~other.learnt
    return paired_difference(candidate.right[new], other.right[new], seed=seed)


def _of_labels(who: str, judged: Judged) -> list[str]:
    if not judged.unknown_labels:
        return []
    return [
        f"{judged.unknown_examples} test examples count as errors of the {who}, which does not know the "
        f"{_named(judged.unknown_labels)}."
    ]


def _named(labels: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(labels) - _MOST_LABELS_NAMED} more" if len(labels) > _MOST_LABELS_NAMED else ""
    return f"label{'s' if len(labels) > 1 else ''} {', '.join(labels[:_MOST_LABELS_NAMED])}{more}"
