"""How fast a fine-tuned BERT is served, beside the way that the published toolkit has of its own.

Both sides are the handler of sagemaker-huggingface-inference-toolkit, which SageMaker's Hugging Face images serve with,
in a process of its own, with the same weights: one with the code that our training stores with a model, the other
without, as its documentation has it: `transformers.pipeline("text-classification")`. Measured inside the handler, from
the bytes of a request to those of its answer. Texts are test texts of banking77.

- `serve_texts_per_s`: ours, 64 texts a request. `serve_texts_per_s_toolkit`: the toolkit's, one text a request.
- `serve_texts_per_s_toolkit_list`: the toolkit's with 64 texts a request, which its pipeline takes one by one.
- `single_p95_ms`, `single_p95_ms_toolkit`: 95th percentile of requests with one text.
- `serve_ratio_toolkit`, `serve_ratio_toolkit_list`: our throughput over the toolkit's. `single_p95_ratio`: our latency
  over the toolkit's.

The sides take turns after each 64 texts; medians of three rounds over all texts. A round before does not count: in it
kernels are compiled for each new length, as they are once in the life of an endpoint.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from base_model import base_model
from figures import Figure, parser_of, progress, show
from job import run_job, write_channel
from project import TRAINING
from sampling import sample_of
from turns import Ask, sides

from sortline_training.dataset import read_examples

_A_REQUEST = 64
# Few: what the weights are does not change how long they take, but the answers are to mean something.
_TRAINED_ON = 1_000

Way = Callable[[Sequence[str]], list[float]]


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--texts", type=int, default=1024, help="of a round (default: 1024)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count (default: 3)")
    arguments = parser.parse_args()
    texts = sample_of(read_examples(arguments.data / "test.csv"), arguments.texts).texts
    with tempfile.TemporaryDirectory(prefix="sortline-bench-") as folder:
        ours, plain = _models(arguments.data, Path(folder))
        toolkit = str(TRAINING / "tests" / "bert" / "toolkit.py")
        with sides({"ours": [toolkit, str(ours)], "toolkit": [toolkit, str(plain)]}) as ask:
            ways: dict[str, Way] = {
                "many": lambda block: [_ours(ask["ours"], block)],
                "single": lambda block: [_ours(ask["ours"], [text]) for text in block],
                "toolkit": lambda block: [_plain(ask["toolkit"], text) for text in block],
                "toolkit_list": lambda block: [_plain(ask["toolkit"], list(block))],
            }
            show(_figures([_round(number, texts, ways) for number in range(arguments.rounds + 1)][1:], len(texts)))


def _models(data: Path, folder: Path) -> tuple[Path, Path]:
    """What a training job stores, and the same without the code in it."""
    progress(f"Training a model on {_TRAINED_ON} examples …")
    train = write_channel(folder / "train", sample_of(read_examples(data / "train.csv"), _TRAINED_ON))
    run_job(
        "train.py",
        *("--algorithm", "bert", "--cleaning", "bench", "--epochs", "1"),
        channels={"train": train, "base-model": base_model()},
        model=folder / "model",
    )
    plain = folder / "plain"
    shutil.copytree(folder / "model", plain, ignore=shutil.ignore_patterns("code"))
    return folder / "model", plain


def _round(number: int, texts: Sequence[str], ways: dict[str, Way]) -> dict[str, list[float]]:
    """Seconds of each request."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for start in range(0, len(texts), _A_REQUEST):
        for name, way in ways.items():
            seconds[name].extend(way(texts[start : start + _A_REQUEST]))
    speeds = ", ".join(f"{name} {len(texts) / sum(each):.0f}" for name, each in seconds.items())
    progress(f"{'not counted' if number == 0 else f'round {number}'}: {speeds} texts/s")
    return seconds


def _figures(rounds: list[dict[str, list[float]]], texts: int) -> dict[str, Figure]:
    speed = {name: median(texts / sum(each[name]) for each in rounds) for name in rounds[0]}
    p95 = {name: median(float(np.percentile(each[name], 95)) for each in rounds) for name in ("single", "toolkit")}
    return {
        "serve_texts_per_s": Figure(speed["many"], "texts/s"),
        "serve_texts_per_s_toolkit": Figure(speed["toolkit"], "texts/s"),
        "serve_texts_per_s_toolkit_list": Figure(speed["toolkit_list"], "texts/s"),
        "serve_ratio_toolkit": Figure(speed["many"] / speed["toolkit"], "ratio"),
        "serve_ratio_toolkit_list": Figure(speed["many"] / speed["toolkit_list"], "ratio"),
        "single_p95_ms": Figure(p95["single"] * 1000, "ms"),
        "single_p95_ms_toolkit": Figure(p95["toolkit"] * 1000, "ms"),
        "single_p95_ratio": Figure(p95["single"] / p95["toolkit"], "ratio"),
    }


def _ours(ask: Ask, texts: Sequence[str]) -> float:
    return _seconds(ask, {"inputs": list(texts), "parameters": {"cleaning": "bench"}}, len(texts))


def _plain(ask: Ask, inputs: str | list[str]) -> float:
    return _seconds(ask, {"inputs": inputs}, 1 if isinstance(inputs, str) else len(inputs))


def _seconds(ask: Ask, request: object, texts: int) -> float:
    """How long the handler took for a request, which it has to answer with a label for each text."""
    answer = ask({"body": json.dumps(request)})
    labels = [each["label"] for each in json.loads(answer["body"])] if answer["status"] == 200 else []
    if len(labels) != texts:
        raise RuntimeError(f"{texts} texts were answered with status {answer['status']} and {len(labels)} labels")
    return float(answer["seconds"])


if __name__ == "__main__":
    main()
