"""A new signing key in the place of an old one, or of one that was lost."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.awards.actions.locks import lock_organization
from fieldstone.server.awards.actions.signing import new_key
from fieldstone.server.awards.actions.status import publish, tidy_reason
from fieldstone.server.awards.models import SigningKey, StatusList
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


@transaction.atomic
def rotate_key(*, organization: Organization, current: SigningKey | None, by: User, at: datetime) -> SigningKey:
    """A new key signs from now on; the old one stays published, and what it signed keeps verifying.

    `current` is the key that the person saw: the same request twice rotates once.
    """
    organization = lock_organization(organization.pk)
    active = SigningKey.objects.filter(organization=organization, retired_at=None).first()
    if active is not None and (current is None or current.pk != active.pk):
        return active
    SigningKey.objects.filter(organization=organization, retired_at=None).update(retired_at=at)
    row = new_key(organization, at)
    ledger.record(verb="awards.key_rotated", subject=row, by=by.pk, at=at, organization=organization.pk)
    return row


@transaction.atomic
def remove_key(*, key: SigningKey, reason: str, by: User | None, at: datetime) -> SigningKey | None:
    """Take a lost or stolen key out of the organization's DID document: what it signed no longer verifies.

    Where it was in use a new one is made, which is returned; the status lists under the DID are signed anew if a key is
    left there. The same request again changes nothing. Raises NeedsReason, and Refused for a did:key, which is its own
    document.
    """
    words = tidy_reason(reason)
    organization = lock_organization(key.organization_id)
    key = SigningKey.objects.select_for_update().get(pk=key.pk)
    if key.did.startswith("did:key:"):
        raise Refused(_("A did:key is its key and cannot be taken back. Withdraw what it signed instead."))
    if key.removed_at is not None:
        return None
    active = key.retired_at is None
    SigningKey.objects.filter(pk=key.pk).update(removed_at=at, retired_at=key.retired_at or at)
    ledger.record(
        verb="awards.key_removed", subject=key, by=by.pk if by else None, at=at, organization=organization.pk,
        data={"did": key.did, "public": key.public_multibase, "reason": words},
    )  # fmt: skip
    new = new_key(organization, at) if active else None
    for status_list in StatusList.objects.select_for_update().filter(organization=organization, did=key.did):
        publish(status_list, at)
    return new
