"""Walls: the picture of a stack of micro-credentials, one stone each, and the strips made of stones.

A wall is filled from the bottom left: earned stones by date, then in review, draft, missing, so a stone
that is set keeps its place. It is drawn from identifiers and clock hours alone (see ``stones``), is an image
with a one-sentence label, and always stands above a list that carries the same facts and the links.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from .stones import (
    Corner,
    Ink,
    Point,
    Stone,
    digest,
    flatten,
    glyph_path,
    hatch,
    jitter,
    num,
    path_of,
    round_by_length,
    span_at,
    state_of,
    svg,
    tone,
)

_ORDER = {"earned": 0, "review": 1, "draft": 2, "missing": 3}
CAPSTONE = 30.0
GAP = 2.0
NARROWEST = 30.0
"""No stone of a wall is narrower than this, whatever its hours: its glyph must fit."""


@dataclass(frozen=True)
class Course:
    """One row of a wall: its stones and, in drawing units, the y of its nominal bottom and its height."""

    stones: tuple[Stone, ...]
    bottom: float
    height: float


def arrange(stones: Sequence[Stone]) -> list[Stone]:
    """Earned by date (undated last), then in review, draft, missing; otherwise in the order given."""

    def key(stone: Stone) -> tuple[int, date]:
        state = state_of(stone.state)
        return _ORDER[state], (stone.earned_on or date.max) if state == "earned" else date.min

    return sorted(stones, key=key)


def rows(n: int, *, sequence: bool = False) -> list[int]:
    """How many stones each course holds, bottom first. Three or fewer in sequence make a cairn, one each."""
    if n <= 0:
        return []
    r = n if sequence and n <= 3 else max(1, round(math.sqrt(0.9 * n)))
    q, extra = divmod(n, r)
    return [q + (1 if i < extra else 0) for i in range(r)]


def course_height(i: int, r: int, h0: float) -> float:
    """Height of course i of r: heavier at the bottom."""
    return h0 if r == 1 else h0 * (1.1 - 0.2 * i / (r - 1))


def wall_width(n: int, *, sequence: bool = False) -> float:
    """The width of drawing that keeps the glyphs of n stones readable."""
    counts = rows(n, sequence=sequence)
    if len(counts) == n:
        return 176.0
    return 250.0 if max(counts) < 3 else max(340.0, 96.0 * max(counts))


def joints_of(course: Sequence[Stone], i: int, width: float, below: Sequence[float]) -> list[float]:
    """x of the ends of the stones in course i, left to right, kept 18 away from the inner joints below."""
    inset = 5 * i + 3
    shares = [math.sqrt(max(s.hours, 0.25)) * (1 + 0.16 * jitter(digest(s.id), 30)) for s in course]
    scale = (width - 2 * inset) / sum(shares)
    xs = [float(inset)]
    for share in shares:
        xs.append(xs[-1] + share * scale)
    for k in range(1, len(xs) - 1):
        for joint in below[1:-1]:
            if abs(xs[k] - joint) < 18:
                xs[k] = joint + (18 if xs[k] >= joint else -18)
    return _spread(xs)


def _spread(xs: list[float]) -> list[float]:
    """Push inner joints apart to NARROWEST, first from the right, then from the left; the ends stay."""
    n = len(xs) - 1
    least = min(NARROWEST, (xs[n] - xs[0]) / n)
    for k in range(n - 1, 0, -1):
        xs[k] = min(xs[k], xs[k + 1] - least)
    for k in range(1, n):
        xs[k] = max(xs[k], xs[k - 1] + least)
    return xs


class _Builder:
    """The measures of one wall while it is drawn."""

    def __init__(self, stack_id: str, stones: Sequence[Stone], width: float, h0: float, sequence: bool) -> None:
        self.seed, self.width, self.h0, self.u = digest(stack_id), width, h0, h0 / 66
        counts = rows(len(stones), sequence=sequence)
        self.r = len(counts)
        heights = [course_height(i, self.r, h0) for i in range(self.r)]
        self.total = sum(heights) + CAPSTONE + 12
        self.courses: list[Course] = []
        y, start = self.total - 6, 0
        for count, height in zip(counts, heights, strict=True):
            self.courses.append(Course(tuple(stones[start : start + count]), y, height))
            y, start = y - height, start + count
        self.top = y

    def bed(self, i: int, x: float) -> float:
        """How far the bed under course i lies from level at x; the ground is flat."""
        if i == 0:
            return 0.0
        s = self.seed
        phase = math.pi * (x / self.width) * (1.2 + s[i % 32] / 255) + s[(i + 8) % 32] / 40
        return 0.055 * self.h0 * math.sin(phase)

    def block(self, i: int, left: tuple[float, float], right: tuple[float, float], stone: Stone) -> list[Point]:
        """The nine points of a stone in course i between two joints, each given as (x at top, x at bottom)."""
        course, u, b = self.courses[i], self.u, digest(stone.id)

        def j(n: int) -> float:
            return jitter(b, n)

        def top(x: float) -> float:
            return course.bottom - course.height + self.bed(i + 1, x) + GAP

        def base(x: float) -> float:
            return course.bottom + self.bed(i, x) - GAP

        (at, ab), (bt, bb) = left, right
        at, ab, bt, bb = at + GAP, ab + GAP, bt - GAP, bb - GAP
        x1 = at + (bt - at) * (0.3 + 0.08 * j(0))
        x2 = at + (bt - at) * (0.7 + 0.08 * j(1))
        middle = (ab + bb) / 2
        return [
            (at + 2 * u, top(at) + 1.5 * u * (1 + j(2))),
            (x1, top(x1) - 0.8 * u * (1 + j(3))),
            (x2, top(x2) - 0.8 * u * (1 + j(4))),
            (bt - 2 * u, top(bt) + 2 * u * (1 + j(5))),
            ((bt + bb) / 2 + 1.2 * u * j(6), (top(bt) + base(bb)) / 2 + 6 * u * j(7)),
            (bb - 1, base(bb)),
            (middle, base(middle)),
            (ab + 1, base(ab)),
            ((at + ab) / 2 + 1.2 * u * j(8), (top(at) + base(ab)) / 2 + 6 * u * j(9)),
        ]

    def capstone(self, stack_id: str) -> list[Point]:
        """The slab across the top: the stack's own credential."""
        b, y, w = digest(stack_id + "cap"), self.top, self.width
        left, right = 5.0 * self.r - 6, w - 5 * self.r + 6

        def bed(x: float) -> float:
            return y + self.bed(self.r, x) - 2

        return [
            (left, y - 24 + jitter(b, 0)),
            (0.3 * w, y - 29 + jitter(b, 1)),
            (0.68 * w, y - 28 + jitter(b, 2)),
            (right, y - 25 + jitter(b, 3)),
            (right - 5, bed(right - 5)),
            (w / 2, bed(w / 2)),
            (left + 5, bed(left + 5)),
        ]


