"""When a checkpoint within an epoch is due."""

from __future__ import annotations

import time
from collections.abc import Callable

from .processes import Processes


class CheckpointTime:
    """Asked after each step, in every process. The first process' clock counts for all: they save, or not, together.

    To hear of it a process has to wait for the first one, and so for all that its GPU has been given. So they agree on
    a step at which to hear of it next: halfway to the checkpoint at the pace so far, and after no more steps than there
    have been, since the first ones may not show the pace yet.
    """

    def __init__(self, minutes: float, processes: Processes, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = minutes * 60
        self._processes = processes
        self._clock = clock
        self._start_again()

    def is_due(self) -> bool:
        """Whether a checkpoint is to be saved after this step; the next one is due as many minutes later."""
        self._steps += 1
        if self._steps < self._next_asked:
            return False
        steps_until = self._processes.from_first(self._steps_until_asked())
        if steps_until == 0:
            self._start_again()
            return True
        self._next_asked = self._steps + steps_until
        return False

    def _start_again(self) -> None:
        self._began = self._clock()
        self._steps = 0
        self._next_asked = 1

    def _steps_until_asked(self) -> int:
        """By this process' clock; 0: a checkpoint is due now."""
        passed = self._clock() - self._began
        left = self._seconds - passed
        if left <= 0:
            return 0
        halfway = self._steps * left / (2 * max(passed, 1e-9))
        return max(1, min(self._steps, int(halfway)))
