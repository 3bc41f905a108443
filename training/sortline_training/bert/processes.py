"""The processes of a training: one a GPU, on one or several hosts. Alone on a CPU there is just this one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import torch
import torch.distributed as distributed

from ..errors import InputProblem

_PORT = 7777
Part = TypeVar("Part")


@dataclass(frozen=True)
class Processes:
    """This process among all of them."""

    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """The one that logs, writes checkpoints and stores the model."""
        return self.rank == 0

    def gather(self, part: Part) -> list[Part]:
        """What every process gives, in the order of their ranks, to all of them."""
        if self.count == 1:
            return [part]
        parts: list[Part | None] = [None] * self.count
        distributed.all_gather_object(parts, part)
        return [each for each in parts if each is not None]

    def from_first(self, value: Part) -> Part:
        """The first process' value, for all. Tensors in dicts and lists travel one by one, and arrive on the CPU."""
        if self.count == 1:
            return value
        shapes = [_with_tensors(value, lambda tensor: tensor.to("meta")) if self.is_first else None]
        distributed.broadcast_object_list(shapes, src=0, device=self.device)
        own = iter(_tensors_of(value))

        def travelled(shape: torch.Tensor) -> torch.Tensor:
            sent = next(own) if self.is_first else torch.empty(shape.shape, dtype=shape.dtype)
            tensor = sent.to(self.device).contiguous()
            distributed.broadcast(tensor, src=0)
            return tensor.cpu()

        return cast(Part, _with_tensors(shapes[0], travelled))

    def require_same(self, value: str, what: str) -> None:
        """Raises InputProblem in every process unless all have the same; `what` says what it is, and what to do."""
        values = self.gather(value)
        others = [str(rank) for rank, each in enumerate(values) if each != values[0]]
        if others:
            raise InputProblem(f"the processes {', '.join(others)} (of {self.count}) have not process 0's {what}")

    def wait_for_all(self) -> None:
        if self.count > 1:
            distributed.barrier()


def _with_tensors(value: object, change: Callable[[torch.Tensor], torch.Tensor]) -> object:
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: _with_tensors(each, change) for key, each in value.items()}
    return [_with_tensors(each, change) for each in value] if isinstance(value, list) else value


def _tensors_of(value: object) -> list[torch.Tensor]:
    """In the order in which `_with_tensors` meets them."""
    found: list[torch.Tensor] = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        found.append(tensor)
        return tensor

    _with_tensors(value, keep)
    return found


def become_all_processes(script: str, arguments: list[str], per_host: int | None) -> None:
    """Starts this host's processes in place of this one, where the job has several in all; otherwise just returns.

    As many a host as it has GPUs, or `per_host`. A job whose distribution is set up by SageMaker's own toolkit comes
    here in processes that know their rank already.
    """
    if "RANK" in os.environ:
        return
    hosts: list[str] = json.loads(os.environ.get("SM_HOSTS") or '["localhost"]')
    gpus = int(os.environ.get("SM_NUM_GPUS") or torch.cuda.device_count())
    here = per_host if per_host is not None else max(1, gpus)
    if len(hosts) * here == 1:
        return
    current = os.environ.get("SM_CURRENT_HOST") or hosts[0]
    if current not in hosts:
        raise InputProblem(f"SM_CURRENT_HOST is {current!r}, which is not among SM_HOSTS: {', '.join(hosts)}")
    interface = os.environ.get("SM_NETWORK_INTERFACE_NAME")
    if interface:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", interface)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", interface)
    # Each process would take all cores for itself.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // here)))
    # The hosts' names say who is first. Where they are no addresses, MASTER_ADDR says how to reach that one.
    address = os.environ.get("MASTER_ADDR") or hosts[0]
    launcher = ["-m", "torch.distributed.run", f"--nnodes={len(hosts)}", f"--node-rank={hosts.index(current)}"]
    launcher += [f"--nproc-per-node={here}", f"--master-addr={address}", f"--master-port={_port()}"]
    os.execv(sys.executable, [sys.executable, *launcher, str(Path(script).resolve()), *arguments])


def _port() -> int:
    return int(os.environ.get("MASTER_PORT") or _PORT)


@contextmanager
def joined() -> Iterator[Processes]:
    """This process among all of them, for as long as they work together."""
    count = int(os.environ.get("WORLD_SIZE") or 1)
    local_rank = int(os.environ.get("LOCAL_RANK") or 0)
    device = torch.device("cuda", local_rank) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if count == 1:
        yield Processes(0, 1, device)
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(distributed.get_rank(), count, device)
    finally:
        distributed.destroy_process_group()
