"""What a model says about texts, before calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from .batching import batches_of
from .tokens import Sequences

TOKENS_PER_BATCH = 4096
"""Tokens that serving computes at a time, with padding: enough to keep two cores busy, few enough for a small
container. What a model is measured by before it is served is computed so too."""

_PADDING_ON_CPU = 64
"""Tokens of padding that a CPU computes in the time that a further batch takes, of a small encoder."""


@dataclass(frozen=True)
class Labelled:
    """Texts as tokens, with the numbers of their labels."""

    sequences: Sequences
    labels: NDArray[np.int64]
    """One a text."""
    padding: int
    """The token that fills up."""


def padded(sequences: list[tuple[int, ...]], padding: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch as long as its longest sequence, and its attention mask."""
    longest = max(len(sequence) for sequence in sequences)
    tokens = np.full((len(sequences), longest), padding, dtype=np.int64)
    mask = np.zeros((len(sequences), longest), dtype=np.int64)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    return torch.from_numpy(tokens).to(device, non_blocking=True), torch.from_numpy(mask).to(device, non_blocking=True)


@torch.inference_mode()
def sequence_scores(
    model: nn.Module, sequences: Sequences, own: list[int], padding: int, tokens_per_batch: int, device: torch.device
) -> tuple[list[int], list[NDArray[np.float32]]]:
    """Scores of some sequences, computed in batches of similar length: their numbers, and the rows in that order.

    The model computes in the numbers that its weights have, unless the caller is within `autocast`.
    """
    model.eval()
    numbers: list[int] = []
    rows: list[NDArray[np.float32]] = []
    most_padding = _PADDING_ON_CPU if device.type == "cpu" else None
    for batch in batches_of(own, sequences.lengths, tokens_per_batch, most_padding):
        tokens, mask = padded([sequences.tokens[number] for number in batch], padding, device)
        logits = model(input_ids=tokens, attention_mask=mask).logits
        rows.append(logits.float().cpu().numpy())
        numbers.extend(batch)
    return numbers, rows


def text_scores(sequences: Sequences, parts: list[tuple[list[int], list[NDArray[np.float32]]]]) -> NDArray[np.float64]:
    """One row a text, one column a label: of a text in windows, the mean of their scores."""
    order = np.concatenate([np.array(numbers, dtype=np.int64) for numbers, _ in parts])
    scores = np.concatenate([row for _, rows in parts for row in rows]).astype(np.float64)
    in_order = np.empty_like(scores)
    in_order[order] = scores
    summed = np.zeros((int(sequences.text.max()) + 1, scores.shape[1]))
    np.add.at(summed, sequences.text, in_order)
    return summed / np.bincount(sequences.text)[:, None]
