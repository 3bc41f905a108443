"""Trains a text classifier. Runs in a SageMaker training container: reads the channel `train`, writes the model.

`--algorithm linear` trains in seconds on a CPU; `--algorithm bert` fine-tunes a Hugging Face encoder, which the channel
`base-model` holds or `--base-model` names, on all GPUs of all hosts of the job.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from sortline_training import linear_settings
from sortline_training.bert.settings import add_arguments, settings_of
from sortline_training.container import channel, folder_of, job_name, log, log_metric, run
from sortline_training.dataset import Examples, read_examples, require_two_labels
from sortline_training.errors import InputProblem
from sortline_training.hyperparameters import HyperparameterParser, whole_number
from sortline_training.learnt import write_learnt
from sortline_training.outcome import facts_of, log_threshold, log_validation

_MOST_PROCESSES = 128
# What serving imports; it travels with the model.
_SERVING_CODE = {
    "linear": (
        "inference.py",
        "sortline_training/__init__.py",
        "sortline_training/calibration.py",
        "sortline_training/errors.py",
        "sortline_training/features.py",
        "sortline_training/linear_model.py",
    ),
    "bert": (
        "inference.py",
        "sortline_training/__init__.py",
        "sortline_training/calibration.py",
        "sortline_training/errors.py",
        "sortline_training/bert/__init__.py",
        "sortline_training/bert/batching.py",
        "sortline_training/bert/classifier.py",
        "sortline_training/bert/int8.py",
        "sortline_training/bert/numeric_precision.py",
        "sortline_training/bert/numerics.py",
        "sortline_training/bert/request_limit.py",
        "sortline_training/bert/scores.py",
        "sortline_training/bert/serving.py",
        "sortline_training/bert/tokens.py",
    ),
}


def main() -> None:
    arguments = _arguments()
    model_folder = folder_of("SM_MODEL_DIR", "the folder to write the model to")
    if arguments.algorithm == "linear":
        _train_linear(arguments, model_folder)
    else:
        _train_bert(arguments, model_folder)


def _examples() -> Examples:
    examples = read_examples(channel("train"))
    log_metric("train:examples", len(examples.texts))
    log_metric("train:labels", len(set(examples.labels)))
    return examples


def _train_linear(arguments: argparse.Namespace, model_folder: Path) -> None:
    settings = linear_settings.settings_of(arguments)
    examples = _examples()
    # Here, since an image for BERT need not have scikit-learn.
    import numpy
    import sklearn

    from sortline_training.fitting import fit

    model, validation = fit(examples, settings, cleaning=arguments.cleaning, name=job_name("linear"), log=log)
    report = validation.report
    facts = {
        **facts_of(examples, report, held_out=validation.examples),
        "settings": settings.to_json(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scikitLearn": sklearn.__version__,
    }
    replace(model, facts=facts).save(model_folder)
    write_learnt(examples.texts, model_folder)
    _copy_serving_code("linear", model_folder)
    log(f"model with {len(model.features)} features and {len(model.labels)} labels written")

    log_threshold(validation.threshold, wanted=settings.precision, log=log)
    log_validation(report, held_out=validation.examples)


def _train_bert(arguments: argparse.Namespace, model_folder: Path) -> None:
    settings = settings_of(arguments)
    per_host = _processes_per_host(arguments.processes_per_host)
    try:
        from sortline_training.bert.job import run_bert
        from sortline_training.bert.processes import become_all_processes
    except ModuleNotFoundError as error:
        raise InputProblem(
            f"--algorithm bert needs the Python package {error.name}, which this image does not have: give the job a "
            "Hugging Face training image, or use --algorithm linear"
        ) from error
    become_all_processes(__file__, sys.argv[1:], per_host)
    examples = _examples()
    require_two_labels(examples)
    stored = run_bert(
        examples,
        base_model=arguments.base_model,
        cleaning=arguments.cleaning,
        settings=settings,
        folder=model_folder,
    )
    if stored:
        write_learnt(examples.texts, model_folder)
        _copy_serving_code("bert", model_folder)


def _processes_per_host(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        number = whole_number(text)
    except ValueError as error:
        raise InputProblem(f"hyperparameters: --processes-per-host is {text!r}; it must be {error}") from None
    if not 1 <= number <= _MOST_PROCESSES:
        raise InputProblem(f"hyperparameters: --processes-per-host is {number}; it must be from 1 to {_MOST_PROCESSES}")
    return number


def _arguments() -> argparse.Namespace:
    parser = HyperparameterParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--algorithm", choices=["linear", "bert"], default="linear")
    parser.add_argument("--cleaning", required=True, help="version of the cleaning that the texts went through")
    common, others = parser.parse_known_args()
    own = HyperparameterParser(allow_abbrev=False)
    if common.algorithm == "bert":
        own.add_argument("--base-model", default=None)
        own.add_argument("--processes-per-host", metavar="VALUE", default=None)
        add_arguments(own)
    else:
        linear_settings.add_arguments(own)
    arguments, unknown = own.parse_known_args(others, common)
    if unknown:
        actions = (*parser._actions, *own._actions)
        known = ", ".join(sorted(name for action in actions for name in action.option_strings if "help" not in name))
        raise InputProblem(f"hyperparameters: {' '.join(unknown)} not known to {common.algorithm}; known are {known}")
    if arguments.cleaning == "":
        raise InputProblem("hyperparameters: --cleaning is empty; give the version of the cleaning of the texts")
    return arguments


def _copy_serving_code(algorithm: str, model_folder: Path) -> None:
    here = Path(__file__).resolve().parent
    target = model_folder / "code"
    for name in _SERVING_CODE[algorithm]:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(here / name, target / name)


if __name__ == "__main__":
    run(main)
