"""Proofs of possession: what counts as one, and every way in which one does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential.multibase import base64url_encode
from fieldstone.server.delivery.proofs import read_proofs
from fieldstone.server.delivery.rules import BATCH, FORMS, Wrong
from tests.delivery.kit import ISSUER, proof

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KEY = c.SigningKey.from_seed(bytes(range(32)))
OTHER = c.SigningKey.from_seed(bytes(range(1, 33)))


def read(*texts: Any, form: str = "ldp.key", client_id: str = "", request: dict[str, Any] | None = None) -> Any:
    body = {"proofs": {"jwt": list(texts)}} if request is None else request
    return read_proofs(
        body, FORMS[form], issuer=ISSUER, client_id=client_id, at=AT, fresh=lambda nonce: nonce == "fresh"
    )


def good(key: c.SigningKey = KEY, **more: Any) -> str:
    return proof(key, more.pop("nonce", "fresh"), AT, **more)


def word(*texts: Any, **more: Any) -> str:
    with pytest.raises(Wrong) as refused:
        read(*texts, **more)
    assert refused.value.sentence.isascii()
    return refused.value.error


def did_jwk(key: c.SigningKey) -> str:
    return f"did:jwk:{base64url_encode(c.dumps(key.public.jwk()))}"


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_a_key_in_the_header_becomes_a_did_jwk(kind: str) -> None:
    key = c.generate_key(kind)
    (holder,), nonce = read(good(key))
    assert (holder.did, dict(holder.jwk), nonce) == (did_jwk(key), key.public.jwk(), "fresh")


@pytest.mark.parametrize("kid", [KEY.id, KEY.controller, f"{did_jwk(KEY)}#0"])
def test_a_key_by_its_did(kid: str) -> None:
    (holder,), _nonce = read(good(header={"jwk": None, "kid": kid}))
    assert holder.did == kid.partition("#")[0]
    assert dict(holder.jwk) == KEY.public.jwk()


def test_several_keys_with_one_nonce() -> None:
    holders, _nonce = read(good(), good(OTHER))
    assert [dict(h.jwk) for h in holders] == [KEY.public.jwk(), OTHER.public.jwk()]


def test_the_client_may_name_itself() -> None:
    assert read(good(iss="their-wallet"), client_id="their-wallet")
    assert read(good(), client_id="their-wallet")
    assert read(good(iss="anything"))
    assert word(good(iss="another"), client_id="their-wallet") == "invalid_proof"


def test_a_form_without_binding_takes_no_proofs() -> None:
    assert read(form="ldp", request={}) == ([], "")
    assert word(good(), form="ldp") == "invalid_credential_request"
    assert word(form="ldp", request={"proof": {}}) == "invalid_credential_request"


def test_attack_an_answer_encrypted_for_somebody() -> None:
    assert word(request={"credential_response_encryption": {}}) == "invalid_encryption_parameters"


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"proofs": []},
        {"proofs": {}},
        {"proofs": {"jwt": []}},
        {"proofs": {"jwt": [1]}},
        {"proofs": {"jwt": "x"}},
        {"proofs": {"attestation": ["x"]}},
        {"proofs": {"di_vp": [{}]}},
        {"proofs": {"jwt": ["a.b.c"], "di_vp": []}},
        {"proofs": {"jwt": ["a.b.c"]}},
        {"proofs": {"jwt": [""]}},
        {"proofs": {"jwt": ["x" * 9_000]}},
    ],
)
def test_what_is_no_list_of_proofs(request_: dict[str, Any]) -> None:
    assert word(request=request_) == "invalid_proof"


def test_too_many_keys_and_the_same_key_twice() -> None:
    assert word(*[good()] * (BATCH + 1)) == "invalid_proof"
    assert word(good(), good(header={"jwk": None, "kid": KEY.id})) == "invalid_proof"


def test_attack_an_old_or_foreign_nonce() -> None:
    assert word(good(nonce="stale")) == "invalid_nonce"
    assert word(good(), good(OTHER, nonce="stale")) == "invalid_nonce"
    assert word(good(nonce=None)) == "invalid_proof"
    assert word(good(nonce=7)) == "invalid_proof"
    assert word(good(nonce="")) == "invalid_proof"


@pytest.mark.parametrize("aud", [None, "https://another.example", [ISSUER], f"{ISSUER}/"])
def test_attack_a_proof_made_for_another_issuer(aud: Any) -> None:
    assert word(good(aud=aud)) == "invalid_proof"


@pytest.mark.parametrize("typ", [None, "JWT", "OPENID4VCI-PROOF+JWT", "vp+jwt", 7, "application/openid4vci-proof+jwt"])
def test_attack_a_token_of_another_type(typ: Any) -> None:
    assert word(good(header={"typ": typ})) == "invalid_proof"


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256", "ES256", "ES512", 7])
def test_attack_algorithm_confusion(alg: Any) -> None:
    assert word(good(header={"alg": alg})) == "invalid_proof"


def test_attack_a_proof_without_a_signature() -> None:
    head, body, _signature = good(header={"alg": "none"}).split(".")
    assert word(f"{head}.{body}.") == "invalid_proof"
    assert word(f"{head}.{body}.AAAA") == "invalid_proof"


def test_attack_a_proof_signed_by_another_key() -> None:
    assert word(good(header={"jwk": OTHER.public.jwk()})) == "invalid_proof"
    assert word(good(header={"jwk": None, "kid": OTHER.id})) == "invalid_proof"


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": None},
        {"kid": KEY.id},
        {"x5c": ["MIIB"]},
        {"trust_chain": ["x"]},
        {"crit": ["b64"]},
        {"jwk": {**KEY.public.jwk(), "d": base64url_encode(KEY.seed())}},
        {"jwk": "x"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jwk": None, "kid": 7},
        {"jwk": None, "kid": "did:web:wallet.example#1"},
        {"jwk": None, "kid": "did:key:z6Mk"},
        {"jwk": None, "kid": f"{KEY.controller}#other"},
        {"jwk": None, "kid": "did:jwk:" + "A" * 1000},
    ],
)
def test_keys_that_are_not_accepted(header: dict[str, Any]) -> None:
    assert word(good(header=header)) == "invalid_proof"


def test_a_key_of_a_kind_we_do_not_bind_to() -> None:
    assert word(good(c.generate_key("P-521"))) == "invalid_proof"


@pytest.mark.parametrize("minutes", [-7, 2])
def test_attack_a_proof_kept_for_later(minutes: int) -> None:
    when = int((AT + timedelta(minutes=minutes)).timestamp())
    assert word(good(iat=when)) == "invalid_proof"


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"exp": int(AT.timestamp())},
        {"exp": "x"},
        {"nbf": int(AT.timestamp()) + 3600},
        {"nbf": "x"},
    ],
)
def test_times_that_do_not_hold(claims: dict[str, Any]) -> None:
    assert word(good(**claims)) == "invalid_proof"


def test_times_that_hold() -> None:
    now = int(AT.timestamp())
    assert read(good(exp=now + 60, nbf=now))
