"""Credential Engine's CTDL and CTDL-ASN as JSON-LD: credentials, pathways, competency frameworks.

A graph (`@graph`), one resource alone, a list of resources, or an envelope of the Credential Registry. Each resource
with an address is an item; `extra` keeps it whole, so that an export writes the same graph again. Names of terms are
from credreg.net (CTDL, CC BY 4.0); no address is asked.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source
from fieldstone.server.reference.importers.documents import CODE, IDENTIFIER, read_document, text_of
from fieldstone.server.reference.rules import fold

KIND: Final = "ctdl"
WHAT: Final = "a CTDL document"
TABLES: Final = {
    "Framework": ("identifier", "title", "kind", "document"),
    "FrameworkItem": (
        "framework", "identifier", "code", "kind", "text_en", "text_es", "parent", "folded", "extra",
    ),
    "FrameworkLink": ("framework", "identifier", "origin", "destination", "kind", "extra"),
}  # fmt: skip
_SPACES: Final = re.compile(
    r"^(?:https?://(?:purl\.org/ctdl(?:asn)?/terms|credreg\.net/ctdl(?:asn)?/terms|purl\.org/ASN/schema/core|"
    r"www\.w3\.org/2004/02/skos/core#?)[/#]?|(?:ceterms|ceasn|asn|skos):)(?=\w)"
)
WHOLES: Final = ("CompetencyFramework", "Pathway", "ConceptScheme", "Collection", "PathwaySet", "Rubric")
"""What a document may be about as a whole, the first first; otherwise it is about its first resource."""
TEXTS: Final = ("competencyText", "name", "prefLabel", "competencyLabel", "description", "legalName")
CLOSE: Final = ("isChildOf", "broader")
CHILDREN: Final = ("hasChild", "narrower", "hasRubricCriterion", "hasCriterionLevel")
PARENTS: Final = ("isTopChildOf", "topConceptOf", "isPartOf", "inScheme", "isDestinationComponentOf")
RELATIONS: Final = frozenset(
    (
        "hasTopChild", "isTopChildOf", "hasChild", "isChildOf", "isPartOf", "hasPart", "inScheme", "hasTopConcept",
        "topConceptOf", "broader", "narrower", "alignFrom", "alignTo", "broadAlignment", "exactAlignment",
        "narrowAlignment", "majorAlignment", "minorAlignment", "prerequisiteAlignment", "comprisedOf", "derivedFrom",
        "isVersionOf", "hasDestinationComponent", "isDestinationComponentOf", "precedes", "precededBy", "proxyFor",
        "hasCondition", "targetComponent", "hasRubric", "hasRubricCriterion", "hasCriterionLevel", "targetCompetency",
        "targetCredential", "targetPathway", "isPreparationFor", "preparationFrom", "isRequiredFor", "ownedBy",
        "offeredBy", "hasProgressionModel", "hasProgressionLevel", "knowledgeEmbodied", "skillEmbodied",
        "abilityEmbodied", "sameAs",
    )
)  # fmt: skip
"""Members that lead from one resource to another; they become links. Nested objects are looked through."""


def recognizes(head: Head) -> bool:
    """By the contexts or the prefixes of CTDL."""
    return bool(re.search(r'credreg\.net/ctdl|purl\.org/ctdl|"(ceterms|ceasn):|credentialengineregistry', head.text))


def term(name: str) -> str:
    """A term without its prefix or address: "ceasn:name" and "https://purl.org/ctdlasn/terms/name" are "name"."""
    return _SPACES.sub("", name)


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """The framework that the document is about, its resources in their order, and how they lead to each other."""
    name, document = read_document(source)
    envelope, nodes = _nodes(document, name, notes)
    if not nodes:
        raise BadFile(f"{name} holds no resource of CTDL with an address (@id). Use the file as it was published.")
    whole = min(nodes, key=lambda node: _rank(node.kinds))
    notes.series = whole.identifier
    notes.version = notes.version or whole.version()
    title = whole.words("en") or whole.words("es") or whole.identifier
    yield "Framework", (whole.identifier, title[:300], KIND, envelope)
    above = _above(nodes)
    for node in nodes:
        parent = above.get(node.identifier, "")
        parent = "" if parent == whole.identifier else parent
        english, spanish, code = node.words("en"), node.words("es"), node.code()
        folded = fold(f"{code} {english} {spanish}")
        yield "FrameworkItem", (
            whole.identifier, node.identifier, code, node.kinds[0][:CODE] if node.kinds else "", english, spanish,
            parent, folded, dict(node.data),
        )  # fmt: skip
    for node in nodes:
        yield from node.links(whole.identifier)


def _above(nodes: list[_Node]) -> dict[str, str]:
    """What each resource stands directly below, as itself says or else as the one above says."""
    known = {node.identifier for node in nodes}
    told = {child: node.identifier for node in reversed(nodes) for child in node.ends(*CHILDREN)}
    found = {}
    for node in nodes:
        ends = (*node.ends(*CLOSE), told.get(node.identifier, ""), *node.ends(*PARENTS))
        found[node.identifier] = next((end for end in ends if end in known and end != node.identifier), "")
    return found


def _rank(kinds: tuple[str, ...]) -> int:
    return next((i for i, kind in enumerate(WHOLES) if kind in kinds), len(WHOLES))


class _Node:
    """One resource, its members by their plain terms."""

    def __init__(self, data: Mapping[str, Any], identifier: str) -> None:
        self.data, self.identifier = data, identifier
        self.members = {term(key): value for key, value in data.items()}
        kinds = data.get("@type", data.get("type"))
        self.kinds = tuple(term(k) for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str))

    def words(self, language: str) -> str:
        """The text in a language: of the competency, the name, the label; what names no language is English."""
        told = (self.members.get(key) for key in TEXTS)
        value = next((one for one in told if _said(one, "en") or _said(one, "es")), None)
        return _said(value, language)

    def code(self) -> str:
        """The coded notation, where it fits."""
        found = text_of(self.members.get("codedNotation")) or _said(self.members.get("notation"), "en")
        return found if len(found) <= CODE else ""

    def version(self) -> str:
        """What the publisher calls this version, or its last date."""
        for key in ("versionCode", "dateModified", "dateEffective", "dateCreated"):
            if found := text_of(self.members.get(key)).strip():
                return found[:10] if key.startswith("date") else found[:80]
        return ""

    def ends(self, *keys: str) -> Iterator[str]:
        """The addresses that these members lead to."""
        for key in keys:
            yield from _addresses(self.members.get(key))

    def links(self, framework: str) -> Iterator[Row]:
        """Where it leads to, each once."""
        seen: set[tuple[str, str]] = set()
        for kind, end in _relations(self.data):
            if (kind, end) not in seen and len(end) <= IDENTIFIER:
                seen.add((kind, end))
                yield "FrameworkLink", (framework, "", self.identifier, end, kind, {})


def _nodes(document: Any, name: str, notes: Notes) -> tuple[dict[str, Any], list[_Node]]:
    """What stands around the resources, and the resources."""
    if isinstance(document, dict):
        document = document.get("decoded_resource", document)
    if isinstance(document, list):
        envelope: dict[str, Any] = {"form": "list"}
        graph: list[Any] = document
    elif not isinstance(document, dict):
        raise BadFile(f"{name} is no JSON-LD document. Use the file as it was published.")
    elif "@graph" in document:
        graph = document["@graph"]
        if not isinstance(graph, list):
            raise BadFile(f"The @graph of {name} is no list. Use the file as it was published.")
        envelope = {"form": "graph", **{key: value for key, value in document.items() if key != "@graph"}}
    else:
        envelope, graph = {"form": "one"}, [document]
    nodes: list[_Node] = []
    seen: set[str] = set()
    for number, row in enumerate(graph, 1):
        identifier = text_of(row.get("@id", row.get("id"))) if isinstance(row, dict) else ""
        identifier = identifier or (text_of(_Node(row, "").members.get("ctid")) if isinstance(row, dict) else "")
        if not 0 < len(identifier) <= IDENTIFIER:
            notes.drop("A resource has no address that can be used", name, number, str(row))
        elif identifier in seen:
            notes.drop("A resource stands there twice", name, number, identifier)
        else:
            seen.add(identifier)
            nodes.append(_Node(row, identifier))
    if nodes and not any(_is_ctdl(node) for node in nodes) and "ctdl" not in str(envelope.get("@context", "")):
        raise BadFile(f"{name} is JSON-LD, but nothing in it is of CTDL. Nothing was changed.")
    return envelope, nodes


def _is_ctdl(node: _Node) -> bool:
    return any(re.search(r"^(ceterms|ceasn):|ctdl", str(part)) for part in (*node.data, *node.data.values()))


def _said(value: Any, language: str) -> str:
    """Text of a language map, of a list of values with languages, or plain."""
    if isinstance(value, str):
        return value if language == "en" else ""
    if isinstance(value, Mapping):
        if "@value" in value:
            spoken = text_of(value.get("@language")) or "en"
            return text_of(value["@value"]) if spoken.casefold().startswith(language) else ""
        for key, said in value.items():
            if key.lstrip("@").casefold().startswith(language):
                return said if isinstance(said, str) else _said(next(iter(said), ""), "en") if said else ""
        return ""
    if isinstance(value, list):
        return next((found for one in value if (found := _said(one, language))), "")
    return ""


def _addresses(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield one
        elif isinstance(one, Mapping):
            found = text_of(one.get("@id", one.get("id"))) or text_of(_Node(one, "").members.get("targetNode"))
            if found:
                yield found


def _relations(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(member, address) for each relation of a resource and of what is nested in it."""
    waiting: deque[Any] = deque([data])
    while waiting:
        here = waiting.popleft()
        for key, value in here.items():
            kind = term(key)
            if kind in RELATIONS:
                for end in _addresses(value):
                    yield kind, end
            waiting += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Mapping)]
