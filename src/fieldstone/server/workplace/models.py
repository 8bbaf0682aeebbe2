"""Forms for supervisors, placements, hours, links without an account, and reviews that never change once signed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fieldstone.server.catalog.models import Program
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User
from fieldstone.server.workplace import rules
from fieldstone.server.workplace.rules import KINDS


class FeedbackForm(Row):
    """What a program asks supervisors; stacks name it in their trees. Its words are in its versions."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="feedback_forms")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)


class FormVersionQuerySet(models.QuerySet["FormVersion"]):
    """Common cuts through the versions of forms."""

    def current(self) -> FormVersionQuerySet:
        """The newest version of each form that is not retired."""
        return self.filter(superseded_at=None, form__retired_at=None)


class FormVersion(Row):
    """One wording of a form, `definition` as in `workplace.rules.parse`. A trigger refuses change."""

    form = models.ForeignKey(FeedbackForm, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = FormVersionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "number"], name="form_version_number_once"),
            models.UniqueConstraint(fields=["form"], condition=Q(superseded_at=None), name="form_one_current"),
        ]

    @property
    def parsed(self) -> rules.FormDefinition:
        """The definition, read."""
        return rules.parse(self.definition)[0]


class Placement(Row):
    """A learner works somewhere, and somebody there will say what was seen. Pinned to a form's version."""

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="placements")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="placements")
    form = models.ForeignKey(FeedbackForm, on_delete=models.PROTECT, related_name="placements")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="placements")
    kind = models.CharField(max_length=16, choices=[(k, k) for k in KINDS])
    employer = models.CharField(max_length=120)
    supervisor_name = models.CharField(max_length=120, blank=True)
    supervisor_email = models.CharField(max_length=254, blank=True)
    supervisor_language = models.CharField(max_length=5, default="en")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    hours_planned = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    closed_reason = models.CharField(max_length=300, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="placement_kind_known"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="placement_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(hours_planned__lte=rules.MOST_HOURS), name="placement_hours_planned_bounded"
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at=None) | (Q(closed_at__isnull=False) & ~Q(closed_reason="")),
                name="placement_set_aside_says_why",
            ),
        ]


class HoursEntry(Row):
    """Hours of one day and what was done, as the learner logged them. Once countersigned a trigger keeps them."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="entries")
    day = models.DateField()
    hours = models.DecimalField(max_digits=4, decimal_places=2)
    text = models.CharField(max_length=300)
    key = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=1)
    logged_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    countersigned_at = models.DateTimeField(null=True, blank=True)
    countersigned_by = models.CharField(max_length=120, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.CharField(max_length=120, blank=True)
    refused_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["placement", "key"], name="hours_once_per_key"),
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=24), name="hours_fit_one_day"),
            models.CheckConstraint(
                condition=Q(countersigned_at=None, countersigned_by="")
                | (Q(countersigned_at__isnull=False, refused_at=None, removed_at=None) & ~Q(countersigned_by="")),
                name="hours_countersigned_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None, refused_reason="", refused_by="")
                | (Q(refused_at__isnull=False) & ~Q(refused_reason="") & ~Q(refused_by="")),
                name="hours_refused_with_a_reason",
            ),
        ]


class SupervisorLink(Row):
    """A link by which a supervisor countersigns and reviews without an account. Only its hash is kept.

    `email` is empty for a link that was handed over; `draft` is what she kept for later.
    """

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=5)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    not_me_at = models.DateTimeField(null=True, blank=True)
    draft = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["placement"], condition=Q(ended_at=None, not_me_at=None), name="supervisor_link_one_open"
            ),
        ]


class SupervisorReview(Row):
    """A signed review: the answers, and the very text that was signed with its SHA-256. A trigger refuses change."""

    placement = models.OneToOneField(Placement, on_delete=models.CASCADE, related_name="review")
    link = models.ForeignKey(SupervisorLink, on_delete=models.CASCADE, related_name="reviews")
    answers = models.JSONField()
    words = models.TextField(blank=True)
    positive = models.BooleanField()
    by_hand = models.BooleanField()
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=5)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="review_signed_by_somebody"),
        ]
