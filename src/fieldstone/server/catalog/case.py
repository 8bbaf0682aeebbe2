"""A program's competencies and rubrics as a CASE package 1.1, and a rubric of CASE as rows of a definition.

CASE has one language for each text. The first language of a definition is written there; the rest, and what CASE has
no member for, stands under `extensions.fieldstone`, so that nothing is lost between two installations.
Source: 1EdTech CASE Service 1.1, information model.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from fieldstone.server.catalog.published import Entry, Shelf, plain, stable
from fieldstone.server.catalog.rules import CANNOT_TELL, LANGUAGES, Criterion, Level, Text

PATH: Final = "/ims/case/v1p1"
OWN: Final = "fieldstone"
MOST_CRITERIA, MOST_LEVELS = 20, 6
_TYPES: Final = {"Area": "A subject area of the program.", "Competency": "What one micro-credential shows."}


def package(shelf: Shelf) -> dict[str, Any]:
    """The CFPackage of a program: areas and competencies as items, rubrics, and how they belong together."""
    return _Writer(shelf).package()


def document(shelf: Shelf) -> dict[str, Any]:
    """The CFDocument of a program, with the address of its package; the entries are not needed."""
    found = _Writer(shelf).document()
    uri = f"{shelf.base_url}{PATH}/CFPackages/{shelf.id}"
    return {**found, "CFPackageURI": {"title": found["title"], "identifier": str(shelf.id), "uri": uri}}


class _Writer:
    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.moment = shelf.changed.isoformat() if shelf.changed else "1970-01-01T00:00:00+00:00"
        self.here = f"{shelf.base_url}{PATH}/CFPackages/{shelf.id}"
        self.areas = {str(area["code"]): stable(shelf.id, f"area:{area['code']}") for area in shelf.areas}
        self.known = {entry.id for entry in shelf.entries}

    def document(self) -> dict[str, Any]:
        shelf = self.shelf
        document: dict[str, Any] = {
            **self.base(shelf.id, f"{shelf.base_url}{PATH}/CFDocuments/{shelf.id}"),
            "creator": shelf.owner.name, "publisher": shelf.owner.name, "title": plain(shelf.title),
            "caseVersion": "1.1", "language": _language(shelf.title), "adoptionStatus": "Adopted",
            "extensions": {OWN: {"title": dict(shelf.title), "summary": dict(shelf.summary)}},
        }  # fmt: skip
        if summary := plain(shelf.summary):
            document["description"] = summary
        return document

    def package(self) -> dict[str, Any]:
        shelf = self.shelf
        found: dict[str, Any] = {"CFDocument": self.document()}
        items = [*self.area_items(), *(self.competency(entry) for entry in shelf.entries)]
        links = [*self.places(), *self.orders(), *self.ties()]
        rubrics = [self.rubric(entry) for entry in shelf.entries if entry.definition.criteria]
        parts = {"CFItems": items, "CFAssociations": links, "CFRubrics": rubrics}
        found |= {key: rows for key, rows in parts.items() if rows}
        types = [
            {**self.base(self.type_id(name)), "title": name, "description": words, "hierarchyCode": str(level),
             "typeCode": name}
            for level, (name, words) in enumerate(_TYPES.items(), 1)
        ]  # fmt: skip
        return {**found, "CFDefinitions": {"CFItemTypes": types}}

    def base(self, identifier: UUID, uri: str = "") -> dict[str, Any]:
        return {
            "identifier": str(identifier), "uri": uri or f"{self.here}#{identifier}",
            "lastChangeDateTime": self.moment,
        }  # fmt: skip

    def type_id(self, name: str) -> UUID:
        return stable(self.shelf.id, f"type:{name}")

    def kind(self, name: str) -> dict[str, Any]:
        identifier = self.type_id(name)
        uri = f"{self.here}#{identifier}"
        return {"CFItemType": name, "CFItemTypeURI": {"title": name, "identifier": str(identifier), "uri": uri}}

    def node(self, identifier: UUID, title: str) -> dict[str, Any]:
        uri = f"{self.here}#{identifier}"
        if identifier == self.shelf.id:
            uri = f"{self.shelf.base_url}{PATH}/CFDocuments/{identifier}"
        return {"title": title, "identifier": str(identifier), "uri": uri, "targetType": "CASE"}

    def area_items(self) -> Iterator[dict[str, Any]]:
        for area in self.shelf.areas:
            yield {
                **self.base(self.areas[str(area["code"])]), "fullStatement": plain(area["name"]),
                "humanCodingScheme": str(area["code"]), "language": _language(area["name"]), **self.kind("Area"),
                "extensions": {OWN: {"name": dict(area["name"])}},
            }  # fmt: skip

    def competency(self, entry: Entry) -> dict[str, Any]:
        d, first = entry.definition, entry.definition.languages[0]
        return {
            **self.base(entry.id), "lastChangeDateTime": entry.since.isoformat(),
            "fullStatement": plain(d.competency, first), "abbreviatedStatement": plain(d.title, first),
            "humanCodingScheme": entry.slug, "language": first, "notes": plain(d.can_do, first),
            **self.kind("Competency"),
            "extensions": {
                OWN: {
                    "title": dict(d.title), "competency": dict(d.competency), "can_do": dict(d.can_do),
                    "version": entry.number, "level": d.level, "hours": d.notional_hours,
                    "page": f"{self.shelf.base_url}/m/{self.shelf.owner.slug}/{entry.slug}/",
                }
            },
        }  # fmt: skip

    def link(self, name: str, kind: str, origin: dict[str, Any], end: dict[str, Any]) -> dict[str, Any]:
        return {
            **self.base(stable(self.shelf.id, name)), "associationType": kind, "originNodeURI": origin,
            "destinationNodeURI": end,
        }  # fmt: skip

    def places(self) -> Iterator[dict[str, Any]]:
        """Areas below the program; competencies below each area that their hours count in, or the program."""
        program = self.node(self.shelf.id, plain(self.shelf.title))
        for number, area in enumerate(self.shelf.areas, 1):
            origin = self.node(self.areas[str(area["code"])], plain(area["name"]))
            yield {**self.link(f"place:{area['code']}", "isChildOf", origin, program), "sequenceNumber": number}
        names = {str(area["code"]): plain(area["name"]) for area in self.shelf.areas}
        for number, entry in enumerate(self.shelf.entries, 1):
            hours = entry.definition.clock_hours
            counted = sorted((a for a in hours if a in self.areas), key=lambda a: (-hours[a], a))
            origin = self.node(entry.id, plain(entry.definition.title))
            ends = [(area, self.node(self.areas[area], names[area])) for area in counted] or [("", program)]
            for code, end in ends:
                link = self.link(f"place:{entry.id}:{code}", "isChildOf", origin, end)
                yield {**link, "sequenceNumber": number}

    def orders(self) -> Iterator[dict[str, Any]]:
        """What comes before what, within the program."""
        titles = {str(entry.id): plain(entry.definition.title) for entry in self.shelf.entries}
        for entry in self.shelf.entries:
            for before in entry.definition.prerequisites:
                if before in titles and before != str(entry.id):
                    yield self.link(
                        f"order:{before}:{entry.id}", "precedes", self.node(UUID(before), titles[before]),
                        self.node(entry.id, titles[str(entry.id)]),
                    )  # fmt: skip

    def ties(self) -> Iterator[dict[str, Any]]:
        """Ties to public frameworks."""
        for entry in self.shelf.entries:
            origin = self.node(entry.id, plain(entry.definition.title))
            for number, tie in enumerate(entry.definition.alignments):
                target = "ext:" + (re.sub(r"[^A-Za-z0-9._-]", "-", tie.framework) or "other")
                end = {"title": tie.name, "identifier": tie.item or tie.code, "uri": tie.url, "targetType": target}
                link = self.link(f"tie:{entry.id}:{number}", "isRelatedTo", origin, end)
                told = {"framework": tie.framework, "level_name": tie.level_name, "version": tie.version}
                more: dict[str, Any] = {key: value for key, value in told.items() if value}
                if tie.item:
                    more["code"] = tie.code
                if tie.level is not None:
                    more["level"] = float(tie.level)
                yield {**link, "extensions": {OWN: more}}

    def rubric(self, entry: Entry) -> dict[str, Any]:
        """The rubric of one micro-credential; its criteria point to the competency."""
        d, first = entry.definition, entry.definition.languages[0]
        identifier = stable(entry.id, "rubric")
        return {
            **self.base(identifier), "title": plain(d.title, first), "description": plain(d.can_do, first),
            "CFRubricCriteria": [
                self.criterion(entry, identifier, number, criterion, first)
                for number, criterion in enumerate(d.criteria, 1)
            ],
        }  # fmt: skip

    def criterion(
        self, entry: Entry, rubric: UUID, number: int, criterion: Criterion, first: str
    ) -> dict[str, Any]:
        identifier = stable(entry.id, f"criterion:{criterion.id}")
        item = self.node(entry.id, plain(entry.definition.title, first))
        return {
            **self.base(identifier), "description": plain(criterion.title, first), "position": number,
            "rubricId": str(rubric), "CFItemURI": {key: item[key] for key in ("title", "identifier", "uri")},
            "CFRubricCriterionLevels": [
                {
                    **self.base(stable(identifier, f"level:{level.id}")), "quality": plain(level.title, first),
                    "description": plain(level.text, first), "score": 1 if level.demonstrated else 0,
                    "position": place, "rubricCriterionId": str(identifier),
                    "extensions": [{OWN: _level(level)}],
                }
                for place, level in enumerate(criterion.levels, 1)
            ],
            "extensions": {
                OWN: {
                    "id": criterion.id, "title": dict(criterion.title), "parts": list(criterion.parts),
                    "phrases": [dict(phrase) for phrase in criterion.phrases],
                }
            },
        }  # fmt: skip


def _level(level: Level) -> dict[str, Any]:
    return {
        "id": level.id, "title": dict(level.title), "text": dict(level.text), "demonstrated": level.demonstrated,
    }  # fmt: skip


def _language(text: Text) -> str:
    return "en" if "en" in text or not text else next(iter(text))


# --- a rubric of CASE as rows of a definition ---------------------------------------------------------------


def rubric_rows(
    rubric: Mapping[str, Any], language: str = "en", used: Iterable[str] = (), parts: Container[str] | None = None
) -> list[dict[str, Any]]:
    """The criteria of a CFRubric as the `rubric` of a definition.

    Ours come back as they were. In those of others the levels with the best score count as demonstrated: the author
    decides. Criteria beyond 20, those without two levels, and levels beyond 6 are left out. `used` are names of
    criteria that are taken; of the parts of the evidence that a criterion names only those among `parts` stay.
    """
    found: list[dict[str, Any]] = []
    taken: set[str] = set(used)
    for number, criterion in enumerate(_placed(rubric.get("CFRubricCriteria")), 1):
        levels = _placed(criterion.get("CFRubricCriterionLevels"))[:MOST_LEVELS]
        if len(levels) >= 2 and len(found) < MOST_CRITERIA:
            row = _criterion_row(criterion, levels, language, taken, number)
            if parts is not None:
                row["parts"] = [part for part in row["parts"] if part in parts]
            found.append(row)
    return found


def criteria_of(rubric: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Name and number of levels of every criterion of a CFRubric, also of those that `rubric_rows` leaves out."""
    return [
        (_words(row, "description", "category") or f"{number}", len(_placed(row.get("CFRubricCriterionLevels"))))
        for number, row in enumerate(_placed(rubric.get("CFRubricCriteria")), 1)
    ]


