from __future__ import annotations

import os
from pathlib import Path

import pytest
from jobs import RunJob, write_csv

from sortline_training.dataset import Examples

# Nothing is fetched in a test.
os.environ["HF_HUB_OFFLINE"] = "1"

WORDS = """
where is my parcel order delivery delivered courier invoice paid pay account money amount bill tax program
error login password screen printer app export machine the a it to of and on in for when will be have has not
please still send again since as does with me we you your that this was too ? . ,
"""


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT with two small layers and random weights, and its tokenizer."""
    transformers = pytest.importorskip("transformers", reason="needs torch and transformers")
    torch = pytest.importorskip("torch", reason="needs torch and transformers")
    folder = tmp_path_factory.mktemp("tiny-bert")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)] + [str(digit) for digit in range(10)]
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *WORDS.split(),
        *letters,
        *(f"##{letter}" for letter in letters),
    ]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)) + "\n", encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64)
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    transformers.BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def trained(run_job: RunJob, examples: Examples, tiny_bert: Path, tmp_path: Path) -> Path:
    """The folder of a model that a job has stored."""
    write_csv(tmp_path / "train" / "data.csv", examples)
    named = ("--algorithm", "bert", "--cleaning", "1", "--base-model", str(tiny_bert), "--longest", "32")
    job = run_job("train.py", *named, "--epochs", "3", "--learning-rate", "0.003", channels=["train"])
    assert job.returncode == 0, job.stderr
    return tmp_path / "model"