def _face(points: Sequence[Point], u: float) -> list[Point]:
    ys = [y for _, y in points]
    center = (min(ys) + max(ys)) / 2
    return [(x, y - 4.5 * u if y > center + 8 * u else y) for x, y in points]


def _center(points: Sequence[Point]) -> Point:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _top_marks(b: bytes, face: Sequence[Point], u: float) -> str:
    """Three flecks along the upper edge."""
    xs = [p[0] for p in face]
    left, right = min(xs), max(xs)
    parts = []
    for i in range(3):
        x = left + (right - left) * (0.17 + 0.29 * i + 0.05 * jitter(b, 21 + i))
        y = _upper(face, x) + u * (7 + 2 * jitter(b, 18 + i))
        parts.append(
            f"M{num(x)} {num(y)}l{num(u * (4.6 + 1.2 * jitter(b, 24 + i)))} {num(u * 1.5 * jitter(b, 27 + i))}"
        )
    return "".join(parts)


def _upper(polygon: Sequence[Point], x: float) -> float:
    turned = [(y, px) for px, y in polygon]
    return span_at(turned, x)[0]


def _seam_lines(b: bytes, level: int, face: Sequence[Point], u: float) -> str:
    ys = [p[1] for p in face]
    low = max(ys)
    parts = []
    for i in range(level - 1):
        y = low - u * (9 + 6 * i)
        left, right = span_at(face, y)
        middle = ((left + right) / 2, y + u * jitter(b, 17 + i))
        parts.append(
            f"M{num(left + 9 * u)} {num(y)}Q{num(middle[0])} {num(middle[1])} "
            f"{num(right - 9 * u)} {num(y + 0.8 * u * jitter(b, 19 + i))}"
        )
    return "".join(parts)


