"""The linear model's training as an estimator of scikit-learn: what both sides of a comparison of searches train."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import project  # noqa: F401
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import f1_score

from sortline_training.dataset import Examples
from sortline_training.fitting import fit_once
from sortline_training.linear_settings import LinearSettings


class LinearEstimator(ClassifierMixin, BaseEstimator):
    """`training/sortline_training/fitting.py` behind `fit` and `predict`. Its score is macro-F1."""

    def __init__(
        self,
        inverse_regularization: float = 20.0,
        most_terms: float = 100_000,
        class_weights: str = "balanced",
    ) -> None:
        self.inverse_regularization = inverse_regularization
        self.most_terms = most_terms
        self.class_weights = class_weights

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> LinearEstimator:
        settings = LinearSettings(
            inverse_regularization=float(self.inverse_regularization),
            class_weights="balanced" if self.class_weights == "balanced" else "none",
            # A continuous distribution is rounded to terms.
            most_terms=round(float(self.most_terms)),
        )
        self.model_ = fit_once(Examples(tuple(texts), tuple(map(str, labels))), settings)
        self.classes_ = np.array(self.model_.labels)
        return self

    def predict(self, texts: Sequence[str]) -> NDArray[np.str_]:
        return self.classes_[self.model_.scores(texts).argmax(axis=1)]

    def score(self, texts: Sequence[str], labels: Sequence[str], sample_weight: None = None) -> float:
        del sample_weight
        return float(f1_score(labels, self.predict(texts), average="macro"))
