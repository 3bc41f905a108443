"""The rival in training: Hugging Face's Trainer, with what its users write and its defaults for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import project  # noqa: F401
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    default_data_collator,
)
from transformers.utils import logging

from sortline_training.dataset import Examples

# Texts of banking77 have at most about a hundred tokens; 128 is what is commonly written.
_LONGEST = 128


@dataclass(frozen=True)
class Way:
    """How its users have it pad, and compute."""

    pads_to_longest_of_batch: bool
    """Or every text to 128 tokens."""
    bf16: bool = False
    """Its default is float32, on any machine."""


@dataclass(frozen=True)
class Recipe:
    epochs: int
    batch_size: int
    learning_rate: float


def trainer_of(
    examples: Examples, labels: Sequence[str], base_model: Path, way: Way, recipe: Recipe, folder: Path
) -> Trainer:
    """A Trainer that has all it needs: its texts are tokenized already. It writes no checkpoints."""
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    has_gpu = torch.cuda.is_available()
    model = AutoModelForSequenceClassification.from_pretrained(base_model, num_labels=len(labels))
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        bf16=way.bf16,
        # What it does anyway, but for bf16, which it refuses on a CPU that it has not been told to use.
        use_cpu=not has_gpu,
        dataloader_pin_memory=has_gpu,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    return Trainer(
        model=model,
        args=arguments,
        train_dataset=dataset_of(examples, labels, base_model, way),
        data_collator=(
            DataCollatorWithPadding(AutoTokenizer.from_pretrained(base_model))
            if way.pads_to_longest_of_batch
            else default_data_collator
        ),
    )


def dataset_of(examples: Examples, labels: Sequence[str], base_model: Path, way: Way) -> list[dict[str, Any]]:
    """The texts as tokens. A label that is not among `labels` gets -100, which no loss counts and no model predicts."""
    number_of = {label: number for number, label in enumerate(labels)}
    tokenizer = AutoTokenizer.from_pretrained(base_model)
    padding = False if way.pads_to_longest_of_batch else "max_length"
    tokens = tokenizer(list(examples.texts), truncation=True, max_length=_LONGEST, padding=padding)
    return [
        {**{name: rows[at] for name, rows in tokens.items()}, "labels": number_of.get(label, -100)}
        for at, label in enumerate(examples.labels)
    ]


def accuracy_of(trainer: Trainer, dataset: list[dict[str, Any]]) -> float:
    """The share of a dataset that is predicted rightly by the trained model."""
    predicted = np.asarray(trainer.predict(dataset).predictions).argmax(axis=1)
    return float((predicted == np.array([each["labels"] for each in dataset])).mean())
