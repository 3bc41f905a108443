"""Chooses the hyperparameters of a tuning job's training jobs with Optuna. Speaks JSON, a line at a time.

The first line on standard input is the search: {"name", "strategy", "direction", "seed", "startup", "ranges",
"resource"}. Then each line is a question or a message about a training job, which the twin numbers from 0:

    {"ask": n}                                          answered by {"parameters": {name: text}}, or null: no more
    {"report": n, "step": 1, "value": x}                answered by {"stop": true or false}
    {"tell": n, "state": "complete", "value": x}        complete, pruned or fail; answered by {}
    {"restore": n, "parameters", "values", "state"}     one that an earlier run of the twin chose, in order, with state
                                                        null where it has not ended; answered by {}
    {"parent": {"parameters", "value"}}                 of another tuning job; answered by {"used": true or false}

The seed and a training job's number decide what is drawn for it, so that a restart of the twin changes nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import sys
import warnings
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)

STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "fail": TrialState.FAIL}


class Range:
    """One hyperparameter: SageMaker's range as a distribution of Optuna's, and its values as texts."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.name: str = given["name"]
        self.kind: str = given["kind"]
        self.reverse = given.get("scaling") == "ReverseLogarithmic"
        logarithmic = given.get("scaling") == "Logarithmic"
        self.distribution: BaseDistribution
        if self.kind == "categorical":
            self.distribution = CategoricalDistribution(given["values"])
        elif self.kind == "integer":
            self.distribution = IntDistribution(int(given["low"]), int(given["high"]), log=logarithmic)
        elif self.reverse:
            # Logarithmic in the distance from 1.
            self.distribution = FloatDistribution(1 - given["high"], 1 - given["low"], log=True)
        else:
            self.distribution = FloatDistribution(given["low"], given["high"], log=logarithmic)

    def text_of(self, drawn: Any) -> str:
        return repr(1 - drawn) if self.reverse else str(drawn)

    def drawn_as(self, text: str) -> Any:
        """What was drawn when this was the text. Raises ValueError for what is not in the range."""
        if isinstance(self.distribution, CategoricalDistribution):
            if text not in self.distribution.choices:
                raise ValueError(text)
            return text
        number = float(text)
        if isinstance(self.distribution, IntDistribution):
            if not number.is_integer() or not self.distribution.low <= number <= self.distribution.high:
                raise ValueError(text)
            return int(number)
        assert isinstance(self.distribution, FloatDistribution)
        low, high = self.distribution.low, self.distribution.high
        value = 1 - number if self.reverse else number
        tolerance = 1e-9 * max(abs(low), abs(high))
        if not low - tolerance <= value <= high + tolerance:
            raise ValueError(text)
        return min(max(value, low), high)


class Tuner:
    def __init__(self, search: dict[str, Any]) -> None:
        self.strategy: str = search["strategy"]
        self.seed: int = search["seed"]
        self.startup: int = search["startup"]
        self.ranges = [Range(each) for each in search["ranges"]]
        pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
        if self.strategy == "Hyperband":
            resource = search["resource"]
            pruner = optuna.pruners.HyperbandPruner(min_resource=resource["min"], max_resource=resource["max"])
        # Hyperband's brackets depend on the name.
        self.study = optuna.create_study(study_name=search["name"], direction=search["direction"], pruner=pruner)
        self.trials: dict[int, optuna.Trial] = {}
        self.tried: list[dict[str, str]] = []
        self.combinations: list[dict[str, str]] = []
        if self.strategy == "Grid":
            values = itertools.product(*(each["values"] for each in search["ranges"]))
            self.combinations = [dict(zip((each.name for each in self.ranges), every, strict=True)) for every in values]
            random.Random(self.seed).shuffle(self.combinations)

    def ask(self, number: int) -> dict[str, str] | None:
        if self.strategy == "Grid":
            combination = next((each for each in self.combinations if each not in self.tried), None)
            if combination is None:
                return None
            self._enqueue(combination)
        self.study.sampler = self._sampler(number)
        trial = self.study.ask({each.name: each.distribution for each in self.ranges})
        self.trials[number] = trial
        return {each.name: each.text_of(trial.params[each.name]) for each in self.ranges}

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        seed = random.Random(f"{self.seed}/{number}").getrandbits(32)
        if self.strategy in ("Random", "Grid"):
            return optuna.samplers.RandomSampler(seed=seed)
        return optuna.samplers.TPESampler(n_startup_trials=self.startup, multivariate=True, seed=seed)

    def _enqueue(self, parameters: dict[str, str]) -> None:
        self.tried.append(parameters)
        self.study.enqueue_trial({each.name: each.drawn_as(parameters[each.name]) for each in self.ranges})

    def report(self, number: int, step: int, value: float) -> bool:
        trial = self.trials[number]
        trial.report(value, step)
        return self.strategy == "Hyperband" and trial.should_prune()

    def tell(self, number: int, state: str, value: float | None) -> None:
        trial = self.trials.pop(number)
        self.study.tell(trial, value if state == "complete" else None, state=STATES[state])

    def restore(self, number: int, parameters: dict[str, str], values: list[float], state: str | None) -> None:
        """Does once more what was done with a training job: it leaves its traces in Hyperband's brackets too."""
        self._enqueue(parameters)
        self.trials[number] = self.study.ask({each.name: each.distribution for each in self.ranges})
        for step, value in enumerate(values, 1):
            self.report(number, step, value)
        if state is not None:
            self.tell(number, state, values[-1] if values else None)

    def parent(self, parameters: dict[str, str], value: float) -> bool:
        """Learns from a training job of another tuning job, where its values lie in the ranges of this one."""
        try:
            drawn = {each.name: each.drawn_as(parameters[each.name]) for each in self.ranges}
        except (KeyError, ValueError):
            return False
        distributions = {each.name: each.distribution for each in self.ranges}
        self.study.add_trial(optuna.create_trial(params=drawn, distributions=distributions, value=value))
        return True

    def answer(self, line: dict[str, Any]) -> dict[str, Any]:
        if "ask" in line:
            return {"parameters": self.ask(line["ask"])}
        if "report" in line:
            return {"stop": self.report(line["report"], line["step"], line["value"])}
        if "tell" in line:
            self.tell(line["tell"], line["state"], line.get("value"))
        elif "restore" in line:
            self.restore(line["restore"], line["parameters"], line["values"], line["state"])
        elif "parent" in line:
            return {"used": self.parent(**line["parent"])}
        return {}


def main() -> None:
    # What a library might print is no answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    lines = (json.loads(line) for line in sys.stdin)
    tuner = Tuner(next(lines))
    for line in lines:
        print(json.dumps(tuner.answer(line)), file=answers, flush=True)


with contextlib.suppress(BrokenPipeError):
    main()
