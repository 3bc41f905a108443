from __future__ import annotations

import json
import re
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sortline_training.errors import InputProblem

torch = pytest.importorskip("torch", reason="needs torch and transformers")

from sortline_training.bert.checkpoint import Checkpoint, Checkpoints, Position  # noqa: E402


def checkpoint(epoch: int, best: float | None = None) -> Checkpoint:
    """One whose numbers say which it is."""
    return Checkpoint(
        Position(epoch=epoch, best_epoch=epoch - 1, best_score=0.5),
        {"weight": torch.full((50, 50), float(epoch))},
        {"state": {0: {"step": torch.tensor(float(epoch))}}, "param_groups": [{"lr": 0.1}]},
        None if best is None else {"weight": torch.full((50, 50), best)},
    )


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the checkpoints after the second epoch, and after the third, which is in place of that after the first."""
    writer = Checkpoints(tmp_path / "checkpoints", ["a", 1], print)
    for epoch in (1, 2, 3):
        writer.save(checkpoint(epoch, best=epoch - 1.0))
    return tmp_path / "checkpoints"


def found_in(folder: Path, lines: list[str], identity: object = ("a", 1)) -> Checkpoint | None:
    return Checkpoints(folder, identity, lines.append).load()


def test_the_last_one_is_gone_on_from_with_the_best_weights_so_far(folder: Path, lines: list[str]) -> None:
    found = found_in(folder, lines)
    assert found is not None and found.best is not None
    assert found.position == Position(epoch=3, best_epoch=2, best_score=0.5)
    assert torch.equal(found.model["weight"], torch.full((50, 50), 3.0))
    assert torch.equal(found.best["weight"], torch.full((50, 50), 2.0))
    assert found.optimizer["state"][0]["step"] == 3.0
    assert lines == []


def test_the_two_last_ones_are_kept(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "state-0.json",
        "state-0.pt",
        "state-1.json",
        "state-1.pt",
    ]


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def bit_flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


DAMAGES = [emptied, cut, bit_flipped]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("ending", ["pt", "json"])
def test_of_one_that_is_damaged_the_one_before_is_gone_on_from(
    folder: Path, lines: list[str], damage: Callable[[Path], None], ending: str
) -> None:
    last = folder / f"state-0.{ending}"
    damage(last)
    found = found_in(folder, lines)
    assert found is not None and found.position.epoch == 2
    assert len(lines) == 1
    assert re.match(re.escape(f"the checkpoint {last} ") + "(cannot be read|is of another training), ", lines[0])


@pytest.mark.parametrize("damage", DAMAGES)
def test_where_all_are_damaged_the_training_begins_afresh(
    folder: Path, lines: list[str], damage: Callable[[Path], None]
) -> None:
    for file in folder.glob("*.pt"):
        damage(file)
    assert found_in(folder, lines) is None
    assert len(lines) == 2


def test_one_whose_description_is_of_another_moment_is_left_out(folder: Path, lines: list[str]) -> None:
    shutil.copyfile(folder / "state-1.pt", folder / "state-0.pt")
    found = found_in(folder, lines)
    assert found is not None and found.position.epoch == 2
    assert lines == [
        f"the checkpoint {folder / 'state-0.pt'} cannot be read, and is left out: its content is not what was written: "
        "the digest differs"
    ]


def test_one_that_was_not_written_to_its_end_is_left_out(folder: Path, lines: list[str]) -> None:
    (folder / "state-0.json").unlink()
    found = found_in(folder, lines)
    assert found is not None and found.position.epoch == 2


def test_after_a_damaged_one_the_next_takes_its_place(folder: Path, lines: list[str]) -> None:
    emptied(folder / "state-0.pt")
    going_on = Checkpoints(folder, ("a", 1), lines.append)
    going_on.load()
    going_on.save(checkpoint(7))
    assert json.loads((folder / "state-0.json").read_text())["number"] == 3
    found = found_in(folder, lines)
    assert found is not None and found.position.epoch == 7


def test_those_of_another_training_are_not_gone_on_from(folder: Path, lines: list[str]) -> None:
    assert found_in(folder, lines, ["a", 2]) is None
    assert lines == [
        f"the checkpoint {folder / f'state-{place}.json'} is of another training, and is left out" for place in (0, 1)
    ]


def test_a_full_disk_is_told_with_what_is_needed_and_leaves_the_one_before(folder: Path, lines: list[str]) -> None:
    going_on = Checkpoints(folder, ("a", 1), lines.append)
    going_on.load()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, before[1]))
    try:
        with pytest.raises(InputProblem) as raised:
            going_on.save(checkpoint(4))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert re.fullmatch(
        rf"a checkpoint of 0\.0 MB cannot be written to {re.escape(str(folder))}, where [\d,.]+ MB are free: "
        r".*File too large.*\. Two are kept: give the job a volume \(volumeGigabytes of its instances\) .*",
        str(raised.value),
    )
    assert sorted(path.name for path in folder.iterdir()) == ["state-0.json", "state-0.pt"]
    found = found_in(folder, lines)
    assert found is not None and found.position.epoch == 3


def test_nothing_is_kept_without_a_folder(lines: list[str]) -> None:
    nowhere = Checkpoints(None, [], lines.append)
    nowhere.save(checkpoint(1))
    assert not nowhere.kept
    assert nowhere.load() is None
