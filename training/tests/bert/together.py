"""Runs a function in several processes that work together, as those of a training do."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing

from sortline_training.bert.processes import Processes

# A process that waits for what the others never send fails, and the test with it.
_PATIENCE = datetime.timedelta(seconds=90)


def together(folder: Path, function: Callable[..., Any], *arguments: object, count: int = 2) -> list[Any]:
    """What `function(processes, *arguments)` returns in each process. The function stands at the top of a module."""
    folder.mkdir(parents=True)
    multiprocessing.spawn(_work, (count, folder, function, arguments), nprocs=count)
    return [torch.load(folder / f"result-{rank}", weights_only=False) for rank in range(count)]


def _work(rank: int, count: int, folder: Path, function: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder / 'meeting'}", rank=rank, world_size=count, timeout=_PATIENCE
    )
    result = function(Processes(rank, count, torch.device("cpu")), *arguments)
    torch.save(result, folder / f"result-{rank}")
    # None goes while another one still needs it.
    distributed.barrier()
    distributed.destroy_process_group()
