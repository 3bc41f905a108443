from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch and transformers")

from small_model import some_data  # noqa: E402

from sortline_training.bert import loss as loss_module  # noqa: E402
from sortline_training.bert.loss import Loss, label_weights  # noqa: E402
from sortline_training.bert.scores import Labelled  # noqa: E402
from sortline_training.bert.settings import Settings  # noqa: E402

CPU = torch.device("cpu")


def always(*probabilities: float) -> torch.nn.Module:
    """A model that says the same of every text."""

    class Always(torch.nn.Module):
        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
            assert input_ids.shape == attention_mask.shape
            return SimpleNamespace(logits=torch.tensor([probabilities] * len(input_ids)).log())

    return Always()


@pytest.fixture(autouse=True)
def computed_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_module, "autocast", lambda _: torch.autocast("cpu", enabled=False))


def loss_of(data: Labelled, weights: tuple[float, ...] = (1, 1, 1), label_smoothing: float = 0.0) -> Loss:
    return Loss(data, np.array(weights, dtype=np.float64), Settings(label_smoothing=label_smoothing), CPU)


def test_it_is_the_sum_of_how_unlikely_the_right_labels_are() -> None:
    assert [some_data().labels[text] for text in some_data().sequences.text[[0, 3, 5]]] == [0, 1, 2]
    found = loss_of(some_data())(always(0.7, 0.2, 0.1), (0, 3, 5))
    assert float(found) == pytest.approx(-math.log(0.7) - math.log(0.2) - math.log(0.1))


def test_a_text_in_two_windows_counts_as_one() -> None:
    data = some_data()
    assert data.sequences.text[1] == data.sequences.text[2]
    loss = loss_of(data)
    assert float(loss(always(0.7, 0.2, 0.1), (1, 2))) == pytest.approx(-math.log(0.7))
    assert loss.weight_of((1, 2)) == pytest.approx(1)
    assert loss.weight_of(tuple(range(11))) == pytest.approx(10)


def test_labels_count_by_their_weights() -> None:
    loss = loss_of(some_data(), (0.5, 1, 3))
    expected = -0.5 * math.log(0.7) - math.log(0.2) - 3 * math.log(0.1)
    assert float(loss(always(0.7, 0.2, 0.1), (0, 3, 5))) == pytest.approx(expected)
    assert loss.weight_of((0, 3, 5)) == pytest.approx(4.5)


def test_label_smoothing_gives_a_part_of_each_example_to_all_labels_alike() -> None:
    found = loss_of(some_data(), label_smoothing=0.3)(always(0.7, 0.2, 0.1), (3,))
    assert float(found) == pytest.approx(-0.1 * math.log(0.7) - 0.8 * math.log(0.2) - 0.1 * math.log(0.1))


def test_examples_of_a_rare_label_weigh_as_much_together_as_those_of_a_frequent_one() -> None:
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2])
    weights = label_weights(labels, 3, "balanced")
    assert weights.tolist() == pytest.approx([12 / 18, 12 / 6, 12 / 12])
    assert (weights * np.bincount(labels)).tolist() == pytest.approx([4, 4, 4])


def test_without_class_weights_all_examples_count_alike() -> None:
    assert label_weights(np.array([0, 0, 0, 1]), 2, "none").tolist() == [1, 1]


def test_a_label_without_examples_has_a_weight_that_is_a_number() -> None:
    assert np.isfinite(label_weights(np.array([0, 0, 1]), 3, "balanced")).all()
