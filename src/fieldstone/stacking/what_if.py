"""What would change if: one more credential is earned, one is lost or expires, or the rule is written anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Literal

from .ahead import Ahead
from .evaluation import Result, evaluate, leaves, progress, size
from .holding import Holding, Offer
from .readiness import percent
from .requirement import Language, Requirement, Text
from .words import Names, day, name, series

Kind = Literal["rule", "earn", "lose", "expire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one change alone would do. `before` and `after` are progress (0 to 1; 1 if and only if met).

    earn: `offer` is earned now. lose: nothing of `credential` counts any more. expire: one holding of `credential`
    expires, on `when`. rule: the other rule holds. `completes` and `breaks` are the labels of the groups that would
    newly be met, and of those that would no longer be. For a rule: `starts` and `stops` are the credentials held that
    would begin, and cease, to count.
    """

    kind: Kind
    before: Fraction
    after: Fraction
    credential: str = ""
    offer: Offer | None = None
    when: datetime | None = None
    completes: tuple[Text, ...] = ()
    breaks: tuple[Text, ...] = ()
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


def what_if(
    requirement: Requirement,
    holdings: Iterable[Holding],
    offers: Iterable[Offer],
    at: datetime,
    *,
    instead: Requirement | None = None,
) -> list[Change]:
    """List what each change alone would do: the other rule, where one is given; each open offer that brings nearer, the
    most first; each credential that counts, lost; each holding that counts and ends, when it expires.

    What is in review does not count here. A loss that changes nothing is listed too: `before` equals `after`.
    """
    mine = tuple(dict.fromkeys(holdings))
    now = evaluate(requirement, mine, at)
    changes = [] if instead is None else [_rule(now, evaluate(instead, mine, at))]
    changes += sorted(_earned(now, mine, offers, at), key=_most_first)
    changes += _lost(now, mine, at)
    changes += sorted(_expired(now, mine, at), key=_soonest_first)
    return changes


def _rule(now: Result, then: Result) -> Change:
    before, after = _used(now), _used(then)
    return Change(
        kind="rule",
        before=progress(now),
        after=progress(then),
        starts=tuple(each for each in after if each not in before),
        stops=tuple(each for each in before if each not in after),
    )


def _used(result: Result) -> dict[str, None]:
    return dict.fromkeys(holding.credential for leaf in leaves(result) for holding in leaf.used)


def _earned(now: Result, mine: Sequence[Holding], offers: Iterable[Offer], at: datetime) -> Iterator[Change]:
    ahead = Ahead(now, None, mine, at)
    for offer in offers:
        then = ahead.with_one(offer) if offer.is_open(at) else None
        if then is not None and then.gain > 0:
            yield Change(
                kind="earn",
                before=progress(now),
                after=progress(now) + then.gain / size(now.requirement),
                credential=offer.credential,
                offer=offer,
                completes=then.completes,
            )


def _most_first(change: Change) -> tuple[object, ...]:
    assert change.offer is not None
    return (-change.after, change.offer.effort, change.credential, change.offer.level)


def _lost(now: Result, mine: Sequence[Holding], at: datetime) -> Iterator[Change]:
    for credential in _used(now):
        rest = [holding for holding in mine if holding.credential != credential]
        then = evaluate(now.requirement, rest, at)
        yield Change(
            kind="lose",
            before=progress(now),
            after=progress(then),
            credential=credential,
            breaks=tuple(_broken(now, then)),
        )


def _expired(now: Result, mine: Sequence[Holding], at: datetime) -> Iterator[Change]:
    for holding in dict.fromkeys(holding for leaf in leaves(now) for holding in leaf.used):
        if holding.valid_until is not None and holding.valid_until > at:
            rest = [each for each in mine if each != holding]
            then = evaluate(now.requirement, [*rest, replace(holding, valid_until=at)], at)
            yield Change(
                kind="expire",
                before=progress(now),
                after=progress(then),
                credential=holding.credential,
                when=holding.valid_until,
                breaks=tuple(_broken(now, then)),
            )


def _soonest_first(change: Change) -> tuple[object, ...]:
    return (change.when, change.credential, change.after)


def _broken(now: Result, then: Result) -> Iterator[Text]:
    """The labels of the groups that would no longer be met, the whole first."""
    if now.satisfied and not then.satisfied and now.requirement.label is not None and now.of:
        yield now.requirement.label
    for before, after in zip(now.of, then.of, strict=True):
        yield from _broken(before, after)


def explain_change(change: Change, names: Names, language: Language) -> str:
    """Say one change in plain words, for example
    "If you earn Safety: 40% done becomes 60%. It completes Electives."
    """

    def say(en: str, es: str) -> str:
        return {"en": en, "es": es}[language]

    def titles(labels: Iterable[Text]) -> str:
        return series(label[language] for label in labels)

    def those(credentials: Iterable[str]) -> str:
        return series(name(names, each, language) for each in credentials)

    title = name(names, change.credential, language)
    level = change.offer.level if change.offer is not None else 0
    title += say(f" (level {level})", f" (nivel {level})") if level else ""
    if change.kind == "rule":
        text = say("With the other rule: ", "Con la otra regla: ")
    elif change.kind == "earn":
        text = say(f"If you earn {title}: ", f"Si usted obtiene {title}: ")
    elif change.when is None:
        text = say(f"Without {title}: ", f"Sin {title}: ")
    else:
        date = day(change.when, language)
        text = say(f"When {title} expires on {date}: ", f"Cuando venza {title} el {date}: ")
    before, after = percent(change.before), percent(change.after)
    if change.before == change.after:
        text += say("nothing changes.", "no cambia nada.")
    elif language == "en":
        text += f"{before}% done becomes {after}%."
    else:
        text += f"de {before} % hecho pasa a {after} %."
    if change.completes:
        text += say(f" It completes {titles(change.completes)}.", f" Completa {titles(change.completes)}.")
    if change.breaks:
        text += say(
            f" No longer complete: {titles(change.breaks)}.", f" Deja de estar completo: {titles(change.breaks)}."
        )
    if change.starts:
        text += say(f" These begin to count: {those(change.starts)}.", f" Empiezan a contar: {those(change.starts)}.")
    if change.stops:
        text += say(f" These no longer count: {those(change.stops)}.", f" Dejan de contar: {those(change.stops)}.")
    return text
