from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs torch and transformers")

from small_model import SmallModel  # noqa: E402

from sortline_training.bert.model import load_base  # noqa: E402
from sortline_training.bert.optimizer import Schedule, optimizer_of  # noqa: E402
from sortline_training.bert.settings import Settings  # noqa: E402

CPU = torch.device("cpu")


def rates(steps: int, **settings: float) -> list[float]:
    chosen = Settings(**settings)
    optimizer = optimizer_of(SmallModel(), chosen, CPU)
    schedule = Schedule(optimizer, chosen, steps)
    found = []
    for step in range(steps):
        schedule.at(step)
        # It is one rate for all parameters.
        (rate,) = {group["lr"] for group in optimizer.param_groups}
        found.append(rate)
    return found


def test_the_rate_rises_over_the_warmup_to_the_highest_and_falls_to_0_after_the_last_step() -> None:
    expected = [0.02, 0.04, 0.06, 0.0525, 0.045, 0.0375, 0.03, 0.0225, 0.015, 0.0075]
    assert rates(10, learning_rate=0.06, warmup=0.2) == pytest.approx(expected)


def test_without_warmup_the_rate_only_falls() -> None:
    assert rates(4, learning_rate=0.08, warmup=0) == pytest.approx([0.08, 0.06, 0.04, 0.02])


def test_matrices_decay_and_biases_and_layer_norms_do_not(tiny_bert: Path) -> None:
    model = load_base(str(tiny_bert), ("a", "b"), 1).model
    name_of = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = {
        group["weight_decay"]: {name_of[id(parameter)] for parameter in group["params"]}
        for group in optimizer_of(model, Settings(weight_decay=0.03), CPU).param_groups
    }
    assert groups.keys() == {0.03, 0.0}
    assert groups[0.03] | groups[0.0] == set(name_of.values())
    assert groups[0.0] == {name for name in name_of.values() if name.endswith(".bias") or "LayerNorm" in name}
    assert "bert.encoder.layer.0.attention.self.query.weight" in groups[0.03]
    assert "classifier.weight" in groups[0.03]


def test_decay_shrinks_a_weight_by_rate_times_decay_whatever_the_gradient() -> None:
    model = SmallModel()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    optimizer = optimizer_of(model, Settings(learning_rate=0.1, weight_decay=0.5), CPU)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for name, parameter in model.named_parameters():
        left = 0.95 if parameter.ndim == 2 else 1.0
        torch.testing.assert_close(parameter.detach(), before[name] * left, msg=lambda text, at=name: f"{at}: {text}")
