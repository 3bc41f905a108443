"""Runs the training code's scripts as SageMaker's containers do, in a process of their own."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from figures import progress
from project import TRAINING

from sortline_training.dataset import Examples


def write_channel(folder: Path, examples: Examples) -> Path:
    """Makes the folder of a channel with labelled texts."""
    folder.mkdir(parents=True)
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "category"])
        writer.writerows(zip(examples.texts, examples.labels, strict=True))
    return folder


def run_job(
    script: str,
    *arguments: str,
    channels: Mapping[str, Path],
    model: Path,
    on_line: Callable[[str], None] = progress,
) -> None:
    """Runs a script to its end; `on_line` gets each line of its log when it is written.

    Raises CalledProcessError if it fails; why is in the log.
    """
    environment = {
        **os.environ,
        "SM_MODEL_DIR": str(model),
        "SM_OUTPUT_DIR": str(model.parent / "output"),
        "TRAINING_JOB_NAME": "bench",
        **{f"SM_CHANNEL_{name.upper()}": str(folder) for name, folder in channels.items()},
    }
    command = [sys.executable, str(TRAINING / script), *arguments]
    with subprocess.Popen(command, env=environment, cwd=model.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            on_line(line.rstrip("\n"))
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
