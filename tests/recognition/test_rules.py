"""Promises and claims: pure decisions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fieldstone.server.recognition import rules

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("due_in", "answered_in", "outcome", "expected"),
    [
        (1, None, "", "waiting"),
        (0, None, "", "waiting"),
        (-1, None, "", "overdue"),
        (1, 0, "kept", "kept"),
        (1, 1, "kept", "kept"),
        (-2, -1, "kept", "kept_late"),
        (-2, -1, "declined", "declined"),
        (1, 0, "declined", "declined"),
    ],
)
def test_standing(due_in: int, answered_in: int | None, outcome: str, expected: str) -> None:
    answered = None if answered_in is None else AT + answered_in * HOUR
    assert rules.standing(due_at=AT + due_in * HOUR, answered_at=answered, outcome=outcome, at=AT) == expected


def test_an_answer_is_due_after_calendar_days() -> None:
    assert rules.due(AT, 14) == datetime(2026, 12, 7, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"valid_until": AT + HOUR, "ends_on": date(2026, 11, 23)}, None),
        ({"fits": False}, "This promise is for another credential."),
        ({"live": False}, "This credential is not valid now."),
        ({"valid_until": AT - HOUR}, "This credential is not valid now."),
        ({"withdrawn": True}, "This promise has ended."),
        ({"ends_on": date(2026, 11, 22)}, "This promise has ended."),
        ({"starts_on": date(2026, 11, 24)}, "This promise has not begun."),
    ],
)
def test_why_an_award_cannot_claim(changes: dict[str, object], expected: str | None) -> None:
    facts: dict[str, object] = {
        "fits": True, "live": True, "valid_until": None, "starts_on": date(2026, 11, 23), "ends_on": None,
        "withdrawn": False, "at": AT,
    }  # fmt: skip
    problem = rules.claim_problem(**{**facts, **changes})  # type: ignore[arg-type]
    assert (problem and problem.message) == expected


@pytest.mark.parametrize(
    ("kept", "reason", "expected"),
    [
        (True, "", None),
        (True, "x" * 500, None),
        (True, "x" * 501, "Shorten this to 500 signs."),
        (False, "We have no place now.", None),
        (False, " \n\x00 ", "Say why. The learner reads it."),
    ],
)
def test_declining_needs_a_reason(kept: bool, reason: str, expected: str | None) -> None:
    problem = rules.answer_problem(kept=kept, reason=reason)
    assert (problem and problem.english()) == expected


def test_a_reason_is_kept_on_one_line() -> None:
    assert rules.tidy_reason(" no\x00 place \n now ") == "no place now"


def test_a_record_counts_what_came_due() -> None:
    record = rules.record(["kept", "kept", "kept_late", "declined", "overdue", "waiting"])
    assert record == {"kept": 2, "kept_late": 1, "declined": 1, "overdue": 1, "waiting": 1, "due": 5}
    assert rules.record([])["due"] == 0
