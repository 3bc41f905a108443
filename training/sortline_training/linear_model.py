"""The linear model: what it stores, and what it says about a text. Needs nothing but numpy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .calibration import softmax
from .features import Features, Floats, Vocabulary

FORMAT = 1


@dataclass(frozen=True)
class LinearModel:
    """Scores of the labels are a linear function of a text's features; softmax makes them probabilities."""

    labels: tuple[str, ...]
    features: Features
    coefficients: Floats
    """One row a feature, one column a label."""
    intercept: Floats
    sharpness: float
    """Factor of the scores before softmax (an inverse temperature), chosen so that probabilities are calibrated."""
    cleaning: str
    """Version of the cleaning that the texts went through, in training as now."""
    name: str
    threshold: float | None = None
    """Probability below which a person decides; above 1: always. Nothing where none was chosen."""
    precision: float = 0.95
    """The precision that it was chosen for."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """How it was trained, for people."""

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row a text, one column a label, before calibration."""
        rows = np.empty((len(texts), len(self.labels)), dtype=np.float64)
        for row, text in enumerate(texts):
            numbers, values = self.features.extract(text)
            rows[row] = values @ self.coefficients[numbers] + self.intercept
        return rows

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row a text, one column a label; rows add up to one."""
        return softmax(self.scores(texts) * self.sharpness)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`: plain data, so that loading a model runs no code of it."""
        folder.mkdir(parents=True, exist_ok=True)
        description = {
            "format": FORMAT,
            "algorithm": "linear",
            "name": self.name,
            "cleaning": self.cleaning,
            "labels": self.labels,
            "sharpness": self.sharpness,
            "threshold": None if self.threshold is None else {"probability": self.threshold, "wanted": self.precision},
            "facts": self.facts,
            "words": self.features.words.terms,
            "pieces": self.features.pieces.terms,
        }
        (folder / "model.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / "model.npz",
            coefficients=self.coefficients,
            intercept=self.intercept,
            words_idf=self.features.words.idf,
            pieces_idf=self.features.pieces.idf,
        )


def load_model(folder: Path) -> LinearModel:
    """Reads what `LinearModel.save` wrote. Raises ValueError for another format and OSError for missing files."""
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if description.get("format") != FORMAT or description.get("algorithm") != "linear":
        raise ValueError(
            f"{folder / 'model.json'}: format {description.get('format')!r} of algorithm "
            f"{description.get('algorithm')!r} cannot be read, only format {FORMAT} of 'linear'"
        )
    # A model that was stored before thresholds were has none.
    threshold = description.get("threshold")
    with np.load(folder / "model.npz", allow_pickle=False) as arrays:
        model = LinearModel(
            labels=tuple(description["labels"]),
            features=Features(
                words=Vocabulary(tuple(description["words"]), arrays["words_idf"]),
                pieces=Vocabulary(tuple(description["pieces"]), arrays["pieces_idf"]),
            ),
            coefficients=arrays["coefficients"],
            intercept=arrays["intercept"],
            sharpness=float(description["sharpness"]),
            cleaning=str(description["cleaning"]),
            name=str(description["name"]),
            threshold=None if threshold is None else float(threshold["probability"]),
            precision=0.95 if threshold is None else float(threshold["wanted"]),
            facts=description["facts"],
        )
    expected = (len(model.features), len(model.labels))
    if model.coefficients.shape != expected:
        raise ValueError(f"{folder / 'model.npz'}: coefficients are {model.coefficients.shape}, expected {expected}")
    return model
