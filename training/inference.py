"""What SageMaker's serving toolkits call: `model_fn` loads the model, `transform_fn` answers a request.

Request: `{"inputs": ["text", …], "parameters": {"cleaning": "1", "scores": false}}`.
Answer: `[{"label", "probability", "model", "cleaning"}, …]`, one for each text; with `"scores": true` also `"scores"`,
the probability of every label.

What is wrong with a request is told with status 400 and a message that names it, without its texts. The Hugging Face
toolkit answers every exception so; callers tell by the beginning of the message what it is: `internal failure`, one of
the model's own; `the texts were cleaned by version`, another one than the model's; `the request is too large`, one to
be split; anything else, a wrong request.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sortline_training.errors import RequestTooLarge

_LARGEST_REQUEST = 6_291_456
_MOST_TEXTS = 1_000
_LONGEST_TEXT = 100_000

# Prepares what a first text would have to wait for; what it says is of no interest.
_WARM_UP = ("Where is my order? It should have come on Monday.", "Thank you!")

Answer = dict[str, "str | float | dict[str, float]"]


class Model(Protocol):
    """What both algorithms answer with."""

    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def cleaning(self) -> str: ...
    @property
    def name(self) -> str: ...
    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Raises RequestTooLarge for more than it can answer in time."""


@dataclass(frozen=True)
class Request:
    """The texts to classify and the version of the cleaning that they went through."""

    texts: list[str]
    cleaning: str
    scores: bool = False
    """Whether the probability of every label is wanted."""


class ModelFailure(RuntimeError):
    """It is not the request that is wrong."""


def model_fn(model_dir: str) -> Model:
    """Loads the model from the folder that the tarball was unpacked to, and makes it ready to answer at once.

    Raises ModelFailure if it cannot be loaded.
    """
    try:
        model = _load(Path(model_dir))
        probabilities = model.probabilities(_WARM_UP)
        if not np.isfinite(probabilities).all():
            raise ValueError("its probabilities are no numbers")
    except Exception as error:
        # The Hugging Face toolkit loads it once more with a request, which it answers with this.
        raise ModelFailure(f"internal failure: the model cannot be loaded: {error}") from error
    return model


def _load(folder: Path) -> Model:
    """Raises ValueError for a model of another format, or one that cannot be served as the environment asks."""
    # Each algorithm's code and packages are there for its own models alone.
    if (folder / "sortline.json").is_file():
        from sortline_training.bert.serving import load_model as load_bert

        bert = load_bert(folder, for_requests=True)
        bert.warm_up()
        return bert
    from sortline_training.linear_model import load_model as load_linear

    return load_linear(folder)


def transform_fn(model: Model, request_body: str | bytes | bytearray, content_type: str, accept: str) -> Any:
    """Answers a request, in JSON.

    Raises ValueError that names what is wrong with the request, without its texts, and ModelFailure if the model fails.
    """
    flask = _serving_flask()
    try:
        answer = written(answers(read(request_body, content_type), model), accept)
    except ValueError as refusal:
        if flask is None:
            raise
        return flask.Response(str(refusal), status=400, mimetype="text/plain")
    return answer if flask is None else flask.Response(answer, mimetype="application/json")


def _serving_flask() -> Any:
    """Flask, where a request is served with it. SageMaker's image for scikit-learn does so: it answers every exception
    with status 500 and no message, but passes on a response as it is."""
    flask = sys.modules.get("flask")
    return flask if flask is not None and flask.has_request_context() else None


def read(request_body: str | bytes | bytearray, content_type: str = "application/json") -> Request:
    """Reads a request. Raises ValueError that names what is wrong with it, without its texts."""
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise ValueError(f"the content type is {content_type!r}, it must be 'application/json'")
    if len(request_body) > _LARGEST_REQUEST:
        raise ValueError(f"the request has {len(request_body)} bytes, at most {_LARGEST_REQUEST} are allowed")
    try:
        request = json.loads(request_body)
    # Of lists within lists, too many to be read.
    except (ValueError, RecursionError):
        raise ValueError("the request is not valid JSON in UTF-8") from None
    if not isinstance(request, dict):
        raise ValueError('the request must be an object: {"inputs": [text, …], "parameters": {"cleaning": version}}')
    parameters = request.get("parameters")
    return Request(_texts(request.get("inputs")), _cleaning(parameters), _scores(parameters))


def answers(request: Request, model: Model) -> list[Answer]:
    """The most probable label of each text.

    Raises ValueError if the texts were cleaned by another version, RequestTooLarge for too many texts at once, and
    ModelFailure if the model fails.
    """
    if request.cleaning != model.cleaning:
        raise ValueError(
            f"the texts were cleaned by version {request.cleaning!r}, but this model was trained on version "
            f"{model.cleaning!r}; train a model on this version, or call with the other one"
        )
    if not request.texts:
        return []
    try:
        probabilities = model.probabilities(request.texts)
    except RequestTooLarge:
        raise
    except Exception as error:
        # Its text may quote the request, and a server may log what it was raised from.
        raise ModelFailure(f"internal failure: {type(error).__name__} with {len(request.texts)} texts") from None
    finite = np.isfinite(probabilities).all(axis=1)
    if not finite.all():
        # NaN is no JSON.
        number = int(np.flatnonzero(~finite)[0])
        raise ModelFailure(f"internal failure: the probabilities of 'inputs[{number}]' are no numbers")
    return [_answer(row, model, request.scores) for row in probabilities]


def _answer(row: NDArray[np.float64], model: Model, scores: bool) -> Answer:
    best = int(row.argmax())
    answer: Answer = {
        "label": model.labels[best],
        "probability": round(float(row[best]), 6),
        "model": model.name,
        "cleaning": model.cleaning,
    }
    if scores:
        answer["scores"] = {
            label: round(float(probability), 6) for label, probability in zip(model.labels, row, strict=True)
        }
    return answer


def written(answers: list[Answer], accept: str = "application/json") -> str:
    """The answers as JSON. Raises ValueError where that is not accepted."""
    accepted = {part.split(";")[0].strip().lower() for part in (accept or "*/*").split(",")}
    if accepted.isdisjoint({"application/json", "application/*", "*/*"}):
        raise ValueError(f"the answer is 'application/json', which {accept!r} does not accept")
    return json.dumps(answers, ensure_ascii=False)


def _texts(inputs: object) -> list[str]:
    if not isinstance(inputs, list):
        raise ValueError("'inputs' must be a list of texts")
    if len(inputs) > _MOST_TEXTS:
        raise ValueError(f"'inputs' has {len(inputs)} texts, at most {_MOST_TEXTS} are allowed")
    texts: list[str] = []
    for number, text in enumerate(inputs):
        if not isinstance(text, str):
            raise ValueError(f"'inputs[{number}]' must be a text")
        if len(text) > _LONGEST_TEXT:
            raise ValueError(f"'inputs[{number}]' has {len(text)} characters, at most {_LONGEST_TEXT} are allowed")
        # Half of a surrogate pair, which JSON can hold and UTF-8 cannot, fails tokenizers.
        texts.append(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    return texts


def _cleaning(parameters: object) -> str:
    cleaning = parameters.get("cleaning") if isinstance(parameters, dict) else None
    if not isinstance(cleaning, str) or cleaning == "":
        raise ValueError("'parameters.cleaning' must be the version of the cleaning that the texts went through")
    return cleaning


def _scores(parameters: object) -> bool:
    scores = parameters.get("scores", False) if isinstance(parameters, dict) else False
    if not isinstance(scores, bool):
        raise ValueError("'parameters.scores' must be true or false")
    return scores
