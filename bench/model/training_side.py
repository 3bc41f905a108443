"""A side of training_speed.py: trains as often as it is asked to, each time a new model on the same examples.

Answers with the seconds from the call of the training to its return; models are loaded and texts tokenized before.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from base_model import base_model
from sampling import sample_of
from trainer import Recipe, Way, trainer_of
from turns import answer

from sortline_training.bert.checkpoint import Checkpoints
from sortline_training.bert.model import load_base
from sortline_training.bert.processes import joined
from sortline_training.bert.scores import Labelled
from sortline_training.bert.settings import Settings
from sortline_training.bert.tokens import Encoder
from sortline_training.bert.training import train
from sortline_training.dataset import Examples, read_examples

WAYS = {
    "padded": Way(pads_to_longest_of_batch=False),
    "dynamic": Way(pads_to_longest_of_batch=True),
    "dynamic_bf16": Way(pads_to_longest_of_batch=True, bf16=True),
}
_RECIPE = Recipe(epochs=1, batch_size=32, learning_rate=3e-4)
# Held out of our training, which validates after each epoch: the least, since the Trainer does not.
_HELD_OUT = 32

Turn = Callable[[], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=["ours", *WAYS])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    arguments = parser.parse_args()
    everything = read_examples(arguments.data / "train.csv")
    labels = tuple(sorted(set(everything.labels)))
    examples = sample_of(everything, arguments.steps * _RECIPE.batch_size)
    with tempfile.TemporaryDirectory(prefix="sortline-bench-") as folder:
        if arguments.side == "ours":
            turn = _ours(examples, sample_of(everything, _HELD_OUT, seed=2), labels)
        else:
            turn = _trainer(examples, labels, WAYS[arguments.side], Path(folder))
        answer(lambda _: {"seconds": turn()})


def _ours(examples: Examples, held_out: Examples, labels: tuple[str, ...]) -> Turn:
    settings = Settings(
        epochs=_RECIPE.epochs, batch_size=_RECIPE.batch_size, learning_rate=_RECIPE.learning_rate, warmup=0.0
    )
    number_of = {label: number for number, label in enumerate(labels)}

    def turn() -> float:
        base = load_base(str(base_model()), labels, settings.seed)
        encoder = Encoder(base.tokenizer, base.longest, settings.long_texts)

        def labelled(part: Examples) -> Labelled:
            numbers = np.array([number_of[label] for label in part.labels])
            return Labelled(encoder.encode(part.texts), numbers, base.padding)

        data, validation = labelled(examples), labelled(held_out)
        with joined() as processes:
            began = time.perf_counter()
            train(
                base.model,
                data,
                validation,
                settings=settings,
                weights=np.ones(len(labels)),
                checkpoints=Checkpoints(None, "bench", print),
                processes=processes,
                log=lambda _: None,
                log_metric=lambda _name, _value: None,
            )
            return time.perf_counter() - began

    return turn


def _trainer(examples: Examples, labels: tuple[str, ...], way: Way, folder: Path) -> Turn:
    def turn() -> float:
        trainer = trainer_of(examples, labels, base_model(), way, _RECIPE, folder)
        began = time.perf_counter()
        trainer.train()
        return time.perf_counter() - began

    return turn


if __name__ == "__main__":
    main()
