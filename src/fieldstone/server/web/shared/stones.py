"""Stones: the picture of a micro-credential, drawn from its identifier alone.

Every shape follows from SHA-256 of a stable identifier, so a stone looks the same on a phone, on paper
and inside a signed badge, today and in ten years. Pure Python: no Django, no clock, no files.

Two forms of every drawing:

* on pages (default): colors come from CSS classes (``app.css``), so light and dark themes both fit;
* ``standalone=True``: light colors baked in as attributes, for badges that are signed, sent or printed.

No ``style`` attributes and no element ids, so drawings can repeat on a page under a strict content policy.

Classes used: ``fam-slate|moss|clay|sky`` (color family), ``s-earned|review|draft|missing`` (state) on the
drawing or its group; ``f0`` foot, ``f1 f2 f3`` face, ``ol`` outline, ``ha`` hatch, ``di`` clear disc,
``gl`` glyph, ``se`` seam, ``fl`` fleck inside.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

Point = tuple[float, float]

FAMILIES = ("slate", "moss", "clay", "sky")
STATES = ("earned", "review", "draft", "missing")
_ALIASES = {"in_review": "review", "in-review": "review", "not_started": "missing", "not-started": "missing"}

#: 24 x 24 line drawings, no fill, round caps and joins.
GLYPHS = {
    "shield": "M12 3l7.5 3v5c0 5-3 8-7.5 10-4.5-2-7.5-5-7.5-10V6z",
    "sprout": "M12 21v-9M12 12.5C12 8 9 5.5 4.5 5.5 4.5 10 7.5 12.5 12 12.5z"
    "M12 15.5c0-3.5 2.5-5.5 7-5.5 0 3.5-2.5 5.5-7 5.5z",
    "heart": "M12 20C6 15.5 3.5 12.5 3.5 9A4.4 4.4 0 0 1 12 7.5 4.4 4.4 0 0 1 20.5 9c0 3.5-2.5 6.5-8.5 11z",
    "people": "M8 5a3 3 0 1 0 .01 0zM17 7.5a2.4 2.4 0 1 0 .01 0z"
    "M2.5 20c0-4 2.3-6 5.5-6s5.5 2 5.5 6M16 15c3.3-.3 5.5 1.7 5.5 5",
    "house": "M3.5 11.5L12 4l8.5 7.5M6 10v10h12V10M10.3 20v-5.5h3.4V20",
    "case": "M4 8h16v11.5H4zM9 8V5h6v3M4 13.5h16",
    "eye": "M2.5 12S6 6 12 6s9.5 6 9.5 6-3.5 6-9.5 6-9.5-6-9.5-6zM12 9.5a2.5 2.5 0 1 0 .01 0z",
    "stairs": "M3.5 20h4.5v-5h4.5v-5H17V5h3.5",
    "book": "M12 6.5c-2-1.6-5-2-8-2v13.5c3 0 6 .4 8 2 2-1.6 5-2 8-2V4.5c-3 0-6 .4-8 2zM12 6.5V20",
    "chart": "M4 20h16M7 16v-4M12 16V6M17 16V9.5",
    "nut": "M8 4h8l4.5 8-4.5 8H8l-4.5-8zM12 8.5a3.5 3.5 0 1 0 .01 0z",
    "screen": "M3 5h18v11H3zM8 20h8M12 16v4",
    "cross": "M9.3 4h5.4v5.3H20v5.4h-5.3V20H9.3v-5.3H4V9.3h5.3z",
    "fish": "M3 12c3-5 9-6 13-1l5-4v10l-5-4c-4 5-10 4-13-1zM8 11h.01",
    "speech": "M4 5h16v11h-9l-5 4v-4H4z",
    "dawn": "M3 18.5h18M6 18.5a6 6 0 0 1 12 0M12 8V4M4 10l2 1.6M20 10l-2 1.6",
    "coin": "M12 4a8 8 0 1 0 .01 0zM12 8v8M9 10.5h4.5M10.5 13.5H15",
    "compass": "M12 3.5a8.5 8.5 0 1 0 .01 0zM15.5 8.5l-2 5-5 2 2-5z",
}

#: Light values: foot, then the three faces. Pages take theirs from app.css.
PALETTE = {
    "slate": ("#2B373D", "#4A5A63", "#55656D", "#435159"),
    "moss": ("#2C3F25", "#4B6340", "#566D49", "#425A38"),
    "clay": ("#633120", "#96502F", "#8B4A2E", "#9F5730"),
    "sky": ("#1A425E", "#2F6A8F", "#3A7296", "#275E82"),
}
GLYPH_COLOR = "#FBF8F1"
PAPER, SKY, SOFT, EDGE = "#FFFEFB", "#17567F", "#4F5B60", "#6B7679"
_LINE = {"review": SKY, "draft": SOFT, "missing": EDGE}


@dataclass(frozen=True)
class Stone:
    """One micro-credential to draw. ``id`` is stable across versions; ``hours`` sets its width in a wall."""

    id: str
    level: int = 1
    glyph: str = "shield"
    family: str = "slate"
    state: str = "earned"
    hours: float = 1.0
    earned_on: date | None = None


# --- numbers -----------------------------------------------------------------------------------------


def digest(identifier: str) -> bytes:
    """SHA-256 of the identifier in UTF-8: the 32 bytes every shape is made from."""
    return hashlib.sha256(identifier.encode()).digest()


def jitter(data: bytes, i: int) -> float:
    """``j(i)``: byte i as a number from -1 to 1."""
    return (data[i % 32] - 127.5) / 127.5


def tone(identifier: str) -> int:
    """Which of the family's three faces this stone has: 1, 2 or 3."""
    return digest(identifier)[16] % 3 + 1


