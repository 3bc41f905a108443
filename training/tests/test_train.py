from __future__ import annotations

import json
import re
from pathlib import Path

from jobs import RunJob, write_csv

from sortline_training.dataset import Examples, digest_of
from sortline_training.learnt import read_learnt

HYPERPARAMETERS = ("--algorithm", "linear", "--cleaning", "1", "--seed", "7")


def test_a_model_is_written_with_the_code_that_serves_it(run_job: RunJob, examples: Examples, tmp_path: Path) -> None:
    write_csv(tmp_path / "train" / "data.csv", examples)
    job = run_job("train.py", *HYPERPARAMETERS, channels=["train"])
    assert job.returncode == 0, job.stderr
    model = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))
    assert model["labels"] == ["delivery", "fault", "payment"]
    assert (model["cleaning"], model["name"]) == ("1", "a-job")
    assert model["facts"]["examplesByLabel"] == {"delivery": 8, "fault": 8, "payment": 8}
    files = {str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert files == {
        "model.json",
        "model.npz",
        "learnt-from.txt",
        "code/inference.py",
        "code/sortline_training/__init__.py",
        "code/sortline_training/calibration.py",
        "code/sortline_training/errors.py",
        "code/sortline_training/features.py",
        "code/sortline_training/linear_model.py",
    }
    assert read_learnt(tmp_path / "model") == {digest_of(text) for text in examples.texts}


def test_metrics_are_logged_and_the_objective_comes_last(run_job: RunJob, examples: Examples, tmp_path: Path) -> None:
    write_csv(tmp_path / "train" / "data.csv", examples)
    job = run_job("train.py", *HYPERPARAMETERS, channels=["train"])
    assert "train:examples=24;" in job.stdout
    assert re.search(r"validation:accuracy=[01]\.\d{4};", job.stdout)
    assert re.fullmatch(r"validation:macro_f1=[01]\.\d{4};", job.stdout.splitlines()[-1])


def test_the_same_data_and_seed_make_the_same_model(run_job: RunJob, examples: Examples, tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_csv(tmp_path / name / "train" / "data.csv", examples)
        run_job("train.py", *HYPERPARAMETERS, channels=["train"], folder=tmp_path / name)
    for file in ("model.json", "model.npz"):
        first, second = (tmp_path / name / "model" / file for name in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_hyperparameters_decide_about_the_model_and_its_validation(
    run_job: RunJob, examples: Examples, tmp_path: Path
) -> None:
    write_csv(tmp_path / "train" / "data.csv", examples)
    given = ("--inverse-regularization", "0.5", "--class-weights", "none", "--most-terms", "50")
    job = run_job("train.py", *HYPERPARAMETERS, *given, channels=["train"])
    assert job.returncode == 0, job.stderr
    model = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))
    facts = model["facts"]
    settings = facts["settings"]
    assert (settings["inverse_regularization"], settings["class_weights"], settings["most_terms"]) == (0.5, "none", 50)
    assert len(model["pieces"]) == 50
    before = run_job("train.py", *HYPERPARAMETERS, channels=["train"]).stdout.splitlines()
    assert job.stdout.splitlines()[-3] != before[-3]


def test_one_label_fails_the_job_with_a_readable_reason(run_job: RunJob, tmp_path: Path) -> None:
    write_csv(tmp_path / "train" / "data.csv", Examples(("one", "two"), ("same", "same")))
    job = run_job("train.py", *HYPERPARAMETERS, channels=["train"])
    assert job.returncode == 1
    assert job.failure.startswith("the training data has only one category, 'same'")
    assert not (tmp_path / "model" / "model.json").exists()


def test_a_missing_channel_fails_the_job_by_name(run_job: RunJob) -> None:
    job = run_job("train.py", *HYPERPARAMETERS)
    assert job.returncode == 1
    assert "no channel 'train', which it must have: SM_CHANNEL_TRAIN is not set" in job.failure


def test_wrong_hyperparameters_fail_the_job_by_name(run_job: RunJob, examples: Examples, tmp_path: Path) -> None:
    write_csv(tmp_path / "train" / "data.csv", examples)
    for arguments, expected in [
        (["--cleaning", "1", "--depth", "3"], "--depth 3 not known"),
        (["--cleaning", "1", "--algorithm", "magic"], "magic"),
        (["--seed", "1"], "--cleaning"),
        (["--cleaning", "1", "--seed", "-1"], "--seed is -1; it must be from 0 to 2147483647"),
        (["--cleaning", "1", "--class-weights", "some"], "--class-weights"),
        (
            ["--cleaning", "1", "--inverse-regularization", "0", "--most-terms", "9"],
            "--inverse-regularization is 0.0; it must be from 0.0001 to 100000; --most-terms is 9; it must be",
        ),
    ]:
        job = run_job("train.py", *arguments, channels=["train"])
        assert job.returncode == 1
        assert job.failure.startswith("hyperparameters: ")
        assert expected in job.failure


def test_an_unexpected_error_is_in_the_failure_file(run_job: RunJob, examples: Examples, tmp_path: Path) -> None:
    write_csv(tmp_path / "train" / "data.csv", examples)
    (tmp_path / "model").write_text("a file where a folder should be")
    job = run_job("train.py", *HYPERPARAMETERS, channels=["train"])
    assert job.returncode == 1
    assert job.failure.startswith("unexpected FileExistsError")
    assert "Traceback" in job.stderr
