"""Exact plans: the cheapest way through a stack of sixty micro-credentials, for learners who hold some of them.

Stacks are invented, always the same: all of, one of and some of, three levels deep, sixty different micro-credentials,
a few of them named twice, a tenth with another one as prerequisite.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from benchmarks.measure import Case, note
from fieldstone.stacking import Count, Hold, Holding, Offer, Plan, Requirement, plan

SEED = 20_260_303
CREDENTIALS = 60
AT = datetime(2026, 3, 2, tzinfo=UTC)
Task = tuple[Requirement, list[Holding], list[Offer]]


def tasks(count: int) -> Iterator[Task]:
    """Stacks, what a learner holds, and what is on offer."""
    random = Random(SEED)
    names = [f"c{number:02}" for number in range(CREDENTIALS)]
    for _ in range(count):
        leaves = [*names, *random.sample(names, 6)]
        random.shuffle(leaves)
        held = [Holding(credential=name, earned_at=AT) for name in random.sample(names, random.randint(0, 6))]
        offers = [
            Offer(
                credential=name,
                effort=random.randint(4, 40),
                cost=random.randrange(0, 20_000, 500),
                prerequisites=(names[at - 1],) if at and random.random() < 0.1 else (),
            )
            for at, name in enumerate(names)
        ]
        yield _stack(random, leaves), held, offers


def _stack(random: Random, leaves: list[str]) -> Requirement:
    """All of some groups; each is one of, or some of, parts of two to four credentials."""
    parts: list[Requirement] = []
    while leaves:
        some = [Hold(credential=leaves.pop()) for _ in range(min(len(leaves), random.randint(2, 4)))]
        parts.append(Count(at_least=random.randint(1, len(some)), of=tuple(some)))
    groups: list[Requirement] = []
    while parts:
        several = [parts.pop() for _ in range(min(len(parts), random.randint(2, 5)))]
        groups.append(Count(at_least=random.randint(1, len(several)), of=tuple(several)))
    return Count(at_least=max(1, len(groups) - 1), of=tuple(groups))


def cases(count: int) -> Iterator[Case]:
    """The time of one plan, at the median."""
    made = list(tasks(count))
    for name, runner_up in (("plan", False), ("plan, with the next best", True)):
        times = []
        for requirement, held, offers in made:
            started = time.process_time()
            found = plan(requirement, held, offers, AT, hours_a_week=6, runner_up=runner_up)
            times.append(time.process_time() - started)
            if not isinstance(found, Plan) or not found.proven:
                raise SystemExit("A plan was not found, or not proven.")
        times.sort()
        note(f"{name}: {count} stacks, nine in ten within {times[count * 9 // 10] * 1000:.1f} ms.")
        yield Case(name, statistics.median(times) * 1000, "ms")
