"""The next step: which single micro-credential brings most for each hour of work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from .ahead import Ahead
from .evaluation import Result, evaluate, leaves, remaining
from .holding import Holding, Offer
from .requirement import Amount, Hours, Language, Level, Requirement, Text, named, walk
from .words import Names, hours, name, series


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One micro-credential to earn next, and what it would bring.

    `gain` is its share of the whole requirement (0 to 1), `hours` what it adds by area, `completes` the
    labels of the groups it would complete, `last` whether the whole would then be met, `started` whether a
    draft exists.
    """

    offer: Offer
    gain: Fraction
    hours: tuple[tuple[str, Amount], ...]
    completes: tuple[Text, ...]
    last: bool
    started: bool


def nearest(requirement: Requirement, result: Result, offers: Iterable[Offer], at: datetime) -> list[Step]:
    """List the single offers that bring the learner nearer, the best first; empty once all is met or in
    review.

    What is in review is taken as earned, so that nothing is suggested twice. Order: gain for each hour of
    work, then drafts already started, less work, id, level. Branches that no open offer can complete are
    left aside as long as another can. Only credentials that the tree names are tried, unless a leaf is open
    to all.
    """
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
    whole = remaining(evaluate(requirement, [], at), best)
    ahead = Ahead(now, best, held, at)
    steps = []
    for offer in open_offers:
        then = ahead.with_one(offer)
        if then.gain > 0:
            steps.append(
                Step(
                    offer=offer,
                    gain=then.gain / whole,
                    hours=then.hours,
                    completes=then.completes,
                    last=then.last,
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


def explain_step(step: Step, names: Names, language: Language) -> str:
    """Explain one step in plain words, for example
    "Observing children: about 12 hours of work. It adds 6 hours in Professionalism. It completes Electives."
    """
    offer = step.offer
    title = name(names, offer.credential, language)
    work = hours(offer.effort, language)
    added = [(hours(amount, language), name(names, area, language)) for area, amount in step.hours]
    groups = series(label[language] for label in step.completes)
    if language == "en":
        parts = [f"{title}: about {work} of work."]
        parts += [f"It adds {series(f'{amount} in {area}' for amount, area in added)}."] if added else []
        parts += [f"It completes {groups}."] if groups else []
        parts += ["Nothing is missing after that."] if step.last else []
    else:
        parts = [f"{title}: unas {work} de trabajo."]
        parts += [f"Suma {series(f'{amount} en {area}' for amount, area in added)}."] if added else []
        parts += [f"Completa {groups}."] if groups else []
        parts += ["Después no falta nada."] if step.last else []
    return " ".join(parts)
