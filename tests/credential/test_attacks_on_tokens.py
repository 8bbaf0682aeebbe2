"""Attacks on tokens (RFC 8725 names most of them), forged with joserfc, which lets a careless issuer do as it likes.

The good token is made first and verifies; each attack differs from it in one thing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from fieldstone import credential as c
from fieldstone.credential import multibase
from tests.credential.cases import AT, CREDENTIAL, KEY

DID = "did:web:college.example"
BADGE = c.build(replace(CREDENTIAL, issuer=c.Profile(id=DID, name="Plains College"), status=()))
P256, P384, RSA = c.generate_key("P-256"), c.generate_key("P-384"), rsa.generate_private_key(65537, 2048)
RSA_JWK = {name: value for name, value in RSAKey.import_key(RSA).as_dict(private=False).items() if name != "kid"}
METHODS = {"ed": KEY.public.jwk(), "p256": P256.public.jwk(), "p384": P384.public.jwk(), "rsa": RSA_JWK}
CONTROLLER = {
    "@context": ["https://www.w3.org/ns/did/v1"],
    "id": DID,
    "verificationMethod": [
        {"id": f"{DID}#{name}", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": jwk}
        for name, jwk in METHODS.items()
    ],
    "assertionMethod": [f"{DID}#{name}" for name in METHODS],
}
EVERY = jws.JWSRegistry(algorithms=["EdDSA", "ES256", "ES384", "RS256", "HS256", "HS384", "HS512", "PS256", "none"])
EVERY.max_header_length = 100_000
EVERY.max_payload_length = 10_000_000

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")


class Counting(c.Offline):
    """Knows the issuer, and what else it was asked."""

    def __init__(self) -> None:
        super().__init__(dids={DID: CONTROLLER})
        self.fetched: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return super().fetch(url)


def ask(text: str | bytes) -> c.Report:
    resolver = Counting()
    report = c.verify(text, resolver=resolver, at=AT)
    assert resolver.fetched == []  # whatever a token says, it cannot make us fetch anything
    return report


def refused(text: str | bytes) -> str:
    """The code of the first check that failed or stayed open."""
    report = ask(text)
    assert report.verdict != "verified"
    return next(check.code for check in report.checks if check.outcome != "passed" and check.needed)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def okp(key: c.SigningKey) -> OKPKey:
    return OKPKey.import_key({**key.public.jwk(), "d": multibase.base64url_encode(key.seed())})


def elliptic(key: c.SigningKey) -> ECKey:
    return ECKey.import_key({**key.public.jwk(), "d": multibase.base64url_encode(key.seed())})


SIGNERS: dict[str, tuple[str, Any]] = {
    "ed": ("EdDSA", okp(KEY)),
    "p256": ("ES256", elliptic(P256)),
    "p384": ("ES384", elliptic(P384)),
    "rsa": ("RS256", RSAKey.import_key(RSA)),
}


def forged(name: str = "ed", *, payload: bytes | None = None, key: Any = None, **header: Any) -> str:
    """A token made by joserfc; `header` members that are None are left out."""
    algorithm, own = SIGNERS[name]
    head = {"alg": algorithm, "typ": "vc+jwt", "kid": f"{DID}#{name}", **header}
    head = {name: value for name, value in head.items() if value is not None}
    return jws.serialize_compact(head, c.dumps(BADGE) if payload is None else payload, key or own, registry=EVERY)


def raw(head: bytes, payload: bytes) -> str:
    """A token of any bytes, well signed by the issuer's Ed25519 key."""
    message = f"{b64(head)}.{b64(payload)}"
    return f"{message}.{b64(KEY.sign(message.encode()))}"


HEAD = json.dumps({"alg": "EdDSA", "typ": "vc+jwt", "kid": f"{DID}#ed"}).encode()
BODY = c.dumps(BADGE)


@pytest.mark.parametrize("name", SIGNERS)
def test_the_good_tokens_verify(name: str) -> None:
    assert ask(forged(name)).verdict == "verified"
    assert ask(raw(HEAD, BODY)).verdict == "verified"


