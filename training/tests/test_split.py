from __future__ import annotations

from collections import Counter

import pytest

from sortline_training.dataset import Examples
from sortline_training.errors import InputProblem
from sortline_training.split import assign_folds, held_out


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


@pytest.mark.parametrize("seed", range(5))
def test_a_large_group_is_learnt_from_where_a_smaller_one_can_be_held_out(seed: int) -> None:
    data = examples(["a"] * 101 + ["b"] * 50, ["form letter"] * 100 + [f"mail {number}" for number in range(51)])
    chosen = held_out(data, part=0.1, seed=seed)
    assert "form letter" not in data.where(chosen).groups
    assert Counter(data.where(chosen).labels) == {"a": 1, "b": 5}


def test_each_label_is_spread_evenly_over_the_folds_and_a_single_example_is_never_held_out() -> None:
    folds = assign_folds(examples(["a"] * 10 + ["b"] * 5 + ["c"]), 5, seed=3)
    assert set(Counter(folds[:10].tolist()).values()) == {2}
    assert set(Counter(folds[10:15].tolist()).values()) == {1}
    assert folds[15] == -1


def test_a_group_is_in_one_fold() -> None:
    data = examples(["a"] * 30 + ["b"] * 30, [f"group {number // 3}" for number in range(60)])
    folds = assign_folds(data, 5, seed=1)
    assert all(len(set(folds[at : at + 3])) == 1 for at in range(0, 60, 3))
    assert Counter(folds.tolist()) == dict.fromkeys(range(5), 12)


def test_that_nothing_can_be_held_out_is_said() -> None:
    data = examples(["a"] * 3 + ["b"] * 3, ["one"] * 3 + ["two"] * 3)
    with pytest.raises(InputProblem, match="nearly the same"):
        held_out(data, part=0.1, seed=1)
    with pytest.raises(InputProblem, match="nearly the same"):
        assign_folds(data, 5, seed=1)
