"""Runs the scripts as the container toolkit does."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sortline_training.dataset import Examples

TRAINING = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Job:
    """A folder as a container has it, and what a script did in it."""

    folder: Path
    returncode: int
    stdout: str
    stderr: str

    @property
    def failure(self) -> str:
        return (self.folder / "output" / "failure").read_text(encoding="utf-8")


RunJob = Callable[..., Job]


def job_environment(base: Path, channels: Iterable[str]) -> dict[str, str]:
    """What the container toolkit tells a script."""
    return {
        "PATH": os.environ["PATH"],
        "SM_MODEL_DIR": str(base / "model"),
        "SM_OUTPUT_DIR": str(base / "output"),
        "TRAINING_JOB_NAME": "a-job",
        # What the tests train is too small to be shared between threads, which would only wait for each other.
        "OMP_NUM_THREADS": "1",
        **{f"SM_CHANNEL_{name.upper()}": str(base / name) for name in channels},
    }


def write_csv(file: Path, examples: Examples) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "category"])
        writer.writerows(zip(examples.texts, examples.labels, strict=True))
