"""When an assessor counts as calibrated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fieldstone.server.calibration import rules


def test_four_of_five_is_enough_and_nothing_is_not() -> None:
    assert rules.reached(4, 5) and rules.reached(8, 10) and rules.reached(12, 15)
    assert not rules.reached(7, 9) and not rules.reached(0, 0) and not rules.reached(79, 100)


def test_an_exemplar_opens_again_after_two_weeks() -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    assert rules.opens_again(None, at=day)
    assert not rules.opens_again(day, at=day + timedelta(days=13, hours=23))
    assert rules.opens_again(day, at=day + timedelta(days=14))
