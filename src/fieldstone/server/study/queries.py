"""Reads about how people get on, for coaches and program leads."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from fieldstone.server.awards.models import Award
from fieldstone.server.evidence.models import Enrollment, Submission
from fieldstone.server.people.models import Membership, Organization, User

QUIET = timedelta(days=30)
"""A draft untouched for this long is worth a call."""


def learners(organization: Organization) -> QuerySet[User]:
    """Everybody who learns here: members with that role, and whoever has started something of ours."""
    return User.objects.filter(is_active=True).filter(
        Exists(Membership.objects.filter(user=OuterRef("pk"), organization=organization, role="learner", ended_at=None))
        | Exists(Enrollment.objects.filter(learner=OuterRef("pk"), micro_credential__organization=organization))
    )


def coached(organization: Organization, at: datetime, *, words: str = "") -> QuerySet[User]:
    """Learners with what a coach needs to know, those who wait longest first. One query a page.

    Each row has `earned`, `drafts` and `quiet` (drafts untouched for 30 days).
    """
    ours = Q(enrollments__micro_credential__organization=organization, enrollments__left_at=None)
    earned = Award.objects.filter(learner=OuterRef("pk"), micro_credential=OuterRef("enrollments__micro_credential"))
    open_drafts = ours & Q(~Exists(earned))
    found = learners(organization).annotate(
        drafts=Count("enrollments", filter=open_drafts, distinct=True),
        quiet=Count("enrollments", filter=open_drafts & Q(enrollments__touched_at__lt=at - QUIET), distinct=True),
        earned=Count("awards", filter=Q(awards__organization=organization, awards__revoked_at=None), distinct=True),
    )
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    return found.order_by("-quiet", "-drafts", "name", "pk")


def quiet_learners(organization: Organization, at: datetime) -> int:
    """How many learners have a draft untouched for 30 days and nothing earned from it."""
    earned = Award.objects.filter(learner=OuterRef("learner"), micro_credential=OuterRef("micro_credential"))
    return (
        Enrollment.objects.filter(
            ~Exists(earned), micro_credential__organization=organization, left_at=None, touched_at__lt=at - QUIET
        )
        .values("learner")
        .distinct()
        .count()
    )


def stuck_after_three(organization: Organization) -> set[object]:
    """Learners who have sent the same thing three times or more without earning it."""
    return set(
        Submission.objects.filter(enrollment__micro_credential__organization=organization, number__gte=3)
        .exclude(review__outcome="demonstrated")
        .values_list("enrollment__learner", flat=True)
    )
