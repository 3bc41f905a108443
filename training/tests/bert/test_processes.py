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
    names = ["algo-1", "algo-2"]
    port = free_port()
    hosts = []
    for name in names:
        write_csv(tmp_path / name / "train" / "data.csv", examples)
        variables = {"SM_HOSTS": json.dumps(names), "SM_CURRENT_HOST": name, "SM_NETWORK_INTERFACE_NAME": "lo"}
        hosts.append(Host(tmp_path / name, tiny_bert, MASTER_ADDR="127.0.0.1", MASTER_PORT=port, **variables))
    first, second = (host.end() for host in hosts)
    assert losses(first) == pytest.approx(losses(alone), rel=0.2)
    assert losses(second) == []
    assert (tmp_path / "algo-1" / "model" / "sortline.json").exists()
    assert not (tmp_path / "algo-2" / "model").exists()
