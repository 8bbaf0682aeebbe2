"""Rows that are locked before anything is decided about them."""

from __future__ import annotations

from uuid import UUID

from fieldstone.server.awards.models import Award
from fieldstone.server.people.models import Organization


def lock_organization(organization: UUID) -> Organization:
    """One issuing at a time in an organization: first key, first list and each award are made once."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization)


def lock_award(award: Award) -> Award:
    """The award as it stands, and nobody else's to write until the transaction ends."""
    return Award.objects.select_for_update(no_key=True, of=("self",)).get(pk=award.pk)
