"""Draws lines and marks over two axes, as SVG that takes its colours from the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .markup import element

_WIDTH, _HEIGHT = 560, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 26, 34, 52
_MARK = 4.5

# From values to a place on the picture.
At = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """From 0 to `high`."""

    title: str
    high: float
    ticks: int
    """Parts that it is divided into."""


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    low: float | None = None
    high: float | None = None
    """Ends of a whisker through the mark."""


@dataclass(frozen=True)
class Series:
    """Values of one model. `role` is its class in the style sheet, and chooses dashes and the shape of marks."""

    role: str
    line: Sequence[tuple[float, float]]
    marks: Sequence[Mark] = ()


def plot(name: str, title: str, x: Axis, y: Axis, series: Sequence[Series], *, diagonal: bool = False) -> Element:
    """A plot. `name` makes ids unique on the page; values beyond an axis are drawn at its end."""

    def at(across: float, up: float) -> tuple[float, float]:
        return (
            _LEFT + min(across / x.high, 1) * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - min(up / y.high, 1) * (_HEIGHT - _TOP - _BOTTOM),
        )

    svg = element(
        "svg",
        element("title", title, id=f"{name}-title"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title",
    )
    _draw_axes(svg, at, x, y)
    if diagonal:
        svg.append(_line([at(0, 0), at(min(x.high, y.high), min(x.high, y.high))], "diagonal"))
    # The first series is the one that matters, and is drawn over the others.
    for each in reversed(series):
        if len(each.line) > 1:
            svg.append(_line([at(*point) for point in each.line], f"line {each.role}"))
        for mark in each.marks:
            if mark.low is not None and mark.high is not None:
                svg.append(_line([at(mark.x, mark.low), at(mark.x, mark.high)], f"whisker {each.role}"))
            svg.append(_mark(at(mark.x, mark.y), each.role))
    _draw_legend(svg, series)
    return svg


def _draw_axes(svg: Element, at: At, x: Axis, y: Axis) -> None:
    for number in range(x.ticks + 1):
        across = x.high * number / x.ticks
        svg.append(_line([at(across, 0), at(across, y.high)], "grid"))
        left, bottom = at(across, 0)
        svg.append(element("text", _percent(across, x), x=left, y=bottom + 18, class_="tick middle"))
    for number in range(y.ticks + 1):
        up = y.high * number / y.ticks
        svg.append(_line([at(0, up), at(x.high, up)], "grid"))
        left, bottom = at(0, up)
        svg.append(element("text", _percent(up, y), x=left - 8, y=bottom + 4, class_="tick end"))
    svg.append(element("text", x.title, x=(_LEFT + _WIDTH - _RIGHT) / 2, y=_HEIGHT - 10, class_="middle"))
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    svg.append(
        element("text", y.title, x=14, y=middle, class_="middle", transform=f"rotate(-90 14 {middle:g})"),
    )


def _draw_legend(svg: Element, series: Sequence[Series]) -> None:
    left = float(_LEFT)
    for each in series:
        svg.append(_line([(left, 16), (left + 34, 16)], f"line {each.role}"))
        svg.append(_mark((left + 17, 16), each.role))
        svg.append(element("text", each.role, x=left + 42, y=20))
        left += 150


def _line(ends: Sequence[tuple[float, float]], kind: str) -> Element:
    return element("polyline", points=" ".join(f"{across:.1f},{up:.1f}" for across, up in ends), class_=kind)


def _mark(place: tuple[float, float], role: str) -> Element:
    across, up = place
    kind = f"mark {role}"
    if role == "champion":
        return element("rect", x=across - _MARK, y=up - _MARK, width=2 * _MARK, height=2 * _MARK, class_=kind)
    if role == "baseline":
        corners = [(across, up - _MARK - 1), (across + _MARK + 1, up + _MARK), (across - _MARK - 1, up + _MARK)]
        return element("polygon", points=" ".join(f"{left:.1f},{top:.1f}" for left, top in corners), class_=kind)
    return element("circle", cx=across, cy=up, r=_MARK, class_=kind)


def _percent(value: float, axis: Axis) -> str:
    return f"{100 * value:.0f} %" if axis.high / axis.ticks >= 0.0099 else f"{100 * value:.1f} %"