def family_of(program_id: str) -> str:
    """The color family of a program whose issuer chose none."""
    return FAMILIES[digest(program_id)[0] % 4]


def state_of(name: str) -> str:
    """One of ``STATES``; knows ``in_review`` and ``not_started``. Raises ValueError for any other word."""
    state = _ALIASES.get(name, name)
    if state not in STATES:
        raise ValueError(f"unknown stone state: {name!r}")
    return state


def num(value: float) -> str:
    """A coordinate with at most one decimal: 12.0 is ``12``, -0.04 is ``0``."""
    text = f"{value:.1f}"
    text = text[:-2] if text.endswith(".0") else text
    return "0" if text == "-0" else text


def pair(p: Point) -> str:
    """``x y`` for path data."""
    return f"{num(p[0])} {num(p[1])}"


# --- outlines ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Corner:
    """A rounded corner: where the curve starts, the vertex that bends it, where it ends."""

    start: Point
    vertex: Point
    end: Point


def _toward(a: Point, b: Point, k: float) -> Point:
    return (a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k)


def round_by_share(points: Sequence[Point], k: float) -> list[Corner]:
    """Corners cut at the share k of each edge (k .5 turns the polygon into one smooth curve)."""
    n = len(points)
    return [Corner(_toward(v, points[i - 1], k), v, _toward(v, points[(i + 1) % n], k)) for i, v in enumerate(points)]


def round_by_length(points: Sequence[Point], radius: float) -> list[Corner]:
    """Corners cut at ``radius``, or at half the edge where that is shorter."""

    def share(a: Point, b: Point) -> float:
        edge = math.dist(a, b)
        return min(radius, edge / 2) / edge if edge else 0.0

    n = len(points)
    out = []
    for i, v in enumerate(points):
        before, after = points[i - 1], points[(i + 1) % n]
        out.append(Corner(_toward(v, before, share(v, before)), v, _toward(v, after, share(v, after))))
    return out


def path_of(corners: Sequence[Corner]) -> str:
    """SVG path data: line to each corner, quadratic around it, one decimal."""
    parts = []
    for i, c in enumerate(corners):
        parts.append(f"{'L' if i else 'M'}{pair(c.start)}Q{pair(c.vertex)} {pair(c.end)}")
    return "".join(parts) + "z"


def flatten(corners: Sequence[Corner], steps: int = 6) -> list[Point]:
    """The rounded outline as a polygon, for measuring and hatching."""
    out: list[Point] = []
    for c in corners:
        for s in range(steps + 1):
            t = s / steps
            u = 1 - t
            out.append(
                (
                    u * u * c.start[0] + 2 * u * t * c.vertex[0] + t * t * c.end[0],
                    u * u * c.start[1] + 2 * u * t * c.vertex[1] + t * t * c.end[1],
                )
            )
    return out


def span_at(polygon: Sequence[Point], y: float) -> tuple[float, float]:
    """Leftmost and rightmost x of the polygon at height y; its box if y misses it."""
    xs = _crossings(polygon, y)
    if len(xs) < 2:
        all_x = [p[0] for p in polygon]
        return min(all_x), max(all_x)
    return xs[0], xs[-1]


def _crossings(polygon: Sequence[Point], y: float) -> list[float]:
    xs = []
    for i, b in enumerate(polygon):
        a = polygon[i - 1]
        if (a[1] <= y) != (b[1] <= y):
            xs.append(a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]))
    return sorted(xs)


