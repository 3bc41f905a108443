"""The training itself: epochs of steps, a validation after each, the best epoch's weights at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..errors import InputProblem
from ..metrics import report_of
from .batching import Step, steps_of_epoch
from .checkpoint import Checkpoint, Checkpoints, Position, Tensors
from .checkpoint_time import CheckpointTime
from .learning import Learner, computed_together
from .loss import Loss
from .numerics import autocast
from .optimizer import Schedule, optimizer_of
from .processes import Processes
from .scores import Labelled, sequence_scores, text_scores
from .settings import Settings

Log = Callable[[str], None]
LogMetric = Callable[[str, float], None]


@dataclass(frozen=True)
class Outcome:
    """What came of a training; the model has the best epoch's weights."""

    best_epoch: int
    epochs: int
    scores: NDArray[np.float64]
    """Of the validation texts, before calibration: one row a text, one column a label."""


def train(
    model: nn.Module,
    data: Labelled,
    held_out: Labelled,
    *,
    settings: Settings,
    weights: NDArray[np.float64],
    checkpoints: Checkpoints,
    processes: Processes,
    log: Log,
    log_metric: LogMetric,
) -> Outcome:
    """Trains `model` in place, from the last checkpoint on if there is one.

    `weights`: of each label in the loss. The score that chooses the best epoch is macro-F1 on `held_out`.
    """
    processes.require_same(
        checkpoints.identity,
        "data, base model and hyperparameters; give every host all of the channels (S3DataDistributionType "
        "FullyReplicated)",
    )
    device = processes.device
    model.to(device)
    lengths = data.sequences.lengths
    steps_an_epoch = -(-len(lengths) // settings.batch_size)
    optimizer = optimizer_of(model, settings, device)
    schedule = Schedule(optimizer, settings, steps_an_epoch * settings.epochs)
    loss_of = Loss(data, weights, settings, device)
    position = Position()
    best: Tensors | None = None
    found = _found(checkpoints, processes)
    if found is not None:
        position = found.position
        model.load_state_dict(found.model)
        optimizer.load_state_dict(found.optimizer)
        best = found.model if found.best is None and position.best_epoch >= 0 else found.best
        log(f"going on from the checkpoint after epoch {position.epoch}, step {position.step}")

    computing = computed_together(model, processes, compiled=settings.compile)
    learner = Learner(computing, optimizer, loss_of, settings.seed, processes)
    kept = processes.from_first(checkpoints.kept)
    trainer = _Trainer(model, learner, schedule, settings, checkpoints, kept, processes, log)

    while position.epoch < settings.epochs and position.epochs_without_gain < settings.patience:
        epoch = position.epoch
        began = time.perf_counter()
        steps = steps_of_epoch(
            lengths,
            batch_size=settings.batch_size,
            tokens_per_batch=settings.tokens_per_batch,
            seed=settings.seed,
            epoch=epoch,
            rank=processes.rank,
            processes=processes.count,
        )
        position = trainer.epoch(position, steps, epoch * steps_an_epoch, best)
        scores = _scores_of(model, held_out, settings, processes)
        if not np.isfinite(scores).all():
            raise InputProblem(
                f"the training diverged in epoch {epoch + 1}: the model's scores are no numbers any more. Give a lower "
                f"learning-rate than {settings.learning_rate:g}, or a longer warmup than {settings.warmup:g}"
            )
        score, accuracy = _validation(scores, held_out)
        seconds = time.perf_counter() - began
        gained = score > position.best_score
        if gained:
            best = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
        log_metric("epoch", epoch + 1)
        log_metric("train:loss", position.loss / len(data.labels))
        log_metric("validation:accuracy", accuracy)
        log_metric("validation:macro_f1", score)
        log_metric("train:tokens_per_second", int(lengths.sum() / max(seconds, 1e-9)))
        position = Position(
            epoch=epoch + 1,
            best_epoch=epoch if gained else position.best_epoch,
            best_score=score if gained else position.best_score,
            epochs_without_gain=0 if gained else position.epochs_without_gain + 1,
        )
        trainer.checkpoint(position, None if gained else best)
    if best is not None:
        model.load_state_dict(best)
    return Outcome(
        best_epoch=position.best_epoch,
        epochs=position.epoch,
        scores=_scores_of(model, held_out, settings, processes),
    )


@dataclass(frozen=True)
class _Trainer:
    model: nn.Module
    learner: Learner
    schedule: Schedule
    settings: Settings
    checkpoints: Checkpoints
    kept: bool
    """Whether the first process keeps checkpoints: what it does, the others wait for."""
    processes: Processes
    log: Log

    def epoch(self, position: Position, steps: list[Step], done_before: int, best: Tensors | None) -> Position:
        """The rest of an epoch."""
        self.model.train()
        time_of_checkpoint = CheckpointTime(self.settings.checkpoint_minutes, self.processes)
        total = torch.zeros((), device=self.processes.device)
        for number in range(position.step, len(steps)):
            self.schedule.at(done_before + number)
            total += self.learner.step(steps[number], position.epoch, number)
            if self.kept and time_of_checkpoint.is_due():
                self.checkpoint(replace(position, step=number + 1, loss=position.loss + self._summed(total)), best)
        return replace(position, step=len(steps), loss=position.loss + self._summed(total))

    def _summed(self, total: torch.Tensor) -> float:
        return float(sum(self.processes.gather(float(total))))

    def checkpoint(self, position: Position, best: Tensors | None) -> None:
        if not self.kept:
            return
        if self.processes.is_first:
            optimizer = self.learner.optimizer.state_dict()
            self.checkpoints.save(Checkpoint(position, self.model.state_dict(), optimizer, best))
        self.log(f"checkpoint after epoch {position.epoch}, step {position.step}")
        self.processes.wait_for_all()


def _found(checkpoints: Checkpoints, processes: Processes) -> Checkpoint | None:
    """What the first process finds, for all: each host has a folder of its own, which may hold something else."""
    own = checkpoints.load() if processes.is_first else None
    shared = processes.from_first(None if own is None else vars(own))
    return None if shared is None else Checkpoint(**shared)


def _scores_of(model: nn.Module, held_out: Labelled, settings: Settings, processes: Processes) -> NDArray[np.float64]:
    """Of all texts, which the processes share."""
    own = list(range(processes.rank, len(held_out.sequences.tokens), processes.count))
    with autocast(processes.device):
        part = sequence_scores(
            model, held_out.sequences, own, held_out.padding, settings.tokens_per_batch, processes.device
        )
    return text_scores(held_out.sequences, processes.gather(part))


def _validation(scores: NDArray[np.float64], held_out: Labelled) -> tuple[float, float]:
    names = [str(number) for number in range(scores.shape[1])]
    report = report_of([names[number] for number in held_out.labels], scores, names)
    return report.macro_f1, report.accuracy
