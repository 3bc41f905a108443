from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs torch and transformers")

from torch import nn

import inference
from sortline_training.bert.request_limit import most_tokens_of
from sortline_training.bert.serving import BertModel, load_model
from sortline_training.errors import RequestTooLarge


@pytest.fixture
def served(trained: Path) -> BertModel:
    model = inference.model_fn(str(trained))
    assert isinstance(model, BertModel)
    return model


def asked(texts: list[str]) -> str:
    return json.dumps({"inputs": texts, "parameters": {"cleaning": "1"}})


def test_a_larger_model_takes_fewer_tokens_and_what_is_only_looked_up_counts_nothing() -> None:
    small = nn.Sequential(nn.Embedding(30_000, 100), nn.Linear(100, 1_000, bias=False))
    large = nn.Sequential(nn.Embedding(30_000, 100), *(nn.Linear(100, 1_000, bias=False) for _ in range(10)))
    assert most_tokens_of(small, "cpu") == 10 * most_tokens_of(large, "cpu")
    assert most_tokens_of(small, "cuda") > most_tokens_of(small, "cpu")


def test_a_layer_that_stands_for_several_counts_as_often_as_it_is_computed() -> None:
    from transformers import AutoConfig, AutoModel

    def limit(layers: int) -> int:
        shape = {"vocab_size": 30, "embedding_size": 8, "hidden_size": 32, "num_attention_heads": 2}
        config = AutoConfig.for_model("albert", **shape, intermediate_size=64, num_hidden_layers=layers)
        return most_tokens_of(AutoModel.from_config(config), "cpu")

    assert limit(2) == pytest.approx(3 * limit(6), rel=1e-6)


def test_more_than_can_be_answered_in_time_is_refused_with_what_was_sent_and_what_to_do(served: BertModel) -> None:
    limited = replace(served, most_tokens=40)
    # This model reads 32 tokens at most, and of a longer text eight windows.
    long = "secret " * 500
    with pytest.raises(RequestTooLarge) as refused:
        inference.transform_fn(limited, asked([long, "the parcel"]), "application/json", "application/json")
    assert str(refused.value) == (
        "the request is too large: its 2 texts have 260 tokens, windows counted; this model takes at most 40 in a "
        "request with more than one text. Send them in several requests"
    )


def test_a_text_that_cannot_be_split_is_answered_whatever_its_length(served: BertModel) -> None:
    limited = replace(served, most_tokens=40)
    answer = inference.transform_fn(limited, asked(["parcel " * 500]), "application/json", "application/json")
    assert len(json.loads(answer)) == 1


def test_requests_have_the_limit_of_their_model_and_an_evaluation_has_none(served: BertModel, trained: Path) -> None:
    assert served.most_tokens is not None
    assert load_model(trained).most_tokens is None
