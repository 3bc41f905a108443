"""What a model has learnt from, by digests of the texts: a later evaluation finds the test examples that it knows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .dataset import digest_of

_FILE = "learnt-from.txt"


def write_learnt(texts: Iterable[str], folder: Path) -> None:
    """Adds to a stored model the digests of all texts of its training, also of those held out: sorted, one a line."""
    digests = sorted({digest_of(text) for text in texts})
    (folder / _FILE).write_text("".join(f"{digest}\n" for digest in digests), encoding="ascii")


def read_learnt(folder: Path) -> frozenset[str] | None:
    """The digests; nothing for a model that does not tell, since it was stored by other code."""
    try:
        return frozenset((folder / _FILE).read_text(encoding="ascii").split())
    except FileNotFoundError:
        return None
