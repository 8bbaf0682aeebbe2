"""A wallet app fetches a credential: the older link with a challenge, and the two steps of the VC API."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from fieldstone import credential
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import checking
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.wallets import actions, rules
from fieldstone.server.wallets.models import Exchange
from tests.cast import Cast
from tests.recognition.makers import make_award
from tests.wallets.test_requests import refused_json


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def award(cast: Cast, now: datetime) -> Any:
    return make_award(cast.learner, cast.home.version, now - timedelta(days=1))


@pytest.fixture
def row(cast: Cast, award: Any, now: datetime) -> Exchange:
    return actions.offer_exchange(award=award, by=cast.learner, at=now)


def post(row: Exchange, body: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(f"/exchanges/{row.token}", data, content_type="application/json")


def did_auth(row: Exchange, now: datetime, **changes: Any) -> dict[str, Any]:
    """A wallet's proof that it holds its key, and nothing else."""
    key = credential.generate_key()
    asked = {"challenge": row.challenge, "domain": "127.0.0.1:8000", **changes}
    vp = credential.build_presentation([], holder=key.controller)
    return credential.sign_presentation(vp, key=key, created=now, **asked)


def assert_bound(document: dict[str, Any], award: Any, holder: str, now: datetime) -> None:
    """The award once more, genuine, and about the wallet's key."""
    stored = json.loads(award.document.body)
    assert document["id"] == stored["id"]
    assert document["credentialSubject"] == {"id": holder, **stored["credentialSubject"]}
    assert checking.check(json.dumps(document).encode(), at=now).verdict == credential.Verdict.VERIFIED


def test_the_links_say_where_and_with_which_challenge(row: Exchange, settings: Any) -> None:
    links = rules.exchange_links(settings.BASE_URL, row.token, row.challenge, "did:key:z6Mk")
    for name in ("web", "app"):
        asked = parse_qs(urlsplit(links[name]).query)
        assert asked == {
            "issuer": ["did:key:z6Mk"], "auth_type": ["bearer"], "challenge": [row.challenge],
            "vc_request_url": [f"{settings.BASE_URL}/exchanges/{row.token}"],
        }  # fmt: skip
    whole = json.loads(parse_qs(urlsplit(links["vcapi"]).query)["request"][0])
    assert whole["protocols"]["vcapi"] == f"{settings.BASE_URL}/exchanges/{row.token}"


def test_the_two_steps_of_the_vc_api(row: Exchange, award: Any, now: datetime) -> None:
    asked = post(row, {}).json()["verifiablePresentationRequest"]
    assert asked["query"][0]["type"] == "DIDAuthentication"
    assert asked["interact"]["service"][0]["serviceEndpoint"].endswith(f"/exchanges/{row.token}")
    proof = did_auth(row, now, challenge=asked["challenge"], domain=asked["domain"])
    answer = post(row, {"verifiablePresentation": proof})
    assert answer.status_code == 200, answer.content
    (document,) = answer.json()["verifiablePresentation"]["verifiableCredential"]
    assert_bound(document, award, proof["holder"], now)
    row.refresh_from_db()
    assert row.holder == proof["holder"]


def test_the_older_link_gets_the_bare_credential(row: Exchange, award: Any, now: datetime) -> None:
    key = credential.generate_key()
    vp = credential.build_presentation([], holder=key.controller)
    proof = credential.sign_presentation(vp, key=key, created=now, challenge=row.challenge, domain="x")
    refused_json(post(row, proof), reason="not_asked")
    good = did_auth(row, now)
    assert_bound(post(row, good).json(), award, good["holder"], now)


def test_attack_the_same_proof_again(row: Exchange, now: datetime) -> None:
    proof = did_auth(row, now)
    assert post(row, proof).status_code == 200
    refused_json(post(row, proof), 410)
    refused_json(post(row, {}), 410)


def test_attack_credentials_that_nobody_asked_for_are_not_checked(
    row: Exchange, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = credential.generate_key()
    vp = credential.build_presentation([json.loads(award.document.body)], holder=key.controller)
    proof = credential.sign_presentation(
        vp, key=key, created=now, challenge=row.challenge, domain="127.0.0.1:8000"
    )
    monkeypatch.setattr(checking, "WORLD", None)
    refused_json(post(row, proof), reason="not_asked")


def test_attack_a_proof_for_another_challenge(row: Exchange, now: datetime) -> None:
    refused_json(post(row, {"verifiablePresentation": did_auth(row, now, challenge="other")}), reason="not_asked")


def test_attack_a_proof_for_another_domain(row: Exchange, now: datetime) -> None:
    refused_json(post(row, {"verifiablePresentation": did_auth(row, now, domain="evil.example")}), reason="not_asked")


def test_attack_a_presentation_without_a_signature(row: Exchange) -> None:
    vp = credential.build_presentation([], holder="did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH")
    refused_json(post(row, {"verifiablePresentation": vp}))
    refused_json(post(row, vp))


def test_attack_credentials_with_the_proof(row: Exchange, award: Any, now: datetime) -> None:
    key = credential.generate_key()
    vp = credential.build_presentation([json.loads(award.document.body)], holder=key.controller)
    proof = credential.sign_presentation(vp, key=key, created=now, challenge=row.challenge, domain="127.0.0.1:8000")
    refused_json(post(row, {"verifiablePresentation": proof}), reason="not_asked")


def test_attack_after_the_end(row: Exchange, now: datetime) -> None:
    Exchange.objects.update(ends_at=now - timedelta(seconds=1))
    refused_json(post(row, {}), 410)
    refused_json(post(row, did_auth(row, now)), 410)


def test_a_withdrawn_credential_is_not_given(row: Exchange, award: Any, cast: Cast, now: datetime) -> None:
    awards.withdraw(award=award, reason="Issued by mistake.", by=cast.home.issuer, at=now)
    refused_json(post(row, did_auth(row, now)), 410)
    with pytest.raises(Refused):
        actions.offer_exchange(award=Exchange.objects.get().award, by=cast.learner, at=now)


def test_only_the_holder_makes_a_link(award: Any, cast: Cast, now: datetime) -> None:
    with pytest.raises(actions.NotHers):
        actions.offer_exchange(award=award, by=cast.other_learner, at=now)


def test_a_new_link_ends_the_one_before(row: Exchange, award: Any, cast: Cast, now: datetime) -> None:
    actions.offer_exchange(award=award, by=cast.learner, at=now)
    refused_json(post(row, {}), 404)


@pytest.mark.parametrize("body", [b"[", b"[]", b"\xff", b'{"verifiablePresentation":[]}', b'{"type":1}', b'{"proof":[1]}',
                                  b'{"verifiablePresentation":{"proof":{"type":1}}}'])  # fmt: skip
def test_rubbish_is_refused_in_json(row: Exchange, body: bytes) -> None:
    refused_json(post(row, body))


def test_attack_an_oversized_presentation(row: Exchange) -> None:
    refused_json(post(row, b'{"a":"' + b"x" * 1_100_000 + b'"}'), 413)
    refused_json(post(row, b'{"a":"' + b"x" * 2_100_000 + b'"}'))
