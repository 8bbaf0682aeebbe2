"""Promises: their kinds and the states of a claim."""

from __future__ import annotations

from datetime import datetime

KINDS = ("interview", "raise", "pay_rung", "title", "hours", "credit", "license_points")
OUTCOMES = ("kept", "declined")


def standing(*, due_at: datetime, answered_at: datetime | None, outcome: str, at: datetime) -> str:
    """Where a claim stands: kept, kept_late, declined, waiting, or overdue (unanswered past its date)."""
    if answered_at is None:
        return "overdue" if at > due_at else "waiting"
    if outcome == "declined":
        return "declined"
    return "kept_late" if answered_at > due_at else "kept"
