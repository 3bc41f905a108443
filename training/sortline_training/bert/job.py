"""`--algorithm bert`: the training job."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch
import transformers

from ..container import channel_if_given, job_name, log, log_metric
from ..dataset import Examples
from ..errors import InputProblem
from ..outcome import facts_of, log_threshold, log_validation
from .fit import fit
from .identity import digest_of_base, digest_of_examples
from .model import load_base
from .precision_check import check_precisions
from .processes import joined
from .settings import Settings
from .store import store


def run_bert(examples: Examples, *, base_model: str | None, cleaning: str, settings: Settings, folder: Path) -> bool:
    """Trains, and stores the model in `folder`, which one of the processes does: whether it was this one.

    The metric that a search goes by is printed last.
    """
    labels = tuple(sorted(set(examples.labels)))
    name = base_model_of(base_model)
    base = load_base(name, labels, settings.seed)
    digest = digest_of_base(base)
    with joined() as processes:
        fitted = fit(
            examples,
            base,
            labels,
            settings=settings,
            identity=[digest_of_examples(examples), digest, cleaning],
            checkpoints=_checkpoints(),
            processes=processes,
            log=log,
            log_metric=log_metric,
        )
        if not processes.is_first:
            return False
    report = fitted.report
    held_out = len(fitted.held_out.labels)
    # The first process alone: the others have ended, or wait for nothing more.
    checked = check_precisions(
        base.model,
        fitted.held_out,
        sharpness=fitted.sharpness,
        threshold=fitted.threshold.probability,
        device=processes.device,
        log=log,
    )
    facts = {
        **facts_of(examples, report, held_out=held_out),
        "baseModel": Path(name).name if Path(name).is_dir() else name,
        "baseModelDigest": digest,
        "settings": settings.to_json(),
        "bestEpoch": fitted.outcome.best_epoch + 1,
        "epochs": fitted.outcome.epochs,
        "cutTexts": fitted.cut,
        "processes": processes.count,
        "device": torch.cuda.get_device_name() if processes.device.type == "cuda" else "cpu",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    store(
        folder,
        base,
        fitted,
        checked,
        name=job_name("bert"),
        cleaning=cleaning,
        labels=labels,
        settings=settings,
        facts=facts,
    )
    log(f"model of epoch {fitted.outcome.best_epoch + 1} with {len(labels)} labels written")
    log_threshold(fitted.threshold, wanted=settings.precision, log=log)
    log_validation(report, held_out=held_out)
    return True


def base_model_of(given: str | None) -> str:
    """The folder of the channel `base-model`, else what `--base-model` names."""
    folder = channel_if_given("base-model")
    if folder is not None:
        return os.fspath(folder)
    if not given:
        raise InputProblem(
            "hyperparameters: --base-model is missing: the name of a Hugging Face encoder, such as bert-base-uncased, "
            "or a folder; the channel 'base-model' will do as well"
        )
    return given


def _checkpoints() -> Path | None:
    """SageMaker's folder, where the job has one."""
    folder = Path(os.environ.get("SORTLINE_CHECKPOINTS") or "/opt/ml/checkpoints")
    return folder if folder.is_dir() else None
