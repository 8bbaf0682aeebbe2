"""CASE packages (CFPackage): from the tables again as they came, and in the form that version 1.1 asks for.

Source: 1EdTech, Competencies and Academic Standards Exchange (CASE) Service 1.1, information model. Names of members
and which of them are needed are facts of that model; nothing of its files is here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fieldstone.server.reference.importers.case import RUBRIC

VERSION: Final = "1.1"
ASSOCIATIONS: Final = frozenset(
    (
        "isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo", "replacedBy", "exemplar",
        "hasSkillLevel", "isTranslationOf",
    )
)  # fmt: skip
"""Kinds of association of the standard; others begin with `ext:`."""


@dataclass(frozen=True)
class Item:
    """A row of an imported framework, as `FrameworkItem` holds it."""

    identifier: str
    code: str = ""
    kind: str = ""
    text: str = ""
    parent: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """An association of an imported framework, as `FrameworkLink` holds it."""

    identifier: str
    kind: str
    extra: Mapping[str, Any] = field(default_factory=dict)


def assemble(document: Mapping[str, Any], items: Iterable[Item], links: Iterable[Link]) -> dict[str, Any]:
    """The package as it was imported: `document` is what the framework's row keeps, items in their order."""
    statements: list[dict[str, Any]] = []
    below: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.kind in RUBRIC:
            below[item.parent if item.kind != RUBRIC[0] else ""].append(item)
        else:
            columns = {
                "identifier": item.identifier, "fullStatement": item.text, "humanCodingScheme": item.code,
                "CFItemType": item.kind,
            }  # fmt: skip
            statements.append({**item.extra, **{key: value for key, value in columns.items() if value}})
    associations = [
        {**link.extra, **({"identifier": link.identifier} if link.identifier else {}), "associationType": link.kind}
        for link in links
    ]
    package = {**document, "CFItems": statements, "CFAssociations": associations}
    rubrics = [_rubric_part(item, below) for item in below[""]]
    return {**package, "CFRubrics": rubrics} if rubrics else package


def _rubric_part(item: Item, below: Mapping[str, list[Item]]) -> dict[str, Any]:
    text = {"title" if item.kind == RUBRIC[0] else "description": item.text} if item.text else {}
    row = {**item.extra, "identifier": item.identifier, **text}
    inside = {RUBRIC[0]: "CFRubricCriteria", RUBRIC[1]: "CFRubricCriterionLevels"}.get(item.kind)
    children = [_rubric_part(child, below) for child in below.get(item.identifier, ())]
    return {**row, inside: children} if inside and children else row


# --- the form of 1.1 ----------------------------------------------------------------------------------------

_LINKED: Final = {"title": "text!", "identifier": "text!", "uri": "text!"}
_BASE: Final = {"identifier": "text!", "uri": "text!", "lastChangeDateTime": "time!", "extensions": "more"}
_SHAPES: Final[Mapping[str, Mapping[str, str]]] = {
    "CFDocument": {
        **_BASE, "frameworkType": "text", "caseVersion": "text", "creator": "text!", "title": "text!",
        "officialSourceURL": "text", "publisher": "text", "description": "text", "subject": "texts",
        "subjectURI": "links", "language": "text", "version": "text", "adoptionStatus": "text",
        "statusStartDate": "date", "statusEndDate": "date", "licenseURI": "link", "notes": "text",
    },
    "CFItem": {
        **_BASE, "fullStatement": "text!", "alternativeLabel": "text", "CFItemType": "text",
        "humanCodingScheme": "text", "listEnumeration": "text", "abbreviatedStatement": "text",
        "conceptKeywords": "texts", "conceptKeywordsURI": "link", "notes": "text", "subject": "texts",
        "subjectURI": "links", "language": "text", "educationLevel": "texts", "CFItemTypeURI": "link",
        "licenseURI": "link", "statusStartDate": "date", "statusEndDate": "date",
    },
    "CFAssociation": {
        **_BASE, "associationType": "kind!", "sequenceNumber": "whole", "originNodeURI": "node!",
        "destinationNodeURI": "node!", "CFAssociationGroupingURI": "link", "notes": "text",
    },
    "CFRubric": {**_BASE, "title": "text", "description": "text", "CFRubricCriteria": "CFRubricCriterion"},
    "CFRubricCriterion": {
        **_BASE, "category": "text", "description": "text", "CFItemURI": "link", "weight": "number",
        "position": "whole", "rubricId": "text", "CFRubricCriterionLevels": "CFRubricCriterionLevel",
    },
    "CFRubricCriterionLevel": {
        **_BASE, "description": "text", "quality": "text", "score": "number", "feedback": "text",
        "position": "whole", "rubricCriterionId": "text", "extensions": "mores",
    },
    "CFConcepts": {
        **_BASE, "title": "text!", "keywords": "text", "hierarchyCode": "text!", "description": "text",
    },
    "CFSubjects": {**_BASE, "title": "text!", "hierarchyCode": "text!", "description": "text"},
    "CFLicenses": {**_BASE, "title": "text!", "description": "text", "licenseText": "text!"},
    "CFItemTypes": {
        **_BASE, "title": "text!", "description": "text!", "hierarchyCode": "text!", "typeCode": "text",
    },
    "CFAssociationGroupings": {**_BASE, "title": "text!", "description": "text"},
}  # fmt: skip
"""Members of each object with the kind of their value; "!" where the standard needs them."""


