"""Reads about requests, what came, what was shown, and exchanges."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from fieldstone.server.people.models import Organization, User
from fieldstone.server.wallets.models import Exchange, Reply, Request, Shown


def by_token(token: str) -> Request | None:
    """The request behind a link, with who asks."""
    return Request.objects.select_related("organization").filter(token=token).first()


def reply_of(request: Request) -> Reply | None:
    """What came, if anything has."""
    return Reply.objects.filter(request=request).first()


def requests_of(organization: Organization) -> QuerySet[Request]:
    """An organization's requests, newest first, with what came."""
    return Request.objects.filter(organization=organization).select_related("reply").order_by("-made_at", "-id")


def by_receipt(receipt: str) -> Reply | None:
    """What came, by the secret address of the person who sent it."""
    return Reply.objects.select_related("request__organization").filter(receipt=receipt).first()


def shown_by(learner: User) -> QuerySet[Shown]:
    """What she showed, newest first."""
    return Shown.objects.filter(learner=learner).select_related("request__organization").order_by("-at", "-id")


def hers(learner: User, pk: UUID) -> Shown | None:
    """One line of her record."""
    return Shown.objects.select_related("request__organization").filter(learner=learner, pk=pk).first()


def exchange(token: str) -> Exchange | None:
    """The exchange behind a link."""
    rows = Exchange.objects.select_related("award__organization", "award__document", "award__learner")
    return rows.filter(token=token).first()
