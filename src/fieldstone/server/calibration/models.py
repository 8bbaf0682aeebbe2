"""Exemplars and what assessors made of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import User


class Exemplar(Row):
    """A worked example with true scores, on which assessors calibrate."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="exemplars")
    title = models.CharField(max_length=160)
    content = models.JSONField()
    true_scores = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)


class ExemplarScore(Row):
    """What an assessor scored on an exemplar, once."""

    exemplar = models.ForeignKey(Exemplar, on_delete=models.CASCADE, related_name="scores")
    assessor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exemplar_scores")
    scores = models.JSONField()
    scored_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["exemplar", "assessor"], name="exemplar_scored_once")]


class Calibration(Row):
    """Leave to decide on one micro-credential, earned on its exemplars, for a year."""

    assessor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calibrations")
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.CASCADE, related_name="calibrations")
    matched = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    kappa = models.FloatField(null=True)
    reached_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(matched__lte=models.F("total")), name="calibration_in_range")
        ]
