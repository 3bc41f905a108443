"""A model without dropout, and data for it: what is learnt from them can be computed exactly."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from sortline_training.bert.learning import Learner, computed_together
from sortline_training.bert.loss import Loss
from sortline_training.bert.optimizer import optimizer_of
from sortline_training.bert.processes import Processes
from sortline_training.bert.scores import Labelled
from sortline_training.bert.settings import Settings
from sortline_training.bert.tokens import Sequences

LABELS = 3
ALONE = Processes(0, 1, torch.device("cpu"))


class SmallModel(nn.Module):
    """The mean of the tokens' embeddings, normalised, and a head; its parameters are named as an encoder's are."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.embeddings = nn.Embedding(20, 8)
        self.LayerNorm = nn.LayerNorm(8)
        self.classifier = nn.Linear(8, LABELS)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
        mask = attention_mask[:, :, None].float()
        mean = (self.embeddings(input_ids) * mask).sum(1) / mask.sum(1)
        return SimpleNamespace(logits=self.classifier(self.LayerNorm(mean)))


def some_data() -> Labelled:
    """Ten texts of different lengths; the second one is in two windows, and the labels are not equally frequent."""
    generator = np.random.default_rng(3)
    lengths = [3, 9, 5, 4, 8, 6, 3, 7, 5, 4, 6]
    tokens = tuple(tuple(int(token) for token in generator.integers(1, 20, length)) for length in lengths)
    owners = np.array([0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    return Labelled(Sequences(tokens, owners, 0), np.array([0, 0, 1, 0, 2, 0, 1, 0, 0, 2]), padding=0)


def learner_of(
    model: nn.Module, processes: Processes = ALONE, *, compiled: bool = False, weights: tuple[float, ...] = (1, 1, 1)
) -> Learner:
    settings = Settings(learning_rate=0.01, label_smoothing=0.1)
    return Learner(
        computing=computed_together(model, processes, compiled=compiled),
        optimizer=optimizer_of(model, settings, processes.device),
        loss_of=Loss(some_data(), np.array(weights, dtype=np.float64), settings, processes.device),
        seed=settings.seed,
        processes=processes,
    )


def gradients_of(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: each.grad.clone() for name, each in model.named_parameters() if each.grad is not None}
