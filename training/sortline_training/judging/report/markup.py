"""Builds HTML and SVG as a tree, whose writing escapes every value: a label may be hostile."""

from __future__ import annotations

import re
import unicodedata
from xml.etree.ElementTree import Element, tostring

Content = Element | str | int


def element(tag: str, *content: Content | None, **attributes: str | float) -> Element:
    """An element with its content; nothing is left out.

    Attributes are named as in HTML, with `_` for `-` and one at the end of what Python reserves (`class_`).
    """
    made = Element(tag)
    for name, value in attributes.items():
        made.set(name.removesuffix("_").replace("_", "-"), shown(_number(value)))
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif part is not None:
            _append_text(made, shown(str(part)))
    return made


def label_of(name: str) -> Element:
    """A label, whose direction of writing does not turn what surrounds it."""
    return element("bdi", name)


def document(root: Element) -> str:
    """The text of a page."""
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def shown(value: str) -> str:
    """A text without characters that cannot be seen, or make it look like another."""
    return "".join(" " if _is_hidden(character) else character for character in value)


def percent(part: float) -> str:
    """0.934 as `93.4 %`."""
    return f"{100 * part:.1f} %"


def points(part: float) -> str:
    """0.012 as `+1.2`: percentage points with their sign."""
    return re.sub(r"^[+-](0\.0)$", r"\1", f"{100 * part:+.1f}").replace("-", "−")


def style(sheet: str) -> Element:
    """A style sheet, which is not escaped and must not be from outside."""
    made = Element("style")
    made.text = sheet
    return made


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def _append_text(made: Element, text: str) -> None:
    if len(made) == 0:
        made.text = (made.text or "") + text
    else:
        made[-1].tail = (made[-1].tail or "") + text
