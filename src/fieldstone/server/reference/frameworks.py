"""Reads of imported frameworks: versions, the tree one level at a time, search, and the document again as it came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from fieldstone.server.reference import case_package
from fieldstone.server.reference.importers.case import RUBRIC
from fieldstone.server.reference.importers.ctdl import term
from fieldstone.server.reference.importers.documents import text_of
from fieldstone.server.reference.models import Framework, FrameworkItem, FrameworkLink, Release
from fieldstone.server.reference.rules import fold

KINDS = ("case", "ctdl", "esco")
PAGE = 50
DEEPEST = 30
LEVELS = ("hasSkillLevel", "hasProgressionLevel")
"""Kinds of links that lead from an item to a level."""


@dataclass(frozen=True)
class Shelf:
    """One framework in one version: what a list of frameworks shows."""

    framework: Framework
    release: Release
    items: int
    others: tuple[Framework, ...]
    """The same framework in other versions, newest first."""


def shelves() -> list[Shelf]:
    """Every framework in the version that is current, by title. Two queries."""
    every = Framework.objects.filter(release__kind__in=KINDS).select_related("release")
    versions: dict[tuple[str, str], list[Framework]] = {}
    for one in every.defer("document", "release__report").order_by("-release__imported_at"):
        versions.setdefault((one.kind, one.identifier), []).append(one)
    current = (one for rows in versions.values() for one in rows if one.release.is_current)
    found = sorted(current, key=lambda one: (one.title, one.pk))
    counts = {
        (row["release"], row["framework"]): row["n"]
        for row in FrameworkItem.objects.filter(release__in=[f.release_id for f in found])
        .values("release", "framework")
        .annotate(n=Count("pk"))
    }
    return [
        Shelf(
            framework=one,
            release=one.release,
            items=counts.get((one.release_id, one.identifier), 0),
            others=tuple(other for other in versions[one.kind, one.identifier] if other.pk != one.pk),
        )
        for one in found
    ]


def framework(pk: int) -> Framework | None:
    """One framework of one release."""
    return Framework.objects.filter(pk=pk, release__kind__in=KINDS).select_related("release").first()


def items(one: Framework) -> QuerySet[FrameworkItem]:
    """Its items in the order of the file."""
    return FrameworkItem.objects.filter(release=one.release_id, framework=one.identifier).order_by("pk")


def below(one: Framework, parent: str = "") -> QuerySet[FrameworkItem]:
    """The items directly below another, or at the top."""
    return items(one).filter(parent=parent)


def counts_below(one: Framework, above: Iterable[FrameworkItem]) -> dict[str, int]:
    """How many items stand directly below each of these. One query."""
    rows = items(one).filter(parent__in=[item.identifier for item in above]).order_by()
    return {row["parent"]: row["n"] for row in rows.values("parent").annotate(n=Count("pk"))}


def way_to(one: Framework, item: FrameworkItem) -> list[FrameworkItem]:
    """What an item stands below, from the top; without end where a file has a ring in it."""
    found: list[FrameworkItem] = []
    seen = {item.identifier}
    here = item
    while here.parent and here.parent not in seen and len(found) < DEEPEST:
        above = items(one).filter(identifier=here.parent).first()
        if above is None:
            break
        seen.add(above.identifier)
        found.insert(0, above)
        here = above
    return found


def search(one: Framework, words: str) -> QuerySet[FrameworkItem]:
    """Items whose code or texts hold every word, without accents and capitals; none for no word. Of rubrics only the
    whole is found, by its title."""
    wanted = fold(words).split()[:8]
    found = items(one).exclude(kind__in=RUBRIC[1:])
    for word in wanted:
        found = found.filter(Q(folded__contains=word))
    return found if wanted else found.none()


def links_of(one: Framework, item: FrameworkItem) -> QuerySet[FrameworkLink]:
    """How an item stands to others, in the order of the file."""
    return FrameworkLink.objects.filter(release=one.release_id, origin=item.identifier).order_by("pk")


def address(item: FrameworkItem) -> str:
    """The web address of an item: its own where it is one, or the `uri` that the file gives; "" where none is."""
    for told in (item.extra.get("uri"), item.identifier):
        if isinstance(told, str) and told.startswith(("https://", "http://")):
            return told
    return ""


def tie(one: Framework, item: FrameworkItem, language: str = "en") -> dict[str, str]:
    """An item as an alignment of a micro-credential, in the lengths that it may have."""
    text = (item.text_es or item.text_en) if language == "es" else (item.text_en or item.text_es)
    code = item.code or item.identifier.rstrip("/").rpartition("/")[2]
    return {
        "framework": one.title[:300],
        "code": code[:60],
        "name": " ".join(text.split())[:300],
        "url": address(item)[:500],
        "item": item.identifier,
        "version": one.release.version,
    }


def levels(one: Framework, shown: Iterable[FrameworkItem]) -> dict[str, tuple[str, ...]]:
    """The levels that the framework itself gives to each of these items, in its words. At most two queries.

    CASE: `educationLevel` and associations of the kind `hasSkillLevel`. CTDL: levels of education and progression.
    """
    listed = list(shown)
    found = {item.identifier: _own_levels(item) for item in listed}
    ends: dict[str, list[str]] = {}
    rows = FrameworkLink.objects.filter(release=one.release_id, kind__in=LEVELS, origin__in=list(found))
    for row in rows.order_by("pk"):
        ends.setdefault(row.origin, []).append(row.destination)
    known = {}
    if ends:
        targets = {end for each in ends.values() for end in each}
        known = {item.identifier: item for item in items(one).filter(identifier__in=targets)}
    for origin, each in ends.items():
        found[origin] += [_level_words(known.get(end), end) for end in each]
    return {name: tuple(dict.fromkeys(filter(None, words))) for name, words in found.items()}


def _own_levels(item: FrameworkItem) -> list[str]:
    """The levels that stand with an item: "06", "audLevel:BeginnerLevel"."""
    given = [
        one
        for key, value in item.extra.items()
        if term(key) in ("educationLevel", "educationalLevel", "educationLevelType")
        for one in (value if isinstance(value, list) else [value])
    ]
    return [_level_words(None, text_of(one.get("@id", "") if isinstance(one, dict) else one)) for one in given]


def _level_words(item: FrameworkItem | None, name: str) -> str:
    """A level as it is called; the last part of its address where it is not in the framework."""
    told = (item.text_en or item.text_es or item.code) if item is not None else ""
    last = re.split(r"[/#:]", name.rstrip("/"))[-1]
    return (told or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last))[:80].strip()


def rubric(one: Framework, item: FrameworkItem) -> dict[str, Any] | None:
    """An imported rubric with its criteria and their levels, as CASE has it; None for another item. Two queries."""
    if item.kind != RUBRIC[0]:
        return None
    criteria = list(items(one).filter(parent=item.identifier, kind=RUBRIC[1]))
    below = list(items(one).filter(parent__in=[c.identifier for c in criteria], kind=RUBRIC[2]))
    package = case_package.assemble({}, map(_case_item, (item, *criteria, *below)), ())
    found: dict[str, Any] = package["CFRubrics"][0]
    return found


def rubrics(one: Framework) -> list[FrameworkItem]:
    """The rubrics of a framework, the first hundred."""
    return list(items(one).filter(kind=RUBRIC[0])[:100]) if one.kind == "case" else []


def has_rubrics() -> bool:
    """Whether any framework that pages show has a rubric."""
    shown = Release.objects.filter(kind="case", is_current=True)
    return FrameworkItem.objects.filter(release__in=shown, kind=RUBRIC[0]).exists()


# --- versions -----------------------------------------------------------------------------------------------


def versions(one: Framework) -> list[Framework]:
    """The same framework in every version that is here, the one that was imported last first."""
    found = Framework.objects.filter(kind=one.kind, identifier=one.identifier, release__kind__in=KINDS)
    return list(found.select_related("release").defer("document", "release__report").order_by("-release__imported_at"))


def shared_items(other: Framework, shown: Iterable[FrameworkItem]) -> set[str]:
    """Which of these items another version has too, by their identifiers."""
    wanted = [item.identifier for item in shown]
    return set(items(other).filter(identifier__in=wanted).order_by().values_list("identifier", flat=True))


@dataclass(frozen=True)
class Comparison:
    """Identifiers of items that only the one or the other of two versions has, and of those with other words,
    another code or another place; each in the order of its file."""

    gone: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]


def compare(old: Framework, new: Framework) -> Comparison:
    """What a newer version has otherwise than an older one. Two queries."""
    columns = ("identifier", "code", "text_en", "text_es", "kind", "parent")
    before = {row[0]: row[1:] for row in items(old).values_list(*columns)}
    after = {row[0]: row[1:] for row in items(new).values_list(*columns)}
    return Comparison(
        tuple(name for name in before if name not in after),
        tuple(name for name in after if name not in before),
        tuple(name for name, told in after.items() if name in before and before[name] != told),
    )


def replacements(old: Framework, new: Framework, gone: Iterable[str]) -> dict[str, str]:
    """What stands in the newer version for items that it has not, where one of both says `replacedBy`. Two queries."""
    rows = FrameworkLink.objects.filter(
        release__in=(old.release_id, new.release_id), kind="replacedBy", origin__in=list(gone)
    )
    told = dict(rows.order_by("-pk").values_list("origin", "destination"))
    there = set(items(new).filter(identifier__in=list(told.values())).values_list("identifier", flat=True))
    return {origin: end for origin, end in told.items() if end in there}


@dataclass(frozen=True)
class Standing:
    """How a tie stands to the framework that it leads to, as it is now. `item` is what it may be moved to: the same
    item, or the one that replaces it; None where the version that is current has neither."""

    framework: Framework
    version: str
    older: bool
    item: FrameworkItem | None
    replaced: bool = False


def standings(ties: Iterable[Mapping[str, Any]]) -> dict[int, Standing]:
    """For each tie that leads to an item of an imported framework, by its place in the list: its version, and
    whether that is an older one. Ties that were made before versions were kept are known by their words."""
    asked: dict[int, tuple[Mapping[str, Any], set[str]]] = {}
    for number, row in enumerate(ties):
        item, url = text_of(row.get("item")), text_of(row.get("url"))
        names = {item} if item else {url, url.rstrip("/").rpartition("/")[2]} - {""}
        if names:
            asked[number] = row, names
    every = Framework.objects.filter(release__kind__in=KINDS).select_related("release").defer("document")
    frames = {(one.release_id, one.identifier): one for one in every.order_by("release__imported_at")}
    if not asked or not frames:
        return {}
    wanted = {name for _row, names in asked.values() for name in names}
    places: dict[str, list[tuple[Framework, FrameworkItem]]] = {}
    for item_ in FrameworkItem.objects.filter(
        release__in={release for release, _name in frames}, framework__in={name for _release, name in frames},
        identifier__in=wanted,
    ).order_by("pk"):  # fmt: skip
        places.setdefault(item_.identifier, []).append((frames[item_.release_id, item_.framework], item_))
    current = {(one.kind, one.identifier): one for one in frames.values() if one.release.is_current}
    found = {}
    for number, (row, names) in asked.items():
        standing = _standing(row, [place for name in names for place in places.get(name, ())], current)
        if standing is not None:
            found[number] = standing
    return found


def _standing(
    row: Mapping[str, Any],
    places: list[tuple[Framework, FrameworkItem]],
    current: Mapping[tuple[str, str], Framework],
) -> Standing | None:
    """One tie among the places where its item stands, in whichever version."""
    version = text_of(row.get("version"))
    came = next((place for place in places if place[0].release.version == version), None)
    for one, item in () if came else reversed(places):
        told = [tie(one, item, language) for language in ("en", "es")]
        if any(all(row.get(key) == words[key] for key in ("framework", "name", "url")) for words in told):
            came = (one, item)
            if one.release.is_current:
                break
    if came is None:
        return None
    one, item = came
    newest = current.get((one.kind, one.identifier), one)
    if newest.pk == one.pk:
        return Standing(one, one.release.version, False, item)
    same = next((there for place, there in places if place.pk == newest.pk), None)
    if same is None:
        end = replacements(one, newest, [item.identifier]).get(item.identifier)
        instead = items(newest).filter(identifier=end).first() if end else None
        return Standing(newest, one.release.version, True, instead, instead is not None)
    return Standing(newest, one.release.version, True, same)


# --- the document again -------------------------------------------------------------------------------------


def document(release: UUID) -> dict[str, Any] | list[Any] | None:
    """The CASE package or CTDL document of a release as it was imported; None for what is no document."""
    one = Framework.objects.filter(release=release, kind__in=("case", "ctdl")).select_related("release").first()
    if one is None:
        return None
    rows = items(one)
    if one.kind == "case":
        links = FrameworkLink.objects.filter(release=release).order_by("pk")
        return case_package.assemble(
            one.document,
            (_case_item(row) for row in rows.iterator()),
            (case_package.Link(row.identifier, row.kind, row.extra) for row in links.iterator()),
        )
    form, around = one.document.get("form"), {k: v for k, v in one.document.items() if k != "form"}
    nodes = [row.extra for row in rows]
    return nodes if form == "list" else nodes[0] if form == "one" else {**around, "@graph": nodes}


def _case_item(row: FrameworkItem) -> case_package.Item:
    return case_package.Item(row.identifier, row.code, row.kind, row.text_en or row.text_es, row.parent, row.extra)
