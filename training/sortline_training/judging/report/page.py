"""The page as a whole."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from xml.etree.ElementTree import Element

from ..evaluation import Evaluation
from .confusion import confusion
from .figure import reliability, risk_coverage
from .markup import document, element, label_of, percent, style
from .summary import data, summary, threshold
from .table import Column, table


def page(evaluation: Evaluation, *, title: str) -> str:
    """`evaluation.html`. `title`: what the evaluation is called, for example the name of its job."""
    sheet = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    candidate = evaluation.candidate
    body = element(
        "body",
        element(
            "header",
            element("h1", "Evaluation of ", element("code", candidate.name)),
            element("p", "No text of a mail is on this page: records are named by their ids."),
        ),
        element(
            "main",
            _section("summary", "Summary", *summary(evaluation)),
            _section("reliability", "How sure it may be", reliability(evaluation)),
            _section("risk-coverage", "What to leave to people", threshold(candidate), risk_coverage(evaluation)),
            _section("classes", "Labels", _classes(evaluation)),
            _section("confusion", "What is taken for what", confusion(candidate.report)),
            _section("mistakes", "Worst mistakes", _mistakes(evaluation)),
            _section("data", "What the data were", data(evaluation)),
        ),
        element("footer", element("p", "What each figure says, and where it comes from: docs/judging.md of sortline.")),
    )
    return document(element("html", _head(sheet, title), body, lang="en"))


def _head(sheet: str, title: str) -> Element:
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        # A page from a web server asks for an icon otherwise.
        element("link", rel="icon", href="data:,"),
        element("title", f"{title} – sortline"),
        style(sheet),
    )


def _section(name: str, heading: str, *content: Element) -> Element:
    return element("section", element("h2", heading, id=f"{name}-heading"), *content, aria_labelledby=f"{name}-heading")


def _classes(evaluation: Evaluation) -> Element:
    rows = sorted(evaluation.candidate.report.classes, key=lambda row: (row.support == 0, row.f1, -row.support))
    return table(
        "The candidate's figures by label, the weakest first, and last those without test examples",
        (
            Column("label"),
            Column("F1", number=True),
            Column("precision", number=True),
            Column("recall", number=True),
            Column("examples", number=True),
        ),
        [
            (label_of(row.label), percent(row.f1), percent(row.precision), percent(row.recall), row.support)
            for row in rows
        ],
    )


def _mistakes(evaluation: Evaluation) -> Element:
    worst = evaluation.candidate.worst
    if not worst:
        return element("p", "The candidate makes no mistake on this test set.")
    wrong = int((~evaluation.candidate.right).sum())
    return table(
        f"The {len(worst)} mistakes of which the candidate is most sure, of {wrong}. Look at the label too: it may be "
        "what is wrong",
        (Column("id"), Column("label"), Column("predicted"), Column("probability", number=True)),
        [
            (
                element("code", mistake.id),
                label_of(mistake.label),
                label_of(mistake.predicted),
                f"{mistake.probability:.3f}",
            )
            for mistake in worst
        ],
    )
