"""Turns a text into numbers: TF-IDF over words, pairs of words and pieces of words.

The same code extracts features for training and for serving, and needs nothing but numpy. It computes what
scikit-learn's `TfidfVectorizer` computes (a test compares the two), with sublinear term frequencies, smoothed inverse
document frequencies, and each of the two blocks of features normalised to length one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Floats = NDArray[np.float32]

_WORD = re.compile(r"\b\w+\b")
_DIGIT = re.compile(r"\d")
_PIECE_LENGTHS = range(2, 6)
_MOST_CACHED_WORDS = 50_000


def normalized(text: str) -> str:
    """In lower case, with every digit as 0: an order number tells by its shape, not by its value."""
    return _DIGIT.sub("0", text.lower())


def word_ngrams(text: str) -> list[str]:
    """The words of a normalised text and its pairs of neighbouring words."""
    words = _WORD.findall(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def word_pieces(word: str) -> list[str]:
    """The runs of 2 to 5 characters of a word with a space before and after it (scikit-learn's `char_wb`)."""
    padded = f" {word} "
    pieces: list[str] = []
    for length in _PIECE_LENGTHS:
        last_start = len(padded) - length
        if last_start <= 0:
            pieces.append(padded)
            break
        pieces.extend(padded[start : start + length] for start in range(last_start + 1))
    return pieces


@dataclass(frozen=True)
class Vocabulary:
    """One block of features: its terms, in order, and their weights."""

    terms: tuple[str, ...]
    idf: Floats
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.terms) != len(self.idf):
            raise ValueError(f"{len(self.terms)} terms but {len(self.idf)} weights")
        object.__setattr__(self, "index", {term: number for number, term in enumerate(self.terms)})

    def weighted(self, counts: Counter[int]) -> tuple[Indices, Floats]:
        """Feature numbers in rising order and their values, a vector of length one."""
        numbers = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        occurrences = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
        order = np.argsort(numbers)
        numbers = numbers[order]
        values = (1.0 + np.log(occurrences[order])) * self.idf[numbers]
        norm = float(np.sqrt(np.dot(values, values)))
        return numbers, (values / norm if norm > 0 else values).astype(np.float32)


class Features:
    """Two vocabularies, of words and of pieces of words, and how to count them in a text."""

    def __init__(self, words: Vocabulary, pieces: Vocabulary) -> None:
        self.words = words
        self.pieces = pieces
        self._pieces_of_word: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self.words.terms) + len(self.pieces.terms)

    def extract(self, text: str) -> tuple[Indices, Floats]:
        """Feature numbers and values of one text; those of pieces come after those of words."""
        text = normalized(text)
        known = self.words.index
        word_counts = Counter(known[term] for term in word_ngrams(text) if term in known)
        piece_counts: Counter[int] = Counter()
        for word in text.split():
            piece_counts.update(self._known_pieces(word))
        word_numbers, word_values = self.words.weighted(word_counts)
        piece_numbers, piece_values = self.pieces.weighted(piece_counts)
        return (
            np.concatenate([word_numbers, piece_numbers + len(self.words.terms)]),
            np.concatenate([word_values, piece_values]),
        )

    def _known_pieces(self, word: str) -> tuple[int, ...]:
        found = self._pieces_of_word.get(word)
        if found is None:
            known = self.pieces.index
            found = tuple(known[piece] for piece in word_pieces(word) if piece in known)
            if len(self._pieces_of_word) >= _MOST_CACHED_WORDS:
                self._pieces_of_word.clear()
            self._pieces_of_word[word] = found
        return found


def learn_features(texts: Sequence[str], *, fewest_texts: int, most_terms: int) -> Features:
    """Builds the vocabularies of a training set.

    A term counts from `fewest_texts` texts on: what stands in one mail alone, such as a name, says nothing of others,
    and had better not be stored with a model. Of each block, the `most_terms` terms that stand in most texts are kept.
    """
    words: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    pieces_of_word: dict[str, list[str]] = {}
    for text in texts:
        text = normalized(text)
        words.update(set(word_ngrams(text)))
        in_text: set[str] = set()
        for word in set(text.split()):
            found = pieces_of_word.get(word)
            if found is None:
                found = pieces_of_word[word] = word_pieces(word)
            in_text.update(found)
        pieces.update(in_text)
    return Features(
        words=_vocabulary(words.items(), texts=len(texts), fewest=fewest_texts, most=most_terms),
        pieces=_vocabulary(pieces.items(), texts=len(texts), fewest=fewest_texts, most=most_terms),
    )


def _vocabulary(frequencies: Iterable[tuple[str, int]], *, texts: int, fewest: int, most: int) -> Vocabulary:
    frequent = [(term, frequency) for term, frequency in frequencies if frequency >= fewest]
    frequent.sort(key=lambda item: (-item[1], item[0]))
    kept = sorted(frequent[:most])
    in_texts = np.array([frequency for _, frequency in kept], dtype=np.float64)
    idf = np.log((1.0 + texts) / (1.0 + in_texts)) + 1.0
    return Vocabulary(terms=tuple(term for term, _ in kept), idf=idf.astype(np.float32))
