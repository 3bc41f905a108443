"""What a training job tells of its outcome, whatever the algorithm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from .calibration import Threshold, fewest_for
from .container import log_metric
from .dataset import Examples
from .metrics import Report


def facts_of(examples: Examples, report: Report, *, held_out: int) -> dict[str, object]:
    """What is stored with the model: of what it was made, and its figures on the held-out examples."""
    return {
        "examples": len(examples.texts),
        "examplesByLabel": dict(sorted(Counter(examples.labels).items())),
        "validation": {
            "examples": held_out,
            "accuracy": report.accuracy,
            "macroF1": report.macro_f1,
            "ece": report.ece,
        },
    }


def log_threshold(threshold: Threshold, *, wanted: float, log: Callable[[str], None]) -> None:
    """Prints from which probability on the model decides alone, and where there is none, what would be needed."""
    if threshold.probability > 1:
        log(
            f"no threshold is shown to have the precision {wanted:g}, so none is proposed. At least "
            f"{fewest_for(wanted)} held-out texts have to lie above one, all of them right, or more with mistakes"
        )
    log_metric("validation:threshold", threshold.probability)
    log_metric("validation:coverage", threshold.coverage)


def log_validation(report: Report, *, held_out: int) -> None:
    """Prints the metrics of the stored model, as the last ones: the objective of a search is the last value printed."""
    log_metric("validation:examples", held_out)
    log_metric("validation:ece", report.ece)
    log_metric("validation:accuracy", report.accuracy)
    log_metric("validation:macro_f1", report.macro_f1)
