"""Reads about promises that several screens need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from fieldstone.server.recognition.models import Claim, Promise
from fieldstone.server.recognition.rules import record, standing


@dataclass(frozen=True)
class Told:
    """A promise with its public record."""

    promise: Promise
    record: dict[str, int]


def standings(claims: Iterable[Claim], at: datetime) -> list[str]:
    """Where each claim stands."""
    return [standing(due_at=c.due_at, answered_at=c.answered_at, outcome=c.outcome, at=at) for c in claims]


def open_promises(at: datetime) -> QuerySet[Promise]:
    """Promises that can be claimed now, with their organization."""
    today = at.date()
    return (
        Promise.objects.filter(withdrawn_at=None, starts_on__lte=today)
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .select_related("organization", "micro_credential", "stack")
    )


def told(promises: Iterable[Promise], at: datetime) -> list[Told]:
    """Promises with their records, in two queries however many they are."""
    rows = list(promises)
    by_promise: dict[UUID, list[Claim]] = defaultdict(list)
    for claim in Claim.objects.filter(promise__in=[p.pk for p in rows]):
        by_promise[claim.promise_id].append(claim)
    return [Told(p, record(standings(by_promise[p.pk], at))) for p in rows]


def for_credentials(*, micro_credentials: Iterable[UUID] = (), stacks: Iterable[UUID] = (), at: datetime) -> list[Told]:
    """What follows from any of these, with the records."""
    rows = open_promises(at).filter(Q(micro_credential__in=list(micro_credentials)) | Q(stack__in=list(stacks)))
    return told(rows, at)
