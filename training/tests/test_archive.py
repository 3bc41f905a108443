from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from sortline_training import archive
from sortline_training.errors import InputProblem


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [
        ("_MOST_ENTRIES", 2, "more than 2 entries; a model has a few dozen"),
        ("_MOST_BYTES", 25, "up to the entry 'b.bin' 30 bytes, at most 25 are unpacked"),
    ],
)
def test_an_archive_that_is_too_large_is_refused_with_what_it_has_and_may_have(
    limit: str, value: int, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "model.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        for name in ("a.bin", "b.bin", "c.bin"):
            (tmp_path / name).write_bytes(bytes(15))
            tar.add(tmp_path / name, arcname=name)
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(InputProblem) as refused:
        archive.unpack_model(packed, tmp_path / "target")
    assert expected in str(refused.value)
