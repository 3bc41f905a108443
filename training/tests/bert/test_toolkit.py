"""The stored model in the handler of the toolkit that SageMaker's Hugging Face images serve with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TOOLKIT = Path(__file__).parent / "toolkit.py"
Ask = Callable[..., dict[str, object]]


@pytest.fixture
def ask(trained: Path) -> Iterator[Ask]:
    pytest.importorskip("sagemaker_huggingface_inference_toolkit", reason="needs the serving toolkit")
    with subprocess.Popen(
        [sys.executable, str(TOOLKIT), str(trained)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        requests, answers = process.stdin, process.stdout
        assert json.loads(answers.readline()) == {"ready": True}

        def ask(body: object, **more: str) -> dict[str, object]:
            requests.write(json.dumps({"body": body if isinstance(body, str) else json.dumps(body), **more}) + "\n")
            requests.flush()
            return json.loads(answers.readline())

        yield ask


def test_many_texts_are_answered_in_one_request(ask: Ask) -> None:
    answer = ask({"inputs": ["Where is my parcel?", "I paid twice."], "parameters": {"cleaning": "1"}})
    assert (answer["status"], answer["type"]) == (200, "application/json")
    predictions = json.loads(str(answer["body"]))
    assert [sorted(each) for each in predictions] == [["cleaning", "label", "model", "probability"]] * 2


def test_requests_of_any_allowed_size_are_answered(ask: Ask) -> None:
    for texts in ([], [""], ["a parcel"] * 1_000, ["parcel " * 14_000], ["x" * 100_000]):
        answer = ask({"inputs": texts, "parameters": {"cleaning": "1"}})
        assert (answer["status"], len(json.loads(str(answer["body"])))) == (200, len(texts))


@pytest.mark.parametrize(
    ("body", "more", "expected"),
    [
        ({"inputs": ["secret"], "parameters": {"cleaning": "9"}}, {}, "were cleaned by version '9'"),
        ("{secret", {}, "not valid JSON"),
        ("secret", {"type": "text/csv"}, "must be 'application/json'"),
    ],
)
def test_a_wrong_request_is_refused_with_what_is_wrong(
    ask: Ask, body: object, more: dict[str, str], expected: str
) -> None:
    answer = ask(body, **more)
    assert answer["status"] == 400
    assert expected in str(answer["body"])
    assert "secret" not in str(answer["body"])
