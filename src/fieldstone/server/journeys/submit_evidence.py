"""A learner sends her evidence: it is fixed as it is, and a review is opened on it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.assessment.models import Review
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.evidence import rules
from fieldstone.server.evidence.models import Enrollment, Submission
from fieldstone.server.ledger.problems import Conflict
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


class InReview(Conflict):
    """What was sent before is still with the assessors."""


def levels_so_far(enrollment: Enrollment) -> list[dict[str, str]]:
    """The levels of every decision on this work, oldest first."""
    decided = Review.objects.filter(submission__enrollment=enrollment, state="decided").order_by("decided_at")
    return [review.result.get("levels", {}) for review in decided]


@transaction.atomic
def submit_evidence(*, enrollment: Enrollment, by: User, at: datetime, key: str | None = None) -> Submission:
    """Send the draft, to be judged on what is not demonstrated yet. The same `key` twice is one submission.

    Raises evidence.actions.NotComplete (everything that is missing), InReview, evidence.actions.NothingToSend.
    """
    enrollment = Enrollment.objects.select_for_update(of=("self",)).select_related("version").get(pk=enrollment.pk)
    known = Submission.objects.filter(enrollment=enrollment, key=evidence.stored_key(enrollment.pk, key)).first()
    if key and known:
        return known
    if Review.objects.filter(submission__enrollment=enrollment).exclude(state="decided").exists():
        raise InReview(_("You have sent this already. It is in review."))
    criteria = rules.open_criteria(enrollment.version.parsed, levels_so_far(enrollment))
    submission = evidence.submit(enrollment=enrollment, criteria=criteria, by=by, at=at, key=key)
    assessment.open_review(submission=submission, by=by, at=at)
    return submission
