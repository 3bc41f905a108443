"""How good the linear model is and how long its training job takes, beside scikit-learn's usual pipeline.

- `linear_accuracy`, `linear_ece`: what `training/evaluate.py` says of the test set of the model of `training/train.py`.
- `linear_train_s`: the whole process of `train.py`: it starts, reads the channel, validates, fits and stores.
- `…_plain`: the same of `plain_linear.py`, which neither validates nor calibrates.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
from figures import Figure, parser_of, progress, show
from job import run_job

from sortline_training.dataset import read_examples
from sortline_training.metrics import report_of


def main() -> None:
    data: Path = parser_of(__doc__).parse_args().data
    with tempfile.TemporaryDirectory(prefix="sortline-bench-") as folder:
        base = Path(folder)
        for name in ("train", "test"):
            (base / name).mkdir()
            shutil.copyfile(data / f"{name}.csv", base / name / f"{name}.csv")
        progress("Training and evaluating the linear model …")
        ours = _ours(base)
        progress("Training scikit-learn's pipeline …")
        show({**ours, **_plain(base)})


def _ours(base: Path) -> dict[str, Figure]:
    trained = base / "trained"
    options = ["--algorithm", "linear", "--cleaning", "bench"]
    seconds = _timed(lambda: run_job("train.py", *options, channels={"train": base / "train"}, model=trained))
    candidate = base / "candidate"
    candidate.mkdir()
    with tarfile.open(candidate / "model.tar.gz", "w:gz") as archive:
        archive.add(trained, arcname=".")
    evaluated = base / "evaluated"
    run_job("evaluate.py", channels={"model": candidate, "test": base / "test"}, model=evaluated)
    evaluation = json.loads((evaluated / "evaluation.json").read_text(encoding="utf-8"))
    return {
        "linear_accuracy": Figure(evaluation["accuracy"], "share"),
        "linear_ece": Figure(evaluation["ece"], "share"),
        "linear_train_s": Figure(seconds, "s"),
    }


def _plain(base: Path) -> dict[str, Figure]:
    file = base / "plain.joblib"
    program = Path(__file__).with_name("plain_linear.py")
    command = [sys.executable, str(program), str(base / "train"), str(file)]
    seconds = _timed(lambda: subprocess.run(command, check=True))
    pipeline = joblib.load(file)
    test = read_examples(base / "test")
    probabilities = np.asarray(pipeline.predict_proba(list(test.texts)), dtype=np.float64)
    report = report_of(test.labels, probabilities, [str(label) for label in pipeline.classes_])
    return {
        "linear_accuracy_plain": Figure(report.accuracy, "share"),
        "linear_ece_plain": Figure(report.ece, "share"),
        "linear_train_s_plain": Figure(seconds, "s"),
    }


def _timed(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
