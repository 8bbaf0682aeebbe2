"""Reads about offers to wallets and what they were allowed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from fieldstone.server.awards.models import Award
from fieldstone.server.delivery import rules
from fieldstone.server.delivery.models import (
    WalletDelivery,
    WalletGrant,
    WalletOffer,
    WalletRequest,
    WalletThing,
    WalletToken,
)
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.kept import digest
from fieldstone.server.people.models import Organization, User


def award_of(thing: WalletThing) -> Award | None:
    """The award that an offer or grant is for; for work, its live award, or None while that is not decided."""
    rows = Award.objects.select_related("organization", "learner", "version", "signing_key", "document")
    if thing.award_id is not None:
        return rows.filter(pk=thing.award_id, learner_id=thing.learner_id).first()
    earned = rows.filter(revoked_at=None, learner_id=thing.learner_id, version__enrollments=thing.enrollment_id)
    return earned.order_by("-issued_at", "-id").first()


def keys_of(grant: WalletGrant) -> int:
    """How many copies a permission has given or will give; those of one delivery without keys are one."""
    return sum(max(1, len(holders)) for holders in grant.deliveries.values_list("holders", flat=True))


def thing_id(thing: WalletThing) -> UUID:
    """What an offer or grant is for, as part of a credential identifier."""
    found = thing.award_id or thing.enrollment_id
    assert found is not None, "the database holds none for nothing"
    return found


def live_offers(at: datetime) -> QuerySet[WalletOffer]:
    """Offers that a wallet can still answer."""
    return WalletOffer.objects.filter(
        redeemed_at=None, ended_at=None, expires_at__gt=at, tries__lt=rules.TRIES
    ).select_related("organization", "learner")


def offer_by(purpose: str, text: str, organization: Organization, at: datetime) -> WalletOffer | None:
    """The live offer of an organization that a derived code (`reference`, `code`, `state`) is for."""
    row = rules.derived_from(settings.SECRET_KEY, purpose, text)
    return live_offers(at).filter(pk=row, organization=organization).first() if row else None


def offer_of(learner: User, offer: UUID) -> WalletOffer | None:
    """Her own offer, live or not."""
    rows = WalletOffer.objects.filter(learner=learner, pk=offer)
    return rows.select_related("organization", "award", "enrollment__version__micro_credential").first()


def grant_by_token(organization: Organization, token: str, at: datetime) -> WalletGrant | None:
    """The grant of a live access token of this organization."""
    row = (
        WalletToken.objects.filter(sha256=digest(token), use="access", expires_at__gt=at)
        .filter(grant__organization=organization, grant__ended_at=None)
        .select_related("grant__organization", "grant__learner")
        .first()
    )
    return row.grant if row else None


def pushed(organization: Organization, uri: str, at: datetime) -> WalletRequest | None:
    """A request that a wallet pushed and that was not answered yet."""
    rows = WalletRequest.objects.filter(organization=organization, used_at=None, expires_at__gt=at)
    return rows.filter(sha256=digest(uri)).first()


def grants_of(learner: User, *, award: Award | None = None, enrollment: Enrollment | None = None) -> list[WalletGrant]:
    """The wallets that she let have something, newest first, with what each of them got."""
    rows = WalletGrant.objects.filter(learner=learner)
    if award is not None:
        rows = rows.filter(award=award)
    if enrollment is not None:
        rows = rows.filter(enrollment=enrollment)
    deliveries = Prefetch("deliveries", WalletDelivery.objects.order_by("-asked_at"))
    return list(rows.prefetch_related(deliveries).order_by("-made_at", "-id"))


def grant_of(learner: User, grant: UUID) -> WalletGrant | None:
    """Her own grant."""
    return WalletGrant.objects.filter(learner=learner, pk=grant).first()


def held_on(learner: User) -> list[dict[str, Any]]:
    """What is kept about her wallets, for her own copy of her data."""
    return [
        {
            "organization": grant.organization.name,
            "credential": grant.kind,
            "wallet": grant.client_id or grant.redirect_uri,
            "allowed_at": grant.made_at,
            "ended_at": grant.ended_at,
            "fetched": [
                {
                    "form": row.configuration,
                    "at": row.delivered_at,
                    "keys": [holder["did"] for holder in row.holders],
                    "said": row.event,
                }
                for row in grant.deliveries.all()
            ],
        }
        for grant in WalletGrant.objects.filter(learner=learner)
        .select_related("organization")
        .prefetch_related("deliveries")
        .order_by("made_at")
    ]
