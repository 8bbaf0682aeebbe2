"""What all actions of assessment do alike: lock a review, note what happened, tidy words, write a decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fieldstone.server.assessment.models import Review
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User

COMMENT_LIMIT = 4000


def lock_review(review: Review) -> Review:
    """The review as it is now, held until the transaction ends."""
    return (
        Review.objects.select_for_update(of=("self",))
        .select_related("submission__enrollment__version", "organization", "micro_credential")
        .get(pk=review.pk)
    )


def note_down(verb: str, review: Review, by: User | None, at: datetime, *tasks: str, **data: object) -> None:
    """A line in the ledger about a review, with the tasks that follow."""
    ledger.record(
        verb=f"assessment.{verb}",
        subject=review,
        by=by.pk if by else None,
        at=at,
        organization=review.organization_id,
        data=data,
        tasks=tasks,
    )


def tidy_words(typed: str, field: str, *, needed: str = "", limit: int = COMMENT_LIMIT) -> str:
    """What was typed, tidied at its ends. Raises Refused where it is missing, too long, or cannot be kept."""
    words = typed.strip()
    if needed and not words:
        raise Refused(needed, field)
    if len(words) > limit:
        raise Refused(_("Shorten this to %(limit)s signs."), field, limit=limit)
    if "\x00" in words:
        raise Refused(_("Take out the control characters."), field)
    return words


def write_decision(review: Review, outcome: str, result: Mapping[str, Any], by: User, at: datetime) -> Review:
    """Write a decision. The learner's mail follows from the ledger."""
    kept = {key: value for key, value in result.items() if key not in ("confirm", "differing")}
    Review.objects.filter(pk=review.pk).update(
        state="decided", outcome=outcome, result=kept, decided_at=at, decided_by=by.pk
    )
    review.state, review.outcome, review.result = "decided", outcome, kept
    review.decided_at, review.decided_by = at, by.pk
    note_down("decided", review, by, at, "mail_decision", outcome=outcome)
    return review
