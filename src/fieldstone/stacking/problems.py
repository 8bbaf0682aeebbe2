"""Find what can never be met in a requirement, before anyone starts on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from .evaluation import Result, evaluate
from .holding import Offer
from .program import Task, meets, needs, waiting
from .requirement import KEYS, Count, Hold, Hours, Level, Requirement, Text, join
from .words import number

_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend: `path` says where, `text` says what in each language.

    `blocking`: nobody can ever meet this part; otherwise it is worth a look.
    """

    path: str
    text: Text
    blocking: bool


def problems(requirement: Requirement, catalog: Iterable[Offer]) -> list[Problem]:
    """List what is impossible or doubtful, in tree order.

    A part is impossible where a learner who had earned all that can be earned would still not meet it. More never takes
    away, so parts of a tree cannot stand in each other's way; what can are limits, levels, missing credentials, and
    prerequisites that nobody offers, that lead round in a circle, or that open only after what needs them has closed,
    and what closes before it opens.
    Also listed: unknown ids next to known ones, and one credential that meets two parts of one group.
    """
    offers = tuple(catalog)
    task = Task(requirements=(), reaches=(), holdings=(), offers=offers, at=_ANY_DAY, pace=Fraction(1))
    reachable = waiting(task).opens
    best = evaluate(requirement, [offers[index].as_held(_ANY_DAY) for index in reachable], _ANY_DAY)
    stuck = [offer for index, offer in enumerate(offers) if index not in reachable]
    return list(_problems(best, _Catalog(offers, stuck), ""))


class _Catalog:
    """The ids on offer, and the offers that nobody can ever begin."""

    def __init__(self, offers: Sequence[Offer], stuck: Sequence[Offer]) -> None:
        self.offers = offers
        self.stuck = stuck
        self.known = {offer.credential for offer in offers}

    def why_stuck(self, offer: Offer) -> Text:
        """Why nobody can begin an offer: the first prerequisite that nobody offers, or how the dates or circles lie."""
        if offer.opens_at and offer.closes_at and offer.closes_at <= offer.opens_at:
            return {
                "en": f"{offer.credential} is never open: it closes before it opens.",
                "es": f"{offer.credential} no abre nunca: cierra antes de abrir.",
            }
        for need in needs(offer):
            if not any(meets(need, other) for other in self.offers if other is not offer):
                return {
                    "en": f"{offer.credential} asks first for {need.credential}, which is not offered.",
                    "es": f"{offer.credential} pide primero {need.credential}, que no se ofrece.",
                }
        return {
            "en": f"{offer.credential} can never be begun: what it asks for first leads back to itself, is not "
            "offered, or opens too late.",
            "es": f"{offer.credential} no se puede comenzar nunca: lo que pide primero vuelve a ella misma, no se "
            "ofrece o abre demasiado tarde.",
        }


def _problems(best: Result, catalog: _Catalog, path: str) -> Iterator[Problem]:
    node = best.requirement
    if isinstance(node, Count):
        if not best.satisfied:
            yield _group(best, path)
        yield from _shared(node, path)
        for index, child in enumerate(best.of):
            yield from _problems(child, catalog, join(path, f"of[{index}]"))
        return
    here = join(path, KEYS[type(node)])
    yield from _unknown(node, catalog.known, here)
    if best.satisfied:
        return
    yield from _stuck(node, catalog, here)
    match node:
        case Hold():
            level_is_offered = any(meets(node, offer) for offer in catalog.stuck)
            if catalog.known.intersection(node.accepted) and not level_is_offered:
                yield _impossible(
                    join(here, "level"),
                    f"Level {node.level} is not offered for this credential.",
                    f"El nivel {node.level} no se ofrece para esta credencial.",
                )
        case Hours():
            yield from _too_few_hours(best, node, here)
        case _:
            yield _impossible(
                join(here, "count"),
                f"{node.count} credentials at level {node.at_least} are asked for; {best.done} are offered.",
                f"Se piden {node.count} credenciales de nivel {node.at_least}; se ofrecen {best.done}.",
            )


def _stuck(node: Hold | Hours | Level, catalog: _Catalog, path: str) -> Iterator[Problem]:
    """What would help to meet this part, and can never be begun."""
    for offer in catalog.stuck:
        if isinstance(node, Hold):
            place, helps = "credential", meets(node, offer)
        else:
            place, helps = "among", not node.among or offer.credential in node.among
        if helps:
            yield Problem(path=join(path, place), text=catalog.why_stuck(offer), blocking=isinstance(node, Hold))


def _group(best: Result, path: str) -> Problem:
    return _impossible(
        join(path, "at_least"),
        f"{best.needed} parts are asked for; {best.done} of the {len(best.of)} listed can be met.",
        f"Se piden {best.needed} partes; se pueden cumplir {best.done} de las {len(best.of)} indicadas.",
    )


def _shared(group: Count, path: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, child in enumerate(group.of):
        if isinstance(child, Hold):
            for credential in child.accepted:
                if credential in seen:
                    yield Problem(
                        path=join(path, f"of[{index}].hold"),
                        text={
                            "en": f"One credential would meet two parts of this group: {credential}.",
                            "es": f"Una sola credencial cumpliría dos partes de este grupo: {credential}.",
                        },
                        blocking=False,
                    )
                seen.add(credential)


def _unknown(node: Hold | Hours | Level, known: set[str], path: str) -> Iterator[Problem]:
    if isinstance(node, Hold):
        places = [
            join(path, "credential"),
            *(join(path, f"equivalents[{i}]") for i in range(len(node.equivalents))),
        ]
        ids = node.accepted
        blocking = not known.intersection(ids)
    else:
        places = [join(path, f"among[{index}]") for index in range(len(node.among))]
        ids = node.among
        blocking = False
    for place, credential in zip(places, ids, strict=True):
        if credential not in known:
            yield Problem(
                path=place,
                text={
                    "en": f"This credential is not in the catalog: {credential}.",
                    "es": f"Esta credencial no está en el catálogo: {credential}.",
                },
                blocking=blocking,
            )


def _too_few_hours(best: Result, node: Hours, path: str) -> Iterator[Problem]:
    if best.done < node.total:
        yield _impossible(
            join(path, "total"),
            f"{number(node.total)} hours are asked for; the credentials give {number(best.done)}.",
            f"Se piden {number(node.total)} horas; las credenciales dan {number(best.done)}.",
        )
    for row in best.areas:
        if row.missing:
            yield _impossible(
                join(join(path, "minimum_per_area"), row.area),
                f"{number(row.needed)} hours are asked for here; the credentials give {number(row.counted)}.",
                f"Aquí se piden {number(row.needed)} horas; las credenciales dan {number(row.counted)}.",
            )


def _impossible(path: str, en: str, es: str) -> Problem:
    return Problem(path=path, text={"en": en, "es": es}, blocking=True)
