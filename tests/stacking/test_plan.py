"""Plans: equal to every set tried one by one, and worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.stacking import (
    Asked,
    Count,
    Hold,
    Holding,
    Hours,
    Impossible,
    Level,
    Minimize,
    Offer,
    Plan,
    Reach,
    Requirement,
    Shown,
    plan,
)

from .planning import every_way, met, microseconds, worth
from .programs import NOW

AREAS = ("x", "y", "z")
SKILLS = ("reading", "math")
NAMES = "abcde"
Case = tuple[tuple[Requirement | Reach, ...], list[Holding], list[Offer], int, int | None]


def case(rng: Random) -> Case:
    """A goal, holdings, offers, hours a week and money, made so that dates, expiry and order often decide."""

    def day(least: int, most: int, share: float) -> datetime | None:
        return NOW + timedelta(days=rng.randint(least, most)) if rng.random() < share else None

    pool = [rng.choice(NAMES) for _ in range(rng.randint(4, 5))]

    def need(place: int) -> str | Hold:
        name = rng.choice(pool[:place] if place and rng.random() < 0.8 else pool)
        return name if rng.random() < 0.7 else Hold(credential=name, level=rng.randint(0, 2), valid=rng.random() < 0.5)

    dated, chained = rng.random() < 0.6, rng.random() < 0.6
    offers = [
        Offer(
            credential=name,
            effort=rng.choice([1, 2, 4, 4, 8, 12, Decimal("7.25")]),
            level=rng.choice([0, 0, 0, 1, 2]),
            hours={area: rng.randint(1, 9) for area in AREAS if rng.random() < 0.5},
            cost=rng.choice([0, 0, 500, 2500, 2500, 9999]),
            opens_at=day(0, 30, 0.4) if dated else None,
            closes_at=day(3, 30, 0.5) if dated else None,
            prerequisites=tuple(need(place) for _ in range(rng.choice([0, 1, 1, 2]))) if chained else (),
            shows={skill: rng.randint(1, 7) for skill in SKILLS if rng.random() < 0.5},
        )
        for place, name in enumerate(pool)
    ]

    def leaf() -> Requirement:
        kind, valid = rng.random(), rng.random() < 0.8
        if kind < 0.6:
            first, *rest = rng.sample(sorted({*pool, "a", "b"}), rng.choice([1, 1, 2]))
            return Hold(credential=first, equivalents=tuple(rest), level=rng.choice([0, 0, 0, 1]), valid=valid)
        among = tuple(rng.sample(NAMES, 4)) if rng.random() < 0.5 else ()
        if kind < 0.8:
            return Level(at_least=1, count=rng.randint(1, 2), among=among, valid=valid)
        return Hours(
            total=rng.randint(1, 16),
            minimum_per_area={area: rng.randint(0, 6) for area in AREAS if rng.random() < 0.4},
            maximum_each=rng.choice([None, None, 5]),
            among=among,
            valid=valid,
        )

    def tree(depth: int) -> Requirement:
        if depth == 0 or rng.random() < 0.2:
            return leaf()
        parts = tuple(tree(depth - 1) for _ in range(rng.randint(1, 3)))
        return Count(at_least=rng.randint(1, len(parts)), of=parts)

    reach = Reach(
        asked=tuple(Asked(skill=skill, importance=rng.randint(1, 5), level=rng.randint(0, 7)) for skill in SKILLS),
        readiness=Fraction(rng.randint(0, 10), 10),
        shown=(Shown(skill="math", level=rng.randint(0, 7), credential="old"),) * rng.randint(0, 1),
    )
    kind = rng.random()
    goal: tuple[Requirement | Reach, ...] = (reach,) if kind < 0.15 else (tree(3),) if kind < 0.8 else (tree(2), reach)
    mine = [
        Holding(
            credential=rng.choice(pool),
            level=rng.choice([0, 0, 1, 2]),
            hours={area: rng.randint(1, 9) for area in AREAS if rng.random() < 0.3},
            state="in_review" if rng.random() < 0.2 else "earned",
            earned_at=NOW - timedelta(days=rng.choice([-3, 9, 9, 9])),
            valid_until=day(-1, 21, 0.7),
            revoked_at=day(-1, 30, 0.1),
        )
        for _ in range(rng.choice([0, 1, 2]))
    ]
    return goal, mine, offers, rng.choice([3, 7, 10, 20]), rng.choice([None, None, None, 2500, 9000])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["cost", "hours", "date"]))
def test_the_plan_is_the_best_of_all_sets_and_the_runner_up_the_next(seed: int, minimize: Minimize) -> None:
    goal, mine, catalog, pace, money = case(Random(seed))
    ways = list(every_way(goal, mine, catalog, NOW, Fraction(pace), money))
    worths = {places: worth(minimize, places, end, catalog, Fraction(pace)) for places, end in ways}
    found = plan(goal, mine, catalog, NOW, minimize=minimize, hours_a_week=pace, money=money)
    if not ways:
        assert isinstance(found, Impossible)
        true_reasons(found, goal, mine, catalog, pace)
        return
    assert isinstance(found, Plan)
    assert found.proven
    chosen = places_of(found, catalog)
    assert chosen in worths, (chosen, worths)
    assert worths[chosen] == min(worths.values())
    others = {places: value for places, value in worths.items() if not chosen <= places}
    if not others:
        assert found.runner_up is None
    else:
        assert found.runner_up is not None
        assert worths[places_of(found.runner_up, catalog)] == min(others.values())
    hold_together(found)


def true_reasons(
    found: Impossible, goal: tuple[Requirement | Reach, ...], mine: list[Holding], catalog: list[Offer], pace: int
) -> None:
    """What a reason blames does stand in the way, and nothing else does."""
    whys = {reason.why for reason in found.reasons}
    rich = list(every_way(goal, mine, catalog, NOW, Fraction(pace), None))
    if whys == {"money"}:
        assert found.reasons[0].least == min(sum(catalog[place].cost for place in places) for places, _ in rich)
        return
    assert not rich
    for reason in found.reasons:
        assert reason.credentials or reason.parts or reason.why == "not_enough_shown"
    lasting = [replace(each, valid_until=each.valid_until if each.expired_by(NOW) else None, revoked_at=each.revoked_at if each.revoked_by(NOW) else None) for each in mine]  # fmt: skip
    standing = [replace(offer, closes_at=None) for offer in catalog]
    free = [replace(offer, prerequisites=()) for offer in standing]
    closes, expires = bool(whys & {"closed", "closes"}), "expires" in whys
    if closes or expires:
        loose = standing if closes else catalog
        assert list(every_way(goal, lasting if expires else mine, loose, NOW, Fraction(pace), None))
    elif whys == {"prerequisites"}:
        assert not list(every_way(goal, lasting, standing, NOW, Fraction(pace), None))
        assert list(every_way(goal, lasting, free, NOW, Fraction(pace), None))
    else:
        assert whys <= {"not_offered", "not_enough_shown"}
        assert not list(every_way(goal, lasting, free, NOW, Fraction(pace), None))


def places_of(found: Plan, catalog: Sequence[Offer]) -> frozenset[int]:
    left = list(range(len(catalog)))
    places = []
    for offer in found.offers:
        place = next(place for place in left if catalog[place] == offer)
        left.remove(place)
        places.append(place)
    return frozenset(places)


def hold_together(found: Plan) -> None:
    """The weeks add up to the work, the steps keep their dates, and the sums are the sums."""
    assert found.cost == sum(step.offer.cost for step in found.steps)
    assert found.hours == sum(step.offer.effort for step in found.steps)
    assert found.ends == max((step.ends for step in found.steps), default=NOW)
    for week in found.weeks:
        assert 0 < sum(hours for _, hours in week.work) <= found.hours_a_week + 1
        assert week.begins == NOW + timedelta(weeks=week.number - 1)
    assert sum(hours for week in found.weeks for _, hours in week.work) == found.hours
    assert sorted(id(offer) for week in found.weeks for offer in week.done) == sorted(id(offer) for offer in found.offers)
    for step in found.steps:
        assert NOW <= step.begins <= step.works_from <= step.ends
        assert step.offer.is_open(step.begins)


def large(seed: int) -> tuple[tuple[Requirement | Reach, ...], list[Holding], list[Offer], Minimize, int]:
    """Sixty offers with odd numbers, dates and prerequisites, and a stack of some of them; goal, pace."""
    rng = Random(seed)

    def day(least: int, most: int, share: float) -> datetime | None:
        span = timedelta(days=rng.randint(least, most), hours=rng.randint(0, 23), minutes=rng.randint(0, 59))
        return NOW + span if rng.random() < share else None

    names = [f"c{number:02}" for number in range(60)]
    skills = "uvwxyz"
    left = [*names, *rng.sample(names, 8)]
    rng.shuffle(left)
    groups: list[Requirement] = []
    while left:
        some = [Hold(credential=left.pop()) for _ in range(min(len(left), rng.randint(2, 5)))]
        groups.append(Count(at_least=rng.randint(1, len(some)), of=tuple(some)))
    halves = [groups[: len(groups) // 2], groups[len(groups) // 2 :]]
    tree = Count(
        at_least=3,
        of=(
            *(Count(at_least=rng.randint(2, len(half) - 1), of=tuple(half)) for half in halves),
            Hours(total=rng.randint(20, 120), minimum_per_area={area: rng.randint(0, 10) for area in AREAS}),
        ),
    )
    offers = [
        Offer(
            credential=name,
            effort=Decimal(rng.randint(100, 4000)) / 100,
            cost=rng.randint(0, 30_000),
            opens_at=day(0, 200, 0.3),
            closes_at=day(100, 500, 0.3),
            hours={area: rng.randint(1, 12) for area in AREAS if rng.random() < 0.4},
            prerequisites=tuple(rng.sample(names, rng.choice([0, 1, 1]))) if rng.random() < 0.3 else (),
            shows={skill: rng.random() * 7 for skill in skills if rng.random() < 0.3},
        )
        for name in names
    ]
    mine = [
        Holding(credential=name, earned_at=NOW, valid_until=day(10, 400, 0.7)) for name in rng.sample(names, 8)
    ]
    reach = Reach(
        asked=tuple(Asked(skill=skill, importance=rng.random() * 5, level=rng.random() * 7) for skill in skills),
        readiness=rng.random() * 0.9,
    )
    ways: list[Minimize] = ["cost", "hours", "date"]
    return (tree, reach), mine, offers, rng.choice(ways), rng.choice([8, 12, 20])


@pytest.mark.parametrize("seed", range(6))
def test_large_stacks_with_odd_numbers_and_dates(seed: int) -> None:
    goal, mine, catalog, minimize, pace = large(seed)
    found = plan(goal, mine, catalog, NOW, minimize=minimize, hours_a_week=pace)
    assert isinstance(found, Plan), found
    assert found.proven
    hold_together(found)
    end = Fraction(microseconds(found.ends - NOW))
    assert met(goal, mine, found.offers, NOW, end)
    by_day = {step.offer.credential: step for step in found.steps}
    had = {each.credential for each in mine}
    for step in found.steps:
        firsts = [by_day[str(need)] for need in step.offer.prerequisites if need not in had]
        assert all(first.ends <= step.begins for first in firsts)
    # nothing of it can be left out, unless something else asks for it first
    for step in found.steps:
        rest = [each for each in found.offers if each is not step.offer]
        needed = any(step.offer.credential in each.prerequisites for each in rest)
        assert needed or not met(goal, mine, rest, NOW, end)


def test_plans_in_several_threads_are_those_of_one() -> None:
    asked = [case(Random(seed)) for seed in range(12)]

    def answer(one: Case) -> Plan | Impossible:
        goal, mine, catalog, pace, money = one
        return plan(goal, mine, catalog, NOW, hours_a_week=pace, money=money)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(answer, asked)) == [answer(one) for one in asked]
