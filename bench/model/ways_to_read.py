"""The ways to read a long text that are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import project  # noqa: F401

from sortline_training.bert.model import Base
from sortline_training.bert.tokens import LongTexts, Tokenizer


@dataclass(frozen=True)
class Way:
    name: str
    long_texts: LongTexts = "head-tail"
    head: float | None = None
    """Part of the room that the beginning gets; the texts are cut before the training code sees them."""
    as_long_as_windows: bool = False
    """Trained for so many epochs more that as many tokens are learnt from as in windows."""


WAYS = (
    Way("head", head=1.0),
    Way("head_tail_25", head=0.25),
    Way("head_tail_25_longer", head=0.25, as_long_as_windows=True),
    Way("head_tail_50", head=0.5),
    Way("windows", "windows"),
)


@dataclass(frozen=True)
class Cutting:
    """A tokenizer that leaves the beginning and the end of a text."""

    tokenizer: Tokenizer
    pad_token_id: int
    room: int
    """Tokens that are left, without those that mark beginning and end."""
    head: float

    def __call__(
        self, text: list[str], *, add_special_tokens: bool, split_special_tokens: bool, truncation: bool
    ) -> Mapping[str, list[list[int]]]:
        numbers = self.tokenizer(
            text,
            add_special_tokens=add_special_tokens,
            split_special_tokens=split_special_tokens,
            truncation=truncation,
        )["input_ids"]
        return {"input_ids": [self._cut(each) for each in numbers]}

    def _cut(self, content: list[int]) -> list[int]:
        if len(content) <= self.room:
            return content
        head = int(self.room * self.head)
        return content[:head] + content[len(content) - (self.room - head) :]


def reading(base: Base, way: Way, longest: int) -> Base:
    """The base model with a tokenizer that cuts, where the way is to cut otherwise than the training code does."""
    if way.head is None:
        return base
    # One token marks the beginning and one the end.
    room = min(longest, base.longest) - 2
    return replace(base, tokenizer=Cutting(base.tokenizer, base.padding, room, way.head))
