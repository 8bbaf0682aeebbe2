"""Stack definitions: reading them, refusing impossible ones, and the order of a wall's stones.

A definition is `{"title", "summary", "can_do", "glyph", "level", "valid_months", "hours", "occupations", "tree"}`;
`occupations` are codes of the SOC or of O*NET-SOC that the stack leads to, `tree` is a requirement in the JSON of
`fieldstone.stacking`, with micro-credentials and stacks named by their UUIDs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any
from uuid import UUID

from fieldstone import stacking
from fieldstone.server.catalog.rules import GLYPHS, LANGUAGES, Reader, Text, is_job
from fieldstone.server.ledger.ids import uuid_of
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.reference.places import STATE_OF
from fieldstone.server.reference.rules import fold
from fieldstone.server.workplace import rules as workplace

EMPTY: dict[str, Any] = {
    "title": {},
    "summary": {},
    "can_do": {},
    "glyph": "stairs",
    "level": 1,
    "valid_months": None,
    "hours": 0,
    "occupations": [],
    "tree": None,
}
"""A draft on its first day."""
MOST_OCCUPATIONS = 20
MOST_COUNTIES = 12
WHOLE_STATE = "000"
"""What stands after a state's two digits where all of it is meant."""

MIXED: Text = {
    "en": "Name the subject areas that count here, or hours at work would count too.",
    "es": "Indique las áreas que cuentan aquí; si no, también contarían las horas de trabajo.",
}
STATES = ("earned", "in_review", "draft", "missing")


@dataclass(frozen=True)
class StackDefinition:
    """A stack's definition, checked. `tree` is None while it cannot be read."""

    title: Text
    summary: Text
    can_do: Text
    glyph: str
    level: int
    valid_months: int | None
    hours: int
    occupations: tuple[str, ...]
    tree: stacking.Requirement | None


def parse(data: Any) -> tuple[StackDefinition, list[Problem]]:
    """Read a definition. Always returns one (with blanks where unreadable) and every problem found."""
    r = Reader(data if isinstance(data, Mapping) else {})
    d = {**EMPTY, **r.data}
    for name in sorted(set(map(str, r.data)) - set(EMPTY)):
        r.add(name, _("No such field."))
    texts = [d[name] for name in ("title", "summary", "can_do")]
    written = [
        language for language in LANGUAGES if any(isinstance(text, Mapping) and text.get(language) for text in texts)
    ]
    r.first_language = written[0] if written else "en"
    tree: stacking.Requirement | None = None
    try:
        tree = stacking.parse(d["tree"])
    except stacking.ParseError as error:
        r.problems.append(_said("tree", error.path, error.text))
    definition = StackDefinition(
        title=r.text(d["title"], "title", limit=120),
        summary=r.text(d["summary"], "summary", limit=600),
        can_do=r.text(d["can_do"], "can_do", limit=400),
        glyph=r.choice(d["glyph"], "glyph", GLYPHS),
        level=r.number(d["level"], "level", 1, 3),
        valid_months=None if d["valid_months"] is None else r.number(d["valid_months"], "valid_months", 1, 600),
        hours=r.number(d["hours"], "hours", 0, 10_000),
        occupations=_occupations(r, d["occupations"]),
        tree=tree,
    )
    return definition, r.problems


def _occupations(r: Reader, value: Any) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for i, code in enumerate(r.items(value, "occupations", 0, MOST_OCCUPATIONS)):
        if not isinstance(code, str) or not is_job(code):
            r.add(f"occupations.{i}", _("Give the code of an occupation, such as 39-9011.00."))
        elif code in found:
            r.add(f"occupations.{i}", _("This occupation is named twice."))
        else:
            found[code] = None
    return tuple(found)


def nearer(counties: Sequence[str], county: str) -> tuple[str, ...]:
    """The places an organization looks at, with one more; the last one added comes last, each once.

    Raises ValueError where there are too many.
    """
    found = (*(each for each in counties if each != county), county)
    if len(found) > MOST_COUNTIES:
        raise ValueError(f"at most {MOST_COUNTIES} places")
    return found


def state_in(place: str) -> str:
    """The two digits of the state that ends an address line such as "Nashville, Tennessee"; "" where none does."""
    return STATE_OF.get(fold(place.rpartition(",")[2].strip()), "")


