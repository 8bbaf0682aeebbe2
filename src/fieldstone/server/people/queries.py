"""Reads about people that several screens need."""

from __future__ import annotations

from dataclasses import dataclass

from fieldstone.server.ledger.kept import digest
from fieldstone.server.people.models import CalendarFeed, Membership, Organization, User
from fieldstone.server.people.rules import AREAS, TELLING, folded, may


@dataclass(frozen=True)
class Place:
    """An organization and the areas of it that are open to a person."""

    organization: Organization
    roles: frozenset[str]
    areas: tuple[str, ...]


def places(user: User) -> list[Place]:
    """Where this person has a role other than learner, with what it opens. One query."""
    rows = (
        Membership.objects.filter(user=user, ended_at=None)
        .exclude(role="learner")
        .select_related("organization")
        .order_by("organization__name")
    )
    by_organization: dict[Organization, set[str]] = {}
    for row in rows:
        by_organization.setdefault(row.organization, set()).add(row.role)
    return [
        Place(organization, frozenset(roles), tuple(area for area in AREAS if may(area, roles)))
        for organization, roles in by_organization.items()
    ]


def bearing(name: str) -> Organization | None:
    """The organization here whose name `name` is or holds, however it is spelled out; None for most names."""
    said = folded(name)
    for organization in Organization.objects.all() if said else ():
        full, short, unit = (folded(n) for n in (organization.full_name, organization.name, organization.unit))
        if said in (full, short, unit) or (len(short) >= TELLING and short in said):
            return organization
    return None


def roles_in(user: User, slug: str) -> tuple[Organization | None, frozenset[str]]:
    """The organization of that slug and this person's roles there; (None, …) for a stranger or no such slug."""
    rows = list(
        Membership.objects.filter(user=user, organization__slug=slug, ended_at=None).select_related("organization")
    )
    if not rows:
        return None, frozenset()
    return rows[0].organization, frozenset(row.role for row in rows)


def calendar_of(user: User) -> CalendarFeed | None:
    """The address at which calendar apps read her dates; None where she has none."""
    return CalendarFeed.objects.filter(user=user, ended_at=None).first()


def calendar_feed(token: str) -> CalendarFeed | None:
    """The open address with this secret, with whose it is."""
    rows = CalendarFeed.objects.filter(token_hash=digest(token), ended_at=None, user__is_active=True)
    return rows.select_related("user").first()
