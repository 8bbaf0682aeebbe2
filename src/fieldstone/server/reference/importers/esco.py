"""ESCO as CSV: the folder or zip of the European Commission, in English, with Spanish labels where they are there.

skills_en.csv and occupations_en.csv carry the concepts, skillGroups and ISCOGroups what they stand below;
broaderRelationsSkillPillar, broaderRelationsOccPillar and skillsHierarchy say so; occupationSkillRelations and
skillSkillRelations are links. Put the files of both languages into one folder. What is not there is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source
from fieldstone.server.reference.importers.documents import CODE, IDENTIFIER
from fieldstone.server.reference.rules import fold

KIND: Final = "esco"
WHAT: Final = "the ESCO classification"
TABLES: Final = {
    "Framework": ("identifier", "title", "kind", "document"),
    "FrameworkItem": (
        "framework", "identifier", "code", "kind", "text_en", "text_es", "parent", "folded", "extra",
    ),
    "FrameworkLink": ("framework", "identifier", "origin", "destination", "kind", "extra"),
}  # fmt: skip
SKILLS: Final = "http://data.europa.eu/esco/concept-scheme/skills"
OCCUPATIONS: Final = "http://data.europa.eu/esco/concept-scheme/occupations"
CONCEPTS: Final = {"skillGroups": SKILLS, "skills": SKILLS, "ISCOGroups": OCCUPATIONS, "occupations": OCCUPATIONS}
"""Files of concepts and the framework each belongs to, what stands above first."""
TITLES: Final = {SKILLS: "ESCO skills", OCCUPATIONS: "ESCO occupations"}
KINDS: Final = {"skillGroups": "skill group", "ISCOGroups": "ISCO group", "occupations": "occupation"}
BROADER: Final = {"broaderRelationsSkillPillar": SKILLS, "broaderRelationsOccPillar": OCCUPATIONS}
LINKS: Final = {
    "occupationSkillRelations": ("occupationUri", "skillUri", OCCUPATIONS),
    "skillSkillRelations": ("originalSkillUri", "relatedSkillUri", SKILLS),
}


def recognizes(head: Head) -> bool:
    """By its files, or the columns of one of them."""
    names = {PurePosixPath(member).name.casefold() for member in head.members}
    if any(re.fullmatch(r"(skills|occupations)_[a-z]{2}\.csv", name) for name in names):
        return True
    return head.has("concepturi", "preferredlabel")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """Both frameworks, their concepts, and the relations between these."""
    files = _files(source)
    if not {("skills", "en"), ("occupations", "en")} & files.keys():
        have = ", ".join(sorted({language for _name, language in files} - {""})) or "none"
        raise BadFile(
            f"{source.name} has neither skills_en.csv nor occupations_en.csv (languages: {have}). "
            "Download ESCO as CSV in English; put the Spanish files beside them."
        )
    reader = _Reader(source, notes, files)
    yield from reader.everything()
    notes.version = notes.version or reader.version()
    missing = [name for name in (*CONCEPTS, *BROADER, *LINKS) if not reader.has(name)]
    if missing:
        notes.remarks.append(f"Not in this download: {', '.join(missing)}.")
    if not any(language == "es" for _name, language in files):
        notes.remarks.append("There are no Spanish files; titles are shown in English.")


def _files(source: Source) -> dict[tuple[str, str], str]:
    """Member by (name of the file, language); the language is "" where the name has none."""
    found: dict[tuple[str, str], str] = {}
    for member in source.with_suffix(".csv"):
        match = re.fullmatch(r"([A-Za-z]+)(?:_([a-z]{2}))?\.csv", PurePosixPath(member).name)
        if match:
            found.setdefault((match[1], match[2] or ""), member)
    return found


class _Reader:
    def __init__(self, source: Source, notes: Notes, files: Mapping[tuple[str, str], str]) -> None:
        self.source, self.notes, self.files = source, notes, files
        self.seen: set[str] = set()
        self.latest = ""

    def has(self, name: str) -> bool:
        """Whether a file is there, in English or without a language."""
        return bool(self.member(name))

    def member(self, name: str) -> str:
        return self.files.get((name, "en")) or self.files.get((name, "")) or ""

    def version(self) -> str:
        """The number in the name of the download, or the day of the last change."""
        names = (self.source.path.resolve().name, *self.source.members)
        number = next((m[1] for n in names if (m := re.search(r"v(\d+\.\d+(?:\.\d+)?)", n))), "")
        return number or self.latest[:10]

    def everything(self) -> Iterator[Row]:
        parents = self.parents(self.addresses())
        present = {scheme for name, scheme in CONCEPTS.items() if self.has(name)}
        for scheme in (SKILLS, OCCUPATIONS):
            if scheme in present:
                yield "Framework", (scheme, TITLES[scheme], KIND, {"publisher": "European Commission"})
        for name, scheme in CONCEPTS.items():
            yield from self.concepts(name, scheme, parents)
        for name in LINKS:
            yield from self.links(name)

    def rows(self, member: str, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows by their column; those cut short end the import."""
        name = PurePosixPath(member).name
        header: list[str] = []
        for line, cells in self.source.table(member):
            if not header:
                header = [cell.strip() for cell in cells]
                missing = [column for column in needed if column not in header]
                if missing:
                    raise BadFile(f"{name} has no column {', '.join(missing)}. Is it the official file, unchanged?")
            elif len(cells) == len(header):
                yield line, dict(zip(header, cells, strict=True))
            elif any(cells):
                raise BadFile(
                    f"{name}, line {line} has {len(cells)} columns and the head has {len(header)}: the file is "
                    "damaged or was cut off. Download it again."
                )
        if not header:
            raise BadFile(f"{name} is empty. Download it again.")

    def addresses(self) -> set[str]:
        """The concepts that this download has."""
        members = filter(None, map(self.member, CONCEPTS))
        return {row["conceptUri"].strip() for m in members for _line, row in self.rows(m, ("conceptUri",))}

    def parents(self, known: set[str]) -> dict[str, str]:
        """What each concept stands directly below: the first of its broader concepts that is there."""
        found: dict[str, str] = {}
        for name in BROADER:
            if member := self.member(name):
                for _line, row in self.rows(member, ("conceptUri", "broaderUri")):
                    if row["broaderUri"] != row["conceptUri"] and row["broaderUri"] in known:
                        found.setdefault(row["conceptUri"], row["broaderUri"])
        if member := self.member("skillsHierarchy"):
            for _line, row in self.rows(member, ("Level 0 URI",)):
                steps = [row[f"Level {i} URI"].strip() for i in range(10) if row.get(f"Level {i} URI", "").strip()]
                for above, below in pairwise(steps):
                    if above in known:
                        found.setdefault(below, above)
        return found

    def spanish(self, name: str) -> dict[str, dict[str, str]]:
        """Label, description and further labels in Spanish, by concept."""
        member = self.files.get((name, "es"))
        if member is None:
            return {}
        return {row["conceptUri"]: row for _l, row in self.rows(member, ("conceptUri", "preferredLabel"))}

    def concepts(self, name: str, scheme: str, parents: Mapping[str, str]) -> Iterator[Row]:
        """The concepts of one file. Without a label or an address, or released no more, they are dropped."""
        member = self.member(name)
        if not member:
            return
        spanish = self.spanish(name)
        file = PurePosixPath(member).name
        for line, row in self.rows(member, ("conceptUri", "preferredLabel")):
            uri, label = row["conceptUri"].strip(), row["preferredLabel"].strip()
            if not uri.startswith("http") or len(uri) > IDENTIFIER:
                self.notes.drop("The concept has no address that can be used", file, line, label)
            elif not label:
                self.notes.drop("The concept has no label", file, line, uri)
            elif uri in self.seen:
                self.notes.drop("The concept stands there twice", file, line, uri)
            elif row.get("status", "released") not in ("released", ""):
                self.notes.drop("The concept is not released", file, line, f"{row['status']}: {label}")
            else:
                self.seen.add(uri)
                self.latest = max(self.latest, row.get("modifiedDate", ""))
                yield self.concept(name, scheme, row, spanish.get(uri, {}), parents.get(uri, ""))

    def concept(
        self, name: str, scheme: str, row: Mapping[str, str], spanish: Mapping[str, str], parent: str
    ) -> Row:
        """One item; what the columns do not hold goes into `extra`, further labels as lists."""
        uri, label = row["conceptUri"].strip(), row["preferredLabel"].strip()
        label_es = spanish.get("preferredLabel", "").strip()
        code = (row.get("code") or row.get("iscoGroup") or "")[:CODE]
        kind = KINDS.get(name) or row.get("skillType", "") or "skill"
        others = _labels(row.get("altLabels", "")), _labels(spanish.get("altLabels", ""))
        extra: dict[str, Any] = {
            "description_en": row.get("description", ""),
            "description_es": spanish.get("description", ""),
            "labels_en": others[0],
            "labels_es": others[1],
            "reuseLevel": row.get("reuseLevel", ""),
            "iscoGroup": row.get("iscoGroup", ""),
        }
        folded = fold(" ".join((code, label, label_es, *others[0], *others[1])))
        kept = {key: value for key, value in extra.items() if value}
        return "FrameworkItem", (scheme, uri, code, kind[:CODE], label, label_es, parent, folded, kept)

    def links(self, name: str) -> Iterator[Row]:
        """Relations: essential or optional. Those to a concept that is not there are dropped."""
        member = self.member(name)
        if not member:
            return
        origin, end, scheme = LINKS[name]
        file = PurePosixPath(member).name
        for line, row in self.rows(member, (origin, end, "relationType")):
            if row[origin] in self.seen and row[end] in self.seen:
                yield "FrameworkLink", (scheme, "", row[origin], row[end], row["relationType"][:60], {})
            else:
                self.notes.drop("A relation names a concept that is not in this download", file, line, row[end])


def _labels(text: str) -> list[str]:
    return [label.strip() for label in text.split("\n") if label.strip()]
