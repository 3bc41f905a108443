"""What SageMaker's serving toolkits call: load the model, read a request, predict, write the answer.

Request: `{"inputs": ["text", …], "parameters": {"cleaning": "1"}}`.
Answer: `[{"label", "probability", "model", "cleaning"}, …]`, one for each text.
"""

from __future__ import annotations

import json
from pathlib import Path

from sortline_training.linear_model import LinearModel, load_model

_LARGEST_REQUEST = 6_291_456
_MOST_TEXTS = 1_000
_LONGEST_TEXT = 100_000


class Request:
    """The texts to classify and the version of the cleaning that they went through."""

    def __init__(self, texts: list[str], cleaning: str) -> None:
        self.texts = texts
        self.cleaning = cleaning


def model_fn(model_dir: str) -> LinearModel:
    """Loads the model from the folder that the tarball was unpacked to."""
    return load_model(Path(model_dir))


def input_fn(request_body: str | bytes | bytearray, content_type: str = "application/json") -> Request:
    """Reads a request. Raises ValueError that names what is wrong with it, without its texts."""
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise ValueError(f"the content type is {content_type!r}, it must be 'application/json'")
    if len(request_body) > _LARGEST_REQUEST:
        raise ValueError(f"the request has {len(request_body)} bytes, at most {_LARGEST_REQUEST} are allowed")
    try:
        request = json.loads(request_body)
    except ValueError:
        raise ValueError("the request is not valid JSON in UTF-8") from None
    if not isinstance(request, dict):
        raise ValueError('the request must be an object: {"inputs": [text, …], "parameters": {"cleaning": version}}')
    return Request(_texts(request.get("inputs")), _cleaning(request.get("parameters")))


def predict_fn(data: Request, model: LinearModel) -> list[dict[str, str | float]]:
    """The most probable label of each text. Raises ValueError if the texts were cleaned by another version."""
    if data.cleaning != model.cleaning:
        raise ValueError(
            f"the texts were cleaned by version {data.cleaning!r}, but this model was trained on version "
            f"{model.cleaning!r}; train a model on this version, or call with the other one"
        )
    if not data.texts:
        return []
    probabilities = model.probabilities(data.texts)
    return [
        {
            "label": model.labels[best],
            "probability": round(float(row[best]), 6),
            "model": model.name,
            "cleaning": model.cleaning,
        }
        for row, best in zip(probabilities, probabilities.argmax(axis=1).tolist(), strict=True)
    ]


def output_fn(prediction: list[dict[str, str | float]], accept: str = "application/json") -> str:
    """The answer as JSON."""
    accepted = {part.split(";")[0].strip().lower() for part in (accept or "*/*").split(",")}
    if accepted.isdisjoint({"application/json", "application/*", "*/*"}):
        raise ValueError(f"the answer is 'application/json', which {accept!r} does not accept")
    return json.dumps(prediction, ensure_ascii=False)


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
        texts.append(text)
    return texts


def _cleaning(parameters: object) -> str:
    cleaning = parameters.get("cleaning") if isinstance(parameters, dict) else None
    if not isinstance(cleaning, str) or cleaning == "":
        raise ValueError("'parameters.cleaning' must be the version of the cleaning that the texts went through")
    return cleaning
