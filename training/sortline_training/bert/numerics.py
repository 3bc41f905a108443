"""What this machine computes quickly."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache

import torch


@cache
def has_bfloat16(kind: str) -> bool:
    """Whether a device has units for bfloat16, and is several times as fast; one that emulates it would be slower."""
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return kind == "cpu" and _has("_is_amx_tile_supported")


@cache
def has_vnni() -> bool:
    """Whether the CPU adds up products of eight bits in one step."""
    return _has("_is_vnni_supported")


def _has(name: str) -> bool:
    # Not public, and so perhaps not there in another version.
    ask = getattr(torch.cpu, name, None)
    return ask is not None and ask()


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """Computes in bfloat16 what bears it, where the device has it."""
    if not has_bfloat16(device.type):
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)