def _draw(
    stone: Stone, points: Sequence[Point], u: float, *, standalone: bool, scale: float, plain: bool = False
) -> str:
    """One stone of a wall in its state; ``plain`` leaves out flecks and seams."""
    ink, state, b = Ink(standalone), state_of(stone.state), digest(stone.id)
    corners = round_by_length(points, 9 * u)
    whole = path_of(corners)
    if state == "earned":
        face = round_by_length(_face(points, u), 9 * u)
        flat = flatten(face)
        cx, cy = _center(flat)
        body = (
            f'<path{ink.fill(stone.family, 0)} d="{whole}"/>'
            f'<path{ink.fill(stone.family, tone(stone.id))} d="{path_of(face)}"/>'
        )
        if not plain:
            body += f'<path{ink.light("fl")} d="{_top_marks(b, flat, u)}"/>'
            seams = _seam_lines(b, stone.level, flat, u)
            body += f'<path{ink.light("se")} d="{seams}"/>' if seams else ""
    else:
        flat = flatten(corners)
        cx, cy = _center(flat)
        body = f'<path{ink.line(state)} d="{whole}"/>'
        if state == "review":
            body += f'<path{ink.hatch()} d="{hatch(flat, spare=(cx, cy, 14 * scale))}"/>'
    body += glyph_path(stone.glyph, (cx, cy), scale, ink.glyph(state))
    return f"<g{ink.group(stone.family, state)}>{body}</g>"


def wall_svg(
    stack_id: str,
    stones: Sequence[Stone],
    *,
    cap: Stone | None = None,
    sequence: bool = False,
    width: float | None = None,
    height: float = 66.0,
    label: str | None = None,
    css: str = "",
    sort: bool = True,
    standalone: bool = False,
) -> str:
    """The wall of a stack as SVG text.

    ``cap`` is the stack's own credential, drawn solid only when its state is earned; None leaves it out.
    ``sequence`` turns three or fewer into a cairn. ``width`` and ``height`` (of a course) are in drawing units.
    ``sort`` False keeps the order given (a place frozen at first award). ``css`` adds a class on pages.
    Raises ValueError for an unknown state."""
    ordered = arrange(stones) if sort else list(stones)
    n = len(ordered)
    w = width or (wall_width(n, sequence=sequence) if n else 340.0)
    build = _Builder(stack_id, ordered, w, height, sequence)
    parts = []
    below: list[float] = []
    for i, course in enumerate(build.courses):
        xs = joints_of(course.stones, i, w, below)
        ends = []
        for k, x in enumerate(xs):
            inner = 0 < k < len(xs) - 1
            lean = 0.07 * height * jitter(digest(course.stones[k].id), 29) if inner else 0.0
            ends.append((x + lean, x - lean))
        for k, stone in enumerate(course.stones):
            points = build.block(i, ends[k], ends[k + 1], stone)
            parts.append(_draw(stone, points, build.u, standalone=standalone, scale=1.3 * build.u))
        below = xs
    if cap is not None:
        parts.append(_draw(cap, build.capstone(stack_id), 1.0, standalone=standalone, scale=0.75, plain=True))
    ground = ' stroke="#6B7679" stroke-width="2"' if standalone else ' class="ground"'
    y = num(build.total - 3)
    parts.append(f'<path{ground} d="M0 {y}H{num(w)}"/>')
    start = 0.0 if cap is not None else CAPSTONE
    return _crop(
        svg(
            "".join(parts),
            width=w,
            height=build.total,
            label=label,
            css=" ".join(filter(None, ("wall", css))),
            standalone=standalone,
        ),
        w,
        build.total,
        start,
    )


def _crop(text: str, w: float, h: float, start: float) -> str:
    if not start:
        return text
    return text.replace(f'viewBox="0 0 {num(w)} {num(h)}"', f'viewBox="0 {num(start)} {num(w)} {num(h - start)}"', 1)


# --- strips ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One part of a course: how much (hours, promises, any count), its state, its color and identity."""

    amount: float
    state: str = "earned"
    family: str = "moss"
    id: str = ""


def _strip_block(identifier: str, x0: float, x1: float, top: float, base: float) -> list[Corner]:
    b = digest(identifier)
    lift = min(2.4, (x1 - x0) / 20)
    points: list[Point] = [
        (x0, top + lift + 0.6 * jitter(b, 0)),
        (x0 + (x1 - x0) * (0.5 + 0.16 * jitter(b, 1)), top + 0.4 * (1 + jitter(b, 2))),
        (x1, top + lift + 0.6 * jitter(b, 3)),
        (x1 - 0.4, base),
        (x0 + 0.4, base),
    ]
    return round_by_length(points, 5)


