"""What to read of a text that is longer than the model reads: its beginning, beginning and end, or all in windows.

Fine-tunes and judges each way from several seeds. The data is short: a mail is written around each message
(long_mails.py), most of them longer than is read. With --as-they-are the texts are taken as they are, such as long
mails of your own.

The ways are `head`, `head_tail_25` and `head_tail_50`, whose beginning gets so many per cent of what is read, and
`windows`. A text in windows is several sequences to learn from: `head_tail_25_longer` is trained for so many epochs
more that this does not count. For each, the mean over the seeds:

- `long_…_accuracy`, `long_…_macro_f1`: on the test texts; `long_…_accuracy_head`, `…_middle`, `…_end`: of those whose
  message stands there.
- `long_windows_max_…`, `long_windows_probabilities_…`: if of a text's windows the highest score counted, or the mean
  of their probabilities, and not the mean of their scores.
- `long_…_train_tokens`, `long_…_serve_tokens`: tokens that are computed for a text in an epoch, and to classify it.
  They are the work that it takes, whatever the machine and what else it does.
- `long_…_train_s`, `long_…_serve_s`: for the whole training, and for the test texts.
- `long_share`: of the test texts that are longer than is read.

So that it takes minutes on a CPU, only some layers of the base model are used, its embeddings stay as they are, and
some labels and texts are chosen.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import project  # noqa: F401
from base_model import base_model
from figures import Figure, parser_of, progress, show
from long_mails import long_mail
from numpy.typing import NDArray
from ways_to_read import WAYS, Way, reading

from sortline_training.bert.fit import fit
from sortline_training.bert.model import Base, load_base
from sortline_training.bert.numerics import autocast
from sortline_training.bert.processes import joined
from sortline_training.bert.scores import sequence_scores, text_scores
from sortline_training.bert.settings import Settings
from sortline_training.bert.tokens import Encoder, Sequences
from sortline_training.calibration import softmax
from sortline_training.dataset import Examples, read_examples
from sortline_training.metrics import report_of

_TOKENS_PER_BATCH = 4096
# Words of a mail, as parts of the tokens that are read. A word of these mails has some 1.3 tokens.
_WORDS = (0.5, 2.6)

Scores = NDArray[np.float64]
Texts = tuple[Examples, NDArray[np.str_]]
"""Examples, and where the message of each stands: nothing of texts that are taken as they are."""


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--base-model", default=str(base_model()), help="folder or name (default: MiniLM)")
    parser.add_argument("--layers", type=int, default=2, help="layers used, from the first on (default: 2)")
    parser.add_argument("--longest", type=int, default=64, help="tokens that are read (default: 64)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="(default: 1 2 3)")
    parser.add_argument("--labels", type=int, default=8, help="labels chosen (default: 8)")
    parser.add_argument("--train", type=int, default=35, help="training texts of a label, at most (default: 35)")
    parser.add_argument("--test", type=int, default=40, help="test texts of a label, at most (default: 40)")
    parser.add_argument("--epochs", type=int, default=5, help="(default: 5)")
    parser.add_argument("--as-they-are", action="store_true", help="the texts are long already")
    arguments = parser.parse_args()
    # All seeds are judged by the same texts.
    test = texts_of(arguments, "test", arguments.test, seed=0)
    measured: dict[str, list[Figure]] = {}
    for seed in arguments.seeds:
        train = texts_of(arguments, "train", arguments.train, seed=seed)
        for way in WAYS:
            for key, figure in figures_of(way, train, test, seed, arguments):
                progress(f"seed {seed}: {key} {figure.value:.4g} {figure.unit}")
                measured.setdefault(key, []).append(figure)
    show({key: Figure(float(np.mean([each.value for each in all_])), all_[0].unit) for key, all_ in measured.items()})


def texts_of(arguments: argparse.Namespace, part: str, of_a_label: int, *, seed: int) -> Texts:
    """Some texts of some labels, the same for the same seed."""
    examples = read_examples(arguments.data / f"{part}.csv")
    names = sorted(set(examples.labels))
    # Neighbours in the alphabet are often about the same thing, so that labels are taken from all over it.
    names = names[:: max(1, len(names) // arguments.labels)][: arguments.labels]
    generator = np.random.default_rng((seed, of_a_label))
    labels = np.array(examples.labels)
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for name in names:
        chosen[generator.permutation(np.flatnonzero(labels == name))[:of_a_label]] = True
    kept = examples.where(chosen)
    if arguments.as_they_are:
        return kept, np.array([], dtype=np.str_)
    words = generator.uniform(*_WORDS, len(kept.texts)) * arguments.longest
    mails = [long_mail(text, int(count), generator) for text, count in zip(kept.texts, words, strict=True)]
    return replace(kept, texts=tuple(mail.text for mail in mails)), np.array([mail.place for mail in mails])


def figures_of(
    way: Way, train: Texts, test: Texts, seed: int, arguments: argparse.Namespace
) -> Iterator[tuple[str, Figure]]:
    """Trains one way from one seed, and judges it."""
    labels = tuple(sorted(set(train[0].labels)))
    whole = _base(labels, seed, arguments)
    base = reading(whole, way, arguments.longest)
    epochs = arguments.epochs
    if way.as_long_as_windows:
        windows = Encoder(whole.tokenizer, arguments.longest, "windows")
        epochs = round(epochs * _tokens(windows.encode(train[0].texts)) / arguments.longest)
    settings = Settings(seed=seed, epochs=epochs, batch_size=8, longest=arguments.longest, long_texts=way.long_texts)
    began = time.perf_counter()
    with joined() as processes:
        fitted = fit(
            train[0],
            base,
            labels,
            settings=settings,
            identity=None,
            checkpoints=None,
            processes=processes,
            log=lambda line: progress(f"{way.name}: {line}"),
            log_metric=lambda name, value: progress(f"{way.name}: {name}={value:.4g};"),
        )
    trained = time.perf_counter()
    encoder = Encoder(base.tokenizer, fitted.longest, way.long_texts)
    sequences = encoder.encode(test[0].texts)
    every = list(range(len(sequences.tokens)))
    with autocast(processes.device):
        numbers, rows = sequence_scores(base.model, sequences, every, base.padding, _TOKENS_PER_BATCH, processes.device)
    served = time.perf_counter()
    scores = {way.name: text_scores(sequences, [(numbers, rows)])}
    if way.long_texts == "windows":
        yield "long_share", Figure(sequences.cut / len(test[0].texts), "share")
        of_each = np.concatenate(rows).astype(np.float64)[np.argsort(numbers)]
        scores |= {"windows_max": _highest(of_each, sequences)}
        scores |= {"windows_probabilities": _mean_probability(of_each, sequences)}
    for name, each in scores.items():
        yield from _judged(f"long_{name}", each, labels, test)
    yield f"long_{way.name}_train_tokens", Figure(_tokens(encoder.encode(train[0].texts)), "tokens/text")
    yield f"long_{way.name}_serve_tokens", Figure(_tokens(sequences), "tokens/text")
    yield f"long_{way.name}_train_s", Figure(trained - began, "s")
    yield f"long_{way.name}_serve_s", Figure(served - trained, "s")


def _base(labels: tuple[str, ...], seed: int, arguments: argparse.Namespace) -> Base:
    base = load_base(arguments.base_model, labels, seed)
    inside = base.model.base_model
    inside.encoder.layer = inside.encoder.layer[: arguments.layers]
    # They are half of the weights, and a short training hardly changes them.
    inside.embeddings.requires_grad_(False)
    return base


def _judged(name: str, scores: Scores, labels: tuple[str, ...], test: Texts) -> Iterator[tuple[str, Figure]]:
    examples, places = test
    report = report_of(examples.labels, softmax(scores), labels)
    yield f"{name}_accuracy", Figure(report.accuracy, "share")
    yield f"{name}_macro_f1", Figure(report.macro_f1, "share")
    right = np.array(labels)[scores.argmax(axis=1)] == np.array(examples.labels)
    for place in sorted(set(places.tolist())):
        yield f"{name}_accuracy_{place}", Figure(float(right[places == place].mean()), "share")


def _highest(scores: Scores, sequences: Sequences) -> Scores:
    highest = np.full((int(sequences.text.max()) + 1, scores.shape[1]), -np.inf)
    np.maximum.at(highest, sequences.text, scores)
    return highest


def _mean_probability(scores: Scores, sequences: Sequences) -> Scores:
    summed = np.zeros((int(sequences.text.max()) + 1, scores.shape[1]))
    np.add.at(summed, sequences.text, softmax(scores))
    return np.log(summed / np.bincount(sequences.text)[:, None])


def _tokens(sequences: Sequences) -> float:
    return float(sequences.lengths.sum() / (int(sequences.text.max()) + 1))


if __name__ == "__main__":
    main()
