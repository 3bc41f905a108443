"""The hyperparameters of `--algorithm linear`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from typing import Literal

from .errors import InputProblem


@dataclass(frozen=True)
class LinearSettings:
    """What can be chosen of the model. The defaults suit small and large sets alike."""

    inverse_regularization: float = 20.0
    """The higher, the closer the model follows its examples: 0.0001 to 100,000. Texts all have features of length one
    per block, so that it need not grow with them."""
    class_weights: Literal["none", "balanced"] = "balanced"
    """`balanced`: a rare label's examples weigh as much together as a frequent one's."""
    most_terms: int = 100_000
    """Words and pairs of words that are kept, and as many pieces of words, those in most texts: 10 to 1,000,000. With
    many labels fewer are, so that the model stays small."""


_RANGES: dict[str, tuple[float, float]] = {
    "inverse_regularization": (0.0001, 100_000),
    "most_terms": (10, 1_000_000),
}

_CHOICES: dict[str, tuple[str, ...]] = {
    "class_weights": ("none", "balanced"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An argument for each hyperparameter, read as its default's type."""
    for each in fields(LinearSettings):
        parser.add_argument(
            f"--{each.name.replace('_', '-')}",
            dest=each.name,
            type=type(each.default),
            choices=_CHOICES.get(each.name),
            default=each.default,
        )


def settings_of(arguments: argparse.Namespace) -> LinearSettings:
    """Reads what `add_arguments` added. Raises InputProblem with everything that is out of its range."""
    settings = LinearSettings(**{each.name: getattr(arguments, each.name) for each in fields(LinearSettings)})
    problems = [
        f"--{name.replace('_', '-')} is {getattr(settings, name)}; it must be from {low:.9g} to {high:.9g}"
        for name, (low, high) in _RANGES.items()
        if not low <= getattr(settings, name) <= high
    ]
    if problems:
        raise InputProblem("hyperparameters: " + "; ".join(problems))
    return settings
