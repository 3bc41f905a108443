from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import inference

TEXTS = ["Where is my parcel?", "I paid the invoice twice, please send the amount back. " * 5, "error", ""]


def test_a_stored_model_answers_texts_of_any_length_in_their_order(trained: Path) -> None:
    model = inference.model_fn(str(trained))
    request = inference.Request(TEXTS, "1", scores=True)
    together = inference.answers(request, model)
    alone = [inference.answers(inference.Request([text], "1", scores=True), model)[0] for text in TEXTS]
    assert [answer["label"] for answer in together] == [answer["label"] for answer in alone]
    np.testing.assert_allclose(
        [list(answer["scores"].values()) for answer in together],
        [list(answer["scores"].values()) for answer in alone],
        atol=0.01,
    )
    assert {(answer["model"], answer["cleaning"]) for answer in together} == {("a-job", "1")}


def test_the_code_that_travels_with_the_model_is_enough(trained: Path) -> None:
    code = (
        "import json, sys\n"
        "for name in ('sklearn', 'scipy', 'joblib'): sys.modules[name] = None\n"
        "import inference\n"
        "model = inference.model_fn(sys.argv[1])\n"
        "request = json.dumps({'inputs': ['the parcel'], 'parameters': {'cleaning': '1'}})\n"
        "print(inference.written(inference.answers(inference.read(request), model)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(trained)], cwd=trained / "code", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["model"] == "a-job"


def test_a_model_of_another_format_is_refused(trained: Path) -> None:
    described = json.loads((trained / "sortline.json").read_text(encoding="utf-8"))
    (trained / "sortline.json").write_text(json.dumps({**described, "format": 9}), encoding="utf-8")
    with pytest.raises(inference.ModelFailure, match="has format 9 of algorithm bert"):
        inference.model_fn(str(trained))


def test_a_model_is_ready_when_it_has_computed_short_texts_and_as_much_as_it_ever_does_at_a_time(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sortline_training.bert import scores

    computed: list[tuple[int, ...]] = []
    usual = scores.padded

    def watched(sequences: list[tuple[int, ...]], *more: object) -> object:
        computed.append(tuple(len(sequence) for sequence in sequences))
        return usual(sequences, *more)

    monkeypatch.setattr(scores, "padded", watched)
    monkeypatch.setenv("SORTLINE_PRECISION", "bfloat16")
    inference.model_fn(str(trained))
    # This model reads 32 tokens at most.
    assert {lengths for lengths in computed if len(lengths) == 1} == {(length,) for length in range(2, 33)}
    assert (32,) * (4096 // 32) in computed
