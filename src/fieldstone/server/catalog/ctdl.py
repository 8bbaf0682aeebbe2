"""Organizations, micro-credentials, rubrics and a program's competencies in CTDL and CTDL-ASN (JSON-LD).

Each kind carries what the Credential Registry needs to take it (`NEEDED`), where the organization and the author have
said it; `catalog.frameworks` says what is still to be done. Terms are those of credreg.net (Credential Engine, CC BY
4.0). Addresses are ours and lead to the same data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from fieldstone.server.catalog.published import Entry, Owner, Shelf, stable
from fieldstone.server.catalog.rules import TOP_LEVEL, Alignment, Definition, Text
from fieldstone.server.ledger.ids import uuid_of

CONTEXT: Final = "https://credreg.net/ctdl/schema/context/json"
TERMS: Final = "https://credreg.net/ctdl/terms"
DELIVERY: Final = {"online": "OnlineOnly", "onsite": "InPerson", "blended": "BlendedDelivery"}
_OCCUPATION: Final = re.compile(r"\d\d-\d{4}(\.\d\d)?")
_SCHEMES: Final = {
    "credentialStat": ("CredentialStatus", "Credential Status"),
    "lifeCycle": ("LifeCycleStatus", "Life Cycle Status"),
    "costType": ("CostType", "Cost Type"),
    "deliveryType": ("Delivery", "Delivery Type"),
    "orgType": ("OrganizationType", "Organization Type"),
    "agentSector": ("AgentSector", "Agent Sector Type"),
}
_ORGANIZATIONS: Final = {
    "college": "TwoYear", "employer": "Business", "state_program": "Government", "district": "SecondarySchool",
    "consortium": "Collaborative",
}  # fmt: skip
_SECTORS: Final = {"public": "Public", "nonprofit": "PrivateNonProfit", "business": "PrivateForProfit"}
SHORTEST: Final = 15
"""Signs that a description needs at least."""
NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "ceterms:MicroCredential": frozenset(
        ("ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:subjectWebpage", "ceterms:inLanguage",
         "ceterms:credentialStatusType", "ceterms:ownedBy|ceterms:offeredBy")
    ),
    "ceterms:CredentialOrganization": frozenset(
        ("ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:subjectWebpage", "ceterms:agentType",
         "ceterms:agentSectorType", "ceterms:email|ceterms:address")
    ),
    "ceterms:Pathway": frozenset(
        ("ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:ownedBy|ceterms:offeredBy",
         "ceterms:hasDestinationComponent", "ceterms:lifeCycleStatusType")
    ),
    "ceterms:CredentialComponent": frozenset(("ceterms:ctid", "ceterms:name", "ceterms:credentialType")),
    "ceterms:WorkExperienceComponent": frozenset(("ceterms:ctid", "ceterms:name")),
    "ceterms:ComponentCondition": frozenset(("ceterms:description",)),
    "ceterms:ConditionProfile": frozenset(("ceterms:description",)),
    "ceterms:CostProfile": frozenset(("ceterms:description", "ceterms:costDetails")),
    "ceasn:CompetencyFramework": frozenset(
        ("ceterms:ctid", "ceasn:name", "ceasn:description", "ceasn:inLanguage", "ceasn:publisher")
    ),
    "ceasn:Competency": frozenset(("ceterms:ctid", "ceasn:competencyText", "ceasn:inLanguage", "ceasn:isPartOf")),
    "ceasn:Rubric": frozenset(
        ("ceterms:ctid", "ceasn:name", "ceasn:description", "ceasn:inLanguage", "ceasn:publisher",
         "ceterms:subjectWebpage")
    ),
    "ceasn:CriterionLevel": frozenset(("ceasn:benchmarkLabel|ceasn:benchmarkText",)),
}  # fmt: skip
"""What the registry needs of each class ("|": one of them is enough); a Certificate as a MicroCredential.

Source: the Minimum Data Policy (credreg.net/registry/policy, of 3 February 2025) as three public works of Credential
Engine's quote it: the comments in RA.Models of CredentialEngine/Registry_Assistant (6 March 2026), `required` in the
schemas of CredentialEngine/CredentialRegistry (23 July 2025), and the field list of CredentialEngine/ctdl-xtra (July
2026). The policy's own page could not be read. Where they differ (a pathway's web page, needed until 2023) the newer
one counts."""


def ctid(identifier: UUID) -> str:
    """A Credential Transparency Identifier: "ce-" and a UUID."""
    return f"ce-{identifier}"


def graph(address: str, nodes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Resources in the envelope that registries read; each resource once. The context of CTDL has all of CTDL-ASN's
    terms too; CTDL-ASN's own lacks the prefixes of CTDL's lists, such as `orgType`."""
    found = {str(node["@id"]): dict(node) for node in nodes}
    return {"@context": CONTEXT, "@id": address, "@graph": list(found.values())}


