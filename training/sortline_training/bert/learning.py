"""One step of the optimiser, which all processes compute together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from .batching import Step
from .loss import Loss
from .processes import Processes

# The largest norm of a gradient, as is usual for encoders: a longer one is shortened.
_LARGEST_GRADIENT = 1.0


def computed_together(model: nn.Module, processes: Processes, *, compiled: bool) -> nn.Module:
    """The same model as all processes compute it: their gradients are averaged.

    Compiled before it is wrapped, so that what comes out can be told to wait with the averaging (see `Learner`).
    """
    computing: nn.Module = torch.compile(model, dynamic=True) if compiled else model
    if processes.count == 1:
        return computing
    return DistributedDataParallel(
        computing, device_ids=[processes.device] if processes.device.type == "cuda" else None
    )


@dataclass(frozen=True)
class Learner:
    """A model that learns step by step."""

    computing: nn.Module
    """As `computed_together` gives it."""
    optimizer: torch.optim.Optimizer
    loss_of: Loss
    seed: int
    processes: Processes

    def step(self, step: Step, epoch: int, number: int) -> torch.Tensor:
        """Learns from a step's examples: the `number`th of the epoch. Returns the loss of this process', summed."""
        # Dropout's random numbers follow from the place too, so that a training that was interrupted goes on as it
        # would have.
        place = np.random.SeedSequence((self.seed, epoch, number, self.processes.rank))
        torch.manual_seed(int(place.generate_state(1)[0]))
        total = self.add_gradients(step)
        nn.utils.clip_grad_norm_(self.computing.parameters(), _LARGEST_GRADIENT)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return total

    def add_gradients(self, step: Step) -> torch.Tensor:
        """Computes the gradients of the mean loss of all the step's examples, in whatever batches and processes."""
        weight = self.loss_of.weight_of(step.examples)
        total = torch.zeros((), device=self.processes.device)
        # A process without examples takes part in the averaging all the same, with nothing.
        batches = step.batches or ((step.examples[0],),)
        share = 1.0 if step.batches else 0.0
        for batch in batches[:-1]:
            # Processes may have different numbers of batches, and each averages once a step.
            if isinstance(self.computing, DistributedDataParallel):
                with self.computing.no_sync():
                    total += self._backward(batch, weight, share)
            else:
                total += self._backward(batch, weight, share)
        return total + self._backward(batches[-1], weight, share)

    def _backward(self, batch: tuple[int, ...], weight: float, share: float) -> torch.Tensor:
        loss = self.loss_of(self.computing, batch) * share
        # The processes' gradients are averaged; what they are to be is the sum over all examples.
        (loss * (self.processes.count / weight)).backward()
        return loss.detach()
