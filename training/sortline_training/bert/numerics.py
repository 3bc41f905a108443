"""Whether this machine computes in bfloat16: where it has units for that, it is several times as fast."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache

import torch


@cache
def has_bfloat16(kind: str) -> bool:
    """A device that only emulates it would be slower."""
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # Not public, and so perhaps not there in another version.
    has_tiles = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return kind == "cpu" and has_tiles is not None and has_tiles()


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """Computes in bfloat16 what bears it, where the device has it."""
    if not has_bfloat16(device.type):
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)
