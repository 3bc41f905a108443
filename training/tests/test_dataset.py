from __future__ import annotations

from pathlib import Path

import pytest

from sortline_training.dataset import read_examples
from sortline_training.errors import InputProblem


def problem_of(folder: Path) -> str:
    with pytest.raises(InputProblem) as caught:
        read_examples(folder)
    return str(caught.value)


def test_all_files_of_the_folder_are_read_whatever_their_column_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('﻿text,category\r\n"one, two\r\nthree",x\r\n'.encode())
    (tmp_path / "b.csv").write_text("Category,extra,Text\ny,,four\u2028five\n", encoding="utf-8")
    examples = read_examples(tmp_path)
    assert examples.texts == ("one, two\r\nthree", "four\u2028five")
    assert examples.labels == ("x", "y")


def test_every_problem_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,category\n"two\nlines",x\n,x\nsecret words,\nunquoted, comma,x\n')
    message = problem_of(tmp_path)
    assert "a.csv, line 4: the text is empty" in message
    assert "a.csv, line 5: the category is empty" in message
    assert "a.csv, line 6: 3 fields, expected 2" in message
    assert "secret" not in message


def test_more_than_ten_problems_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,category\n" + ",x\n" * 15)
    assert "and 5 more" in problem_of(tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "line 1: the header must name the columns"),
        (b"message,label\na,b\n", "line 1: the header must name the columns"),
        (b"text,category\n", "no example"),
        (b"text,category\nfine,x\ncaf\xe9,x\n", "line 3: byte 0xe9 is not UTF-8"),
        (b'text,category\nfine,x\n"never closed,x\n', "line 3: no valid CSV"),
    ],
)
def test_an_unreadable_file_is_refused_with_the_reason(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert expected in problem_of(tmp_path)


def test_a_folder_without_csv_files_is_refused(tmp_path: Path) -> None:
    assert "no CSV file there" in problem_of(tmp_path)
