"""Links for assessors from outside, who have no account."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from fieldstone.server.assessment import queries
from fieldstone.server.assessment.actions.problems import Closed
from fieldstone.server.assessment.actions.seats import free_seats
from fieldstone.server.assessment.actions.steps import lock_review, note_down
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.problems import NotAllowed, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User

EXTERNAL_DAYS = 60
"""How long a link for an external assessor may live."""


@transaction.atomic
def invite_external(*, review: Review, name: str, until: datetime, by: User, at: datetime, key: str = "") -> str:
    """A link for somebody without an account who scores one seat; an approver confirms the result.

    Returns the token (only its hash is kept); with the same `key` the same request gives the same token.
    Raises NotAllowed unless `by` is an approver here, Closed when no scoring seat is free.
    """
    review = lock_review(review)
    if "approver" not in queries.standing(by, review.organization, at).roles:
        raise NotAllowed(_("Only an approver invites somebody from outside."))
    who = " ".join(name.split())
    if not who or len(who) > 120 or "\x00" in who:
        raise Refused(_("Write the name of the person you invite, up to 120 signs."), "name")
    if not at < until <= at + timedelta(days=EXTERNAL_DAYS):
        raise Refused(_("Choose a day within the next %(days)s days."), "until", days=EXTERNAL_DAYS)
    sealed = salted_hmac("fieldstone.external", f"{review.pk}:{key or at.isoformat()}", algorithm="sha256")
    token = sealed.hexdigest()[:48]
    seats = {s.kind: s for s in review.seats.filter(kind__in=queries.SCORING)}
    hashed = digest(token)
    if any(seat.external_hash == hashed for seat in seats.values()):
        return token
    if any(seat.external_hash for seat in seats.values()):
        raise Closed(_("Somebody from outside already has a link for this one."))
    seat = next((seats[k] for k in ("second", "first") if k in seats and seats[k].assessor_id is None), None)
    if seat is None or seat.scored_at is not None or review.state not in ("checking", "scoring"):
        raise Closed(_("Both seats of this review are taken."))
    Seat.objects.filter(pk=seat.pk).update(external_name=who, external_hash=hashed, external_until=until, claimed_at=at)
    note_down("external_invited", review, by, at, seat=seat.kind)
    return token


@transaction.atomic
def withdraw_external(*, seat: Seat, by: User, at: datetime) -> None:
    """End a link that was not used; the seat is free again."""
    seat = Seat.objects.select_related("review__organization").get(pk=seat.pk)
    if "approver" not in queries.standing(by, seat.review.organization, at).roles:
        raise NotAllowed(_("Only an approver invites somebody from outside."))
    if seat.external_hash is None:
        return
    if seat.scored_at is not None:
        raise Closed(_("The scores are handed in already."))
    free_seats([seat])
    note_down("external_withdrawn", seat.review, by, at, seat=seat.kind)