def hatch(polygon: Sequence[Point], pitch: float = 7.0, *, spare: tuple[float, float, float] | None = None) -> str:
    """Path data of 45-degree lines inside the polygon, ``pitch`` apart, leaving the disc
    ``spare`` (x, y, radius) clear. Computed, so the drawing needs neither pattern nor clip (and no ids)."""
    # Turn the plane so that hatch lines are level: u runs along a line, v across.
    turned = [((x - y) / 2, x + y) for x, y in polygon]
    low = min(v for _, v in turned)
    high = max(v for _, v in turned)
    parts = []
    step = pitch * math.sqrt(2)
    v = math.ceil(low / step) * step + step / 4
    while v < high:
        us = _crossings(turned, v)
        for u0, u1 in zip(us[::2], us[1::2], strict=False):
            for a, b in _without_disc(u0, u1, v, spare):
                if b - a > 0.8:
                    parts.append(f"M{pair((a + v / 2, v / 2 - a))}L{pair((b + v / 2, v / 2 - b))}")
        v += step
    return "".join(parts)


def _without_disc(
    u0: float, u1: float, v: float, disc: tuple[float, float, float] | None
) -> Iterable[tuple[float, float]]:
    if disc is None:
        return [(u0, u1)]
    cx, cy, radius = disc
    cu, off = (cx - cy) / 2, (v - (cx + cy)) / math.sqrt(2)
    if abs(off) >= radius:
        return [(u0, u1)]
    half = math.sqrt(radius * radius - off * off) / math.sqrt(2)
    return [(u0, min(u1, cu - half)), (max(u0, cu + half), u1)]


def vertices(identifier: str, level: int) -> tuple[list[Point], float]:
    """The eight vertices of a stone (viewBox 96, y down) and its corner share k.

    Level 1 is a cobble from the field, 2 a split slab, 3 a dressed block. Raises ValueError otherwise."""
    b = digest(identifier)
    if level == 1:
        points = []
        for i in range(8):
            angle = math.radians(-112.5 + 45 * i + 6 * jitter(b, i))
            f = 1 + 0.07 * jitter(b, 8 + i)
            points.append((48 + 46 * f * math.cos(angle), 50 + 41 * f * math.sin(angle)))
        return points, 0.5
    if level == 2:
        base, k = _SLAB, 0.36
    elif level == 3:
        base, k = _BLOCK, 0.2
    else:
        raise ValueError(f"level must be 1, 2 or 3, not {level!r}")
    reach = 4.0 if level == 2 else 2.5
    return [
        (
            x + reach * jitter(b, i),
            y if level == 2 and y == 82 else y + reach * jitter(b, 8 + i),
        )
        for i, (x, y) in enumerate(base)
    ], k


_SLAB: list[Point] = [(7, 62), (11, 38), (28, 22), (60, 18), (84, 31), (91, 58), (86, 82), (12, 82)]
_BLOCK: list[Point] = [(9, 17), (48, 14), (87, 17), (89, 50), (87, 84), (48, 85), (9, 84), (7, 50)]


def outline(identifier: str, level: int) -> str:
    """Path data of the stone's outline; the published test vectors."""
    return path_of(round_by_share(*vertices(identifier, level)))


# --- drawing -----------------------------------------------------------------------------------------


class Ink:
    """Chooses between CSS classes (pages) and baked light colors (standalone) for each part of a drawing."""

    def __init__(self, standalone: bool) -> None:
        self.standalone = standalone

    def group(self, family: str, state: str) -> str:
        return "" if self.standalone else f' class="fam-{family} s-{state}"'

    def fill(self, family: str, index: int) -> str:
        return f' fill="{PALETTE[family][index]}"' if self.standalone else f' class="f{index}"'

    def glyph(self, state: str, width: str = "1.6") -> str:
        if not self.standalone:
            return ' class="gl"'
        color = _LINE.get(state, GLYPH_COLOR)
        return f' fill="none" stroke="{color}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"'

    def light(self, kind: str) -> str:
        if not self.standalone:
            return f' class="{kind}"'
        opacity, width = (".55", "2") if kind == "se" else (".4", "2")
        return (
            f' fill="none" stroke="{GLYPH_COLOR}" stroke-width="{width}" stroke-opacity="{opacity}" '
            'stroke-linecap="round"'
        )

    def line(self, state: str) -> str:
        if not self.standalone:
            return ' class="ol"'
        dash = {"draft": ' stroke-dasharray="7 5"', "missing": ' stroke-dasharray="2 5"'}.get(state, "")
        fill = "none" if state == "missing" else PAPER
        return f' fill="{fill}" stroke="{_LINE[state]}" stroke-width="2" stroke-linecap="round"{dash}'

    def hatch(self) -> str:
        return f' fill="none" stroke="{SKY}" stroke-width="1.5"' if self.standalone else ' class="ha"'


