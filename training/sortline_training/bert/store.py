"""Stores a trained model so that serving needs nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from .fit import Fitted
from .model import Base, save_model
from .precision_check import Checked
from .serving import FILE, FORMAT
from .settings import Settings


def store(
    folder: Path,
    base: Base,
    fitted: Fitted,
    checked: Checked,
    *,
    name: str,
    cleaning: str,
    labels: tuple[str, ...],
    settings: Settings,
    facts: dict[str, object],
) -> None:
    """Writes weights, tokenizer, and `sortline.json` with labels, calibration, precisions and the cleaning."""
    save_model(base.model, base.tokenizer, folder)
    description = {
        "format": FORMAT,
        "algorithm": "bert",
        "name": name,
        "cleaning": cleaning,
        "labels": list(labels),
        "sharpness": fitted.sharpness,
        "threshold": {**asdict(fitted.threshold), "wanted": settings.precision},
        "numericPrecisions": checked.to_json(),
        "longest": fitted.longest,
        "longTexts": settings.long_texts,
        "facts": facts,
    }
    (folder / FILE).write_text(json.dumps(description, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
