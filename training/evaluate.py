"""Judges a model on a test set, once, when the search for it has ended.

Channels: `model` (its model.tar.gz), `test`, and where they are given `champion` (the model.tar.gz of the model in
service, judged on the same texts) and `train` (on which the linear baseline is trained). Writes `evaluation.json` and
`evaluation.html` as its model.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from sortline_training.archive import unpack_model
from sortline_training.calibration import PRECISIONS
from sortline_training.container import channel, channel_if_given, folder_of, job_name, log, log_metric, run
from sortline_training.dataset import Examples, digest_of, read_examples
from sortline_training.errors import InputProblem
from sortline_training.hyperparameters import HyperparameterParser
from sortline_training.judging.compare import compare
from sortline_training.judging.evaluation import as_text, to_json
from sortline_training.judging.figures import Judged, judge
from sortline_training.judging.report.page import page
from sortline_training.learnt import read_learnt
from sortline_training.metrics import Report
from sortline_training.models import Model, load_model, of_linear


def main() -> None:
    arguments = _arguments()
    target = folder_of("SM_MODEL_DIR", "the folder to write evaluation.json to")
    examples = read_examples(channel("test"))
    candidate = _judge_stored("model", examples, arguments.precision)
    cleaning = arguments.cleaning if arguments.cleaning is not None else candidate.cleaning
    evaluation = compare(
        candidate,
        champion=_judge_stored("champion", examples, arguments.precision) if channel_if_given("champion") else None,
        baseline=_judge_baseline(examples, cleaning, arguments) if channel_if_given("train") else None,
        test_labels=examples.labels,
        split_by_text=any(digest_of(text) == own for text, own in zip(examples.texts, examples.ids, strict=True)),
        test_cleaning=cleaning,
        seed=arguments.seed,
    )
    target.mkdir(parents=True, exist_ok=True)
    (target / "evaluation.json").write_text(as_text(to_json(evaluation)), encoding="utf-8")
    (target / "evaluation.html").write_text(page(evaluation, title=job_name("evaluation")), encoding="utf-8")

    report = candidate.report
    _print_table(report)
    for note in evaluation.notes:
        log(note)
    for who, other in (("champion", evaluation.champion), ("baseline", evaluation.baseline)):
        if other is not None:
            ahead = other.difference
            log(
                f"accuracy {report.accuracy:.4f}, that of the {who} {other.judged.report.accuracy:.4f}: "
                f"{ahead.accuracy:+.4f} (95 %: {ahead.low:+.4f} to {ahead.high:+.4f})"
            )
    log_metric("test:examples", len(examples.texts))
    log_metric("test:ece", report.ece)
    log_metric("test:accuracy", report.accuracy)
    log_metric("test:macro_f1", report.macro_f1)


def _judge_stored(name: str, examples: Examples, precision: float) -> Judged:
    """Judges the model of a channel, which is gone from memory and disk afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            unpack_model(channel(name) / "model.tar.gz", Path(folder))
            model = load_model(Path(folder))
            log(f"judging the {name} {model.name} ({model.algorithm}) on {len(examples.texts)} test examples")
            return judge(model, examples, precision=precision, learnt=read_learnt(Path(folder)))
        # The channel is named, by which the judge knows which of the models is to blame; a model that is damaged, or of
        # another version of a library, may fail by any error.
        except Exception as error:
            problem = str(error) if isinstance(error, InputProblem) else f"unexpected {type(error).__name__}: {error}"
            without = "" if name == "model" else f"; leave out the channel '{name}' to do without it"
            raise InputProblem(f"channel '{name}': {problem}{without}") from error


def _judge_baseline(examples: Examples, cleaning: str, arguments: argparse.Namespace) -> Judged:
    return judge(_baseline(cleaning, arguments.seed), examples, precision=arguments.precision)


def _baseline(cleaning: str, seed: int) -> Model:
    # Here, since without a baseline nothing is fitted.
    from sortline_training.fitting import fit
    from sortline_training.linear_settings import LinearSettings

    train = read_examples(channel("train"))
    log(f"training the linear baseline on {len(train.texts)} examples")
    return of_linear(fit(train, LinearSettings(seed=seed), cleaning=cleaning, name="baseline", log=log)[0])


def _arguments() -> argparse.Namespace:
    parser = HyperparameterParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--cleaning", help="version of the cleaning of the test texts; default: that of the model")
    parser.add_argument("--precision", type=float, default=0.95, help="wanted of what a model decides alone")
    parser.add_argument("--seed", type=int, default=1, help="of the baseline and the bootstrap")
    arguments = parser.parse_args()
    problems = []
    low, high = PRECISIONS
    if not low <= arguments.precision <= high:
        problems.append(f"--precision is {arguments.precision}; it must be from {low} to {high}")
    if arguments.seed < 0:
        problems.append(f"--seed is {arguments.seed}; it must be 0 or more")
    if problems:
        raise InputProblem("hyperparameters: " + "; ".join(problems))
    return arguments


def _print_table(report: Report) -> None:
    width = max(len("label"), *(len(row.label) for row in report.classes))
    log(f"{'label':<{width}}  precision  recall      f1  support")
    for row in report.classes:
        log(f"{row.label:<{width}}  {row.precision:9.3f}  {row.recall:6.3f}  {row.f1:6.3f}  {row.support:7d}")


if __name__ == "__main__":
    run(main)
