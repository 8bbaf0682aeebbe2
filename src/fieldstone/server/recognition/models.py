"""Promises by recognizers, and the record of whether they were kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import MicroCredential
from fieldstone.server.ledger.models import Row
from fieldstone.server.pathways.models import Stack
from fieldstone.server.people.models import Organization, User
from fieldstone.server.recognition.rules import KINDS, OUTCOMES


class Promise(Row):
    """What a recognizer says will follow from a micro-credential or a stack."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="promises")
    micro_credential = models.ForeignKey(
        MicroCredential, on_delete=models.PROTECT, null=True, blank=True, related_name="promises"
    )
    stack = models.ForeignKey(Stack, on_delete=models.PROTECT, null=True, blank=True, related_name="promises")
    kind = models.CharField(max_length=16, choices=[(k, k) for k in KINDS])
    headline = models.JSONField()
    terms = models.JSONField()
    amount = models.CharField(max_length=60, blank=True)
    answer_days = models.PositiveSmallIntegerField(default=14)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["made_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(micro_credential__isnull=False, stack=None) | Q(micro_credential=None, stack__isnull=False),
                name="promise_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="promise_dates_in_order"
            ),
        ]


class Claim(Row):
    """A learner holds a recognizer to a promise."""

    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="claims")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="claims")
    learner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="claims")
    note = models.TextField(blank=True)
    claimed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, blank=True, choices=[(o, o) for o in OUTCOMES])
    reason = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.UUIDField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["promise", "award"], name="claim_once"),
            models.CheckConstraint(
                condition=Q(outcome="", answered_at=None, answered_by=None)
                | Q(outcome="kept", answered_at__isnull=False, answered_by__isnull=False)
                | Q(outcome="declined", answered_at__isnull=False, answered_by__isnull=False) & ~Q(reason=""),
                name="claim_answered_whole",
            ),
        ]
