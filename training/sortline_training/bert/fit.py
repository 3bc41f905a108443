"""From examples to a model that can be stored: held-out texts, training, calibration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..calibration import Threshold, best_sharpness, softmax, threshold_for
from ..dataset import Examples
from ..metrics import Report, report_of
from ..split import held_out
from .checkpoint import Checkpoints
from .loss import label_weights
from .model import Base
from .processes import Processes
from .scores import Labelled
from .settings import Settings
from .tokens import MOST_WINDOWS, Encoder
from .training import Outcome, train

Log = Callable[[str], None]
LogMetric = Callable[[str, float], None]


@dataclass(frozen=True)
class Fitted:
    """What training has found out; `Base.model` has the weights."""

    sharpness: float
    threshold: Threshold
    outcome: Outcome
    report: Report
    """On the held-out texts, calibrated."""
    held_out: Labelled
    cut: int
    """Training texts that are longer than the model reads."""
    longest: int
    """Tokens of a text that are read."""


def fit(
    examples: Examples,
    base: Base,
    labels: tuple[str, ...],
    *,
    settings: Settings,
    identity: object,
    checkpoints: Path | None,
    processes: Processes,
    log: Log,
    log_metric: LogMetric,
) -> Fitted:
    """Trains `base.model` on the examples; `identity` says what they and the base model are."""
    longest = min(settings.longest, base.longest)
    encoder = Encoder(base.tokenizer, longest, settings.long_texts)
    chosen = held_out(examples, part=settings.validation, seed=settings.seed)
    number_of = {label: number for number, label in enumerate(labels)}

    def labelled(which: NDArray[np.bool_]) -> Labelled:
        part = examples.where(which)
        return Labelled(encoder.encode(part.texts), np.array([number_of[label] for label in part.labels]), base.padding)

    training, validation = labelled(~chosen), labelled(chosen)
    cut = training.sequences.cut + validation.sequences.cut
    if cut > 0:
        ends = settings.long_texts == "head-tail"
        read = "their beginnings and ends are" if ends else f"at most {MOST_WINDOWS} windows of each are"
        log(f"{cut} of {len(examples.texts)} texts are longer than {longest} tokens: {read} read")
    log(f"training on {len(training.labels)} examples, {len(validation.labels)} are held out")
    outcome = train(
        base.model,
        training,
        validation,
        settings=settings,
        weights=label_weights(training.labels, len(labels), settings.class_weights),
        checkpoints=Checkpoints(checkpoints, [identity, settings.to_json()], log),
        processes=processes,
        log=log,
        log_metric=log_metric,
    )
    sharpness = best_sharpness(outcome.scores, validation.labels)
    probabilities = softmax(outcome.scores * sharpness)
    right = probabilities.argmax(axis=1) == validation.labels
    return Fitted(
        sharpness=sharpness,
        threshold=threshold_for(probabilities.max(axis=1), right, settings.precision),
        outcome=outcome,
        report=report_of([labels[number] for number in validation.labels], probabilities, labels),
        held_out=validation,
        cut=cut,
        longest=longest,
    )
