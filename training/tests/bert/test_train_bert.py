from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from jobs import RunJob, write_csv

from sortline_training.bert.settings import Settings
from sortline_training.dataset import Examples, digest_of
from sortline_training.errors import InputProblem
from sortline_training.learnt import read_learnt

OPTIONS = ("--epochs", "2", "--batch-size", "4", "--learning-rate", "0.003")


def test_a_job_stores_a_model_with_all_that_serving_needs(
    run_job: RunJob, examples: Examples, tiny_bert: Path, tmp_path: Path
) -> None:
    write_csv(tmp_path / "train" / "data.csv", examples)
    # The channel counts, whatever the hyperparameter says.
    shutil.copytree(tiny_bert, tmp_path / "base-model" / "inside")
    named = ("--algorithm", "bert", "--cleaning", "1", "--base-model", "/nowhere")
    job = run_job("train.py", *named, *OPTIONS, channels=["train", "base-model"])
    assert job.returncode == 0, job.stderr
    metrics = [line for line in job.stdout.splitlines() if re.fullmatch(r"[\w:]+=[\d.]+;", line)]
    assert sum(line.startswith("epoch=") for line in metrics) == 2
    assert metrics[-1].startswith("validation:macro_f1=")
    model = tmp_path / "model"
    files = {str(path.relative_to(model)) for path in model.rglob("*") if path.is_file()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "sortline.json", "code/inference.py"} <= files
    assert read_learnt(model) == {digest_of(text) for text in examples.texts}
    assert not [name for name in files if name.endswith((".bin", ".pt", ".pkl"))]
    described = json.loads((model / "sortline.json").read_text(encoding="utf-8"))
    assert described["labels"] == ["delivery", "fault", "payment"]
    assert (described["cleaning"], described["name"], described["algorithm"]) == ("1", "a-job", "bert")
    assert 0.2 <= described["sharpness"] <= 5
    assert described["threshold"]["wanted"] == 0.95
    assert described["facts"]["settings"]["learning_rate"] == 0.003
    assert described["facts"]["baseModel"] == "base-model"
    assert re.fullmatch("[0-9a-f]{64}", described["facts"]["baseModelDigest"])


class Trial:
    """A training in this process, and what it said."""

    def __init__(self, examples: Examples, base_model: Path, settings: Settings) -> None:
        torch = pytest.importorskip("torch", reason="needs torch and transformers")
        from sortline_training.bert.fit import fit
        from sortline_training.bert.model import load_base
        from sortline_training.bert.processes import Processes

        self.lines: list[str] = []
        self.metrics: list[tuple[str, float]] = []
        labels = tuple(sorted(set(examples.labels)))
        self.base = load_base(str(base_model), labels, settings.seed)
        self.fitted = fit(
            examples,
            self.base,
            labels,
            settings=settings,
            identity=[],
            checkpoints=None,
            processes=Processes(0, 1, torch.device("cpu")),
            log=self.lines.append,
            log_metric=lambda name, value: self.metrics.append((name, value)),
        )

    def weights(self) -> list[bytes]:
        return [tensor.numpy().tobytes() for tensor in self.base.model.state_dict().values()]


SETTINGS = {"epochs": 4, "batch_size": 4, "learning_rate": 0.003, "patience": 9}


def test_the_same_seed_gives_the_same_model_and_another_one_another(examples: Examples, tiny_bert: Path) -> None:
    first, second = (Trial(examples, tiny_bert, Settings(**SETTINGS)) for _ in range(2))
    assert first.weights() == second.weights()
    assert Trial(examples, tiny_bert, Settings(**SETTINGS, seed=2)).weights() != first.weights()


def test_it_learns(examples: Examples, tiny_bert: Path) -> None:
    settings = Settings(epochs=15, batch_size=4, learning_rate=0.01, patience=15)
    losses = [value for name, value in Trial(examples, tiny_bert, settings).metrics if name == "train:loss"]
    assert losses[-1] < 0.5 * losses[0], losses


def test_memory_changes_no_result(examples: Examples, tiny_bert: Path) -> None:
    usual = Trial(examples, tiny_bert, Settings(**{**SETTINGS, "epochs": 1}))
    small = Trial(examples, tiny_bert, Settings(**{**SETTINGS, "epochs": 1}, tokens_per_batch=64))
    losses = [dict(trial.metrics)["train:loss"] for trial in (usual, small)]
    # Dropout is drawn by batch, and differs.
    assert losses[0] == pytest.approx(losses[1], rel=0.1)


@pytest.mark.parametrize(
    "option",
    [{"class_weights": "balanced"}, {"label_smoothing": 0.0}, {"warmup": 0.5}, {"validation": 0.5}],
    ids=lambda option: next(iter(option)),
)
def test_options_change_what_is_learnt(examples: Examples, tiny_bert: Path, option: dict[str, object]) -> None:
    # Of one label there are fewer.
    seen = examples.where(np.arange(len(examples.texts)) >= 4)
    usual = Trial(seen, tiny_bert, Settings(**{**SETTINGS, "epochs": 1}))
    changed = Trial(seen, tiny_bert, Settings(**{**SETTINGS, "epochs": 1}, **option))
    assert changed.weights() != usual.weights()


def test_it_ends_when_the_validation_gets_no_better(examples: Examples, tiny_bert: Path) -> None:
    trial = Trial(examples, tiny_bert, Settings(epochs=30, batch_size=4, learning_rate=1e-7, patience=2))
    assert trial.fitted.outcome.epochs == 3


def test_long_texts_are_told_of(examples: Examples, tiny_bert: Path) -> None:
    trial = Trial(examples, tiny_bert, Settings(**{**SETTINGS, "epochs": 1}, longest=16, long_texts="windows"))
    (line,) = [line for line in trial.lines if "longer" in line]
    assert re.fullmatch(r"\d+ of 24 texts are longer than 16 tokens: at most 8 windows of each are read", line)
    assert trial.fitted.cut == int(line.split()[0])


def test_the_loss_is_that_of_a_text_also_where_it_is_in_windows(examples: Examples, tiny_bert: Path) -> None:
    settings = Settings(epochs=1, batch_size=4, learning_rate=1e-7, longest=16, long_texts="windows")
    trial = Trial(examples, tiny_bert, settings)
    assert trial.fitted.cut > 0
    # A model that has learnt nothing yet guesses.
    assert dict(trial.metrics)["train:loss"] == pytest.approx(np.log(3), abs=0.1)


def test_a_training_that_diverges_fails_with_what_to_do(examples: Examples, tiny_bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(tiny_bert, tmp_path / "base")
    weights = load_file(tmp_path / "base" / "model.safetensors")
    weights["encoder.layer.0.output.dense.weight"][0, 0] = float("nan")
    save_file(weights, tmp_path / "base" / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputProblem, match=r"diverged in epoch 1: .* lower learning-rate than 0\.003"):
        Trial(examples, tmp_path / "base", Settings(**SETTINGS))


def test_a_base_model_that_is_not_there_is_told(tiny_bert: Path, tmp_path: Path) -> None:
    assert tiny_bert.is_dir()
    from sortline_training.bert.model import load_base

    for name, expected in [
        ("/nowhere", "--base-model is '/nowhere', which is no folder"),
        (str(tmp_path), "has no config.json"),
        ("no-one/no-such-model", "the base model 'no-one/no-such-model' cannot be loaded"),
    ]:
        with pytest.raises(InputProblem, match=re.escape(expected)):
            load_base(name, ("a", "b"), 1)
