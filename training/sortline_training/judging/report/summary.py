"""The figures side by side, and in words what they say."""

from __future__ import annotations

import statistics
from xml.etree.ElementTree import Element

from ..evaluation import Evaluation, Other
from ..figures import Judged
from ..selective import MeasuredThreshold, interval
from .figure import roles_of
from .markup import element, percent, points
from .table import Column, table


def summary(evaluation: Evaluation) -> list[Element]:
    """The table of the models, how the candidate compares, and what a reader must know."""
    others = (("champion in service", evaluation.champion), ("linear baseline", evaluation.baseline))
    sentences = [element("p", _verdict(who, other), class_="verdict") for who, other in others if other is not None]
    if evaluation.champion is None:
        sentences.append(element("p", "It is compared with no champion."))
    notes = [element("ul", *(element("li", note) for note in evaluation.notes), class_="notes")]
    return [*sentences, _models(evaluation), *(notes if evaluation.notes else [])]


def threshold(candidate: Judged) -> Element:
    """What the candidate's threshold does."""
    found = candidate.threshold
    if found.coverage == 0:
        return element("p", _undecided(found))
    chosen = (
        "It was chosen in training, on texts held out there."
        if found.chosen_on == "validation"
        else "It was chosen on these very texts, which flatters it a little."
    )
    return element(
        "p",
        f"From a probability of {found.probability:.3f} on, the candidate decides {percent(found.coverage)} of the "
        f"texts alone and is right in {percent(found.precision)} of them (95 % interval {percent(found.low)} to "
        f"{percent(found.high)}); {percent(found.wanted)} was wanted. {chosen}",
    )


def _undecided(found: MeasuredThreshold) -> str:
    """Why the candidate's threshold leaves all of these texts to people."""
    if found.probability <= 1:
        return (
            f"The candidate's threshold, {found.probability:.3f}, was chosen in training. It is as sure of none of "
            "these texts, and leaves all of them to people."
        )
    if found.chosen_on == "validation":
        return (
            f"The candidate has no threshold and leaves everything to people: in training, none was shown to make it "
            f"right {percent(found.wanted)} of the time. More labelled texts may show one."
        )
    return f"No threshold makes it right {percent(found.wanted)} of the time on these texts: people decide everything."


def data(evaluation: Evaluation) -> Element:
    """What was judged on."""
    supports = sorted(row.support for row in evaluation.candidate.report.classes if row.support > 0)
    rows = [
        ("test examples", f"{evaluation.examples}"),
        ("labels in the test set", f"{evaluation.labels}"),
        (
            "examples of a label",
            f"{supports[0]} to {supports[-1]}, median {statistics.median(supports):g}",
        ),
    ]
    for role, judged in roles_of(evaluation):
        rows.append((f"labels that the {role} knows", f"{len(judged.labels)}"))
        rows.append((f"cleaning that the {role} was trained on", f"version {judged.cleaning}"))
    return table("Test set and models", (Column(""), Column("")), rows)


def _models(evaluation: Evaluation) -> Element:
    models = roles_of(evaluation)
    rows = [("model", *(element("code", judged.name) for _, judged in models))]
    rows.append(("algorithm", *(judged.algorithm for _, judged in models)))
    rows.append(("accuracy", *(percent(judged.report.accuracy) for _, judged in models)))
    rows.append(("95 % interval", *(_interval(judged) for _, judged in models)))
    rows.append(("macro-F1", *(percent(judged.report.macro_f1) for _, judged in models)))
    rows.append(("expected calibration error", *(percent(judged.report.ece) for _, judged in models)))
    rows.append(("area under risk–coverage", *(percent(judged.aurc) for _, judged in models)))
    return table(
        "The models on the same test set",
        (Column("figure"), *(Column(role, number=True) for role, _ in models)),
        rows,
    )


def _interval(judged: Judged) -> str:
    low, high = interval(int(judged.right.sum()), len(judged.right))
    return f"{percent(low)} to {percent(high)}"


def _verdict(who: str, other: Other) -> str:
    found = other.difference
    if (found.accuracy, found.low, found.high) == (0, 0, 0):
        return f"The candidate and the {who} are right and wrong on the same texts."
    figures = f"{points(found.accuracy)} points, 95 % interval {points(found.low)} to {points(found.high)}"
    if found.low > 0:
        return f"The candidate is right more often than the {who}: {figures}."
    if found.high < 0:
        return f"The candidate is right less often than the {who}: {figures}."
    return f"This test set shows no difference in accuracy between the candidate and the {who}: {figures}."
