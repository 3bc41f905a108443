"""A BERT that is made on the spot: two small layers, random weights. `python tiny_bert.py FOLDER` makes one, too."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import transformers

WORDS = """
where is my parcel order delivery delivered courier invoice paid pay account money amount bill tax program
error login password screen printer app export machine the a it to of and on in for when will be have has not
please still send again since as does with me we you your that this was too ? . ,
"""


def make_tiny_bert(folder: Path) -> None:
    """Writes the encoder and its tokenizer, which reads any text by its letters."""
    folder.mkdir(parents=True, exist_ok=True)
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


if __name__ == "__main__":
    make_tiny_bert(Path(sys.argv[1]))
