"""Stacks, their versions, and where each learner stands."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fieldstone.server.catalog.models import Program
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User


class Stack(Row):
    """A set of micro-credentials that together lead to a credential of its own."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="stacks")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="stacks")
    slug = models.SlugField(max_length=80)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "slug"], name="stack_slug_once")]


class StackVersionQuerySet(models.QuerySet["StackVersion"]):
    """Common cuts through the versions of stacks."""

    def current(self) -> StackVersionQuerySet:
        """The published version of each stack that is not retired."""
        return self.filter(published_at__isnull=False, superseded_at=None, stack__retired_at=None)


class StackVersion(Row):
    """One version of a stack; `definition` as in `pathways.rules.parse`, its tree as in `fieldstone.stacking`."""

    stack = models.ForeignKey(Stack, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = StackVersionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stack", "number"], name="stack_version_number_once"),
            models.UniqueConstraint(fields=["stack"], condition=Q(published_at=None), name="stack_one_draft"),
            models.UniqueConstraint(
                fields=["stack"],
                condition=Q(published_at__isnull=False, superseded_at=None),
                name="stack_one_current",
            ),
        ]


class StackComponent(Row):
    """Which micro-credentials (or stacks) a version's tree names: written with the version, for look-ups."""

    stack_version = models.ForeignKey(StackVersion, on_delete=models.CASCADE, related_name="components")
    credential = models.UUIDField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stack_version", "credential"], name="stack_component_once")
        ]


class Pursuit(Row):
    """A learner follows a stack; `result` is the newest evaluation, `satisfied_at` when it last became true."""

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pursuits")
    stack = models.ForeignKey(Stack, on_delete=models.PROTECT, related_name="pursuits")
    stack_version = models.ForeignKey(StackVersion, on_delete=models.PROTECT, related_name="pursuits")
    started_at = models.DateTimeField()
    evaluated_at = models.DateTimeField(null=True, blank=True)
    satisfied_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    needed = models.PositiveIntegerField(default=0)
    order = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["learner", "stack"], name="pursuit_once")]


class Nearness(Row):
    """One of the five stacks that a learner is nearest to, not met yet; `rank` 1 is the nearest.

    `left` of `whole` is not done yet, in thousandths of a step, rounded up; a credential is one step. Renewed, not
    kept: what was so before is nowhere.
    """

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="nearest_stacks")
    stack_version = models.ForeignKey(StackVersion, on_delete=models.CASCADE, related_name="near")
    rank = models.PositiveSmallIntegerField()
    left = models.PositiveIntegerField()
    whole = models.PositiveIntegerField()
    evaluated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["learner", "rank"], name="nearness_one_a_rank"),
            models.UniqueConstraint(fields=["learner", "stack_version"], name="nearness_once"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=5), name="nearness_of_five"),
            models.CheckConstraint(
                condition=Q(left__gte=1, left__lt=F("whole")), name="nearness_begun_and_not_met"
            ),
        ]


class Survey(Row):
    """Everybody is looked at anew, as after a stack was published: how far it is. A newer one ends those before.

    `after` is the last person looked at, in the order of ids; `people` how many there are, `seen` how many of them
    were looked at, `awarded` how many credentials of stacks followed. Begun when it has people, or an end.
    """

    asked_at = models.DateTimeField()
    after = models.UUIDField(null=True)
    people = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    awarded = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    @property
    def percent(self) -> int:
        """How far it is, in whole percent; 100 once it is done."""
        if self.finished_at is not None:
            return 100
        return min(99, self.seen * 100 // self.people) if self.people else 0


class Nudge(Row):
    """A learner was told, once for each stack, that one step is left. `closed_at`: she put the note away."""

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="nudges")
    stack = models.ForeignKey(Stack, on_delete=models.PROTECT, related_name="nudges")
    credential = models.CharField(max_length=60)
    told_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["learner", "stack"], name="nudge_once")]


class Aim(Row):
    """What a learner told us about the work that she wants: where, what she earns now, how much time and money.

    One row for each learner, for her alone. Wages and money are US cents; null where she said nothing.
    """

    learner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="aim")
    county = models.CharField(max_length=5, blank=True)
    area = models.CharField(max_length=7, blank=True)
    wage_cents = models.PositiveIntegerField(null=True, blank=True)
    own_business = models.BooleanField(default=False)
    hours_a_week = models.PositiveSmallIntegerField(null=True, blank=True)
    money_cents = models.PositiveIntegerField(null=True, blank=True)
    occupation = models.CharField(max_length=10, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(wage_cents=None) | Q(wage_cents__range=(100, 50_000)), name="aim_wage_of_an_hour"
            ),
            models.CheckConstraint(
                condition=Q(hours_a_week=None) | Q(hours_a_week__range=(1, 80)), name="aim_hours_of_a_week"
            ),
        ]


class Region(Row):
    """Where an organization looks for jobs, and which it calls in demand; without a row the defaults hold.

    `counties` are five digits of a county, or two and "000" for a whole state; `demand` is a rule as in
    `reference.rules.DemandRule`, empty for the default one.
    """

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="region")
    counties = models.JSONField(default=list)
    demand = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
