from __future__ import annotations

from collections import Counter

import pytest

from sortline_training.dataset import Examples
from sortline_training.split import held_out


def examples(labels: list[str], groups: list[str] | None = None) -> Examples:
    texts = tuple(f"text {number}" for number in range(len(labels)))
    return Examples(texts, tuple(labels), groups=tuple(groups or ()))


def test_each_label_is_held_out_in_the_same_part() -> None:
    data = examples(["often"] * 200 + ["seldom"] * 40)
    chosen = held_out(data, part=0.1, seed=1)
    assert Counter(data.where(chosen).labels) == {"often": 20, "seldom": 4}


@pytest.mark.parametrize("part", [0.02, 0.5])
def test_a_label_with_two_examples_has_one_on_each_side_and_an_only_one_is_learnt_from(part: float) -> None:
    chosen = held_out(examples(["a", "a", "b"]), part=part, seed=1)
    assert (chosen[:2].sum(), chosen[2]) == (1, False)


def test_a_group_is_never_parted() -> None:
    data = examples(["a"] * 60 + ["b"] * 60, [f"group {number // 3}" for number in range(120)])
    chosen = held_out(data, part=0.2, seed=2)
    assert not set(data.where(chosen).groups) & set(data.where(~chosen).groups)
    assert Counter(data.where(chosen).labels) == {"a": 12, "b": 12}


def test_it_follows_from_the_seed() -> None:
    data = examples(["a"] * 50)
    assert (held_out(data, part=0.2, seed=1) == held_out(data, part=0.2, seed=1)).all()
    assert (held_out(data, part=0.2, seed=1) != held_out(data, part=0.2, seed=2)).any()