def conform(package: Mapping[str, Any]) -> dict[str, Any]:
    """A package as CASE 1.1 wants it: nothing null, times with their zone, and what the standard has no member for
    under `extensions`, where nothing is lost. Items, associations and rubrics keep their order."""
    document = package["CFDocument"]
    moment = _moment(document.get("lastChangeDateTime")) or "1970-01-01T00:00:00+00:00"
    found: dict[str, Any] = {"CFDocument": {**_shaped(document, "CFDocument", moment), "caseVersion": VERSION}}
    for key, shape in (("CFItems", "CFItem"), ("CFAssociations", "CFAssociation"), ("CFRubrics", "CFRubric")):
        if package.get(key):
            found[key] = [_shaped(row, shape, moment) for row in package[key]]
    definitions = package.get("CFDefinitions")
    if isinstance(definitions, Mapping):
        shaped = {
            key: [_shaped(row, key, moment) for row in rows if isinstance(row, Mapping)]
            for key, rows in definitions.items()
            if key in _SHAPES and isinstance(rows, list)
        }
        further = {key: value for key, value in definitions.items() if key not in shaped and key != "extensions"}
        found["CFDefinitions"] = shaped | _extended(definitions.get("extensions"), further)
    known = {*found, "CFItems", "CFAssociations", "CFRubrics", "CFDefinitions", "extensions"}
    others = {key: value for key, value in package.items() if key not in known}
    return found | _extended(package.get("extensions"), others)


def _extended(given: Any, further: Mapping[str, Any]) -> dict[str, Any]:
    more = {**(given if isinstance(given, Mapping) else {}), **{k: v for k, v in further.items() if v is not None}}
    return {"extensions": more} if more else {}


def _shaped(row: Mapping[str, Any], shape: str, moment: str) -> dict[str, Any]:
    members = _SHAPES[shape]
    found: dict[str, Any] = {}
    further: dict[str, Any] = {}
    for key, value in row.items():
        kind = members.get(key, "").rstrip("!")
        if value is None or kind.startswith("more"):
            continue
        put = _value(value, kind, moment) if kind else None
        if put is None:
            further[key] = value
        else:
            found[key] = put
    for key, kind in members.items():
        if kind.endswith("!") and key not in found:
            found[key] = moment if kind == "time!" else dict.fromkeys(_LINKED, "") if kind == "node!" else ""
    given = row.get("extensions")
    if members["extensions"] == "mores":
        rows = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, Mapping)]
        rows += [further] if further else []
        return found | ({"extensions": rows} if rows else {})
    return found | _extended(given, further)


def _value(value: Any, kind: str, moment: str) -> Any:
    """A value in the form of its kind, or None where it cannot have it."""
    if kind in _SHAPES:
        rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        return [_shaped(row, kind, moment) for row in rows] if rows and len(rows) == len(value) else None
    if kind == "text":
        return value if isinstance(value, str) else None
    if kind == "texts":
        listed = [value] if isinstance(value, str) else value
        return listed if isinstance(listed, list) and all(isinstance(one, str) for one in listed) else None
    if kind in ("number", "whole"):
        wanted: Any = int if kind == "whole" else int | float
        return value if isinstance(value, wanted) and not isinstance(value, bool) else None
    if kind == "time":
        return _moment(value)
    if kind == "date":
        return value[:10] if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value) else None
    if kind == "kind":
        return _kind(value)
    if kind == "links":
        rows = value if isinstance(value, list) else [value]
        linked = [_link(row, {}) for row in rows]
        return linked if all(linked) else None
    return _link(value, {"targetType"} if kind == "node" else {})


def _link(value: Any, more: Iterable[str]) -> dict[str, Any] | None:
    if isinstance(value, str):
        value = {"identifier": value, "uri": value}
    if not isinstance(value, Mapping):
        return None
    told = {key: value[key] for key in (*_LINKED, *more) if isinstance(value.get(key), str)}
    return dict.fromkeys(_LINKED, "") | told


def _kind(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    known = value in ASSOCIATIONS or value.startswith("ext:")
    return value if known else "ext:" + re.sub(r"[^A-Za-z0-9._-]", "-", value)


def _moment(value: Any) -> str | None:
    """A time with its zone; one without is taken as UTC."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d", value):
        return None
    if "T" not in value:
        return f"{value[:10]}T00:00:00+00:00"
    return value if re.search(r"(Z|[+-]\d\d:?\d\d)$", value) else f"{value}+00:00"
