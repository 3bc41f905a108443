"""What a training makes small."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from .numerics import autocast
from .scores import Labelled, padded
from .settings import Settings


def label_weights(numbers: NDArray[np.int64], labels: int, kind: Literal["none", "balanced"]) -> NDArray[np.float64]:
    """How much an example of each label counts: all alike, or so that the labels' examples weigh as much together."""
    if kind == "none":
        return np.ones(labels)
    counts = np.bincount(numbers, minlength=labels)
    # A label all of whose examples are held out has none that a weight could be of.
    return len(numbers) / (labels * np.maximum(counts, 1))


class Loss:
    """The loss of examples: of all in one batch of a step together, not divided by their number."""

    def __init__(self, data: Labelled, weights: NDArray[np.float64], settings: Settings, device: torch.device) -> None:
        self._data = data
        self._device = device
        self._function = nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing, reduction="none")
        # A text in several windows counts as one.
        windows = np.bincount(data.sequences.text)
        self._labels = data.labels[data.sequences.text]
        self._weights = weights[self._labels] / windows[data.sequences.text]

    def weight_of(self, examples: tuple[int, ...]) -> float:
        return float(self._weights[list(examples)].sum())

    def __call__(self, model: nn.Module, batch: tuple[int, ...]) -> torch.Tensor:
        rows = list(batch)
        tokens, mask = padded([self._data.sequences.tokens[row] for row in rows], self._data.padding, self._device)
        labels = torch.from_numpy(self._labels[rows]).to(self._device, non_blocking=True)
        weights = torch.from_numpy(self._weights[rows]).to(self._device, torch.float32, non_blocking=True)
        with autocast(self._device):
            logits = model(input_ids=tokens, attention_mask=mask).logits
        return (self._function(logits.float(), labels) * weights).sum()