def glyph_path(glyph: str, center: Point, scale: float, attributes: str) -> str:
    """The glyph's path moved to ``center`` at ``scale``. Raises KeyError for an unknown glyph name."""
    move = f"translate({num(center[0] - 12 * scale)} {num(center[1] - 12 * scale)})scale({scale:g})"
    return f'<path{attributes} transform="{move}" d="{GLYPHS[glyph]}"/>'


def svg(
    body: str,
    *,
    width: float,
    height: float,
    label: str | None,
    css: str = "",
    standalone: bool = False,
    size: str = "",
) -> str:
    """Wrap a drawing: an image with a one-sentence label, or hidden from screen readers without one."""
    name = f' role="img" aria-label="{escape(label)}"' if label else ' aria-hidden="true" focusable="false"'
    space = ' xmlns="http://www.w3.org/2000/svg"' if standalone else ""
    klass = f' class="{css}"' if css and not standalone else ""
    return f'<svg{space}{klass}{size} viewBox="0 0 {num(width)} {num(height)}"{name}>{body}</svg>'


def _squeeze(corners: Sequence[Corner], share: float) -> list[Corner]:
    top = min(y for _, y in flatten(corners))

    def move(p: Point) -> Point:
        return (p[0], top + (p[1] - top) * share)

    return [Corner(move(c.start), move(c.vertex), move(c.end)) for c in corners]


def _inside(polygon: Sequence[Point], p: Point, margin: float) -> bool:
    xs = _crossings(polygon, p[1])
    if len(xs) < 2 or not xs[0] + margin <= p[0] <= xs[-1] - margin:
        return False
    above = _crossings(polygon, p[1] - margin)
    return len(above) >= 2 and above[0] <= p[0] <= above[-1]


def _flecks(b: bytes, face: Sequence[Point]) -> str:
    parts = []
    for i in range(3):
        angle = math.radians(200 + 140 * (i + 0.5) / 3 + 18 * jitter(b, 21 + i))
        x, y = 48 + 35 * math.cos(angle), 46 + 26 * math.sin(angle)
        dx, dy = 3.5 + 1.5 * jitter(b, 24 + i), 1.5 * jitter(b, 27 + i)
        for _ in range(24):  # a fleck lies on the face: draw it in until it does
            if _inside(face, (x, y), 2.5) and _inside(face, (x + dx, y + dy), 2.5):
                break
            x, y = x + (46 - x) * 0.06, y + (50 - y) * 0.06
        parts.append(f"M{pair((x, y))}l{pair((dx, dy))}")
    return "".join(parts)


def _seams(b: bytes, level: int, face: Sequence[Point]) -> str:
    parts = []
    for i, y in enumerate({2: (69.0,), 3: (65.5, 72.5)}.get(level, ())):
        left, right = span_at(face, y)
        middle = ((left + right) / 2, y + 2 * jitter(b, 17 + i))
        parts.append(f"M{pair((left + 6, y))}Q{pair(middle)} {pair((right - 6, y + 0.8 * jitter(b, 19 + i)))}")
    return "".join(parts)


_GLYPH_SCALE = {1: 1.75, 2: 1.6, 3: 1.6}
_GLYPH_Y = {1: 50.0, 2: 46.0, 3: 41.0}


def stone_body(stone: Stone, *, standalone: bool = False) -> str:
    """The inside of one stone drawing, without the ``<svg>`` around it."""
    ink, state = Ink(standalone), state_of(stone.state)
    corners = round_by_share(*vertices(stone.id, stone.level))
    whole = path_of(corners)
    scale, center = _GLYPH_SCALE[stone.level], (48.0, _GLYPH_Y[stone.level])
    if state == "earned":
        b = digest(stone.id)
        face = _squeeze(corners, 0.93)
        flat = flatten(face)
        seams = _seams(b, stone.level, flat)
        body = (
            f'<path{ink.fill(stone.family, 0)} d="{whole}"/>'
            f'<path{ink.fill(stone.family, tone(stone.id))} d="{path_of(face)}"/>'
            f'<path{ink.light("fl")} d="{_flecks(b, flat)}"/>'
        )
        body += f'<path{ink.light("se")} d="{seams}"/>' if seams else ""
    else:
        body = f'<path{ink.line(state)} d="{whole}"/>'
        if state == "review":
            lines = hatch(flatten(corners), spare=(*center, 13.5 * scale))
            body += f'<path{ink.hatch()} d="{lines}"/>'
    return body + glyph_path(stone.glyph, center, scale, ink.glyph(state))


