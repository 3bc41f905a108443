from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from sortline_training.dataset import Examples
from sortline_training.features import learn_features, normalized, word_pieces
from sortline_training.fitting import matrix_of

_UNSEEN = ["", "  ", "a", "Größe: 12,5 cm — wirklich?", "parcel parcel\tparcel\n\norder 7", "ﬁ 😀 x_y don't"]


@pytest.mark.parametrize("fewest", [1, 2])
def test_features_are_those_of_scikit_learn(examples: Examples, fewest: int) -> None:
    words = TfidfVectorizer(
        preprocessor=normalized, ngram_range=(1, 2), token_pattern=r"\b\w+\b", sublinear_tf=True, min_df=fewest
    ).fit(examples.texts)
    pieces = TfidfVectorizer(
        preprocessor=normalized, analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=fewest
    ).fit(examples.texts)
    features = learn_features(examples.texts, fewest_texts=fewest, most_terms=1_000_000)

    assert list(features.words.terms) == list(words.get_feature_names_out())
    assert list(features.pieces.terms) == list(pieces.get_feature_names_out())
    texts = [*examples.texts, *_UNSEEN]
    expected = hstack([words.transform(texts), pieces.transform(texts)]).toarray()
    np.testing.assert_allclose(matrix_of(features, texts).toarray(), expected, atol=1e-6)


def test_the_terms_in_most_texts_are_kept() -> None:
    features = learn_features(["b a", "b c", "b a"], fewest_texts=1, most_terms=2)
    assert features.words.terms == ("a", "b")


def test_a_word_shorter_than_a_piece_counts_once() -> None:
    assert word_pieces("a") == [" a", "a ", " a "]
