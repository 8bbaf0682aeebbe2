"""Reads about credentials from elsewhere, lists of awards and links."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from fieldstone.server.awards.models import Award
from fieldstone.server.backpack.models import Batch, Brought, Pickup
from fieldstone.server.ledger.kept import digest
from fieldstone.server.people.models import Organization, User


def of_learner(learner: User) -> QuerySet[Brought]:
    """What she brought, newest first, without the files."""
    return Brought.objects.filter(learner=learner).order_by("-brought_at", "-id")


def hers(learner: User, pk: UUID) -> Brought | None:
    """One of hers with its file."""
    return Brought.objects.select_related("file", "learner").filter(learner=learner, pk=pk).first()


def shown(pk: UUID) -> Brought | None:
    """One that its holder lets others see, with its file."""
    return Brought.objects.select_related("file", "learner").exclude(audience="private").filter(pk=pk).first()


def pickup(token: str) -> Pickup | None:
    """The link with this secret, and its award."""
    rows = Pickup.objects.select_related(
        "award__organization", "award__version__micro_credential", "award__document", "award__signing_key"
    )
    return rows.filter(token_hash=digest(token)).first()


def last_told(award: Award) -> Pickup | None:
    """The newest link to an award that waits for its holder, where its address may still be hers."""
    last = award.pickups.order_by("-made_at", "-id").first()
    return last if last and last.email and last.not_me_at is None else None


def waiting_for(user: User, at: datetime) -> list[Pickup]:
    """Links that went to the address she signs in with and are still open."""
    if not user.email:
        return []
    rows = Pickup.objects.filter(email=user.email.lower(), claimed_at=None, not_me_at=None, ended_at=None)
    return list(
        rows.filter(expires_at__gt=at, award__revoked_at=None)
        .select_related("award__organization", "award__version", "award__document")
        .order_by("made_at")
    )


def batches(organization: Organization) -> QuerySet[Batch]:
    """An organization's lists, newest first, without their files."""
    rows = Batch.objects.filter(organization=organization).exclude(state="dropped").defer("file")
    return rows.select_related("version", "uploaded_by", "started_by").order_by("-uploaded_at", "-id")


def counts(batch: Batch) -> dict[str, int]:
    """How many rows stand where, by state. One query."""
    return dict(batch.rows.order_by().values_list("state").annotate(n=Count("pk")))


def not_theirs(organization: Organization) -> QuerySet[Pickup]:
    """Links of which somebody said "this is not me", whose awards still wait."""
    rows = Pickup.objects.filter(award__organization=organization, award__learner=None, award__revoked_at=None)
    settled = Pickup.objects.filter(award=OuterRef("award"), made_at__gt=OuterRef("not_me_at"))
    return rows.filter(not_me_at__isnull=False).exclude(Exists(settled)).order_by("not_me_at")
