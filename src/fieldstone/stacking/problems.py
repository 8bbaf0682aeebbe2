"""Find what can never be met in a requirement, before anyone starts on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from .evaluation import Result, evaluate
from .holding import Offer
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

    A part is impossible where a learner who had earned the whole catalog would still not meet it.
    Also listed: unknown ids next to known ones, and one credential that meets two parts of one group.
    """
    offers = tuple(catalog)
    best = evaluate(requirement, [offer.as_held(_ANY_DAY) for offer in offers], _ANY_DAY)
    return list(_problems(best, {offer.credential for offer in offers}, ""))


def _problems(best: Result, known: set[str], path: str) -> Iterator[Problem]:
    node = best.requirement
    if isinstance(node, Count):
        if not best.satisfied:
            yield _group(best, path)
        yield from _shared(node, path)
        for index, child in enumerate(best.of):
            yield from _problems(child, known, join(path, f"of[{index}]"))
        return
    here = join(path, KEYS[type(node)])
    yield from _unknown(node, known, here)
    if best.satisfied:
        return
    match node:
        case Hold():
            if known.intersection(node.accepted):
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