def _said(root: str, path: str, text: Text) -> Problem:
    return Problem(f"{root}.{path}" if path else root, "%(text)s", {"text": dict(text)})


def impossible(tree: stacking.Requirement, offers: Iterable[stacking.Offer]) -> list[Problem]:
    """What nobody could ever meet, as problems of the field `tree`; and a part in which hours at work would count as
    hours of study."""
    found = [_said("tree", p.path, p.text) for p in stacking.problems(tree, offers) if p.blocking]
    if any(part is not None and part[0] == workplace.HOURS for part in map(workplace.named, stacking.named(tree))):
        found += [
            _said("tree", path, MIXED)
            for path, node in stacking.walk(tree)
            if isinstance(node, stacking.Hours) and not node.among and not node.minimum_per_area
        ]
    return found


def doubtful(tree: stacking.Requirement, offers: Iterable[stacking.Offer]) -> list[Problem]:
    """What is worth a second look by the author, and does not stop a publication."""
    return [_said("tree", p.path, p.text) for p in stacking.problems(tree, offers) if not p.blocking]


def open_to_all(tree: stacking.Requirement) -> bool:
    """Whether some part counts any credential of the stack's own organization, not only named ones."""
    return any(
        isinstance(node, stacking.Hours | stacking.Level) and not node.among for _path, node in stacking.walk(tree)
    )


def closed(tree: stacking.Requirement, own: Iterable[str]) -> stacking.Requirement:
    """The same tree, whose parts open to all count only what it names and these credentials, its issuer's own."""
    among = tuple(sorted({*own, *stacking.named(tree)})) or ("",)

    def close(node: stacking.Requirement) -> stacking.Requirement:
        if isinstance(node, stacking.Count):
            return dataclasses.replace(node, of=tuple(close(child) for child in node.of))
        if isinstance(node, stacking.Hours | stacking.Level) and not node.among:
            return dataclasses.replace(node, among=among)
        return node

    return close(tree)


NEAREST = 5
STEP = 1000


@dataclass(frozen=True)
class Near:
    """A stack that is begun and not met: `left` of `whole`, in thousandths of a step, rounded up."""

    stack: UUID
    left: int
    whole: int


def nearest(found: Iterable[tuple[UUID, Fraction, Fraction]]) -> list[Near]:
    """The five stacks that are nearest, of (stack, progress from 0 to 1, steps left), in the stacks' own order.

    Most progress first, then fewest steps left. What is met, or not begun, is left out.
    """
    begun = [row for row in found if 0 < row[1] < 1]
    begun.sort(key=lambda row: (-row[1], row[2]))
    return [near(stack, progress, left) for stack, progress, left in begun[:NEAREST]]


def near(stack: UUID, progress: Fraction, left: Fraction) -> Near:
    """One of them, from its progress and its steps left."""
    whole = ceil(left / (1 - progress) * STEP)
    return Near(stack, min(ceil(left * STEP), whole - 1), whole)


def named(tree: stacking.Requirement) -> list[UUID]:
    """The micro-credentials, stacks and supervisors' forms of this installation that the tree names, each once.

    Other ids belong to credentials from elsewhere and are left out.
    """
    found = map(row_of, stacking.named(tree))
    return list(dict.fromkeys(name for name in found if name is not None))


def row_of(credential: str) -> UUID | None:
    """The row that an id in a tree stands for: a micro-credential's, a stack's, or that of the form behind
    `review:…` and `hours:…`; None for a credential from elsewhere."""
    at_work = workplace.named(credential)
    return at_work[1] if at_work is not None else uuid_of(credential)


def forms(tree: stacking.Requirement) -> list[UUID]:
    """The supervisors' forms that the tree names, each once."""
    found = map(workplace.named, stacking.named(tree))
    return list(dict.fromkeys(name[1] for name in found if name is not None))


def fitted(tree: stacking.Requirement, offers: Iterable[stacking.Offer]) -> list[stacking.Offer]:
    """The offers, where hours at work are as many as the tree asks for; a review takes as long as they do."""
    asked: dict[str, stacking.Amount] = {}
    for _path, node in stacking.walk(tree):
        if isinstance(node, stacking.Hours):
            asked.update({name: max(node.needed, asked.get(name, 0)) for name in node.among})
    found = []
    for offer in offers:
        part = workplace.named(offer.credential)
        hours = asked.get(workplace.hours_of(part[1])) if part else None
        if part is None or not hours:
            found.append(offer)
        elif part[0] == workplace.HOURS:
            found.append(dataclasses.replace(offer, hours={workplace.AREA: hours}, effort=hours))
        else:
            found.append(dataclasses.replace(offer, effort=hours))
    return found


