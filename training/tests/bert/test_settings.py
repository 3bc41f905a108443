from __future__ import annotations

import argparse

import pytest

from sortline_training.bert.settings import Settings, add_arguments, settings_of
from sortline_training.errors import InputProblem


def parsed(*arguments: str) -> Settings:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return settings_of(parser.parse_args(arguments))


def test_nothing_given_is_the_defaults() -> None:
    assert parsed() == Settings()


def test_values_are_read_as_sagemaker_writes_them() -> None:
    settings = parsed("--compile", "False", "--batch-size", "16.0", "--learning-rate", "5e-05", "--warmup", "0")
    assert (settings.compile, settings.batch_size, settings.learning_rate, settings.warmup) == (False, 16, 5e-5, 0.0)
    assert parsed("--compile", "true").compile is True


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputProblem) as caught:
        parsed(
            *("--epochs", "0", "--batch-size", "2.5", "--learning-rate", "nan", "--compile", "maybe"),
            *("--long-texts", "cut", "--seed", "x", "--patience", "inf"),
        )
    message = str(caught.value)
    for part in [
        "--epochs is 0; it must be from 1 to 1000",
        "--batch-size is '2.5'; it must be a whole number",
        "--learning-rate is nan; it must be from 1e-07 to 0.1",
        "--compile is 'maybe'; it must be true or false",
        "--long-texts is 'cut'; it must be head-tail or windows",
        "--seed is 'x'; it must be a number",
        "--patience is 'inf'; it must be a whole number",
    ]:
        assert part in message
