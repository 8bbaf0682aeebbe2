"""When each chosen offer is worked on, by one learner with so many hours a week.

Never idle while something can be done; first comes what others wait for that close, then what closes itself; else what
is begun is finished before the next begins, the shortest first. Moments are exact: hundredths of an hour of work since
the start.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from .program import Task, hundredths


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Work on one offer without a break, in hundredths of an hour since the start."""

    index: int
    begins: Fraction
    ends: Fraction


def schedule(task: Task, groups: Mapping[int, Sequence[Sequence[int]]]) -> list[Stretch]:
    """Put the chosen offers in order. Some order must be possible.

    `groups` has, for each chosen offer and each prerequisite that is still to be met, the chosen offers of which one
    must be done before.
    """
    named = [date for index in groups for date in (task.offers[index].opens_at, task.offers[index].closes_at)]
    dates = [task.work_until(date) for date in named if date is not None]
    parts = math.lcm(1, *(date.denominator for date in dates))

    def whole(date: datetime | None, none: int) -> int:
        """A moment in whole parts of a hundredth of an hour, because whole numbers are quick."""
        return none if date is None else max(0, int(task.work_until(date) * parts))

    left = {index: hundredths(task.offers[index].effort) * parts for index in groups}
    never = sum(left.values()) + int(max(dates, default=Fraction(0)) * parts) + 1
    opens = {index: whole(task.offers[index].opens_at, 0) for index in left}
    closes = {index: whole(task.offers[index].closes_at, never) for index in left}
    due = _due(groups, closes, never)
    done: set[int] = set()
    found: list[tuple[int, int, int]] = []
    now = 0
    current: int | None = None

    def soon(one: int) -> int:
        """When it closes; what has closed was begun in time, and can wait."""
        return closes[one] if closes[one] > now else never

    while left:
        ready = [index for index in left if all(any(one in done for one in group) for group in groups[index])]
        begun = [index for index in ready if opens[index] <= now]
        if not begun:
            now = min(opens[index] for index in ready)
            continue
        index = min(begun, key=lambda one: (due[one], soon(one), one != current, left[one], one))
        ends = min([now + left[index], *(opens[one] for one in left if opens[one] > now and due[one] < due[index])])
        begins = now
        if found and found[-1][0] == index and found[-1][2] == now:
            begins = found.pop()[1]
        found.append((index, begins, ends))
        left[index] -= ends - now
        now, current = ends, index
        if not left[index]:
            del left[index]
            done.add(index)
    return [Stretch(index=one, begins=Fraction(start, parts), ends=Fraction(end, parts)) for one, start, end in found]


def _due(groups: Mapping[int, Sequence[Sequence[int]]], closes: Mapping[int, int], never: int) -> dict[int, int]:
    """By when each offer must be done, because something closes that waits for it."""
    due = dict.fromkeys(groups, never)
    for index in groups:
        agenda = [index]
        while agenda:
            for group in groups[agenda.pop()]:
                for one in group:
                    if due[one] > closes[index]:
                        due[one] = closes[index]
                        agenda.append(one)
    return due
