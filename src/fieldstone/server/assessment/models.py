"""Reviews, seats, scores, appeals."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.assessment.rules import OUTCOMES, SEATS, STATES
from fieldstone.server.catalog.models import MicroCredential
from fieldstone.server.evidence.models import Submission
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User


class Review(Row):
    """The judging of one submission, from the completeness check to the decision."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="review")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="reviews")
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.PROTECT, related_name="reviews")
    two_person = models.CharField(max_length=12)
    state = models.CharField(max_length=12, default="checking", choices=[(s, s) for s in STATES])
    opened_at = models.DateTimeField()
    check_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True, choices=[(o, o) for o in OUTCOMES])
    result = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="decided", decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")
                | ~Q(state="decided") & Q(decided_at=None, decided_by=None, outcome=""),
                name="review_decided_whole",
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="review_state_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["organization", "state", "due_at"], name="review_queue")]


class Seat(Row):
    """One person's place in a review. Free until somebody claims it.

    `external` seats belong to a signed link instead of an account.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="seats")
    kind = models.CharField(max_length=10, choices=[(s, s) for s in SEATS])
    assessor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="seats")
    external_name = models.CharField(max_length=120, blank=True)
    external_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    external_until = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)
    confirmed = models.BooleanField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "kind"], name="seat_once"),
            models.UniqueConstraint(
                fields=["review", "assessor"], condition=Q(assessor__isnull=False), name="seat_one_per_person"
            ),
            models.CheckConstraint(
                condition=Q(scored_at=None) | Q(claimed_at__isnull=False), name="seat_scored_was_claimed"
            ),
        ]


class Conflict(Row):
    """Somebody who said "I may know this person": never seated in this review again. No reason is kept."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="conflicts")
    assessor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "assessor"], name="conflict_once")]


class Score(Row):
    """One seat's judgement of one criterion. `level` is a level id of the rubric or "cannot_tell"."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="scores")
    criterion = models.CharField(max_length=30)
    level = models.CharField(max_length=30)
    comment = models.TextField(blank=True)
    phrases = models.JSONField(default=list)
    scored_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["seat", "criterion"], name="score_once")]


class Phrase(Row):
    """A sentence of feedback that an organization's assessors reuse; both languages go out together."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="phrases")
    en = models.CharField(max_length=400)
    es = models.CharField(max_length=400)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)


class Appeal(Row):
    """A learner asks that somebody else look again at a decision. One open appeal per review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="appeals")
    reason = models.TextField()
    opened_at = models.DateTimeField()
    claimed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True)
    upheld = models.BooleanField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review"], condition=Q(closed_at=None), name="appeal_one_open"),
            models.CheckConstraint(
                condition=Q(closed_at=None, upheld=None) | Q(closed_at__isnull=False, upheld__isnull=False),
                name="appeal_closed_whole",
            ),
        ]
