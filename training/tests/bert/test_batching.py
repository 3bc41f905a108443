from __future__ import annotations

import numpy as np
import pytest

from sortline_training.bert.batching import Step, batches_of, steps_of_epoch

LENGTHS = np.random.default_rng(1).integers(4, 60, size=1_003)


def steps(**changes: int) -> list[Step]:
    options = {"batch_size": 32, "tokens_per_batch": 512, "seed": 1, "epoch": 0, **changes}
    return steps_of_epoch(LENGTHS, **options)


def test_an_epoch_has_each_example_once() -> None:
    seen = [example for step in steps() for batch in step.batches for example in batch]
    assert sorted(seen) == list(range(len(LENGTHS)))
    assert len(steps()) == -(-len(LENGTHS) // 32)


def test_a_batch_has_no_more_tokens_than_allowed_with_its_padding() -> None:
    for step in steps(tokens_per_batch=256):
        for batch in step.batches:
            assert len(batch) * LENGTHS[list(batch)].max() <= 256


def test_a_text_that_is_longer_than_a_batch_may_be_has_one_of_its_own() -> None:
    assert batches_of([0, 1, 2], np.array([10, 500, 20]), 64) == ((0, 2), (1,))


def test_a_batch_has_no_more_padding_than_allowed() -> None:
    lengths = np.array([3, 3, 4, 20, 21, 60])
    assert batches_of(range(6), lengths, 1000, 8) == ((0, 1, 2), (3, 4), (5,))
    assert batches_of(range(6), lengths, 1000, 0) == ((0, 1), (2,), (3,), (4,), (5,))
    assert batches_of(range(6), lengths, 1000) == (tuple(range(6)),)


def test_a_step_has_examples_of_similar_length_so_that_little_is_padding() -> None:
    padded = sum(len(batch) * LENGTHS[list(batch)].max() for step in steps() for batch in step.batches)
    assert padded < 1.1 * LENGTHS.sum()


def test_steps_follow_from_seed_and_epoch() -> None:
    assert steps() == steps()
    assert steps(epoch=1) != steps()
    assert steps(seed=2) != steps()


def test_the_order_of_lengths_is_random() -> None:
    means = [LENGTHS[list(step.examples)].mean() for step in steps()]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.4


@pytest.mark.parametrize("processes", [2, 3, 7])
def test_processes_share_the_steps_of_one(processes: int) -> None:
    shares = [steps(rank=rank, processes=processes) for rank in range(processes)]
    for number, alone in enumerate(steps()):
        assert all(share[number].examples == alone.examples for share in shares)
        together = [example for share in shares for batch in share[number].batches for example in batch]
        assert sorted(together) == sorted(alone.examples)


def test_memory_changes_no_step() -> None:
    assert [step.examples for step in steps(tokens_per_batch=64)] == [step.examples for step in steps()]
