"""A stored model that answers: what `store` wrote, and how sure it is of the labels of texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from ..calibration import softmax
from .numerics import has_bfloat16
from .scores import sequence_scores, text_scores
from .tokens import Encoder

FORMAT = 1
FILE = "sortline.json"

# Tokens that are computed at a time, with padding: enough to keep two cores busy, few enough for a small container.
_TOKENS_PER_BATCH = 4096


@dataclass(frozen=True)
class BertModel:
    """An encoder that was fine-tuned, with its calibration."""

    labels: tuple[str, ...]
    cleaning: str
    """Version of the cleaning that the texts went through, in training as now."""
    name: str
    sharpness: float
    threshold: float
    """Probability below which a person decides."""
    precision: float
    """The precision that it was chosen for."""
    encoder: Encoder
    module: nn.Module
    device: torch.device
    padding: int

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row a text, one column a label; rows add up to one."""
        return softmax(self.scores(texts) * self.sharpness)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The same before calibration."""
        if not texts:
            return np.empty((0, len(self.labels)))
        sequences = self.encoder.encode(texts)
        every = list(range(len(sequences.tokens)))
        part = sequence_scores(self.module, sequences, every, self.padding, _TOKENS_PER_BATCH, self.device)
        return text_scores(sequences, [part])


def load_model(folder: Path) -> BertModel:
    """Reads what `store` wrote. Raises ValueError for another format and OSError for missing files."""
    logging.disable_progress_bar()
    described: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    if described.get("format") != FORMAT or described.get("algorithm") != "bert":
        raise ValueError(
            f"{folder / FILE} has format {described.get('format')} of algorithm {described.get('algorithm')}; "
            f"this code reads format {FORMAT} of bert"
        )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    module = AutoModelForSequenceClassification.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        attn_implementation="sdpa",
        # Weights that are stored as they are computed with need not be converted for each text.
        dtype=torch.bfloat16 if has_bfloat16(device.type) else torch.float32,
    )
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return BertModel(
        labels=tuple(described["labels"]),
        cleaning=described["cleaning"],
        name=described["name"],
        sharpness=float(described["sharpness"]),
        threshold=float(described["threshold"]["probability"]),
        precision=float(described["threshold"]["wanted"]),
        encoder=Encoder(tokenizer, int(described["longest"]), described["longTexts"]),
        module=module.to(device).eval(),
        device=device,
        padding=int(tokenizer.pad_token_id or 0),
    )
