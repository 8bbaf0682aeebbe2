"""The addresses that wallets ask: documents, forms, JSON, and answers to what nobody should send."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from fieldstone import credential as c
from fieldstone.credential import multibase
from fieldstone.server.awards.models import Award, Copy
from fieldstone.server.delivery import rules
from fieldstone.server.delivery.models import WalletDelivery, WalletOffer, WalletRequest
from fieldstone.server.journeys import fill_wallet
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from tests.cast import Cast
from tests.delivery.kit import CHALLENGE, ISSUER, Wallet, earned, proof

POSTED = ("par", "token", "nonce", "credential", "deferred", "notification")
REQUEST = {
    "client_id": "their-wallet", "redirect_uri": "https://wallet.example/back", "response_type": "code",
    "code_challenge": CHALLENGE, "code_challenge_method": "S256", "scope": "m.observing.ldp",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, at: datetime, db: None) -> None:
    cache.clear()
    monkeypatch.setattr("fieldstone.server.api.openid4vci.now", lambda: at)


@pytest.fixture
def offer(cast: Cast, at: datetime) -> WalletOffer:
    award: Award = earned(cast, at)
    return fill_wallet.offer(learner=cast.learner, award=award, form="ldp", key=str(uuid4()), at=at)


def error(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.content
    assert answer["Cache-Control"] == "no-store"
    assert answer["Access-Control-Allow-Origin"] == "*"
    body = answer.json()
    assert all(" " <= sign <= "~" and sign not in '"\\' for sign in body["error_description"])
    return str(body["error"])


def test_metadata_stands_where_the_standard_says(cast: Cast) -> None:
    issuer = Client().get("/.well-known/openid-credential-issuer/o/home")
    server = Client().get("/.well-known/oauth-authorization-server/o/home").json()
    assert issuer["Access-Control-Allow-Origin"] == "*"
    assert issuer.json()["credential_issuer"] == server["issuer"] == ISSUER
    found = issuer.json()["credential_configurations_supported"]["m.observing.ldp"]["credential_metadata"]["display"]
    assert [(line["locale"], line["name"]) for line in found] == [
        ("en", "Observing and recording behavior"),
        ("es", "Observar y registrar la conducta"),
    ]
    packed = Client().get("/.well-known/openid-credential-issuer/o/home", headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(packed.content)) == issuer.json()


def test_every_address_of_the_metadata_is_there(cast: Cast) -> None:
    bodies = [Client().get(f"/.well-known/{name}/o/home").json() for name in ("openid-credential-issuer", "oauth-authorization-server")]
    asked = [url for body in bodies for name, url in body.items() if name.endswith("_endpoint")]
    assert len(asked) == 7
    for url in asked:
        assert Client().get(url.removeprefix("http://127.0.0.1:8000")).status_code in (302, 405), url


def test_the_metadata_of_many_credentials_takes_few_questions(cast: Cast, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):
        Client().get("/.well-known/openid-credential-issuer/o/home")


def test_no_such_issuer(cast: Cast) -> None:
    for name in ("openid-credential-issuer", "oauth-authorization-server"):
        assert Client().get(f"/.well-known/{name}/o/none").status_code == 404
    for name in POSTED:
        assert error(Wallet("none").post(name, {}), 404) == "invalid_request"


def test_an_offer_by_reference(offer: WalletOffer, at: datetime) -> None:
    reference = rules.derive(settings.SECRET_KEY, "reference", offer.pk)
    answer = Client().get(f"/o/home/openid4vci/offer/{reference}", headers={"Accept-Language": "es"})
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body["credential_configuration_ids"] == ["m.observing.ldp"]
    assert "dígitos" in body["grants"][rules.PRE_AUTHORIZED]["tx_code"]["description"]
    for wrong in (reference[:-1], "x", rules.derive(settings.SECRET_KEY, "code", offer.pk)):
        assert error(Client().get(f"/o/home/openid4vci/offer/{wrong}"), 404) == "invalid_request"
    assert error(Client().get(f"/o/away/openid4vci/offer/{reference}"), 404) == "invalid_request"


def test_pages_elsewhere_may_ask(cast: Cast) -> None:
    answer = Client().options("/o/home/openid4vci/token")
    assert (answer.status_code, answer["Access-Control-Allow-Headers"]) == (200, "Authorization, Content-Type")


def test_only_posts(cast: Cast) -> None:
    for name in POSTED:
        answer = Client().get(f"/o/home/openid4vci/{name}")
        assert error(answer, 405) == "invalid_request"
        assert answer["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("name", ["par", "token"])
def test_forms_that_are_none(cast: Cast, name: str) -> None:
    assert error(Wallet().post(name, {"a": 1})) == "invalid_request"
    kind = "application/x-www-form-urlencoded"
    twice = Client().post(f"/o/home/openid4vci/{name}", "grant_type=a&grant_type=b", content_type=kind)
    assert error(twice) == "invalid_request"
    big = Client().post(f"/o/home/openid4vci/{name}", "a=" + "x" * 2_100_000, content_type=kind)
    assert error(big, 413) == "invalid_request"


RUBBISH = [
    b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a":1,"a":2}', b'{"transaction_id":7}', b"{}" + b" " * 300_000,
    b"[" * 100_000, b'{"credential_configuration_id":{"a":[]}}', b'{"notification_id":[],"event":null}',
    b'{"credential_identifier":7}', b'{"credential_configuration_id":"\\u0000"}', b'{"notification_id":"x","event":"\\u0000"}',
    b'{"transaction_id":"\\u0000"}',
]  # fmt: skip


@pytest.mark.parametrize("name", ["credential", "deferred", "notification"])
def test_rubbish_is_refused_in_json(offer: WalletOffer, name: str) -> None:
    wallet = Wallet()
    assert wallet.redeem(offer).status_code == 200
    for body in RUBBISH:
        answer = wallet.post(name, body)
        assert 400 <= answer.status_code < 500, (name, body[:50])
        assert error(answer, answer.status_code).startswith(("invalid_", "unknown_"))
    plain = wallet.client.post(
        f"/o/home/openid4vci/{name}", "{}", content_type="text/plain", headers={"Authorization": f"Bearer {wallet.token}"}
    )
    assert error(plain).startswith("invalid_")


@pytest.mark.parametrize("name", ["credential", "deferred", "notification"])
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "Bearer unknown", "Bearer é", "bearer \x00"])
def test_without_a_token(cast: Cast, name: str, header: str) -> None:
    answer = Client().post(
        f"/o/home/openid4vci/{name}", "{}", content_type="application/json", headers={"Authorization": header}
    )
    assert error(answer, 401) == "invalid_token"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_is_one_issuers(offer: WalletOffer) -> None:
    wallet = Wallet()
    wallet.redeem(offer)
    wallet.org = "away"
    assert error(wallet.post("credential", {"credential_configuration_id": "m.observing.ldp"}), 401) == "invalid_token"


def test_details_give_identifiers(offer: WalletOffer) -> None:
    wallet = Wallet()
    details = json.dumps([{"type": "openid_credential", "credential_configuration_id": "m.observing.ldp"}])
    tokens = wallet.redeem(offer, authorization_details=details).json()
    (line,) = tokens["authorization_details"]
    assert "scope" not in tokens
    (identifier,) = line["credential_identifiers"]
    wrong = wallet.post("credential", {"credential_configuration_id": "m.observing.ldp"})
    assert error(wrong) == "invalid_credential_request"
    assert wallet.post("credential", {"credential_identifier": identifier}).status_code == 200


def test_a_token_request_needs_its_digits(offer: WalletOffer) -> None:
    code = rules.derive(settings.SECRET_KEY, "code", offer.pk)
    grant = {"grant_type": rules.PRE_AUTHORIZED, "pre__authorized_code": code}
    assert error(Wallet().form("token", **grant)) == "invalid_request"
    assert error(Wallet().form("token", **grant, tx_code="x" * 5000)) == "invalid_grant"
    for odd, word in (("\x00", "invalid_request"), ("é" * 20, "invalid_grant"), ("-1", "invalid_grant")):
        assert error(Wallet().form("token", **{**grant, "pre__authorized_code": odd}, tx_code=odd)) == word


def test_a_pushed_request_is_read_at_once(cast: Cast) -> None:
    answer = Wallet().form("par", **REQUEST)
    assert answer.status_code == 201
    assert answer.json()["request_uri"].startswith(rules.REQUEST_URI)
    assert error(Wallet().form("par", **{**REQUEST, "scope": "m.none.ldp"})) == "invalid_scope"
    assert error(Wallet().form("par", **REQUEST, request_uri="x")) == "invalid_request"
    for _more in range(40):
        answer = Wallet().form("par", **REQUEST)
    assert error(answer, 429) == "slow_down"


def test_two_copies_of_one_credential_are_two_keys(cast: Cast, at: datetime) -> None:
    award = earned(cast, at)
    wallet = Wallet()
    wallet.redeem(fill_wallet.offer(learner=cast.learner, award=award, form="jwt.key", key=str(uuid4()), at=at))
    nonce = wallet.nonce()
    keys = [c.generate_key() for _n in range(3)]
    body = {
        "credential_configuration_id": "m.observing.jwt.key",
        "proofs": {"jwt": [proof(key, nonce, at) for key in keys]},
    }
    answer = wallet.post("credential", body)
    assert len({entry["credential"] for entry in answer.json()["credentials"]}) == 3
    assert error(wallet.post("credential", body)) == "invalid_nonce"


@pytest.mark.parametrize("value", ["a\x00b", "x" * 20_001])
def test_attack_a_parameter_that_the_database_cannot_keep(cast: Cast, value: str) -> None:
    for name in ("junk", "state", "scope", "issuer_state"):
        assert error(Wallet().form("par", **{**REQUEST, name: value})) == "invalid_request"
    assert not WalletRequest.objects.exists()


def test_attack_of_a_pushed_request_only_what_is_read_is_kept(cast: Cast) -> None:
    assert Wallet().form("par", **REQUEST, state="s", junk="x" * 10_000).status_code == 201
    assert WalletRequest.objects.get().parameters == {**REQUEST, "state": "s"}


@pytest.fixture
def bound(cast: Cast, at: datetime) -> Wallet:
    """A wallet with a token for copies tied to its keys."""
    offer = fill_wallet.offer(learner=cast.learner, award=earned(cast, at), form="ldp.key", key=str(uuid4()), at=at)
    wallet = Wallet()
    assert wallet.redeem(offer).status_code == 200
    return wallet


def ask(wallet: Wallet, *proofs: str) -> Any:
    return wallet.post("credential", {"credential_configuration_id": "m.observing.ldp.key", "proofs": {"jwt": proofs}})


def test_attack_a_name_of_a_key_too_long_to_keep(bound: Wallet, at: datetime) -> None:
    key = c.generate_key()
    jwk = {**key.public.jwk(), "x-pad": "p" * 400}
    did = f"did:jwk:{multibase.base64url_encode(json.dumps(jwk).encode())}"
    assert 600 < len(did) < 990
    answer = ask(bound, proof(key, bound.nonce(), at, header={"jwk": None, "kid": f"{did}#0"}))
    assert error(answer) == "invalid_proof"
    assert not Copy.objects.exists()


def test_attack_one_permission_gives_copies_without_end(bound: Wallet, at: datetime) -> None:
    def ten() -> Any:
        nonce = bound.nonce()
        return ask(bound, *[proof(c.generate_key(), nonce, at) for _ in range(10)])

    for _ in range(rules.KEYS // 10):
        assert ten().status_code == 200
    assert error(ten()) == "credential_request_denied"
    assert error(ask(bound, proof(c.generate_key(), bound.nonce(), at))) == "credential_request_denied"
    assert Copy.objects.count() == rules.KEYS


def test_attack_the_addresses_of_a_token_asked_without_end(
    bound: Wallet, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldstone.server.api.openid4vci.ASKED_PER_MINUTE", 3)
    monkeypatch.setattr("fieldstone.server.api.openid4vci.NONCES_PER_MINUTE", 1)
    for name in ("credential", "deferred", "notification"):
        assert error(bound.post(name, {})) != "slow_down"
    for name in ("credential", "deferred", "notification"):
        assert error(bound.post(name, {}), 429) == "slow_down"
    assert bound.post("nonce", {}).status_code == 200
    assert error(bound.post("nonce", {}), 429) == "slow_down"


def test_attack_a_wallet_that_says_now_this_now_that(bound: Wallet, at: datetime) -> None:
    said = ask(bound, proof(c.generate_key(), bound.nonce(), at)).json()["notification_id"]
    for event in ("credential_failure", "credential_accepted", "credential_deleted") * 3:
        assert bound.post("notification", {"notification_id": said, "event": event}).status_code == 204
    assert WalletDelivery.objects.get().event == "credential_deleted"
    assert Entry.objects.filter(verb="delivery.noted").count() == 3


def test_what_signs_is_down(bound: Wallet, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    class Down(Refused):
        status = 503

    def copy(**_given: Any) -> str:
        raise Down("Nothing can be signed now. Try again in a few minutes.")

    sent = proof(c.generate_key(), bound.nonce(), at)
    with monkeypatch.context() as patch:
        patch.setattr("fieldstone.server.awards.actions.copy", copy)
        assert error(ask(bound, sent), 503) == "temporarily_unavailable"
    assert ask(bound, sent).status_code == 200  # nothing was used up
