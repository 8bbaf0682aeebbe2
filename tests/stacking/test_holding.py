"""Holdings and offers state what they must."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from fieldstone.stacking import Holding, Offer

from .programs import DAY, NOW


@pytest.mark.parametrize(
    "hours", [-1, Decimal("-0.5"), Decimal("NaN"), Decimal("Infinity"), Decimal("0.125"), 100_001, True]
)
def test_hours_out_of_range_are_refused(hours: Decimal) -> None:
    with pytest.raises(ValueError, match="hours"):
        Holding(credential="a", earned_at=NOW, hours={"x": hours})
    with pytest.raises(ValueError, match=r"hours"):
        Offer(credential="a", effort=hours)


def test_hours_within_range() -> None:
    assert Holding(credential="a", earned_at=NOW, hours={"x": 0, "y": Decimal("0.25"), "z": 100_000}).hours[
        "z"
    ]


def test_effort_is_more_than_nothing() -> None:
    with pytest.raises(ValueError, match="effort"):
        Offer(credential="a", effort=0)


def test_cost_and_levels_are_not_below_nothing() -> None:
    with pytest.raises(ValueError, match="cost"):
        Offer(credential="a", effort=1, cost=-1)
    with pytest.raises(ValueError, match="0 or more"):
        Offer(credential="a", effort=1, shows={"reading": -0.5})
    assert Offer(credential="a", effort=1, cost=0, shows={"reading": 0}).cost == 0


def test_an_earned_holding_has_a_date() -> None:
    with pytest.raises(ValueError, match="when it was earned"):
        Holding(credential="a")
    assert not Holding(credential="a", state="draft").counts(NOW, valid=True)


@pytest.mark.parametrize("field", ["earned_at", "valid_until", "revoked_at"])
def test_dates_state_their_offset(field: str) -> None:
    with pytest.raises(ValueError, match="offset"):
        replace(Holding(credential="a", earned_at=NOW), **{field: NOW.replace(tzinfo=None)})  # type: ignore[arg-type]  # all three are dates


def test_offers_open_and_close() -> None:
    offer = Offer(credential="a", effort=1, opens_at=NOW, closes_at=NOW + DAY)
    second = timedelta(seconds=1)
    assert [offer.is_open(at) for at in (NOW - second, NOW, NOW + DAY - second, NOW + DAY)] == [
        False,
        True,
        True,
        False,
    ]
    assert Offer(credential="a", effort=1).is_open(NOW)


def test_valid_false_accepts_the_expired_but_never_the_revoked() -> None:
    old = Holding(credential="a", earned_at=NOW - DAY, valid_until=NOW)
    gone = Holding(credential="a", earned_at=NOW - DAY, revoked_at=NOW)
    assert [old.counts(NOW, valid=valid) for valid in (True, False)] == [False, True]
    assert [gone.counts(NOW, valid=valid) for valid in (True, False)] == [False, False]
