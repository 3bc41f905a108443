"""Sides that are compared, each in a process of its own, which lives for the whole comparison.

A process of its own, since in one that they share, one side's compiled kernels would push out the other's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

Ask = Callable[[object], Any]


@contextmanager
def sides(commands: Mapping[str, list[str]]) -> Iterator[dict[str, Ask]]:
    """Starts Python programs with the given arguments; asked something, one answers, and only that one works then.

    A program reads a line of JSON and prints one, for each question; its first line says that it is ready.
    """
    with ExitStack() as stack:
        yield {name: stack.enter_context(_side(name, command)) for name, command in commands.items()}


@contextmanager
def _side(name: str, command: list[str]) -> Iterator[Ask]:
    # No side finds the training code but by its own means.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with subprocess.Popen(
        [sys.executable, *command], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        questions, answers = process.stdin, process.stdout

        def read() -> Any:
            line = answers.readline()
            if line == "":
                raise RuntimeError(f"the side {name!r} has ended; why is above")
            return json.loads(line)

        def ask(question: object) -> Any:
            questions.write(json.dumps(question) + "\n")
            questions.flush()
            return read()

        read()
        yield ask
        # It ends when there is nothing more to read.
        questions.close()


def answer(respond: Callable[[Any], object]) -> None:
    """A side's own part: answers each question until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # What libraries print is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(respond(json.loads(line))), file=answers, flush=True)
