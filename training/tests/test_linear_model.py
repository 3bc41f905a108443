from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jobs import TRAINING
from sklearn.linear_model import LogisticRegression

from sortline_training.dataset import Examples
from sortline_training.errors import InputProblem
from sortline_training.fitting import best_sharpness, fit, fit_once, matrix_of
from sortline_training.linear_model import load_model, softmax
from sortline_training.linear_settings import LinearSettings


def quiet(_line: str) -> None:
    pass


@pytest.mark.parametrize("labels", [2, 3])
def test_probabilities_are_those_of_scikit_learn(examples: Examples, labels: int) -> None:
    chosen = sorted(set(examples.labels))[:labels]
    some = examples.where(np.isin(np.array(examples.labels), chosen))
    model = fit_once(some)
    matrix = matrix_of(model.features, some.texts)
    reference = LogisticRegression(C=20.0, class_weight="balanced", max_iter=300, random_state=1)
    reference.fit(matrix, np.array(some.labels))
    assert list(model.labels) == list(reference.classes_)
    np.testing.assert_allclose(model.probabilities(some.texts), reference.predict_proba(matrix), atol=1e-6)


def test_what_is_set_is_what_is_fitted(examples: Examples) -> None:
    uneven = examples.where(np.arange(len(examples.texts)) < 20)
    settings = LinearSettings(inverse_regularization=0.5, class_weights="none", most_terms=40)
    model = fit_once(uneven, settings)
    assert (len(model.features.words.terms), len(model.features.pieces.terms)) == (40, 40)
    matrix = matrix_of(model.features, uneven.texts)
    reference = LogisticRegression(C=0.5, max_iter=300, random_state=1).fit(matrix, np.array(uneven.labels))
    np.testing.assert_allclose(model.probabilities(uneven.texts), reference.predict_proba(matrix), atol=1e-6)


def test_a_model_that_was_begun_with_anothers_coefficients_is_the_same(examples: Examples) -> None:
    some = examples.where(np.arange(len(examples.texts)) % 4 != 0)
    near = fit_once(some)
    assert near.features.words.terms != fit_once(examples).features.words.terms
    np.testing.assert_allclose(
        fit_once(examples, near=near).probabilities(examples.texts),
        fit_once(examples).probabilities(examples.texts),
        atol=3e-3,
    )
    # One of other labels is nothing to begin with.
    two = fit_once(examples.where(np.array(examples.labels) != "fault"))
    same = fit_once(examples, near=two)
    np.testing.assert_array_equal(same.coefficients, fit_once(examples).coefficients)


def test_a_saved_model_says_the_same_after_loading(examples: Examples, tmp_path: Path) -> None:
    model, _ = fit(examples, cleaning="1", name="m", log=quiet)
    replace(model, facts={"seed": 1}).save(tmp_path)
    loaded = load_model(tmp_path)
    np.testing.assert_array_equal(loaded.probabilities(examples.texts), model.probabilities(examples.texts))
    assert (loaded.cleaning, loaded.name, loaded.facts) == ("1", "m", {"seed": 1})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.json", "model.npz"]


def test_a_model_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"format": 2, "algorithm": "linear"}')
    with pytest.raises(ValueError, match="format 2"):
        load_model(tmp_path)


def test_serving_needs_nothing_but_numpy(examples: Examples, tmp_path: Path) -> None:
    fit_once(examples).save(tmp_path)
    code = (
        "import sys\n"
        "for name in ('sklearn', 'scipy', 'joblib'): sys.modules[name] = None\n"
        "import inference\n"
        f"model = inference.model_fn({str(tmp_path)!r})\n"
        "assert len(inference.answers(inference.Request(['the parcel'], ''), model)) == 1\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=TRAINING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_calibration_finds_the_sharpness_that_made_the_labels() -> None:
    generator = np.random.default_rng(1)
    scores = generator.normal(size=(20_000, 4))
    probabilities = softmax(scores * 2.5)
    truth = (probabilities.cumsum(axis=1) > generator.random((len(scores), 1))).argmax(axis=1)
    assert best_sharpness(scores, truth) == pytest.approx(2.5, rel=0.05)


def test_the_model_is_calibrated_by_held_out_examples(examples: Examples) -> None:
    model, validation = fit(examples, cleaning="1", name="m", log=quiet)
    assert validation.examples == len(examples.texts)
    assert model.sharpness == validation.sharpness != 1.0


def test_near_duplicates_on_both_sides_do_not_make_it_look_sure() -> None:
    # Labels by chance: nobody can tell those of texts that are not known.
    generator = np.random.default_rng(7)
    words = [f"word{number}" for number in range(400)]
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    for number in range(40):
        chosen = " ".join(generator.choice(words, size=12))
        label = str(generator.choice(["left", "right"]))
        for copy in range(6):
            texts.append(f"{chosen} copy{copy}")
            labels.append(label)
            groups.append(str(number))
    _, validation = fit(Examples(tuple(texts), tuple(labels), groups=tuple(groups)), cleaning="1", name="m", log=quiet)
    assert validation.report.accuracy < 0.7
    assert validation.threshold.probability > 1


def test_the_threshold_is_stored_with_the_precision_that_it_was_chosen_for(examples: Examples, tmp_path: Path) -> None:
    model, validation = fit(examples, LinearSettings(precision=0.6), cleaning="1", name="m", log=quiet)
    model.save(tmp_path)
    loaded = load_model(tmp_path)
    assert (loaded.threshold, loaded.precision) == (validation.threshold.probability, 0.6)
    assert validation.threshold.low >= 0.6


def test_a_word_of_one_mail_alone_is_not_stored() -> None:
    texts = tuple(f"please send parcel {word} again" for word in ("now", "soon", "today", "tomorrow") * 250)
    known = Examples((*texts, "jonas wiesinger is ill"), ("a", "b") * 500 + ("a",))
    terms = fit_once(known).features.words.terms
    assert "parcel" in terms
    assert not {"jonas", "wiesinger", "jonas wiesinger"} & set(terms)


def test_a_label_with_a_single_example_is_learnt_too(examples: Examples) -> None:
    more = Examples((*examples.texts, "Thank you, a lovely service!"), (*examples.labels, "praise"))
    model, validation = fit(more, cleaning="1", name="m", log=quiet)
    assert "praise" in model.labels
    assert validation.examples == len(examples.texts)


def test_one_label_is_refused() -> None:
    with pytest.raises(InputProblem, match="only one category, 'a'"):
        fit(Examples(("x y", "y z"), ("a", "a")), cleaning="1", name="m", log=quiet)


def test_labels_with_one_example_each_are_refused() -> None:
    with pytest.raises(InputProblem, match="at least two examples of each"):
        fit(Examples(("x y", "y z"), ("a", "b")), cleaning="1", name="m", log=quiet)