def organization_address(base_url: str, owner: UUID) -> str:
    """The address of an organization's data."""
    return f"{base_url}/ctdl/organizations/{owner}"


def credential_address(base_url: str, identifier: UUID | str) -> str:
    """The address of a micro-credential's data."""
    return f"{base_url}/ctdl/micro-credentials/{identifier}"


def framework_address(base_url: str, program: UUID) -> str:
    """The address of a program's competencies."""
    return f"{base_url}/ctdl/frameworks/{program}"


def concept(prefix: str, name: str) -> dict[str, Any]:
    """A term of one of CTDL's own lists."""
    scheme, words = _SCHEMES[prefix]
    return {
        "@type": "ceterms:CredentialAlignmentObject", "ceterms:framework": f"{TERMS}/{scheme}",
        "ceterms:frameworkName": {"en": words}, "ceterms:targetNode": f"{prefix}:{name}",
        "ceterms:targetNodeName": {"en": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)},
    }  # fmt: skip


def occupation(code: str, name: str = "", url: str = "") -> dict[str, Any]:
    """An occupation of the SOC or of O*NET-SOC."""
    detailed = "." in code
    found: dict[str, Any] = {
        "@type": "ceterms:CredentialAlignmentObject",
        "ceterms:framework": "https://www.onetcenter.org/taxonomy.html" if detailed else "https://www.bls.gov/soc/",
        "ceterms:frameworkName": {"en": "O*NET-SOC" if detailed else "Standard Occupational Classification"},
        "ceterms:codedNotation": code,
        "ceterms:targetNodeName": {"en": name or code},
    }
    address = url or (f"https://www.onetonline.org/link/summary/{code}" if detailed else "")
    return {**found, "ceterms:targetNode": address} if address else found


def organization(owner: Owner, base_url: str, kind: str = "") -> dict[str, Any]:
    """A ceterms:CredentialOrganization: name, what it is, page, how to reach it."""
    place = f" ({owner.place})" if owner.place else ""
    found: dict[str, Any] = {
        "@id": organization_address(base_url, owner.id), "@type": "ceterms:CredentialOrganization",
        "ceterms:ctid": ctid(owner.id), "ceterms:name": {"en": owner.name},
        "ceterms:description": {"en": f"{owner.name}{place} issues micro-credentials."},
        "ceterms:subjectWebpage": owner.url or base_url,
        "ceterms:agentType": [concept("orgType", _ORGANIZATIONS.get(kind, "TrainingProvider"))],
    }  # fmt: skip
    if owner.sector in _SECTORS:
        found["ceterms:agentSectorType"] = [concept("agentSector", _SECTORS[owner.sector])]
    if owner.email:
        found["ceterms:email"] = [owner.email]
    if owner.place:
        town, _comma, state = owner.place.rpartition(",")
        address: dict[str, Any] = {"@type": "ceterms:Place", "ceterms:addressLocality": {"en": (town or state).strip()}}
        if town:
            address["ceterms:addressRegion"] = {"en": state.strip()}
        found["ceterms:address"] = [address]
    return found


def micro_credential(entry: Entry, shelf: Shelf) -> dict[str, Any]:
    """A ceterms:MicroCredential in its current version."""
    d, base = entry.definition, shelf.base_url
    page = f"{base}/m/{shelf.owner.slug}/{entry.slug}/"
    issuer = [organization_address(base, shelf.owner.id)]
    found: dict[str, Any] = {
        "@id": credential_address(base, entry.id), "@type": "ceterms:MicroCredential",
        "ceterms:ctid": ctid(entry.id), "ceterms:name": dict(d.title), "ceterms:description": dict(d.summary),
        "ceterms:subjectWebpage": page, "ceterms:credentialStatusType": concept("credentialStat", "Active"),
        "ceterms:inLanguage": list(d.languages), "ceterms:ownedBy": issuer, "ceterms:offeredBy": issuer,
        "ceterms:dateEffective": entry.since.date().isoformat(), "ceterms:versionCode": str(entry.number),
        "ceterms:estimatedDuration": [
            {"@type": "ceterms:DurationProfile", "ceterms:exactDuration": f"PT{d.notional_hours}H"}
        ],
        "ceterms:estimatedCost": [
            {
                "@type": "ceterms:CostProfile", "ceterms:name": {"en": "What a learner pays", "es": "Lo que se paga"},
                "ceterms:description": _cost_words(d.cost_cents),
                "ceterms:costDetails": page, "ceterms:currency": "USD", "ceterms:price": d.cost_cents / 100,
                "ceterms:directCostType": [concept("costType", "AggregateCost")],
            }
        ],
        "ceterms:requires": _conditions(entry, shelf),
    }  # fmt: skip
    if d.participation in DELIVERY:
        found["ceterms:learningDeliveryType"] = [concept("deliveryType", DELIVERY[d.participation])]
    if d.valid_months is not None:
        found["ceterms:renewalFrequency"] = f"P{d.valid_months}M"
    if d.criteria:
        found["ceterms:hasRubric"] = [f"{credential_address(base, entry.id)}#rubric"]
    jobs = [occupation(tie.code, tie.name, tie.url) for tie in d.alignments if _OCCUPATION.fullmatch(tie.code)]
    if jobs:
        found["ceterms:occupationType"] = jobs
    return found


