"""The container contract: where things are, and how a job says why it failed."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from .errors import InputProblem

# SageMaker shows as many characters of the failure file as the job's reason.
_LONGEST_REASON = 1024


def folder_of(variable: str, purpose: str) -> Path:
    """The folder that an environment variable names. Raises InputProblem if it is not set."""
    value = os.environ.get(variable, "")
    if value == "":
        raise InputProblem(f"the environment variable {variable} is not set; it names {purpose}")
    return Path(value)


def channel(name: str) -> Path:
    """The folder of an input channel. Raises InputProblem if the job has no such channel."""
    folder = channel_if_given(name)
    if folder is None:
        raise InputProblem(
            f"the job has no channel '{name}', which it must have: {_channel_variable(name)} is not set, and there is "
            f"no folder {_channel_folder(name) or 'that SM_INPUT_DIR would lead to'}"
        )
    return folder


def channel_if_given(name: str) -> Path | None:
    """The folder of an input channel that a job may have. Raises InputProblem if it is named, and not there."""
    variable = _channel_variable(name)
    value = os.environ.get(variable, "")
    if value == "":
        # A shell between toolkit and script drops variables with a hyphen in their names (`base-model`).
        folder = _channel_folder(name)
        return folder if folder is not None and folder.is_dir() else None
    if not Path(value).exists():
        raise InputProblem(f"{variable} names {value}, which does not exist")
    return Path(value)


def _channel_variable(name: str) -> str:
    return f"SM_CHANNEL_{name.upper()}"


def _channel_folder(name: str) -> Path | None:
    """Where SageMaker puts a channel."""
    folder = os.environ.get("SM_INPUT_DIR", "")
    return None if folder == "" else Path(folder) / "data" / name


def job_name(otherwise: str) -> str:
    """The name of this training job, or something else outside of one."""
    return os.environ.get("TRAINING_JOB_NAME") or otherwise


def log(line: str) -> None:
    """Writes a line of the job's log at once, also where output is a pipe. Of several processes, the first one does."""
    if os.environ.get("RANK", "0") != "0":
        return
    print(line, flush=True)


def log_metric(name: str, value: float) -> None:
    """Writes a metric as the job's metric definitions look for it: `name=value;`."""
    log(f"{name}={value:d};" if isinstance(value, int) else f"{name}={value:.4f};")


def run(main: Callable[[], None]) -> None:
    """Runs a job. A failure is written to the failure file and ends the process with status 1."""
    try:
        main()
    except InputProblem as problem:
        _fail(str(problem))
    except Exception as error:
        traceback.print_exc()
        _fail(f"unexpected {type(error).__name__}: {error}")


def _fail(reason: str) -> None:
    print(f"error: {reason}", file=sys.stderr, flush=True)
    folder = os.environ.get("SM_OUTPUT_DIR", "")
    if folder != "":
        Path(folder).mkdir(parents=True, exist_ok=True)
        # The first of several processes to fail knows why; the others, that it went away.
        mode = "x" if "RANK" in os.environ else "w"
        with contextlib.suppress(FileExistsError), (Path(folder) / "failure").open(mode, encoding="utf-8") as file:
            file.write(reason[:_LONGEST_REASON])
    sys.exit(1)
