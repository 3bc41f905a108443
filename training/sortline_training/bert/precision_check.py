"""Whether a trained model is as accurate in fewer bits. Measured on held-out texts, once training and calibration are
done; serving uses no numbers in which a model was not seen to hold."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..calibration import softmax
from .numeric_precision import FULL, REDUCED, NumericPrecision, in_precision
from .numerics import has_bfloat16
from .scores import TOKENS_PER_BATCH, Labelled, sequence_scores, text_scores
from .tokens import Sequences

# Fewer texts than that say nothing.
_FEWEST = 50
# As many as a small CPU computes in a minute or two with BERT-base.
_MOST_TEXTS = 2_000
_MOST_TOKENS = 65_536

# How much may be lost, as a part of the texts; where that is less than one text, one may be.
_MOST_LOST = 0.005
# By how much probabilities may change in the mean, and the part that the model decides alone.
_MOST_MOVED = 0.02


@dataclass(frozen=True)
class Measured:
    """A precision's figures on held-out texts. All are parts of 1."""

    accuracy: float
    agreement: float
    """Texts that get the same label as in full precision."""
    precision: float
    """Of the texts that the model decides alone; 0 where it decides none."""
    coverage: float
    """Texts that it decides alone."""
    moved: float
    """By how much the probability of a label changes, in the mean, where it is the best in full precision."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Checked:
    """What serving has to know about the precisions of a model."""

    texts: int
    """On so many it was measured; with 0 none was."""
    figures: dict[NumericPrecision, Measured]
    holding: tuple[NumericPrecision, ...]
    """Those that serving may use, beside full precision."""

    def to_json(self) -> dict[str, object]:
        return {
            "texts": self.texts,
            "holding": list(self.holding),
            "figures": {name: measured.to_json() for name, measured in self.figures.items()},
        }


def check_precisions(
    model: nn.Module,
    held_out: Labelled,
    *,
    sharpness: float,
    threshold: float,
    device: torch.device,
    log: Callable[[str], None],
) -> Checked:
    """Measures each reduced precision beside full precision, with the calibration that the model is stored with.

    `threshold`: the probability from which on the model decides alone. Of many held-out texts, 2,000 are taken, or as
    many as have some 65,536 tokens, but 50 at least. A precision in which the model cannot be computed does not hold: a
    training of hours is not lost to that.
    """
    part = _part_of(held_out)
    if len(part.labels) < _FEWEST:
        log(
            f"{len(part.labels)} held-out texts are too few to tell in what numbers it may be served: in full precision"
        )
        return Checked(texts=0, figures={}, holding=())

    def probabilities(changed: nn.Module, where: torch.device) -> NDArray[np.float64]:
        every = list(range(len(part.sequences.tokens)))
        scores = sequence_scores(changed.to(where), part.sequences, every, part.padding, TOKENS_PER_BATCH, where)
        return softmax(text_scores(part.sequences, [scores]) * sharpness)

    full = probabilities(model, device)
    figures = {FULL: measure(full, full, part.labels, threshold)}
    holding: list[NumericPrecision] = []
    for precision in REDUCED:
        # A GPU has no int8 here, and where it has no bfloat16 either, a CPU can emulate it.
        where = device if precision == "bfloat16" and has_bfloat16(device.type) else torch.device("cpu")
        try:
            reduced = probabilities(in_precision(copy.deepcopy(model).to("cpu"), precision), where)
        except Exception as error:
            log(f"in {precision} it cannot be computed ({type(error).__name__}: {error}), and will not be served")
            continue
        figures[precision] = measure(reduced, full, part.labels, threshold)
        if holds(figures[precision], figures[FULL], texts=len(part.labels)):
            holding.append(precision)
        log(_line(precision, figures[precision], figures[FULL], precision in holding))
    return Checked(texts=len(part.labels), figures=figures, holding=tuple(holding))


def measure(
    probabilities: NDArray[np.float64], full: NDArray[np.float64], labels: NDArray[np.int64], threshold: float
) -> Measured:
    """Compares probabilities, one row a text, with those in full precision."""
    best, best_in_full = probabilities.argmax(axis=1), full.argmax(axis=1)
    right = best == labels
    alone = probabilities.max(axis=1) >= threshold
    rows = np.arange(len(labels))
    return Measured(
        accuracy=float(right.mean()),
        agreement=float((best == best_in_full).mean()),
        precision=float(right[alone].mean()) if alone.any() else 0.0,
        coverage=float(alone.mean()),
        moved=float(np.abs(probabilities[rows, best_in_full] - full[rows, best_in_full]).mean()),
    )


def holds(measured: Measured, full: Measured, *, texts: int) -> bool:
    """Whether nothing that counts is lost: accuracy, probabilities, what is decided alone, and how precise that is.

    That a few labels differ counts for nothing in itself: those are texts between two labels.
    """
    if measured.moved > _MOST_MOVED:
        return False
    lost = max(_MOST_LOST, 1 / texts) + 1e-9
    moved = max(_MOST_MOVED, 1 / texts) + 1e-9
    if full.accuracy - measured.accuracy > lost or abs(full.coverage - measured.coverage) > moved:
        return False
    if full.coverage == 0 or measured.coverage == 0:
        return True
    alone = max(_MOST_LOST, 1 / (measured.coverage * texts)) + 1e-9
    return full.precision - measured.precision <= alone


def _part_of(held_out: Labelled) -> Labelled:
    """Texts from all over the held-out ones, which may be in the order of their labels."""
    sequences = held_out.sequences
    texts = len(held_out.labels)
    most = min(texts, _MOST_TEXTS, max(_FEWEST, int(_MOST_TOKENS * texts / max(1, int(sequences.lengths.sum())))))
    chosen = np.linspace(0, texts - 1, num=most).round().astype(np.int64)
    inside = np.flatnonzero(np.isin(sequences.text, chosen))
    tokens = tuple(sequences.tokens[number] for number in inside)
    owners = np.searchsorted(chosen, sequences.text[inside])
    return Labelled(Sequences(tokens, owners, sequences.cut), held_out.labels[chosen], held_out.padding)


def _line(precision: NumericPrecision, measured: Measured, full: Measured, held: bool) -> str:
    return (
        f"in {precision}: accuracy {measured.accuracy:.4f} (full precision: {full.accuracy:.4f}), "
        f"{measured.agreement:.2%} of the labels the same, precision of what it decides alone {measured.precision:.4f} "
        f"({full.precision:.4f}): {'may be served so' if held else 'is not served so'}"
    )
