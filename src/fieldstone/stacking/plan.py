"""The best set of offers to complete a stack or to be ready for a job, and when to do what.

Exact: no other set is better, and a solver has proved it. The next best set comes with it, for choosing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from .evaluation import Result, evaluate
from .holding import Holding, Offer, is_moment
from .program import WEEK, Program, Reach, Row, Task, hundredths, needs, waiting
from .readiness import Readiness, Shown, readiness
from .requirement import Amount, Count, Requirement, exact
from .schedule import Stretch, schedule
from .solver import Unsolved, criterion, solve

Goal = Requirement | Reach | tuple[Requirement | Reach, ...]
"""A stack to complete, a readiness to reach, or several of them together."""
Minimize = Literal["cost", "hours", "date"]
HOURS_IN_A_WEEK = 168
MAXIMUM_WEEKS = 5_200
HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One offer of a plan, in the order of the work.

    `begins` is when to begin or sign up: when its turn comes, or earlier where it closes before that. `works_from` is
    when its turn comes, `ends` when it is done.
    """

    offer: Offer
    begins: datetime
    works_from: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week with work in it: its number from the start, its first moment, the hours for each offer, what is done."""

    number: int
    begins: datetime
    work: tuple[tuple[Offer, Decimal], ...]
    done: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, when, and what it takes. `cost` in US cents, `hours` of work.

    `proven`: no other set is better by `minimize`; where sets are equal there, by the other sums (cost, then hours),
    then by fewer offers, then by the order of ids. `runner_up` is the best plan that does without at least one offer of
    this one, None where there is none or none was found in time. `weeks` has only weeks with work in them,
    and ends after a hundred years.
    """

    steps: tuple[PlanStep, ...]
    weeks: tuple[Week, ...]
    cost: int
    hours: Amount
    begins: datetime
    ends: datetime
    hours_a_week: Amount
    minimize: Minimize
    proven: bool
    runner_up: Plan | None

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The offers, in the order of the work."""
        return tuple(step.offer for step in self.steps)


Why = Literal["not_offered", "not_enough_shown", "prerequisites", "closed", "money", "closes", "expires"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why there is no plan.

    not_offered: `parts` (results of leaves) stay unmet with everything that is on offer.
    not_enough_shown: with everything on offer, readiness would be `share` of the `needed` one.
    prerequisites: these `credentials` are on offer, but what they require first is not.
    closed: these `credentials` are closed now, or close before they open for this learner.
    money: the least that would do is `least` cents.
    closes: these `credentials` close before what they require can be done.
    expires: these `credentials` expire before the rest could be done.
    """

    why: Why
    parts: tuple[Result, ...] = ()
    credentials: tuple[str, ...] = ()
    share: Fraction = Fraction(0)
    needed: Fraction = Fraction(0)
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """There is no plan, and why."""

    reasons: tuple[Reason, ...]


def plan(
    goal: Goal,
    holdings: Iterable[Holding],
    offers: Iterable[Offer],
    at: datetime,
    *,
    minimize: Minimize = "cost",
    hours_a_week: Amount,
    money: int | None = None,
    runner_up: bool = True,
    patience: float | None = None,
) -> Plan | Impossible:
    """Find the best set of offers with which the goal is met on the day the plan ends.

    What is in review is taken as earned. What is held and expires before the end does not count where the requirement
    asks that it be valid. Prerequisites are looked up at `at`. One learner works `hours_a_week` (0 to 168) from `at`;
    an offer is begun while it is open, once its prerequisites are done. `money`: US cents at most.
    `patience`: seconds that the solver may take for each of its questions, of which a plan asks two to some ten; what
    it has by then is not proven. Without it the answer is the same on every machine, and may take minutes for hundreds
    of offers.
    Raises ValueError where `at` has no offset, or a number is out of range; Unsolved where nothing was found in time.
    """
    task = _task(goal, holdings, offers, at, hours_a_week, money)
    ways = _Ways(task, minimize, patience)
    found = ways.best()
    if found is None:
        return Impossible(reasons=_reasons(task, patience))
    other = _next_best(ways, found) if runner_up and found.chosen else None
    second = None if other is None else _plan(other, minimize, hours_a_week, None, at.tzinfo)
    return _plan(found, minimize, hours_a_week, second, at.tzinfo)


