"""Which gaps a micro-credential closes, and for how many people: pure arithmetic over levels of skills.

Readiness is that of `fieldstone.stacking.readiness`, here in plain floats, since it is asked for every occupation and
every group of learners at once. Learners who have shown the same are one group: `Crowd` is such groups with their
sizes. Numbers of people leave this module only through `heads`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fieldstone.outcomes import release
from fieldstone.server.study.rules import more_than

Levels = Mapping[str, float]
"""Skill to the highest level shown."""
Asks = Sequence[tuple[str, float, float]]
"""(skill, importance, level) of one occupation."""
Crowd = Sequence[tuple[Levels, int]]
"""What people have shown, and how many have shown just that."""


def crowd(people: Iterable[Levels]) -> Crowd:
    """Put together those who have shown the same."""
    groups = Counter(tuple(sorted(levels.items())) for levels in people)
    return [(dict(levels), count) for levels, count in sorted(groups.items())]


def highest(shown: Iterable[Levels]) -> dict[str, float]:
    """The highest level of each skill over several."""
    found: dict[str, float] = {}
    for levels in shown:
        for skill, level in levels.items():
            found[skill] = max(level, found.get(skill, level))
    return found


def ready(asks: Asks, levels: Levels) -> float:
    """The share of what an occupation asks that is shown, 0 to 1; 1 where it asks nothing."""
    whole = sum(importance * level for _skill, importance, level in asks)
    lack = sum(importance * max(0.0, level - levels.get(skill, 0.0)) for skill, importance, level in asks)
    return 1 - lack / whole if whole else 1.0


def helps(asks: Asks, levels: Levels, adds: Levels) -> list[str]:
    """The skills in which `adds` brings somebody with these levels nearer to what is asked."""
    return [
        skill
        for skill, importance, level in asks
        if importance and skill in adds and levels.get(skill, 0.0) < min(level, adds[skill])
    ]


def raised(people: Crowd, asks: Asks, adds: Levels) -> int:
    """For how many readiness rises."""
    return sum(count for levels, count in people if helps(asks, levels, adds))


def raised_by_skill(people: Crowd, asks: Asks, adds: Levels) -> dict[str, int]:
    """For how many each skill of `adds` closes a part of the gap."""
    found = dict.fromkeys((skill for skill, _importance, _level in asks if skill in adds), 0)
    for levels, count in people:
        for skill in helps(asks, levels, adds):
            found[skill] += count
    return found


def at_least(people: Crowd, asks: Asks, share: float) -> int:
    """How many are ready to this share or more."""
    return sum(count for levels, count in people if ready(asks, levels) >= share)


@dataclass(frozen=True)
class Gap:
    """A skill that people lack for some occupations: how many, how much of readiness it is worth to one of them on
    average over those occupations (0 to 1), from which level to which it is asked, and where it is worth the most."""

    skill: str
    people: int
    worth: float
    low: float
    high: float
    most_for: str


def gaps(people: Crowd, jobs: Mapping[str, Asks]) -> list[Gap]:
    """What a new micro-credential that showed one skill, at the level asked, would add; most in all comes first."""
    heads_of: Counter[str] = Counter()
    worth: dict[str, dict[str, float]] = {}
    asked: dict[str, list[float]] = {}
    whole = {job: sum(importance * level for _skill, importance, level in asks) for job, asks in jobs.items()}
    for asks in jobs.values():
        for skill, importance, level in asks:
            if importance and level:
                asked.setdefault(skill, []).append(level)
    for levels, count in people:
        lacks: set[str] = set()
        for job, asks in jobs.items():
            for skill, importance, level in asks:
                lack = importance * max(0.0, level - levels.get(skill, 0.0))
                if lack:
                    lacks.add(skill)
                    by_job = worth.setdefault(skill, {})
                    by_job[job] = by_job.get(job, 0.0) + count * lack / whole[job]
        for skill in lacks:
            heads_of[skill] += count
    found = [
        Gap(
            skill=skill,
            people=heads_of[skill],
            worth=sum(by_job.values()) / (heads_of[skill] * len(jobs)),
            low=min(asked[skill]),
            high=max(asked[skill]),
            most_for=max(sorted(by_job), key=lambda job: by_job[job]),
        )
        for skill, by_job in worth.items()
    ]
    return sorted(found, key=lambda gap: (-gap.people * gap.worth, gap.skill))


def heads(count: int, of: int) -> int | None:
    """A number of people as it may be shown among `of`: 0, or "more than" 10, 20…; None where it, or those who are
    left, are 1 to 10 people. Tens are cut off so that two figures cannot be set against each other."""
    released = release({"in": count, "out": of - count})
    if released.cells["in"] is None:
        return None
    return more_than(count) if count else 0
