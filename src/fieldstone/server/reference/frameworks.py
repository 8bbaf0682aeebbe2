"""Reads of imported frameworks: versions, the tree one level at a time, search, and the document again as it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from fieldstone.server.reference import case_package
from fieldstone.server.reference.models import Framework, FrameworkItem, FrameworkLink, Release
from fieldstone.server.reference.rules import fold

KINDS = ("case", "ctdl", "esco")
PAGE = 50
DEEPEST = 30


@dataclass(frozen=True)
class Shelf:
    """One framework in one version: what a list of frameworks shows."""

    framework: Framework
    release: Release
    items: int
    others: tuple[Release, ...]
    """The same framework in other versions, newest first."""


def shelves() -> list[Shelf]:
    """Every framework in the version that is current, by title. Three queries."""
    found = Framework.objects.filter(release__kind__in=KINDS, release__is_current=True).select_related("release")
    found = found.order_by("title", "pk")
    releases: dict[tuple[str, str], list[Release]] = {}
    for release in Release.objects.filter(kind__in=KINDS).order_by("-imported_at"):
        releases.setdefault((release.kind, release.series), []).append(release)
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
            others=tuple(r for r in releases[one.release.kind, one.release.series] if r.pk != one.release_id),
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
    """Items whose code or texts hold every word, without accents and capitals; none for no word."""
    wanted = fold(words).split()[:8]
    found = items(one)
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
    """An item as an alignment of a micro-credential: framework, code, name, url, in the lengths that it may have."""
    text = (item.text_es or item.text_en) if language == "es" else (item.text_en or item.text_es)
    code = item.code or item.identifier.rstrip("/").rpartition("/")[2]
    return {
        "framework": one.title[:300],
        "code": code[:60],
        "name": " ".join(text.split())[:300],
        "url": address(item)[:500],
    }


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
