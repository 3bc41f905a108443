"""`evaluation.json`: what was found out, for programs. Holds no text of a mail; records are named by id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from .difference import Difference
from .figures import Judged
from .selective import thinned

VERSION = 2
_MOST_POINTS = 200


@dataclass(frozen=True)
class Other:
    """Another model on the same test set, and how far the candidate is ahead of it."""

    judged: Judged
    difference: Difference
    difference_without: Difference | None = None
    """Without the test examples that the other has learnt from, where there are such and others."""


@dataclass(frozen=True)
class Evaluation:
    """A candidate and what it is compared with."""

    candidate: Judged
    champion: Other | None
    """The model in service, if there is one."""
    baseline: Other | None
    """The linear model of the candidate's training data, where these were given."""
    examples: int
    """Of the test set."""
    labels: int
    """Of the test set."""
    notes: tuple[str, ...]
    """What a reader must know to understand the figures, a sentence each."""


def to_json(evaluation: Evaluation) -> dict[str, object]:
    """The content of `evaluation.json`."""
    candidate, champion, baseline = evaluation.candidate, evaluation.champion, evaluation.baseline
    report, threshold = candidate.report, candidate.threshold
    content: dict[str, object] = {
        "version": VERSION,
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
        "ece": report.ece,
        "classes": [asdict(row) for row in report.classes],
        "confusion": {"labels": report.labels, "matrix": report.confusion},
        "model": candidate.name,
        "algorithm": candidate.algorithm,
        "cleaning": candidate.cleaning,
        "test": {"examples": evaluation.examples, "labels": evaluation.labels},
        "aurc": candidate.aurc,
        "riskCoverage": [
            {
                "coverage": round(point.coverage, 6),
                "risk": round(point.risk, 6),
                "threshold": round(point.threshold, 6),
            }
            for point in thinned(candidate.curve, _MOST_POINTS)
        ],
        "threshold": {
            "probability": threshold.probability,
            "precision": threshold.precision,
            "coverage": threshold.coverage,
            "wanted": threshold.wanted,
            "chosenOn": threshold.chosen_on,
        },
        "worst": [asdict(mistake) for mistake in candidate.worst],
        "unknownLabels": candidate.unknown_labels,
        **_learnt_from(candidate),
        "notes": evaluation.notes,
    }
    if champion is not None:
        content["champion"] = {"model": champion.judged.name, **_other(champion), **_learnt(champion)}
    if baseline is not None:
        content["baseline"] = _other(baseline)
    return content


def as_text(content: Mapping[str, object]) -> str:
    """JSON with a line for each field: the matrix of many labels would take a line for each cell otherwise."""
    fields = (
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}"
        for name, value in content.items()
    )
    return "{\n " + ",\n ".join(fields) + "\n}\n"


def _learnt(other: Other) -> dict[str, object]:
    without = other.difference_without
    return {
        **_learnt_from(other.judged),
        **({} if without is None else {"differenceWithout": asdict(without)}),
    }


def _learnt_from(judged: Judged) -> dict[str, object]:
    return {} if judged.learnt is None else {"learntFrom": int(judged.learnt.sum())}


def _other(other: Other) -> dict[str, object]:
    judged = other.judged
    return {
        "algorithm": judged.algorithm,
        "cleaning": judged.cleaning,
        "accuracy": judged.report.accuracy,
        "macro_f1": judged.report.macro_f1,
        "ece": judged.report.ece,
        "aurc": judged.aurc,
        "unknownLabels": judged.unknown_labels,
        "difference": asdict(other.difference),
    }
