from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jobs import TRAINING, job_environment, write_csv

from sortline_training.dataset import Examples

OPTIONS = ("--epochs", "4", "--batch-size", "3", "--learning-rate", "0.003", "--patience", "3")


@pytest.fixture
def job(examples: Examples, tiny_bert: Path, tmp_path: Path) -> list[str]:
    write_csv(tmp_path / "train" / "data.csv", examples)
    named = ("--algorithm", "bert", "--cleaning", "1", "--base-model", str(tiny_bert))
    return [sys.executable, str(TRAINING / "train.py"), *named, *OPTIONS]


def run_to_the_end(job: list[str], base: Path, checkpoints: Path | None, *more: str) -> str:
    done = subprocess.run(
        [*job, *more], env=environment(base, checkpoints), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(base: Path, checkpoints: Path | None) -> dict[str, str]:
    own = {} if checkpoints is None else {"SORTLINE_CHECKPOINTS": str(checkpoints)}
    return {**job_environment(base, ["train"]), **own}


def final_metrics(log: str) -> list[str]:
    lines = log.splitlines()
    return lines[next(at for at, line in enumerate(lines) if line.startswith("model of epoch")) :]


def kill_at(job: list[str], base: Path, checkpoints: Path, number: int) -> None:
    """Ends the job without a word once it has written so many checkpoints."""
    process = subprocess.Popen(
        [*job, "--checkpoint-minutes", "0"],
        env=environment(base, checkpoints),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as log:
        written = (line for line in log if line.startswith("checkpoint "))
        for _ in range(number):
            next(written)
        process.kill()
    process.wait()


def test_a_training_that_was_killed_ends_as_if_it_had_not_been(job: list[str], tmp_path: Path) -> None:
    alone = run_to_the_end(job, tmp_path, None, "--checkpoint-minutes", "0")
    model = tmp_path / "model"
    weights = (model / "model.safetensors").read_bytes()
    for number in (1, 5, 13):
        checkpoints = tmp_path / f"checkpoints-{number}"
        checkpoints.mkdir()
        shutil.rmtree(model)
        kill_at(job, tmp_path, checkpoints, number)
        assert not (model / "sortline.json").exists()
        resumed = run_to_the_end(job, tmp_path, checkpoints, "--checkpoint-minutes", "0")
        assert "going on from the checkpoint after epoch" in resumed
        assert final_metrics(resumed) == final_metrics(alone)
        assert (model / "model.safetensors").read_bytes() == weights


def test_a_training_whose_last_checkpoint_was_damaged_ends_as_if_it_had_not_been(
    job: list[str], tmp_path: Path
) -> None:
    alone = run_to_the_end(job, tmp_path, None, "--checkpoint-minutes", "0")
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    kill_at(job, tmp_path, checkpoints, 9)
    last = max(checkpoints.glob("*.json"), key=lambda file: json.loads(file.read_text())["number"]).with_suffix(".pt")
    last.write_bytes(last.read_bytes()[:1000])
    resumed = run_to_the_end(job, tmp_path, checkpoints, "--checkpoint-minutes", "0")
    assert f"the checkpoint {last} cannot be read, and is left out: it has 1000 bytes, and had " in resumed
    assert "going on from the checkpoint after epoch" in resumed
    assert final_metrics(resumed) == final_metrics(alone)


def test_a_training_that_had_ended_only_stores_its_model_again_and_another_one_begins_afresh(
    job: list[str], tiny_bert: Path, tmp_path: Path
) -> None:
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    first = run_to_the_end(job, tmp_path, checkpoints)
    again = run_to_the_end(job, tmp_path, checkpoints)
    assert final_metrics(again) == final_metrics(first)
    assert "epoch=" not in again
    assert "going on" not in run_to_the_end(job, tmp_path, checkpoints, "--seed", "2")
    # Another base model is another one, also in a folder of the same name, as every channel's is.
    run_to_the_end(job, tmp_path, checkpoints)
    shutil.copytree(tiny_bert, tmp_path / "other" / tiny_bert.name)
    config = tmp_path / "other" / tiny_bert.name / "config.json"
    config.write_text(config.read_text().replace('"hidden_dropout_prob": 0.1', '"hidden_dropout_prob": 0.2'))
    other = run_to_the_end(job, tmp_path, checkpoints, "--base-model", str(config.parent))
    assert "going on" not in other
    assert "is of another training, and is left out" in other
