from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

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


@pytest.fixture
def flask_with() -> Callable[[inference.Model], Any]:
    """A client of a model behind Flask, which calls it as SageMaker's image for scikit-learn does."""
    flask = pytest.importorskip("flask", reason="needs Flask")

    class ClientError(Exception):
        """What becomes of each exception of the script."""

    def client_of(model: inference.Model) -> Any:
        def transform() -> Any:
            asked = flask.request
            accept = asked.headers.get("Accept", "application/json")
            try:
                return inference.transform_fn(model, asked.get_data(as_text=True), asked.content_type, accept)
            except Exception as error:
                raise ClientError(error) from error

        app = flask.Flask("serving")
        app.add_url_rule("/invocations", view_func=transform, methods=["POST"])
        return app.test_client()

    return client_of


def body(inputs: object, cleaning: object = "1") -> bytes:
    return json.dumps({"inputs": inputs, "parameters": {"cleaning": cleaning}}).encode()


def answer(model: LinearModel, request: bytes) -> list[dict[str, object]]:
    data = inference.read(request, "application/json; charset=utf-8")
    return json.loads(inference.written(inference.answers(data, model), "application/json"))


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


class Broken:
    labels, cleaning, name = ("a", "b"), "1", "broken"

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        raise MemoryError(f"no room for {texts[0]}")


def test_a_failure_of_the_models_own_is_told_from_a_wrong_request() -> None:
    with pytest.raises(inference.ModelFailure, match="internal failure: MemoryError with 1 texts") as caught:
        inference.answers(inference.Request(["secret"], "1"), Broken())
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_model_that_has_no_numbers_to_say_is_a_failure_of_its_own() -> None:
    class Diverged:
        labels, cleaning, name = ("a", "b"), "1", "diverged"

        def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
            return np.array([[0.5, 0.5]] * (len(texts) - 1) + [[np.nan, np.nan]])

    with pytest.raises(inference.ModelFailure, match=r"internal failure: the probabilities of 'inputs\[1\]'"):
        inference.answers(inference.Request(["good", "bad"], "1"), Diverged())


def test_half_a_surrogate_pair_is_replaced() -> None:
    request = inference.read(body(["\ud83d", "whole \U0001f600"]))
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
        (b"[" * 200_000, "not valid JSON"),
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
        inference.read(request_body, "application/json")
    assert "secret" not in str(caught.value)


def test_another_content_type_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 'application/json'"):
        inference.read(body(["x"]), "text/csv")


def test_an_answer_that_is_not_accepted_is_refused() -> None:
    assert inference.written([], "text/html, */*;q=0.5") == "[]"
    with pytest.raises(ValueError, match="does not accept"):
        inference.written([], "text/csv")


def test_the_handlers_one_function_answers_in_json(model: LinearModel) -> None:
    (prediction,) = json.loads(inference.transform_fn(model, body(["Where is my parcel?"]), "application/json", "*/*"))
    assert prediction["label"] == "delivery"


def test_without_flask_a_wrong_request_is_raised(model: LinearModel) -> None:
    with pytest.raises(ValueError, match="'inputs' must be a list"):
        inference.transform_fn(model, body("secret"), "application/json", "*/*")


def test_in_flask_an_answer_is_json(model: LinearModel, flask_with: Callable[[inference.Model], Any]) -> None:
    answered = flask_with(model).post(
        "/invocations", data=body(["Where is my parcel?"]), content_type="application/json"
    )
    assert (answered.status_code, answered.mimetype) == (200, "application/json")
    assert [prediction["label"] for prediction in answered.json] == ["delivery"]


@pytest.mark.parametrize(
    ("request_body", "expected"),
    [
        (b"{secret", "the request is not valid JSON in UTF-8"),
        (body(["secret"] * 1_001), "'inputs' has 1001 texts, at most 1000 are allowed"),
        (body(["secret"], cleaning="9"), "the texts were cleaned by version '9', but this model was trained on"),
    ],
)
def test_in_flask_which_hides_exceptions_a_wrong_request_is_told_with_400(
    model: LinearModel, flask_with: Callable[[inference.Model], Any], request_body: bytes, expected: str
) -> None:
    answered = flask_with(model).post("/invocations", data=request_body, content_type="application/json")
    assert answered.status_code == 400
    assert answered.text.startswith(expected)
    assert "secret" not in answered.text


def test_in_flask_a_failure_of_the_models_own_stays_one(flask_with: Callable[[inference.Model], Any]) -> None:
    answered = flask_with(Broken()).post("/invocations", data=body(["secret"]), content_type="application/json")
    assert answered.status_code == 500
    assert "secret" not in answered.text
