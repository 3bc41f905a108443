"""What a training needs to go on after it was interrupted.

SageMaker copies the folder to S3 while it is written, file by file, and back before the job goes on: what comes back
may be of different moments, or cut. Each checkpoint is therefore one file with all that it needs, beside a description
with its digest that is written after it; the two last ones are kept, and one that is not whole is left for the one
before.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch

from ..errors import InputProblem

_FORMAT = 2
# Of a checkpoint that is being written, or has been damaged, the one before is still there.
_KEPT = 2
_READ_AT_ONCE = 1 << 20

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Position:
    """How far a training has come. The order of the data follows from it: see `batching`."""

    epoch: int = 0
    step: int = 0
    """Steps of this epoch that are done."""
    loss: float = 0.0
    """Sum over this epoch's examples."""
    best_epoch: int = -1
    """-1: no epoch has ended yet."""
    best_score: float = -1.0
    epochs_without_gain: int = 0


@dataclass(frozen=True)
class Checkpoint:
    position: Position
    model: Tensors
    optimizer: dict[str, Any]
    best: Tensors | None
    """The weights after the best epoch. None if no epoch has ended, or if they are those of `model`."""


class Checkpoints:
    """A folder with the last checkpoints of one training, `state-0.pt` and `state-1.pt`, written in turn.

    `identity`: everything that the result depends on; checkpoints of another training are not gone on from.
    """

    def __init__(self, folder: Path | None, identity: object, log: Callable[[str], None]) -> None:
        self._folder = folder
        self._log = log
        text = json.dumps(identity, sort_keys=True, ensure_ascii=False)
        self.identity = hashlib.sha256(text.encode()).hexdigest()
        self._written = 0
        self._place = 0

    @property
    def kept(self) -> bool:
        return self._folder is not None

    def load(self) -> Checkpoint | None:
        """The last one of this training that is whole, on the CPU, or nothing. Those that are not are logged."""
        for number, place, description in self._of_this_training():
            file = self._file(place)
            try:
                _check(file, description)
                # Nothing but tensors and plain values: loading it runs no code.
                state = torch.load(file, map_location="cpu", weights_only=True)
                checkpoint = Checkpoint(**{**state, "position": Position(**state["position"])})
            # Whatever is wrong with it, there may be an earlier one, and a training can always begin afresh.
            except Exception as error:
                self._log(f"the checkpoint {file} cannot be read, and is left out: {error}")
                continue
            self._written = number
            self._place = (place + 1) % _KEPT
            return checkpoint
        return None

    def save(self, checkpoint: Checkpoint) -> None:
        """Writes it in place of the last but one. Raises InputProblem if it cannot, as when the disk is full."""
        if self._folder is None:
            return
        file = self._file(self._place)
        state = {**vars(checkpoint), "position": vars(checkpoint.position)}
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            # First what says that the file is whole.
            _description(file).unlink(missing_ok=True)
            with file.open("wb") as out:
                digested = _Digested(out)
                torch.save(state, digested)
            described = {
                "format": _FORMAT,
                "identity": self.identity,
                "number": self._written + 1,
                "bytes": digested.bytes,
                "sha256": digested.digest.hexdigest(),
            }
            _description(file).write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
        # torch reports what a file refuses as an error of its own.
        except (OSError, RuntimeError) as error:
            _description(file).unlink(missing_ok=True)
            file.unlink(missing_ok=True)
            raise InputProblem(
                f"a checkpoint of {_megabytes(_bytes_of(state))} cannot be written to {self._folder}, where "
                f"{_megabytes(shutil.disk_usage(self._folder).free)} are free: {error.__context__ or error}. Two are "
                "kept: give the job a volume (volumeGigabytes of its instances) that has room for them"
            ) from error
        self._written += 1
        self._place = (self._place + 1) % _KEPT

    def _file(self, place: int) -> Path:
        assert self._folder is not None
        return self._folder / f"state-{place}.pt"

    def _of_this_training(self) -> list[tuple[int, int, dict[str, Any]]]:
        """Number, place and description of each, the last one first."""
        found: list[tuple[int, int, dict[str, Any]]] = []
        for place in range(_KEPT if self._folder is not None else 0):
            file = _description(self._file(place))
            try:
                description = json.loads(file.read_text(encoding="utf-8"))
                if description["format"] != _FORMAT or description["identity"] != self.identity:
                    self._log(f"the checkpoint {file} is of another training, and is left out")
                    continue
                found.append((int(description["number"]), place, description))
            except FileNotFoundError:
                continue
            except (OSError, ValueError, TypeError, KeyError) as error:
                self._log(f"the checkpoint {file} cannot be read, and is left out: {type(error).__name__}: {error}")
        return sorted(found, key=lambda each: each[0], reverse=True)


class _Digested:
    """A file that is written, and the digest of what it then holds: it need not be read again for that."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.bytes = 0
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        written = self._out.write(content)
        self.bytes += written
        return written

    def flush(self) -> None:
        self._out.flush()


def _description(file: Path) -> Path:
    return file.with_suffix(".json")


def _check(file: Path, description: dict[str, Any]) -> None:
    """Raises ValueError if the file is not what was written."""
    size = file.stat().st_size
    if size != description["bytes"]:
        raise ValueError(f"it has {size} bytes, and had {description['bytes']} when it was written")
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while part := content.read(_READ_AT_ONCE):
            digest.update(part)
    if digest.hexdigest() != description["sha256"]:
        raise ValueError("its content is not what was written: the digest differs")


def _bytes_of(value: object) -> int:
    if isinstance(value, torch.Tensor):
        return value.nbytes
    if isinstance(value, dict):
        return sum(_bytes_of(each) for each in value.values())
    return sum(_bytes_of(each) for each in value) if isinstance(value, list | tuple) else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