def _conditions(entry: Entry, shelf: Shelf) -> list[dict[str, Any]]:
    d = entry.definition
    competencies: list[dict[str, Any]] = [
        {
            "@type": "ceterms:CredentialAlignmentObject",
            "ceterms:framework": framework_address(shelf.base_url, shelf.id),
            "ceterms:frameworkName": dict(shelf.title), "ceterms:codedNotation": entry.slug,
            "ceterms:targetNode": competency_address(entry, shelf), "ceterms:targetNodeName": dict(d.title),
            "ceterms:targetNodeDescription": dict(d.competency),
        }
    ]  # fmt: skip
    competencies += [_tie(tie) for tie in d.alignments if not _OCCUPATION.fullmatch(tie.code)]
    found: list[dict[str, Any]] = [
        {
            "@type": "ceterms:ConditionProfile",
            "ceterms:name": {"en": "What the holder showed", "es": "Lo que se demostró"},
            "ceterms:description": dict(d.can_do), "ceterms:targetCompetency": competencies,
        }
    ]  # fmt: skip
    first = [credential_address(shelf.base_url, before) for before in d.prerequisites if uuid_of(before)]
    if first:
        found.append(
            {
                "@type": "ceterms:ConditionProfile",
                "ceterms:name": {"en": "What comes first", "es": "Lo que va primero"},
                "ceterms:description": {
                    "en": "These credentials come first.", "es": "Estas credenciales van primero.",
                },
                "ceterms:targetCredential": first,
            }
        )
    return found


def _cost_words(cents: int) -> Text:
    """What a learner pays in all, in words."""
    if not cents:
        return {"en": "It is free for the learner.", "es": "Es gratis para quien aprende."}
    dollars = f"{cents / 100:,.2f}"
    return {"en": f"A learner pays ${dollars} in all.", "es": f"Se pagan ${dollars} en total."}


def _tie(tie: Alignment) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "ceterms:CredentialAlignmentObject", "ceterms:frameworkName": {"en": tie.framework},
        "ceterms:codedNotation": tie.code, "ceterms:targetNodeName": {"en": tie.name}, "ceterms:targetNode": tie.url,
    }  # fmt: skip
    level = f"{tie.level} (0-{TOP_LEVEL})" if tie.level is not None else tie.level_name
    return {**found, "ceterms:targetNodeDescription": {"en": f"Level: {level}"}} if level else found


def competency_address(entry: Entry, shelf: Shelf) -> str:
    """The address of the competency that a micro-credential shows."""
    return f"{framework_address(shelf.base_url, shelf.id)}#{entry.slug}"


