from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from jobs import TRAINING, job_environment, write_csv

from sortline_training.dataset import Examples

OPTIONS = ("--epochs", "3", "--batch-size", "4", "--learning-rate", "0.003", "--patience", "9")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Host:
    """One of a job's hosts, with folders of its own."""

    def __init__(self, folder: Path, base: Path, *options: str, **variables: str) -> None:
        self.folder = folder
        named = ("--algorithm", "bert", "--cleaning", "1", "--base-model", str(base))
        self._process = subprocess.Popen(
            [sys.executable, str(TRAINING / "train.py"), *named, *OPTIONS, *options],
            env={**job_environment(folder, ["train"]), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> list[str]:
        out, errors = self._process.communicate()
        assert self._process.returncode == 0, errors
        return out.splitlines()

    def failure(self) -> str:
        self._process.communicate()
        assert self._process.returncode != 0
        return (self.folder / "output" / "failure").read_text(encoding="utf-8")


def two_hosts(
    folder: Path, base: Path, data: dict[str, Examples], *options: str, checkpoints: dict[str, Path] | None = None
) -> list[Host]:
    """`data` and `checkpoints` are of each host by its name; the first one is the training's first."""
    port = free_port()
    hosts = []
    for name, examples in data.items():
        write_csv(folder / name / "train" / "data.csv", examples)
        variables = {"SM_HOSTS": json.dumps(list(data)), "SM_CURRENT_HOST": name, "SM_NETWORK_INTERFACE_NAME": "lo"}
        if checkpoints is not None and name in checkpoints:
            variables["SORTLINE_CHECKPOINTS"] = str(checkpoints[name])
        hosts.append(Host(folder / name, base, *options, MASTER_ADDR="127.0.0.1", MASTER_PORT=port, **variables))
    return hosts


def losses(log: list[str]) -> list[float]:
    return [float(line.removeprefix("train:loss=").rstrip(";")) for line in log if line.startswith("train:loss=")]


@pytest.fixture
def alone(examples: Examples, tiny_bert: Path, tmp_path: Path) -> list[str]:
    write_csv(tmp_path / "alone" / "train" / "data.csv", examples)
    return Host(tmp_path / "alone", tiny_bert).end()


def test_two_processes_learn_together_and_one_speaks(
    alone: list[str], examples: Examples, tiny_bert: Path, tmp_path: Path
) -> None:
    write_csv(tmp_path / "both" / "train" / "data.csv", examples)
    both = Host(tmp_path / "both", tiny_bert, "--processes-per-host", "2", MASTER_PORT=free_port()).end()
    assert both.count("train:examples=24;") == 1
    assert json.loads((tmp_path / "both" / "model" / "sortline.json").read_text())["facts"]["processes"] == 2
    # What they learn from is the same; dropout differs.
    assert losses(both) == pytest.approx(losses(alone), rel=0.2)


def test_two_hosts_are_one_training(alone: list[str], examples: Examples, tiny_bert: Path, tmp_path: Path) -> None:
    first, second = (host.end() for host in two_hosts(tmp_path, tiny_bert, {"algo-1": examples, "algo-2": examples}))
    assert losses(first) == pytest.approx(losses(alone), rel=0.2)
    assert losses(second) == []
    assert (tmp_path / "algo-1" / "model" / "sortline.json").exists()
    assert not (tmp_path / "algo-2" / "model").exists()


def test_hosts_that_find_different_checkpoints_go_on_from_that_of_the_first(
    examples: Examples, tiny_bert: Path, tmp_path: Path
) -> None:
    names = ("algo-1", "algo-2")
    data = dict.fromkeys(names, examples)
    checkpoints = {name: tmp_path / f"checkpoints-{name}" for name in names}
    for folder in checkpoints.values():
        folder.mkdir()
    all_in_one = dict.fromkeys(names, checkpoints["algo-1"])
    whole = [host.end() for host in two_hosts(tmp_path / "whole", tiny_bert, data, checkpoints=all_in_one)]
    # As if it had been interrupted before the end: the last of the two checkpoints is not there yet.
    last = max(checkpoints["algo-1"].glob("state-*.json"), key=lambda file: json.loads(file.read_text())["number"])
    last.unlink()
    again = [host.end() for host in two_hosts(tmp_path / "again", tiny_bert, data, checkpoints=checkpoints)]
    assert losses(again[0]) == losses(whole[0])[2:]
    weights = [(tmp_path / run / "algo-1" / "model" / "model.safetensors").read_bytes() for run in ("whole", "again")]
    assert weights[0] == weights[1]


def test_hosts_of_which_one_has_no_folder_for_checkpoints_are_one_training_all_the_same(
    alone: list[str], examples: Examples, tiny_bert: Path, tmp_path: Path
) -> None:
    data = {"algo-1": examples, "algo-2": examples}
    (tmp_path / "checkpoints").mkdir()
    options = ("--checkpoint-minutes", "0")
    hosts = two_hosts(tmp_path, tiny_bert, data, *options, checkpoints={"algo-1": tmp_path / "checkpoints"})
    first, _ = (host.end() for host in hosts)
    assert losses(first) == pytest.approx(losses(alone), rel=0.2)


def test_hosts_with_different_data_are_told_of_it(examples: Examples, tiny_bert: Path, tmp_path: Path) -> None:
    fewer = Examples(examples.texts[1:], examples.labels[1:])
    hosts = two_hosts(tmp_path, tiny_bert, {"algo-1": examples, "algo-2": fewer})
    for failure in [host.failure() for host in hosts]:
        assert failure == (
            "the processes 1 (of 2) have not process 0's data, base model and hyperparameters; give every host all of "
            "the channels (S3DataDistributionType FullyReplicated)"
        )
