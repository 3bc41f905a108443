"""The training itself: epochs of steps, a validation after each, the best epoch's weights at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from ..errors import InputProblem
from ..metrics import report_of
from .batching import Step, steps_of_epoch
from .checkpoint import Checkpoint, Checkpoints, Position, Tensors
from .loss import Loss
from .numerics import autocast
from .optimizer import Schedule, optimizer_of
from .processes import Processes
from .scores import Labelled, sequence_scores, text_scores
from .settings import Settings

# The largest norm of a gradient, as is usual for encoders: a longer one is shortened.
_LARGEST_GRADIENT = 1.0

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
    device = processes.device
    model.to(device)
    lengths = data.sequences.lengths
    steps_an_epoch = -(-len(lengths) // settings.batch_size)
    optimizer = optimizer_of(model, settings, device)
    schedule = Schedule(optimizer, settings, steps_an_epoch * settings.epochs)
    loss_of = Loss(data, weights, settings, device)
    position = Position()
    best: Tensors | None = None
    found = checkpoints.load(device)
    if found is not None:
        position = found.position
        model.load_state_dict(found.model)
        optimizer.load_state_dict(found.optimizer)
        best = checkpoints.load_best(position.best_epoch)
        log(f"going on from the checkpoint after epoch {position.epoch}, step {position.step}")

    computing: nn.Module = model
    if processes.count > 1:
        computing = DistributedDataParallel(model, device_ids=[device] if device.type == "cuda" else None)
    if settings.compile:
        computing = torch.compile(computing, dynamic=True)
    trainer = _Trainer(model, computing, optimizer, schedule, loss_of, settings, checkpoints, processes, log)

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
        position = trainer.epoch(position, steps, epoch * steps_an_epoch)
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
            if processes.is_first:
                checkpoints.save_best(epoch, best)
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
        trainer.checkpoint(position)
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
    computing: nn.Module
    """The same model, as all processes compute it together."""
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    loss_of: Loss
    settings: Settings
    checkpoints: Checkpoints
    processes: Processes
    log: Log

    def epoch(self, position: Position, steps: list[Step], done_before: int) -> Position:
        """The rest of an epoch."""
        self.model.train()
        saved = time.monotonic()
        total = torch.zeros((), device=self.processes.device)
        for number in range(position.step, len(steps)):
            self.schedule.at(done_before + number)
            total += self._step(steps[number], (position.epoch, number))
            now = time.monotonic()
            if self.checkpoints.kept and self._is_due(now - saved):
                saved = now
                self.checkpoint(replace(position, step=number + 1, loss=position.loss + self._summed(total)))
        return replace(position, step=len(steps), loss=position.loss + self._summed(total))

    def _step(self, step: Step, at: tuple[int, int]) -> torch.Tensor:
        # Dropout's random numbers follow from the place too, so that a training that was interrupted goes on as it
        # would have.
        place = np.random.SeedSequence((self.settings.seed, *at, self.processes.rank))
        torch.manual_seed(int(place.generate_state(1)[0]))
        weight = self.loss_of.weight_of(step.examples)
        total = torch.zeros((), device=self.processes.device)
        batches = step.batches or ((step.examples[0],),)
        share = 1.0 if step.batches else 0.0
        for number, batch in enumerate(batches):
            last = number == len(batches) - 1
            if isinstance(self.computing, DistributedDataParallel) and not last:
                with self.computing.no_sync():
                    total += self._backward(batch, weight, share)
            else:
                total += self._backward(batch, weight, share)
        nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return total

    def _backward(self, batch: tuple[int, ...], weight: float, share: float) -> torch.Tensor:
        loss = self.loss_of(self.computing, batch) * share
        # The processes' gradients are averaged; what they are to be is the sum over all examples.
        (loss * (self.processes.count / weight)).backward()
        return loss.detach()

    def _is_due(self, seconds: float) -> bool:
        due = seconds >= self.settings.checkpoint_minutes * 60
        # The first process' clock counts for all: they save, or not, together.
        return due if self.processes.count == 1 else any(self.processes.gather(due)[:1])

    def _summed(self, total: torch.Tensor) -> float:
        return float(sum(self.processes.gather(float(total))))

    def checkpoint(self, position: Position) -> None:
        if self.processes.is_first:
            self.checkpoints.save(Checkpoint(position, self.model.state_dict(), self.optimizer.state_dict()))
        if self.checkpoints.kept:
            self.log(f"checkpoint after epoch {position.epoch}, step {position.step}")
        self.processes.wait_for_all()


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
