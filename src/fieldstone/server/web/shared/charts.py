"""Charts drawn as SVG at text size: words stay 14 px on a phone and on a desk, only lengths stretch.

Every x is a percentage and every y a pixel, so one drawing fits any width with no script. A chart is an image
with a one-sentence label; put the same numbers in a table beside it or in a ``<details>`` under it.

Classes: ``chart`` on the drawing; ``ct`` text, ``cs`` second text, ``gridline``, ``axis``, ``bar``, ``line``, ``dot``,
``range`` (interval), ``was`` (before), ``shade``, ``mark`` inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap

from .stones import num


def _pct(value: float) -> str:
    return f"{num(value)}%"


def _open(css: str, height: float, label: str) -> str:
    return f'<svg class="chart {css}" width="100%" height="{num(height)}" role="img" aria-label="{escape(label)}">'


def _text(x: str, y: float, words: str, css: str = "ct", anchor: str = "", dx: float = 0) -> str:
    at = f' text-anchor="{anchor}"' if anchor else ""
    move = f' dx="{num(dx)}"' if dx else ""
    return f'<text class="{css}" x="{x}" y="{num(y)}"{at}{move}>{escape(words)}</text>'


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its value, and how the value reads (``2,210``). ``css`` may be ``soft``."""

    name: str
    value: float
    text: str
    css: str = ""


def bar_chart_svg(bars: Sequence[Bar], *, label: str) -> str:
    """Level bars from zero, longest first or in the order of a process; name left, value at the end."""
    top = max((b.value for b in bars), default=0) or 1
    parts, y = [], 4.0
    for bar in bars:
        lines = wrap(bar.name, 19, max_lines=2, placeholder=" …") or [""]
        high = 34.0 if len(lines) == 1 else 42.0
        middle = y + 11 if len(lines) == 1 else y + 15
        for i, line in enumerate(lines):
            parts.append(_text("0", middle + 5 + 18 * i - 9 * (len(lines) - 1), line))
        width = max(44 * bar.value / top, 0.8)
        css = f"bar {escape(bar.css)}".strip()
        parts.append(f'<rect class="{css}" x="42%" y="{num(middle - 11)}" width="{_pct(width)}" height="22" rx="5"/>')
        parts.append(_text(_pct(42 + width), middle + 5, bar.text, dx=8))
        y += high
    return _open("bars", y, label) + "".join(parts) + "</svg>"


def _scale(ticks: Sequence[float], top: float, bottom: float) -> tuple[float, float]:
    """Slope and offset that take the lowest tick to ``bottom`` and the highest to ``top`` (pixels)."""
    low, high = min(ticks), max(ticks)
    slope = (top - bottom) / ((high - low) or 1)
    return slope, bottom - slope * low


@dataclass(frozen=True)
class Tick:
    """A place on an axis and how it reads."""

    at: float
    text: str


def line_chart_svg(
    points: Sequence[tuple[float, float]],
    *,
    ticks: Sequence[Tick],
    names: Sequence[Tick],
    first: str,
    last: str,
    label: str,
    height: float = 172.0,
) -> str:
    """One line over time. ``ticks`` are levels of y, ``names`` places on x; ``first`` and ``last`` label its ends."""
    slope, offset = _scale([t.at for t in ticks], 14, height - 30)
    xs = [p[0] for p in points]
    low, span = min(xs), (max(xs) - min(xs)) or 1

    def x_of(value: float) -> float:
        return 97 * (value - low) / span

    parts = []
    for tick in ticks:
        y = slope * tick.at + offset
        css = "axis" if tick.at == min(t.at for t in ticks) else "gridline"
        parts.append(f'<line class="{css}" x1="0" x2="100%" y1="{num(y)}" y2="{num(y)}"/>')
        parts.append(_text("0", y + 5, tick.text, "cs", "end", -8))
    for i, name in enumerate(names):
        anchor = "" if i == 0 else "end" if i == len(names) - 1 else "middle"
        parts.append(_text(_pct(x_of(name.at)), height - 8, name.text, "cs", anchor))
    ends = [(x_of(x), slope * y + offset) for x, y in points]
    for (xa, ya), (xb, yb) in pairwise(ends):
        parts.append(f'<line class="line" x1="{_pct(xa)}" x2="{_pct(xb)}" y1="{num(ya)}" y2="{num(yb)}"/>')
    parts.append(f'<circle class="dot" cx="{_pct(ends[-1][0])}" cy="{num(ends[-1][1])}" r="5.5"/>')
    parts.append(_text("0", ends[0][1] - 10, first))
    parts.append(_text(_pct(ends[-1][0]), ends[-1][1] - 13, last, anchor="end"))
    return _open("plot", height, label) + "".join(parts) + "</svg>"


