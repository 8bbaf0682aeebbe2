"""Bringing a credential from elsewhere: kept byte for byte, once, checked at once and again."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from fieldstone import credential as c
from fieldstone.credential.baked import bake
from fieldstone.server.awards import checking
from fieldstone.server.backpack import actions, queries, rules
from fieldstone.server.backpack.models import Brought, BroughtFile
from fieldstone.server.journeys import bring_credential
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.management.worker import drain
from fieldstone.server.net import NetResolver
from fieldstone.server.net.door import Door
from tests.backpack.makers import KEY, PNG, SVG, signed, unsigned_change
from tests.cast import Cast
from tests.recognition.makers import make_award


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody outside answers."""

    def nobody(host: str, port: int) -> list[str]:
        raise OSError

    monkeypatch.setattr(checking, "WORLD", NetResolver(Door(look_up=nobody), local=checking.Own(), ttl=0))


def bring(cast: Cast, data: bytes, at: datetime, **more: object) -> tuple[Brought, bool]:
    return bring_credential.bring(learner=cast.learner, data=data, source="file", at=at, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["json", "png", "svg", "jwt"])
def test_every_form_is_kept_byte_for_byte(cast: Cast, at: datetime, form: str) -> None:
    plain = signed()
    document = c.loads(plain)
    document.pop("proof")
    data = {
        "json": plain,
        "png": bake(PNG, plain),
        "svg": bake(SVG, plain),
        "jwt": c.sign_jwt(document, key=KEY).encode(),
    }[form]
    row, new = bring(cast, data, at)
    assert new and bytes(row.file.body) == data
    assert (row.title, row.issuer_name, row.verdict) == ("Food safety", "Elsewhere School", "verified")
    assert rules.suffix(row.file.media_type) == form
    assert row.audience == "private" and row.issued_at == datetime.fromisoformat("2025-06-01T15:00:00Z")
    assert [check["number"] for check in row.checks][:8] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_twice_is_once_also_inside_a_picture(cast: Cast, at: datetime) -> None:
    first, new = bring(cast, signed(), at)
    again, newer = bring(cast, bake(PNG, signed()), at + timedelta(days=1))
    assert new and not newer and first.pk == again.pk
    other, _new = bring_credential.bring(learner=cast.other_learner, data=signed(), source="text", at=at)
    assert other.pk != first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Brought.objects.filter(pk=other.pk).update(learner=cast.learner)


def test_the_file_is_never_rewritten(cast: Cast, at: datetime) -> None:
    row, _new = bring(cast, signed(), at)
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
        BroughtFile.objects.filter(pk=row.pk).update(body=b"{}")


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"{}", b"[]", b"\xff\xfe", b'{"a":1,"a":2}', PNG, SVG, b"<html></html>", b"a.b.c", b"{" * 999],
)
def test_what_is_no_credential_is_not_kept(cast: Cast, at: datetime, data: bytes) -> None:
    with pytest.raises(actions.NotACredential):
        bring(cast, data, at)
    assert not Brought.objects.exists()


def test_one_that_was_changed_is_kept_and_says_so(cast: Cast, at: datetime) -> None:
    row, _new = bring(cast, unsigned_change(signed()), at)
    assert row.verdict == "not_verified"


