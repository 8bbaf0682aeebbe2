"""Tables: credentials that a learner brought from elsewhere, lists of awards, and links to pick an award up."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import AUDIENCES
from fieldstone.server.backpack.rules import BATCH_STATES, BELONGS, ROW_STATES, SOURCES, VERDICTS
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User


class Brought(Row):
    """A credential from elsewhere on a learner's page, and what the last check of it said.

    `sha256` is the digest of the credential itself, also where it came inside a picture: brought twice, it is one.
    `checks` are the numbered checks as `credential.Check.to_json` gives them. The words of the credential are copies
    for lists; the file is the truth.
    """

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="brought")
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=4, choices=[(s, s) for s in SOURCES])
    source_url = models.CharField(max_length=1000, blank=True)
    brought_at = models.DateTimeField()
    credential_id = models.CharField(max_length=1000, blank=True)
    title = models.CharField(max_length=300, blank=True)
    issuer_id = models.CharField(max_length=1000, blank=True)
    issuer_name = models.CharField(max_length=300, blank=True)
    recipient = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    audience = models.CharField(max_length=8, default="private", choices=[(a, a) for a in AUDIENCES])
    verdict = models.CharField(max_length=14, choices=[(v, v) for v in VERDICTS])
    checks = models.JSONField()
    belongs = models.CharField(max_length=12, choices=[(b, b) for b in BELONGS])
    checked_at = models.DateTimeField()
    unanswered = models.PositiveIntegerField(default=0)
    """How many checks in a row could not tell."""
    next_check_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-brought_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["learner", "sha256"], name="brought_once"),
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="brought_verdict_known"),
            models.CheckConstraint(condition=Q(audience__in=AUDIENCES), name="brought_audience_known"),
        ]


class BroughtFile(models.Model):
    """The file byte for byte as it was brought: JSON, a JWT, or a picture. A trigger refuses updates."""

    brought = models.OneToOneField(Brought, on_delete=models.CASCADE, primary_key=True, related_name="file")
    body = models.BinaryField()
    size = models.PositiveIntegerField()
    media_type = models.CharField(max_length=40)


class Batch(Row):
    """A list of people who are to get one micro-credential. The same file for the same version is one batch.

    `file` is kept while somebody still has to decide; then its rows are in BatchRow and it is emptied.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="batches")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="batches")
    file_name = models.CharField(max_length=120)
    file_sha256 = models.CharField(max_length=64)
    file = models.BinaryField(null=True)
    state = models.CharField(max_length=8, default="read", choices=[(s, s) for s in BATCH_STATES])
    total = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    people = models.PositiveSmallIntegerField(default=1)
    """How many persons answered for it: the one who brought it, or a second one too."""
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-uploaded_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "file_sha256"], condition=~Q(state="dropped"), name="batch_once_per_file"
            ),
            models.CheckConstraint(condition=Q(state__in=BATCH_STATES), name="batch_state_known"),
            models.CheckConstraint(
                condition=Q(people=1) | Q(people=2) & ~Q(started_by=F("uploaded_by")), name="batch_two_are_two"
            ),
        ]


class BatchRow(Row):
    """One person of a batch. Issued once: the award is written in the transaction that issues it."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    narrative = models.TextField(blank=True)
    awarded = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=8, default="waiting", choices=[(s, s) for s in ROW_STATES])
    reason = models.CharField(max_length=300, blank=True)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, null=True, related_name="batch_rows")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "number"], name="batch_row_once"),
            models.UniqueConstraint(fields=["batch", "key"], name="batch_row_one_per_person"),
            models.UniqueConstraint(fields=["award"], condition=Q(state="issued"), name="batch_row_one_award"),
            models.CheckConstraint(
                condition=Q(state__in=("issued", "held"), award__isnull=False)
                | Q(state__in=("waiting", "stopped", "refused"), award=None),
                name="batch_row_issued_has_award",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "state", "number"], name="batch_row_next")]


class Pickup(Row):
    """A link by which a person without an account sees her credential and makes it hers. Only its hash is kept."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="pickups")
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True, db_index=True)
    language = models.CharField(max_length=5)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="pickups")
    not_me_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(claimed_at=None, not_me_at=None, ended_at=None),
                name="pickup_one_open",
            ),
        ]
