"""1EdTech CASE: a CFPackage as JSON, version 1.1 or 1.0, as the CASE services and OpenSALT give it.

What the columns do not hold stays in `extra`, so that `reference.case` writes the same package again. Parts of a
rubric are items of the kinds CFRubric, CFRubricCriterion and CFRubricCriterionLevel, each below the one it is of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source
from fieldstone.server.reference.importers.documents import (
    CODE,
    IDENTIFIER,
    read_document,
    rows_of,
    text_of,
    without,
)
from fieldstone.server.reference.rules import fold

KIND: Final = "case"
WHAT: Final = "a CASE package (CFPackage)"
TABLES: Final = {
    "Framework": ("identifier", "title", "kind", "document"),
    "FrameworkItem": (
        "framework", "identifier", "code", "kind", "text_en", "text_es", "parent", "folded", "extra",
    ),
    "FrameworkLink": ("framework", "identifier", "origin", "destination", "kind", "extra"),
}  # fmt: skip
RUBRIC: Final = ("CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel")
_PARTS: Final = {"CFRubric": "CFRubricCriteria", "CFRubricCriterion": "CFRubricCriterionLevels"}
_WORDS: Final = {"CFRubric": "title", "CFRubricCriterion": "description", "CFRubricCriterionLevel": "description"}
_KNOWN: Final = ("CFDocument", "CFItems", "CFAssociations", "CFRubrics")


def recognizes(head: Head) -> bool:
    """By the parts of a package."""
    return any(f'"{part}"' in head.text for part in ("cfdocument", "cfitems", "cfassociations", "cfpackage"))


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """The framework, its items in the order of the file, its associations, and the parts of its rubrics."""
    name, package = read_document(source)
    document = _document(package, name)
    framework = document["identifier"]
    notes.series = framework
    notes.version = notes.version or _version(document)
    reader = _Reader(name, framework, document.get("language"), notes)
    parents = reader.parents(package)
    rest = {key: value for key, value in package.items() if key not in _KNOWN}
    yield "Framework", (framework, text_of(document["title"])[:300], KIND, {"CFDocument": document, **rest})
    yield from reader.items(package.get("CFItems"), parents)
    yield from reader.links(package.get("CFAssociations"))
    yield from reader.rubrics(package.get("CFRubrics"))
    if reader.outside:
        notes.remarks.append(f"{reader.outside} associations have an end outside this package; they are kept.")


def _document(package: Any, name: str) -> dict[str, Any]:
    if isinstance(package, dict) and "CFPackage" in package and "CFDocument" not in package:
        raise BadFile(f"{name} holds the package inside “CFPackage”. Import what stands inside.")
    if isinstance(package, dict) and "CFDocuments" in package:
        raise BadFile(f"{name} is a list of frameworks, not a package. Download the CFPackage of one of them.")
    document = package.get("CFDocument") if isinstance(package, dict) else None
    if not isinstance(document, dict):
        raise BadFile(f"{name} has no CFDocument, so it is no CASE package. Download the CFPackage.")
    for key in ("identifier", "title"):
        if not isinstance(document.get(key), str) or not document[key].strip():
            raise BadFile(f"The CFDocument of {name} has no {key}. Download the package again.")
    if len(document["identifier"]) > IDENTIFIER:
        raise BadFile(f"The identifier of {name} is longer than {IDENTIFIER} signs. Use the file as published.")
    return document


def _version(document: Mapping[str, Any]) -> str:
    told = text_of(document.get("version")).strip()
    changed = text_of(document.get("lastChangeDateTime"))[:10]
    return (f"{told} of {changed}" if told and changed else told or changed)[:80]


class _Reader:
    def __init__(self, name: str, framework: str, language: Any, notes: Notes) -> None:
        self.name, self.framework, self.notes = name, framework, notes
        self.language = text_of(language)
        self.seen: set[str] = {framework}
        self.others: set[str] = set()
        self.outside = 0

    def parents(self, package: Mapping[str, Any]) -> dict[str, str]:
        """For each item the first one it is a child of; "" for those at the top."""
        items, associations = package.get("CFItems"), package.get("CFAssociations")
        known = {_identifier(row) for row in items} if isinstance(items, list) else set()
        found: dict[str, str] = {}
        for row in associations if isinstance(associations, list) else ():
            if isinstance(row, dict) and row.get("associationType") == "isChildOf":
                child, parent = _end(row, "originNodeURI"), _end(row, "destinationNodeURI")
                if child and parent and child != parent:
                    found.setdefault(child, parent if parent in known and parent != self.framework else "")
        return found

    def identified(self, row: Mapping[str, Any], what: str, number: int, needs: str = "") -> str:
        """The identifier of a row that can be kept; "" after a note where it cannot."""
        identifier = row.get("identifier")
        if not isinstance(identifier, str) or not 0 < len(identifier) <= IDENTIFIER:
            self.notes.drop(f"A {what} has no identifier that can be used", self.name, number)
        elif identifier in self.seen:
            self.notes.drop(f"A {what} stands there twice", self.name, number, identifier)
        elif needs and not text_of(row.get(needs)).strip():
            self.notes.drop(f"A {what} has no {needs}", self.name, number, identifier)
        else:
            self.seen.add(identifier)
            return identifier
        return ""

    def items(self, rows: Any, parents: Mapping[str, str]) -> Iterator[Row]:
        """The statements."""
        for number, row in rows_of(rows, "CFItems", self.name, self.notes):
            identifier = self.identified(row, "CFItem", number, "fullStatement")
            if identifier:
                yield self.row(
                    row, identifier, parents.get(identifier, ""),
                    {"fullStatement": "text", "humanCodingScheme": "code", "CFItemType": "kind"},
                )  # fmt: skip

    def row(self, row: Mapping[str, Any], identifier: str, parent: str, columns: Mapping[str, str]) -> Row:
        """One item. `columns` says which members go into which columns; what does not fit stays in `extra`."""
        held: dict[str, Any] = {"identifier": identifier}
        value = {"text": "", "code": "", "kind": ""}
        for key, column in columns.items():
            told = row.get(key)
            fits = column == "text" or (isinstance(told, str) and len(told) <= CODE and told not in RUBRIC)
            if isinstance(told, str) and told and fits:
                value[column] = held[key] = told
        spoken = text_of(row.get("language")) or self.language
        spanish = spoken.casefold().startswith("es")
        if spoken and not spoken.casefold().startswith(("en", "es")) and spoken not in self.others:
            self.others.add(spoken)
            self.notes.remarks.append(f"Statements in the language “{spoken}” are shown as they are.")
        texts = ("", value["text"]) if spanish else (value["text"], "")
        folded = fold(f"{value['code']} {value['text']}")
        return "FrameworkItem", (
            self.framework, identifier, value["code"], value["kind"], *texts, parent, folded, without(row, held),
        )  # fmt: skip

    def links(self, rows: Any) -> Iterator[Row]:
        """The associations, also those that lead out of the package."""
        items, known = set(self.seen), set[str]()
        for number, row in rows_of(rows, "CFAssociations", self.name, self.notes):
            ends = [_end(row, key) for key in ("originNodeURI", "destinationNodeURI")]
            kind, identifier = row.get("associationType"), text_of(row.get("identifier"))
            if not all(ends) or any(len(end) > IDENTIFIER for end in ends):
                self.notes.drop("A CFAssociation lacks one of its ends", self.name, number, identifier)
            elif not isinstance(kind, str) or not 0 < len(kind) <= 60:
                self.notes.drop("A CFAssociation does not say of which type it is", self.name, number, identifier)
            elif len(identifier) > IDENTIFIER:
                self.notes.drop("A CFAssociation has no identifier that can be used", self.name, number)
            elif identifier and identifier in known:
                self.notes.drop("A CFAssociation stands there twice", self.name, number, identifier)
            else:
                known.add(identifier)
                self.outside += not items.issuperset(ends)
                held = {"associationType": kind, "identifier": identifier}
                yield "FrameworkLink", (self.framework, identifier, *ends, kind, without(row, held))

    def rubrics(self, rows: Any) -> Iterator[Row]:
        """Rubrics, their criteria and their levels."""
        yield from self._rubric_parts(rows, "CFRubrics", RUBRIC[0], "")

    def _rubric_parts(self, rows: Any, where: str, kind: str, parent: str) -> Iterator[Row]:
        for number, row in rows_of(rows, where, self.name, self.notes):
            identifier = self.identified(row, kind, number)
            if not identifier:
                continue
            inside = _PARTS.get(kind, "")
            below = row.get(inside)
            plain = {key: value for key, value in row.items() if key != inside or below == []}
            table, values = self.row(plain, identifier, parent, {_WORDS[kind]: "text"})
            yield table, (*values[:3], kind, *values[4:])
            if inside:
                yield from self._rubric_parts(below, inside, RUBRIC[RUBRIC.index(kind) + 1], identifier)


def _identifier(row: Any) -> str:
    return text_of(row.get("identifier")) if isinstance(row, dict) else ""


def _end(row: Mapping[str, Any], key: str) -> str:
    """The identifier of an association's end; its address where it has none."""
    end = row.get(key)
    if isinstance(end, str):
        return end
    return text_of(end.get("identifier")) or text_of(end.get("uri")) if isinstance(end, dict) else ""
