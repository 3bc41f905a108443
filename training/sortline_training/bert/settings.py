"""The hyperparameters of `--algorithm bert`."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from typing import Literal

from .. import hyperparameters
from ..calibration import PRECISIONS
from .tokens import LongTexts


@dataclass(frozen=True)
class Settings:
    """What a training does, apart from data and base model. `settings_of` checks the ranges."""

    seed: int = 1
    """On a CPU the same seed, data and number of threads make the same model. On GPUs sums may differ by rounding."""
    epochs: int = 5
    """1 to 1,000."""
    batch_size: int = 32
    """Examples that a step learns from, over all GPUs: 1 to 65,536."""
    tokens_per_batch: int = 8192
    """Tokens that a process computes at a time, with padding: 64 to 1,048,576. Bounds the memory; of what
    is learnt it only changes what dropout leaves out."""
    learning_rate: float = 3e-4
    """The highest: 1e-7 to 0.1. Small encoders take 3e-4, BERT-base 5e-5."""
    warmup: float = 0.06
    """Part of the steps over which the rate rises to the highest, before it falls to 0: 0 to 0.9."""
    weight_decay: float = 0.01
    """0 to 1; not for biases and layer norms."""
    label_smoothing: float = 0.1
    """Part of each example that all labels share alike: 0 to 0.5. Labels that people gave are not always right."""
    class_weights: Literal["none", "balanced"] = "none"
    """`balanced`: a rare label's examples weigh as much together as a frequent one's."""
    longest: int = 512
    """Tokens of a text that are read: 16 to 65,536, and no more than the base model can."""
    long_texts: LongTexts = "windows"
    """Of a longer text, its beginning and end, or windows that overlap, at most eight, whose scores are averaged.

    Windows are more accurate and take more work: docs/training.md has the measurement.
    """
    patience: int = 3
    """Epochs without a better validation score after which it ends: 1 to 1,000."""
    validation: float = 0.1
    """Part of the training data that is held out to choose the best epoch and to calibrate: 0.02 to 0.5."""
    precision: float = 0.95
    """Wanted for what the model decides alone; sets the threshold below which a person does: 0.5 to 0.999."""
    checkpoint_minutes: float = 10.0
    """Between checkpoints within an epoch, 0 to 1,000; there is one after each epoch as well."""
    compile: bool = False
    """torch.compile: pays where GPUs train for longer than some minutes."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


_RANGES: hyperparameters.Ranges = {
    "seed": (0, 2**31 - 1),
    "epochs": (1, 1000),
    "batch_size": (1, 65_536),
    "tokens_per_batch": (64, 1_048_576),
    "learning_rate": (1e-7, 0.1),
    "warmup": (0, 0.9),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 0.5),
    "longest": (16, 65_536),
    "patience": (1, 1000),
    "validation": (0.02, 0.5),
    "precision": PRECISIONS,
    "checkpoint_minutes": (0, 1000),
}

_CHOICES: hyperparameters.Choices = {
    "class_weights": ("none", "balanced"),
    "long_texts": ("head-tail", "windows"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An argument for each hyperparameter."""
    hyperparameters.add_arguments(parser, Settings)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Reads what `add_arguments` added. Raises InputProblem with everything that is wrong."""
    return hyperparameters.read(arguments, Settings, _RANGES, _CHOICES)
