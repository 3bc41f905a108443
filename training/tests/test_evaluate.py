from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from conftest import Job, RunJob, write_csv

from sortline_training.dataset import Examples
from sortline_training.fitting import fit_once


@pytest.fixture
def judged(examples: Examples, tmp_path: Path) -> Path:
    """A folder with a trained model's archive as channel `model`."""
    fit_once(examples, seed=1).save(tmp_path / "trained")
    (tmp_path / "model").mkdir()
    with tarfile.open(tmp_path / "model" / "model.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "trained", arcname=".")
    return tmp_path


def evaluate(run_job: RunJob, folder: Path) -> Job:
    return run_job("evaluate.py", channels=["model", "test"], folder=folder)


def test_the_evaluation_has_figures_classes_and_confusion(run_job: RunJob, judged: Path, examples: Examples) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    job = evaluate(run_job, judged)
    assert job.returncode == 0, job.stderr
    evaluation = json.loads((judged / "model" / "evaluation.json").read_text(encoding="utf-8"))
    assert list(evaluation) == ["version", "accuracy", "macro_f1", "ece", "classes", "confusion"]
    assert evaluation["version"] == 1
    assert evaluation["accuracy"] == 1.0
    assert evaluation["classes"][0] == {"label": "delivery", "precision": 1, "recall": 1, "f1": 1, "support": 8}
    assert evaluation["confusion"] == {
        "labels": ["delivery", "fault", "payment"],
        "matrix": [[8, 0, 0], [0, 8, 0], [0, 0, 8]],
    }
    assert "test:accuracy=1.0000;" in job.stdout


def test_labels_that_the_model_does_not_know_are_errors_and_named(
    run_job: RunJob, judged: Path, examples: Examples
) -> None:
    write_csv(judged / "test" / "data.csv", Examples((*examples.texts[:3], "x"), (*examples.labels[:3], "novel")))
    job = evaluate(run_job, judged)
    assert "1 test examples have labels that the model does not know, counted as errors: novel" in job.stdout
    assert "test:accuracy=0.7500;" in job.stdout


def test_a_missing_archive_fails_the_job(run_job: RunJob, judged: Path, examples: Examples) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    (judged / "model" / "model.tar.gz").unlink()
    job = evaluate(run_job, judged)
    assert job.returncode == 1
    assert "no such file" in job.failure


def test_a_damaged_archive_fails_the_job(run_job: RunJob, judged: Path, examples: Examples) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    archive = judged / "model" / "model.tar.gz"
    archive.write_bytes(archive.read_bytes()[:2000])
    job = evaluate(run_job, judged)
    assert job.returncode == 1
    assert "cannot be unpacked" in job.failure


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside-of-the-model"])
def test_an_archive_that_leads_out_of_its_folder_is_refused(
    run_job: RunJob, judged: Path, examples: Examples, name: str
) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    with tarfile.open(judged / "model" / "model.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 3
        tar.addfile(entry, io.BytesIO(b"bad"))
    job = evaluate(run_job, judged)
    assert job.returncode == 1
    assert "leads out of the folder" in job.failure


def test_an_archive_with_a_link_is_refused(run_job: RunJob, judged: Path, examples: Examples) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    with tarfile.open(judged / "model" / "model.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo("model.json")
        entry.type = tarfile.SYMTYPE
        entry.linkname = "/etc/hostname"
        tar.addfile(entry)
    job = evaluate(run_job, judged)
    assert job.returncode == 1
    assert "neither a file nor a folder" in job.failure