def test_attack_no_algorithm() -> None:
    _, body, signature = forged().split(".")
    for algorithm in ("none", "None", "NONE", "", None, 0, ["EdDSA"], {"EdDSA": 1}):
        head = b64(json.dumps({"alg": algorithm, "typ": "vc+jwt", "kid": f"{DID}#ed"}).encode())
        assert refused(f"{head}.{body}.{signature}") == "forgeable"
        assert refused(f"{head}.{body}.AA") == "forgeable"
        assert ask(f"{head}.{body}.").verdict == "not_verified"
    head = b64(b'{"typ":"vc+jwt"}')
    assert refused(f"{head}.{body}.{signature}") == "forgeable"


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_attack_a_public_key_used_as_a_shared_secret(algorithm: str) -> None:
    """The RSA public key, in every form in which somebody may hold it, as the secret of a MAC."""
    public = RSA.public_key()
    forms = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        json.dumps(RSA_JWK).encode(),
        base64.urlsafe_b64decode(RSA_JWK["n"] + "=="),
    ]
    functions = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
    for form in forms:
        head = json.dumps({"alg": algorithm, "typ": "vc+jwt", "kid": f"{DID}#rsa"}).encode()
        message = f"{b64(head)}.{b64(BODY)}"
        mac = hmac.new(form, message.encode(), functions[algorithm]).digest()
        assert refused(f"{message}.{b64(mac)}") == "forgeable"
    shared = OctKey.import_key(base64.urlsafe_b64decode(METHODS["ed"]["x"] + "=="))
    assert refused(forged("ed", key=shared, alg="HS256")) == "forgeable"


@pytest.mark.parametrize(("algorithm", "name"), [("RS384", "rsa"), ("PS256", "rsa"), ("ES256K", "p256"), ("dir", "ed")])
def test_attack_algorithms_we_do_not_take(algorithm: str, name: str) -> None:
    message = f"{b64(json.dumps({'alg': algorithm, 'typ': 'vc+jwt', 'kid': f'{DID}#{name}'}).encode())}.{b64(BODY)}"
    assert refused(f"{message}.{b64(b's' * 64)}") == "unknown_suite"


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519", "ES256", "ES384", "ES512", "RS256"])
@pytest.mark.parametrize("name", SIGNERS)
def test_attack_an_algorithm_with_another_kind_of_key(algorithm: str, name: str) -> None:
    if SIGNERS[name][0] == algorithm or (name, algorithm) == ("ed", "Ed25519"):
        return
    head = json.dumps({"alg": algorithm, "typ": "vc+jwt", "kid": f"{DID}#{name}"}).encode()
    message = f"{b64(head)}.{b64(BODY)}"
    signature = SIGNERS[name][1]
    data = {"ed": KEY, "p256": P256, "p384": P384}.get(name)
    signed = b"x" * 256 if data is None else data.sign(message.encode())
    assert signature is not None
    assert refused(f"{message}.{b64(signed)}") == "wrong_key_kind"


def test_attack_es256_by_a_p384_key() -> None:
    """The hash of ES256 with the other curve, and signatures in the other encoding or width."""
    head = json.dumps({"alg": "ES256", "typ": "vc+jwt", "kid": f"{DID}#p384"}).encode()
    message = f"{b64(head)}.{b64(BODY)}"
    assert refused(f"{message}.{b64(P384.sign(message.encode()))}") == "wrong_key_kind"
    head = json.dumps({"alg": "ES256", "typ": "vc+jwt", "kid": f"{DID}#p256"}).encode()
    message = f"{b64(head)}.{b64(BODY)}"
    der = P256.secret.sign(message.encode(), ec.ECDSA(hashes.SHA256()))
    good = P256.sign(message.encode())
    for signature in (der, good[:32] + b"\0" + good[32:], bytes(64), b"\xff" * 64, good[32:] + good[:32], b""):
        assert ask(f"{message}.{b64(signature)}").verdict == "not_verified"
    assert ask(f"{message}.{b64(good)}").verdict == "verified"


