"""Credentials as JWTs: published JWS examples for the signatures, then the claims."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import jwt, proofs
from fieldstone.credential.errors import ParseError, ProofError
from fieldstone.credential.multibase import base64url_encode
from tests.credential.cases import AT, KEY, signed
from tests.credential.test_keys import RFC7515, RFC8037

# RFC 7515 appendix A.3 (ES256)
ES256 = (
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
    "cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
# RFC 7515 appendix A.2 (RS256)
RS256 = (
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
    "cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
    "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_"
    "dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN"
    "_IoypGlUPQGe77Rw"
)
RSA = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS"
    "-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapH"
    "g665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW"
    "yuXpoQ",
    "e": "AQAB",
}


def test_published_signatures() -> None:
    for text, jwk in ((ES256, RFC7515), (RS256, RSA)):
        token = jwt.read(text)
        key = c.PublicKey.from_jwk(jwk)
        assert jwt.signature_matches(token, key)
        assert not jwt.signature_matches(jwt.read(text[:-4] + "AAAA"), key)
    # RFC 8037 appendix A.4 signs text that is not JSON
    signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    from fieldstone.credential.multibase import base64url_decode

    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    assert c.PublicKey.from_jwk(RFC8037).verify(base64url_decode(signature), message)


def _token(key: c.SigningKey = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """An Open Badge as a JWT, as an issuer would make it."""
    bare = proofs.without_proof(signed(status=()))
    bare = {**bare, "issuer": {**bare["issuer"], "id": key.controller}}
    names = {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
    head = {"alg": names[key.kind], "typ": "vc+jwt", "kid": key.id, **(header or {})}
    body = {**bare, "iss": key.controller, "jti": bare["id"], "nbf": 1772323200, **claims}
    parts = [
        base64url_encode(json.dumps({k: v for k, v in part.items() if v is not None}).encode()) for part in (head, body)
    ]
    message = ".".join(parts)
    return f"{message}.{base64url_encode(key.sign(message.encode()))}"


def _verify(text: Any, resolver: c.Resolver | None = None, at: datetime = AT) -> c.Report:
    return c.verify(text, resolver=resolver or c.Offline(), at=at)


def _first(report: c.Report) -> tuple[str, str]:
    failed = next((check for check in report.checks if check.outcome == "failed"), None)
    return (failed.name, failed.code) if failed else ("", "")


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "P-521"])
def test_every_algorithm(kind: str) -> None:
    text = _token(c.generate_key(kind))
    assert _verify(text).verdict == "verified"
    assert _verify(text.encode()).verdict == "verified"
    assert _verify(f" {text}\n").verdict == "verified"
    envelope = {
        "@context": [c.contexts.CREDENTIALS_V2],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{text}",
    }
    assert _verify(envelope).verdict == "verified"
    assert _verify(envelope).title == "Builds a stock fence"
    assert _verify({**envelope, "id": f"data:application/jwt,{text}"}).verdict == "verified"
    for change in ({"@context": []}, {"@context": "https://x.example"}, {"id": 5}, {"id": f"data:text/plain,{text}"}):
        assert _first(_verify({**envelope, **change})) == ("parse", "unknown_envelope")
    head, body, signature = text.split(".")
    changed = f"{head}.{body}.{('A' if signature[0] != 'A' else 'B') + signature[1:]}"
    assert _first(_verify(changed)) == ("signature", "wrong_signature")


def test_the_newer_algorithm_name_and_types() -> None:
    for header in ({"alg": "Ed25519"}, {"typ": None}, {"typ": "JWT"}, {"typ": "application/vc+jwt"}):
        assert _verify(_token(header=header)).verdict == "verified"


@pytest.mark.parametrize(
    ("header", "claims", "code"),
    [
        ({"alg": "PS256"}, {}, "unknown_suite"),
        ({"alg": "none"}, {}, "forgeable"),
        ({"alg": "HS256"}, {}, "forgeable"),
        ({"alg": None}, {}, "forgeable"),
        ({"alg": ["EdDSA"]}, {}, "forgeable"),
        ({"crit": ["exp"]}, {}, "bad_proof"),
        ({"b64": False}, {}, "bad_proof"),
        ({"typ": "at+jwt"}, {}, "bad_proof"),
        ({}, {"vc": {}}, "vc_claim"),
        ({}, {"vp": {}}, "vc_claim"),
        ({}, {"iss": "did:web:other.example"}, "claims_differ"),
        ({}, {"jti": "urn:other"}, "claims_differ"),
        ({}, {"sub": "did:web:other.example"}, "claims_differ"),
        ({"typ": "JWT"}, {"nbf": 1}, "claims_differ"),
        ({}, {"nbf": "x"}, "claims_differ"),
        ({}, {"nbf": True}, "claims_differ"),
        ({"typ": None}, {"exp": 4000000000}, "claims_differ"),
        ({"typ": "JWT"}, {"validUntil": "never", "exp": 4000000000}, "claims_differ"),
        ({}, {"exp": 2**40}, "claims_differ"),
        ({}, {"exp": -1}, "claims_differ"),
        ({"kid": None, "jwk": {"kty": "oct"}}, {}, "unknown_key_kind"),
    ],
)
def test_tokens_that_are_not_accepted(header: dict[str, Any], claims: dict[str, Any], code: str) -> None:
    check = _verify(_token(header=header, **claims)).check("proof")
    assert check is not None and check.code == code
    assert check.outcome == ("could_not_tell" if code == "unknown_suite" else "failed")


def test_an_algorithm_of_another_key() -> None:
    assert _first(_verify(_token(header={"alg": "ES256"}))) == ("key", "wrong_key_kind")


def test_dates_in_claims_count() -> None:
    late = _token(validFrom=None, nbf=1900000000)
    assert (
        _verify(late).checks[6].name,
        _verify(late).checks[6].code,
    ) == ("dates", "not_yet")
    over = _token(validUntil=None, exp=1772400000)
    assert _verify(over).verdict == "not_verified"
    assert _verify(over, at=datetime(2026, 3, 1, 1, tzinfo=UTC)).verdict == "verified"


def test_how_the_key_is_named() -> None:
    fragment = KEY.id.partition("#")[2]
    for header in ({"kid": f"#{fragment}"}, {"kid": fragment}, {"kid": None}, {"kid": None, "jwk": KEY.public.jwk()}):
        assert _verify(_token(header=header)).verdict == "verified", header
    stranger = c.generate_key()
    text = _token(header={"kid": None, "jwk": stranger.public.jwk()})
    assert _first(_verify(text)) == ("key", "key_missing")


def test_a_key_in_the_header_is_looked_for_at_the_issuer() -> None:
    key = KEY.controlled_by("did:web:college.example")
    text = _token(key, header={"kid": None, "jwk": key.public.jwk()})
    assert _verify(text).check("key").code == "key_unreachable"  # type: ignore[union-attr]  # always there
    resolver = c.Offline({key.controller: c.did_document(key.controller, [key.public])})
    assert _verify(text, resolver).verdict == "verified"


def _old(**inner: Any) -> str:
    bare = proofs.without_proof(signed(status=()))
    del bare["validFrom"], bare["validUntil"], bare["awardedDate"]
    contexts = ["https://www.w3.org/2018/credentials/v1", bare["@context"][1]]
    credential = {**bare, "@context": contexts, "issuanceDate": "2026-03-01T00:00:00Z", **inner}
    parts = [
        base64url_encode(json.dumps(part).encode())
        for part in (
            {"alg": "EdDSA", "typ": "JWT", "kid": KEY.id},
            {"vc": credential, "iss": KEY.controller, "nbf": 1772323200},
        )
    ]
    message = ".".join(parts)
    return f"{message}.{base64url_encode(KEY.sign(message.encode()))}"


def test_the_older_data_model_in_its_vc_claim() -> None:
    report = _verify(_old())
    assert report.verdict == "verified", report.to_json()
    assert report.valid_from == "2026-03-01T00:00:00Z"
    assert _first(_verify(_old(issuanceDate="2026-03-02T00:00:00Z"))) == ("proof", "claims_differ")


def _enclosed(name: str, document: Any, typ: str | None = "JWT", /, **claims: Any) -> str:
    header = {"alg": "EdDSA", "kid": KEY.id, **({} if typ is None else {"typ": typ})}
    return jwt.write(header, {name: document, "iss": KEY.controller, **claims}, KEY)


def _proof_code(report: c.Report) -> str:
    check = report.check("proof")
    assert check is not None and report.verdict == "not_verified"
    return check.code


def test_the_newer_data_model_in_a_vc_claim_of_a_token_that_is_no_vc_jwt() -> None:
    bare = proofs.without_proof(signed(status=()))
    for typ in ("JWT", "application/jwt", None):
        assert _verify(_enclosed("vc", bare, typ)).verdict == "verified"
    for typ in ("vc+jwt", "application/vc+jwt", "vc+ld+jwt"):
        assert _proof_code(_verify(_enclosed("vc", bare, typ))) == "vc_claim"
    assert _verify(_enclosed("vc", bare, nbf=1)).verdict == "verified"
    assert _proof_code(_verify(_enclosed("vc", bare, nbf="1"))) == "claims_differ"
    assert _proof_code(_verify(_enclosed("vp", bare))) == "vc_claim"
    assert _proof_code(_verify(_enclosed("vc", [bare]))) == "vc_claim"


def test_the_signatures_own_times_hold_beside_the_credentials() -> None:
    """VC-JOSE-COSE section 3.1.3: `exp` is when the signature ends, whatever the credential says of itself."""
    now = int(AT.timestamp())
    for claims, code in (
        ({"nbf": now - 9, "exp": now + 9}, "in_time"), ({"exp": now - 9}, "expired"), ({"nbf": now + 9}, "not_yet"),
        ({"exp": 4_000_000_000}, "in_time"), ({"exp": 4_000_000_000, "validUntil": "2026-03-01T01:00:00Z"}, "expired"),
    ):  # fmt: skip
        check = _verify(_token(**claims)).check("dates")
        assert check is not None and check.code == code, claims


def test_an_end_that_only_the_claim_states() -> None:
    ends = {"exp": int(AT.timestamp()) + 9, "validUntil": None}
    assert _verify(_token(header={"typ": "JWT"}, **ends)).verdict == "verified"
    late = _verify(_token(header={"typ": "JWT"}, **ends), at=AT + timedelta(minutes=1)).check("dates")
    assert late is not None and late.code == "expired"


def test_attack_two_documents_in_one_token() -> None:
    bare = proofs.without_proof(signed(status=()))
    for more in ({"vp": bare}, bare, {"type": "x"}):
        assert _proof_code(_verify(_enclosed("vc", bare, **more))) == "vc_claim"


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "a..c", "a b.c.d"])
def test_not_tokens(text: str) -> None:
    assert not jwt.looks_like_jwt(text)
    with pytest.raises(ParseError):
        jwt.read(text)


def test_moments() -> None:
    assert jwt.moment(0) == datetime(1970, 1, 1, tzinfo=UTC)
    for bad in (None, "1", True, -1, 2**40, float("nan")):
        assert jwt.moment(bad) is None
    with pytest.raises(ProofError):
        jwt.check_form(jwt.read("e30.e30.AA"))
