"""From the submission to the queue: a review opens, is found complete or not, or is taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.assessment import queries, rules
from fieldstone.server.assessment.actions.problems import Closed, NotSeated
from fieldstone.server.assessment.actions.steps import lock_review, note_down, tidy_words, write_decision
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.evidence.models import Submission
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


@transaction.atomic
def open_review(*, submission: Submission, by: User | None, at: datetime) -> Review:
    """Begin the judging of a submission; the second call for the same submission returns the first review.

    Dates are business days of the organization that owns the micro-credential. What this learner demonstrated
    before is carried over and not judged again.
    """
    existing = Review.objects.filter(submission=submission).first()
    if existing is not None:
        return existing
    enrollment = submission.enrollment
    organization = enrollment.micro_credential.organization
    criteria = enrollment.version.parsed.criteria
    earlier = queries.carried(enrollment)
    wanted = {c.id for c in rules.judged(criteria, asked=submission.criteria, earlier=earlier)}
    review = Review.objects.create(
        submission=submission,
        organization=organization,
        micro_credential=enrollment.micro_credential,
        two_person=organization.two_person,
        opened_at=at,
        check_due_at=rules.add_business_days(at, organization.check_days),
        due_at=rules.add_business_days(at, organization.review_days),
        result={"carried": {c.id: earlier[c.id] for c in criteria if c.id not in wanted}},
    )
    other = "approver" if review.two_person == "approver" else "second"
    Seat.objects.bulk_create([Seat(review=review, kind="first"), Seat(review=review, kind=other)])
    note_down("opened", review, by, at, number=submission.number)
    return review


def _may_check(review: Review, by: User, at: datetime) -> None:
    who = queries.standing(by, review.organization, at)
    if review.submission.enrollment.learner_id == by.pk:
        raise NotSeated(_("This is your own submission."))
    if review.pk in who.conflicted:
        raise NotSeated(_("You handed this one on."))
    if not who.roles & {"assessor", "approver"}:
        raise NotSeated(_("This needs an assessor."))


@transaction.atomic
def check_complete(*, review: Review, by: User, at: datetime) -> Review:
    """Everything that was asked for is there: the review goes to the queue of the assessors."""
    review = lock_review(review)
    _may_check(review, by, at)
    if review.state != "checking":
        if review.checked_at is not None:
            return review
        raise Closed(_("Somebody has already answered this one."))
    Review.objects.filter(pk=review.pk).update(state="scoring", checked_at=at)
    review.state, review.checked_at = "scoring", at
    note_down("checked", review, by, at)
    return review


@transaction.atomic
def return_incomplete(*, review: Review, missing: str, by: User, at: datetime) -> Review:
    """Something is missing: the learner gets it back with these words and may send again; no try is counted."""
    review = lock_review(review)
    _may_check(review, by, at)
    words = tidy_words(missing, "missing", needed=_("Say what is missing, so that it can be sent."))
    if review.state != "checking":
        if review.outcome == "incomplete":
            return review
        raise Closed(_("Somebody has already answered this one."))
    return write_decision(
        review,
        "incomplete",
        {**review.result, "levels": {}, "assessors": 0,
         "comments": [{"criterion": "", "comment": words, "phrases": []}]},
        by, at,
    )  # fmt: skip


@transaction.atomic
def withdraw(*, review: Review, by: User | None, at: datetime) -> Review:
    """The learner took the submission back (or left): nothing is judged."""
    review = lock_review(review)
    if review.state == "decided":
        return review
    person = by.pk if by else review.submission.enrollment.learner_id
    result = {**review.result, "levels": {}, "comments": [], "assessors": 0}
    Review.objects.filter(pk=review.pk).update(
        state="decided", outcome="withdrawn", result=result, decided_at=at, decided_by=person
    )
    note_down("withdrawn", review, by, at)
    review.refresh_from_db()
    return review
