from __future__ import annotations

from pathlib import Path

import pytest

from sortline_training.container import channel, channel_if_given
from sortline_training.errors import InputProblem


@pytest.fixture
def channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the channels, of which no variable tells."""
    monkeypatch.setenv("SM_INPUT_DIR", str(tmp_path))
    return tmp_path / "data"


def test_a_channel_is_found_whose_variable_a_shell_has_dropped_for_the_hyphen_in_its_name(channels: Path) -> None:
    folder = channels / "base-model"
    assert channel_if_given("base-model") is None
    folder.mkdir(parents=True)
    assert (channel_if_given("base-model"), channel("base-model")) == (folder, folder)


def test_the_variable_of_a_channel_counts_first(
    channels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (channels / "train").mkdir(parents=True)
    monkeypatch.setenv("SM_CHANNEL_TRAIN", str(tmp_path))
    assert channel("train") == tmp_path


def test_a_channel_that_is_missing_is_told_with_where_it_was_looked_for(
    channels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputProblem) as missing:
        channel("train")
    assert "no channel 'train'" in str(missing.value)
    assert "SM_CHANNEL_TRAIN is not set" in str(missing.value)
    assert str(channels / "train") in str(missing.value)
    monkeypatch.setenv("SM_CHANNEL_TRAIN", str(channels / "elsewhere"))
    with pytest.raises(InputProblem, match=r"SM_CHANNEL_TRAIN names .*elsewhere, which does not exist"):
        channel_if_given("train")
