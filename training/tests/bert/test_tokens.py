from __future__ import annotations

import numpy as np
import pytest

from sortline_training.bert.tokens import Encoder

START, END = 101, 102


class Words:
    """A tokenizer whose tokens are numbers in the text."""

    def __call__(
        self, text: list[str], *, add_special_tokens: bool, split_special_tokens: bool, truncation: bool
    ) -> dict[str, list[list[int]]]:
        assert split_special_tokens
        assert not truncation
        numbers = [[int(word) if word.isdigit() else 7 for word in each.split()] for each in text]
        return {"input_ids": [[START, *each, END] if add_special_tokens else each for each in numbers]}


def text(count: int) -> str:
    return " ".join(str(1000 + number) for number in range(count))


def test_a_text_that_fits_is_whole_between_its_marks() -> None:
    sequences = Encoder(Words(), 12, "head-tail").encode([text(10), text(1)])
    assert sequences.tokens == ((START, *range(1000, 1010), END), (START, 1000, END))
    assert sequences.cut == 0


def test_of_a_longer_text_beginning_and_end_are_read() -> None:
    sequences = Encoder(Words(), 18, "head-tail").encode([text(100), text(16)])
    assert sequences.tokens[0] == (START, *range(1000, 1004), *range(1088, 1100), END)
    assert sequences.cut == 1


@pytest.mark.parametrize("count", [17, 28, 29, 60])
def test_windows_read_all_of_a_text(count: int) -> None:
    sequences = Encoder(Words(), 18, "windows").encode([text(count), text(3)])
    own = [tokens for tokens, owner in zip(sequences.tokens, sequences.text, strict=True) if owner == 0]
    assert all(len(tokens) == 18 for tokens in own)
    read = {token for tokens in own for token in tokens[1:-1]}
    assert read == set(range(1000, 1000 + count))
    assert sequences.text.tolist() == [0] * len(own) + [1]


def test_a_very_long_text_has_eight_windows_at_its_beginning_and_end() -> None:
    sequences = Encoder(Words(), 18, "windows").encode([text(5_000)])
    assert len(sequences.tokens) == 8
    assert (sequences.tokens[0][1], sequences.tokens[-1][-2]) == (1000, 5999)


def test_no_texts_have_no_sequences() -> None:
    sequences = Encoder(Words(), 18, "windows").encode([])
    assert (sequences.tokens, sequences.lengths.tolist()) == ((), [])
    assert np.issubdtype(sequences.lengths.dtype, np.integer)


def test_a_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="leave room for 7"):
        Encoder(Words(), 9, "head-tail")