def framework(shelf: Shelf) -> list[dict[str, Any]]:
    """A ceasn:CompetencyFramework with a ceasn:Competency for each area and each micro-credential."""
    here = framework_address(shelf.base_url, shelf.id)
    areas = {str(area["code"]): f"{here}#area-{area['code']}" for area in shelf.areas}
    below: dict[str, list[str]] = {code: [] for code in areas}
    top = list(areas.values())
    nodes: list[dict[str, Any]] = []
    for entry in shelf.entries:
        hours, address = entry.definition.clock_hours, competency_address(entry, shelf)
        above = sorted((a for a in hours if a in areas), key=lambda a: (-hours[a], a))
        node = _competency(address, stable(entry.id, "competency"), here, entry.slug, entry.definition.competency)
        node["ceasn:competencyLabel"] = dict(entry.definition.title)
        node["ceasn:inLanguage"] = list(entry.definition.languages)
        if above:
            node["ceasn:isChildOf"] = [areas[one] for one in above]
            for one in above:
                below[one].append(address)
        else:
            node["ceasn:isTopChildOf"] = here
            top.append(address)
        nodes.append(node)
    shelves = []
    for area in shelf.areas:
        code = str(area["code"])
        node = _competency(areas[code], stable(shelf.id, f"area:{code}"), here, code, area["name"])
        node["ceasn:isTopChildOf"] = here
        if below[code]:
            node["ceasn:hasChild"] = below[code]
        shelves.append(node)
    issuer = [organization_address(shelf.base_url, shelf.owner.id)]
    whole: dict[str, Any] = {
        "@id": here, "@type": "ceasn:CompetencyFramework", "ceterms:ctid": ctid(stable(shelf.id, "framework")),
        "ceasn:name": dict(shelf.title), "ceasn:description": dict(shelf.summary) or dict(shelf.title),
        "ceasn:inLanguage": sorted({x for e in shelf.entries for x in e.definition.languages} or {"en"}),
        "ceasn:publisher": issuer, "ceasn:creator": issuer, "ceasn:publisherName": {"en": [shelf.owner.name]},
    }  # fmt: skip
    if top:
        whole["ceasn:hasTopChild"] = top
    if shelf.changed:
        whole["ceasn:dateModified"] = shelf.changed.isoformat()
    return [whole, *shelves, *nodes]


def _competency(address: str, identifier: UUID, framework: str, code: str, text: Text) -> dict[str, Any]:
    return {
        "@id": address, "@type": "ceasn:Competency", "ceterms:ctid": ctid(identifier), "ceasn:codedNotation": code,
        "ceasn:competencyText": dict(text), "ceasn:inLanguage": list(text) or ["en"], "ceasn:isPartOf": [framework],
    }  # fmt: skip


def rubric(entry: Entry, shelf: Shelf) -> list[dict[str, Any]]:
    """A ceasn:Rubric with its criteria and their levels; nothing where there are no criteria."""
    d: Definition = entry.definition
    if not d.criteria:
        return []
    here = credential_address(shelf.base_url, entry.id)
    nodes: list[dict[str, Any]] = []
    for number, criterion in enumerate(d.criteria, 1):
        address = f"{here}#criterion-{criterion.id}"
        levels = [
            {
                "@id": f"{address}-{level.id}", "@type": "ceasn:CriterionLevel", "ceasn:codedNotation": level.id,
                "ceasn:benchmarkLabel": dict(level.title), "ceasn:benchmarkText": dict(level.text),
                "ceasn:listID": str(place), "schema:value": 1 if level.demonstrated else 0,
            }
            for place, level in enumerate(criterion.levels, 1)
        ]  # fmt: skip
        nodes.append(
            {
                "@id": address, "@type": "ceasn:RubricCriterion", "ceasn:codedNotation": criterion.id,
                "ceterms:ctid": ctid(stable(entry.id, f"criterion:{criterion.id}")),
                "ceasn:name": dict(criterion.title), "ceasn:listID": str(number),
                "ceterms:targetCompetency": [competency_address(entry, shelf)],
                "ceasn:hasCriterionLevel": [level["@id"] for level in levels],
            }
        )  # fmt: skip
        nodes += levels
    whole = {
        "@id": f"{here}#rubric", "@type": "ceasn:Rubric", "ceterms:ctid": ctid(stable(entry.id, "rubric")),
        "ceasn:name": dict(d.title), "ceasn:description": dict(d.can_do), "ceasn:inLanguage": list(d.languages),
        "ceasn:publisher": [organization_address(shelf.base_url, shelf.owner.id)],
        "ceterms:subjectWebpage": f"{shelf.base_url}/m/{shelf.owner.slug}/{entry.slug}/",
        "ceasn:hasRubricCriterion": [n["@id"] for n in nodes if n["@type"] == "ceasn:RubricCriterion"],
    }  # fmt: skip
    return [whole, *nodes]


def document(entry: Entry, shelf: Shelf, kind: str = "") -> dict[str, Any]:
    """One micro-credential with its organization, its competency and its rubric."""
    competency = [n for n in framework(shelf) if n["@id"] == competency_address(entry, shelf)]
    nodes = [micro_credential(entry, shelf), organization(shelf.owner, shelf.base_url, kind), *competency]
    return graph(credential_address(shelf.base_url, entry.id), [*nodes, *rubric(entry, shelf)])


