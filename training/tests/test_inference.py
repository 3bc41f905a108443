from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import inference
from sortline_training.dataset import Examples
from sortline_training.fitting import fit_once
from sortline_training.linear_model import LinearModel


@pytest.fixture
def model(examples: Examples, tmp_path: Path) -> LinearModel:
    replace(fit_once(examples), cleaning="1", name="job-1").save(tmp_path)
    return inference.model_fn(str(tmp_path))


def body(inputs: object, cleaning: object = "1") -> bytes:
    return json.dumps({"inputs": inputs, "parameters": {"cleaning": cleaning}}).encode()


def answer(model: LinearModel, request: bytes) -> list[dict[str, object]]:
    data = inference.input_fn(request, "application/json; charset=utf-8")
    return json.loads(inference.output_fn(inference.predict_fn(data, model), "application/json"))


def test_one_prediction_comes_back_for_each_text_in_order(model: LinearModel) -> None:
    predictions = answer(model, body(["Where is my parcel?", "The invoice is wrong, I paid twice."]))
    assert [prediction["label"] for prediction in predictions] == ["delivery", "payment"]
    assert all(1 / 3 < prediction["probability"] <= 1 for prediction in predictions)
    assert all((prediction["model"], prediction["cleaning"]) == ("job-1", "1") for prediction in predictions)


def test_all_scores_come_on_demand(model: LinearModel) -> None:
    wanted = {"inputs": ["Where is my parcel?"], "parameters": {"cleaning": "1", "scores": True}}
    (prediction,) = answer(model, json.dumps(wanted).encode())
    scores = prediction["scores"]
    assert isinstance(scores, dict)
    assert sorted(scores) == ["delivery", "fault", "payment"]
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert max(scores, key=lambda label: scores[label]) == prediction["label"]


def test_a_model_that_cannot_be_loaded_is_no_fault_of_a_request(tmp_path: Path) -> None:
    with pytest.raises(inference.ModelFailure, match=r"^internal failure: the model cannot be loaded: .*model"):
        inference.model_fn(str(tmp_path))


def test_a_failure_of_the_models_own_is_told_from_a_wrong_request() -> None:
    class Broken:
        labels, cleaning, name = ("a", "b"), "1", "broken"

        def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
            raise MemoryError(f"no room for {texts[0]}")

    with pytest.raises(inference.ModelFailure, match="internal failure: MemoryError with 1 texts") as caught:
        inference.predict_fn(inference.Request(["secret"], "1"), Broken())
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_model_that_has_no_numbers_to_say_is_a_failure_of_its_own() -> None:
    class Diverged:
        labels, cleaning, name = ("a", "b"), "1", "diverged"

        def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
            return np.array([[0.5, 0.5]] * (len(texts) - 1) + [[np.nan, np.nan]])

    with pytest.raises(inference.ModelFailure, match=r"internal failure: the probabilities of 'inputs\[1\]'"):
        inference.predict_fn(inference.Request(["good", "bad"], "1"), Diverged())


def test_half_a_surrogate_pair_is_replaced() -> None:
    request = inference.input_fn(body(["\ud83d", "whole \U0001f600"]))
    assert request.texts == ["\ufffd\ufffd\ufffd", "whole \U0001f600"]


def test_no_text_and_an_empty_text_are_answered(model: LinearModel) -> None:
    assert answer(model, body([])) == []
    assert len(answer(model, body(["", "\ud83d"]))) == 2


def test_another_version_of_the_cleaning_is_refused(model: LinearModel) -> None:
    with pytest.raises(ValueError, match=r"cleaned by version '2', but this model was trained on version '1'"):
        answer(model, body(["x"], cleaning="2"))


@pytest.mark.parametrize(
    ("request_body", "expected"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe{", "not valid JSON"),
        (b"[]", "must be an object"),
        (b"{}", "'inputs' must be a list"),
        (body("secret"), "'inputs' must be a list"),
        (body(["fine", 3]), r"'inputs\[1\]' must be a text"),
        (body(["x" * 100_001]), r"'inputs\[0\]' has 100001 characters, at most 100000"),
        (body(["x"] * 1_001), "'inputs' has 1001 texts, at most 1000"),
        (b'{"inputs": ["secret"]}', "'parameters.cleaning' must be"),
        (body(["secret"], cleaning=1), "'parameters.cleaning' must be"),
        (b'{"inputs": ["secret"], "parameters": {"cleaning": "1", "scores": 1}}', "'parameters.scores' must be"),
        (b" " * 6_291_457, "at most 6291456"),
    ],
)
def test_a_wrong_request_is_refused_without_its_text(request_body: bytes, expected: str) -> None:
    with pytest.raises(ValueError, match=expected) as caught:
        inference.input_fn(request_body, "application/json")
    assert "secret" not in str(caught.value)


def test_another_content_type_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 'application/json'"):
        inference.input_fn(body(["x"]), "text/csv")


def test_an_answer_that_is_not_accepted_is_refused() -> None:
    assert inference.output_fn([], "text/html, */*;q=0.5") == "[]"
    with pytest.raises(ValueError, match="does not accept"):
        inference.output_fn([], "text/csv")
