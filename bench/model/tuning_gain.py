"""What a search with the tuner of the twin finds, beside scikit-learn's random search with the same budget.

Both search the same space for the linear model with the same 12 trials, two at a time, on the same part of the data:
of each label a sixth of the training file to learn from and a quarter to validate on, other ones for each seed.
What each side's best trial by validation is worth is then measured on the whole test file, as the mean of four models
with its hyperparameters, each taught another sixth of the training file: two trials that are as good as each other
differ by 0.01 where one model of each is compared, ten times what one search finds more than the other.

- `tuning_gain`: macro-F1 on the test file with the tuner's best less that with the random search's, median of the
  seeds.
- `tuning_gain_validation`: the same on the validation examples, by which the trials were chosen.
- `tuning_macro_f1`, `tuning_macro_f1_random`: each side's on the test file, medians.
- `tuning_s`, `tuning_s_random`: seconds of a search, medians.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median

import numpy as np
from figures import Figure, parser_of, progress, show
from linear_estimator import LinearEstimator
from scipy.stats import loguniform
from sklearn.model_selection import PredefinedSplit, RandomizedSearchCV
from twin_tuner import twin_tuner

from sortline_training.dataset import Examples, read_examples
from sortline_training.split import assign_folds

_TRIALS = 12
_PARALLEL = 2

# All that the hyperparameters may be, as the twin's tuner takes it and as scikit-learn does.
_RANGES = (
    {
        "name": "inverse_regularization",
        "kind": "continuous",
        "low": 0.0001,
        "high": 100_000.0,
        "scaling": "Logarithmic",
    },
    {"name": "most_terms", "kind": "continuous", "low": 10.0, "high": 1_000_000.0, "scaling": "Logarithmic"},
    {"name": "class_weights", "kind": "categorical", "values": ["balanced", "none"]},
)
_DISTRIBUTIONS = {
    "inverse_regularization": loguniform(0.0001, 100_000.0),
    "most_terms": loguniform(10.0, 1_000_000.0),
    "class_weights": ["balanced", "none"],
}

Parameters = Mapping[str, object]


@dataclass(frozen=True)
class Data:
    train: Examples
    validation: Examples
    others: tuple[Examples, ...]
    """As much to learn from as `train`, that neither side's search has seen."""


@dataclass(frozen=True)
class Found:
    """The best trial of a search."""

    parameters: Parameters
    validation: float
    seconds: float


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--tuner-python", type=Path, default=Path(sys.executable), help="interpreter with Optuna")
    parser.add_argument("--seeds", type=int, default=5, help="searches of each side, 1 or more")
    arguments = parser.parse_args()
    # Two trials at a time have a core each.
    os.environ["OMP_NUM_THREADS"] = "1"
    whole = read_examples(arguments.data / "train.csv")
    test = read_examples(arguments.data / "test.csv")
    rows: list[dict[str, float]] = []
    for seed in range(1, arguments.seeds + 1):
        data = _part_of(whole, seed)
        sides = {"": _by_tuner(data, seed, arguments.tuner_python), "_random": _at_random(data, seed)}
        row: dict[str, float] = {}
        for side, found in sides.items():
            row[f"test{side}"] = _worth(found.parameters, data, test)
            row[f"validation{side}"] = found.validation
            row[f"seconds{side}"] = found.seconds
            progress(
                f"seed {seed}, {'random search' if side else 'tuner'}: {found.seconds:.0f} s, macro-F1 "
                f"{found.validation:.4f} in validation, {row[f'test{side}']:.4f} in the test: "
                + ", ".join(f"{name} {value}" for name, value in found.parameters.items())
            )
        rows.append(row)
    show(
        {
            "tuning_gain": Figure(median(row["test"] - row["test_random"] for row in rows), "share"),
            "tuning_gain_validation": Figure(
                median(row["validation"] - row["validation_random"] for row in rows), "share"
            ),
            "tuning_macro_f1": Figure(median(row["test"] for row in rows), "share"),
            "tuning_macro_f1_random": Figure(median(row["test_random"] for row in rows), "share"),
            "tuning_s": Figure(median(row["seconds"] for row in rows), "s"),
            "tuning_s_random": Figure(median(row["seconds_random"] for row in rows), "s"),
        }
    )


def _part_of(examples: Examples, seed: int) -> Data:
    twelfth = assign_folds(examples, 12, seed)

    def twelfths(begin: int, end: int) -> Examples:
        return examples.where((twelfth >= begin) & (twelfth < end))

    return Data(
        train=twelfths(0, 2),
        validation=twelfths(2, 5),
        others=tuple(twelfths(begin, begin + 2) for begin in (5, 7, 9)),
    )


def _worth(parameters: Parameters, data: Data, test: Examples) -> float:
    return mean(_fitted(parameters, each).score(test.texts, test.labels) for each in (data.train, *data.others))


def _by_tuner(data: Data, seed: int, python: Path) -> Found:
    """Asks for a trial whenever fewer than two run, and tells what one came to when it ends, as the twin does."""
    began = time.perf_counter()
    ended: list[tuple[float, Parameters]] = []
    running: dict[Future[float], tuple[int, Parameters]] = {}
    with (
        twin_tuner(python, ranges=_RANGES, jobs=_TRIALS, seed=seed) as tuner,
        ProcessPoolExecutor(_PARALLEL, mp_context=get_context("spawn")) as pool,
    ):
        asked = 0
        while len(ended) < _TRIALS:
            while asked < _TRIALS and len(running) < _PARALLEL:
                parameters = tuner.ask(asked)
                running[pool.submit(_trial, parameters, data)] = asked, parameters
                asked += 1
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                number, parameters = running.pop(future)
                value = future.result()
                tuner.tell(number, value)
                ended.append((value, parameters))
    best = max(ended, key=lambda trial: trial[0])
    return Found(best[1], validation=best[0], seconds=time.perf_counter() - began)


def _trial(parameters: Parameters, data: Data) -> float:
    return _fitted(parameters, data.train).score(data.validation.texts, data.validation.labels)


def _at_random(data: Data, seed: int) -> Found:
    began = time.perf_counter()
    texts = np.array([*data.train.texts, *data.validation.texts], dtype=object)
    labels = np.array([*data.train.labels, *data.validation.labels])
    folds = np.concatenate([np.full(len(data.train.texts), -1), np.zeros(len(data.validation.texts), dtype=int)])
    search = RandomizedSearchCV(
        LinearEstimator(),
        _DISTRIBUTIONS,
        n_iter=_TRIALS,
        n_jobs=_PARALLEL,
        cv=PredefinedSplit(folds),
        refit=False,
        random_state=seed,
        error_score="raise",
    ).fit(texts, labels)
    return Found(search.best_params_, validation=float(search.best_score_), seconds=time.perf_counter() - began)


def _fitted(parameters: Parameters, train: Examples) -> LinearEstimator:
    """The tuner's values are texts, as hyperparameters of SageMaker are."""
    numbers = {name: value if name == "class_weights" else float(str(value)) for name, value in parameters.items()}
    return LinearEstimator(**numbers).fit(train.texts, train.labels)


if __name__ == "__main__":
    main()
