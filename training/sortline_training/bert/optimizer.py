"""How the weights follow the gradients: AdamW, and a learning rate that rises and falls."""

from __future__ import annotations

import torch
from torch import nn

from .settings import Settings


class Schedule:
    """The learning rate: rises over the warm-up, then falls to 0 with the last step."""

    def __init__(self, optimizer: torch.optim.Optimizer, settings: Settings, steps: int) -> None:
        self._optimizer = optimizer
        self._highest = settings.learning_rate
        self._warmup = int(settings.warmup * steps)
        self._steps = steps

    def at(self, step: int) -> None:
        """Sets the rate of a step, counted from the training's first, which is 0."""
        if step < self._warmup:
            part = (step + 1) / (self._warmup + 1)
        else:
            part = (self._steps - step) / (self._steps - self._warmup)
        for group in self._optimizer.param_groups:
            group["lr"] = self._highest * part


def optimizer_of(model: nn.Module, settings: Settings, device: torch.device) -> torch.optim.Optimizer:
    matrices = [parameter for parameter in model.parameters() if parameter.requires_grad and parameter.ndim >= 2]
    others = [parameter for parameter in model.parameters() if parameter.requires_grad and parameter.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=device.type in ("cuda", "cpu"))
