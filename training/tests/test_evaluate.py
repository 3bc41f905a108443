from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jobs import Job, RunJob, write_csv

from sortline_training.dataset import Examples
from sortline_training.fitting import fit_once
from sortline_training.learnt import write_learnt
from sortline_training.linear_model import LinearModel


def put_archive(channel: Path, model: LinearModel, trained: Path) -> None:
    """Stores a model as a training job's archive in a channel's folder."""
    model.save(trained)
    channel.mkdir()
    with tarfile.open(channel / "model.tar.gz", "w:gz") as tar:
        tar.add(trained, arcname=".")


@pytest.fixture
def judged(examples: Examples, tmp_path: Path) -> Path:
    """A folder with a trained model's archive as channel `model`."""
    model = replace(fit_once(examples), name="candidate-1", cleaning="2")
    put_archive(tmp_path / "model", model, tmp_path / "trained")
    return tmp_path


def evaluate(run_job: RunJob, folder: Path, *arguments: str, others: tuple[str, ...] = ()) -> Job:
    return run_job("evaluate.py", *arguments, channels=["model", "test", *others], folder=folder)


def evaluation_in(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "model" / "evaluation.json").read_text(encoding="utf-8"))


def test_the_evaluation_has_figures_classes_and_confusion(run_job: RunJob, judged: Path, examples: Examples) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    job = evaluate(run_job, judged, "--cleaning", "2")
    assert job.returncode == 0, job.stderr
    evaluation = evaluation_in(judged)
    assert list(evaluation)[:6] == ["version", "accuracy", "macro_f1", "ece", "classes", "confusion"]
    assert evaluation["version"] == 2
    assert evaluation["accuracy"] == 1.0
    assert evaluation["classes"][0] == {"label": "delivery", "precision": 1, "recall": 1, "f1": 1, "support": 8}
    assert evaluation["confusion"] == {
        "labels": ["delivery", "fault", "payment"],
        "matrix": [[8, 0, 0], [0, 8, 0], [0, 0, 8]],
    }
    assert (evaluation["model"], evaluation["algorithm"], evaluation["cleaning"]) == ("candidate-1", "linear", "2")
    assert evaluation["test"] == {"examples": 24, "labels": 3}
    assert evaluation["riskCoverage"][-1]["coverage"] == 1
    assert set(evaluation["threshold"]) == {"probability", "precision", "coverage", "wanted", "chosenOn"}
    assert (evaluation["worst"], evaluation["unknownLabels"], evaluation["notes"]) == ([], [], [])
    assert "champion" not in evaluation
    assert "baseline" not in evaluation
    assert "test:accuracy=1.0000;" in job.stdout
    assert job.stdout.rstrip().split("\n")[-1] == "test:macro_f1=1.0000;"


def test_the_champion_is_judged_on_the_same_texts_and_compared(
    run_job: RunJob, judged: Path, examples: Examples
) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    known = examples.where(np.array([label != "fault" for label in examples.labels]))
    champion = replace(fit_once(known), name="champion-1", cleaning="1")
    put_archive(judged / "champion", champion, judged / "trained-before")
    job = evaluate(run_job, judged, "--cleaning", "2", others=("champion",))
    assert job.returncode == 0, job.stderr
    found = evaluation_in(judged)["champion"]
    assert (found["model"], found["cleaning"], found["unknownLabels"]) == ("champion-1", "1", ["fault"])
    assert found["accuracy"] == pytest.approx(16 / 24)
    assert set(found) >= {"macro_f1", "ece"}
    assert found["difference"]["accuracy"] == pytest.approx(8 / 24)
    assert 0 < found["difference"]["low"] < 8 / 24 < found["difference"]["high"]
    assert "The champion was trained on texts of cleaning version '1'" in job.stdout
    assert "accuracy 1.0000, that of the champion 0.6667: +0.3333" in job.stdout


def test_test_examples_that_the_champion_has_learnt_from_are_counted(
    run_job: RunJob, judged: Path, examples: Examples
) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    write_learnt(examples.texts[:5], judged / "trained")
    put_archive(judged / "champion", fit_once(examples), judged / "trained")
    job = evaluate(run_job, judged, others=("champion",))
    assert job.returncode == 0, job.stderr
    found = evaluation_in(judged)["champion"]
    assert (found["learntFrom"], found["differenceWithout"]["accuracy"]) == (5, 0)
    assert "The champion has learnt from 5 of the 24 test examples, which flatters it" in job.stdout
    assert "The champion has learnt from 5" in (judged / "model" / "evaluation.html").read_text(encoding="utf-8")


