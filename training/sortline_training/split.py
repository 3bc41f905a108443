"""Which of the training texts are held out. Examples of one group, which are alike, always stay together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .dataset import Examples
from .errors import InputProblem


def held_out(examples: Examples, *, part: float, seed: int) -> NDArray[np.bool_]:
    """Chooses a part of each label's examples, at least one group where that leaves some.

    A group that is larger than what is still wanted is only taken where no smaller one is there. Raises InputProblem
    if nothing can be held out.
    """
    generator = np.random.default_rng(seed)
    chosen = np.zeros(len(examples.labels), dtype=bool)
    for groups in _groups_by_label(examples):
        wanted = max(1, round(part * sum(len(group) for group in groups)))
        shuffled = [groups[number] for number in generator.permutation(len(groups))]
        if len(groups) < 2:
            continue
        taken = 0
        for group in shuffled:
            if taken + len(group) <= wanted:
                chosen[group] = True
                taken += len(group)
        if taken == 0:
            chosen[min(shuffled, key=len)] = True
    if not chosen.any():
        raise nothing_to_hold_out()
    return chosen


def assign_folds(examples: Examples, folds: int, seed: int) -> NDArray[np.int64]:
    """A fold for each example, each label's groups spread evenly over them; -1 for the only group of its label.

    Raises InputProblem if there is none but such.
    """
    generator = np.random.default_rng(seed)
    assigned = np.full(len(examples.labels), -1, dtype=np.int64)
    start = 0
    for groups in _groups_by_label(examples):
        shuffled = [groups[number] for number in generator.permutation(len(groups))]
        if len(groups) < 2:
            continue
        for number, group in enumerate(shuffled):
            assigned[group] = (start + number) % folds
        start += len(groups)
    if (assigned < 0).all():
        raise nothing_to_hold_out()
    return assigned


def nothing_to_hold_out() -> InputProblem:
    """Why a training cannot tell how good its model is."""
    return InputProblem(
        "the examples of each category are nearly the same as one another (one `group`), so that none can be held out "
        "to find out how sure the model may be; give at least two different examples of a category (20 or more are "
        "better)"
    )


def _groups_by_label(examples: Examples) -> list[list[list[int]]]:
    """The numbers of the examples of each group, by label; a group counts for the label of its first example."""
    members: dict[str, list[int]] = {}
    for number, group in enumerate(examples.groups):
        members.setdefault(group, []).append(number)
    by_label: dict[str, list[list[int]]] = {}
    for group_members in members.values():
        by_label.setdefault(examples.labels[group_members[0]], []).append(group_members)
    return [by_label[label] for label in sorted(by_label)]
