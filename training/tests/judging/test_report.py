from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from numpy.typing import NDArray

from sortline_training.dataset import Examples
from sortline_training.judging.compare import compare
from sortline_training.judging.evaluation import Evaluation, as_text, to_json
from sortline_training.judging.figures import Judged, judge
from sortline_training.judging.report.page import page
from sortline_training.models import Model, OwnThreshold

HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror='a&b'>\"\u202e\x00"


def evaluation_of(
    labels: tuple[str, ...], count: int, *, name: str = "candidate-1", compared: bool = True
) -> Evaluation:
    """Of models that are right about half of the time."""
    generator = np.random.default_rng(1)
    truth = tuple(labels[number] for number in generator.integers(0, len(labels), count))
    examples = Examples(tuple(f"secret text {number}" for number in range(count)), truth)

    def judged(seed: int, name: str) -> Judged:
        rows = np.random.default_rng(seed).dirichlet(np.full(len(labels), 0.05), count)
        for row, label in zip(rows, truth, strict=True):
            if row[: len(labels) // 2].sum() < 0.5:
                row[labels.index(label)] += 1
        rows /= rows.sum(axis=1, keepdims=True)
        return judge(Model(name, "linear", "2", labels, lambda _texts: rows), examples, precision=0.9)

    return compare(
        judged(1, name),
        champion=judged(2, "champion-1") if compared else None,
        baseline=judged(3, "baseline") if compared else None,
        test_labels=truth,
        test_cleaning="2",
        split_by_text=False,
        seed=1,
    )


class Reader(HTMLParser):
    """Collects what a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_labels_and_names_are_text() -> None:
    text = page(evaluation_of((HOSTILE, "b"), 200, name=HOSTILE), title=HOSTILE)
    reader = Reader(text)
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert reader.text.count("<script>alert(1)</script>") > 10
    assert "\u202e" not in text
    assert "\x00" not in text


def test_nothing_is_loaded_or_run_and_the_policy_forbids_it() -> None:
    text = page(evaluation_of(("a", "b"), 200), title="t")
    reader = Reader(text)
    assert {"script", "iframe", "object", "a", "form"}.isdisjoint(reader.tags)
    assert [value for name, value in reader.attributes if name in ("src", "href")] == ["data:,"]
    assert not [name for name, _ in reader.attributes if name == "style" or name.startswith("on")]
    (policy,) = [value for name, value in reader.attributes if name == "content" and "default-src" in value]
    sheet = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert sheet is not None
    digest = base64.b64encode(hashlib.sha256(sheet.group(1).encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy


def test_the_text_of_a_mail_is_in_neither_file() -> None:
    evaluation = evaluation_of(("a", "b"), 200)
    assert "secret" not in page(evaluation, title="t")
    assert "secret" not in as_text(to_json(evaluation))


def test_few_labels_have_a_matrix_and_many_their_most_confused_pairs() -> None:
    few = page(evaluation_of(("a", "b", "c"), 300), title="t")
    assert "Confusion matrix" in few
    many = page(evaluation_of(tuple(f"label{number:03}" for number in range(40)), 2_000), title="t")
    assert "Confusion matrix" not in many
    assert "The 50 pairs of labels that are most often confused" in many
    pairs = re.findall(
        r"<tr><th[^>]*><bdi>(label\d+)</bdi></th><td[^>]*><bdi>(label\d+)</bdi></td><td[^>]*>(\d+)</td>", many
    )
    assert len(pairs) == 50
    assert all(true != predicted for true, predicted, _ in pairs)
    counts = [int(count) for *_, count in pairs]
    assert counts == sorted(counts, reverse=True)


def test_five_hundred_long_labels_make_a_page_that_can_be_opened() -> None:
    labels = tuple(f"{number:03}" + "<" * 197 for number in range(500))
    evaluation = evaluation_of(labels, 5_000)
    assert len(page(evaluation, title="t").encode()) < 2_000_000
    content = as_text(to_json(evaluation))
    assert len(content.encode()) < 2_000_000
    assert json.loads(content)["confusion"]["labels"] == list(labels)


@pytest.mark.parametrize(("count", "compared"), [(1, False), (1, True), (3, True)])
def test_a_test_set_of_almost_nothing_has_a_page_too(count: int, compared: bool) -> None:
    evaluation = evaluation_of(("a", "b"), count, compared=compared)
    assert "nan" not in Reader(page(evaluation, title="t")).text.lower()
    json.loads(as_text(to_json(evaluation)))


def test_each_plot_has_a_title_and_a_table_of_its_numbers() -> None:
    evaluation = evaluation_of(("a", "b"), 200)
    text = page(evaluation, title="t")
    plots = re.findall(r"<figure>.*?</figure>", text, re.DOTALL)
    assert len(plots) == 2
    for drawn in plots:
        assert re.search(r'<svg[^>]* role="img" aria-labelledby="([\w-]+)"><title id="\1">', drawn)
        assert re.search(r"<details><summary>.*<table>.*<caption>", drawn)


def test_the_candidate_is_said_to_be_better_only_where_the_interval_is_above_nothing() -> None:
    evaluation = evaluation_of(("a", "b"), 200)
    assert evaluation.champion is not None
    difference = evaluation.champion.difference
    assert difference.low <= 0 <= difference.high
    assert "This test set shows no difference in accuracy between the candidate and the champion" in page(
        evaluation, title="t"
    )


def text_of_page(rows: NDArray[np.float64], own: OwnThreshold | None) -> str:
    """What a page says of a candidate that gives these probabilities to ten texts of the label a."""
    examples = Examples(tuple(f"text {number}" for number in range(10)), ("a",) * 10)
    candidate = judge(Model("m", "linear", "2", ("a", "b"), lambda _texts: rows, own), examples, precision=0.9)
    evaluation = compare(
        candidate,
        champion=None,
        baseline=None,
        test_labels=examples.labels,
        test_cleaning="2",
        split_by_text=False,
        seed=1,
    )
    return Reader(page(evaluation, title="t")).text


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (OwnThreshold(1.01, 0.95), "in training, none was shown to make it right 95.0 % of the time"),
        (OwnThreshold(0.999, 0.95), "threshold, 0.999, was chosen in training. It is as sure of none of these texts"),
        (None, "No threshold makes it right 90.0 % of the time on these texts"),
    ],
)
def test_a_page_says_why_everything_is_left_to_people_and_names_no_mark_that_is_not_drawn(
    own: OwnThreshold | None, said: str
) -> None:
    # Sure of the wrong label where it has no threshold of its own, so that none is found here either.
    rows = np.array([[0.1, 0.9]] * 10 if own is None else [[0.9, 0.1]] * 10)
    text = text_of_page(rows, own)
    assert said in text
    assert "round mark" not in text


def test_a_page_names_the_mark_of_the_threshold_where_it_is_drawn() -> None:
    rows = np.array([[0.9, 0.1]] * 10)
    assert "round mark" in text_of_page(rows, None)
