"""Some of the data: the files are sorted by label."""

from __future__ import annotations

import random

import project  # noqa: F401

from sortline_training.dataset import Examples


def sample_of(examples: Examples, count: int, seed: int = 1) -> Examples:
    """So many examples in random order, the same each time."""
    chosen = random.Random(seed).sample(range(len(examples.texts)), count)
    return Examples(
        texts=tuple(examples.texts[number] for number in chosen),
        labels=tuple(examples.labels[number] for number in chosen),
    )