def _next_best(ways: _Ways, found: _Found) -> _Found | None:
    """The best choice without all of what was found; None where there is none, or none was found in time."""
    try:
        return ways.best(found.chosen)
    except Unsolved:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A choice of offers, with the work in order."""

    task: Task
    chosen: tuple[int, ...]
    groups: dict[int, tuple[tuple[int, ...], ...]]
    stretches: tuple[Stretch, ...]
    proven: bool

    @property
    def end(self) -> Fraction:
        """When the last work is done, in hundredths of an hour of work."""
        return self.stretches[-1].ends if self.stretches else Fraction(0)

    @property
    def cost(self) -> int:
        return sum(self.task.offers[index].cost for index in self.chosen)

    def meets_all(self) -> bool:
        """Whether the goals are met at the end, as `evaluate` and `readiness` say."""
        end = _moment(self.task, self.end) if self.task.ending else self.task.at
        chosen = [self.task.offers[index] for index in self.chosen]
        after = [*_settled(self.task), *(offer.as_held(end) for offer in chosen)]
        return all(evaluate(each, after, end).satisfied for each in self.task.requirements) and all(
            _shown(reach, chosen).value >= exact(reach.readiness) for reach in self.task.reaches
        )


def _task(
    goal: Goal,
    holdings: Iterable[Holding],
    offers: Iterable[Offer],
    at: datetime,
    hours_a_week: Amount,
    money: int | None,
) -> Task:
    if not is_moment(at):
        raise ValueError("`at` must state its offset from UTC")
    if not 0 < hours_a_week <= HOURS_IN_A_WEEK:
        raise ValueError("hours a week are more than 0, and 168 at most")
    if money is not None and money < 0:
        raise ValueError("money is 0 cents or more")
    goals = goal if isinstance(goal, tuple) else (goal,)
    reaches = tuple(each for each in goals if isinstance(each, Reach))
    for reach in reaches:
        if exact(reach.readiness) > 1:
            raise ValueError("readiness is from 0 to 1")
        readiness(reach.asked, reach.shown)
    return Task(
        requirements=tuple(each for each in goals if not isinstance(each, Reach)),
        reaches=reaches,
        holdings=tuple(holding for holding in holdings if holding.state == "in_review" or holding.earned_by(at)),
        offers=tuple(sorted(offers, key=_order)),
        at=at.astimezone(UTC),
        pace=Fraction(hours_a_week) * 100,
        money=money,
    )


def _order(offer: Offer) -> tuple[object, ...]:
    far = datetime.max.replace(tzinfo=UTC)
    return (
        offer.credential,
        offer.level,
        offer.cost,
        offer.effort,
        offer.opens_at or datetime.min.replace(tzinfo=UTC),
        offer.closes_at or far,
        sorted(offer.hours.items()),
        sorted((skill, exact(level)) for skill, level in offer.shows.items()),
        [(need.accepted, need.level, need.valid) for need in needs(offer)],
    )


class _Ways:
    """All ways to do one task, the best first."""

    def __init__(self, task: Task, minimize: Minimize, patience: float | None) -> None:
        self.task = task
        self.patience = patience
        self.program = Program(task, date=minimize == "date")
        columns = self.program.chosen
        places = sorted(columns)
        cost = criterion({columns[index]: task.offers[index].cost for index in places})
        hours = criterion({columns[index]: self.program.work[index] for index in places})
        fewest = criterion({columns[index]: 1 for index in places})
        first = criterion({columns[index]: place for place, index in enumerate(places, 1)})
        self.criteria = [cost, hours] if minimize == "cost" else [hours, cost]
        if self.program.end is not None:
            starts = [math.ceil(task.work_until(self.program.wait.opens[index])) for index in places]
            latest = max(starts, default=0) + sum(self.program.work[index] for index in places)
            self.criteria = [criterion({self.program.end: 1}, latest), cost, hours]
        self.criteria += [fewest, first]

    def best(self, without_one_of: Sequence[int] = ()) -> _Found | None:
        """The best choice; one that leaves out at least one of the given offers, where some are given."""
        if not self.program.feasible:
            return None
        if not self.program.chosen:
            return _Found(task=self.task, chosen=(), groups={}, stretches=(), proven=True)
        columns = self.program.chosen
        rows: list[Row] = []
        if without_one_of:
            rows.append((-math.inf, len(without_one_of) - 1, {columns[index]: 1 for index in without_one_of}))
        while (choice := solve(self.program, self.criteria, rows, self.patience)) is not None:
            chosen = tuple(index for index in sorted(columns) if choice.values[columns[index]] > HALF)
            groups = self.program.groups(chosen, choice.values)
            found = _Found(
                task=self.task,
                chosen=chosen,
                groups=groups,
                stretches=tuple(schedule(self.task, groups)),
                proven=choice.proven,
            )
            if found.meets_all():
                return found
            # Numbers of a job that were too long for the solver had been rounded up: at least one more is needed.
            rows.append((1, math.inf, {column: 1 for index, column in columns.items() if index not in chosen}))
        return None


def _plan(found: _Found, minimize: Minimize, hours_a_week: Amount, second: Plan | None, zone: tzinfo | None) -> Plan:
    task = found.task
    ended: dict[int, Fraction] = {}
    begun: dict[int, Fraction] = {}
    for stretch in found.stretches:
        begun.setdefault(stretch.index, stretch.begins)
        ended[stretch.index] = stretch.ends
    steps = []
    for index in begun:
        offer = task.offers[index]
        works_from = begins = _moment(task, begun[index])
        if offer.closes_at is not None and works_from >= offer.closes_at:
            begins = _ready(found, index, ended)
        steps.append(
            PlanStep(
                offer=offer,
                begins=begins.astimezone(zone),
                works_from=works_from.astimezone(zone),
                ends=_moment(task, ended[index]).astimezone(zone),
            )
        )
    return Plan(
        steps=tuple(steps),
        weeks=tuple(_weeks(found, zone)),
        cost=found.cost,
        hours=sum(step.offer.effort for step in steps),
        begins=task.at.astimezone(zone),
        ends=_moment(task, found.end).astimezone(zone),
        hours_a_week=hours_a_week,
        minimize=minimize,
        proven=found.proven,
        runner_up=second,
    )


def _ready(found: _Found, index: int, ended: dict[int, Fraction]) -> datetime:
    """The first moment at which an offer can begin: it is open, and what it waits for is done."""
    before = [min(ended[one] for one in group) for group in found.groups[index]]
    ready = _moment(found.task, max(before, default=Fraction(0)))
    return max(ready, found.task.offers[index].opens_at or ready)


def _moment(task: Task, work: Fraction) -> datetime:
    """The moment at which so much work can be done; the last there is, where it lies beyond all calendars."""
    try:
        return task.at + timedelta(microseconds=math.floor(work / task.pace * (WEEK // timedelta(microseconds=1))))
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _weeks(found: _Found, zone: tzinfo | None) -> Iterator[Week]:
    """Cut the work at the end of each week; hundredths of an hour, so that they add up to the whole."""
    offers = found.task.offers
    parts = math.lcm(found.task.pace.denominator, *(stretch.ends.denominator for stretch in found.stretches))
    pace = int(found.task.pace * parts)  # in whole parts of a hundredth, because whole numbers are quick
    work: dict[int, dict[int, int]] = {}
    done: dict[int, list[int]] = {}
    left = {index: hundredths(offers[index].effort) * parts for index in found.chosen}
    for stretch in found.stretches:
        position, ends = int(stretch.begins * parts), int(stretch.ends * parts)
        while position < ends and position < MAXIMUM_WEEKS * pace:
            week = position // pace
            end = min(ends, (week + 1) * pace)
            hours = work.setdefault(week, {})
            hours[stretch.index] = hours.get(stretch.index, 0) + end - position
            left[stretch.index] -= end - position
            position = end
            if not left[stretch.index]:
                done.setdefault(week, []).append(stretch.index)
    so_far = dict.fromkeys(found.chosen, 0)
    for week, hours in sorted(work.items()):
        rows = []
        for index, amount in hours.items():
            before, so_far[index] = so_far[index] // parts, so_far[index] + amount
            rows.append((offers[index], Decimal(so_far[index] // parts - before) / 100))
        yield Week(
            number=week + 1,
            begins=(found.task.at + week * WEEK).astimezone(zone),
            work=tuple(rows),
            done=tuple(offers[index] for index in done.get(week, [])),
        )


def _settled(task: Task) -> list[Holding]:
    """What is held, with what is in review taken as earned."""
    return [
        Holding(credential=each.credential, level=each.level, hours=each.hours, earned_at=task.at)
        if each.state == "in_review"
        else each
        for each in task.holdings
    ]


def _shown(reach: Reach, chosen: Iterable[Offer]) -> Readiness:
    more = [
        Shown(skill=skill, level=level, credential=offer.credential)
        for offer in chosen
        for skill, level in offer.shows.items()
    ]
    return readiness(reach.asked, [*reach.shown, *more])


def _reasons(task: Task, patience: float | None) -> tuple[Reason, ...]:
    """Loosen one bound after the other, until there is a plan."""
    lacking = tuple(_lacking(task))
    if lacking:
        return lacking
    loose = replace(task, money=None, closing=False, ending=False)
    if _Ways(loose, "cost", patience).best() is None:
        opens = waiting(loose).opens
        stuck = [offer.credential for index, offer in enumerate(task.offers) if index not in opens]
        return (Reason(why="prerequisites", credentials=tuple(c for c in dict.fromkeys(stuck))),)
    paid = _Ways(replace(task, money=None), "cost", patience).best()
    if paid is not None:
        return (Reason(why="money", least=paid.cost),)
    found = _Ways(replace(loose, ending=True), "date", patience).best()
    if found is not None:
        return tuple(_closings(found))
    found = _Ways(replace(loose, closing=True), "date", patience).best()
    if found is not None:
        return (_expiries(found),)
    found = _Ways(loose, "date", patience).best()
    assert found is not None
    return (*_closings(found), _expiries(found))


def _lacking(task: Task) -> Iterator[Reason]:
    """What stays unmet with everything that is on offer, whatever it costs and however long it takes."""
    everything = [*_settled(task), *(offer.as_held(task.at) for offer in task.offers)]
    for requirement in task.requirements:
        result = evaluate(requirement, everything, task.at)
        if not result.satisfied:
            yield Reason(why="not_offered", parts=tuple(_unmet(result)))
    for reach in task.reaches:
        share = _shown(reach, task.offers).value
        if share < exact(reach.readiness):
            yield Reason(why="not_enough_shown", share=share, needed=exact(reach.readiness))


def _unmet(result: Result) -> Iterator[Result]:
    if isinstance(result.requirement, Count):
        for child in result.of:
            if not child.satisfied:
                yield from _unmet(child)
    else:
        yield result


def _closings(found: _Found) -> Iterator[Reason]:
    """What closes before it could begin, in a plan that did not mind."""
    ended = {stretch.index: stretch.ends for stretch in found.stretches}
    late: dict[bool, dict[str, None]] = {False: {}, True: {}}
    for index in found.chosen:
        offer = found.task.offers[index]
        if offer.closes_at is not None and _ready(found, index, ended) >= offer.closes_at:
            late[bool(found.groups[index])][offer.credential] = None
    if late[False]:
        yield Reason(why="closed", credentials=tuple(late[False]))
    if late[True]:
        yield Reason(why="closes", credentials=tuple(late[True]))


def _expiries(found: _Found) -> Reason:
    """What is held now and no longer counts at the end."""
    end = _moment(found.task, found.end)
    names = {
        holding.credential: None
        for holding in found.task.holdings
        if holding.counts(found.task.at, valid=True) and not holding.counts(end, valid=True)
    }
    return Reason(why="expires", credentials=tuple(names))
