"""A learner asks for a second look, and somebody who sat in no seat of that review answers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.assessment import queries, rules
from fieldstone.server.assessment.actions.problems import Closed, NotSeated, SheetNotReady, Taken
from fieldstone.server.assessment.actions.scoring import close_sheet
from fieldstone.server.assessment.actions.steps import lock_review, note_down, tidy_words, write_decision
from fieldstone.server.assessment.models import Appeal, Review, Seat
from fieldstone.server.evidence.models import Submission
from fieldstone.server.ledger.problems import NotAllowed, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


@transaction.atomic
def open_appeal(*, review: Review, reason: str, by: User, at: datetime, key: str | None = None) -> Appeal:
    """The learner asks that somebody else look again. Once per review; the same request twice is one appeal."""
    review = lock_review(review)
    if review.submission.enrollment.learner_id != by.pk:
        raise NotAllowed(_("Only the person who sent it can appeal."))
    existing = Appeal.objects.filter(review=review).first()
    if existing is not None:
        if key and existing.key == key:
            return existing
        raise Closed(_("You have already asked for a second look here."))
    if review.outcome != "not_yet":
        raise Closed(_("There is no decision here to look at again."))
    if Submission.objects.filter(enrollment=review.submission.enrollment, number__gt=review.submission.number).exists():
        raise Closed(_("You have sent a newer version. That one is looked at now."))
    words = tidy_words(reason, "reason", needed=_("Say what should be looked at again."))
    appeal = Appeal.objects.create(review=review, reason=words, opened_at=at, key=key)
    note_down("appealed", review, by, at)
    return appeal


@transaction.atomic
def claim_appeal(*, appeal: Appeal, by: User, at: datetime) -> Seat:
    """Hear an appeal: only somebody who sat in no seat of that review. Raises NotSeated, Taken or Closed."""
    review = lock_review(appeal.review)
    appeal = Appeal.objects.get(pk=appeal.pk)
    if appeal.closed_at is not None:
        raise Closed(_("This appeal is answered."))
    if appeal.claimed_by_id == by.pk:
        return Seat.objects.get(review=review, kind="appeal")
    seat = Seat(review=review, kind="appeal", assessor=by, claimed_at=at)
    reason = queries.why_not(seat, queries.standing(by, review.organization, at))
    if reason:
        raise NotSeated(reason)
    if not Appeal.objects.filter(pk=appeal.pk, claimed_by=None, closed_at=None).update(claimed_by=by):
        raise Taken(_("Somebody else has taken this one. Take another."))
    Seat.objects.filter(review=review, kind="appeal", assessor=None).delete()
    seat.save()
    note_down("appeal_claimed", review, by, at)
    return seat


@transaction.atomic
def close_appeal(*, appeal: Appeal, upheld: bool, answer: str, by: User, at: datetime) -> Review:
    """Answer an appeal. Upheld: the new scores replace those of the criteria that were not shown. Twice is once.

    Raises SheetNotReady when upheld without a whole sheet, Refused when the new scores change nothing.
    """
    appeal = Appeal.objects.select_related("review").get(pk=appeal.pk)
    review = lock_review(appeal.review)
    if appeal.claimed_by_id != by.pk:
        raise NotSeated(_("You do not hold this one."))
    if appeal.closed_at is not None:
        if appeal.upheld == upheld:
            return review
        raise Closed(_("This appeal is answered."))
    words = tidy_words(answer, "answer", needed=_("Write the answer that the learner will read."))
    seat = Seat.objects.get(review=review, kind="appeal")
    seat.review = review
    lines = queries.sheet(seat)
    if upheld:
        open_criteria = queries.criteria_for(seat)
        problems = rules.sheet_problems(open_criteria, lines)
        if problems:
            raise SheetNotReady(problems)
        if not any(c.shown_at(lines[c.id].level) for c in open_criteria):
            raise Refused(_("Your scores change nothing. Choose “the decision stands”, or score again."), "upheld")
    close_sheet(seat, at)
    Appeal.objects.filter(pk=appeal.pk).update(upheld=upheld, answer=words, closed_at=at)
    note_down("appeal_closed", review, by, at, "mail_appeal", upheld=upheld)
    if not upheld:
        return review
    names = {c.id for c in open_criteria}
    levels = {**review.result["levels"], **{name: lines[name].level for name in names}}
    comments = [row for row in review.result["comments"] if row["criterion"] not in names]
    comments += [
        {"criterion": name, "comment": lines[name].comment, "phrases": list(lines[name].phrases)}
        for name in levels
        if name in names and (lines[name].comment or lines[name].phrases)
    ]
    result = {**review.result, "levels": levels, "comments": comments, "assessors": review.result["assessors"] + 1}
    criteria = review.submission.enrollment.version.parsed.criteria
    return write_decision(review, rules.verdict(criteria, levels), result, by, at)
