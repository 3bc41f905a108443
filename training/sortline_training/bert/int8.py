"""Layers that multiply whole numbers of eight bits: on CPUs with VNNI faster than in full precision.

Weights are rounded once, each row on a scale of its own. What comes into a layer is rounded as it comes, each token on
a scale of its own, so that what else is in a batch changes no scale. PyTorch's operator for that, in 2.6 as in 2.9, has
one scale, which is known beforehand: each token is divided by its largest number first, and what comes out multiplied
by it.
"""

from __future__ import annotations

import torch
from torch import nn

from .numerics import has_vnni

_MOST = 127.0
# Signed numbers are computed as unsigned ones, 0 in the middle. With eight bits of them, sums of pairs overflow on CPUs
# without VNNI. What is measured there in seven is no better than what VNNI computes.
_EIGHT_BITS = (1 / 127, 128)
_SEVEN_BITS = (1 / 63, 64)
# A token of zeros may have any scale but 0.
_LEAST = 1e-12


class Int8Linear(nn.Module):
    """Stands for a `Linear` on a CPU: `(…, inputs)` to `(…, outputs)`, both float32."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scales = (weight.abs().amax(dim=1).double() / _MOST).clamp(min=_LEAST)
        zeros = torch.zeros(len(scales), dtype=torch.int64)
        rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        self._packed = torch.ops.quantized.linear_prepack(rounded, None)
        bias = torch.zeros(linear.out_features) if linear.bias is None else linear.bias.detach().float()
        self.register_buffer("_bias", bias)
        self._scale, self._zero = _EIGHT_BITS if has_vnni() else _SEVEN_BITS

    def forward(self, incoming: torch.Tensor) -> torch.Tensor:
        # `torch.linalg.vector_norm`, which makes no copy of the numbers, takes several times as long.
        largest = incoming.abs().amax(dim=-1, keepdim=True).clamp_(min=_LEAST)
        outgoing = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            incoming / largest, self._scale, self._zero, self._packed
        )
        return torch.addcmul(self._bias, outgoing, largest, out=outgoing)


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
