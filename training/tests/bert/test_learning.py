from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs torch and transformers")

from small_model import ALONE, SmallModel, gradients_of, learner_of, some_data  # noqa: E402
from together import together  # noqa: E402

from sortline_training.bert import loss as loss_module  # noqa: E402
from sortline_training.bert.batching import Step, steps_of_epoch  # noqa: E402
from sortline_training.bert.processes import Processes  # noqa: E402

WEIGHTS = (0.5, 1.0, 3.0)


@pytest.fixture(autouse=True)
def computed_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """bfloat16, where a CPU has it, has not the digits to compare."""
    monkeypatch.setattr(loss_module, "autocast", lambda _: torch.autocast("cpu", enabled=False))


def step_of(processes: Processes, tokens_per_batch: int, batch_size: int = 11) -> Step:
    """All sequences in one step, as a process gets them."""
    (step,) = steps_of_epoch(
        some_data().sequences.lengths,
        batch_size=batch_size,
        tokens_per_batch=tokens_per_batch,
        seed=1,
        epoch=0,
        rank=processes.rank,
        processes=processes.count,
    )
    return step


def expected_gradients() -> dict[str, torch.Tensor]:
    """Computed anew, a sequence at a time: the mean over texts, which weigh what their labels do."""
    model, data = SmallModel(), some_data()
    windows = {1: 2}
    total = torch.zeros(())
    weights = 0.0
    for tokens, text in zip(data.sequences.tokens, data.sequences.text.tolist(), strict=True):
        label = int(data.labels[text])
        weight = WEIGHTS[label] / windows.get(text, 1)
        row = torch.tensor([tokens])
        parts = torch.log_softmax(model(row, torch.ones_like(row)).logits[0], 0)
        total = total - weight * (0.9 * parts[label] + 0.1 * parts.mean())
        weights += weight
    (total / weights).backward()
    return gradients_of(model)


def assert_same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        torch.testing.assert_close(
            gradient, expected[name], rtol=0, atol=1e-6, msg=lambda text, at=name: f"{at}: {text}"
        )


@pytest.mark.parametrize(("tokens_per_batch", "batches"), [(1_000, 1), (27, 3), (9, 9)])
def test_gradients_are_those_of_the_mean_loss_in_however_many_batches(tokens_per_batch: int, batches: int) -> None:
    model = SmallModel()
    step = step_of(ALONE, tokens_per_batch)
    assert len(step.batches) == batches
    learner_of(model, weights=WEIGHTS).add_gradients(step)
    assert_same(gradients_of(model), expected_gradients())


def gradients_in(processes: Processes, tokens_per_batch: int, compiled: bool, few: bool) -> tuple[int, Any, float]:
    loss_module.autocast = lambda _: torch.autocast("cpu", enabled=False)
    compile_model = torch.compile
    # The same calls without a compiler, which a machine that tests need not have.
    torch.compile = lambda model, **options: compile_model(model, backend="eager", **options)
    model = SmallModel()
    step = step_of(processes, tokens_per_batch)
    if few:
        step = Step((4,), ((4,),) if processes.is_first else ())
    loss = learner_of(model, processes, compiled=compiled, weights=WEIGHTS).add_gradients(step)
    return len(step.batches), gradients_of(model), float(loss)


@pytest.mark.parametrize("compiled", [False, True], ids=["as it is", "compiled"])
def test_gradients_are_the_same_in_two_processes_with_different_numbers_of_batches(
    tmp_path: Path, compiled: bool
) -> None:
    first, second = together(tmp_path / "meeting", gradients_in, 18, compiled, False)
    assert first[0] != second[0]
    expected = expected_gradients()
    for _, found, _ in (first, second):
        assert_same({name.removeprefix("_orig_mod."): gradient for name, gradient in found.items()}, expected)


def test_a_process_without_examples_changes_nothing(tmp_path: Path) -> None:
    first, second = together(tmp_path / "meeting", gradients_in, 1_000, False, True)
    alone = SmallModel()
    loss = learner_of(alone, weights=WEIGHTS).add_gradients(Step((4,), ((4,),)))
    assert (first[0], second[0]) == (1, 0)
    assert (first[2], second[2]) == (pytest.approx(float(loss)), 0)
    for _, found, _ in (first, second):
        assert_same(found, gradients_of(alone))


def test_a_step_follows_the_gradients_shortened_to_1_and_begins_the_next_with_none() -> None:
    # A head that is surely wrong has gradients that are longer.
    model = SmallModel()
    with torch.no_grad():
        model.classifier.weight.mul_(50)
    learner = learner_of(model)
    whole = SmallModel()
    whole.load_state_dict(model.state_dict())
    step = step_of(ALONE, 1_000)
    learner_of(whole).add_gradients(step)
    length = torch.cat([each.flatten() for each in gradients_of(whole).values()]).norm()
    assert length > 1.5
    followed: list[dict[str, torch.Tensor]] = []
    learner.optimizer.register_step_pre_hook(lambda *_: followed.append(gradients_of(model)))
    learner.step(step, epoch=0, number=0)
    assert_same(followed[0], {name: each / length for name, each in gradients_of(whole).items()})
    assert gradients_of(model) == {}


def test_gradients_that_are_short_are_left_as_they_are() -> None:
    model, same = SmallModel(), SmallModel()
    step = step_of(ALONE, 1_000)
    learner_of(same).add_gradients(step)
    assert torch.cat([each.flatten() for each in gradients_of(same).values()]).norm() < 1
    learner = learner_of(model)
    followed: list[dict[str, torch.Tensor]] = []
    learner.optimizer.register_step_pre_hook(lambda *_: followed.append(gradients_of(model)))
    learner.step(step, epoch=0, number=0)
    assert_same(followed[0], gradients_of(same))


def test_the_loss_falls_step_by_step() -> None:
    model = SmallModel()
    learner = learner_of(model)
    losses = [float(learner.step(step_of(ALONE, 1_000), epoch=0, number=number)) for number in range(30)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.7 * losses[0]
