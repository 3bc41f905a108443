from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from jobs import RunJob, write_csv

import inference
from sortline_training.dataset import Examples

pytest.importorskip("torch", reason="needs torch and transformers")

import torch
from torch import nn

from sortline_training.bert import numeric_precision, precision_check
from sortline_training.bert.numeric_precision import chosen_precision, fastest_first
from sortline_training.bert.precision_check import Checked, Measured, check_precisions, holds, measure
from sortline_training.bert.scores import Labelled
from sortline_training.bert.tokens import Sequences


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """Makes this machine one with the given units."""

    def have(*, bfloat16: bool, vnni: bool) -> None:
        monkeypatch.setattr(numeric_precision, "has_bfloat16", lambda _kind: bfloat16)
        monkeypatch.setattr(numeric_precision, "has_vnni", lambda: vnni)

    return have


@pytest.mark.parametrize(
    ("bfloat16", "vnni", "kind", "expected"),
    [
        (True, True, "cpu", ("bfloat16", "int8", "float32")),
        (False, True, "cpu", ("int8", "float32")),
        (False, False, "cpu", ("float32",)),
        (True, True, "cuda", ("bfloat16", "float32")),
        (False, True, "cuda", ("float32",)),
    ],
)
def test_the_hardware_decides_what_is_fastest(
    machine, bfloat16: bool, vnni: bool, kind: str, expected: Sequence[str]
) -> None:
    machine(bfloat16=bfloat16, vnni=vnni)
    assert fastest_first(kind) == expected


def test_a_precision_that_does_not_hold_is_not_used(machine) -> None:
    machine(bfloat16=True, vnni=True)
    assert chosen_precision(["bfloat16", "int8"], "cpu", {}) == "bfloat16"
    assert chosen_precision(["int8"], "cpu", {}) == "int8"
    assert chosen_precision([], "cpu", {"SORTLINE_PRECISION": ""}) == "float32"


def test_a_precision_can_be_forced_and_one_that_does_not_hold_is_told_of(
    machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine(bfloat16=False, vnni=False)
    assert chosen_precision(["bfloat16"], "cpu", {"SORTLINE_PRECISION": "bfloat16"}) == "bfloat16"
    assert chosen_precision(["bfloat16"], "cpu", {"SORTLINE_PRECISION": "float32"}) == "float32"
    assert caplog.text == ""
    assert chosen_precision(["bfloat16"], "cpu", {"SORTLINE_PRECISION": "int8"}) == "int8"
    assert "SORTLINE_PRECISION forces int8" in caplog.text


@pytest.mark.parametrize(
    ("forced", "kind", "valid"),
    [("fp16", "cpu", "float32, bfloat16, int8"), ("INT8", "cpu", "int8"), ("int8", "cuda", "float32, bfloat16,")],
)
def test_an_unknown_precision_is_an_error_that_lists_the_valid_ones(forced: str, kind: str, valid: str) -> None:
    with pytest.raises(ValueError, match=f"SORTLINE_PRECISION is '{forced}'.*{valid}"):
        chosen_precision([], kind, {"SORTLINE_PRECISION": forced})


FULL = Measured(accuracy=0.9, agreement=1, precision=0.96, coverage=0.8, moved=0)


@pytest.mark.parametrize(
    ("changes", "texts", "expected"),
    [
        ({}, 1_000, True),
        ({"accuracy": 0.895, "agreement": 0.98}, 1_000, True),
        ({"accuracy": 0.894}, 1_000, False),
        ({"accuracy": 0.89}, 100, True),
        ({"accuracy": 0.88}, 100, False),
        ({"accuracy": 0.92, "precision": 0.97}, 1_000, True),
        ({"precision": 0.956}, 1_000, True),
        ({"precision": 0.95}, 1_000, False),
        ({"moved": 0.02}, 1_000, True),
        ({"moved": 0.03}, 1_000, False),
        ({"coverage": 0.781}, 1_000, True),
        ({"coverage": 0.77}, 1_000, False),
        ({"coverage": 0.83}, 1_000, False),
    ],
)
def test_a_precision_holds_where_nothing_that_counts_is_lost(
    changes: dict[str, float], texts: int, expected: bool
) -> None:
    assert holds(Measured(**{**vars(FULL), **changes}), FULL, texts=texts) is expected


def test_a_model_that_decides_nothing_alone_is_held_to_its_accuracy() -> None:
    never = Measured(accuracy=0.9, agreement=1, precision=0, coverage=0, moved=0)
    assert holds(never, never, texts=1_000)
    assert not holds(Measured(**{**vars(never), "accuracy": 0.8}), never, texts=1_000)


def test_figures_are_those_of_what_was_computed() -> None:
    full = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
    reduced = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.3, 0.7]])
    measured = measure(reduced, full, np.array([0, 0, 1, 0]), threshold=0.7)
    assert vars(measured) == {
        "accuracy": 0.5,
        "agreement": 0.75,
        "precision": pytest.approx(2 / 3),
        "coverage": 0.75,
        "moved": pytest.approx((0.2 + 0.1) / 4),
    }


class Tiny(nn.Module):
    """Scores of tokens as an encoder gives them, and as wrong as wanted once it is no longer in full precision."""

    base_model_prefix = "encoder"

    def __init__(self, spoilt: float) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 2, bias=False))
        self.encoder[0].weight.data = torch.eye(2)
        self.spoilt = spoilt

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor):
        assert attention_mask.all()
        layer = self.encoder[0]
        full = isinstance(layer, nn.Linear) and layer.weight.dtype == torch.float32
        seen = nn.functional.one_hot(input_ids[:, 0], 2).float()
        if full:
            return Scores(layer(seen))
        wrong = torch.arange(len(seen)) < round(self.spoilt * len(seen))
        return Scores(torch.where(wrong[:, None], 1 - seen, seen))


