"""Loads an encoder with a classification head: for training, and for serving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForSequenceClassification


def load_classifier(source: str | Path, **options: Any) -> nn.Module:
    """Weights of a folder, or of a name at Hugging Face, in full precision: safetensors alone, and no code.

    `options` are those of `from_pretrained`. Raises what that raises, for a model that cannot be read.
    """

    def load(attention: str | None) -> nn.Module:
        return AutoModelForSequenceClassification.from_pretrained(
            source, use_safetensors=True, dtype=torch.float32, attn_implementation=attention, **options
        )

    try:
        return load("sdpa")
    except ValueError as error:
        # Some architectures, such as DeBERTa's, have attention of their own kind, which no fused kernel computes.
        if "scaled_dot_product_attention" not in str(error):
            raise
        return load(None)
