"""Which examples a step of an epoch has, and in what batches a process computes them.

A step has `batch_size` examples, whatever the hardware: they are of similar length, so that little is padding, and a
process computes its share in batches of at most so many tokens, whose gradients add up. What a step learns from thus
depends neither on the memory nor on the number of processes, and all of it follows from the seed and the epoch's
number: nothing of the order need be stored to go on after an interruption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Examples are sorted by length within so many steps. More would save little padding, and a step's examples would be
# less of a random choice: with 50, models were less accurate (docs/training.md).
_STEPS_SORTED_TOGETHER = 10


@dataclass(frozen=True)
class Step:
    """One step of the optimiser."""

    examples: tuple[int, ...]
    """All of its examples, over all processes."""
    batches: tuple[tuple[int, ...], ...]
    """Those of this process, in batches. Where there are fewer examples than processes, it may have none."""


def steps_of_epoch(
    lengths: NDArray[np.int64],
    *,
    batch_size: int,
    tokens_per_batch: int,
    seed: int,
    epoch: int,
    rank: int = 0,
    processes: int = 1,
) -> list[Step]:
    """The steps of an epoch, each example in one of them, for the process `rank` of `processes`.

    `lengths` has the tokens of each example; `tokens_per_batch` counts padding too. An example that is longer makes a
    batch of its own.
    """
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(lengths))
    chosen: list[NDArray[np.int64]] = []
    sorted_together = batch_size * _STEPS_SORTED_TOGETHER
    for start in range(0, len(order), sorted_together):
        part = order[start : start + sorted_together]
        part = part[np.argsort(lengths[part], kind="stable")]
        chosen.extend(part[at : at + batch_size] for at in range(0, len(part), batch_size))
    steps = [[int(example) for example in chosen[number]] for number in generator.permutation(len(chosen))]
    return [
        Step(examples=tuple(step), batches=batches_of(step[rank::processes], lengths, tokens_per_batch))
        for step in steps
    ]


def batches_of(
    examples: Sequence[int], lengths: NDArray[np.int64], tokens_per_batch: int, most_padding: int | None = None
) -> tuple[tuple[int, ...], ...]:
    """Examples in batches of similar length, the shortest first, each of at most so many tokens with its padding.

    `most_padding`: tokens of padding in a batch at most, where a further batch costs less than they do. Default: any.
    """
    batches: list[tuple[int, ...]] = []
    batch: list[int] = []
    filled = 0
    for example in sorted(examples, key=lambda number: int(lengths[number])):
        length = int(lengths[example])
        padded = (len(batch) + 1) * length
        is_wasteful = most_padding is not None and padded - length - filled > most_padding
        if batch and (padded > tokens_per_batch or is_wasteful):
            batches.append(tuple(batch))
            batch = []
            filled = 0
        batch.append(example)
        filled += length
    if batch:
        batches.append(tuple(batch))
    return tuple(batches)
