"""Exact plans: the cheapest way through a stack of sixty micro-credentials, for learners who hold some of them.

Stacks are invented, always the same: all of, one of and some of, three levels deep, sixty different micro-credentials,
a few of them named twice, a tenth with another one as prerequisite.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from random import Random
from typing import Any

from benchmarks.measure import Case, note
from fieldstone.stacking import (
    Count,
    Hold,
    Holding,
    Hours,
    Level,
    Offer,
    Plan,
    Requirement,
    evaluate,
    nearest,
    plan,
    remaining,
)

SEED = 20_260_303
CREDENTIALS = 60
GREEDY = 10
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
    """The time of one plan, at the median, beside CP-SAT where it is installed; and of all next steps."""
    made = list(tasks(count))
    peer = _peer(made)
    greedy = 0.0
    for name, runner_up in (("plan", False), ("plan, with the next best", True)):
        times, costs = [], []
        for requirement, held, offers in made:
            started = time.process_time()
            found = plan(requirement, held, offers, AT, hours_a_week=6, runner_up=runner_up)
            times.append(time.process_time() - started)
            if not isinstance(found, Plan) or not found.proven:
                raise SystemExit("A plan was not found, or not proven.")
            costs.append(found.cost)
        if not runner_up:
            greedy = sum(_greedily(*task) for task in made[:GREEDY]) / sum(costs[:GREEDY])
        if peer is not None and peer[1] != costs:
            raise SystemExit("CP-SAT found other costs.")
        times.sort()
        note(f"{name}: {count} stacks, nine in ten within {times[count * 9 // 10] * 1000:.1f} ms.")
        value = statistics.median(times) * 1000
        beside = None if peer is None or runner_up else peer[0]
        yield Case(name, value, "ms", "CP-SAT" if beside else None, beside)
    note(f"Taking always what brings most for its price costs {(greedy - 1) * 100:.1f} % more than these plans.")
    yield _steps(count)


def _greedily(requirement: Requirement, held: list[Holding], offers: list[Offer]) -> int:
    """The cost of taking always the step that brings most for its price, with what it asks for first."""
    by_name = {offer.credential: offer for offer in offers}
    had = {holding.credential for holding in held}

    def bundle(name: str) -> list[Offer]:
        offer, needed = by_name[name], [each for each in by_name[name].prerequisites if each not in had]
        return [*(one for each in needed for one in bundle(str(each))), offer]

    cost = 0
    while not (result := evaluate(requirement, _earned(had), AT)).satisfied:
        best: tuple[Fraction, list[Offer]] | None = None
        for name in by_name.keys() - had:
            some = bundle(name)
            then = evaluate(requirement, _earned(had | {each.credential for each in some}), AT)
            worth = (remaining(result) - remaining(then)) / (1 + sum(each.cost for each in some))
            if best is None or (worth, name) > (best[0], best[1][-1].credential):
                best = (worth, some)
        assert best is not None
        cost += sum(each.cost for each in {each.credential: each for each in best[1]}.values())
        had |= {each.credential for each in best[1]}
    return cost


def _earned(names: Iterable[str]) -> list[Holding]:
    return [Holding(credential=name, earned_at=AT) for name in names]


def _peer(made: list[Task]) -> tuple[float, list[int]] | None:
    """Milliseconds of CP-SAT for one plan, at the median, and the cost of each. It proves the cost only."""
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        note("OR-Tools is not installed: no other solver to compare with.")
        return None
    times, costs = [], []
    for requirement, held, offers in made:
        started = time.process_time()
        model = cp_model.CpModel()
        chosen = {offer.credential: model.new_bool_var(offer.credential) for offer in offers}
        have = {holding.credential for holding in held}
        for offer in offers:
            for need in offer.prerequisites:
                if need not in have:
                    model.add_implication(chosen[offer.credential], chosen[str(need)])

        def met(node: Requirement, model: Any = model, chosen: dict[str, Any] = chosen, have: set[str] = have) -> Any:
            if isinstance(node, Hold):
                return 1 if node.credential in have else chosen[node.credential]
            assert isinstance(node, Count)
            parts = [met(part) for part in node.of]
            one = model.new_bool_var("")
            model.add(sum(parts) >= node.at_least).only_enforce_if(one)
            return one

        model.add(met(requirement) == 1)
        model.minimize(sum(offer.cost * chosen[offer.credential] for offer in offers))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(model)
        times.append(time.process_time() - started)
        if status != cp_model.OPTIMAL:
            raise SystemExit("CP-SAT proved no optimum.")
        costs.append(round(solver.objective_value))
    return statistics.median(times) * 1000, costs


def _steps(count: int) -> Case:
    """All next steps of a large stack: 480 micro-credentials, sixty of them held."""
    random = Random(SEED)
    names = [f"c{number:03}" for number in range(480)]
    areas = [f"area {number}" for number in range(8)]
    offers = [
        Offer(
            credential=name,
            effort=random.randint(1, 40),
            level=random.randint(0, 3),
            hours={area: random.randint(1, 15) for area in random.sample(areas, 2)},
        )
        for name in names
    ]
    some = [
        Count(at_least=5, of=tuple(Hold(credential=name) for name in random.sample(names, 9))) for _ in range(6)
    ]
    tree = Count(
        at_least=4,
        of=(
            Count(at_least=200, of=tuple(Hold(credential=name) for name in names[:400])),
            Count(at_least=3, of=tuple(some)),
            Hours(total=900, minimum_per_area=dict.fromkeys(areas, 40)),
            Level(at_least=2, count=60),
        ),
    )
    result = evaluate(tree, [offer.as_held(AT) for offer in random.sample(offers, 60)], AT)
    times, found = [], 0
    for _ in range(max(3, min(9, count))):
        started = time.process_time()
        found = len(nearest(tree, result, offers, AT))
        times.append(time.process_time() - started)
    note(f"nearest: {found} steps bring nearer, of 480 that are on offer.")
    return Case("nearest", statistics.median(times) * 1000, "ms")
