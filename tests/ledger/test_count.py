"""Tries under a key are counted from the first, and forgotten after their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from fieldstone.server.ledger import actions
from fieldstone.server.ledger.models import Tally

HOUR = timedelta(hours=1)


def test_tries_are_counted_until_their_time_is_over(db: None, at: datetime) -> None:
    assert [actions.count(key="a", life=HOUR, at=at + timedelta(minutes=n * 20)) for n in range(4)] == [1, 2, 3, 1]
    assert actions.count(key="b", life=HOUR, at=at) == 1
    assert actions.count(key="c", life=HOUR, at=at + timedelta(days=1)) == 1
    assert list(Tally.objects.values_list("key", flat=True)) == ["c"], "what is over is cleared away"


def test_two_first_tries_at_the_same_moment_are_two(db: None, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = actions.once

    def second(make: Callable[[], Tally]) -> Tally | None:
        """The other one's row stands already when ours is written."""
        plain(make)
        return plain(make)

    monkeypatch.setattr(actions, "once", second)
    assert actions.count(key="a", life=HOUR, at=at) == 2
    assert Tally.objects.get().count == 2