def _left_at_work(result: stacking.Result) -> dict[str, stacking.Amount]:
    """By the ids of hours at work that a tree asks for: how many are neither countersigned nor waiting."""
    found: dict[str, stacking.Amount] = {}
    for leaf in stacking.leaves(result):
        if isinstance(leaf.requirement, stacking.Hours):
            left = 0 if leaf.expected else max(1, leaf.needed - leaf.done - leaf.in_review)
            for name in filter(workplace.named, leaf.requirement.among):
                found[name] = max(left, found.get(name, 0))
    return found


def shortened(result: stacking.Result, offers: Iterable[stacking.Offer]) -> list[stacking.Offer]:
    """The offers, where work at a workplace takes as long as hours are neither countersigned nor waiting."""
    left = _left_at_work(result)
    found = []
    for offer in offers:
        part = workplace.named(offer.credential)
        effort = left.get(workplace.hours_of(part[1])) if part else None
        found.append(offer if effort is None else dataclasses.replace(offer, effort=max(1, effort)))
    return found


NUDGE_DAYS = 14
"""Days without a word from us, or a touch of hers, before a learner is told that one step is left."""
DAYTIME = (9, 19)
"""The hours of the day, local time, in which such notes go out: from the first up to the second."""


def in_daytime(local: datetime) -> bool:
    """Whether it is an hour at which people do not mind a note."""
    return DAYTIME[0] <= local.hour < DAYTIME[1]


def last_step(steps: Iterable[stacking.Step], current: Container[str]) -> stacking.Step | None:
    """The one micro-credential, of those that can be begun now, that is all that a stack still asks for."""
    return next((step for step in steps if step.last and step.offer.credential in current), None)


REVIEW_HOURS = 1
"""What a review takes where hours at work are planned beside it: they are its time."""


def plannable(
    tree: stacking.Requirement, holdings: Iterable[stacking.Holding], offers: Iterable[stacking.Offer], at: datetime
) -> tuple[list[stacking.Holding], list[stacking.Offer]]:
    """Holdings and offers as a plan takes them, so that no hour at work is planned twice.

    Hours at work are what is neither countersigned nor waiting; those begun stand in the offer, as its rest. A review
    beside them takes an hour once they are done.
    """
    mine = list(holdings)
    asked = _left_at_work(stacking.evaluate(tree, mine, at))
    found = []
    for offer in offers:
        part = workplace.named(offer.credential)
        hours = workplace.hours_of(part[1]) if part else ""
        if part is None or hours not in asked:
            found.append(offer)
        elif part[0] == workplace.REVIEW:
            first = (hours,) if asked[hours] else ()
            found.append(dataclasses.replace(offer, effort=REVIEW_HOURS, prerequisites=first))
        elif asked[hours]:
            found.append(dataclasses.replace(offer, effort=asked[hours]))
    return [h for h in mine if not asked.get(h.credential)], found


def loops(start: UUID, edges: Mapping[UUID, Iterable[UUID]]) -> bool:
    """Whether following `edges` (stack to what its tree names) from `start` leads back to it."""
    waiting, seen = list(edges.get(start, ())), set()
    while waiting:
        here = waiting.pop()
        if here == start:
            return True
        if here not in seen:
            seen.add(here)
            waiting.extend(edges.get(here, ()))
    return False


@dataclass(frozen=True)
class Place:
    """One stone of a wall: which credential, its state, and the day it was earned."""

    credential: str
    state: str
    earned_on: date | None = None


def places(result: stacking.Result, offers: Sequence[stacking.Offer] = ()) -> list[Place]:
    """The stones of a stack for one learner, in tree order, each credential once.

    A group that asks for k of n shows what is earned, in review or begun, and missing ones up to k.
    A leaf of hours shows what counts, what waits, what is begun, and then what else it names; where it names
    nothing, one of the `offers` for each area that still lacks hours.
    """
    found: dict[str, Place] = {}
    for place in _places(result, offers):
        known = found.get(place.credential)
        if known is None or STATES.index(place.state) < STATES.index(known.state):
            found[place.credential] = place
    return list(found.values())


