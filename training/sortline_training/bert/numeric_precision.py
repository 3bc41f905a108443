"""In which numbers a stored model computes.

The hardware decides, by a rule and not by a race: the same model on the same kind of machine always gives the same
answers. It is one for single texts and for many, so that a text gets the same probability alone and among others.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Literal, get_args

import torch
from torch import nn

from .int8 import with_int8_layers
from .numerics import has_bfloat16, has_vnni

NumericPrecision = Literal["float32", "bfloat16", "int8"]
FULL: NumericPrecision = "float32"
REDUCED: tuple[NumericPrecision, ...] = ("bfloat16", "int8")
"""Those that are faster on some hardware, and used where a model bears them."""

VARIABLE = "SORTLINE_PRECISION"
"""The environment variable that forces one of them."""

_log = logging.getLogger(__name__)


def in_precision(model: nn.Module, precision: NumericPrecision) -> nn.Module:
    """The model, changed in place, so that it computes in these numbers. `int8` needs one in float32 on a CPU."""
    if precision == "int8":
        return with_int8_layers(model)
    for parameter in model.parameters():
        # The weights alone: what turns positions into angles, in some encoders, is too coarse in bfloat16.
        parameter.data = parameter.data.to(torch.bfloat16 if precision == "bfloat16" else torch.float32)
    return model


def fastest_first(kind: str) -> tuple[NumericPrecision, ...]:
    """What is worth trying on a device of this machine (`cpu`, `cuda`), full precision last.

    With AMX tiles many texts take half the time in bfloat16 that they take in int8, and a single one little longer.
    """
    bfloat16 = ("bfloat16",) if has_bfloat16(kind) else ()
    int8 = ("int8",) if kind == "cpu" and has_vnni() else ()
    return (*bfloat16, *int8, FULL)


def chosen_precision(holding: Collection[str], kind: str, variables: Mapping[str, str]) -> NumericPrecision:
    """The fastest of those that hold (full precision always does), or the one that `SORTLINE_PRECISION` forces.

    Raises ValueError if it forces one that there is not.
    """
    forced = variables.get(VARIABLE, "")
    if forced == "":
        return next(each for each in fastest_first(kind) if each == FULL or each in holding)
    valid = [each for each in get_args(NumericPrecision) if each != "int8" or kind == "cpu"]
    for each in valid:
        if each == forced:
            if each != FULL and each not in holding:
                _log.warning("%s forces %s, in which this model has not been seen to be as accurate", VARIABLE, each)
            return each
    raise ValueError(
        f"the environment variable {VARIABLE} is {forced!r}; on this device ({kind}) it must be one of "
        f"{', '.join(valid)}, or not set: then the fastest is taken in which the model is as accurate"
    )
