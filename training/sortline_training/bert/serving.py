"""A stored model that answers: what `store` wrote, and how sure it is of the labels of texts."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoTokenizer
from transformers.utils import logging as transformers_logging

from ..calibration import softmax
from ..errors import RequestTooLarge
from .classifier import load_classifier
from .numeric_precision import NumericPrecision, chosen_precision, in_precision
from .request_limit import most_tokens_of
from .scores import TOKENS_PER_BATCH, sequence_scores, text_scores
from .tokens import Encoder, Sequences

FORMAT = 1
FILE = "sortline.json"

_log = logging.getLogger(__name__)

# Kernels for a new length take some milliseconds to make in bfloat16, which counts for short texts alone.
_LONGEST_WARM = 64


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
    numbers: NumericPrecision
    """In which it computes."""
    encoder: Encoder
    module: nn.Module
    device: torch.device
    padding: int
    longest: int
    """Tokens of a sequence that are read at most."""
    most_tokens: int | None = None
    """Tokens that several texts may have together, windows counted, for those who wait for the answer."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row a text, one column a label; rows add up to one.

        Raises RequestTooLarge if several texts have more than `most_tokens`.
        """
        if not texts:
            return np.empty((0, len(self.labels)))
        sequences = self.encoder.encode(texts)
        tokens = int(sequences.lengths.sum())
        if self.most_tokens is not None and tokens > self.most_tokens and len(texts) > 1:
            raise RequestTooLarge(
                f"the request is too large: its {len(texts)} texts have {tokens} tokens, windows counted; this model "
                f"takes at most {self.most_tokens} in a request with more than one text. Send them in several requests"
            )
        return softmax(self._scores(sequences) * self.sharpness)

    def _scores(self, sequences: Sequences) -> NDArray[np.float64]:
        """The same before calibration."""
        every = list(range(len(sequences.tokens)))
        part = sequence_scores(self.module, sequences, every, self.padding, TOKENS_PER_BATCH, self.device)
        return text_scores(sequences, [part])

    def warm_up(self) -> None:
        """Computes what a first request would else wait for: short texts of many lengths, for which kernels are made,
        and as much at a time as is ever computed, for which memory is taken."""
        for words in range(0, _LONGEST_WARM, 1 if self.numbers == "bfloat16" else 16):
            self._scores(self.encoder.encode(["a " * words]))
        self._scores(self.encoder.encode(["a " * self.longest] * max(1, TOKENS_PER_BATCH // self.longest)))


def load_model(folder: Path, *, for_requests: bool = False) -> BertModel:
    """Reads what `store` wrote, to compute in the fastest numbers that hold for it on this machine.

    `for_requests`: somebody waits for what it answers, and not for long.

    Raises ValueError for another format or an unknown `SORTLINE_PRECISION`, and OSError for missing files.
    """
    transformers_logging.disable_progress_bar()
    described: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    if described.get("format") != FORMAT or described.get("algorithm") != "bert":
        raise ValueError(
            f"{folder / FILE} has format {described.get('format')} of algorithm {described.get('algorithm')}; "
            f"this code reads format {FORMAT} of bert"
        )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    # A model that was stored before this was measured says nothing, and computes in full precision.
    holding = described.get("numericPrecisions", {"holding": ()})["holding"]
    numbers = chosen_precision(holding, device.type, os.environ)
    module = load_classifier(folder, local_files_only=True)
    _log.info("the model %s computes in %s on this device (%s)", described["name"], numbers, device.type)
    most_tokens = most_tokens_of(module, device.type) if for_requests else None
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    longest = int(described["longest"])
    return BertModel(
        labels=tuple(described["labels"]),
        cleaning=described["cleaning"],
        name=described["name"],
        sharpness=float(described["sharpness"]),
        threshold=float(described["threshold"]["probability"]),
        precision=float(described["threshold"]["wanted"]),
        numbers=numbers,
        encoder=Encoder(tokenizer, longest, described["longTexts"]),
        module=in_precision(module, numbers).to(device).eval(),
        device=device,
        padding=int(tokenizer.pad_token_id or 0),
        longest=longest,
        most_tokens=most_tokens,
    )
