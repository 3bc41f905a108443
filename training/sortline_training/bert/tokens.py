"""Texts as the numbers of their tokens. What is longer than the model can read is cut, never without a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

LongTexts = Literal["head-tail", "windows"]

# Of a text that is cut, the beginning gets this part of the room: a mail says at its start what it is about and at its
# end what it wants (Sun et al. 2019, "How to Fine-Tune BERT for Text Classification?": 128 of 510 tokens). What we
# measured ourselves is in docs/training.md.
_HEAD = 0.25
# Windows overlap by this part, so that no sentence is only ever seen cut in two.
_OVERLAP = 0.25
MOST_WINDOWS = 8
"""A text has at most so many windows; of a longer one, they are taken from its beginning and its end."""


class Tokenizer(Protocol):
    """What is used of a Hugging Face tokenizer."""

    def __call__(
        self, text: list[str], *, add_special_tokens: bool, split_special_tokens: bool, truncation: bool
    ) -> Mapping[str, list[list[int]]]: ...


@dataclass(frozen=True)
class Sequences:
    """Texts as token numbers. A text in windows has several sequences."""

    tokens: tuple[tuple[int, ...], ...]
    text: NDArray[np.int64]
    """The number of the text that a sequence is of."""
    cut: int
    """How many texts were longer than the model reads."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.array([len(tokens) for tokens in self.tokens], dtype=np.int64)


class Encoder:
    """Turns texts into sequences of at most `longest` tokens, those that mark beginning and end among them."""

    def __init__(self, tokenizer: Tokenizer, longest: int, long_texts: LongTexts) -> None:
        self._tokenizer = tokenizer
        self._long_texts = long_texts
        # What stands around a text is read off an example, since every tokenizer has its own.
        bare = _numbers(tokenizer, ["a"], special=False)[0]
        marked = _numbers(tokenizer, ["a"], special=True)[0]
        start = next(at for at in range(len(marked)) if marked[at : at + len(bare)] == bare)
        self._before = tuple(marked[:start])
        self._after = tuple(marked[start + len(bare) :])
        self._room = longest - len(self._before) - len(self._after)
        if self._room < 8:
            raise ValueError(f"sequences of {longest} tokens leave room for {self._room} of a text; 8 are the least")

    def encode(self, texts: Sequence[str]) -> Sequences:
        """The sequences of texts, in their order."""
        tokens: list[tuple[int, ...]] = []
        owners: list[int] = []
        cut = 0
        for number, content in enumerate(_numbers(self._tokenizer, list(texts), special=False) if texts else []):
            cut += len(content) > self._room
            for part in self._parts(content):
                tokens.append((*self._before, *part, *self._after))
                owners.append(number)
        return Sequences(tuple(tokens), np.array(owners, dtype=np.int64), cut)

    def _parts(self, content: list[int]) -> list[list[int]]:
        room = self._room
        if len(content) <= room:
            return [content]
        if self._long_texts == "head-tail":
            head = int(room * _HEAD)
            return [content[:head] + content[len(content) - (room - head) :]]
        stride = room - int(room * _OVERLAP)
        starts = [*range(0, len(content) - room, stride), len(content) - room]
        if len(starts) > MOST_WINDOWS:
            starts = starts[: MOST_WINDOWS // 2] + starts[-(MOST_WINDOWS // 2) :]
        return [content[start : start + room] for start in starts]


def _numbers(tokenizer: Tokenizer, texts: list[str], *, special: bool) -> list[list[int]]:
    # `[SEP]` in a mail is five characters that somebody wrote, and ends nothing.
    return tokenizer(texts, add_special_tokens=special, split_special_tokens=True, truncation=False)["input_ids"]
