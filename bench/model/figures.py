"""What the programs of this folder have in common: their one argument, their progress, the line with their figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    value: float
    unit: str
    """One of those in bench/harness/figures.ts, where it is rounded too."""


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """A parser with `--data`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with train.csv and test.csv, columns text,category"
    )
    return parser


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def show(figures: Mapping[str, Figure]) -> None:
    """Prints the figures as one line of JSON, to be the last one."""
    print(json.dumps({key: asdict(figure) for key, figure in figures.items()}, allow_nan=False), flush=True)
