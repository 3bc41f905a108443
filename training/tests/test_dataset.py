from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from sortline_training.dataset import Examples, read_examples
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


def test_files_of_one_name_in_several_folders_are_told_apart(tmp_path: Path) -> None:
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "part.csv").write_text(f"id,text,category\n1,{day},x\n")
    assert "tuesday/part.csv, line 2: the id is that of monday/part.csv, line 2" in problem_of(tmp_path)


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


def test_ids_and_groups_are_read_where_there_are_columns_for_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text,category,group\nmail-1,one,x,g\nmail-2,two,y,g\n")
    examples = read_examples(tmp_path)
    assert examples.ids == ("mail-1", "mail-2")
    assert examples.groups == ("g", "g")


def test_a_file_without_ids_gives_each_text_its_digest_as_id_and_group(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,category\nGrüße,x\n two ,y\ntwo,x\n", encoding="utf-8")
    examples = read_examples(tmp_path)
    digests = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in ("Grüße", "two", "two")]
    assert list(examples.ids) == digests
    assert list(examples.groups) == digests


def test_an_example_without_a_group_is_a_group_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text,category\n1,same,x\n2,same,x\n")
    assert read_examples(tmp_path).groups == ("1", "2")


def test_chosen_examples_keep_their_ids_and_groups() -> None:
    examples = Examples(("a", "b", "c"), ("x", "y", "x"), ("1", "2", "3"), ("1", "1", "3"))
    chosen = examples.where(np.array([False, True, True]))
    assert chosen == Examples(("b", "c"), ("y", "x"), ("2", "3"), ("1", "3"))


def test_examples_that_are_given_without_ids_have_digests_as_ids_and_groups() -> None:
    examples = Examples(("a",), ("x",))
    assert examples.ids == examples.groups == (hashlib.sha256(b"a").hexdigest()[:16],)


def test_none_of_the_examples_may_be_chosen() -> None:
    assert Examples(("a",), ("x",), ("1",)).where(np.array([False])) == Examples((), ())


def test_wrong_ids_and_groups_are_named_with_file_and_line_but_not_shown(tmp_path: Path) -> None:
    rows = ["1,one,x,g", "1,two,x,g", ",three,x,g", f"{'9' * 257},four,x,g", "5,five,x,"]
    (tmp_path / "a.csv").write_text("id,text,category,group\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,text,category\n1,seven,x\n")
    assert problem_of(tmp_path).split("\n")[1:] == [
        "a.csv, line 3: the id is that of a.csv, line 2; each example needs its own",
        "a.csv, line 4: the id is empty",
        "a.csv, line 5: the id has 257 characters, at most 256 are allowed",
        "a.csv, line 6: the group is empty",
        "b.csv, line 2: the id is that of a.csv, line 2; each example needs its own",
    ]