def test_attack_a_key_in_the_header() -> None:
    other = c.generate_key()
    own = okp(other)
    jwk = other.public.jwk()
    assert refused(forged(key=own, jwk=jwk)) == "wrong_signature"  # `kid` decides
    claims = c.dumps({**BADGE, "iss": DID})
    assert refused(forged(key=own, jwk=jwk, kid=None, payload=claims)) == "key_missing"
    assert refused(forged(key=own, jwk=jwk, kid=other.id)) == "not_issuer"
    assert ask(forged(jwk=KEY.public.jwk(), kid=None, payload=claims)).verdict == "verified"
    secret = {**KEY.public.jwk(), "d": multibase.base64url_encode(KEY.seed())}
    assert refused(raw(json.dumps({"alg": "EdDSA", "typ": "vc+jwt", "jwk": secret}).encode(), claims)) == "bad_key"
    for bad in (None, 1, "x", [], {}, {"kty": "oct", "k": "AAAA"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA"}):
        head = json.dumps({"alg": "EdDSA", "typ": "vc+jwt", "jwk": bad}).encode()
        assert ask(raw(head, claims)).verdict == "not_verified"


@pytest.mark.parametrize("name", ["jku", "x5u"])
@pytest.mark.parametrize("url", ["https://evil.example/keys", "file:///etc/passwd", "http://169.254.169.254/", ""])
def test_attack_a_key_from_an_address_in_the_header(name: str, url: str) -> None:
    head = {"alg": "EdDSA", "typ": "vc+jwt", "kid": f"{DID}#ed", name: url}
    assert refused(raw(json.dumps(head).encode(), BODY)) == "bad_proof"
    del head["kid"]
    assert refused(raw(json.dumps(head).encode(), BODY)) == "bad_proof"


def test_attack_a_certificate_in_the_header() -> None:
    """A chain is not looked at: the issuer's own key decides, and without it nobody."""
    other = okp(c.generate_key())
    head: dict[str, Any] = {"alg": "EdDSA", "typ": "vc+jwt", "x5c": ["MIIBszCCAVmgAwIBAgIU"]}
    assert refused(forged(key=other, x5c=head["x5c"])) == "wrong_signature"
    message = f"{b64(json.dumps(head).encode())}.{b64(BODY)}"
    assert ask(f"{message}.{b64(b's' * 64)}").verdict == "not_verified"


@pytest.mark.parametrize("asked", [["exp"], ["b64"], ["https://evil.example/ext"], [], "b64", None, 1])
def test_attack_critical_extensions(asked: Any) -> None:
    head = {"alg": "EdDSA", "typ": "vc+jwt", "kid": f"{DID}#ed", "crit": asked, "exp": 1}
    assert refused(raw(json.dumps(head).encode(), BODY)) == "bad_proof"


@pytest.mark.parametrize("value", [False, True, None, "false"])
def test_attack_a_payload_that_is_not_encoded(value: Any) -> None:
    """RFC 7797: with `b64: false` the same bytes could be read in two ways."""
    for crit in ({}, {"crit": ["b64"]}):
        head = {"alg": "EdDSA", "typ": "vc+jwt", "kid": f"{DID}#ed", "b64": value, **crit}
        assert refused(raw(json.dumps(head).encode(), BODY)) == "bad_proof"
    plain = f"{b64(HEAD)}.{BODY.decode()}"
    assert ask(f"{plain}.{b64(KEY.sign(plain.encode()))}").verdict == "not_verified"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b'{"alg":"none",' + HEAD[1:], BODY),
        (HEAD[:-1] + b',"alg":"EdDSA"}', BODY),
        (HEAD[:-1] + b',"kid":"did:web:evil.example#1"}', BODY),
        (HEAD[:-1] + b',"\\u0061lg":"none"}', BODY),
        (HEAD, BODY[:-1] + b',"name":"Runs the college"}'),
        (HEAD, BODY[:-1] + b',"n\\u0061me":"Runs the college"}'),
        (HEAD, BODY[:-1] + b',"issuer":"did:web:evil.example"}'),
        (HEAD, BODY.replace(b'"credentialSubject":{', b'"credentialSubject":{"type":"x",', 1)),
    ],
)
def test_attack_members_twice(head: bytes, body: bytes) -> None:
    assert refused(raw(head, body)) == "duplicate_key"


