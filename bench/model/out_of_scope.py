"""How well the linear model leaves to people what it was never taught: one fifth of the labels stay out of training.

The model learns the other labels. What it then decides alone on the whole test file is right only where the label is
one of these; all messages of the labels left out are mistakes unless a person gets them. A threshold is the lowest one
with which 95 % of what is decided is right on messages held out of training, the same for all sides.

- `coverage_at_precision_95`: part of the test file that is decided with the threshold of a held-out mix that has as
  many unknown messages as the test file. `precision_at_precision_95`: part of this that is right.
- `unknown_recall`: part of the unknown test messages that this threshold leaves to a person.
- `coverage_taught`, `precision_taught`, `unknown_recall_taught`: the same with the threshold of the held-out messages
  of the taught labels alone, which are all that a training has.
- `unknown_auroc`: how likely an unknown test message has a lower confidence than a known one.

`…_plain` is the same with the probabilities before calibration.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from figures import Figure, parser_of, progress, show
from numpy.typing import NDArray
from sampling import sample_of
from sklearn.metrics import roc_auc_score

from sortline_training.calibration import best_sharpness, softmax, threshold_for
from sortline_training.dataset import Examples, read_examples
from sortline_training.fitting import fit_once
from sortline_training.split import assign_folds

_WANTED = 0.95
_LEFT_OUT = 1 / 5
_SEED = 1


@dataclass(frozen=True)
class Scored:
    """Messages, and what a model says of them before calibration."""

    scores: NDArray[np.float64]
    labels: tuple[str, ...]
    """True ones, in the order of the scores' rows."""
    columns: tuple[str, ...]
    """Labels that the model knows, in the order of the scores' columns."""

    @property
    def right(self) -> NDArray[np.bool_]:
        predicted = self.scores.argmax(axis=1)
        return np.array([self.columns[at] == label for at, label in zip(predicted, self.labels, strict=True)])

    @property
    def unknown(self) -> NDArray[np.bool_]:
        return np.array([label not in self.columns for label in self.labels])

    def confidence(self, sharpness: float) -> NDArray[np.float64]:
        return softmax(self.scores * sharpness).max(axis=1)

    def where(self, chosen: NDArray[np.bool_]) -> Scored:
        kept = tuple(label for label, keep in zip(self.labels, chosen, strict=True) if keep)
        return Scored(self.scores[chosen], kept, self.columns)


def main() -> None:
    data = parser_of(__doc__).parse_args().data
    train, test = read_examples(data / "train.csv"), read_examples(data / "test.csv")
    held_out, tested = _scored(train, test)
    taught = held_out.where(~held_out.unknown)
    truth = np.array([taught.columns.index(label) for label in taught.labels])
    sharpness = best_sharpness(taught.scores, truth)
    progress(
        f"{int(tested.unknown.sum())} of {len(tested.labels)} test messages and {int(held_out.unknown.sum())} of "
        f"{len(held_out.labels)} held-out ones are unknown; the sharpness is {sharpness:.2f}"
    )
    figures: dict[str, Figure] = {}
    for side, factor in (("", sharpness), ("_plain", 1.0)):
        mixed = threshold_for(held_out.confidence(factor), held_out.right, _WANTED).probability
        alone = threshold_for(taught.confidence(factor), taught.right, _WANTED).probability
        progress(f"thresholds{side}: {mixed:.3f} by the mix, {alone:.3f} by what is taught")
        confidence = tested.confidence(factor)
        names = ("coverage_at_precision_95", "precision_at_precision_95", "unknown_recall")
        values = {
            **dict(zip(names, _measured(tested, confidence, mixed), strict=True)),
            **dict(
                zip(
                    ("coverage_taught", "precision_taught", "unknown_recall_taught"),
                    _measured(tested, confidence, alone),
                    strict=True,
                )
            ),
            "unknown_auroc": float(roc_auc_score(tested.unknown, -confidence)),
        }
        figures |= {f"{name}{side}": Figure(value, "share") for name, value in values.items()}
    show(figures)


def _scored(train: Examples, test: Examples) -> tuple[Scored, Scored]:
    """A held-out mix, scored by a model that has not seen it, and the test file, by the model of all examples."""
    labels = sorted(set(train.labels))
    left_out = random.Random(_SEED).sample(labels, round(_LEFT_OUT * len(labels)))
    unknown = train.where(np.isin(np.array(train.labels), left_out))
    taught = train.where(~np.isin(np.array(train.labels), left_out))
    # As `fit` does with so many examples: a tenth is held out, then all are learnt from.
    fold = assign_folds(taught, 10, _SEED)
    held_out = taught.where(fold == 0)
    part = float(np.isin(np.array(test.labels), left_out).mean())
    strangers = sample_of(unknown, round(len(held_out.texts) * part / (1 - part)), _SEED)
    progress(f"Training without the {len(held_out.texts)} held-out messages …")
    mix = _mix(held_out, strangers)
    validating = fit_once(taught.where(fold != 0))
    scored_mix = Scored(validating.scores(mix.texts), mix.labels, validating.labels)
    progress(f"Training with all {len(taught.texts)} messages of {len(labels) - len(left_out)} labels …")
    model = fit_once(taught)
    return scored_mix, Scored(model.scores(test.texts), test.labels, model.labels)


def _mix(*parts: Examples) -> Examples:
    return Examples(
        texts=tuple(text for part in parts for text in part.texts),
        labels=tuple(label for part in parts for label in part.labels),
    )


def _measured(tested: Scored, confidence: NDArray[np.float64], threshold: float) -> Sequence[float]:
    """Coverage, precision, and the part of the unknown messages that people get."""
    decided = confidence >= threshold
    precision = float(tested.right[decided].mean()) if decided.any() else 0.0
    return float(decided.mean()), precision, float((~decided[tested.unknown]).mean())


if __name__ == "__main__":
    main()
