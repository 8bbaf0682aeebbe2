"""Counts about learners as they may be shown: never a group of 1 to 10 people, whatever filter is set.

What is counted (work on a micro-credential, a credential earned, a person) is divided into disjoint cells: one cohort
(the one that the person joined last), one period (the year of the start) and one group (how far it came, how many
tries it took, what came after). A cell lists the person of each thing that is counted, so that both are known: how
many things, which is what is shown, and how many people, which decides whether it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from fieldstone.outcomes import THRESHOLD, release

PERIODS = ("this_year", "last_year", "earlier")
FILTERS = ("all", "this_year", "last_year")
"""What may be asked for. "earlier" is never shown by itself; it is counted so that nobody can work it out."""
STEPS = ("started", "sent", "earned")
"""How far work on a micro-credential came: begun only, evidence sent but not earned yet, earned."""
TRIES = ("1", "2", "3", "4")
"""Submissions until a credential; "4" is four or more."""
AFTER = ("nothing", "began", "next", "stack")
"""What came after the first credential, the furthest thing: nothing yet, another begun, another earned, a stack."""

Cells = Mapping[tuple[str, str, str], Sequence[str]]
"""(cohort, period, group) to the person of each thing that is counted there."""


def period_of(day: date, today: date) -> str:
    """The period that a day lies in."""
    ago = today.year - day.year
    return PERIODS[0] if ago <= 0 else PERIODS[1] if ago == 1 else PERIODS[2]


def in_period(day: date, period: str, today: date) -> bool:
    """Whether a day lies in what was asked for."""
    return period == "all" or period_of(day, today) == period


@dataclass(frozen=True)
class Shown:
    """Counts by group, and their total, as they may be shown; None stands for hidden."""

    cells: Mapping[str, int | None]
    total: int | None
    small: bool = False
    """Whether there are so few people in all that nothing is shown."""


def _within(cells: Cells, cohort: str | None, period: str, groups: Iterable[str]) -> list[str]:
    wanted = set(groups)
    return [
        who
        for (c, p, g), people in cells.items()
        if (cohort is None or c == cohort) and period in ("all", p) and g in wanted
        for who in people
    ]


def _people(cells: Cells, cohort: str | None, period: str, groups: Iterable[str]) -> int:
    return len(set(_within(cells, cohort, period, groups)))


def _safe(cells: Cells, cohort: str | None, period: str, groups: Sequence[str]) -> bool:
    """Whether this number can be shown beside the same number of every other cohort and of every other period."""
    if cohort is not None:
        others = {c: _people(cells, c, period, groups) for c in {c for c, _p, _g in cells} | {cohort}}
        if release(others).cells[cohort] is None:
            return False
    if period != "all":
        years = {p: _people(cells, cohort, p, groups) for p in PERIODS}
        if release(years).cells[period] is None:
            return False
    return True


def shown(cells: Cells, groups: Sequence[str], *, cohort: str | None = None, period: str = "all") -> Shown:
    """The counts of one cohort (None: everybody) and period that may be shown.

    The total is hidden where fewer than 11 people stand behind it, or where such a number could be worked out from
    the other cohorts or periods; then all of it is. The groups are hidden together where one of them could be worked
    out so; otherwise as `outcomes.release` decides.
    """
    whole = {group: len(_within(cells, cohort, period, [group])) for group in groups}
    total, people = sum(whole.values()), _people(cells, cohort, period, groups)
    nothing = dict.fromkeys(groups)
    if total == len(_within(cells, None, "all", groups)):  # the filter leaves nobody out: the same as no filter
        cohort, period = None, "all"
    if 0 < people < THRESHOLD or not _safe(cells, cohort, period, groups):
        return Shown(nothing, None, 0 < people < THRESHOLD)
    if not all(_safe(cells, cohort, period, [group]) for group in groups):
        return Shown(nothing, total)
    released = release({group: _people(cells, cohort, period, [group]) for group in groups})
    return Shown({g: whole[g] if released.cells[g] is not None else None for g in groups}, total)


def together(cells: Mapping[str, int | None], names: Iterable[str], total: int | None) -> int | None:
    """A sum of groups, from themselves or from the total less the others; None where both hold a hidden one."""
    wanted = set(names)
    inside = [n for name, n in cells.items() if name in wanted]
    outside = [n for name, n in cells.items() if name not in wanted]
    if all(n is not None for n in inside):
        return sum(n for n in inside if n is not None)
    if total is not None and all(n is not None for n in outside):
        return total - sum(n for n in outside if n is not None)
    return None


def more_than(people: int) -> int | None:
    """A count as "more than 10", "more than 20"…, so that it cannot be set against other figures; None below 11."""
    return (people - 1) // 10 * 10 if people >= THRESHOLD else None


def quantile(values: Sequence[int], share: float) -> int:
    """The smallest value that at least this share of the values do not exceed (nearest rank)."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


@dataclass(frozen=True)
class Course:
    """Credentials issued in one stretch of time; `count` None is hidden. `start` is its first day."""

    start: date
    count: int | None


@dataclass(frozen=True)
class Courses:
    """Credentials over time: `months` is the length of a stretch; `total` None where it would give one away."""

    months: int
    rows: list[Course]
    total: int | None


def courses(issued: Iterable[tuple[date, str]], first: date, last: date) -> Courses:
    """Credentials by month, or by quarter or year where months would have to be hidden.

    `issued` are the day and the person of each credential. A stretch is hidden where 1 to 10 people earned in it,
    or where such a one could be worked out.
    """
    within = [(day, who) for day, who in issued if first <= day <= last]
    found = [_courses(within, first, last, months) for months in (1, 3, 12)]
    return next((each for each in found if all(row.count is not None for row in each.rows)), found[0])


def _courses(issued: Sequence[tuple[date, str]], first: date, last: date, months: int) -> Courses:
    people: dict[date, set[str]] = {start: set() for start in _starts(first, last, months)}
    counts: Counter[date] = Counter()
    for day, who in issued:
        counts[_start(day, months)] += 1
        people[_start(day, months)].add(who)
    safe = release({start.isoformat(): len(who) for start, who in people.items()})
    rows = [Course(start, counts[start] if safe.cells[start.isoformat()] is not None else None) for start in people]
    return Courses(months, rows, len(issued) if safe.total is not None else None)


def _start(day: date, size: int) -> date:
    return date(day.year, (day.month - 1) // size * size + 1, 1)


def _starts(first: date, last: date, size: int) -> list[date]:
    found = [_start(first, size)]
    while True:
        months = found[-1].year * 12 + found[-1].month - 1 + size
        following = date(months // 12, months % 12 + 1, 1)
        if following > last:
            return found
        found.append(following)
