"""How good a BERT is after five epochs: our training job as it is, beside Hugging Face's Trainer at the same settings.

- `bert_accuracy`, `bert_ece`: what `training/evaluate.py` says of the test set of the model of `training/train.py`,
  which holds a tenth of its data out to choose the best epoch and to calibrate.
- `bert_epoch_s`: an epoch of it with its validation, the median.
- `bert_accuracy_trainer`: of the Trainer with DataCollatorWithPadding, on all of the data, after its last epoch.
- `bert_epoch_s_trainer`: an epoch of it, which has no validation.

Batches of 32, a learning rate of at most 3e-4. One run of each, with a fixed seed.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path
from statistics import median
from sys import stderr

from base_model import base_model
from figures import Figure, parser_of, progress, show
from job import run_job, write_channel
from sampling import sample_of
from trainer import Recipe, Way, accuracy_of, dataset_of, trainer_of

from sortline_training.dataset import Examples, read_examples


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--examples", type=int, help="of the training data, and as many test texts (default: all)")
    arguments = parser.parse_args()
    train, test = (
        _some(read_examples(arguments.data / name), arguments.examples) for name in ("train.csv", "test.csv")
    )
    recipe = Recipe(epochs=arguments.epochs, batch_size=32, learning_rate=3e-4)
    with tempfile.TemporaryDirectory(prefix="sortline-bench-") as folder:
        ours = _ours(train, test, recipe, Path(folder))
        show({**ours, **_trainer(train, test, recipe, Path(folder))})


def _some(examples: Examples, count: int | None) -> Examples:
    return examples if count is None else sample_of(examples, min(count, len(examples.texts)))


def _ours(train: Examples, test: Examples, recipe: Recipe, folder: Path) -> dict[str, Figure]:
    progress("Training our way …")
    ends: list[float] = []

    def note(line: str) -> None:
        # The training's first epoch begins with the one line, and each ends with the other.
        if line.startswith(("training on ", "epoch=")):
            ends.append(time.perf_counter())
        progress(f"  {line}")

    run_job(
        "train.py",
        *("--algorithm", "bert", "--cleaning", "bench", "--epochs", str(recipe.epochs)),
        *("--batch-size", str(recipe.batch_size), "--learning-rate", str(recipe.learning_rate)),
        channels={"train": write_channel(folder / "train", train), "base-model": base_model()},
        model=folder / "model",
        on_line=note,
    )
    candidate = folder / "candidate"
    candidate.mkdir()
    with tarfile.open(candidate / "model.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(folder / "model", arcname=".")
    progress("Judging it …")
    channels = {"model": candidate, "test": write_channel(folder / "test", test)}
    run_job("evaluate.py", channels=channels, model=folder / "evaluated", on_line=lambda _: None)
    evaluation = json.loads((folder / "evaluated" / "evaluation.json").read_text(encoding="utf-8"))
    shutil.rmtree(candidate)
    return {
        "bert_accuracy": Figure(evaluation["accuracy"], "share"),
        "bert_ece": Figure(evaluation["ece"], "share"),
        "bert_epoch_s": Figure(median(_differences(ends)), "s"),
    }


def _trainer(train: Examples, test: Examples, recipe: Recipe, folder: Path) -> dict[str, Figure]:
    progress("Training with the Trainer …")
    labels = tuple(sorted(set(train.labels)))
    way = Way(pads_to_longest_of_batch=True)
    # What it prints is progress here.
    with redirect_stdout(stderr):
        trainer = trainer_of(train, labels, base_model(), way, recipe, folder / "trainer")
        began = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - began
        known = dataset_of(test, labels, base_model(), way)
        accuracy = accuracy_of(trainer, known)
    return {
        "bert_accuracy_trainer": Figure(accuracy, "share"),
        "bert_epoch_s_trainer": Figure(seconds / recipe.epochs, "s"),
    }


def _differences(moments: Sequence[float]) -> list[float]:
    return [end - begin for begin, end in pairwise(moments)]


if __name__ == "__main__":
    main()