def _criterion_row(
    criterion: Mapping[str, Any], levels: Sequence[Mapping[str, Any]], language: str, taken: set[str], number: int
) -> dict[str, Any]:
    own = _own(criterion)
    title = _words(criterion, "description", "category") or f"Criterion {number}"
    told: Mapping[str, Any] = own if _text(own.get("title")) else {"title": {language: title[:160]}}
    best = max((_score(level) for level in levels), default=0.0)
    lowest = min((_score(level) for level in levels), default=0.0)
    names: set[str] = {CANNOT_TELL}
    rows = []
    for place, level in enumerate(levels, 1):
        mine = _own(level)
        label, words = _words(level, "quality") or f"{place}", _words(level, "description", "quality")
        # without scores that differ, the last level is the best one
        counts = _score(level) == best if best > lowest else place == len(levels)
        rows.append(
            {
                "id": _name(mine.get("id"), f"level_{place}", names),
                "title": _text(mine.get("title")) or {language: label[:80]},
                "text": _text(mine.get("text")) or {language: (words or label)[:1000]},
                "demonstrated": mine["demonstrated"] if isinstance(mine.get("demonstrated"), bool) else counts,
            }
        )
    return {
        "id": _name(told.get("id"), f"criterion_{number}", taken), "title": _text(told["title"]),
        "parts": [part for part in _list(told.get("parts")) if isinstance(part, str)],
        "phrases": [phrase for one in _list(told.get("phrases")) if (phrase := _text(one))], "levels": rows,
    }  # fmt: skip


