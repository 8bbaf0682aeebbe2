"""Reads about credentials from elsewhere."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from fieldstone.server.backpack.models import Brought
from fieldstone.server.people.models import User


def of_learner(learner: User) -> QuerySet[Brought]:
    """What she brought, newest first, without the files."""
    return Brought.objects.filter(learner=learner).order_by("-brought_at", "-id")


def hers(learner: User, pk: UUID) -> Brought | None:
    """One of hers with its file."""
    return Brought.objects.select_related("file", "learner").filter(learner=learner, pk=pk).first()


def shown(pk: UUID) -> Brought | None:
    """One that its holder lets others see, with its file."""
    return Brought.objects.select_related("file", "learner").exclude(audience="private").filter(pk=pk).first()
