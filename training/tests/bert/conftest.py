from __future__ import annotations

import os
from pathlib import Path

import pytest
from jobs import RunJob, write_csv

from sortline_training.dataset import Examples

# Nothing is fetched in a test.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small base model."""
    for package in ("torch", "transformers"):
        pytest.importorskip(package, reason="needs torch and transformers")
    from tiny_bert import make_tiny_bert

    folder = tmp_path_factory.mktemp("tiny-bert")
    make_tiny_bert(folder)
    return folder


@pytest.fixture
def trained(run_job: RunJob, examples: Examples, tiny_bert: Path, tmp_path: Path) -> Path:
    """The folder of a model that a job has stored."""
    write_csv(tmp_path / "train" / "data.csv", examples)
    named = ("--algorithm", "bert", "--cleaning", "1", "--base-model", str(tiny_bert), "--longest", "32")
    job = run_job("train.py", *named, "--epochs", "3", "--learning-rate", "0.003", channels=["train"])
    assert job.returncode == 0, job.stderr
    return tmp_path / "model"
