"""The next step found the slow way: the whole tree is evaluated again for each offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from fieldstone.stacking import (
    Amount,
    Count,
    Holding,
    Hours,
    Level,
    Offer,
    Requirement,
    Result,
    Step,
    Text,
    evaluate,
    leaves,
    named,
    remaining,
    walk,
)


def nearest_plain(requirement: Requirement, result: Result, offers: Iterable[Offer], at: datetime) -> list[Step]:
    parts = list(leaves(result))
    held = [holding for part in parts for holding in part.used]
    held += [_as_earned(holding, at) for part in parts for holding in part.waiting]
    drafts = {(holding.credential, holding.level) for part in parts for holding in part.started}
    open_offers = [offer for offer in offers if offer.is_open(at)]
    if not _open_to_all(requirement):
        wanted = frozenset(named(requirement))
        open_offers = [offer for offer in open_offers if offer.credential in wanted]
    now = evaluate(requirement, held, at)
    best = evaluate(requirement, [*held, *(offer.as_held(at) for offer in open_offers)], at)
    before = remaining(now, best)
    whole = remaining(evaluate(requirement, [], at), best)
    steps = []
    for offer in open_offers:
        then = evaluate(requirement, [*held, offer.as_held(at)], at)
        gain = before - remaining(then, best)
        if gain > 0:
            steps.append(
                Step(
                    offer=offer,
                    gain=gain / whole,
                    hours=tuple(_hours(now, then)),
                    completes=tuple(_completed(now, then)),
                    last=then.satisfied,
                    started=(offer.credential, offer.level) in drafts,
                )
            )
    return sorted(steps, key=_order)


def _order(step: Step) -> tuple[object, ...]:
    offer = step.offer
    return (
        -step.gain / Fraction(offer.effort),
        not step.started,
        offer.effort,
        offer.credential,
        offer.level,
    )


def _as_earned(holding: Holding, at: datetime) -> Holding:
    return Holding(credential=holding.credential, level=holding.level, hours=holding.hours, earned_at=at)


def _open_to_all(requirement: Requirement) -> bool:
    return any(isinstance(node, Hours | Level) and not node.among for _, node in walk(requirement))


def _pairs(now: Result, then: Result) -> Iterator[tuple[Result, Result]]:
    """Walk two results of one tree together, leaving out what was met before."""
    if not now.satisfied:
        yield now, then
        for before, after in zip(now.of, then.of, strict=True):
            yield from _pairs(before, after)


def _hours(now: Result, then: Result) -> Iterator[tuple[str, Amount]]:
    """Hours added by area, the most that any one unmet part counts."""
    added: dict[str, Amount] = {}
    for before, after in _pairs(now, then):
        earlier = {row.area: row.counted for row in before.areas}
        for row in after.areas:
            more = row.counted - earlier.get(row.area, 0)
            if more > 0:
                added[row.area] = max(more, added.get(row.area, 0))
    yield from sorted(added.items())


def _completed(now: Result, then: Result) -> Iterator[Text]:
    for before, after in _pairs(now, then):
        if after.satisfied and isinstance(before.requirement, Count) and before.requirement.label is not None:
            yield before.requirement.label
