"""The tuner of the twin's tuning jobs, asked as the twin asks it: in a process of its own, a line of JSON at a time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from project import ROOT

_TUNER = ROOT / "local" / "aws" / "sagemaker" / "tuning" / "tuner.py"


class TwinTuner:
    """One search. Trials have numbers from 0."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, number: int) -> dict[str, str]:
        """Hyperparameters of the next trial, as texts."""
        return dict(self._answer({"ask": number})["parameters"])

    def tell(self, number: int, value: float) -> None:
        """What the objective of a trial is, which has completed."""
        self._answer({"tell": number, "state": "complete", "value": value})

    def begin(self, search: Mapping[str, object]) -> None:
        self._write(search)

    def _answer(self, line: Mapping[str, object]) -> dict[str, Any]:
        self._write(line)
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if answer == "":
            raise RuntimeError("the tuner has ended; why is above")
        return dict(json.loads(answer))

    def _write(self, line: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()


@contextmanager
def twin_tuner(python: Path, *, ranges: Sequence[Mapping[str, object]], jobs: int, seed: int) -> Iterator[TwinTuner]:
    """A Bayesian search for the highest objective, with what `local/aws/sagemaker/tuning/search.ts` asks for.

    `python` is an interpreter with Optuna.
    """
    search = {
        "name": f"bench-{seed}",
        "strategy": "Bayesian",
        "direction": "maximize",
        "seed": seed,
        "startup": min(10, max(3, -(-jobs // 4))),
        "ranges": list(ranges),
    }
    with subprocess.Popen(
        [str(python), "-I", "-X", "utf8", str(_TUNER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        tuner = TwinTuner(process)
        tuner.begin(search)
        yield tuner
        assert process.stdin is not None
        # It ends when there is nothing more to read.
        process.stdin.close()
