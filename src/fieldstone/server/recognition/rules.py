"""Promises: their kinds and the states of a claim."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

KINDS = ("interview", "raise", "pay_rung", "title", "hours", "credit", "license_points")
OUTCOMES = ("kept", "declined")


def standing(*, due_at: datetime, answered_at: datetime | None, outcome: str, at: datetime) -> str:
    """Where a claim stands: kept, kept_late, declined, waiting, or overdue (unanswered past its date)."""
    if answered_at is None:
        return "overdue" if at > due_at else "waiting"
    if outcome == "declined":
        return "declined"
    return "kept_late" if answered_at > due_at else "kept"


def due(claimed_at: datetime, answer_days: int) -> datetime:
    """The date by which a claim is to be answered: calendar days, as promises are worded."""
    return claimed_at + timedelta(days=answer_days)


def claim_problem(
    *,
    fits: bool,
    live: bool,
    valid_until: datetime | None,
    starts_on: date,
    ends_on: date | None,
    withdrawn: bool,
    at: datetime,
) -> Problem | None:
    """Why an award cannot claim a promise now, or None."""
    if not fits:
        return Problem("", _("This promise is for another credential."))
    if not live or (valid_until is not None and at > valid_until):
        return Problem("", _("This credential is not valid now."))
    if withdrawn or (ends_on is not None and at.date() > ends_on):
        return Problem("", _("This promise has ended."))
    if at.date() < starts_on:
        return Problem("", _("This promise has not begun."))
    return None


def tidy_reason(reason: str) -> str:
    """A reason on one line, as it is kept."""
    return " ".join(reason.replace("\x00", "").split())


def answer_problem(*, kept: bool, reason: str) -> Problem | None:
    """Why a claim cannot be answered so, or None. Declining needs a reason."""
    tidy = tidy_reason(reason)
    if not kept and not tidy:
        return Problem("reason", _("Say why. The learner reads it."))
    if len(tidy) > 500:
        return Problem("reason", _("Shorten this to %(limit)s signs."), {"limit": 500})
    return None


def record(standings: Iterable[str]) -> dict[str, int]:
    """How often each standing occurs, with `due` = all that were answered or are overdue."""
    counts = dict.fromkeys(("kept", "kept_late", "declined", "overdue", "waiting"), 0)
    for name in standings:
        counts[name] += 1
    counts["due"] = counts["kept"] + counts["kept_late"] + counts["declined"] + counts["overdue"]
    return counts
