"""Reads hyperparameters as SageMaker passes them: every value is a text, whatever it means."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, ClassVar, NoReturn, Protocol, TypeVar

from .errors import InputProblem


class Hyperparameters(Protocol):
    """A dataclass whose fields are an algorithm's hyperparameters, each with a default of its type."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_Read = TypeVar("_Read", bound=Hyperparameters)

Ranges = Mapping[str, tuple[float, float]]
"""Lowest and highest value by field."""
Choices = Mapping[str, tuple[str, ...]]
"""Valid values by field, of those that are a text."""


class HyperparameterParser(argparse.ArgumentParser):
    """Raises InputProblem where argparse would print its usage and end the process."""

    def error(self, message: str) -> NoReturn:
        raise InputProblem(f"hyperparameters: {message}")


def option_of(field: str) -> str:
    """What a field is called on the command line."""
    return f"--{field.replace('_', '-')}"


def add_arguments(parser: argparse.ArgumentParser, kind: type[Hyperparameters]) -> None:
    """An argument for each field."""
    for each in fields(kind):
        parser.add_argument(option_of(each.name), dest=each.name, metavar="VALUE", default=None)


def read(arguments: argparse.Namespace, kind: type[_Read], ranges: Ranges, choices: Choices) -> _Read:
    """Reads what `add_arguments` added. Raises InputProblem with everything that is wrong."""
    problems: list[str] = []
    given: dict[str, object] = {}
    for each in fields(kind):
        text = getattr(arguments, each.name)
        if text is None:
            continue
        try:
            given[each.name] = _value(each.name, type(each.default), text, choices)
        except ValueError as error:
            problems.append(f"{option_of(each.name)} is {text!r}; it must be {error}")
    settings = kind(**given)
    problems.extend(out_of_range(settings, ranges))
    if problems:
        raise InputProblem("hyperparameters: " + "; ".join(problems))
    return settings


def out_of_range(settings: object, ranges: Ranges) -> list[str]:
    """One line for each hyperparameter that is; what is not a number is in no range."""
    return [
        f"{option_of(name)} is {getattr(settings, name)}; it must be from {low:.10g} to {high:.10g}"
        for name, (low, high) in ranges.items()
        if not low <= getattr(settings, name) <= high
    ]


def whole_number(text: str) -> int:
    """A tuning job writes whole numbers of a continuous range as 16.0. Raises ValueError that says what is valid."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError("a number") from None
    if not number.is_integer():
        raise ValueError("a whole number")
    return int(number)


def _value(name: str, kind: type, text: str, choices: Choices) -> object:
    if name in choices:
        if text not in choices[name]:
            raise ValueError(" or ".join(choices[name]))
        return text
    if kind is bool:
        # "False" is a text that is not empty: bool() would take it for true.
        known = {"true": True, "1": True, "false": False, "0": False}
        if text.lower() not in known:
            raise ValueError("true or false")
        return known[text.lower()]
    if kind is int:
        return whole_number(text)
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number") from None
