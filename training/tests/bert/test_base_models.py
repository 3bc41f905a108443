from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sortline_training.errors import InputProblem

_SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 80,
}
_DISTILBERT = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 80}
_XLNET = {"d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 64}
_ENCODERS: dict[str, dict[str, Any]] = {
    "bert": _SMALL,
    "distilbert": _DISTILBERT,
    "roberta": _SMALL,
    "camembert": _SMALL,
    "xlm-roberta": _SMALL,
    "electra": {**_SMALL, "embedding_size": 32},
    "albert": {**_SMALL, "embedding_size": 32},
    "mpnet": _SMALL,
    "deberta-v2": {**_SMALL, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
    "modernbert": _SMALL,
    "xlnet": _XLNET,
}


def made(kind: str, options: dict[str, Any], tiny_bert: Path, folder: Path, *, auto: str = "AutoModel") -> Path:
    """A base model of another architecture, with random weights and the small BERT's tokenizer."""
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_bert)
    numbers = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    if kind == "modernbert":
        numbers |= {"cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
    config = transformers.AutoConfig.for_model(kind, **{**numbers, **options})
    getattr(transformers, auto).from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", list(_ENCODERS))
def test_encoders_of_every_kind_are_trained_stored_and_served(kind: str, tiny_bert: Path, tmp_path: Path) -> None:
    import torch

    from sortline_training.bert.classifier import load_classifier
    from sortline_training.bert.model import load_base, save_model

    base = load_base(str(made(kind, _ENCODERS[kind], tiny_bert, tmp_path / "base")), ("a", "b", "c"), 1)
    tokens = base.tokenizer(["where is my parcel", "paid"], padding=True, return_tensors="pt")
    given = {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
    base.model(**given, labels=torch.tensor([0, 2])).loss.backward()
    save_model(base.model, base.tokenizer, tmp_path / "model")
    served = load_classifier(tmp_path / "model", local_files_only=True).eval()
    with torch.no_grad():
        assert torch.equal(served(**given).logits, base.model.eval()(**given).logits)


def test_a_head_that_the_base_model_has_is_not_taken_over(tiny_bert: Path, tmp_path: Path) -> None:
    import torch

    from sortline_training.bert.model import load_base, save_model

    first = load_base(str(tiny_bert), ("a", "b"), 1)
    with torch.no_grad():
        first.model.classifier.weight.fill_(7)
        first.model.bert.embeddings.word_embeddings.weight[5:].fill_(3)
    save_model(first.model, first.tokenizer, tmp_path)
    for labels in (("a", "b"), ("a", "b", "c")):
        again = load_base(str(tmp_path), labels, 1)
        assert again.model.classifier.weight.shape[0] == len(labels)
        assert not (again.model.classifier.weight == 7).any()
        assert (again.model.bert.embeddings.word_embeddings.weight[5:] == 3).all()


@pytest.mark.parametrize("stored", ["float16", "bfloat16"])
def test_a_base_model_that_was_stored_in_fewer_bits_is_trained_in_full_precision(
    stored: str, tiny_bert: Path, tmp_path: Path
) -> None:
    import torch
    import transformers

    from sortline_training.bert.model import load_base

    transformers.AutoModel.from_pretrained(tiny_bert, dtype=getattr(torch, stored)).save_pretrained(tmp_path)
    transformers.AutoTokenizer.from_pretrained(tiny_bert).save_pretrained(tmp_path)
    base = load_base(str(tmp_path), ("a", "b"), 1)
    assert {each.dtype for each in base.model.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("kind", "options", "auto", "expected"),
    [
        ("gpt2", {"n_embd": 32, "n_layer": 1, "n_head": 2}, "AutoModelForCausalLM", "(gpt2) writes texts"),
        (
            "bart",
            {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64},
            "AutoModel",
            "(bart) writes texts",
        ),
    ],
)
def test_a_model_that_writes_texts_is_refused(
    kind: str, options: dict[str, Any], auto: str, expected: str, tiny_bert: Path, tmp_path: Path
) -> None:
    from sortline_training.bert.model import load_base

    folder = made(kind, options, tiny_bert, tmp_path, auto=auto)
    with pytest.raises(InputProblem) as caught:
        load_base(str(folder), ("a", "b"), 1)
    assert expected in str(caught.value)


def test_a_tokenizer_without_padding_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    import transformers

    from sortline_training.bert.model import load_base

    shutil.copytree(tiny_bert, tmp_path, dirs_exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_bert)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(InputProblem, match="no padding token"):
        load_base(str(tmp_path), ("a", "b"), 1)


def test_what_a_mail_says_is_never_a_mark_of_the_tokenizer(tiny_bert: Path) -> None:
    import transformers

    from sortline_training.bert.tokens import Encoder

    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_bert)
    (tokens,) = Encoder(tokenizer, 32, "windows").encode(["where [SEP] is [PAD] my [MASK]"]).tokens
    assert [tokens.count(number) for number in (tokenizer.sep_token_id, tokenizer.cls_token_id)] == [1, 1]
    assert tokenizer.pad_token_id not in tokens
    assert tokenizer.mask_token_id not in tokens
