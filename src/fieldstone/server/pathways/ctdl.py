"""A stack in CTDL: the credential that it leads to, and the pathway there with its components and conditions.

All of, any of, so many of, and one credential or its equals are ComponentConditions. Clock hours and levels are
Constraints of a condition, and said in words. `tree` reads all of it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from fieldstone import stacking
from fieldstone.server.catalog.ctdl import (
    concept,
    credential_address,
    ctid,
    occupation,
    organization_address,
)
from fieldstone.server.catalog.published import Owner, stable
from fieldstone.server.catalog.rules import Text
from fieldstone.server.ledger.ids import uuid_of
from fieldstone.server.pathways.rules import StackDefinition
from fieldstone.server.workplace import rules as workplace

ALL: Text = {"en": "All of these", "es": "Todo esto"}
SOME: Text = {"en": "At least %s of these", "es": "Al menos %s de esto"}
ONE: Text = {"en": "This credential", "es": "Esta credencial"}
EQUAL: Text = {"en": "This credential, or one that counts as equal", "es": "Esta credencial u otra que vale lo mismo"}
HOURS: Text = {"en": "Clock hours", "es": "Horas reloj"}
AREA: Text = {"en": "Clock hours in %s", "es": "Horas reloj en %s"}
MOST: Text = {"en": "Clock hours that one credential brings", "es": "Horas reloj que aporta una credencial"}
LEVEL: Text = {"en": "Level of the credential", "es": "Nivel de la credencial"}
NUMBER: Text = {"en": "Number of credentials", "es": "Cantidad de credenciales"}
LAPSED: Text = {"en": "Also when it has run out", "es": "También si ya venció"}
EXPIRED: Final = "credentialStat:Deprecated"
_HOURS, _LEVEL, _NUMBER = "ceterms:timeRequired", "ceterms:atLevel", "ceterms:CredentialComponent"


@dataclass(frozen=True)
class Ladder:
    """A stack in its current version. `titles` are those of what its tree names; `stacks` says which are stacks."""

    id: UUID
    slug: str
    number: int
    since: datetime
    definition: StackDefinition
    owner: Owner
    titles: Mapping[str, Text]
    stacks: frozenset[str] = frozenset()


def stack_address(base_url: str, identifier: UUID | str) -> str:
    """The address of a stack's data."""
    return f"{base_url}/ctdl/stacks/{identifier}"


def nodes(ladder: Ladder, base_url: str) -> list[dict[str, Any]]:
    """The credential, the pathway, its destination and its components."""
    return _Writer(ladder, base_url).nodes()


