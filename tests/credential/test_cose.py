"""COSE_Sign1 (RFC 9052), by the working group's examples, and credentials secured with it."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import cbor, cose, jwt
from fieldstone.credential.errors import ParseError, ProofError
from tests.credential.cases import AT, CREDENTIAL, KEY, signed

TEXT = b"This is the content."
P256 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8",
    "y": "IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4",
}
P384 = {
    "kty": "EC",
    "crv": "P-384",
    "x": "kTJyP2KSsBBhnb4kjWmMF7WHVsY55xUPgb7k64rDcjatChoZ1nvjKmYmPh5STRKc",
    "y": "mM0weMVU2DKsYDxDJkEP9hZiRZtB8fPfXbzINZj_fF7YQRynNWedHEyzAJOX2e8s",
}
ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
# name -> key, algorithm, what is signed, the message; from the examples of the COSE working group
EXAMPLES = {
    "ecdsa-sig-01": (
        P256,
        "ES256",
        "846A5369676E61747572653145A2012603004054546869732069732074686520636F6E74656E742E",
        "D28445A201260300A10442313154546869732069732074686520636F6E74656E742E58406520BBAF2081D7E0ED0F95F76EB0733D6670"
        "05F7467CEC4B87B9381A6BA1EDE8E00DF29F32A37230F39A842A54821FDD223092819D7728EFB9D3A0080B75380B",
    ),
    "ecdsa-sig-02": (
        P384,
        "ES384",
        "846A5369676E61747572653144A10138224054546869732069732074686520636F6E74656E742E",
        "D28444A1013822A104445033383454546869732069732074686520636F6E74656E742E58605F150ABD1C7D25B32065A14E05D6CB1F66"
        "5D10769FF455EA9A2E0ADAB5DE63838DB257F0949C41E13330E110EBA7B912F34E1546FB1366A2568FAA91EC3E6C8D42F4A67A0EDF73"
        "1D88C9AEAD52258B2E2C4740EF614F02E9D91E9B7B59622A3C",
    ),
    "eddsa-sig-01": (
        ED25519,
        "EdDSA",
        "846A5369676E61747572653145A2012703004054546869732069732074686520636F6E74656E742E",
        "D28445A201270300A10442313154546869732069732074686520636F6E74656E742E58407142FD2FF96D56DB85BEE905A76BA1D0B732"
        "1A95C8C4D3607C5781932B7AFB8711497DFA751BF40B58B3BCC32300B1487F3DB34085EEF013BF08F4A44D6FEF0D",
    ),
    "sign-pass-03, without its tag": (
        P256,
        "ES256",
        "846A5369676E61747572653143A101264054546869732069732074686520636F6E74656E742E",
        "8443A10126A10442313154546869732069732074686520636F6E74656E742E58408EB33E4CA31D1C465AB05AAC34CC6B23D58FEF5C08"
        "3106C4D25A91AEF0B0117E2AF9A291AA32E14AB834DC56ED2A223444547E01F11D3B0916E5A4C345CACB36",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_published_messages(name: str) -> None:
    jwk, algorithm, to_be_signed, message = EXAMPLES[name]
    header, payload, signed_bytes, signature = cose.take_apart(bytes.fromhex(message))
    assert (header["alg"], payload, signed_bytes) == (algorithm, TEXT, bytes.fromhex(to_be_signed))
    key = c.PublicKey.from_jwk(jwk)
    assert key.verify(signature, signed_bytes)
    assert not key.verify(signature, signed_bytes + b" ")
    assert jwt.ALGORITHMS[algorithm] == key.kind


def test_attack_an_algorithm_that_nobody_signed() -> None:
    """The working group's sign-pass-01 names its algorithm in the unprotected header only; we do not take that."""
    header, *_ = cose.take_apart(
        bytes.fromhex(
            "D28441A0A201260442313154546869732069732074686520636F6E74656E742E584087DB0D2E5571843B78AC33ECB2830DF7B6E0"
            "A4D5B7376DE336B23C591C90C425317E56127FBE04370097CE347087B233BF722B64072BEB4486BDA4031D27244F"
        )
    )
    assert "alg" not in header


def bare(key: c.SigningKey) -> dict[str, Any]:
    return c.build(replace(CREDENTIAL, issuer=c.Profile(id=key.controller, name="Plains College"), status=()))


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "P-521"])
def test_issue_and_verify(kind: str) -> None:
    key = c.generate_key(kind)
    document = bare(key)
    data = c.sign_cose(document, key=key)
    report = c.verify(data, resolver=c.Offline(), at=AT)
    assert report.verdict == "verified"
    assert report.document == document
    assert report.check("proof").code == "cose"
    envelope = {
        "@context": [c.contexts.CREDENTIALS_V2],
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+cose;base64," + base64.b64encode(data).decode(),
    }
    assert c.verify(envelope, resolver=c.Offline(), at=AT).verdict == "verified"
    presentation = c.build_presentation([], holder=key.controller)
    presentation["verifiableCredential"] = [envelope]
    shown = c.verify_presentation(cose.write("vp", presentation, key), resolver=c.Offline(), at=AT)
    assert shown.verdict == "verified"
    assert c.verify(data, resolver=c.Offline(), at=AT, challenge="n").verdict == "not_verified"


def made(header: dict[Any, Any], *, outside: Any = None, payload: Any = None) -> bytes:
    """A COSE_Sign1 of any headers, well signed."""
    protected = cbor.encode(header, in_order=False)
    payload = c.dumps(bare(KEY)) if payload is None else payload
    signature = KEY.sign(cbor.encode(["Signature1", protected, b"", payload]))
    return b"\xd2" + cbor.encode([protected, outside or {}, payload, signature])


