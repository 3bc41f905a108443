"""What a training is of, by content: names and paths say too little. A channel's folder is always called the same."""

from __future__ import annotations

import hashlib
import json

import torch

from ..dataset import Examples
from .model import Base

# What `load_base` sets for the labels, and what says where the model was, or what has read it.
_NOT_OF_THE_BASE = {"id2label", "label2id", "num_labels", "problem_type", "_name_or_path", "transformers_version"}


def digest_of_examples(examples: Examples) -> str:
    """Of texts, labels and groups, in their order: SHA-256, in hexadecimal digits."""
    digest = hashlib.sha256()
    for row in zip(examples.texts, examples.labels, examples.groups, strict=True):
        for part in row:
            content = part.encode("utf-8", "surrogatepass")
            digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def digest_of_base(base: Base) -> str:
    """Of a base model as it was loaded, without the new head: configuration, tokenizer and weights."""
    config = {key: value for key, value in base.model.config.to_dict().items() if key not in _NOT_OF_THE_BASE}
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    digest.update(_tokenizer(base).encode())
    encoder = getattr(base.model, base.model.base_model_prefix, base.model)
    for name, tensor in sorted(encoder.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _tokenizer(base: Base) -> str:
    """All of its rules where it is one of the tokenizers library, else its words."""
    rules = getattr(base.tokenizer, "backend_tokenizer", None)
    return rules.to_str() if rules is not None else json.dumps(base.tokenizer.get_vocab(), sort_keys=True)
