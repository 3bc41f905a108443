from __future__ import annotations

import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jobs import RunJob, write_csv

from sortline_training.dataset import Examples
from sortline_training.errors import InputProblem
from sortline_training.fitting import fit_once
from sortline_training.models import load_model


def put_archive(folder: Path, channel: Path) -> None:
    channel.mkdir()
    with tarfile.open(channel / "model.tar.gz", "w:gz") as tar:
        tar.add(folder, arcname=".")


def test_a_stored_bert_is_judged_by_its_own_threshold_beside_linear_models(
    run_job: RunJob, trained: Path, examples: Examples, tmp_path: Path
) -> None:
    base = tmp_path / "evaluation"
    base.mkdir()
    put_archive(trained, base / "model")
    replace(fit_once(examples), name="champion-1", cleaning="1").save(tmp_path / "champion")
    put_archive(tmp_path / "champion", base / "champion")
    write_csv(base / "test" / "data.csv", examples)
    write_csv(base / "train" / "data.csv", examples)
    job = run_job("evaluate.py", "--cleaning", "1", channels=["model", "champion", "test", "train"], folder=base)
    assert job.returncode == 0, job.stderr
    evaluation = json.loads((base / "model" / "evaluation.json").read_text(encoding="utf-8"))
    assert (evaluation["model"], evaluation["algorithm"], evaluation["cleaning"]) == ("a-job", "bert", "1")
    stored = json.loads((trained / "sortline.json").read_text(encoding="utf-8"))["threshold"]
    found = evaluation["threshold"]
    assert found["probability"] == stored["probability"]
    assert (found["wanted"], found["chosenOn"]) == (stored["wanted"], "validation")
    assert (evaluation["champion"]["algorithm"], evaluation["baseline"]["algorithm"]) == ("linear", "linear")


def test_the_probabilities_are_those_that_serving_answers_with(trained: Path, examples: Examples) -> None:
    from sortline_training.bert import serving

    model, served = load_model(trained), serving.load_model(trained)
    assert (model.labels, model.name, model.cleaning) == (served.labels, served.name, served.cleaning)
    np.testing.assert_allclose(model.probabilities(examples.texts), served.probabilities(examples.texts), atol=1e-6)


@pytest.mark.parametrize("content", ["", '{"format": 9, "algorithm": "bert"}', '{"format": 1, "algorithm": "bert"}'])
def test_a_bert_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, content: str) -> None:
    pytest.importorskip("torch", reason="needs torch and transformers")
    (tmp_path / "sortline.json").write_text(content)
    with pytest.raises(InputProblem, match="the model cannot be read: "):
        load_model(tmp_path)
