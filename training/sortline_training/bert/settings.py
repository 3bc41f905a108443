"""The hyperparameters of `--algorithm bert`."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass, fields
from typing import Literal

from ..errors import InputProblem
from .tokens import LongTexts


@dataclass(frozen=True)
class Settings:
    """What a training does, apart from data and base model. Ranges are checked by `check`."""

    seed: int = 1
    """The same seed, data and hardware make the same model."""
    epochs: int = 5
    """1 to 1,000."""
    batch_size: int = 32
    """Examples that a step learns from, over all GPUs: 1 to 65,536."""
    tokens_per_batch: int = 8192
    """Tokens that a process computes at a time, with padding: 64 to 1,048,576. Bounds the memory, changes no result."""
    learning_rate: float = 3e-4
    """The highest: 1e-7 to 0.1. Small encoders take 3e-4, BERT-base 5e-5."""
    warmup: float = 0.06
    """Part of the steps over which the rate rises to the highest, before it falls to 0: 0 to 0.9."""
    weight_decay: float = 0.01
    """0 to 1; not for biases and layer norms."""
    label_smoothing: float = 0.0
    """0 to 0.5."""
    class_weights: Literal["none", "balanced"] = "none"
    """`balanced`: a rare label's examples weigh as much together as a frequent one's."""
    longest: int = 512
    """Tokens of a text that are read: 16 to 65,536, and no more than the base model can."""
    long_texts: LongTexts = "windows"
    """Of a longer text, its beginning and end, or all of it in windows that overlap, whose scores are averaged.

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

    def check(self) -> list[str]:
        """What is wrong, one line for each hyperparameter."""
        return [
            f"--{name.replace('_', '-')} is {getattr(self, name)}; it must be from {low:g} to {high:g}"
            for name, (low, high) in _RANGES.items()
            if not low <= getattr(self, name) <= high
        ]

    def to_json(self) -> dict[str, object]:
        return asdict(self)


_RANGES: dict[str, tuple[float, float]] = {
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
    "precision": (0.5, 0.999),
    "checkpoint_minutes": (0, 1000),
}

_CHOICES: dict[str, tuple[str, ...]] = {
    "class_weights": ("none", "balanced"),
    "long_texts": ("head-tail", "windows"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An argument for each hyperparameter, all read as text: SageMaker passes numbers and booleans so."""
    for each in fields(Settings):
        parser.add_argument(f"--{each.name.replace('_', '-')}", dest=each.name, metavar="VALUE", default=None)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Reads what `add_arguments` added. Raises InputProblem with everything that is wrong."""
    problems: list[str] = []
    given: dict[str, object] = {}
    for each in fields(Settings):
        text = getattr(arguments, each.name)
        if text is None:
            continue
        try:
            given[each.name] = _value(each.name, type(each.default), text)
        except ValueError as error:
            problems.append(f"--{each.name.replace('_', '-')} is {text!r}; it must be {error}")
    settings = Settings(**given)  # type: ignore[arg-type]
    problems.extend(settings.check())
    if problems:
        raise InputProblem("hyperparameters: " + "; ".join(problems))
    return settings


def _value(name: str, kind: type, text: str) -> object:
    choices = _CHOICES.get(name)
    if choices is not None:
        if text not in choices:
            raise ValueError(" or ".join(choices))
        return text
    if kind is bool:
        # "False" is a text that is not empty: bool() would take it for true.
        known = {"true": True, "1": True, "false": False, "0": False}
        if text.lower() not in known:
            raise ValueError("true or false")
        return known[text.lower()]
    try:
        # A tuning job writes whole numbers of a continuous range as 16.0.
        number = float(text)
    except ValueError:
        raise ValueError("a number") from None
    if kind is int:
        if not number.is_integer():
            raise ValueError("a whole number")
        return int(number)
    return number
