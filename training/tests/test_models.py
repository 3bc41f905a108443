from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sortline_training.dataset import Examples
from sortline_training.errors import InputProblem
from sortline_training.fitting import fit_once
from sortline_training.models import load_model


def problem_of(folder: Path) -> str:
    with pytest.raises(InputProblem) as caught:
        load_model(folder)
    return str(caught.value)


def test_a_linear_model_is_known_by_what_is_stored(examples: Examples, tmp_path: Path) -> None:
    stored = replace(fit_once(examples), name="job-7", cleaning="3")
    stored.save(tmp_path)
    model = load_model(tmp_path)
    assert (model.name, model.algorithm, model.cleaning, model.threshold) == ("job-7", "linear", "3", None)
    assert model.labels == stored.labels
    np.testing.assert_allclose(model.probabilities(examples.texts), stored.probabilities(examples.texts))


def test_a_folder_without_a_model_is_refused_with_what_it_should_hold(tmp_path: Path) -> None:
    assert "none of model.json, sortline.json" in problem_of(tmp_path)


def test_a_bert_is_refused_where_there_is_no_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "sortline_training.bert.serving", raising=False)
    (tmp_path / "sortline.json").write_text('{"format": 1, "algorithm": "bert"}')
    assert "algorithm bert, and this image has no Python package torch" in problem_of(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"format": 9}', '{"format": 1, "algorithm": "linear"}'])
def test_a_model_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.json").write_text(content)
    assert "the model cannot be read: " in problem_of(tmp_path)
