"""Decisions of assessment: pure functions from a rubric and scores to an outcome."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from fieldstone.server.catalog.rules import CANNOT_TELL, Criterion
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

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


def verdict(criteria: Sequence[Criterion], levels: Scores) -> str:
    """ "demonstrated" when every criterion is; "not_yet" otherwise."""
    return "demonstrated" if all(c.shown_at(levels[c.id]) for c in criteria) else "not_yet"


def decide(
    criteria: Sequence[Criterion],
    *,
    two_person: str,
    first: Scores | None,
    second: Scores | None = None,
    approved: bool | None = None,
    moderator: Scores | None = None,
    confirm: bool = False,
) -> Outcome:
    """The outcome of complete score sheets (None while a sheet is not handed in).

    `two_person` "approver": the first assessor's sheet stands once the approver confirms it; if the approver
    does not, a moderator decides. "double_blind": two sheets; where they agree on every criterion whether it
    is demonstrated, the first sheet's levels stand (a lower level of the two, if both count); where they
    differ a moderator decides the criteria in dispute. `confirm`: a sheet came from somebody who is not
    calibrated or has no account, so that even two sheets that agree wait for an approver.
    """
    if first is None:
        return Outcome("scoring")
    if two_person == "approver":
        return _confirmed(criteria, first, approved, moderator)
    if second is None:
        return Outcome("scoring")
    agreed: dict[str, str] = {}
    differing: list[str] = []
    for criterion in criteria:
        a, b = first[criterion.id], second[criterion.id]
        if criterion.shown_at(a) == criterion.shown_at(b) and CANNOT_TELL not in (a, b):
            order = [level.id for level in criterion.levels]
            agreed[criterion.id] = max(a, b, key=order.index)
        elif a == b:
            agreed[criterion.id] = a
        else:
            differing.append(criterion.id)
    if not differing:
        if confirm:
            return _confirmed(criteria, agreed, approved, moderator)
        return Outcome("decided", verdict(criteria, agreed), agreed)
    if moderator is None:
        return Outcome("moderating", differing=tuple(differing))
    for name in differing:
        agreed[name] = moderator[name]
    return Outcome("decided", verdict(criteria, agreed), agreed, tuple(differing))


def _confirmed(
    criteria: Sequence[Criterion], sheet: Scores, approved: bool | None, moderator: Scores | None
) -> Outcome:
    """A sheet that stands if the approver says so; otherwise a moderator scores every criterion anew."""
    if approved is None:
        return Outcome("confirming")
    if approved:
        return Outcome("decided", verdict(criteria, sheet), dict(sheet))
    names = tuple(c.id for c in criteria)
    if moderator is None:
        return Outcome("moderating", differing=names)
    return Outcome("decided", verdict(criteria, moderator), {name: moderator[name] for name in names}, names)


def judged(criteria: Sequence[Criterion], *, asked: Iterable[str], earlier: Scores) -> tuple[Criterion, ...]:
    """The criteria that this submission has to show: those asked for, and any that never were demonstrated.

    `earlier` are the levels of this learner's decided reviews; a criterion that counts there and is not asked
    for again is carried over.
    """
    wanted = set(asked)
    return tuple(c for c in criteria if c.id in wanted or not c.shown_at(earlier.get(c.id, "")))


def sheet_problems(criteria: Sequence[Criterion], lines: Mapping[str, Line]) -> list[Problem]:
    """What keeps a score sheet from being handed in: every criterion needs a level, "not yet" needs words."""
    problems = []
    for criterion in criteria:
        line = lines.get(criterion.id, Line())
        if not line.level:
            problems.append(Problem(f"level-{criterion.id}", _("Choose a level for this criterion.")))
        elif not criterion.shown_at(line.level) and not line.comment.strip() and not line.phrases:
            problems.append(
                Problem(f"comment-{criterion.id}", _("Say what is missing: write a comment or choose a phrase."))
            )
    return problems


@dataclass(frozen=True)
class Line:
    """One line of a score sheet; `phrases` are texts in both languages."""

    level: str = ""
    comment: str = ""
    phrases: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Standing:
    """What decides whether one person may take seats: her roles in the organization and her history.

    `seated` and `conflicted` are ids of reviews, `calibrated` and `with_exemplars` ids of micro-credentials.
    """

    person: UUID
    roles: frozenset[str]
    seated: frozenset[UUID] = frozenset()
    conflicted: frozenset[UUID] = frozenset()
    calibrated: frozenset[UUID] = frozenset()
    with_exemplars: frozenset[UUID] = frozenset()


def why_not(
    kind: str, standing: Standing, *, review: UUID, learner: UUID, micro_credential: UUID, confirm: bool
) -> str:
    """Why this person may not take a seat of this kind; empty when nothing stands in the way.

    Whoever scores is calibrated where exemplars exist; without any, an approver has to confirm the result.
    `confirm`: the review needs an approver, so that a moderator or an appeal must be one.
    """
    if learner == standing.person:
        return _("This is your own submission.")
    if review in standing.conflicted:
        return _("You handed this one on.")
    if review in standing.seated:
        return _("You already sit in this review.")
    if kind == "approver" or (confirm and kind in ("moderator", "appeal")):
        if "approver" not in standing.roles:
            return _("This needs an approver.")
        if kind == "approver":
            return ""
    if not standing.roles & {"assessor", "approver"}:
        return _("This needs an assessor.")
    if micro_credential in standing.with_exemplars and micro_credential not in standing.calibrated:
        return _("Calibrate on the examples of this micro-credential first.")
    return ""


COACH_AFTER = 3
"""After so many tries that did not show everything, a coach is offered."""


@dataclass(frozen=True)
class Tries:
    """How often a learner was judged on one micro-credential; submissions returned as incomplete do not count."""

    count: int
    demonstrated: bool

    @property
    def coach(self) -> bool:
        """Whether a coach is offered now."""
        return self.count >= COACH_AFTER and not self.demonstrated


def _fold(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign)).casefold()


@dataclass(frozen=True)
class Blind:
    """Hides who a learner is in her own words: her name and her place, wherever they stand capitalized."""

    name: str = ""
    place: str = ""
    hidden: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        common = {"the", "and", "del", "las", "los", "county", "city", "town", "condado", "state", "north", "south",
                  "east", "west", "center", "college"}  # fmt: skip
        words = re.findall(r"\w+", f"{self.name} {self.place}")
        folded = {_fold(word) for word in words if len(word) > 2}
        object.__setattr__(self, "hidden", frozenset(folded - common))

    def text(self, words: str) -> tuple[str, int]:
        """The words with each hidden one replaced by ▇▇▇, and how many were; e-mail addresses too."""
        count = 0

        def hide(found: re.Match[str]) -> str:
            nonlocal count
            word = found.group()
            if "@" in word or (word[0].isupper() and _fold(word) in self.hidden):
                count += 1
                return "▇▇▇"
            return word

        return re.sub(r"[\w.+-]+@[\w-]+\.[\w.-]*\w|\w+", hide, words), count


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