GOOD = {1: -8, 4: KEY.id.encode(), 16: "application/vc+cose"}


def said(data: bytes) -> str:
    report = c.verify(data, resolver=c.Offline(), at=AT)
    return next((item.code for item in report.checks[:7] if item.outcome != "passed"), "verified")


def test_other_writers_orders_and_places() -> None:
    assert said(made(GOOD)) == "verified"
    assert said(made(dict(reversed(GOOD.items())))) == "verified"
    assert said(made({1: -19, 16: "vc+cose"}, outside={4: KEY.id.encode()})) == "verified"
    assert said(made({1: -8, 16: "vc+cose"})) == "unknown_scheme"  # it names no key


def test_attack_types_confused() -> None:
    for kind in ("application/vp+cose", "vc+jwt", "vc", 0, b"vc+cose", None):
        header = {name: value for name, value in {**GOOD, 16: kind}.items() if value is not None}
        assert said(made(header)) == "bad_proof", kind
    token = jwt.write({"typ": "vc+cose", "kid": KEY.id}, bare(KEY), KEY)
    assert c.verify(token, resolver=c.Offline(), at=AT).check("proof").code == "bad_proof"
    shown = c.verify_presentation(made(GOOD), resolver=c.Offline(), at=AT)
    assert shown.verdict == "not_verified"


def test_attack_headers_that_ask_or_contradict() -> None:
    assert said(made({**GOOD, 2: [16]})) == "bad_proof"
    assert said(made(GOOD, outside={2: [16]})) == "bad_proof"
    assert said(made(GOOD, outside={1: -8})) == "not_cose"
    for algorithm in (-7, -37, 5, 0, "EdDSA", [1], {1: 1}):
        assert said(made({**GOOD, 1: algorithm})) in {"forgeable", "unknown_suite", "wrong_key_kind"}, algorithm
    assert said(made({**GOOD, 1: -37})) == "unknown_suite"  # PS256
    assert said(made({16: "vc+cose", 4: KEY.id.encode()})) == "forgeable"
    assert said(made({**GOOD, 4: b"\xff"})) != "verified"
    assert said(made({**GOOD, 4: c.generate_key().id.encode()})) == "wrong_signature"


def test_attack_messages_of_another_form() -> None:
    good = made(GOOD)
    for data, code in (
        (good + b"\0", "bad_cbor"),
        (good[:-1], "bad_cbor"),
        (good[:-1] + bytes([good[-1] ^ 1]), "wrong_signature"),
        (b"\xd2" + cbor.encode([b"", {}, b"{}"]), "not_utf8"),  # three parts are not taken for COSE at all
        (b"\xd2" + cbor.encode([b"", {}, b"{}", 1]), "not_cose"),
        (b"\xd2" + cbor.encode([b"\x01", {}, b"{}", b""]), "not_cose"),
        (b"\xd2" + cbor.encode([cbor.encode([1]), {}, b"{}", b""]), "not_cose"),
        (b"\xd2" + cbor.encode([b"", {}, b"[]", b""]), "not_cose"),
        (b"\xd2" + cbor.encode([b"", {}, b'{"a":1,"a":2}', b""]), "duplicate_key"),
        (b"\xd2\x84\x43\xa1\x01\x26\xa2\x04\x40\x04\x40\x42{}\x40", "bad_cbor"),  # one name twice
        (b"\xd2\x84\x58\x03\xa1\x01\x26\xa0\x42{}\x40", "bad_cbor"),  # a length that is not the shortest
        (b"\xd2\x84\x40\xa0\xf6\x40", "bad_cbor"),  # detached payload
        (b"\xd2\x84\x40\xa0\x5f\x42{}\xff\x40", "bad_cbor"),  # indefinite length
        (b"\xd2\x84" + b"\x81" * 100_000, "bad_cbor"),
        (b"\xd2\x84" + bytes(4 * 1024 * 1024), "too_big"),
    ):
        assert said(data) == code, data[:40]


def test_attack_an_envelope_that_is_not_base64() -> None:
    start = "data:application/vc+cose;base64,"
    for text in ("%%%", "0oQ*", "d284", base64.b64encode(made(GOOD)).decode().replace("+", "-") + "-"):
        envelope = {
            "@context": [c.contexts.CREDENTIALS_V2],
            "type": "EnvelopedVerifiableCredential",
            "id": start + text,
        }
        assert c.verify(envelope, resolver=c.Offline(), at=AT).verdict == "not_verified"


def test_what_is_not_signed() -> None:
    with pytest.raises(ProofError, match="does not belong"):
        c.sign_cose(bare(c.generate_key()), key=KEY)
    with pytest.raises(ProofError, match="already"):
        c.sign_cose(signed(), key=KEY)
    rsa_kind = replace(KEY, kind="RSA")
    with pytest.raises(ProofError, match="kind RSA"):
        c.sign_cose(bare(KEY), key=rsa_kind)
    for value in (1.5, True, 2**64, -(2**64) - 1, None):
        with pytest.raises(ParseError):
            cbor.encode(value)
    assert [cbor.decode(cbor.encode(n)) for n in (-1, -24, -25, -(2**32), 0, 2**64 - 1)] == [
        -1, -24, -25, -(2**32), 0, 2**64 - 1,
    ]  # fmt: skip
    assert cbor.encode({1: 0, -1: 0, 10: 0}) == bytes.fromhex("a301000a002000")
