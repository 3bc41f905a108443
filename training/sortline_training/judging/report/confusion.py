"""Which labels the candidate takes for which."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ...metrics import Report
from .markup import element, label_of, percent
from .table import Column, scrolling, table

# More columns than this are no longer read as a matrix.
_MOST_LABELS_OF_A_MATRIX = 20
_MOST_PAIRS = 50
_SHADES = 5


def confusion(report: Report) -> Element:
    """The matrix of few labels; of many, the pairs that are most often confused."""
    if len(report.labels) <= _MOST_LABELS_OF_A_MATRIX:
        return _matrix(report)
    return _pairs(report)


def _matrix(report: Report) -> Element:
    head = element(
        "tr",
        element("th", "true label", scope="col", class_="text"),
        *(element("th", element("span", label_of(label)), scope="col", class_="turned") for label in report.labels),
    )
    body = element("tbody")
    for row, label in enumerate(report.labels):
        counts = report.confusion[row]
        total = max(sum(counts), 1)
        cells = [
            element("td", count, class_=f"number shade{_shade(count / total)}{' right' if row == column else ''}")
            for column, count in enumerate(counts)
        ]
        body.append(element("tr", element("th", label_of(label), scope="row", class_="text"), *cells))
    caption = "Confusion matrix: a row for each true label, a column for each predicted one; what is right is framed"
    return scrolling(
        "Confusion matrix",
        element("table", element("caption", caption), element("thead", head), body, class_="matrix"),
    )


def _pairs(report: Report) -> Element:
    found = [
        (count, row, column)
        for row, counts in enumerate(report.confusion)
        for column, count in enumerate(counts)
        if count > 0 and row != column
    ]
    shown = sorted(found, key=lambda pair: (-pair[0], pair[1], pair[2]))[:_MOST_PAIRS]
    return table(
        f"The {len(shown)} pairs of labels that are most often confused, of {len(found)}",
        (
            Column("true label"),
            Column("taken for"),
            Column("times", number=True),
            Column("of the true label's examples", number=True),
        ),
        [
            (
                label_of(report.labels[row]),
                label_of(report.labels[column]),
                count,
                percent(count / sum(report.confusion[row])),
            )
            for count, row, column in shown
        ],
    )


def _shade(part: float) -> int:
    return 0 if part == 0 else min(1 + int(part * _SHADES), _SHADES)