def _places(result: stacking.Result, offers: Sequence[stacking.Offer]) -> Iterator[Place]:
    node = result.requirement
    if isinstance(node, stacking.Count):
        groups = [list(_places(child, offers)) for child in result.of]
        begun = [any(p.state != "missing" for p in group) for group in groups]
        room = max(0, node.at_least - sum(begun))
        for group, has_begun in zip(groups, begun, strict=True):
            if has_begun:
                yield from group
            elif room:
                room -= 1
                yield from group
        return
    for holding in result.used:
        if result.satisfied or workplace.named(holding.credential) is None:
            yield Place(holding.credential, "earned", _day(holding.earned_at))
        else:  # hours at work, not yet as many as are asked for
            yield Place(holding.credential, "draft")
    for holding in result.waiting:
        yield Place(holding.credential, "in_review")
    for holding in result.started:
        yield Place(holding.credential, "draft")
    if result.satisfied:
        return
    if isinstance(node, stacking.Hold):
        if not (result.used or result.waiting or result.started):
            yield Place(node.credential, "missing")
    else:
        seen = {h.credential for h in (*result.used, *result.waiting, *result.started)}
        lacking = [name for name in node.among if name not in seen]
        if isinstance(node, stacking.Level):
            if not node.among:
                lacking = [o.credential for o in offers if o.level >= node.at_least and o.credential not in seen]
            lacking = lacking[: max(0, node.count - len(seen))]
        elif not node.among:
            lacking = list(_for_areas(result, seen, offers))
        for name in lacking:
            yield Place(name, "missing")


def _for_areas(result: stacking.Result, seen: set[str], offers: Sequence[stacking.Offer]) -> Iterator[str]:
    begun = {area for holding in result.started for area in holding.hours}
    for row in result.areas:
        if row.missing > row.in_review and row.area not in begun:
            fits = next((o for o in offers if o.hours.get(row.area) and o.credential not in seen), None)
            if fits is not None:
                seen.add(fits.credential)
                begun.update(fits.hours)
                yield fits.credential


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def wall_order(previous: Sequence[str], stones: Sequence[Place]) -> list[Place]:
    """The stones in the order of the wall: a set stone keeps its place, new ones follow by date.

    `previous` are the credentials in the order of the last time.
    """
    place_before = {name: i for i, name in enumerate(previous)}
    earned = [s for s in stones if s.state == "earned"]
    old = sorted((s for s in earned if s.credential in place_before), key=lambda s: place_before[s.credential])
    new = sorted(
        (s for s in earned if s.credential not in place_before), key=lambda s: (s.earned_on or date.max, s.credential)
    )
    rest = [s for state in STATES[1:] for s in stones if s.state == state]
    return [*old, *new, *rest]


def progress(stones: Sequence[Place]) -> tuple[int, int]:
    """Stones set and stones needed, for a short line such as "7 of 9"."""
    done = sum(s.state == "earned" for s in stones)
    return done, len(stones)


def narrative(result: stacking.Result, names: stacking.Names) -> dict[str, str]:
    """What was met, in words, one line for each part, in both languages."""
    languages: tuple[stacking.Language, ...] = ("en", "es")
    credits = at_work(result)
    return {
        language: "\n".join(
            f"- {text}"
            for text in (
                *(line.text for line in stacking.explain(result, names, language)),
                *workplace.endorsed(credits, language),
            )
        )
        for language in languages
    }


def at_work(result: stacking.Result) -> list[tuple[str, Decimal]]:
    """What a workplace brought to a met tree: ("review", 0), and ("hours", sum). Nobody's name is in it."""
    found: dict[str, tuple[str, Decimal]] = {}
    for holding in used(result):
        name = workplace.named(holding.credential)
        if name is not None:
            found[holding.credential] = (name[0], Decimal(sum(holding.hours.values())))
    return list(found.values())


def used(result: stacking.Result) -> Iterator[stacking.Holding]:
    """The holdings that meet a met tree; branches that were begun and not needed have no part."""
    if result.satisfied:
        yield from result.used
        for child in result.of:
            yield from used(child)
