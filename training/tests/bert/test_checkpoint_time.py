from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

pytest.importorskip("torch", reason="needs torch and transformers")

from small_model import ALONE
from together import together

from sortline_training.bert.checkpoint_time import CheckpointTime
from sortline_training.bert.processes import Processes

Value = TypeVar("Value")


class Clock:
    """As many seconds a step as it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def due_after(time: CheckpointTime, clock: Clock, seconds: Iterator[float]) -> list[int]:
    """The steps after which a checkpoint is due, where each step takes the next of `seconds`."""
    due = []
    for step, each in enumerate(seconds, start=1):
        clock.now += each
        if time.is_due():
            due.append(step)
    return due


def alone(minutes: float, seconds: list[float]) -> list[int]:
    clock = Clock()
    return due_after(CheckpointTime(minutes, ALONE, clock), clock, iter(seconds))


def test_a_checkpoint_is_due_whenever_so_many_minutes_have_gone_by() -> None:
    assert alone(1, [1] * 200) == [60, 120, 180]
    assert alone(2, [50] * 10) == [3, 6, 9]


def test_without_minutes_between_them_one_is_due_after_each_step() -> None:
    assert alone(0, [1] * 4) == [1, 2, 3, 4]


def test_it_is_not_missed_where_the_first_steps_seem_to_take_no_time() -> None:
    # A GPU is given its work faster than it does it.
    assert alone(1, [0, 0, 0, 0] + [1] * 70) == [64]


def test_where_steps_become_slower_it_is_late_by_less_than_they_do() -> None:
    (due, *_) = alone(1, [1] * 30 + [3] * 20)
    assert 40 <= due <= 45


class Counting(Processes):
    """Counts how often the others wait for the first one."""

    def from_first(self, value: Value) -> Value:
        _waits.append(value)
        return super().from_first(value)


_waits: list[object] = []


def due_in(processes: Processes, steps: int) -> tuple[list[int], int]:
    """With a clock that is right in the first process and stands still in the others."""
    clock = Clock()
    time = CheckpointTime(1, Counting(**vars(processes)), clock)
    seconds = 1.0 if processes.is_first else 0.0
    return due_after(time, clock, iter([seconds] * steps)), len(_waits)


def test_processes_agree_by_the_first_ones_clock_and_seldom_wait_to_hear_of_it(tmp_path: Path) -> None:
    first, second = together(tmp_path / "meeting", due_in, 150)
    assert first == second
    due, waits = first
    assert due == [60, 120]
    assert waits < 40