def test_attack_embedded_nul_and_other_bytes() -> None:
    for head in (HEAD + b"\0", b"\0" + HEAD, HEAD.replace(b"vc+jwt", b"vc+jwt\0"), b"\xef\xbb\xbf" + HEAD):
        assert ask(raw(head, BODY)).verdict == "not_verified"
    for body in (BODY + b"\0", BODY + b"{}", BODY.replace(b"Plains", b"Pl\0ains"), b"\xff\xfe" + BODY, BODY[:-1]):
        assert ask(raw(HEAD, body)).verdict == "not_verified"
    escaped = HEAD.replace(b"vc+jwt", b"vc+jwt\\u0000")
    assert refused(raw(escaped, BODY)) == "bad_proof"
    named = HEAD.replace(b"#ed", b"#ed\\u0000")
    assert refused(raw(named, BODY)) == "key_missing"
    good = raw(HEAD, BODY)
    for text in (good + "\0", "\0" + good, good.replace(".", ".\0", 1), good.replace(".", "\n.", 1), good + ".x"):
        assert ask(text).verdict == "not_verified"
        assert ask(text.encode()).verdict == "not_verified"


def test_attack_a_kid_that_is_no_name() -> None:
    for kid in (1, None, [f"{DID}#ed"], {"id": f"{DID}#ed"}, "", "../../etc/passwd", "ed' OR '1'='1", "#", f"{DID}#"):
        head = json.dumps({"alg": "EdDSA", "typ": "vc+jwt", "kid": kid}).encode()
        assert ask(raw(head, BODY)).verdict != "verified"


def test_attack_huge_tokens() -> None:
    """Each is refused in well under a second, and without much memory."""
    started = time.process_time()
    big = 5 * 1024 * 1024
    assert refused(raw(HEAD, b'{"a":"' + b"x" * big + b'"}')) == "too_big"
    assert refused(raw(b'{"alg":"' + b"x" * big + b'"}', BODY)) == "too_big"
    assert ask("." * big).verdict == "not_verified"
    assert ask("a" * big).verdict == "not_verified"
    assert ask(("a." * big)[:big]).verdict == "not_verified"
    assert ask("a.b." + "c" * big).verdict == "not_verified"
    assert ask(" " * big + raw(HEAD, BODY)).verdict == "verified"
    assert refused(raw(HEAD, b"[" * 100_000)) in {"too_deep", "not_json"}
    assert refused(raw(HEAD, b'{"a":' * 65 + b"1" + b"}" * 65)) == "too_deep"
    assert refused(raw(HEAD, b'{"a":' + b"9" * 100_000 + b"}")) == "big_integer"
    assert refused(raw(HEAD, b'{"a":1e999}')) == "not_json"
    assert time.process_time() - started < 5


def test_attack_signature_text_with_two_readings() -> None:
    """Padding, white space, the alphabet of plain base64, and bits that nobody reads are refused in every part."""
    tokens = (raw(HEAD, BODY + b" " * spaces).split(".") for spaces in range(99))
    head, body, signature = next(parts for parts in tokens if "_" in parts[2] and "-" in parts[2])
    assert ask(f"{head}.{body}.{signature}").verdict == "verified"
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(signature[-1])
    twin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last + 1]
    assert multibase.base64.urlsafe_b64decode(signature[:-1] + twin + "==") == KEY.sign(f"{head}.{body}".encode())
    for other in (
        signature + "==",
        signature.replace("_", "/").replace("-", "+"),
        signature[:-1] + twin,
        signature[:9] + "\n" + signature[9:],
        signature + "AA",
    ):
        assert ask(f"{head}.{body}.{other}").verdict == "not_verified", other
    for other in (f"{head}=.{body}.{signature}", f"{head}.{body}=.{signature}", f"{head} .{body}.{signature}"):
        assert ask(other).verdict == "not_verified"
