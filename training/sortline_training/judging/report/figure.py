"""A plot with its words and, for who does not see it, its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from ..evaluation import Evaluation
from ..figures import Judged
from ..selective import interval, thinned
from .markup import Content, element, percent
from .plot import Axis, Mark, Series, plot
from .table import Column, table

_MOST_POINTS = 200
_POINTS_IN_TABLE = 20
# The first texts are too few to say anything, and one mistake among them would flatten the rest of the plot.
_COVERAGE_THAT_COUNTS = 0.05
_HIGHEST_RISKS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def roles_of(evaluation: Evaluation) -> list[tuple[str, Judged]]:
    """The models, the candidate first."""
    others = (("champion", evaluation.champion), ("baseline", evaluation.baseline))
    return [("candidate", evaluation.candidate), *((role, each.judged) for role, each in others if each is not None)]


def reliability(evaluation: Evaluation) -> Element:
    """How often the models are right, against how sure they are."""
    models = roles_of(evaluation)
    series = [
        Series(
            role,
            line=[(each.confidence, each.accuracy) for each in judged.bins],
            marks=[
                Mark(each.confidence, each.accuracy, *(interval(round(each.accuracy * each.examples), each.examples)))
                if role == "candidate"
                else Mark(each.confidence, each.accuracy)
                for each in judged.bins
            ],
        )
        for role, judged in models
    ]
    drawn = plot(
        "reliability",
        "Reliability diagram: accuracy against confidence",
        Axis("how sure the model is", 1, 5),
        Axis("how often it is right", 1, 5),
        series,
        diagonal=True,
    )
    rows: list[Sequence[Content]] = [
        (
            role,
            f"{percent(each.low)} to {percent(each.high)}",
            each.examples,
            percent(each.confidence),
            percent(each.accuracy),
        )
        for role, judged in models
        for each in judged.bins
    ]
    return _figure(
        drawn,
        "On the dashed diagonal a model is right as often as it says. Below it, it is too sure of itself. The bars are "
        "95 % intervals for the candidate: where they are long, few texts lie.",
        table(
            "Accuracy by confidence",
            (
                Column("model"),
                Column("confidence from"),
                Column("examples", number=True),
                Column("mean confidence", number=True),
                Column("accuracy", number=True),
            ),
            rows,
        ),
    )


def risk_coverage(evaluation: Evaluation) -> Element:
    """How many of its decisions are wrong, against how many texts a model decides alone."""
    models = roles_of(evaluation)
    highest = max(
        point.risk for _, judged in models for point in judged.curve if point.coverage >= _COVERAGE_THAT_COUNTS
    )
    top = next(each for each in _HIGHEST_RISKS if each >= highest)
    threshold = evaluation.candidate.threshold
    chosen = [Mark(threshold.coverage, 1 - threshold.precision)] if threshold.coverage > 0 else []
    series = [
        Series(
            role,
            line=[(point.coverage, point.risk) for point in thinned(judged.curve, _MOST_POINTS)],
            marks=chosen if role == "candidate" else (),
        )
        for role, judged in models
    ]
    drawn = plot(
        "risk-coverage",
        "Risk–coverage curves: part of the decisions that is wrong against part of the texts decided",
        Axis("part of the texts that the model decides alone", 1, 5),
        Axis("part of these that is wrong", top, 5),
        series,
    )
    marked = "The round mark is the candidate's threshold. " if chosen else ""
    rows: list[Sequence[Content]] = [
        (role, percent(point.coverage), percent(point.risk), f"{point.threshold:.3f}")
        for role, judged in models
        for point in thinned(judged.curve, _POINTS_IN_TABLE)
    ]
    return _figure(
        drawn,
        "From right to left the model leaves more to people, those texts first of which it is least sure; the lower "
        f"the curve, the better. {marked}The first few texts at the left say little.",
        table(
            "Risk by coverage",
            (
                Column("model"),
                Column("coverage", number=True),
                Column("risk", number=True),
                Column("from probability", number=True),
            ),
            rows,
        ),
    )


def _figure(drawn: Element, caption: str, numbers: Element) -> Element:
    return element(
        "figure",
        drawn,
        element("figcaption", caption),
        element("details", element("summary", "The numbers of this plot"), numbers),
    )
