from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sortline_training.dataset import Examples

TRAINING = Path(__file__).resolve().parent.parent

_TEXTS = {
    "delivery": [
        "Where is my parcel? It should have come on Monday.",
        "The tracking page has shown the same place for 5 days.",
        "Has my order 48213 left the warehouse yet?",
        "Please tell me when the desk will be delivered.",
        "The courier says delivered, but nothing arrived here.",
        "Can the delivery be moved to the afternoon?",
        "I still wait for the second half of my order.",
        "When will the parcel be at my door?",
    ],
    "payment": [
        "The invoice lists a service that we never ordered.",
        "I paid twice, please send one amount back.",
        "Which account should I transfer the money to?",
        "Could you send the invoice for March again?",
        "Your reminder came although the bill is paid.",
        "May we pay the invoice in two parts?",
        "The tax number is missing on the invoice.",
        "The amount was taken from my account too early.",
    ],
    "fault": [
        "The program stops with error 500 when I log in.",
        "Since the update the screen stays black.",
        "My password reset link does not work.",
        "The printer is not found in the network any more.",
        "The app crashes as soon as I open a photo.",
        "Export to PDF fails with an empty file.",
        "The machine makes a loud noise and switches off.",
        "Login fails on my phone but works on the laptop.",
    ],
}


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


@pytest.fixture
def examples() -> Examples:
    pairs = [(text, label) for label, texts in _TEXTS.items() for text in texts]
    return Examples(texts=tuple(text for text, _ in pairs), labels=tuple(label for _, label in pairs))


@pytest.fixture
def run_job(tmp_path: Path) -> RunJob:
    """Runs a script as the container toolkit does: by arguments and SM_* variables, in an environment of its own."""

    def run(script: str, *arguments: str, channels: Iterable[str] = (), folder: Path | None = None) -> Job:
        base = folder if folder is not None else tmp_path
        environment = {
            "PATH": os.environ["PATH"],
            "SM_MODEL_DIR": str(base / "model"),
            "SM_OUTPUT_DIR": str(base / "output"),
            "TRAINING_JOB_NAME": "a-job",
            **{f"SM_CHANNEL_{name.upper()}": str(base / name) for name in channels},
        }
        done = subprocess.run(
            [sys.executable, str(TRAINING / script), *arguments],
            env=environment,
            cwd=base,
            capture_output=True,
            text=True,
            check=False,
        )
        return Job(base, done.returncode, done.stdout, done.stderr)

    return run


def write_csv(file: Path, examples: Examples) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "category"])
        writer.writerows(zip(examples.texts, examples.labels, strict=True))
