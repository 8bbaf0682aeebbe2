"""Which offers to choose, as an integer program: every number in it is a whole number.

For each offer that could help there is one column, 1 where it is chosen. A part of the requirement is a truth: True,
False, or a column that can be 1 only where the part is met. Work is counted in hundredths of an hour. A moment is the
work that could have been done by then; so a bound such as "before it closes" is a bound on sums of work, and exact.

When can the chosen offers be done by one learner? Each offer has a first moment (it and what comes before it are open)
and, if others wait for it and close, a last one. In whatever order the work is done, for each first moment r and each
last moment d: the work of those that cannot begin before r and must be done before d fits between r and d. And where
that holds for all pairs, working always on what must be done first keeps every date.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from .holding import Holding, Offer
from .readiness import Asked, Shown
from .requirement import Amount, Count, Hold, Hours, Level, Measure, Requirement, exact

WEEK = timedelta(weeks=1)
Truth = bool | int
"""True, False, or a column. Test for `bool` first: a column is a plain int."""
_Source = tuple[Truth, Mapping[str, Amount]]
Row = tuple[float, float, dict[int, int]]
_LARGEST = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A goal: reach this readiness (0 to 1) for a job that asks `asked`, where `shown` is shown already."""

    asked: tuple[Asked, ...]
    readiness: Measure
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is asked of a plan, and which bounds hold. `offers` in their order of preference."""

    requirements: tuple[Requirement, ...]
    reaches: tuple[Reach, ...]
    holdings: tuple[Holding, ...]
    offers: tuple[Offer, ...]
    at: datetime
    pace: Fraction
    money: int | None = None
    closing: bool = True
    ending: bool = True

    def work_until(self, moment: datetime) -> Fraction:
        """Hundredths of an hour that can be worked from the start to that moment."""
        return Fraction((moment - self.at) // timedelta(microseconds=1), WEEK // timedelta(microseconds=1)) * self.pace

    def has(self, need: Hold) -> bool:
        """Whether a prerequisite is met by what is held, or in review."""
        return any(
            holding.credential in need.accepted
            and holding.level >= need.level
            and (holding.state == "in_review" or holding.counts(self.at, valid=need.valid))
            for holding in self.holdings
        )


def needs(offer: Offer) -> tuple[Hold, ...]:
    """The prerequisites, each as a `Hold`."""
    return tuple(Hold(credential=each) if isinstance(each, str) else each for each in offer.prerequisites)


def meets(need: Hold, offer: Offer) -> bool:
    """Whether earning this offer meets this prerequisite."""
    return offer.credential in need.accepted and offer.level >= need.level


def hundredths(amount: Amount) -> int:
    """Hours in hundredths of an hour."""
    return int(Decimal(amount) * 100)


@dataclass(slots=True)
class Waiting:
    """What each offer waits for: for each prerequisite that is not met yet, the offers that would meet it.

    `opens` is the first moment at which an offer could begin if work took no time; offers that never could are left
    out of it. `looped` are the offers whose prerequisites lead round in a circle somewhere. `wavering` are those whose
    first moment depends on which of several offers meets a prerequisite.
    """

    options: dict[int, tuple[tuple[int, ...], ...]]
    opens: dict[int, datetime]
    looped: set[int]
    wavering: set[int]


def waiting(task: Task) -> Waiting:
    """Find what each offer waits for, and which offers could ever begin."""
    by_credential: dict[str, list[int]] = {}
    for index, offer in enumerate(task.offers):
        by_credential.setdefault(offer.credential, []).append(index)
    lacks = {
        index: [
            tuple(
                one
                for name in dict.fromkeys(need.accepted)
                for one in by_credential.get(name, ())
                if one != index and meets(need, task.offers[one])
            )
            for need in needs(offer)
            if not task.has(need)
        ]
        for index, offer in enumerate(task.offers)
    }
    opens: dict[int, datetime] = {}
    agenda = list(lacks)
    while agenda:
        changed = False
        for index in agenda:
            offer = task.offers[index]
            firsts = [min((opens[one] for one in group if one in opens), default=None) for group in lacks[index]]
            known = [first for first in firsts if first is not None]
            if len(known) == len(firsts):
                first = max([offer.opens_at or task.at, task.at, *known])
                open_then = not task.closing or offer.closes_at is None or first < offer.closes_at
                if open_then and (index not in opens or first < opens[index]):
                    opens[index] = first
                    changed = True
        agenda = [index for index in agenda if lacks[index]] if changed else []
    options = {
        index: tuple(tuple(one for one in group if one in opens) for group in lacks[index]) for index in opens
    }
    ordered = _closure(
        options, lambda index, done: all(one in done for group in options[index] for one in group)
    )
    wavering = _closure(
        options,
        lambda index, done: any(
            any(one in done or (len(group) > 1 and opens[one] > opens[index]) for one in group)
            for group in options[index]
        ),
    )
    return Waiting(options=options, opens=opens, looped=set(options) - ordered, wavering=wavering)


def _closure(indexes: Iterable[int], joins: Callable[[int, set[int]], bool]) -> set[int]:
    """All that join, one after the other, because of those that joined before."""
    done: set[int] = set()
    while more := {index for index in indexes if index not in done and joins(index, done)}:
        done |= more
    return done


class Program:
    """The columns and rows for one task. `feasible` is False where no choice at all can do."""

    def __init__(self, task: Task, *, date: bool) -> None:
        self.task = task
        self.wait = waiting(task)
        self.upper: list[float] = []
        self.whole: list[bool] = []
        self.rows: list[Row] = []
        self.feasible = True
        self.chosen: dict[int, int] = {}
        self._ends: dict[datetime, int] = {}
        self._picked: dict[tuple[int, int], int] = {}
        self._late: dict[tuple[int, datetime], int | None] = {}
        self._cache: dict[tuple[object, ...], Truth] = {}
        self.work = {index: hundredths(task.offers[index].effort) for index in self.wait.opens}
        self._held: dict[str, list[Holding]] = {}
        for holding in task.holdings:
            self._held.setdefault(holding.credential, []).append(holding)
        self._offered: dict[str, list[int]] = {}
        for index in self.wait.opens:
            self._offered.setdefault(task.offers[index].credential, []).append(index)
        for requirement in task.requirements:
            self._must(requirement)
        for reach in task.reaches:
            self._reach(reach)
        self.end = self._column(math.inf, whole=False) if date else None
        self._order()
        self._dates()
        if task.money is not None:
            costs = {column: task.offers[index].cost for index, column in self.chosen.items()}
            self._at_most(costs, task.money)

    # Columns and rows

    def _column(self, upper: float = 1, *, whole: bool = True) -> int:
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.upper) - 1

    def _at_least(self, terms: Mapping[int, int], least: int) -> None:
        if least > 0 or any(value < 0 for value in terms.values()):
            self.rows.append((least, math.inf, {column: value for column, value in terms.items() if value}))

    def _at_most(self, terms: Mapping[int, int], most: int) -> None:
        if sum(value for value in terms.values() if value > 0) > most:
            self.rows.append((-math.inf, most, {column: value for column, value in terms.items() if value}))

    def choice(self, index: int) -> int:
        """The column of an offer, made when it is first needed, with all that it waits for."""
        if index not in self.chosen:
            self.chosen[index] = self._column()
            for group in self.wait.options[index]:
                terms = dict.fromkeys((self.choice(one) for one in group), 1)
                self._at_least(terms | {self.chosen[index]: -1}, 0)
        return self.chosen[index]

    def groups(self, chosen: Sequence[int], values: Sequence[float]) -> dict[int, tuple[tuple[int, ...], ...]]:
        """For each chosen offer and each prerequisite: the chosen offers, of which one must be done before."""
        return {
            index: tuple(
                tuple(one for one in group if one in chosen and self._waits_for(index, group, one, values))
                for group in self.wait.options[index]
            )
            for index in chosen
        }

    def _waits_for(self, index: int, group: tuple[int, ...], one: int, values: Sequence[float]) -> bool:
        first = self._picked.get((index, self.wait.options[index].index(group)))
        return first is None or values[first + group.index(one)] > 0.5

    # The requirement

    def _sources(self, credentials: Iterable[str] | None, level: int, *, valid: bool) -> dict[str, list[_Source]]:
        """By credential: what is held or could be earned at that level, and the hours it brings."""
        wanted = sorted(self._held.keys() | self._offered.keys()) if credentials is None else credentials
        found: dict[str, list[_Source]] = {}
        for name in dict.fromkeys(wanted):
            sources: list[_Source] = []
            for holding in self._held.get(name, ()):
                counts = holding.level >= level and self._counts(holding, valid=valid)
                if counts is not False:
                    sources.append((counts, holding.hours))
            for index in self._offered.get(name, ()):
                offer = self.task.offers[index]
                if offer.level >= level:
                    sources.append((self._offer_truth(index), offer.hours))
            if sources:
                found[name] = sources
        return found

    def _offer_truth(self, index: int) -> int:
        # A stand-in: the column is made only where the offer is of use.
        return -1 - index

    def _real(self, truth: Truth) -> Truth:
        return self.choice(-1 - truth) if not isinstance(truth, bool) and truth < 0 else truth

    def _counts(self, holding: Holding, *, valid: bool) -> Truth:
        if holding.state == "in_review":
            return True
        if not holding.counts(self.task.at, valid=valid):
            return False
        ends = [holding.revoked_at] + ([holding.valid_until] if valid else [])
        last = min((moment for moment in ends if moment is not None), default=None)
        if last is None or not self.task.ending:
            return True
        if last not in self._ends:
            self._ends[last] = self._column()
        return self._ends[last]

    def _must(self, requirement: Requirement) -> None:
        match requirement:
            case Count():
                if requirement.at_least == len(requirement.of):
                    for child in requirement.of:
                        self._must(child)
                else:
                    self._must_count(requirement.at_least, [self._truth(child) for child in requirement.of])
            case Hours():
                if self._hours(requirement, None) is False:
                    self.feasible = False
            case Level():
                self._must_count(requirement.count, self._level(requirement))
            case _:
                self._must_count(1, self._hold(requirement))

    def _must_count(self, least: int, truths: Sequence[Truth]) -> None:
        least -= sum(each is True for each in truths)
        columns = [self._real(each) for each in truths if not isinstance(each, bool)]
        if least > len(columns):
            self.feasible = False
        elif least > 0:
            self._at_least(_added((column, 1) for column in columns), least)

    def _truth(self, requirement: Requirement) -> Truth:
        match requirement:
            case Count():
                return self._count(requirement.at_least, [self._truth(child) for child in requirement.of])
            case Hours():
                return self._hours(requirement, self._column())
            case Level():
                return self._count(requirement.count, self._level(requirement))
            case _:
                return self._count(1, self._hold(requirement))

    def _hold(self, requirement: Hold) -> list[Truth]:
        sources = self._sources(requirement.accepted, requirement.level, valid=requirement.valid)
        truths = [truth for each in sources.values() for truth, _ in each]
        return [True] if any(truth is True for truth in truths) else [self._real(truth) for truth in truths]

    def _level(self, requirement: Level) -> list[Truth]:
        sources = self._sources(requirement.among or None, requirement.at_least, valid=requirement.valid)
        return [
            True if any(truth is True for truth, _ in each) else self._count(1, [truth for truth, _ in each])
            for _, each in sorted(sources.items())
        ]

    def _count(self, least: int, truths: Sequence[Truth]) -> Truth:
        """At least so many of these."""
        least -= sum(each is True for each in truths)
        columns = sorted(int(self._real(each)) for each in truths if not isinstance(each, bool))
        if least <= 0:
            return True
        if least > len(columns):
            return False
        if len(columns) == 1:
            return columns[0]
        key = (least, *columns)
        if key not in self._cache:
            every = least == len(columns)
            met = self._column(whole=not every and least > 1)
            if every:
                for column in dict.fromkeys(columns):
                    self._at_least({column: 1, met: -1}, 0)
            else:
                self._at_least(_added([*((column, 1) for column in columns), (met, -least)]), 0)
            self._cache[key] = met
        return self._cache[key]

    def _hours(self, requirement: Hours, met: int | None) -> Truth:
        """Hours where they are missing; `met` is the column that stands for it, None where it must be met."""
        limits = requirement.minimum_per_area
        most = None if requirement.maximum_each is None else hundredths(requirement.maximum_each)
        missing = {area: hundredths(limits[area]) for area in limits}
        total = hundredths(requirement.needed)
        gains: dict[str, list[tuple[int, int]]] = {}
        for _, sources in sorted(self._sources(requirement.among or None, 0, valid=requirement.valid).items()):
            areas = sorted(limits or {area for _, hours in sources for area in hours})
            for area in areas:
                brings = [(truth, hundredths(hours.get(area, 0))) for truth, hours in sources]
                if most is not None:
                    brings = [(truth, min(most, amount)) for truth, amount in brings]
                base = max((amount for truth, amount in brings if truth is True), default=0)
                total -= base
                if area in missing:
                    missing[area] -= base
                more = [(truth, amount - base) for truth, amount in brings if truth is not True and amount > base]
                gains.setdefault(area, []).extend(self._best_of(more))
        rows = [(missing[area], gains.get(area, [])) for area in missing]
        rows.append((total, [pair for area in gains for pair in gains[area]]))
        rows = [(least, pairs) for least, pairs in rows if least > 0]
        if not rows:
            return True
        if any(sum(value for _, value in pairs) < least for least, pairs in rows):
            return False
        for least, pairs in rows:
            self._enough(least, pairs, met)
        return True if met is None else met

    def _best_of(self, pairs: list[tuple[Truth, int]]) -> list[tuple[int, int]]:
        """Of several ways to earn one credential only the one that brings most counts."""
        real = [(int(self._real(truth)), value) for truth, value in pairs]
        if len(real) < 2:
            return real
        parts = [(self._column(whole=False), value) for _, value in real]
        for (part, _), (column, _) in zip(parts, real, strict=True):
            self._at_least({column: 1, part: -1}, 0)
        self._at_most(dict.fromkeys((part for part, _ in parts), 1), 1)
        return parts

    def _enough(self, least: int, pairs: Sequence[tuple[int, int]], met: int | None) -> None:
        terms = _added(pairs)
        common = math.gcd(*terms.values())
        least = -(-least // common)
        small = {column: min(value // common, least) for column, value in terms.items()}
        if met is None:
            self._at_least(small, least)
        else:
            self._at_least(small | {met: -least}, 0)

    def _reach(self, reach: Reach) -> None:
        """Enough shown: rounded, where numbers are too long, so that nothing that would do is left out."""
        best: dict[str, Fraction] = {}
        for each in reach.shown:
            best[each.skill] = max(exact(each.level), best.get(each.skill, Fraction(0)))
        lacking = Fraction(0)
        gains: list[list[tuple[int, Fraction]]] = []
        for asked in reach.asked:
            weight, level = exact(asked.importance), exact(asked.level)
            have = min(level, best.get(asked.skill, Fraction(0)))
            lacking += weight * (exact(reach.readiness) * level - have)
            found = []
            for index in self.wait.opens:
                more = min(level, exact(self.task.offers[index].shows.get(asked.skill, 0))) - have
                if more > 0 and weight > 0:
                    found.append((index, weight * more))
            gains.append(found)
        if lacking <= 0:
            return
        if sum((max((gain for _, gain in found), default=Fraction(0)) for found in gains), Fraction(0)) < lacking:
            self.feasible = False
            return
        numbers = [lacking, *(gain for found in gains for _, gain in found)]
        scale = Fraction(math.lcm(*(number.denominator for number in numbers)))
        if lacking * scale > _LARGEST:
            scale = _LARGEST / lacking
        pairs = [
            pair
            for found in gains
            for pair in self._best_of([(self._offer_truth(index), math.ceil(gain * scale)) for index, gain in found])
        ]
        self._enough(math.floor(lacking * scale), pairs, None)

    # Order and dates

    def _pick(self, index: int, group: tuple[int, ...], one: int) -> int:
        """The column that says: this offer waits for that one to meet this prerequisite."""
        if len(group) == 1:
            return self.chosen[index]
        position = self.wait.options[index].index(group)
        key = (index, position)
        if key not in self._picked:
            first = len(self.upper)
            for other in group:
                self._at_least({self.chosen[other]: 1, self._column(): -1}, 0)
            self._at_least(dict.fromkeys(range(first, len(self.upper)), 1) | {self.chosen[index]: -1}, 0)
            self._picked[key] = first
        return self._picked[key] + group.index(one)

    def _order(self) -> None:
        """Where prerequisites lead in a circle, what is chosen must still have an order."""
        circle = [index for index in self.chosen if index in self.wait.looped]
        places = {index: self._column(len(circle), whole=False) for index in circle}
        for index in circle:
            for group in self.wait.options[index]:
                for one in group:
                    if one in places:
                        pick = self._pick(index, group, one)
                        far = len(circle) + 1
                        self._at_least({places[index]: 1, places[one]: -1, pick: -far}, 1 - far)

    def _after(self, index: int, moment: datetime) -> int | None:
        """The column that is 1 where an offer is chosen and cannot begin before the moment; None: it always can."""
        if self.wait.opens[index] >= moment:
            return self.chosen[index]
        if index not in self.wait.wavering:
            return None
        key = (index, moment)
        if key not in self._late:
            late = self._late[key] = self._column(whole=False)
            for group in self.wait.options[index]:
                for one in group:
                    other = self._after(one, moment)
                    if other is not None:
                        self._at_least(_added([(late, 1), (other, -1), (self._pick(index, group, one), -1)]), -1)
        return self._late[key]

    def _loads(self) -> list[tuple[datetime, dict[int, int]]]:
        """For each first moment: the work that cannot begin before it, by column."""
        moments = sorted({self.task.at} | {self.wait.opens[index] for index in self.chosen})
        found = []
        for moment in moments:
            columns = [(self._after(index, moment), self.work[index]) for index in list(self.chosen)]
            found.append((moment, _added((column, work) for column, work in columns if column is not None)))
        return found

    def _room(self, first: datetime, last: datetime) -> int:
        """Hundredths of an hour that fit from one moment to before another."""
        return max(0, math.ceil(self.task.work_until(last) - self.task.work_until(first)) - 1)

    def _dates(self) -> None:
        closing = self._closing()
        if self.end is None and not self._ends and not closing:
            return
        loads = self._loads()
        for moment, load in loads:
            total = sum(load.values())
            for last, column in self._ends.items():
                room = self._room(moment, last)
                if total > room:
                    self._at_most(load | {column: total - room}, total)
            if self.end is not None:
                start = math.ceil(self.task.work_until(moment))
                terms = {column: -work for column, work in load.items()} | {self.end: 1}
                if start:
                    begun = self._column(whole=False)
                    for column in load:
                        self._at_least({begun: 1, column: -1}, 0)
                    terms[begun] = -start
                self._at_least(terms, 0)
        for last, before in closing:
            for moment in sorted({self.task.at} | {self.wait.opens[index] for index in self.chosen}):
                self._close(moment, last, before)

    def _closing(self) -> list[tuple[datetime, list[int]]]:
        """Each moment at which something closes that waits for others, with all that it may wait for."""
        closers: dict[datetime, set[int]] = {}
        for index in self.chosen:
            closes = self.task.offers[index].closes_at
            if self.task.closing and closes is not None and self.wait.options[index]:
                closers.setdefault(closes, set()).add(index)
        found = []
        closed: set[int] = set()
        for last in sorted(closers):
            closed |= closers[last]
            before: set[int] = set()
            agenda = list(closed)
            while agenda:
                for group in self.wait.options[agenda.pop()]:
                    agenda += [one for one in group if one not in before]
                    before.update(group)
            if sum(self.work[one] for one in before) > self._room(max(self.wait.opens[one] for one in before), last):
                found.append((last, sorted(before)))
        return found

    def _close(self, first: datetime, last: datetime, before: list[int]) -> None:
        """What cannot begin before `first` and must be done before `last` fits in between."""
        if sum(self.work[one] for one in before) <= self._room(first, last):
            return
        terms: dict[int, int] = {}
        for one in before:
            late = self._after(one, first)
            if late is None:
                continue
            due = self._due(one, last, before)
            if late != self.chosen[one]:
                both = self._column(whole=False)
                self._at_least({both: 1, due: -1, late: -1}, -1)
                due = both
            terms[due] = self.work[one]
        self._at_most(terms, self._room(first, last))

    def _due(self, one: int, last: datetime, before: list[int]) -> int:
        """The column that is 1 where something chosen waits for this, and closes by then or is itself due."""
        key = ("due", one, last)
        if key not in self._cache:
            due = self._column(whole=False)
            self._cache[key] = due
            for index in list(self.chosen):
                for group in self.wait.options[index]:
                    if one in group:
                        closes = self.task.offers[index].closes_at
                        pick = self._pick(index, group, one)
                        if closes is not None and closes <= last:
                            self._at_least({due: 1, pick: -1}, 0)
                        elif index in before:
                            self._at_least({due: 1, self._due(index, last, before): -1, pick: -1}, -1)
        return int(self._cache[key])


def _added(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Sum the values of each column."""
    found: dict[int, int] = {}
    for column, value in pairs:
        found[column] = found.get(column, 0) + value
    return found
