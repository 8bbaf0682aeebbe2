"""Limits count the address of the client, not that of a proxy in front."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.models import Tally
from fieldstone.server.web.shared import rate
from fieldstone.server.web.shared.rate import TooOften, address_of, limit


@pytest.mark.parametrize(
    ("behind", "forwarded", "expected"),
    [
        (False, "", "192.0.2.1"),
        (False, "198.51.100.7", "192.0.2.1"),  # anybody can write this header; without a proxy it means nothing
        (True, "", "192.0.2.1"),
        (True, "198.51.100.7", "198.51.100.7"),
        (True, "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what the visitor wrote stands before what the proxy saw
    ],
)
def test_whose_address_it_is(behind: bool, forwarded: str, expected: str, settings: object) -> None:
    settings.BEHIND_PROXY = behind  # type: ignore[attr-defined]
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **headers)) == expected


@pytest.mark.django_db
def test_one_address_too_often_leaves_others_alone(settings: object) -> None:
    settings.BEHIND_PROXY = True  # type: ignore[attr-defined]
    often = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="198.51.100.7")
    other = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="198.51.100.8")
    for _ in range(2):
        limit(often, "knock", times=2, seconds=60)
    with pytest.raises(TooOften):
        limit(often, "knock", times=2, seconds=60)
    limit(other, "knock", times=2, seconds=60)


class Moved:
    """A clock that stands until it is set on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = datetime(2027, 3, 4, 12, tzinfo=UTC)
        monkeypatch.setattr(rate, "now", lambda: self.at)

    def on(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)


def let_in(times: int, seconds: int, of: str = "") -> bool:
    try:
        limit(RequestFactory().get("/", REMOTE_ADDR="192.0.2.9"), "knock", times=times, seconds=seconds, of=of)
    except TooOften:
        return False
    return True


@pytest.mark.django_db
def test_who_comes_now_and_then_is_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved(monkeypatch)
    for _ in range(30):
        assert let_in(5, 60)
        clock.on(120)


@pytest.mark.django_db
def test_who_was_refused_is_let_in_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved(monkeypatch)
    assert [let_in(2, 60) for _ in range(3)] == [True, True, False]
    clock.on(59)
    assert not let_in(2, 60)  # and trying on does not prolong it
    clock.on(1)
    assert [let_in(2, 60) for _ in range(3)] == [True, True, False]


@pytest.mark.django_db
def test_attack_bursts_within_an_hour_are_one_count(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved(monkeypatch)
    came = 0
    for _burst in range(11):
        came += sum(let_in(20, 3600) for _ in range(20))
        clock.on(302)
    assert came == 20


@pytest.mark.django_db
def test_attack_many_others_do_not_push_a_count_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved(monkeypatch)
    assert [let_in(2, 600) for _ in range(3)] == [True, True, False]
    clock.on(30)
    for number in range(320):
        assert let_in(2, 600, of=f"other {number}")
        cache.set(f"other-{number}", number)
    assert not let_in(2, 600)


@pytest.mark.django_db
def test_counts_that_ended_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved(monkeypatch)
    for number in range(5):
        let_in(2, 60, of=f"other {number}")
    clock.on(61)
    let_in(2, 60)
    assert Tally.objects.count() == 1


@pytest.mark.django_db
def test_two_first_tries_at_the_same_moment_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    at, life = datetime(2027, 3, 4, 12, tzinfo=UTC), timedelta(seconds=60)
    one_more = ledger._one_more

    def other_first(*given: object) -> int:
        monkeypatch.setattr(ledger, "_one_more", one_more)
        assert ledger.count(key="one", life=life, at=at) == 1
        return 0  # as it was a moment ago

    monkeypatch.setattr(ledger, "_one_more", other_first)
    assert ledger.count(key="one", life=life, at=at) == 2
