"""A credential goes into a wallet, from the offer to the copy that verifies."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from fieldstone import credential as c
from fieldstone.credential import jwt, sd_jwt, sd_jwt_vc
from fieldstone.server.awards.models import Award, Copy
from fieldstone.server.delivery.models import WalletDelivery, WalletGrant
from fieldstone.server.journeys import fill_wallet as journey
from tests.cast import Cast
from tests.delivery.kit import Local, Wallet, earned, proof


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    for module in ("api.openid4vci", "web.learner.wallets"):
        monkeypatch.setattr(f"fieldstone.server.{module}.now", lambda: at)


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return earned(cast, at)


def offered(award: Award, form: str, at: datetime) -> Any:
    assert award.learner is not None
    return journey.offer(learner=award.learner, award=award, form=form, key=str(uuid4()), at=at)


def verdict(data: bytes | str, at: datetime) -> c.Verdict:
    data = data if isinstance(data, bytes) else data.encode()
    return c.verify(data, resolver=Local(), at=at).verdict


def test_the_stored_file_is_handed_over_byte_for_byte(award: Award, at: datetime) -> None:
    wallet = Wallet()
    assert wallet.redeem(offered(award, "ldp", at)).status_code == 200
    answer = wallet.post("credential", {"credential_configuration_id": "m.observing.ldp"})
    assert answer.status_code == 200, answer.content
    assert award.document.body.encode() in answer.content
    assert answer.json()["credentials"][0]["credential"] == json.loads(award.document.body)
    assert answer["Cache-Control"] == "no-store"
    assert Copy.objects.count() == 0
    note = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    assert wallet.post("notification", note).status_code == 204
    assert WalletDelivery.objects.get().event == "credential_accepted"


@pytest.mark.parametrize("form", ["ldp.key", "jwt.key", "sd-jwt.key"])
@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_a_bound_copy_is_signed_once_and_verifies(award: Award, at: datetime, form: str, kind: str) -> None:
    key = c.generate_key(kind)
    bodies = []
    for _twice in range(2):
        wallet = Wallet()
        wallet.redeem(offered(award, form, at))
        asked = {
            "credential_configuration_id": f"m.observing.{form}",
            "proofs": {"jwt": [proof(key, wallet.nonce(), at, header={"jwk": None, "kid": key.id})]},
        }
        answer = wallet.post("credential", asked)
        assert answer.status_code == 200, answer.content
        bodies.append(answer.json()["credentials"][0]["credential"])
    assert bodies[0] == bodies[1]
    copy = Copy.objects.get()
    assert copy.holder == key.controller
    data = c.dumps(bodies[0]) if form == "ldp.key" else bodies[0]
    assert verdict(data, at) == c.Verdict.VERIFIED
    stored = json.loads(award.document.body)
    document = bodies[0] if form == "ldp.key" else _claims(bodies[0])
    assert document["credentialSubject"]["id"] == key.controller
    assert document["credentialStatus"] == stored["credentialStatus"]
    assert document["id"] == stored["id"]


def _claims(text: str) -> dict[str, Any]:
    """What a token says, with the names of a W3C document."""
    if "~" in text:
        return sd_jwt_vc.document_of(sd_jwt.read(text))
    return dict(jwt.read(text).claims)


def test_grants_are_on_her_list(award: Award, at: datetime) -> None:
    Wallet().redeem(offered(award, "ldp", at))
    assert WalletGrant.objects.get().learner == award.learner