class _Writer:
    def __init__(self, ladder: Ladder, base_url: str) -> None:
        self.ladder, self.base = ladder, base_url
        self.here = stack_address(base_url, ladder.id)
        self.pathway = f"{self.here}#pathway"
        self.destination = f"{self.here}#destination"

    def nodes(self) -> list[dict[str, Any]]:
        d = self.ladder.definition
        names = stacking.named(d.tree) if d.tree is not None else ()
        components = [self.component(name) for name in names]
        return [self.credential(names), self.way(components), self.goal(components), *components]

    def credential(self, names: Sequence[str]) -> dict[str, Any]:
        """What the stack leads to: a credential made of others."""
        ladder, d = self.ladder, self.ladder.definition
        page = f"{self.base}/s/{ladder.owner.slug}/{ladder.slug}/"
        issuer = [organization_address(self.base, ladder.owner.id)]
        found: dict[str, Any] = {
            "@id": self.here, "@type": "ceterms:Certificate", "ceterms:ctid": ctid(ladder.id),
            "ceterms:name": dict(d.title), "ceterms:description": dict(d.summary), "ceterms:subjectWebpage": page,
            "ceterms:credentialStatusType": concept("credentialStat", "Active"),
            "ceterms:inLanguage": list(d.title) or ["en"], "ceterms:ownedBy": issuer, "ceterms:offeredBy": issuer,
            "ceterms:dateEffective": ladder.since.date().isoformat(), "ceterms:versionCode": str(ladder.number),
            "ceterms:targetPathway": [self.pathway],
            "ceterms:requires": [
                {
                    "@type": "ceterms:ConditionProfile",
                    "ceterms:name": {"en": "What the holder showed", "es": "Lo que se demostró"},
                    "ceterms:description": dict(d.can_do),
                }
            ],
        }  # fmt: skip
        parts = [address for name in names if (address := self.proxied(name))]
        if parts:
            found["ceterms:hasPart"] = parts
        if d.hours:
            profile = {"@type": "ceterms:DurationProfile", "ceterms:exactDuration": f"PT{d.hours}H"}
            found["ceterms:estimatedDuration"] = [profile]
        if d.valid_months is not None:
            found["ceterms:renewalFrequency"] = f"P{d.valid_months}M"
        return found | self.jobs()

    def jobs(self) -> dict[str, Any]:
        codes = self.ladder.definition.occupations
        return {"ceterms:occupationType": [occupation(code) for code in codes]} if codes else {}

    def way(self, components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        ladder, d = self.ladder, self.ladder.definition
        issuer = [organization_address(self.base, ladder.owner.id)]
        found = {
            "@id": self.pathway, "@type": "ceterms:Pathway", "ceterms:ctid": ctid(stable(ladder.id, "pathway")),
            "ceterms:name": dict(d.title), "ceterms:description": dict(d.summary),
            "ceterms:subjectWebpage": f"{self.base}/s/{ladder.owner.slug}/{ladder.slug}/",
            "ceterms:lifeCycleStatusType": concept("lifeCycle", "Active"),
            "ceterms:ownedBy": issuer, "ceterms:offeredBy": issuer,
            "ceterms:hasDestinationComponent": [self.destination],
            "ceterms:hasPart": [self.destination, *(str(one["@id"]) for one in components)],
        }  # fmt: skip
        return found | self.jobs()

    def goal(self, components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        ladder, d = self.ladder, self.ladder.definition
        found: dict[str, Any] = {
            "@id": self.destination, "@type": "ceterms:CredentialComponent",
            "ceterms:ctid": ctid(stable(ladder.id, "destination")), "ceterms:name": dict(d.title),
            "ceterms:description": dict(d.can_do), "ceterms:credentialType": "ceterms:Certificate",
            "ceterms:isPartOf": [self.pathway], "ceterms:isDestinationComponentOf": [self.pathway],
            "ceterms:proxyFor": self.here,
        }  # fmt: skip
        if components:
            found["ceasn:hasChild"] = [one["@id"] for one in components]
        if d.tree is not None:
            found["ceterms:hasCondition"] = [self.condition(d.tree)]
        return found

    def proxied(self, name: str) -> str:
        """Where a named credential of this installation is described; "" for others."""
        if name in self.ladder.stacks:
            return stack_address(self.base, name)
        return credential_address(self.base, name) if name in self.ladder.titles and uuid_of(name) else ""

    def target(self, name: str) -> str:
        return f"{self.here}#component-{re.sub(r'[^A-Za-z0-9._:-]', '-', name)}-{stable(self.ladder.id, name)}"

    def component(self, name: str) -> dict[str, Any]:
        at_work, address = workplace.named(name) is not None, self.proxied(name)
        kind = "WorkExperienceComponent" if at_work else "CredentialComponent"
        found: dict[str, Any] = {
            "@id": self.target(name), "@type": f"ceterms:{kind}",
            "ceterms:ctid": ctid(stable(self.ladder.id, f"component:{name}")),
            "ceterms:name": dict(self.ladder.titles.get(name) or {"en": name}),
            "ceterms:isPartOf": [self.pathway], "ceasn:isChildOf": [self.destination],
            "ceterms:identifier": [
                {
                    "@type": "ceterms:IdentifierValue", "ceterms:identifierTypeName": {"en": "Fieldstone"},
                    "ceterms:identifierValueCode": name,
                }
            ],
        }  # fmt: skip
        if not at_work:
            kind = "ceterms:Certificate" if name in self.ladder.stacks else "ceterms:MicroCredential"
            found["ceterms:credentialType"] = kind
        return {**found, "ceterms:proxyFor": address} if address else found

    def condition(self, node: stacking.Requirement) -> dict[str, Any]:
        found: dict[str, Any] = {"@type": "ceterms:ComponentCondition"}
        if isinstance(node, stacking.Count):
            words = ALL if node.at_least == len(node.of) else _put(SOME, node.at_least)
            found |= {"ceterms:requiredNumber": node.at_least}
            plain = [child for child in node.of if _plain(child)]
            others = [self.condition(child) for child in node.of if not _plain(child)]
            if plain:
                found["ceterms:targetComponent"] = [self.target(stacking.named(child)[0]) for child in plain]
            if others:
                found["ceterms:hasCondition"] = others
        else:
            words = HOURS if isinstance(node, stacking.Hours) else LEVEL
            if isinstance(node, stacking.Hold):
                words = EQUAL if node.equivalents else ONE
                found["ceterms:requiredNumber"] = 1
            names = stacking.named(node)
            if names:
                found["ceterms:targetComponent"] = [self.target(name) for name in names]
            constraints = list(_constraints(node))
            if constraints:
                found["ceterms:hasConstraint"] = constraints
                found["ceterms:requiredConstraints"] = len(constraints)
        named = node.label or words
        return {**found, "ceterms:name": dict(named), "ceterms:description": dict(words)}


def _plain(node: stacking.Requirement) -> bool:
    """Whether a child is one credential and nothing more, so that its component alone says it."""
    return isinstance(node, stacking.Hold) and node == stacking.Hold(credential=node.credential) and node.label is None


def _put(text: Text, value: object) -> Text:
    return {language: words % value for language, words in text.items()}


def _constraints(node: stacking.Leaf) -> Iterator[dict[str, Any]]:
    if isinstance(node, stacking.Hours):
        yield _constraint(HOURS, _HOURS, "GTEQ", node.total, action="Sum")
        for area, hours in node.minimum_per_area.items():
            yield _constraint(_put(AREA, area), f"{_HOURS} {area}", "GTEQ", hours, action="Sum")
        if node.maximum_each is not None:
            yield _constraint(MOST, _HOURS, "LTEQ", node.maximum_each, action="Max")
    elif isinstance(node, stacking.Level):
        yield _constraint(LEVEL, _LEVEL, "GTEQ", node.at_least)
        yield _constraint(NUMBER, _NUMBER, "GTEQ", node.count, action="CountDistinct")
    elif node.level:
        yield _constraint(LEVEL, _LEVEL, "GTEQ", node.level)
    if not node.valid:
        yield _constraint(LAPSED, "ceterms:credentialStatusType", "EQ", EXPIRED)


def _constraint(name: Text, source: str, comparator: str, value: object, action: str = "") -> dict[str, Any]:
    found = {
        "@type": "ceterms:Constraint", "ceterms:name": dict(name), "ceterms:leftSource": [source],
        "ceterms:comparator": f"compare:{comparator}", "ceterms:rightSource": [str(value)],
    }  # fmt: skip
    return {**found, "ceterms:leftAction": f"array:{action}"} if action else found


# --- and back -----------------------------------------------------------------------------------------------


def tree(found: Mapping[str, Mapping[str, Any]], pathway: str) -> stacking.Requirement:
    """The requirement that a pathway of ours says; `found` are the resources of its graph by address.

    The order of parts within one group is that of CTDL: single credentials first. Raises KeyError or ValueError where
    the graph lacks a part.
    """
    [destination] = found[pathway]["ceterms:hasDestinationComponent"]
    [condition] = found[destination]["ceterms:hasCondition"]
    return _read(condition, found)


def _read(condition: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]]) -> stacking.Requirement:
    targets = condition.get("ceterms:targetComponent", [])
    names = [str(found[t]["ceterms:identifier"][0]["ceterms:identifierValueCode"]) for t in targets]
    rows = condition.get("ceterms:hasConstraint", [])
    told = {(row["ceterms:leftSource"][0], row["ceterms:comparator"]): row["ceterms:rightSource"][0] for row in rows}
    valid = ("ceterms:credentialStatusType", "compare:EQ") not in told
    name, words = condition["ceterms:name"], condition["ceterms:description"]
    label = None if name == words else dict(name)
    if (_NUMBER, "compare:GTEQ") in told:
        at_least, count = int(told[_LEVEL, "compare:GTEQ"]), int(told[_NUMBER, "compare:GTEQ"])
        return stacking.Level(at_least=at_least, count=count, among=tuple(names), valid=valid, label=label)
    if (_HOURS, "compare:GTEQ") in told:
        most = told.get((_HOURS, "compare:LTEQ"))
        areas = {
            source.removeprefix(f"{_HOURS} "): _amount(value)
            for (source, _), value in told.items()
            if source.startswith(f"{_HOURS} ")
        }
        return stacking.Hours(
            total=_amount(told[_HOURS, "compare:GTEQ"]), minimum_per_area=areas, among=tuple(names),
            maximum_each=None if most is None else _amount(most), valid=valid, label=label,
        )  # fmt: skip
    if words in (ONE, EQUAL):
        level = int(told.get((_LEVEL, "compare:GTEQ"), 0))
        return stacking.Hold(credential=names[0], equivalents=tuple(names[1:]), level=level, valid=valid, label=label)
    parts: list[stacking.Requirement] = [stacking.Hold(credential=one) for one in names]
    parts += [_read(row, found) for row in condition.get("ceterms:hasCondition", [])]
    return stacking.Count(at_least=condition["ceterms:requiredNumber"], of=tuple(parts), label=label)


def _amount(text: str) -> int | Decimal:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else value