def test_the_linear_baseline_is_trained_where_there_are_training_data(
    run_job: RunJob, judged: Path, examples: Examples
) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    write_csv(judged / "train" / "data.csv", examples)
    job = evaluate(run_job, judged, others=("train",))
    assert job.returncode == 0, job.stderr
    found = evaluation_in(judged)["baseline"]
    assert (found["algorithm"], found["cleaning"], found["accuracy"]) == ("linear", "2", 1)
    assert set(found) >= {"macro_f1", "ece"}


def test_mistakes_are_named_by_id_and_no_text_is_in_what_is_written(run_job: RunJob, judged: Path) -> None:
    (judged / "test").mkdir()
    (judged / "test" / "data.csv").write_text(
        "id,text,category\nmail-1,The secret invoice lists a service,delivery\nmail-2,Where is my parcel?,delivery\n"
    )
    job = evaluate(run_job, judged)
    assert job.returncode == 0, job.stderr
    (worst,) = evaluation_in(judged)["worst"]
    assert (worst["id"], worst["label"], worst["predicted"]) == ("mail-1", "delivery", "payment")
    html = (judged / "model" / "evaluation.html").read_text(encoding="utf-8")
    assert "mail-1" in html
    written = [html, (judged / "model" / "evaluation.json").read_text(encoding="utf-8"), job.stdout, job.stderr]
    assert not [text for text in written if "secret" in text or "parcel" in text]


def test_the_same_models_and_data_make_the_same_files(run_job: RunJob, judged: Path, examples: Examples) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    write_csv(judged / "train" / "data.csv", examples)

    def written() -> list[bytes]:
        assert evaluate(run_job, judged, others=("train",)).returncode == 0
        return [(judged / "model" / f"evaluation.{kind}").read_bytes() for kind in ("json", "html")]

    assert written() == written()


def test_a_champion_that_cannot_be_read_fails_the_job_which_says_how_to_do_without_it(
    run_job: RunJob, judged: Path, examples: Examples
) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    (judged / "champion").mkdir()
    with tarfile.open(judged / "champion" / "model.tar.gz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("weights.bin"))
    job = evaluate(run_job, judged, others=("champion",))
    assert job.returncode == 1
    assert "channel 'champion': the model's archive has none of model.json" in job.failure
    assert "leave out the channel 'champion'" in job.failure


def test_the_channel_is_named_of_a_model_that_is_cut_off(run_job: RunJob, judged: Path, examples: Examples) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    put_archive(judged / "champion", fit_once(examples), judged / "cut")
    weights = judged / "cut" / "model.npz"
    weights.write_bytes(weights.read_bytes()[:100])
    with tarfile.open(judged / "champion" / "model.tar.gz", "w:gz") as tar:
        tar.add(judged / "cut", arcname=".")
    job = evaluate(run_job, judged, others=("champion",))
    assert job.returncode == 1
    assert job.failure.startswith("channel 'champion': unexpected BadZipFile: ")
    assert job.failure.endswith("leave out the channel 'champion' to do without it")


@pytest.mark.parametrize("channel", ["model", "champion"])
def test_the_channel_is_named_whose_model_gives_no_probabilities_or_is_missing(
    run_job: RunJob, judged: Path, examples: Examples, channel: str
) -> None:
    write_csv(judged / "test" / "data.csv", examples)
    good = fit_once(examples)
    broken = replace(good, name="broken-1", intercept=good.intercept * np.nan)
    shutil.rmtree(judged / channel, ignore_errors=True)
    put_archive(judged / channel, broken, judged / "trained-badly")
    job = evaluate(run_job, judged, others=("champion",) if channel == "champion" else ())
    assert job.returncode == 1
    assert re.match(rf"channel '{channel}': the model \S+ gives no probabilities for 24 of 24", job.failure)
    (judged / channel / "model.tar.gz").unlink()
    job = evaluate(run_job, judged, others=("champion",) if channel == "champion" else ())
    assert job.failure.startswith(f"channel '{channel}': ")


def test_wrong_hyperparameters_are_named_all_at_once(run_job: RunJob, judged: Path) -> None:
    job = evaluate(run_job, judged, "--precision", "1", "--seed", "-3")
    assert job.returncode == 1
    assert "--precision is 1.0; it must be from 0.5 to 0.999; --seed is -3; it must be 0 or more" in job.failure


def test_labels_that_the_model_does_not_know_are_errors_and_named(
    run_job: RunJob, judged: Path, examples: Examples
) -> None:
    write_csv(judged / "test" / "data.csv", Examples((*examples.texts[:3], "x"), (*examples.labels[:3], "novel")))
    job = evaluate(run_job, judged)
    assert "1 test examples count as errors of the candidate, which does not know the label novel." in job.stdout
    assert "test:accuracy=0.7500;" in job.stdout
    evaluation = evaluation_in(judged)
    assert evaluation["unknownLabels"] == ["novel"]
    assert (
        "1 test examples count as errors of the candidate, which does not know the label novel." in evaluation["notes"]
    )


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
