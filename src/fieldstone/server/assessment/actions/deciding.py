"""Sheets are handed in, confirmed and moderated, and the review goes where they put it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from fieldstone.server.assessment import queries, rules
from fieldstone.server.assessment.actions.problems import NotSeated
from fieldstone.server.assessment.actions.scoring import close_sheet, finish_sheet, own_seat, still_open
from fieldstone.server.assessment.actions.steps import note_down, tidy_words, write_decision
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.calibration import queries as calibration
from fieldstone.server.catalog.models import MicroCredential
from fieldstone.server.catalog.rules import Criterion
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


@transaction.atomic
def hand_in(*, seat: Seat, by: User | None, at: datetime) -> Review:
    """Hand in the sheet of a first or second seat. Twice is once. `by` is None for an external assessor.

    The review may then wait for the other sheet, need a moderator or an approver, or be decided.
    """
    seat = own_seat(seat, by, at)
    if seat.scored_at is not None:
        return seat.review
    still_open(seat)
    if seat.kind not in queries.SCORING:
        raise NotSeated(_("This seat does not hand in scores."))
    finish_sheet(seat, by, at)
    note_down("handed_in", seat.review, by, at, seat=seat.kind)
    return _settle(seat.review, by, at)


@transaction.atomic
def approve(*, seat: Seat, approved: bool, note: str, by: User, at: datetime) -> Review:
    """The approver confirms the result, or sends it to a moderator with a note. Twice is once."""
    seat = own_seat(seat, by, at)
    if seat.kind != "approver":
        raise NotSeated(_("This needs an approver."))
    if seat.scored_at is not None and seat.confirmed == approved:
        return seat.review
    still_open(seat)
    words = tidy_words(note, "note", needed="" if approved else _("Say what the moderator should look at."))
    close_sheet(seat, at, confirmed=approved, note=words)
    note_down("approved" if approved else "not_approved", seat.review, by, at)
    return _settle(seat.review, by, at)


@transaction.atomic
def moderate(*, seat: Seat, by: User, at: datetime) -> Review:
    """Hand in the moderator's scores of the criteria in dispute: the review is decided. Twice is once."""
    seat = own_seat(seat, by, at)
    if seat.kind != "moderator":
        raise NotSeated(_("This seat does not hand in scores."))
    if seat.scored_at is not None:
        return seat.review
    still_open(seat)
    finish_sheet(seat, by, at)
    note_down("moderated", seat.review, by, at)
    return _settle(seat.review, by, at)


def _unsupervised(seats: Iterable[Seat], subject: MicroCredential) -> bool:
    """Whether a sheet came from somebody without an account or without a calibration at that time."""
    for seat in seats:
        if seat.scored_at is None:
            continue
        if seat.assessor is None or not calibration.is_calibrated(seat.assessor, subject, seat.scored_at):
            return True
    return False


def _settle(review: Review, by: User | None, at: datetime) -> Review:
    """Move the review to where its sheets put it. The one place that calls `rules.decide`."""
    criteria = queries.criteria_of(review)
    seats = {s.kind: s for s in review.seats.select_related("assessor").prefetch_related("scores")}

    def levels(kind: str) -> dict[str, str] | None:
        seat = seats.get(kind)
        return {s.criterion: s.level for s in seat.scores.all()} if seat and seat.scored_at else None

    sheets = [seats[kind] for kind in queries.SCORING if kind in seats]
    confirm = _unsupervised(sheets, review.micro_credential)
    approver = seats.get("approver")
    outcome = rules.decide(
        criteria,
        two_person=review.two_person,
        first=levels("first"),
        second=levels("second"),
        approved=approver.confirmed if approver else None,
        moderator=levels("moderator"),
        confirm=confirm,
    )
    if outcome.state == "decided":
        assert by is not None and outcome.levels is not None
        scored = [s for s in seats.values() if s.scored_at]
        result = {
            **review.result,
            "levels": {**review.result.get("carried", {}), **outcome.levels},
            "comments": _comments(criteria, seats, outcome.differing),
            "assessors": len(scored),
        }
        return write_decision(review, outcome.outcome, result, by, at)
    result = {**review.result, "confirm": confirm, "differing": list(outcome.differing)}
    Review.objects.filter(pk=review.pk).update(state=outcome.state, result=result)
    review.state, review.result = outcome.state, result
    kind = {"moderating": "moderator", "confirming": "approver"}.get(outcome.state)
    if kind:
        Seat.objects.get_or_create(review=review, kind=kind)
    return review


def _comments(
    criteria: Sequence[Criterion], seats: Mapping[str, Seat], moderated: Sequence[str]
) -> list[dict[str, Any]]:
    """What goes to the learner: for each criterion the words of those whose scores stand. No names."""
    return [
        {"criterion": criterion.id, "comment": score.comment, "phrases": score.phrases}
        for criterion in criteria
        for kind in (("moderator",) if criterion.id in moderated else queries.SCORING)
        for score in (seats[kind].scores.all() if kind in seats else ())
        if score.criterion == criterion.id and (score.comment or score.phrases)
    ]
