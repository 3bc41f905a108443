"""Reads a channel: a folder with CSV files, header `text,category`."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import InputProblem

_COLUMNS = ("text", "category")
_LONGEST_FIELD = 10_000_000
_LONGEST_LABEL = 200
_MOST_PROBLEMS_SHOWN = 10


@dataclass(frozen=True)
class Examples:
    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def where(self, chosen: NDArray[np.bool_]) -> Examples:
        """The examples for which `chosen` is true."""
        return Examples(
            texts=tuple(text for text, keep in zip(self.texts, chosen, strict=True) if keep),
            labels=tuple(label for label, keep in zip(self.labels, chosen, strict=True) if keep),
        )


def read_examples(folder: Path) -> Examples:
    """Reads all CSV files below a folder, in the order of their names.

    Raises InputProblem that names file and line of everything that is wrong, the first ten of it.
    """
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*.csv") if path.is_file())
    if not files:
        raise InputProblem(f"{folder}: no CSV file there; give at least one with the header 'text,category'")
    texts: list[str] = []
    labels: list[str] = []
    problems: list[str] = []
    for file in files:
        _read_file(file, texts, labels, problems)
    if problems:
        shown = problems[:_MOST_PROBLEMS_SHOWN]
        if len(problems) > len(shown):
            shown.append(f"and {len(problems) - len(shown)} more")
        raise InputProblem("the data cannot be read:\n" + "\n".join(shown))
    if not texts:
        raise InputProblem(f"{folder}: no example in {', '.join(file.name for file in files)}, only a header")
    return Examples(tuple(texts), tuple(labels))


def _read_file(file: Path, texts: list[str], labels: list[str], problems: list[str]) -> None:
    content = file.read_bytes()
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(f"{file.name}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8; save it as UTF-8")
        return
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(decoded, newline=""), strict=True)
    line = 1
    try:
        header = next(reader, [])
        columns = [name.strip().lower() for name in header]
        missing = [name for name in _COLUMNS if name not in columns]
        if missing:
            problems.append(f"{file.name}, line 1: the header must name the columns 'text' and 'category'")
            return
        text_at, label_at = (columns.index(name) for name in _COLUMNS)
        line = reader.line_num + 1
        for row in reader:
            problem = _add_row(row, len(columns), text_at, label_at, texts, labels)
            if problem is not None:
                problems.append(f"{file.name}, line {line}: {problem}")
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(f"{file.name}, line {line}: no valid CSV ({error})")


def _add_row(
    row: list[str], width: int, text_at: int, label_at: int, texts: list[str], labels: list[str]
) -> str | None:
    if not row:
        return None
    if len(row) != width:
        return f"{len(row)} fields, expected {width}; a text with commas or line breaks must be in quotes"
    text, label = row[text_at].strip(), row[label_at].strip()
    if text == "":
        return "the text is empty"
    if label == "":
        return "the category is empty"
    if len(label) > _LONGEST_LABEL:
        return f"the category has {len(label)} characters, at most {_LONGEST_LABEL} are allowed"
    texts.append(text)
    labels.append(label)
    return None