def course_svg(
    runs: Sequence[Run],
    *,
    total: float | None = None,
    label: str | None = None,
    height: float = 26.0,
    standalone: bool = False,
) -> str:
    """A single course of stones, widths in proportion to amounts; what is left of ``total`` is dotted.

    States as for stones, plus ``broken`` (clay outline). Used for counted hours and for promises."""
    width = 576.0
    asked = sum(r.amount for r in runs)
    full = max(total or 0.0, asked)
    todo = [r for r in runs if r.amount > 0]
    if full > asked:
        todo.append(Run(full - asked, "missing", id="rest"))
    ink = Ink(standalone)
    parts = []
    x = 1.5
    for k, run in enumerate(todo):
        wide = max((width - 3) * run.amount / full, 14.0)
        x1 = min(x + wide, width - 1.5)
        corners = _strip_block(f"{run.id}{k}", x, x1 - 3, 1.5, height - 1.5)
        if run.state == "broken":
            d = path_of(corners)
            clay = ' fill="none" stroke="#93431E" stroke-width="2"' if standalone else ' class="ol"'
            group = "" if standalone else ' class="s-broken"'
            parts.append(f'<g{group}><path{clay} d="{d}"/></g>')
        else:
            parts.append(_strip_part(ink, run, corners, k))
        x = x1
    return svg("".join(parts), width=width, height=height, label=label, css="hours-course", standalone=standalone)


def _strip_part(ink: Ink, run: Run, corners: Sequence[Corner], k: int) -> str:
    state, d = state_of(run.state), path_of(corners)
    if state == "earned":
        body = f'<path{ink.fill(run.family, tone(run.id or str(k)))} d="{d}"/>'
    else:
        body = f'<path{ink.line(state)} d="{d}"/>'
        if state == "review":
            body += f'<path{ink.hatch()} d="{hatch(flatten(corners), 5.5)}"/>'
    return f"<g{ink.group(run.family, state)}>{body}</g>"


def hours_course_svg(runs: Sequence[Run], *, total: float, label: str | None = None, standalone: bool = False) -> str:
    """Hours counted toward a stack: one stone per credential, hatched while in review, the rest dotted."""
    return course_svg(runs, total=total, label=label, standalone=standalone)


def strip_svg(seed: str, *, courses: int = 2, width: float = 780.0, standalone: bool = True) -> str:
    """A low wall without words, for the foot of a certificate. Decoration: hidden from screen readers."""
    ink = Ink(standalone)
    parts = []
    height = 30.0 * courses + 2
    for c in range(courses):
        b = digest(f"{seed}/{c}")
        shares = [0.5 + b[i] / 255 for i in range(10)]
        left = 3.0 + 5 * c
        scale = (width - 2 * left) / sum(shares)
        x, base = left, height - 1 - 30 * c
        for i, share in enumerate(shares):
            x1 = x + share * scale
            family = "slate" if b[i + 10] % 3 == 0 else "moss"
            foot = _strip_block(f"{seed}{c}{i}", x + 2, x1 - 2, base - 26, base)
            face = _strip_block(f"{seed}{c}{i}", x + 2, x1 - 2, base - 26, base - 2)
            parts.append(
                f'<g{ink.group(family, "earned")}><path{ink.fill(family, 0)} d="{path_of(foot)}"/>'
                f'<path{ink.fill(family, b[i + 20] % 3 + 1)} d="{path_of(face)}"/></g>'
            )
            x = x1
    return svg("".join(parts), width=width, height=height, label=None, css="strip", standalone=standalone)


@lru_cache(maxsize=1)
def footer_course_svg() -> str:
    """The course of stones above the footer: one tile, repeated across any width. Decoration."""
    width, height = 690.0, 30.0
    b = digest("footer")
    shares = [0.6 + b[i] / 255 for i in range(10)]
    scale = width / sum(shares)
    x, parts = 0.0, []
    for i, share in enumerate(shares):
        x1 = x + share * scale
        top = 0.5 + 6 * b[i + 10] / 255
        peak = x + (x1 - x) * (0.2 + 0.5 * b[i + 20] / 255)
        points: list[Point] = [
            (x + 1.2, top + 2.5 + b[i + 12] / 100),
            (peak, top),
            (x1 - 1.2, top + 2.5 + b[i + 15] / 100),
            (x1 - 1.2, height + 8),
            (x + 1.2, height + 8),
        ]
        parts.append(path_of(round_by_length(points, 7)))
        x = x1
    return (
        '<svg class="footer-course" width="100%" height="30" aria-hidden="true" focusable="false">'
        f'<defs><pattern id="footer-course" width="{num(width)}" height="30" patternUnits="userSpaceOnUse">'
        f'<path d="{"".join(parts)}"/></pattern></defs>'
        '<rect width="100%" height="30" fill="url(#footer-course)"/></svg>'
    )
