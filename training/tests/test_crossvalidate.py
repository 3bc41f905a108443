from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sortline_training.crossvalidate import main


def test_data_of_which_nothing_can_be_held_out_are_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{label} {number},{label},{label}" for label in ("a", "b") for number in range(8)]
    file = tmp_path / "labels.csv"
    file.write_text("\n".join(["text,category,group", *rows]), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["crossvalidate", str(file)])
    assert main() == 2
    assert capsys.readouterr().err.startswith("error: ")
