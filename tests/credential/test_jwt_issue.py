"""Credentials that we issue as JWTs, read by us and by other people's JOSE code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from fieldstone import credential as c
from fieldstone.credential import jwt
from fieldstone.credential.errors import ParseError, ProofError
from tests.credential.cases import AT, CREDENTIAL, KEY, signed


def _bare(key: c.SigningKey, **changes: Any) -> dict[str, Any]:
    issuer = c.Profile(id=key.controller, name="Plains College")
    return c.build(replace(CREDENTIAL, issuer=issuer, status=(), **changes))


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("Ed25519", "EdDSA"), ("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512")]
)
@pytest.mark.parametrize("open_badges", [False, True])
def test_both_forms_verify_here_and_in_joserfc(kind: str, algorithm: str, open_badges: bool) -> None:
    key = c.generate_key(kind)
    document = _bare(key)
    text = jwt.sign(document, key=key, open_badges=open_badges)
    report = c.verify(text, resolver=c.Offline(), at=AT)
    assert report.verdict == "verified"
    assert report.document == document
    public = (OKPKey if kind == "Ed25519" else ECKey).import_key(dict(key.public.jwk()))
    registry = jws.JWSRegistry(algorithms=[algorithm])
    registry.max_header_length = 2048  # a P-521 key and its did:key are long
    taken = jws.deserialize_compact(text, public, registry=registry)
    assert taken.protected["alg"] == algorithm
    assert taken.protected["typ"] == ("JWT" if open_badges else "vc+jwt")
    assert c.loads(taken.payload)["credentialSubject"] == document["credentialSubject"]


def test_open_badges_own_form_repeats_what_the_credential_says() -> None:
    document = _bare(KEY, subject_id="did:web:ana.example")
    token = jwt.read(jwt.sign(document, key=KEY, open_badges=True))
    assert token.header["jwk"] == KEY.public.jwk()
    assert {name: token.claims[name] for name in ("iss", "sub", "jti", "nbf", "exp")} == {
        "iss": KEY.controller,
        "sub": "did:web:ana.example",
        "jti": document["id"],
        "nbf": 1772323200,
        "exp": 1867017600,
    }
    assert "vc" not in token.claims
    open_ended = {name: value for name, value in document.items() if name != "validUntil"}
    assert "exp" not in jwt.read(jwt.sign(open_ended, key=KEY, open_badges=True)).claims


def test_tokens_that_are_not_made() -> None:
    for document, code in (
        (signed(), "already_signed"),
        (_bare(c.generate_key()), "wrong_controller"),
        ({"name": "no issuer", "credentialSubject": []}, "wrong_controller"),
    ):
        with pytest.raises(ProofError) as caught:
            jwt.sign(document, key=KEY)
        assert caught.value.code == code
    with pytest.raises(ParseError):
        jwt.sign({**_bare(KEY), "n": float("nan")}, key=KEY)


def test_attack_a_presentation_shown_as_a_credential() -> None:
    text = jwt.write({"typ": "vp+jwt", "kid": KEY.id}, _bare(KEY), KEY)
    report = c.verify(text, resolver=c.Offline(), at=AT)
    check = report.check("proof")
    assert check is not None and (check.outcome, check.code) == ("failed", "bad_proof")
