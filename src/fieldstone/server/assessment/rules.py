"""Decisions of assessment: pure functions from a rubric and scores to an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fieldstone.server.catalog.rules import CANNOT_TELL, Criterion

STATES = ("checking", "scoring", "moderating", "confirming", "decided")
"""checking: is everything there · scoring: assessors at work · moderating: they differ · confirming: the
approver reads · decided."""
OUTCOMES = ("demonstrated", "not_yet", "incomplete", "withdrawn")
SEATS = ("first", "second", "approver", "moderator", "appeal")

Scores = Mapping[str, str]
"""Criterion id to level id, or "cannot_tell"."""


@dataclass(frozen=True)
class Outcome:
    """What follows from the scores so far.

    `state` is the review's next state; when it is "decided", `outcome` and one level per criterion are final.
    `differing` names criteria on which two blind assessors disagree about "demonstrated".
    """

    state: str
    outcome: str = ""
    levels: Mapping[str, str] | None = None
    differing: tuple[str, ...] = ()


def shown(criterion: Criterion, level_id: str) -> bool:
    """Whether this level of this criterion counts as demonstrated. "Cannot tell" does not."""
    level = criterion.level(level_id)
    return level is not None and level.demonstrated


def verdict(criteria: Sequence[Criterion], levels: Scores) -> str:
    """"demonstrated" when every criterion is; "not_yet" otherwise."""
    return "demonstrated" if all(shown(c, levels[c.id]) for c in criteria) else "not_yet"


def decide(
    criteria: Sequence[Criterion],
    *,
    two_person: str,
    first: Scores | None,
    second: Scores | None = None,
    approved: bool | None = None,
    moderator: Scores | None = None,
) -> Outcome:
    """The outcome of complete score sheets (None while a sheet is not handed in).

    `two_person` "approver": the first assessor's sheet stands once the approver confirms it; if the approver
    does not, a moderator decides. "double_blind": two sheets; where they agree on every criterion whether it
    is demonstrated, the first sheet's levels stand (a lower level of the two, if both count); where they
    differ a moderator decides the criteria in dispute.
    """
    if first is None:
        return Outcome("scoring")
    if two_person == "approver":
        if approved is None:
            return Outcome("confirming")
        if approved:
            return Outcome("decided", verdict(criteria, first), dict(first))
        if moderator is None:
            return Outcome("moderating")
        return Outcome("decided", verdict(criteria, moderator), dict(moderator))
    if second is None:
        return Outcome("scoring")
    agreed: dict[str, str] = {}
    differing: list[str] = []
    for criterion in criteria:
        a, b = first[criterion.id], second[criterion.id]
        if shown(criterion, a) == shown(criterion, b) and CANNOT_TELL not in (a, b):
            order = [level.id for level in criterion.levels]
            agreed[criterion.id] = max(a, b, key=order.index)
        elif a == b:
            agreed[criterion.id] = a
        else:
            differing.append(criterion.id)
    if not differing:
        return Outcome("decided", verdict(criteria, agreed), agreed)
    if moderator is None:
        return Outcome("moderating", differing=tuple(differing))
    for name in differing:
        agreed[name] = moderator[name]
    return Outcome("decided", verdict(criteria, agreed), agreed, tuple(differing))


def add_business_days(start: datetime, days: int, holidays: Iterable[date] = ()) -> datetime:
    """The moment `days` business days after `start` (Monday to Friday, without `holidays`), same time of day."""
    closed = set(holidays)
    moment = start
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < 5 and moment.date() not in closed:
            days -= 1
    return moment


def business_days_between(start: datetime, end: datetime) -> int:
    """Whole business days from `start` to `end`; negative when `end` lies before."""
    if end < start:
        return -business_days_between(end, start)
    count, day = 0, start.date()
    while day < end.date():
        day += timedelta(days=1)
        count += day.weekday() < 5
    return count