def _text(value: Any) -> dict[str, str]:
    """Text in our languages; empty for anything else that a file may hold there."""
    given = value if isinstance(value, Mapping) else {}
    return {key: given[key] for key in LANGUAGES if isinstance(given.get(key), str)}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _own(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What another installation of ours wrote beside it."""
    given = row.get("extensions")
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, Mapping) and isinstance(one.get(OWN), Mapping):
            mine: Mapping[str, Any] = one[OWN]
            return mine
    return {}


def _placed(rows: Any) -> list[Mapping[str, Any]]:
    """Rows by their position; those without one after the others."""
    found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return sorted(found, key=lambda row: row["position"] if isinstance(row.get("position"), int) else 1 << 30)


def _score(level: Mapping[str, Any]) -> float:
    score = level.get("score")
    return float(score) if isinstance(score, int | float) and not isinstance(score, bool) else 0.0


def _words(row: Mapping[str, Any], *keys: str) -> str:
    told = (" ".join(value.split()) for key in keys if isinstance(value := row.get(key), str))
    return next((words for words in told if words), "")


def _name(given: Any, fallback: str, taken: set[str]) -> str:
    name = given if isinstance(given, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,29}", given) else fallback
    free = next(one for n in range(1, len(taken) + 2) if (one := name if n == 1 else f"{name[:25]}_{n}") not in taken)
    taken.add(free)
    return free
