from __future__ import annotations

import re
from pathlib import Path

import pytest
from jobs import TRAINING

from sortline_training.dataset import read_examples
from sortline_training.fitting import validate

SAMPLES = TRAINING.parent / "samples"


def quiet(_line: str) -> None:
    pass


def test_the_samples_teach_the_linear_model_what_their_readme_says() -> None:
    report = validate(read_examples(Path(SAMPLES / "labels.csv")), folds=5, log=quiet).report
    assert report.macro_f1 >= 0.7
    written = re.search(r"macro-F1 of (0\.\d+)", (SAMPLES / "README.md").read_text(encoding="utf-8"))
    assert written is not None
    assert report.macro_f1 == pytest.approx(float(written[1]), abs=0.02)