@dataclass(frozen=True)
class Estimate:
    """An effect at a time: where on the axis, the estimate, and its interval."""

    at: float
    value: float
    low: float
    high: float


def event_chart_svg(
    estimates: Sequence[Estimate],
    *,
    ticks: Sequence[Tick],
    names: Sequence[Tick],
    before: str,
    after: str,
    axis: str,
    label: str,
    height: float = 340.0,
) -> str:
    """Effects before and after time zero, each with its interval. Times below zero are hollow dots on sand.

    A time whose interval has no width (the base period) shows the dot alone."""
    slope, offset = _scale([t.at for t in ticks], 34, height - 92)
    times = [e.at for e in estimates]
    low, span = min(times) - 0.5, (max(times) - min(times) + 0.8) or 1

    def x_of(value: float) -> float:
        return 100 * (value - low) / span

    edge, floor = x_of(-0.5), height - 62
    parts = [f'<rect class="shade" x="0" y="4" width="{_pct(edge)}" height="{num(floor - 4)}"/>']
    for tick in ticks:
        y = slope * tick.at + offset
        css = "axis" if tick.at == 0 else "gridline"
        parts.append(f'<line class="{css}" x1="0" x2="100%" y1="{num(y)}" y2="{num(y)}"/>')
        parts.append(_text("0", y + 5, tick.text, "cs", "end", -8))
    parts.append(f'<line class="mark" x1="{_pct(edge)}" x2="{_pct(edge)}" y1="4" y2="{num(floor)}"/>')
    parts.append(_text("0", 20, before, "cs", dx=8))
    parts.append(_text(_pct(edge), 20, after, dx=7))
    for e in estimates:
        x = _pct(x_of(e.at))
        was = " was" if e.at < 0 else ""
        if e.high > e.low:
            parts.append(
                f'<line class="range{was}" x1="{x}" x2="{x}" y1="{num(slope * e.high + offset)}" '
                f'y2="{num(slope * e.low + offset)}"/>'
            )
        parts.append(f'<circle class="dot{was}" cx="{x}" cy="{num(slope * e.value + offset)}" r="4.5"/>')
    parts.extend(_text(_pct(x_of(n.at)), height - 40, n.text, "cs", "middle") for n in names)
    parts.append(_text("50%", height - 14, axis, "cs", "middle"))
    return _open("plot effects", height, label) + "".join(parts) + "</svg>"


def pay_bar_svg(low: float, middle: float, high: float, *, scale: tuple[float, float], label: str) -> str:
    """Where pay lies: a bar from the 10th to the 90th percentile, a mark at the median.

    All values and ``scale`` (the ends shared by every bar on the page) in dollars an hour."""
    start, end = scale

    def x_of(value: float) -> float:
        return min(max(100 * (value - start) / (end - start), 0), 100)

    parts = (
        '<line class="rail" x1="0" x2="100%" y1="9" y2="9"/>'
        f'<line class="range" x1="{_pct(x_of(low))}" x2="{_pct(x_of(high))}" y1="9" y2="9"/>'
        f'<line class="mark" x1="{_pct(x_of(middle))}" x2="{_pct(x_of(middle))}" y1="1" y2="17"/>'
    )
    return _open("pay", 18, label) + parts + "</svg>"
