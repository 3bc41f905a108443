"""Which of the training texts are held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .dataset import Examples


def held_out(examples: Examples, *, part: float, seed: int) -> NDArray[np.bool_]:
    """Chooses a part of each label's examples, at least one where that leaves some.

    Examples of one group, which are alike, stay together; a group counts for the label of its first example.
    """
    generator = np.random.default_rng(seed)
    members: dict[str, list[int]] = {}
    for number, group in enumerate(examples.groups):
        members.setdefault(group, []).append(number)
    groups_of: dict[str, list[list[int]]] = {}
    for group in members.values():
        groups_of.setdefault(examples.labels[group[0]], []).append(group)
    chosen = np.zeros(len(examples.labels), dtype=bool)
    for label in sorted(groups_of):
        groups = groups_of[label]
        wanted = max(1, round(part * sum(len(group) for group in groups)))
        taken = 0
        # One group is always left to learn from.
        for number in generator.permutation(len(groups))[:-1]:
            if taken >= wanted:
                break
            chosen[groups[number]] = True
            taken += len(groups[number])
    return chosen
