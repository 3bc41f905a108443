"""The encoder with its classification head, and the tokenizer that goes with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from ..errors import InputProblem
from .classifier import load_classifier

# The tokenizer of a model that names no limit of its own says this, or more.
_NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Base:
    """A base model with a new head, of which training has yet to make something."""

    model: nn.Module
    tokenizer: Any
    longest: int
    """Tokens that the model can read."""

    @property
    def padding(self) -> int:
        return int(self.tokenizer.pad_token_id or 0)


def load_base(name: str, labels: Sequence[str], seed: int) -> Base:
    """A base model by its name at Hugging Face, or from a folder. Only weights in safetensors are read, and no code.

    Raises InputProblem if there is none.
    """
    folder = Path(name)
    if folder.is_absolute() and not folder.is_dir():
        raise InputProblem(f"--base-model is {name!r}, which is no folder")
    source = _folder_of_model(folder) if folder.is_dir() else name
    # A job's log is for people, and for SageMaker to find metrics in.
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        config = AutoConfig.from_pretrained(
            source,
            num_labels=len(labels),
            id2label=dict(enumerate(labels)),
            label2id={label: number for number, label in enumerate(labels)},
            problem_type="single_label_classification",
        )
        tokenizer = AutoTokenizer.from_pretrained(source)
        _require_encoder(name, config, tokenizer)
        torch.manual_seed(seed)
        # A head for other labels, of an earlier training, is no reason to refuse the encoder.
        loaded = load_classifier(source, config=config, ignore_mismatched_sizes=True)
    except (OSError, ValueError, RuntimeError, ImportError, KeyError, SafetensorError) as error:
        raise InputProblem(
            f"the base model {name!r} cannot be loaded: {error}. Give the name of a Hugging Face encoder (a machine "
            "without internet needs the channel 'base-model'), or a folder with config.json, model.safetensors and a "
            "tokenizer"
        ) from error
    model = _with_new_head(loaded, config, seed)
    return Base(model, tokenizer, _longest(model, tokenizer))


def _require_encoder(name: str, config: Any, tokenizer: Any) -> None:
    made_for = " ".join(getattr(config, "architectures", None) or ())
    if config.is_encoder_decoder or "CausalLM" in made_for or "LMHeadModel" in made_for:
        raise InputProblem(
            f"the base model {name!r} ({config.model_type}) writes texts; give an encoder, such as bert-base-uncased"
        )
    if tokenizer.pad_token_id is None:
        raise InputProblem(
            f"the tokenizer of the base model {name!r} has no padding token, without which texts cannot be computed "
            "together; give an encoder, such as bert-base-uncased"
        )


def _with_new_head(loaded: nn.Module, config: Any, seed: int) -> nn.Module:
    """The encoder alone is taken over: a head that the base model has was trained for other labels, or other data.

    In full precision, whatever the base model was stored in: steps of training are lost in fewer bits.
    """
    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_config(
        config, attn_implementation=loaded.config._attn_implementation, dtype=torch.float32
    )
    model.base_model.load_state_dict(loaded.base_model.state_dict())
    return model


def save_model(model: nn.Module, tokenizer: Any, folder: Path) -> None:
    """Writes safetensors, configuration and tokenizer, as Hugging Face's libraries read them."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)  # type: ignore[operator]
    tokenizer.save_pretrained(folder)


def _folder_of_model(folder: Path) -> str:
    """A channel holds the model itself, or one folder with it."""
    if (folder / "config.json").is_file():
        return os.fspath(folder)
    inside = sorted(path.parent for path in folder.glob("*/config.json"))
    found = [path for path in inside if (path / "model.safetensors").is_file()]
    if len(found) == 1:
        return os.fspath(found[0])
    raise InputProblem(
        f"{folder} has no config.json; a base model is a folder with config.json, model.safetensors and a tokenizer"
    )


def _longest(model: nn.Module, tokenizer: Any) -> int:
    config = model.config
    limits = [int(getattr(config, "max_position_embeddings", _NO_LIMIT))]
    kind = getattr(config, "model_type", "")
    # RoBERTa's positions begin after that of the padding, MPNet's with 2 whatever that is.
    if kind in ("roberta", "xlm-roberta", "camembert"):
        limits[0] -= int(config.pad_token_id) + 1
    elif kind == "mpnet":
        limits[0] -= 2
    limits.append(int(min(tokenizer.model_max_length, _NO_LIMIT)))
    return min(limits)
