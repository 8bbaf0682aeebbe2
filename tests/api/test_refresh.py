"""The refresh service: the same file, the successor's, 410 or 404; and what our own library makes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from fieldstone import credential
from fieldstone.server.awards import actions
from fieldstone.server.awards.checking import check
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import Holder
from fieldstone.server.journeys import confirm_decision, withdraw_award
from fieldstone.server.journeys.issue_again import issue_again
from tests.api.test_openapi import fits
from tests.awards.makers import make_review
from tests.cast import Cast


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)


def ask(award: Award, **headers: str) -> Any:
    return Client().get(f"/refresh/{award.code}", headers=headers)


def same(answer: HttpResponse, award: Award) -> bool:
    return answer.status_code == 200 and answer.content.decode() == award.document.body


def test_the_service_gives_the_same_the_successor_or_nothing(award: Award, cast: Cast, at: datetime) -> None:
    assert same(ask(award), award)
    withdraw_award.suspend(award=award, reason="Looked into", by=cast.home.issuer, at=at)
    assert same(ask(award), award)
    withdraw_award.withdraw(award=award, reason="Misspelled", by=cast.home.issuer, at=at)
    answer = ask(award)
    assert answer.status_code == 410
    fits("/refresh/{code}", "get", answer)
    new = issue_again(award=award, by=cast.home.issuer, at=at)
    assert same(ask(award), new) and same(ask(new), new)
    fits("/refresh/{code}", "get", ask(award))
    withdraw_award.withdraw(award=new, reason="Misspelled too", by=cast.home.issuer, at=at)
    assert ask(award).status_code == ask(new).status_code == 410
    newest = issue_again(award=new, by=cast.home.issuer, at=at)
    assert same(ask(award), newest)


def test_any_page_may_read_it_and_an_unchanged_one_is_not_sent_again(award: Award) -> None:
    answer = ask(award)
    assert answer.headers["Content-Type"] == "application/vc+ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    again = ask(award, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_attack_what_is_private_is_not_there_by_any_code(award: Award, cast: Cast, at: datetime) -> None:
    withdraw_award.withdraw(award=award, reason="Misspelled", by=cast.home.issuer, at=at)
    new = issue_again(award=award, by=cast.home.issuer, at=at)
    actions.share(award=new, audience="private", by=cast.learner, at=at)
    mine = Client()
    mine.force_login(cast.learner)
    for one in (award, new):
        assert ask(one).status_code == 404
        assert mine.get(f"/refresh/{one.code}").status_code == 404  # caches keep it, so it is the same for everybody
    actions.share(award=new, audience="link", by=cast.learner, at=at)
    actions.share(award=award, audience="private", by=cast.learner, at=at)
    assert ask(award).status_code == 404 and same(ask(new), new)
    actions.forget(learner=cast.learner, at=at)
    assert ask(award).status_code == ask(new).status_code == 404


def test_attack_one_that_was_private_is_private_in_its_new_form(award: Award, cast: Cast, at: datetime) -> None:
    actions.share(award=award, audience="private", by=cast.learner, at=at)
    withdraw_award.withdraw(award=award, reason="Misspelled", by=cast.home.issuer, at=at)
    award.refresh_from_db()
    new = issue_again(award=award, by=cast.home.issuer, at=at)
    assert new.audience == "private" and Client().get(f"/c/{new.code}/").status_code == 404


@pytest.mark.parametrize("code", ["x", "%00", "../healthz", "A" * 300, "7K3M-9QXT-22RD"])
def test_attack_codes_that_are_none(award: Award, code: str) -> None:
    assert Client().get(f"/refresh/{code}").status_code == 404
    assert Client().post(f"/refresh/{award.code}").status_code == 405


def test_our_library_takes_the_same_and_no_other_id(award: Award, cast: Cast, at: datetime) -> None:
    class Here:
        def did(self, did: str) -> dict[str, Any]:
            raise credential.Unreachable(did)

        def fetch(self, url: str) -> bytes:
            return bytes(Client().get("/" + url.split("/", 3)[3]).content)

    def newest(held: Award) -> bytes:
        report = check(held.document.body.encode(), at=at)
        return credential.refreshed(report, resolver=Here(), verify=lambda data: check(data, at=at))[0]

    assert newest(award).decode() == award.document.body
    withdraw_award.withdraw(award=award, reason="Misspelled", by=cast.home.issuer, at=at)
    issue_again(award=award, by=cast.home.issuer, at=at)
    with pytest.raises(credential.CredentialError) as caught:
        newest(award)
    assert caught.value.code == "another_credential"


def test_a_copy_for_a_wallets_key_names_no_service(award: Award, at: datetime) -> None:
    key = credential.generate_key()
    holder = Holder(key.controller, key.public.jwk())
    bound = actions.copy(award=award, form="ldp_vc", holder=holder, by=None, at=at)
    assert "refreshService" not in credential.loads(bound.encode())
    free = actions.copy(award=award, form="ldp_vc", by=None, at=at)
    assert "refreshService" in credential.loads(free.encode())
