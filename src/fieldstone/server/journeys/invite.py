"""Give a role to somebody who may not have an account yet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.people import actions as people
from fieldstone.server.people.models import Membership, Organization, User


@transaction.atomic
def by_email(*, organization: Organization, email: str, role: str, language: str, by: User, at: datetime) -> Membership:
    """Find or make the person with this address, and give the role. Raises Refused for a bad address or role."""
    user = people.welcome(email=email, language=language, at=at)
    return people.grant_role(organization=organization, user=user, role=role, by=by, at=at)


@transaction.atomic
def found(*, name: str, kind: str, email: str, language: str, at: datetime, slug: str = "") -> Organization:
    """An organization and its first administrator, who gives every other role on screen.

    Raises Refused for a bad kind, name or address, Conflict when the address name is taken.
    """
    organization = people.create_organization(name=name, kind=kind, slug=slug, by=None, at=at)
    user = people.welcome(email=email, language=language, at=at)
    people.grant_role(organization=organization, user=user, role="administrator", by=None, at=at)
    return organization
