"""Fits the linear model: multinomial logistic regression, with probabilities calibrated on texts it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from .calibration import Threshold, best_sharpness, softmax, threshold_for
from .dataset import Examples, require_two_labels
from .features import Features, learn_features
from .linear_model import LinearModel
from .linear_settings import LinearSettings
from .metrics import Report, report_of
from .split import assign_folds, held_out, nothing_to_hold_out

_ITERATIONS = 300
# Coefficients take 4 bytes a term and label: at most 60 MB of them.
_MOST_COEFFICIENTS = 15_000_000
# From here on one held-out tenth says enough; below, every example is held out once.
_EXAMPLES_FOR_ONE_FOLD = 2_000
_HELD_OUT = 0.1
_FOLDS = 5
_DEFAULTS = LinearSettings()

Log = Callable[[str], None]


@dataclass(frozen=True)
class Validation:
    """What held-out texts said: the sharpness that calibrates, and with it the threshold and the figures."""

    sharpness: float
    threshold: Threshold
    report: Report
    examples: int
    model: LinearModel
    """Of those that were measured, the last."""


def fit(
    examples: Examples, settings: LinearSettings = _DEFAULTS, *, cleaning: str, name: str, log: Log
) -> tuple[LinearModel, Validation]:
    """Trains on all examples, after measuring on held-out ones how well that goes and how sure the model may be.

    Raises InputProblem if fewer than two labels have at least two examples, or none can be held out.
    """
    require_two_labels(examples)
    validation = validate(examples, settings, log=log)
    log("fitting the model to all examples")
    model = replace(
        fit_once(examples, settings, near=validation.model),
        sharpness=validation.sharpness,
        threshold=validation.threshold.probability,
        precision=settings.precision,
        cleaning=cleaning,
        name=name,
    )
    return model, validation


def validate(
    examples: Examples, settings: LinearSettings = _DEFAULTS, *, log: Log, folds: int | None = None
) -> Validation:
    """Cross-validates with as many folds as asked for; by default with what suits the number of examples.

    Examples of one group are held out together, and never those of the only group of a label. Figures are those of
    calibrated probabilities. Raises InputProblem if nothing can be held out.
    """
    if folds is None and len(examples.texts) >= _EXAMPLES_FOR_ONE_FOLD:
        parts = [held_out(examples, part=_HELD_OUT, seed=settings.seed)]
    else:
        count = folds if folds is not None else _FOLDS
        assigned = assign_folds(examples, count, settings.seed)
        parts = [assigned == number for number in range(count) if (assigned == number).any()]
    # Where a group has several labels, what is left may have only one.
    parts = [part for part in parts if len(set(examples.where(~part).labels)) >= 2]
    if not parts:
        raise nothing_to_hold_out()
    labels = tuple(sorted(set(examples.labels)))
    scores: list[NDArray[np.float64]] = []
    truths: list[str] = []
    for number, part in enumerate(parts):
        validation = examples.where(part)
        log(f"validating on {len(validation.texts)} held-out examples ({number + 1} of {len(parts)})")
        model = fit_once(examples.where(~part), settings)
        scores.append(_columns_for(labels, model, model.scores(validation.texts)))
        truths.extend(validation.labels)
    stacked = np.concatenate(scores)
    numbers = np.array([labels.index(label) for label in truths])
    sharpness = best_sharpness(stacked, numbers)
    probabilities = softmax(stacked * sharpness)
    right = probabilities.argmax(axis=1) == numbers
    return Validation(
        sharpness=sharpness,
        threshold=threshold_for(probabilities.max(axis=1), right, settings.precision),
        report=report_of(truths, probabilities, labels),
        examples=len(truths),
        model=model,
    )


def fit_once(
    examples: Examples, settings: LinearSettings = _DEFAULTS, *, near: LinearModel | None = None
) -> LinearModel:
    """Fits features and coefficients to the examples, without calibration.

    `near`: a model of nearly the same examples, with whose coefficients the solver begins. There is one optimum, which
    is found sooner so.
    """
    labels = len(set(examples.labels))
    features = learn_features(
        examples.texts,
        fewest_texts=2 if len(examples.texts) >= 1_000 else 1,
        most_terms=min(settings.most_terms, _MOST_COEFFICIENTS // (2 * labels)),
    )
    classifier = LogisticRegression(
        C=settings.inverse_regularization,
        class_weight="balanced" if settings.class_weights == "balanced" else None,
        max_iter=_ITERATIONS,
        random_state=settings.seed,
        warm_start=True,
    )
    if near is not None and near.labels == tuple(sorted(set(examples.labels))) and labels > 2:
        classifier.coef_ = _coefficients_for(features, near).T
        classifier.intercept_ = near.intercept
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


def _coefficients_for(features: Features, model: LinearModel) -> NDArray[np.float32]:
    """A model's coefficients, with a row for each of other features; of those that it does not know, zero."""
    rows = np.zeros((len(features), len(model.labels)), dtype=np.float32)
    here = there = 0
    for own, known in ((features.words, model.features.words), (features.pieces, model.features.pieces)):
        places = [(at, known.index[term]) for at, term in enumerate(own.terms) if term in known.index]
        if places:
            to, source = np.array(places).T
            rows[here + to] = model.coefficients[there + source]
        here, there = here + len(own.terms), there + len(known.terms)
    return rows


def _columns_for(labels: Sequence[str], model: LinearModel, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores with a column for every label; one that a fold's model never saw is impossible for it."""
    columns = np.full((len(scores), len(labels)), -np.inf)
    for column, label in enumerate(labels):
        if label in model.labels:
            columns[:, column] = scores[:, model.labels.index(label)]
    return columns
