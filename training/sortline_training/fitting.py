"""Fits the linear model: multinomial logistic regression, with probabilities calibrated on texts it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from .calibration import best_sharpness, softmax
from .dataset import Examples, require_two_labels
from .features import Features, learn_features
from .linear_model import LinearModel
from .linear_settings import LinearSettings
from .metrics import Report, report_of

_ITERATIONS = 300
# Coefficients take 4 bytes a term and label: at most 60 MB of them.
_MOST_COEFFICIENTS = 15_000_000
# From here on one held-out tenth says enough; below, every example is held out once.
_EXAMPLES_FOR_ONE_FOLD = 2_000
_FOLDS = 5
_DEFAULTS = LinearSettings()

Log = Callable[[str], None]


@dataclass(frozen=True)
class Validation:
    """What held-out texts said: the sharpness that calibrates, and the figures with it."""

    sharpness: float
    report: Report
    examples: int


def fit(
    examples: Examples, *, cleaning: str, name: str, seed: int, log: Log, settings: LinearSettings = _DEFAULTS
) -> tuple[LinearModel, Validation]:
    """Trains on all examples, after measuring on held-out ones how well that goes and how sure the model may be.

    Raises InputProblem if fewer than two labels have at least two examples.
    """
    require_two_labels(examples)
    validation = validate(examples, seed=seed, log=log, settings=settings)
    log("fitting the model to all examples")
    model = fit_once(examples, seed=seed, settings=settings)
    return replace(model, sharpness=validation.sharpness, cleaning=cleaning, name=name), validation


def validate(
    examples: Examples, *, seed: int, log: Log, folds: int | None = None, settings: LinearSettings = _DEFAULTS
) -> Validation:
    """Cross-validates with as many folds as asked for; by default with what suits the number of examples.

    An example whose label only it has is never held out. Figures are those of calibrated probabilities.
    """
    if folds is None and len(examples.texts) >= _EXAMPLES_FOR_ONE_FOLD:
        count, evaluated = 10, 1
    else:
        count = folds if folds is not None else _FOLDS
        evaluated = count
    assigned = assign_folds(examples.labels, count, seed)
    labels = tuple(sorted(set(examples.labels)))
    scores: list[NDArray[np.float64]] = []
    truths: list[str] = []
    for number in range(evaluated):
        held_out = examples.where(assigned == number)
        if len(held_out.texts) == 0:
            continue
        log(f"validating on {len(held_out.texts)} held-out examples ({number + 1} of {evaluated})")
        model = fit_once(examples.where(assigned != number), seed=seed, settings=settings)
        scores.append(_columns_for(labels, model, model.scores(held_out.texts)))
        truths.extend(held_out.labels)
    stacked = np.concatenate(scores)
    sharpness = best_sharpness(stacked, np.array([labels.index(label) for label in truths]))
    report = report_of(truths, softmax(stacked * sharpness), labels)
    return Validation(sharpness=sharpness, report=report, examples=len(truths))


def fit_once(examples: Examples, *, seed: int, settings: LinearSettings = _DEFAULTS) -> LinearModel:
    """Fits features and coefficients to the examples, without calibration."""
    labels = len(set(examples.labels))
    features = learn_features(
        examples.texts,
        fewest_texts_with_piece=2 if len(examples.texts) >= 1_000 else 1,
        most_terms=min(settings.most_terms, _MOST_COEFFICIENTS // (2 * labels)),
    )
    classifier = LogisticRegression(
        C=settings.inverse_regularization,
        class_weight="balanced" if settings.class_weights == "balanced" else None,
        max_iter=_ITERATIONS,
        random_state=seed,
    )
    classifier.fit(matrix_of(features, examples.texts), np.array(examples.labels))
    coefficients, intercept = classifier.coef_, classifier.intercept_
    if len(classifier.classes_) == 2:
        # Of two classes scikit-learn keeps one row; softmax over minus and plus one half of it is its sigmoid.
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercept = np.concatenate([-intercept, intercept]) / 2
    return LinearModel(
        labels=tuple(str(label) for label in classifier.classes_),
        features=features,
        coefficients=np.ascontiguousarray(coefficients.T, dtype=np.float32),
        intercept=intercept.astype(np.float32),
        sharpness=1.0,
        cleaning="",
        name="",
    )


def matrix_of(features: Features, texts: Sequence[str]) -> csr_matrix:
    """One sparse row a text."""
    rows = [features.extract(text) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(numbers) for numbers, _ in rows])])
    numbers = np.concatenate([numbers for numbers, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, numbers, starts), shape=(len(texts), len(features)), dtype=np.float32)


def assign_folds(labels: Sequence[str], folds: int, seed: int) -> NDArray[np.int64]:
    """A fold for each example, each label spread evenly over them; -1 for the only example of its label."""
    generator = np.random.default_rng(seed)
    array = np.array(labels)
    assigned = np.full(len(labels), -1, dtype=np.int64)
    start = 0
    for label in sorted(set(labels)):
        members = generator.permutation(np.flatnonzero(array == label))
        if len(members) < 2:
            continue
        assigned[members] = (start + np.arange(len(members))) % folds
        start += len(members)
    return assigned


def _columns_for(labels: Sequence[str], model: LinearModel, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores with a column for every label; one that a fold's model never saw is impossible for it."""
    columns = np.full((len(scores), len(labels)), -np.inf)
    for column, label in enumerate(labels):
        if label in model.labels:
            columns[:, column] = scores[:, model.labels.index(label)]
    return columns
