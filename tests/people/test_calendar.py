"""The address at which calendar apps read a learner's dates: one at a time, renewed and closed once each."""

from __future__ import annotations

from datetime import datetime

from fieldstone.server.ledger.models import Entry
from fieldstone.server.people import actions, queries
from fieldstone.server.people.models import CalendarFeed, User
from tests.cast import Cast


def verbs() -> list[str]:
    return list(Entry.objects.filter(verb__startswith="people.calendar").order_by("id").values_list("verb", flat=True))


def test_one_address_is_open_and_its_secret_is_not_stored(cast: Cast, at: datetime) -> None:
    feed = actions.open_calendar(user=cast.learner, at=at)
    assert actions.open_calendar(user=cast.learner, at=at) == feed
    other = actions.open_calendar(user=cast.other_learner, at=at)
    token = actions.calendar_token(feed)
    assert len(token) == 40 and token != actions.calendar_token(other) and token not in feed.token_hash
    assert queries.calendar_feed(token) == queries.calendar_of(cast.learner) == feed
    assert queries.calendar_feed(token[:-1]) is None and verbs() == ["people.calendar_opened"] * 2


def test_an_address_is_renewed_once_however_often_it_is_asked(cast: Cast, at: datetime) -> None:
    old = actions.open_calendar(user=cast.learner, at=at)
    for _time in range(2):
        actions.renew_calendar(user=cast.learner, of=str(old.pk), at=at)
    new = queries.calendar_of(cast.learner)
    assert new is not None and new.pk != old.pk and CalendarFeed.objects.count() == 2
    assert queries.calendar_feed(actions.calendar_token(old)) is None
    assert queries.calendar_feed(actions.calendar_token(new)) == new
    assert verbs() == ["people.calendar_opened", "people.calendar_renewed"]


def test_an_address_is_closed_once_and_only_by_its_owner(cast: Cast, at: datetime) -> None:
    feed = actions.open_calendar(user=cast.learner, at=at)
    for stranger, of in ((cast.other_learner, str(feed.pk)), (cast.learner, "x"), (cast.learner, "")):
        actions.close_calendar(user=stranger, of=of, at=at)
        actions.renew_calendar(user=stranger, of=of, at=at)
    assert queries.calendar_of(cast.learner) == feed
    for _time in range(2):
        actions.close_calendar(user=cast.learner, of=str(feed.pk), at=at)
    assert queries.calendar_of(cast.learner) is None and verbs() == ["people.calendar_opened", "people.calendar_closed"]


def test_a_language_chosen_again_writes_nothing(cast: Cast, at: datetime) -> None:
    User.objects.filter(pk=cast.learner.pk).update(language="en")
    for language, now, entries in (("es", "es", 1), ("es", "es", 1), ("fr", "en", 2), ("en", "en", 2)):
        actions.choose_language(user=cast.learner, language=language, at=at)
        assert User.objects.get(pk=cast.learner.pk).language == now
        assert Entry.objects.filter(verb="people.profile_changed").count() == entries


def test_a_learner_added_twice_with_one_key_is_one(cast: Cast, at: datetime) -> None:
    def add(key: str) -> tuple[User, str]:
        return actions.add_learner(
            organization=cast.home.organization, name="Ada", language="es", by=cast.home.coach, at=at, key=key
        )

    first, again, other = add("a"), add("a"), add("b")
    assert first == again and other[0] != first[0] and other[1] != first[1]
    assert Entry.objects.filter(verb="people.added").count() == 2
