"""Layers that multiply whole numbers of eight bits: on CPUs with VNNI faster than in full precision.

Weights are rounded once, each row on a scale of its own; what comes into a layer is rounded as it comes. PyTorch's
`quantize_dynamic` does the same with one scale a layer, and is to be removed after 2.9; the operators below are those
that it is made of, in PyTorch 2.6 as in 2.9.
"""

from __future__ import annotations

import torch
from torch import nn

from .numerics import has_vnni

_MOST = 127.0


class Int8Linear(nn.Module):
    """Stands for a `Linear` on a CPU: `(…, inputs)` to `(…, outputs)`, both float32."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        # A row of zeros may have any scale but 0.
        scales = (weight.abs().amax(dim=1).double() / _MOST).clamp(min=1e-12)
        zeros = torch.zeros(len(scales), dtype=torch.int64)
        rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        bias = None if linear.bias is None else linear.bias.detach().float()
        self._packed = torch.ops.quantized.linear_prepack(rounded, bias)
        # With eight bits of what comes in, sums of pairs overflow on CPUs without VNNI. What is measured there is thus
        # no better than what VNNI computes.
        self._seven_bits = not has_vnni()

    def forward(self, incoming: torch.Tensor) -> torch.Tensor:
        return torch.ops.quantized.linear_dynamic(incoming, self._packed, reduce_range=self._seven_bits)


def with_int8_layers(model: nn.Module) -> nn.Module:
    """Replaces, in place, every `Linear` of the encoder; the head on top of it costs little and stays as it is."""
    encoder = getattr(model, getattr(model, "base_model_prefix", ""), model)
    replaced = 0
    for parent in list(encoder.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear:
                setattr(parent, name, Int8Linear(child))
                replaced += 1
    if replaced == 0:
        raise ValueError(f"{type(model).__name__} has no linear layers to compute in int8")
    return model
