"""The writes of wallets where two meet, and what the pages never ask of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fieldstone.credential import dcql
from fieldstone.credential.dcql import Claim, Part, Query
from fieldstone.credential.sd_jwt import read
from fieldstone.server.journeys import show_credentials as journey
from fieldstone.server.journeys.ask_credentials import wanted
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.wallets import actions, rules
from fieldstone.server.wallets.models import Reply, Request
from tests.cast import Cast, text
from tests.recognition.makers import make_award
from tests.wallets.makers import make_request, read_request


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def award(cast: Cast, now: datetime) -> Any:
    return make_award(cast.learner, cast.home.version, now - timedelta(days=1))


def test_the_first_answer_counts(cast: Cast, now: datetime) -> None:
    """Checked at the same time, only one of two answers is kept."""
    row = make_request(cast, now)
    actions.take(request=row, items=[], via="wallet", at=now)
    with pytest.raises(actions.Gone):
        actions.take(request=row, items=[], via="wallet", at=now)
    assert Reply.objects.count() == 1


def test_a_request_that_was_closed_while_an_answer_was_checked(cast: Cast, now: datetime) -> None:
    row = make_request(cast, now)
    actions.close(request=row, by=cast.away.recognizer, at=now)
    with pytest.raises(actions.Gone):
        actions.take(request=row, items=[], via="wallet", at=now)


def test_attack_two_wallets_at_the_same_moment(cast: Cast, award: Any, now: datetime) -> None:
    row = actions.offer_exchange(award=award, by=cast.learner, at=now)
    actions.use_exchange(exchange=row, holder="did:key:z6Mk", at=now)
    with pytest.raises(actions.Gone):
        actions.use_exchange(exchange=row, holder="did:key:z6Mk", at=now)


def test_only_she_takes_it_back(cast: Cast, award: Any, now: datetime) -> None:
    row = make_request(cast, now)
    shown = journey.show(learner=cast.learner, request=row, picks={"c0-least": f"a-{award.pk}"}, at=now)
    with pytest.raises(actions.NotHers):
        actions.take_back(shown=shown, by=cast.other_learner, at=now)
    assert Reply.objects.get().items


def test_no_more_than_ten_things() -> None:
    problems = rules.ask_problems(count=11, purpose="A job.", keep_days=1, open_days=1)
    assert [p.field for p in problems] == ["want"]


def test_a_stack_can_be_asked_for(cast: Cast, now: datetime) -> None:
    body = {
        "title": text("A small stack"), "summary": text("One stone."), "can_do": text("do it"), "glyph": "book",
        "level": 3, "valid_months": 24, "hours": 15,
        "tree": {"hold": {"credential": str(cast.home.micro_credential.pk)}},
    }  # fmt: skip
    draft = pathways.create(program=cast.home.program, body=body, slug="small", by=None, at=now)
    version = pathways.publish(version=draft, by=None, at=now)
    asked = wanted("s", version.stack_id)
    assert asked is not None
    assert [url.rpartition("/")[2] for url in asked.achievements] == [str(version.pk)]
    assert wanted("s", uuid4()) is None


def test_any_of_several(cast: Cast, award: Any, now: datetime) -> None:
    """What she holds of it is offered, and nothing is needed."""
    asked = wanted("m", cast.home.micro_credential.pk)
    other = wanted("m", cast.away.micro_credential.pk)
    assert asked is not None
    assert other is not None
    row = make_request(cast, now, asked=[other, asked], needs_all=False)
    found = journey.offer(cast.learner, read_request(row, now).query, at=now)
    assert [(line.part, line.needed) for line in found.lines] == [("c1-least", False)]
    journey.show(learner=cast.learner, request=row, picks={"c1-least": f"a-{award.pk}"}, at=now)
    assert Reply.objects.get().items[0]["asked"] == 1


def test_a_verifier_elsewhere_that_wants_no_key(cast: Cast, award: Any, now: datetime) -> None:
    """Parts of an SD-JWT without her key, and the document as it was issued."""
    name = Claim(("credentialSubject", "identifier"))
    query = Query((Part("sd", "dc+sd-jwt", bound=False, claims=(name,)), Part("doc", "ldp_vc", bound=False)))
    asked = read_request(make_request(cast, now), now)
    found = journey.offer(cast.learner, query, at=now)
    chosen = journey.choose(found, dict.fromkeys(("sd", "doc"), f"a-{award.pk}"))
    token = journey._token(cast.learner, replace(asked, query=query), found, chosen, now)
    assert set(dcql.read_answer(query, token)) == {"sd", "doc"}
    shown = read(token["sd"][0])
    assert (shown.key_binding, shown.complete) == (None, False)
    assert "proof" in token["doc"][0]


def test_the_list_of_requests_asks_the_database_no_more_for_more(cast: Cast, now: datetime) -> None:
    client = Client()
    client.force_login(cast.away.recognizer)
    counts = []
    for number in range(2):
        for each in range(3):
            make_request(cast, now, key=f"{number}-{each}")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/o/{cast.away.organization.slug}/promises/asks/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Request.objects.count() == 6
