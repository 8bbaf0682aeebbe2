"""Cohorts: who goes through a program together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fieldstone.server.catalog.models import Program
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User


class Cohort(Row):
    """A named group of a program. `closed_network`: no internet at all (for example a prison's tablets)."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="cohorts")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=120)
    closed_network = models.BooleanField(default=False)
    starts_on = models.DateField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "name"], name="cohort_name_once")]


class CohortMember(Row):
    """One learner in one cohort, with the coach who knows her."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="members")
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cohort_places")
    coach = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="coached")
    joined_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["cohort", "learner"], name="cohort_member_once")]
