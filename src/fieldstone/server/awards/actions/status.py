"""Places on status lists, and what they say: withdrawn for good, or paused for a while."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from fieldstone import credential
from fieldstone.server.awards import rules
from fieldstone.server.awards.actions.locks import lock_award
from fieldstone.server.awards.actions.problems import AlreadyWithdrawn, NeedsReason
from fieldstone.server.awards.actions.signing import newest_under, open_key, signed
from fieldstone.server.awards.models import Award, StatusList, StatusSlot
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


def take_slot(organization: Organization, key: credential.Signer, award_id: UUID, at: datetime) -> StatusSlot:
    """A random free bit on a list of this issuer; a new list when the others are nearly full."""
    rows = StatusList.objects.filter(organization=organization, did=key.controller)
    chosen = rows.filter(used__lt=F("length") * rules.FULL).order_by("-made_at").first()
    if chosen is None:
        chosen = StatusList.objects.create(organization=organization, did=key.controller, made_at=at)
        _sign_list(chosen, key, at)
    free = partial(_take, chosen, award_id)
    while (slot := ledger.once(free)) is None:
        pass
    StatusList.objects.filter(pk=chosen.pk).update(used=F("used") + 1)
    return slot


def _take(status_list: StatusList, award_id: UUID) -> StatusSlot:
    index = secrets.randbelow(status_list.length)
    return StatusSlot.objects.create(list=status_list, index=index, award_id=award_id)


def publish(status_list: StatusList, at: datetime) -> None:
    """Sign a list anew, if a key is left under its DID; without one, nothing that names the list verifies."""
    row = newest_under(status_list.organization_id, status_list.did)
    if row is not None:
        _sign_list(status_list, open_key(row), at)


def _sign_list(status_list: StatusList, key: credential.Signer, at: datetime) -> None:
    document = credential.build_list(
        url=rules.status_url(settings.BASE_URL, status_list.pk),
        issuer=key.controller,
        purpose=rules.PURPOSE,
        positions=list(status_list.slots.filter(is_set=True).values_list("index", flat=True)),
        valid_from=at,
        bits=status_list.length,
        ttl=rules.LIST_TTL,
    )
    status_list.body = signed(document, key, at)
    status_list.signed_at = at
    status_list.save(update_fields=["body", "signed_at"])


def _set_bit(award: Award, value: bool, at: datetime) -> None:
    """Set or clear the award's bit and publish the list anew, in the caller's transaction."""
    for slot in StatusSlot.objects.filter(award=award).select_related("list"):
        status_list = StatusList.objects.select_for_update().get(pk=slot.list_id)
        StatusSlot.objects.filter(pk=slot.pk).update(is_set=value)
        publish(status_list, at)


@transaction.atomic
def withdraw(*, award: Award, reason: str, by: User | None, at: datetime) -> Award:
    """Revoke for good, with a reason. The same request again changes nothing. Raises NeedsReason, AlreadyWithdrawn."""
    words = tidy_reason(reason)
    award = lock_award(award)
    if award.revoked_at is None:
        revoke(award, words, by, at)
    elif award.revoked_reason != words:
        raise AlreadyWithdrawn(_("This credential was withdrawn before."))
    return award


def revoke(award: Award, reason: str, by: User | None, at: datetime) -> None:
    """Withdraw a locked award that stands, with words that are tidy."""
    Award.objects.filter(pk=award.pk).update(
        revoked_at=at, revoked_reason=reason, revoked_by=by.pk if by else rules.NOBODY
    )
    award.refresh_from_db()
    _set_bit(award, True, at)
    ledger.record(
        verb="awards.withdrawn", subject=award, by=by.pk if by else None, at=at,
        organization=award.organization_id, data={"reason": reason}, tasks=("mail_withdrawn",),
    )  # fmt: skip


@transaction.atomic
def suspend(*, award: Award, reason: str, by: User | None, at: datetime) -> Award:
    """Pause a credential while something is looked into. The same request again changes nothing.

    Raises NeedsReason, AlreadyWithdrawn.
    """
    words = tidy_reason(reason)
    award = lock_award(award)
    if award.revoked_at is not None:
        raise AlreadyWithdrawn(_("This credential was withdrawn before."))
    if award.suspended_at is None:
        award.suspended_at, award.suspended_reason = at, words
        award.save(update_fields=["suspended_at", "suspended_reason"])
        _set_bit(award, True, at)
        ledger.record(
            verb="awards.suspended", subject=award, by=by.pk if by else None, at=at,
            organization=award.organization_id, data={"reason": words}, tasks=("mail_suspended",),
        )  # fmt: skip
    return award


@transaction.atomic
def reinstate(*, award: Award, by: User | None, at: datetime) -> Award:
    """End a pause. A credential that is not paused stays as it is. Raises AlreadyWithdrawn."""
    award = lock_award(award)
    if award.revoked_at is not None:
        raise AlreadyWithdrawn(_("This credential was withdrawn before."))
    if award.suspended_at is not None:
        award.suspended_at, award.suspended_reason = None, ""
        award.save(update_fields=["suspended_at", "suspended_reason"])
        _set_bit(award, False, at)
        ledger.record(
            verb="awards.reinstated", subject=award, by=by.pk if by else None, at=at,
            organization=award.organization_id, tasks=("mail_reinstated",),
        )  # fmt: skip
    return award


def tidy_reason(words: str) -> str:
    """The reason in one line. Raises NeedsReason."""
    tidy = " ".join(words.replace("\x00", "").split())
    if not tidy:
        raise NeedsReason(_("Write the reason. The holder and everybody who checks will read it."), "reason")
    if len(tidy) > 300:
        raise NeedsReason(_("Shorten this to %(limit)s signs."), "reason", limit=300)
    return tidy
