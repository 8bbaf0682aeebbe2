"""Tables: credentials that a learner brought from elsewhere."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.awards.rules import AUDIENCES
from fieldstone.server.backpack.rules import BELONGS, SOURCES, VERDICTS
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import User


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
