"""Tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .markup import Content, element


@dataclass(frozen=True)
class Column:
    title: str
    number: bool = False


def table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Content]]) -> Element:
    """A table whose first column names the rows."""
    head = element("tr", *(element("th", column.title, scope="col", class_=_kind(column)) for column in columns))
    body = element("tbody")
    for row in rows:
        first, *others = row
        cells = [element("td", value, class_=_kind(column)) for value, column in zip(others, columns[1:], strict=True)]
        body.append(element("tr", element("th", first, scope="row", class_=_kind(columns[0])), *cells))
    return scrolling(caption, element("table", element("caption", caption), element("thead", head), body))


def scrolling(name: str, content: Element) -> Element:
    """What may be wider than the window, and can be scrolled by keys too."""
    return element("div", content, class_="scrolling", tabindex="0", role="region", aria_label=name)


def _kind(column: Column) -> str:
    return "number" if column.number else "text"