def test_too_big_and_too_many_are_refused(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(actions.TooMuch):
        bring(cast, b" " * (rules.MAX_FILE + 1), at)
    report = checking.check(signed(), at=at)
    with pytest.raises(actions.TooMuch):
        actions.bring(learner=cast.learner, data=b" " * 2_000_001, report=report, source="api", at=at)
    monkeypatch.setattr(rules, "MAX_NUMBER", 1)
    bring(cast, signed(), at)
    with pytest.raises(actions.TooMuch, match="Remove one first"):
        bring(cast, signed("Knife skills"), at)
    monkeypatch.setattr(rules, "MAX_NUMBER", 9)
    monkeypatch.setattr(rules, "MAX_BYTES", 100)
    with pytest.raises(actions.TooMuch, match="too much room"):
        bring(cast, signed("Knife skills"), at)


def test_a_newer_form_takes_the_place_only_when_it_is_genuine(cast: Cast, at: datetime) -> None:
    older, _new = bring(cast, signed(), at)
    newer = signed(description="Now with a description.")
    with pytest.raises(actions.NotBetter):
        bring(cast, unsigned_change(newer), at, replace=True)
    row, new = bring(cast, newer, at, replace=True)
    assert new and [r.pk for r in queries.of_learner(cast.learner)] == [row.pk] and row.pk != older.pk
    assert bring(cast, newer, at, replace=True) == (row, False)


def test_what_could_not_be_told_is_asked_again_sooner(cast: Cast, at: datetime) -> None:
    listed = signed(status=(c.StatusEntry(list_url="https://elsewhere.example/status/1", index=5),))
    row, _new = bring(cast, listed, at)
    waits = []
    now = at
    for _ in range(5):
        assert row.verdict == "could_not_tell"
        waits.append(row.next_check_at - now)
        assert drain(at=row.next_check_at - timedelta(seconds=1)) == 0
        now = row.next_check_at
        assert drain(at=now) == 1
        row.refresh_from_db()
        assert row.checked_at == now
    assert waits == [*rules.RETRIES, rules.WEEK, rules.WEEK]


def test_checked_weekly_and_on_demand_but_not_doubly(cast: Cast, at: datetime) -> None:
    row, _new = bring(cast, signed(valid_until=at + timedelta(days=10)), at)
    demanded = at + timedelta(days=3)
    for later in range(2):  # pressed twice, it is asked once
        row.refresh_from_db()
        assert bring_credential.check_again(brought=row, by=cast.learner, at=demanded + timedelta(seconds=later))
    assert drain(at=at + rules.WEEK) == 1  # the older task finds that it is not due
    row.refresh_from_db()
    assert (row.checked_at, row.verdict) == (demanded, "verified")
    assert drain(at=demanded + rules.WEEK) == 1
    row.refresh_from_db()
    assert (row.checked_at, row.verdict, row.unanswered) == (demanded + rules.WEEK, "verified", 0)
    drain(at=demanded + 2 * rules.WEEK)
    row.refresh_from_db()
    assert row.verdict == "not_verified"
    entry = Entry.objects.filter(verb="backpack.checked").latest("id")
    assert entry.data == {"verdict": "not_verified", "before": "verified"}


def test_shared_removed_and_forgotten(cast: Cast, at: datetime) -> None:
    row, _new = bring(cast, signed(), at)
    assert queries.shown(row.pk) is None and queries.hers(cast.other_learner, row.pk) is None
    with pytest.raises(Refused):
        actions.share(brought=row, audience="everyone", by=cast.learner, at=at)
    actions.share(brought=row, audience="link", by=cast.learner, at=at)
    actions.share(brought=row, audience="link", by=cast.learner, at=at)
    assert queries.shown(row.pk) == row and Entry.objects.filter(verb="backpack.shared").count() == 1
    actions.remove(brought=row, by=cast.learner, at=at)
    actions.remove(brought=row, by=cast.learner, at=at)
    assert not BroughtFile.objects.exists() and Entry.objects.filter(verb="backpack.removed").count() == 1
    assert actions.checked(brought=row, report=checking.check(signed(), at=at), by=None, at=at) is None
    assert drain(at=at + rules.WEEK) == 1 and not Task.objects.filter(done_at=None).exists()
    bring(cast, signed(), at)
    actions.forget(learner=cast.learner, at=at)
    actions.forget(learner=cast.learner, at=at)
    assert not Brought.objects.exists() and Entry.objects.filter(verb="backpack.forgotten").count() == 1


def test_attack_a_page_of_comments_is_read_in_no_time() -> None:
    begun = time.process_time()
    assert not bring_credential._is_html(b"<!---->" * 500 + b"x")
    assert not bring_credential._is_html(b"<!--" * 1000)
    assert time.process_time() - begun < 1
    assert bring_credential._is_html(b"\xef\xbb\xbf <!-- a --> \n<!---->" + b"<!DOCTYPE html><p>")
    assert bring_credential._is_html(b"<HTML>") and not bring_credential._is_html(b"<!-- a <html>")


def test_one_of_ours_is_on_the_page_already(cast: Cast, at: datetime) -> None:
    award = make_award(cast.learner, cast.home.version, at)
    body = award.document.body.encode()
    for data in (body, bake(PNG, body)):
        with pytest.raises(actions.OneOfOurs, match="issued here"):
            bring(cast, data, at)
    assert not Brought.objects.filter(learner=cast.learner).exists()
    other, new = bring_credential.bring(learner=cast.other_learner, data=body, source="file", at=at)
    assert new and other.learner == cast.other_learner


def test_what_takes_the_place_of_nothing_is_simply_kept(cast: Cast, at: datetime) -> None:
    row, new = bring(cast, signed(), at, replace=True)
    assert new and list(Brought.objects.all()) == [row]
    changed, new = bring(cast, unsigned_change(signed("Knife skills")), at, replace=True)
    assert new and changed.verdict == "not_verified" and Brought.objects.count() == 2
