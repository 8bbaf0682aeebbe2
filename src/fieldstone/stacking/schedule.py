"""When each chosen offer is worked on, by one learner with so many hours a week.

Never idle while something can be done; first comes what others wait for that close, then what closes itself; else what
is begun is finished before the next begins, the shortest first. Moments are exact: hundredths of an hour of work since
the start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    left = {index: Fraction(hundredths(task.offers[index].effort)) for index in groups}
    opens = {index: _opens(task, index) for index in left}
    closes = {index: _closes(task, index) for index in left}
    due = _due(task, groups)
    done: set[int] = set()
    found: list[Stretch] = []
    now = Fraction(0)
    current: int | None = None

    def soon(one: int) -> tuple[int, Fraction]:
        """When it closes; what has closed was begun in time, and can wait."""
        return closes[one] if closes[one] > (0, now) else _NEVER

    while left:
        ready = [index for index in left if all(any(one in done for one in group) for group in groups[index])]
        begun = [index for index in ready if opens[index] <= now]
        if not begun:
            now = min(opens[index] for index in ready)
            continue
        index = min(begun, key=lambda one: (due.get(one, _NEVER), soon(one), one != current, left[one], one))
        later = [opens[one] for one in left if opens[one] > now and due.get(one, _NEVER) < due.get(index, _NEVER)]
        ends = min([now + left[index], *later])
        if found and found[-1].index == index and found[-1].ends == now:
            found[-1] = Stretch(index=index, begins=found[-1].begins, ends=ends)
        else:
            found.append(Stretch(index=index, begins=now, ends=ends))
        left[index] -= ends - now
        now, current = ends, index
        if not left[index]:
            del left[index]
            done.add(index)
    return found


_NEVER = (1, Fraction(0))


def _opens(task: Task, index: int) -> Fraction:
    opens = task.offers[index].opens_at
    return Fraction(0) if opens is None else max(Fraction(0), task.work_until(opens))


def _closes(task: Task, index: int) -> tuple[int, Fraction]:
    closes = task.offers[index].closes_at
    return _NEVER if closes is None else (0, task.work_until(closes))


def _due(task: Task, groups: Mapping[int, Sequence[Sequence[int]]]) -> dict[int, tuple[int, Fraction]]:
    """By when each offer must be done, because something closes that waits for it."""
    due: dict[int, tuple[int, Fraction]] = {}
    for index in groups:
        last = _closes(task, index)
        agenda = [index]
        while agenda and last < _NEVER:
            for group in groups[agenda.pop()]:
                for one in group:
                    if due.get(one, _NEVER) > last:
                        due[one] = last
                        agenda.append(one)
    return due
