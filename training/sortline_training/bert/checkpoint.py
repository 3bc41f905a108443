"""What a training needs to go on after it was interrupted. SageMaker keeps the folder in S3 as it is written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

_FORMAT = 1
_STATE = "state.pt"

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


class Checkpoints:
    """A folder of checkpoints of one training, of which the last one counts.

    `identity`: everything that the result depends on; a folder of another training is left alone.
    """

    def __init__(self, folder: Path | None, identity: object) -> None:
        self._folder = folder
        text = json.dumps(identity, sort_keys=True, ensure_ascii=False)
        self._identity = hashlib.sha256(text.encode()).hexdigest()

    @property
    def kept(self) -> bool:
        return self._folder is not None

    def load(self, device: torch.device) -> Checkpoint | None:
        """The last one of this training, or nothing."""
        file = None if self._folder is None else self._folder / _STATE
        if file is None or not file.is_file():
            return None
        # Nothing but tensors and plain values: loading it runs no code.
        state = torch.load(file, map_location=device, weights_only=True)
        if state["format"] != _FORMAT or state["identity"] != self._identity:
            return None
        return Checkpoint(Position(**state["position"]), state["model"], state["optimizer"])

    def save(self, checkpoint: Checkpoint) -> None:
        if self._folder is None:
            return
        state = {
            "format": _FORMAT,
            "identity": self._identity,
            "position": vars(checkpoint.position),
            "model": checkpoint.model,
            "optimizer": checkpoint.optimizer,
        }
        self._write(_STATE, state)
        for path in self._folder.glob("best-*.pt"):
            if path.name != _best_file(checkpoint.position.best_epoch):
                path.unlink(missing_ok=True)

    def save_best(self, epoch: int, model: Tensors) -> None:
        """Before the checkpoint that speaks of it."""
        if self._folder is not None:
            self._write(_best_file(epoch), model)

    def load_best(self, epoch: int) -> Tensors | None:
        file = None if self._folder is None else self._folder / _best_file(epoch)
        if file is None or not file.is_file():
            return None
        return torch.load(file, map_location="cpu", weights_only=True)

    def _write(self, name: str, content: object) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        # Renamed when whole: an interruption leaves the one before.
        part = self._folder / f".{name}.part"
        torch.save(content, part)
        part.replace(self._folder / name)


def _best_file(epoch: int) -> str:
    return f"best-{epoch}.pt"
