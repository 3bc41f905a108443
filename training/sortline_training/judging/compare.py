"""Judges a candidate beside the model in service and the linear baseline, all on the same test set."""

from __future__ import annotations

from .difference import paired_difference
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
    seed: int,
) -> Evaluation:
    """Puts together what was judged.

    `test_labels`: of each test example; `test_cleaning`: version of the cleaning that their texts went through;
    `seed`: of the bootstrap.
    """

    def other(judged: Judged | None) -> Other | None:
        return None if judged is None else Other(judged, paired_difference(candidate.right, judged.right, seed=seed))

    notes = [*_of_cleaning("candidate", candidate, test_cleaning), *_of_labels("candidate", candidate)]
    untested = sorted(set(candidate.labels) - set(test_labels))
    if untested:
        notes.append(
            f"No test example has the {_named(untested)}: what the candidate does with such mail is not known."
        )
    if champion is not None:
        notes += [*_of_cleaning("champion", champion, test_cleaning), *_of_labels("champion", champion)]
        only_champion = sorted(set(champion.labels) - set(candidate.labels))
        if only_champion:
            notes.append(f"The champion knows the {_named(only_champion)}, which the candidate does not.")
    return Evaluation(
        candidate=candidate,
        champion=other(champion),
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
