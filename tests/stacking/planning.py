"""Plans found the slow way: every set of offers, every order of work. And what tests of plans share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import combinations, permutations

from fieldstone.stacking import Hold, Holding, Offer, Reach, Requirement, Shown, evaluate, readiness

WEEK = Fraction(7 * 24 * 3600 * 10**6)


def prerequisites(offer: Offer) -> list[Hold]:
    return [Hold(credential=each) if isinstance(each, str) else each for each in offer.prerequisites]


def meets(need: Hold, thing: Offer | Holding) -> bool:
    return thing.credential in (need.credential, *need.equivalents) and thing.level >= need.level


def microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def end_of(
    order: Sequence[Offer], holdings: Sequence[Holding], at: datetime, hours_a_week: Fraction
) -> Fraction | None:
    """Work always on the first in this order that can be worked on. When is all done, in microseconds from `at`?

    None where something closes before it could begin, or can never begin.
    """
    had = [each for each in holdings if each.state == "in_review" or each.counts(at, valid=True)]
    had_once = [each for each in holdings if each.state == "in_review" or each.counts(at, valid=False)]
    left = {index: Fraction(offer.effort) * WEEK / hours_a_week for index, offer in enumerate(order)}
    opens = {
        index: Fraction(0 if offer.opens_at is None else max(0, microseconds(offer.opens_at - at)))
        for index, offer in enumerate(order)
    }
    ready: dict[int, Fraction] = {}
    done: list[Offer] = []
    now = Fraction(0)
    while left:
        for index in left:
            if index not in ready and all(
                any(meets(need, each) for each in (*done, *(had if need.valid else had_once)))
                for need in prerequisites(order[index])
            ):
                ready[index] = max(now, opens[index])
        if not any(index in ready for index in left):
            return None
        able = [index for index in left if index in ready and ready[index] <= now]
        if not able:
            now = min(ready[index] for index in left if index in ready)
            continue
        index = able[0]
        until = min([now + left[index], *(moment for moment in ready.values() if moment > now)])
        left[index] -= until - now
        now = until
        if not left[index]:
            del left[index]
            done.append(order[index])
    for index, offer in enumerate(order):
        if offer.closes_at is not None and ready[index] >= microseconds(offer.closes_at - at):
            return None
    return now


def met(
    goals: Sequence[Requirement | Reach], holdings: Sequence[Holding], chosen: Sequence[Offer], at: datetime, end: Fraction
) -> bool:
    """Whether all goals are met at the end, with what was held, in review, and chosen."""
    then = at + timedelta(microseconds=math.floor(end))
    mine = [
        Holding(credential=each.credential, level=each.level, hours=each.hours, earned_at=at)
        if each.state == "in_review"
        else each
        for each in holdings
        if each.state != "earned" or each.earned_by(at)
    ]
    mine += [Holding(credential=each.credential, level=each.level, hours=each.hours, earned_at=at) for each in chosen]
    for goal in goals:
        if isinstance(goal, Reach):
            more = [
                Shown(skill=skill, level=level, credential="new") for each in chosen for skill, level in each.shows.items()
            ]
            if readiness(goal.asked, [*goal.shown, *more]).value < goal.readiness:
                return False
        elif not evaluate(goal, mine, then).satisfied:
            return False
    return True


def every_way(
    goals: Sequence[Requirement | Reach],
    holdings: Sequence[Holding],
    offers: Sequence[Offer],
    at: datetime,
    hours_a_week: Fraction,
    money: int | None,
) -> Iterator[tuple[frozenset[int], Fraction]]:
    """Each set of offers (as places in the list) that does, with the moment it ends."""
    for size in range(len(offers) + 1):
        for places in combinations(range(len(offers)), size):
            chosen = [offers[place] for place in places]
            if money is not None and sum(each.cost for each in chosen) > money:
                continue
            ends = [
                end
                for order in permutations(chosen)
                if (end := end_of(order, holdings, at, hours_a_week)) is not None
            ]
            if ends and met(goals, holdings, chosen, at, min(ends)):
                yield frozenset(places), min(ends)


def worth(
    minimize: str, places: frozenset[int], end: Fraction, offers: Sequence[Offer], hours_a_week: Fraction
) -> tuple[object, ...]:
    """What is made small, in order: the end in hundredths of an hour of work."""
    cost = sum(offers[place].cost for place in places)
    hours = sum(Fraction(offers[place].effort) for place in places)
    date = math.ceil(end / WEEK * hours_a_week * 100)
    order = {"cost": (cost, hours), "hours": (hours, cost), "date": (date, cost, hours)}[minimize]
    return (*order, len(places))
