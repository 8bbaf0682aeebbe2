"""When an assessor counts as calibrated: pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta

SHARE = 0.8
"""The share of true scores that an assessor must match."""
VALID_DAYS = 365
WAIT_DAYS = 14
"""After a try that missed, the same exemplars open again after this many days; new ones at once."""
FEW_SCORES = 6
"""A try counts this many scores at least, or every exemplar there is."""


def reached(matched: int, total: int) -> bool:
    """Whether so many matches of so many true scores are enough (whole numbers, so that 8 of 10 is)."""
    return total > 0 and matched * 100 >= total * round(SHARE * 100)


def opens_again(scored_at: datetime | None, *, at: datetime) -> bool:
    """Whether an exemplar that was last scored then may be scored now."""
    return scored_at is None or at >= scored_at + timedelta(days=WAIT_DAYS)
