"""A stored model of either algorithm, as those who judge it see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import linear_model
from .errors import InputProblem


@dataclass(frozen=True)
class OwnThreshold:
    """The probability from which on a model decides alone, as it was chosen on held-out texts of its training."""

    probability: float
    """0 to 1; above 1 where held-out texts gave none."""
    wanted: float
    """The precision that it was chosen for, 0 to 1."""


@dataclass(frozen=True)
class Model:
    """What both algorithms have in common."""

    name: str
    algorithm: str
    """`linear` or `bert`."""
    cleaning: str
    """Version of the cleaning that its training texts went through."""
    labels: tuple[str, ...]
    probabilities: Callable[[Sequence[str]], NDArray[np.float64]]
    """One row a text, one column a label; rows add up to one."""
    threshold: OwnThreshold | None = None
    """Nothing where training chose none."""


def load_model(folder: Path) -> Model:
    """Reads a model by what is stored in the folder.

    Raises InputProblem if that is no model, or one that cannot be read here.
    """
    for file, load in _LOADERS.items():
        if (folder / file).is_file():
            try:
                return load(folder)
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise InputProblem(f"the model cannot be read: {error}") from error
    raise InputProblem(f"the model's archive has none of {', '.join(_LOADERS)}: it was not written by train.py")


def _linear(folder: Path) -> Model:
    return of_linear(linear_model.load_model(folder))


def of_linear(model: linear_model.LinearModel) -> Model:
    """A linear model that need not be stored."""
    return Model(
        name=model.name,
        algorithm="linear",
        cleaning=model.cleaning,
        labels=model.labels,
        probabilities=model.probabilities,
        threshold=None
        if model.threshold is None
        else OwnThreshold(probability=model.threshold, wanted=model.precision),
    )


def _bert(folder: Path) -> Model:
    try:
        # Here, since an image for linear models has no torch.
        from .bert.serving import load_model as load_bert
    except ModuleNotFoundError as error:
        raise InputProblem(
            f"the model is of the algorithm bert, and this image has no Python package {error.name}: judge it with a "
            "Hugging Face training image"
        ) from error
    model = load_bert(folder)
    return Model(
        name=model.name,
        algorithm="bert",
        cleaning=model.cleaning,
        labels=model.labels,
        probabilities=model.probabilities,
        threshold=OwnThreshold(probability=model.threshold, wanted=model.precision),
    )


# By the file that only models of an algorithm have.
_LOADERS: Mapping[str, Callable[[Path], Model]] = {"model.json": _linear, "sortline.json": _bert}
