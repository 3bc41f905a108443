"""The rival of the linear model: scikit-learn's TfidfVectorizer and LogisticRegression as its users write them down.

As a program it is a training job's equal: `plain_linear.py TRAIN_FOLDER MODEL_FILE` reads the CSV files of a channel,
fits, and stores the pipeline.
"""

from __future__ import annotations

import sys
from pathlib import Path

import joblib
import project  # noqa: F401
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from sortline_training.dataset import read_examples


def plain_pipeline() -> Pipeline:
    """All is scikit-learn's default but the iterations, of which the default 100 do not always converge."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))


def main() -> None:
    folder, file = map(Path, sys.argv[1:])
    examples = read_examples(folder)
    pipeline = plain_pipeline().fit(list(examples.texts), list(examples.labels))
    joblib.dump(pipeline, file)


if __name__ == "__main__":
    main()
