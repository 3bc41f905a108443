"""Reads a channel: a folder with CSV files, header `text,category`, and `id` and `group` where they are known."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import InputProblem

_NEEDED = ("text", "category")
_OPTIONAL = ("id", "group")
_LONGEST_FIELD = 10_000_000
_LONGEST = {"category": 200, "id": 256, "group": 256}
_MOST_PROBLEMS_SHOWN = 10


@dataclass(frozen=True)
class Examples:
    """Labelled texts; all fields have one entry an example."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    ids: tuple[str, ...] = ()
    """What to call an example where its text must not be shown. @default a digest of the text"""
    groups: tuple[str, ...] = ()
    """Examples of one group are alike and belong on one side of a split. @default the id: each on its own"""

    def __post_init__(self) -> None:
        # A frozen dataclass sets what follows from other fields so.
        if not self.ids:
            object.__setattr__(self, "ids", tuple(digest_of(text) for text in self.texts))
        if not self.groups:
            object.__setattr__(self, "groups", self.ids)

    def where(self, chosen: NDArray[np.bool_]) -> Examples:
        """The examples for which `chosen` is true."""
        return Examples(
            texts=_kept(self.texts, chosen),
            labels=_kept(self.labels, chosen),
            ids=_kept(self.ids, chosen),
            groups=_kept(self.groups, chosen),
        )


def digest_of(text: str) -> str:
    """The id of a text that has none of its own: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_examples(folder: Path) -> Examples:
    """Reads all CSV files below a folder, in the order of their names.

    Raises InputProblem that names file and line of everything that is wrong, the first ten of it.
    """
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*.csv") if path.is_file())
    if not files:
        raise InputProblem(f"{folder}: no CSV file there; give at least one with the header 'text,category'")
    read = _Read()
    for file in files:
        _read_file(file, file.name if file == folder else file.relative_to(folder).as_posix(), read)
    if read.problems:
        shown = read.problems[:_MOST_PROBLEMS_SHOWN]
        if len(read.problems) > len(shown):
            shown.append(f"and {len(read.problems) - len(shown)} more")
        raise InputProblem("the data cannot be read:\n" + "\n".join(shown))
    if not read.rows:
        raise InputProblem(f"{folder}: no example in {', '.join(file.name for file in files)}, only a header")
    ids = tuple(row.get("id") or digest_of(row["text"]) for row in read.rows)
    return Examples(
        texts=tuple(row["text"] for row in read.rows),
        labels=tuple(row["category"] for row in read.rows),
        ids=ids,
        groups=tuple(row.get("group") or own for row, own in zip(read.rows, ids, strict=True)),
    )


def require_two_labels(examples: Examples) -> None:
    """Raises InputProblem if fewer than two labels have at least two examples."""
    counts = Counter(examples.labels)
    if len(counts) < 2:
        raise InputProblem(
            f"the training data has only one category, {next(iter(counts))!r}; a classifier needs at least two"
        )
    if sum(count >= 2 for count in counts.values()) < 2:
        raise InputProblem(
            f"of {len(counts)} categories fewer than two have two or more examples; "
            "give at least two examples of each category (20 or more are better)"
        )


@dataclass
class _Read:
    """What was read so far: the values of each row by column, and what is wrong."""

    rows: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    """Where each id was."""


def _read_file(file: Path, name: str, read: _Read) -> None:
    """`name`: what tells the file from the others."""
    content = file.read_bytes()
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        read.problems.append(f"{name}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8; save it as UTF-8")
        return
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(decoded, newline=""), strict=True)
    line = 1
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        if any(column not in header for column in _NEEDED):
            read.problems.append(f"{name}, line 1: the header must name the columns 'text' and 'category'")
            return
        columns = {column: header.index(column) for column in (*_NEEDED, *_OPTIONAL) if column in header}
        line = reader.line_num + 1
        for row in reader:
            if row:
                place = f"{name}, line {line}"
                read.problems.extend(
                    f"{place}: {problem}" for problem in _add_row(row, len(header), columns, place, read)
                )
            line = reader.line_num + 1
    except csv.Error as error:
        read.problems.append(f"{name}, line {line}: no valid CSV ({error})")


def _add_row(row: list[str], width: int, columns: dict[str, int], place: str, read: _Read) -> list[str]:
    """Adds a row unless something is wrong with it; what that is."""
    if len(row) != width:
        return [f"{len(row)} fields, expected {width}; a text with commas or line breaks must be in quotes"]
    values = {name: row[at].strip() for name, at in columns.items()}
    problems = [f"the {name} is empty" for name, value in values.items() if value == ""]
    for name, longest in _LONGEST.items():
        value = values.get(name, "")
        if len(value) > longest:
            problems.append(f"the {name} has {len(value)} characters, at most {longest} are allowed")
    if values.get("id", "") != "":
        before = read.places.setdefault(values["id"], place)
        if before != place:
            problems.append(f"the id is that of {before}; each example needs its own")
    if not problems:
        read.rows.append(values)
    return problems


def _kept(values: Sequence[str], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(value for value, keep in zip(values, chosen, strict=True) if keep)
