"""Judges a model on a test set. Channels `model` (model.tar.gz) and `test`; writes `evaluation.json` as its model."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from sortline_training.archive import unpack_model
from sortline_training.container import channel, folder_of, log, log_metric, run
from sortline_training.dataset import read_examples
from sortline_training.errors import InputProblem
from sortline_training.linear_model import LinearModel, load_model
from sortline_training.metrics import Report, report_of


def main() -> None:
    target = folder_of("SM_MODEL_DIR", "the folder to write evaluation.json to")
    examples = read_examples(channel("test"))
    with tempfile.TemporaryDirectory() as folder:
        unpack_model(channel("model") / "model.tar.gz", Path(folder))
        model = _load(Path(folder))
    unknown = sorted(set(examples.labels) - set(model.labels))
    if unknown:
        count = sum(label in unknown for label in examples.labels)
        log(f"{count} test examples have labels that the model does not know, counted as errors: {', '.join(unknown)}")
    report = report_of(examples.labels, model.probabilities(examples.texts), model.labels)

    target.mkdir(parents=True, exist_ok=True)
    (target / "evaluation.json").write_text(
        json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    _print_table(report)
    log_metric("test:examples", len(examples.texts))
    log_metric("test:ece", report.ece)
    log_metric("test:accuracy", report.accuracy)
    log_metric("test:macro_f1", report.macro_f1)


def _load(folder: Path) -> LinearModel:
    try:
        return load_model(folder)
    except (OSError, ValueError, KeyError) as error:
        raise InputProblem(f"the model cannot be read: {error}") from error


def _print_table(report: Report) -> None:
    width = max(len("label"), *(len(row.label) for row in report.classes))
    log(f"{'label':<{width}}  precision  recall      f1  support")
    for row in report.classes:
        log(f"{row.label:<{width}}  {row.precision:9.3f}  {row.recall:6.3f}  {row.f1:6.3f}  {row.support:7d}")


if __name__ == "__main__":
    run(main)
