"""Who judges: seats are taken, given back, and handed on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from fieldstone.server.assessment import queries
from fieldstone.server.assessment.actions.problems import Closed, NotSeated, Taken
from fieldstone.server.assessment.actions.steps import lock_review, note_down
from fieldstone.server.assessment.models import Appeal, Conflict, Review, Seat
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


def _seat(seat: Seat, by: User, at: datetime) -> bool:
    """Sit down, if the seat is still free and its review still where it was.

    The conditions of the update name the seat's own columns alone: PostgreSQL checks those again after a wait.
    """

    def sit() -> bool:
        if not Review.objects.select_for_update().filter(pk=seat.review_id, state=seat.review.state).first():
            return False
        return bool(Seat.objects.filter(queries.FREE, pk=seat.pk).update(assessor=by, claimed_at=at))

    return bool(ledger.once(sit))


def _count_held(by: User, organization: Organization) -> int:
    """Seats held now; the person's row is held until the transaction ends, so that two claims count right."""
    User.objects.select_for_update().get(pk=by.pk)
    return queries.held(by, organization).count()


@transaction.atomic
def claim(*, organization: Organization, count: int, by: User, at: datetime) -> list[Seat]:
    """Take the next `count` seats, soonest due first, up to the organization's limit. May take fewer.

    Raises NotSeated when the person already holds the limit, or when there is nothing that she may take.
    """
    room = organization.hold_limit - _count_held(by, organization)
    if room <= 0:
        raise NotSeated(_("You hold %(limit)s, which is the limit. Finish one first."), limit=organization.hold_limit)
    who = queries.standing(by, organization, at)
    wanted = max(1, min(count, room))
    taken: list[Seat] = []
    for seat in queries.takeable(organization, who, wanted * 2 + 3):
        if len(taken) == wanted:
            break
        if _seat(seat, by, at):
            taken.append(seat)
            note_down("claimed", seat.review, by, at, seat=seat.kind)
    if not taken:
        raise NotSeated(_("Nothing is free for you right now."))
    return taken


@transaction.atomic
def take(*, seat: Seat, by: User, at: datetime) -> Seat:
    """Take one seat. The same request twice gives the same seat.

    Raises NotSeated with the reason, or Taken when somebody else was quicker.
    """
    seat = Seat.objects.select_related("review__submission__enrollment", "review__organization").get(pk=seat.pk)
    if seat.assessor_id == by.pk:
        return seat
    review = seat.review
    if _count_held(by, review.organization) >= review.organization.hold_limit:
        raise NotSeated(
            _("You hold %(limit)s, which is the limit. Finish one first."), limit=review.organization.hold_limit
        )
    reason = queries.why_not(seat, queries.standing(by, review.organization, at))
    if reason:
        raise NotSeated(reason)
    opened = Seat.objects.filter(queries.OPEN_SEATS, pk=seat.pk).exists()
    if not opened or not _seat(seat, by, at):
        raise Taken(_("Somebody else has taken this one. Take another."))
    seat.assessor, seat.claimed_at = by, at
    note_down("claimed", review, by, at, seat=seat.kind)
    return seat


def free_seats(seats: Iterable[Seat]) -> None:
    """Empty these seats: the next person starts with a clean sheet, so that she is blind too."""
    for seat in seats:
        seat.scores.all().delete()
        if seat.kind == "appeal":
            Appeal.objects.filter(review=seat.review_id, closed_at=None).update(claimed_by=None)
            seat.delete()
        else:
            Seat.objects.filter(pk=seat.pk).update(
                assessor=None, claimed_at=None, external_name="", external_hash=None, external_until=None
            )


@transaction.atomic
def release(*, organization: Organization, by: User, at: datetime, seat: Seat | None = None) -> int:
    """Give back what this person holds here (or one seat of it). Scores not handed in are dropped. Returns how many."""
    held = list(queries.held(by, organization).filter(**({"pk": seat.pk} if seat else {})).select_related("review"))
    free_seats(held)
    for one in held:
        note_down("released", one.review, by, at, seat=one.kind)
    return len(held)


@transaction.atomic
def declare_conflict(*, review: Review, by: User, at: datetime) -> None:
    """ "I may know this person": hand it on. No reason is asked, and she is never seated here again.

    Raises Closed when her scores are already handed in or the review is decided without an open appeal.
    """
    review = lock_review(review)
    _row, new = Conflict.objects.get_or_create(review=review, assessor=by, defaults={"declared_at": at})
    if not new:
        return
    seats = list(Seat.objects.filter(review=review, assessor=by))
    if any(seat.scored_at for seat in seats):
        raise Closed(_("Your scores are handed in already. Tell the program lead instead."))
    free_seats(seats)
    note_down("conflict_declared", review, by, at)
