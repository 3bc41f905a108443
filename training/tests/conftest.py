from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from jobs import TRAINING, Job, RunJob, job_environment

from sortline_training.dataset import Examples

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


@pytest.fixture
def examples() -> Examples:
    pairs = [(text, label) for label, texts in _TEXTS.items() for text in texts]
    return Examples(texts=tuple(text for text, _ in pairs), labels=tuple(label for _, label in pairs))


@pytest.fixture
def run_job(tmp_path: Path) -> RunJob:
    """Runs a script as the container toolkit does: by arguments and SM_* variables, in an environment of its own."""

    def run(
        script: str,
        *arguments: str,
        channels: Iterable[str] = (),
        folder: Path | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Job:
        base = folder if folder is not None else tmp_path
        environment = {**job_environment(base, channels), **(variables or {})}
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
