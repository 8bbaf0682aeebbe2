"""Reads of the catalog that several screens need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from fieldstone.server.catalog.models import MicroCredential, Program, Version
from fieldstone.server.catalog.published import Entry, Owner, Shelf
from fieldstone.server.catalog.rules import fold
from fieldstone.server.people.models import ConsortiumMember, Organization

BANDS = {"short": (0, 10), "middle": (11, 20), "long": (21, 100_000)}
"""Hours of the three filters, inclusive."""


@dataclass(frozen=True)
class Search:
    """What a visitor asks for. Every field may be empty."""

    words: str = ""
    program: str = ""
    levels: tuple[int, ...] = ()
    bands: tuple[str, ...] = ()
    free: bool = False
    spanish: bool = False
    offline: bool = False

    def without(self) -> Iterable[tuple[str, Search]]:
        """This search with one of its filters dropped: (the filter's name, the wider search)."""
        empty = Search()
        for name in ("levels", "bands", "free", "spanish", "offline", "program"):
            if getattr(self, name) != getattr(empty, name):
                wider: dict[str, Any] = {name: getattr(empty, name)}
                yield name, replace(self, **wider)


def search(asked: Search) -> QuerySet[Version]:
    """Current versions that fit, shortest first. Never ordered by who paid."""
    found = Version.objects.current().select_related("micro_credential__organization", "micro_credential__program")
    for word in fold(asked.words).split()[:12]:
        found = found.filter(search__contains=word)
    if asked.program:
        found = found.filter(micro_credential__program__slug=asked.program)
    if asked.levels:
        found = found.filter(level__in=asked.levels)
    if asked.bands:
        hours = Q()
        for band in asked.bands:
            low, high = BANDS[band]
            hours |= Q(hours__gte=low, hours__lte=high)
        found = found.filter(hours)
    if asked.free:
        found = found.filter(cost_cents=0)
    if asked.spanish:
        found = found.filter(in_spanish=True)
    if asked.offline:
        found = found.filter(offline=True)
    return found.order_by("level", "hours", "title_en", "pk")


def current_version(organization: str, slug: str) -> Version | None:
    """The version a visitor sees at a micro-credential's address: the current one, also after it was retired."""
    return (
        Version.objects.filter(
            micro_credential__organization__slug=organization, micro_credential__slug=slug,
            published_at__isnull=False, superseded_at=None,
        )
        .select_related("micro_credential__organization", "micro_credential__program")
        .first()
    )  # fmt: skip


def titles(ids: Iterable[object]) -> dict[str, dict[str, str]]:
    """Title texts by micro-credential id, for naming prerequisites and components. One query."""
    rows = Version.objects.filter(
        micro_credential__in=list(ids), published_at__isnull=False, superseded_at=None
    ).values_list("micro_credential_id", "title_en", "title_es")
    return {str(pk): {k: v for k, v in (("en", en), ("es", es)) if v} for pk, en, es in rows}


def of_organization(organization: Organization) -> QuerySet[MicroCredential]:
    """Everything an organization has written, newest first, with its versions."""
    return (
        MicroCredential.objects.filter(organization=organization)
        .select_related("program")
        .prefetch_related("versions")
        .order_by("program__slug", "-created_at")
    )


def fellows(organization_id: UUID) -> set[UUID]:
    """The organizations that share a consortium with this one, and the consortia themselves. Two queries."""
    links = ConsortiumMember.objects.filter(Q(organization=organization_id) | Q(consortium=organization_id))
    consortia = set(links.values_list("consortium_id", flat=True))
    members = ConsortiumMember.objects.filter(consortium__in=consortia).values_list("organization_id", flat=True)
    return (consortia | set(members)) - {organization_id}


def shared(organization: Organization, words: str = "") -> QuerySet[Version]:
    """Current versions of the organization's fellows, which it may copy."""
    return search(Search(words=words)).filter(micro_credential__organization__in=fellows(organization.pk))


def owner(organization: Organization) -> Owner:
    """An organization as exports name it."""
    return Owner(
        id=organization.pk, slug=organization.slug, name=organization.full_name, place=organization.place,
        url=organization.url, email=organization.email, sector=organization.sector,
    )  # fmt: skip


def shelf(program: Program, *, base_url: str) -> Shelf:
    """A program with everything it has published and not retired, in a fixed order. One query."""
    rows = Version.objects.current().filter(micro_credential__program=program).select_related("micro_credential")
    entries = [
        Entry(v.micro_credential_id, v.micro_credential.slug, v.number, v.published_at, v.parsed)
        for v in rows.order_by("level", "micro_credential__slug")
        if v.published_at is not None
    ]
    return replace(_bare(program, base_url), entries=tuple(entries))


def _bare(program: Program, base_url: str) -> Shelf:
    return Shelf(
        id=program.pk, slug=program.slug, title=program.title, summary=program.summary, areas=tuple(program.areas),
        owner=owner(program.organization), entries=(), base_url=base_url,
    )  # fmt: skip


def publishing() -> QuerySet[Any]:
    """Every `Program` that has published something, in a fixed order, each with when it was last (`newest`)."""
    newest = Max("micro_credentials__versions__published_at", filter=_SHOWN)
    rows = Program.objects.annotate(newest=newest).exclude(newest=None).select_related("organization")
    return rows.order_by("organization__slug", "slug")


def shelves(*, base_url: str) -> list[Shelf]:
    """Every program that has published something, without its entries, in a fixed order. One query."""
    return [replace(_bare(program, base_url), newest=program.newest) for program in publishing()]


_SHOWN = Q(micro_credentials__versions__superseded_at=None, micro_credentials__retired_at=None)
