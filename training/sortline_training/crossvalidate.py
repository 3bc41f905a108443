"""Cross-validates the linear model on a CSV file: `python -m sortline_training.crossvalidate FILE [--folds N]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .dataset import read_examples, require_two_labels
from .errors import InputProblem
from .fitting import validate
from .linear_settings import LinearSettings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="CSV file or folder of such, header text,category")
    parser.add_argument("--folds", type=int, default=5, help="2 to 20")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not 2 <= arguments.folds <= 20:
        parser.error(f"--folds is {arguments.folds}; it must be from 2 to 20")
    try:
        examples = read_examples(arguments.data)
        require_two_labels(examples)
        report = validate(examples, LinearSettings(seed=arguments.seed), folds=arguments.folds, log=_quiet).report
    except InputProblem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    width = max(len(row.label) for row in report.classes)
    for row in report.classes:
        print(f"{row.label:<{width}}  f1 {row.f1:.3f}  recall {row.recall:.3f}  precision {row.precision:.3f}")
    print(f"accuracy={report.accuracy:.4f} macro_f1={report.macro_f1:.4f} ece={report.ece:.4f}")
    return 0


def _quiet(_line: str) -> None:
    """Progress is of no interest here."""


if __name__ == "__main__":
    sys.exit(main())