class Scores:
    def __init__(self, logits: torch.Tensor) -> None:
        self.logits = logits


def checked(model: nn.Module, texts: int, log: list[str] | None = None, *, tokens: int = 1) -> Checked:
    labels = np.arange(texts) % 2
    sequences = Sequences(tuple((int(label),) * tokens for label in labels), np.arange(texts), 0)
    said = [] if log is None else log
    return check_precisions(
        model,
        Labelled(sequences, labels, 0),
        sharpness=5.0,
        threshold=0.9,
        device=torch.device("cpu"),
        log=said.append,
    )


def test_a_model_that_loses_accuracy_in_fewer_bits_does_not_hold() -> None:
    good, bad = checked(Tiny(0), 200), checked(Tiny(0.1), 200)
    assert (good.texts, good.holding) == (200, ("bfloat16", "int8"))
    assert (bad.texts, bad.holding) == (200, ())
    assert bad.figures["float32"].accuracy == 1
    assert bad.figures["int8"].accuracy == pytest.approx(0.9)


def test_few_held_out_texts_say_nothing() -> None:
    log: list[str] = []
    assert checked(Tiny(0), 49, log) == Checked(texts=0, figures={}, holding=())
    assert log == ["49 held-out texts are too few to tell in what numbers it may be served: in full precision"]


def test_many_held_out_texts_are_measured_in_part() -> None:
    assert checked(Tiny(0), 5_000).texts == 2_000
    assert checked(Tiny(0), 200, tokens=655).texts == 100
    # Of long ones, as many all the same as say something.
    assert checked(Tiny(0), 200, tokens=4_000).texts == 50


def test_a_precision_in_which_a_model_cannot_be_computed_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(model: nn.Module, precision: str) -> nn.Module:
        if precision == "int8":
            raise NotImplementedError("no such operator")
        return model

    monkeypatch.setattr(precision_check, "in_precision", broken)
    log: list[str] = []
    assert checked(Tiny(0), 100, log).holding == ("bfloat16",)
    assert any("in int8 it cannot be computed (NotImplementedError: no such operator)" in line for line in log)


def described(folder: Path, **changes: object) -> None:
    """Changes what is stored with a model."""
    file = folder / "sortline.json"
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def test_a_job_stores_which_precisions_hold_and_with_what_figures(
    run_job: RunJob, examples: Examples, tiny_bert: Path, tmp_path: Path
) -> None:
    many = Examples(
        texts=tuple(f"{first} {second}" for first in examples.texts for second in examples.texts[:6]),
        labels=tuple(label for label in examples.labels for _ in range(6)),
    )
    write_csv(tmp_path / "train" / "data.csv", many)
    named = ("--algorithm", "bert", "--cleaning", "1", "--base-model", str(tiny_bert), "--longest", "32")
    job = run_job("train.py", *named, "--epochs", "1", "--validation", "0.4", channels=["train"])
    assert job.returncode == 0, job.stderr
    stored = json.loads((tmp_path / "model" / "sortline.json").read_text(encoding="utf-8"))
    precisions = stored["numericPrecisions"]
    assert precisions["texts"] == stored["facts"]["validation"]["examples"]
    assert set(precisions["figures"]) == {"float32", "bfloat16", "int8"}
    assert set(precisions["figures"]["int8"]) == {"accuracy", "agreement", "precision", "coverage", "moved"}
    assert precisions["figures"]["int8"]["agreement"] > 0.8
    # Its own objective is still the last metric.
    assert job.stdout.splitlines()[-1].startswith("validation:macro_f1=")


def test_a_model_is_served_in_what_holds(trained: Path, machine) -> None:
    machine(bfloat16=False, vnni=True)
    assert inference.model_fn(str(trained)).numbers == "float32"
    described(trained, numericPrecisions={"holding": ["int8"]})
    assert inference.model_fn(str(trained)).numbers == "int8"


def test_a_model_that_was_stored_without_such_figures_answers_in_full_precision(trained: Path, machine) -> None:
    machine(bfloat16=True, vnni=True)
    stored = json.loads((trained / "sortline.json").read_text(encoding="utf-8"))
    del stored["numericPrecisions"]
    (trained / "sortline.json").write_text(json.dumps(stored), encoding="utf-8")
    model = inference.model_fn(str(trained))
    assert model.numbers == "float32"
    assert {parameter.dtype for parameter in model.module.parameters()} == {torch.float32}


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_answers_in_fewer_bits_are_those_of_full_precision(
    trained: Path, examples: Examples, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    def answers(forced: str) -> np.ndarray:
        monkeypatch.setenv("SORTLINE_PRECISION", forced)
        model = inference.model_fn(str(trained))
        assert model.numbers == forced
        return model.probabilities(examples.texts)

    full, reduced = answers("float32"), answers(precision)
    assert not np.array_equal(full, reduced)
    np.testing.assert_allclose(reduced, full, atol=0.02)


def test_a_text_has_the_same_probabilities_alone_and_among_others_in_int8(
    trained: Path, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SORTLINE_PRECISION", "int8")
    model = inference.model_fn(str(trained))
    texts = [*examples.texts, "parcel " * 200, ""]
    alone = np.concatenate([model.probabilities([text]) for text in texts])
    # Padding changes sums by a last digit in float32, and that may round to the next whole number.
    np.testing.assert_allclose(model.probabilities(texts), alone, rtol=0, atol=0.005)


def test_an_unknown_precision_in_the_environment_stops_serving(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORTLINE_PRECISION", "half")
    with pytest.raises(inference.ModelFailure, match="must be one of float32, bfloat16, int8, or not set"):
        inference.model_fn(str(trained))