def stone_svg(
    identifier: str,
    *,
    level: int,
    glyph: str,
    family: str,
    state: str = "earned",
    label: str | None = None,
    size: str = "",
    standalone: bool = False,
) -> str:
    """One stone as SVG text.

    ``size`` is an extra class on pages (``lg``, ``sm``) and the width and height in pixels when
    ``standalone``. Without ``label`` the picture is hidden from screen readers (say it in words beside it).
    Raises ValueError for an unknown level, family or state, KeyError for an unknown glyph."""
    if family not in FAMILIES:
        raise ValueError(f"unknown family: {family!r}")
    stone = Stone(identifier, level, glyph, family, state_of(state))
    css = " ".join(filter(None, ("stone", escape(size), f"fam-{family}", f"s-{stone.state}")))
    pixels = escape(size) or "96"
    return svg(
        stone_body(stone, standalone=standalone),
        width=96,
        height=96,
        label=label,
        css=css,
        standalone=standalone,
        size=f' width="{pixels}" height="{pixels}"' if standalone else "",
    )


# --- small marks -------------------------------------------------------------------------------------

_PEBBLE = "M2.2 11.2C2 6.4 5.2 2.4 10.2 2.3c4.6 0 7.7 3.4 7.7 8 0 2.6-1 4-3 4H5.4c-2 0-3.1-1-3.2-3.1z"
_CHIP_MARKS = {
    "solid": f'<path class="c-fill" d="{_PEBBLE}"/><path class="c-tick" d="M6.4 9.2l2.6 2.5 4.9-5"/>',
    "slash": f'<path class="c-line" d="{_PEBBLE}M6 12.4l7.6-7.6"/>',
    "dash": f'<path class="c-line c-dash" d="{_PEBBLE}"/>',
    "dots": f'<path class="c-line c-dots" d="{_PEBBLE}"/>',
    "times": f'<path class="c-line" d="{_PEBBLE}M7.8 6.8l4.4 4.4M12.2 6.8l-4.4 4.4"/>',
    "ask": f'<path class="c-line" d="{_PEBBLE}M8.3 7a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.6-.8 1.2M10.1 12v.1"/>',
    "phone": '<path class="c-line" d="M7 1.8h6a1.2 1.2 0 0 1 1.2 1.2v10a1.2 1.2 0 0 1-1.2 1.2H7A1.2 1.2 0 0 1 5.8 13V3'
    'A1.2 1.2 0 0 1 7 1.8zM9.4 11.8h1.2"/>',
}


def chip_svg(mark: str) -> str:
    """The 20 x 16 pebble of a status chip: ``solid slash dash dots times ask phone``. Always beside a word."""
    return (
        '<svg class="pebble" width="20" height="16" viewBox="0 0 20 16" aria-hidden="true" focusable="false">'
        f"{_CHIP_MARKS[mark]}</svg>"
    )


_LOGO = (
    (
        "slate",
        1,
        "M2 26.6c0-3.2.7-4.7 3.8-5.2 5.6-.8 14-.8 19.8-.2 3.2.3 4.4 1.9 4.4 5.2s-1.3 5.4-4.5 5.6H6.3"
        "C3.2 31.8 2 30 2 26.6z",
    ),
    (
        "moss",
        1,
        "M5.6 16c0-2.7.9-4.3 3.7-4.7 4.2-.6 9.4-.8 13.2-.4 2.6.3 3.7 1.6 3.7 4.3 0 3-1.2 4.4-3.8 4.6H9"
        "c-2.3 0-3.4-1.4-3.4-3.8z",
    ),
    ("clay", 1, "M10.4 6.2c0-3 2-5.1 5.3-5.3 3.5-.2 6 1.8 6 4.8 0 2.6-1.2 3.8-3.6 4h-4.5c-2.1 0-3.2-1.2-3.2-3.5z"),
)


def logo_svg(*, label: str | None = None, standalone: bool = False) -> str:
    """The mark of Fieldstone: a cairn of three stones, clay on moss on slate."""
    ink = Ink(standalone)
    body = "".join(f'<g{ink.group(f, "earned")}><path{ink.fill(f, i)} d="{d}"/></g>' for f, i, d in _LOGO)
    return svg(
        body, width=32, height=34, label=label, css="logo", standalone=standalone, size=' width="32" height="34"'
    )
