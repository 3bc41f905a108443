"""Trains a text classifier. Runs in a SageMaker training container: reads the channel `train`, writes the model."""

from __future__ import annotations

import argparse
import platform
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy
import sklearn

from sortline_training.container import channel, folder_of, job_name, log, log_metric, run
from sortline_training.dataset import read_examples
from sortline_training.errors import InputProblem
from sortline_training.fitting import fit

# What serving imports; it travels with the model.
_SERVING_CODE = (
    "inference.py",
    "sortline_training/__init__.py",
    "sortline_training/features.py",
    "sortline_training/linear_model.py",
)


def main() -> None:
    arguments = _arguments()
    model_folder = folder_of("SM_MODEL_DIR", "the folder to write the model to")
    examples = read_examples(channel("train"))
    counts = Counter(examples.labels)
    log_metric("train:examples", len(examples.texts))
    log_metric("train:labels", len(counts))

    model, validation = fit(
        examples, cleaning=arguments.cleaning, name=job_name("linear"), seed=arguments.seed, log=log
    )
    report = validation.report
    facts = {
        "examples": len(examples.texts),
        "examplesByLabel": dict(sorted(counts.items())),
        "seed": arguments.seed,
        "validation": {
            "examples": validation.examples,
            "accuracy": report.accuracy,
            "macroF1": report.macro_f1,
            "ece": report.ece,
        },
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scikitLearn": sklearn.__version__,
    }
    replace(model, facts=facts).save(model_folder)
    _copy_serving_code(model_folder / "code")
    log(f"model with {len(model.features)} features and {len(model.labels)} labels written")

    log_metric("validation:examples", validation.examples)
    log_metric("validation:ece", report.ece)
    log_metric("validation:accuracy", report.accuracy)
    log_metric("validation:macro_f1", report.macro_f1)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise InputProblem(f"hyperparameters: {message}")


def _arguments() -> argparse.Namespace:
    parser = _Parser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--algorithm", choices=["linear"], default="linear")
    parser.add_argument("--cleaning", required=True, help="version of the cleaning that the texts went through")
    parser.add_argument("--seed", type=int, default=1, help="the same seed and data make the same model")
    arguments, others = parser.parse_known_args()
    if others:
        raise InputProblem(
            f"hyperparameters: {' '.join(others)} not known; known are --algorithm, --cleaning and --seed"
        )
    if arguments.seed < 0:
        raise InputProblem(f"hyperparameters: --seed is {arguments.seed}; it must be 0 or more")
    return arguments


def _copy_serving_code(target: Path) -> None:
    here = Path(__file__).resolve().parent
    for name in _SERVING_CODE:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(here / name, target / name)


if __name__ == "__main__":
    run(main)
