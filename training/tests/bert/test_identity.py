from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs torch and transformers")

from sortline_training.bert.identity import digest_of_base, digest_of_examples  # noqa: E402
from sortline_training.bert.model import load_base  # noqa: E402
from sortline_training.dataset import Examples  # noqa: E402


def digest(folder: Path, labels: tuple[str, ...] = ("a", "b"), seed: int = 1) -> str:
    return digest_of_base(load_base(str(folder), labels, seed))


def changed_weight(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights["embeddings.LayerNorm.bias"][0] += 1e-3
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def changed_configuration(folder: Path) -> None:
    file = folder / "config.json"
    file.write_text(file.read_text().replace('"hidden_dropout_prob": 0.1', '"hidden_dropout_prob": 0.2'))


def changed_tokenizer(folder: Path) -> None:
    words = (folder / "vocab.txt").read_text().replace("parcel\norder\n", "order\nparcel\n")
    (folder / "vocab.txt").write_text(words)
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize("change", [changed_weight, changed_configuration, changed_tokenizer])
def test_another_base_model_in_a_folder_of_the_same_name_is_another(
    tiny_bert: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    other = tmp_path / tiny_bert.name
    shutil.copytree(tiny_bert, other)
    assert digest(other) == digest(tiny_bert)
    change(other)
    assert digest(other) != digest(tiny_bert)


def test_the_same_base_model_is_the_same_for_other_labels_and_seeds(tiny_bert: Path) -> None:
    assert digest(tiny_bert, ("x", "y", "z"), 7) == digest(tiny_bert)


def test_examples_are_others_with_another_text_label_or_group() -> None:
    def of(texts: tuple[str, ...] = ("one", "two"), labels: tuple[str, ...] = ("a", "b"), group: str = "g") -> str:
        return digest_of_examples(Examples(texts, labels, ("1", "2"), (group, "h")))

    assert of() == of()
    different = {of(), of(texts=("onet", "wo")), of(texts=("two", "one")), of(labels=("a", "c")), of(group="k")}
    assert len(different) == 5
