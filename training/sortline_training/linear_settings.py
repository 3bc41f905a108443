"""The hyperparameters of `--algorithm linear`."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from typing import Literal

from . import hyperparameters
from .calibration import PRECISIONS


@dataclass(frozen=True)
class LinearSettings:
    """What can be chosen of the model. The defaults suit small and large sets alike."""

    seed: int = 1
    """The same seed and data make the same model."""
    inverse_regularization: float = 20.0
    """The higher, the closer the model follows its examples: 0.0001 to 100,000. Texts all have features of length one
    per block, so that it need not grow with them."""
    class_weights: Literal["none", "balanced"] = "balanced"
    """`balanced`: a rare label's examples weigh as much together as a frequent one's."""
    most_terms: int = 100_000
    """Words and pairs of words that are kept, and as many pieces of words, those in most texts: 10 to 1,000,000. With
    many labels fewer are, so that the model stays small."""
    precision: float = 0.95
    """Wanted for what the model decides alone; sets the threshold below which a person does: 0.5 to 0.999."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


_RANGES: hyperparameters.Ranges = {
    "seed": (0, 2**31 - 1),
    "inverse_regularization": (0.0001, 100_000),
    "most_terms": (10, 1_000_000),
    "precision": PRECISIONS,
}

_CHOICES: hyperparameters.Choices = {
    "class_weights": ("none", "balanced"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An argument for each hyperparameter."""
    hyperparameters.add_arguments(parser, LinearSettings)


def settings_of(arguments: argparse.Namespace) -> LinearSettings:
    """Reads what `add_arguments` added. Raises InputProblem with everything that is wrong."""
    return hyperparameters.read(arguments, LinearSettings, _RANGES, _CHOICES)
