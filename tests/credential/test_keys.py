"""Keys, multibase and DIDs against the published examples of their standards."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import did, methods, multibase
from fieldstone.credential.errors import CredentialError, KeyFormatError
from tests.credential.cases import KEY

# RFC 8037 appendix A (the key of RFC 8032 test 1)
RFC8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
RFC8037_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
# RFC 7515 appendix A.3
RFC7515 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
# did:key method, test vectors
DID_KEYS = {
    "Ed25519": "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
    "P-256": "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
    "P-384": "did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9",
}
# did:jwk method, section 4.1
DID_JWK = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAi"
    "LCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)


@pytest.mark.parametrize(
    ("data", "text"),
    [  # draft-msporny-base58, section 5
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (b"The quick brown fox jumps over the lazy dog.",
         "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
    ],
)  # fmt: skip
def test_base58(data: bytes, text: str) -> None:
    assert multibase.base58_encode(data) == text
    assert multibase.base58_decode(text) == data


@given(st.binary(max_size=80))
def test_multibase_gives_back_what_it_took(data: bytes) -> None:
    assert multibase.decode(multibase.encode(data)) == data
    assert multibase.decode("u" + multibase.base64url_encode(data)) == data


@pytest.mark.parametrize("bad", [None, 5, "", "f00", "z0OIl", "z!", "uA", "uAA==", "uA B", "z" + "2" * 5000])
def test_bad_multibase(bad: Any) -> None:
    with pytest.raises(KeyFormatError):
        multibase.decode(bad)


@pytest.mark.parametrize("kind", DID_KEYS)
def test_did_key_vectors(kind: str) -> None:
    document = did.resolve_offline(DID_KEYS[kind])
    assert document is not None
    (method,) = document["verificationMethod"]
    key = c.PublicKey.from_multikey(method["publicKeyMultibase"])
    assert key.kind == kind
    assert c.did_key(key) == DID_KEYS[kind] == method["controller"] == document["id"]
    assert document["assertionMethod"] == [method["id"]] == [f"{DID_KEYS[kind]}#{DID_KEYS[kind][8:]}"]
    assert c.PublicKey.from_jwk(key.jwk()).multikey() == key.multikey()


def test_did_jwk_vector() -> None:
    document = did.resolve_offline(DID_JWK)
    assert document is not None
    (method,) = document["verificationMethod"]
    assert method["id"] == f"{DID_JWK}#0"
    assert method["publicKeyJwk"]["x"] == "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"
    assert methods.find(DID_JWK, c.Offline()).key.kind == "P-256"


@pytest.mark.parametrize(
    ("name", "url"),
    [  # did:web method, section 3.2 (read)
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:localhost", "https://localhost/.well-known/did.json"),
        ("did:web:a.example:b%20c", "https://a.example/b%20c/did.json"),
    ],
)
def test_did_web_addresses(name: str, url: str) -> None:
    assert c.did_web_url(name) == url


def test_did_web_from_host_and_path() -> None:
    assert c.did_web("college.example") == "did:web:college.example"
    assert c.did_web("localhost:8000", "o", "b c") == "did:web:localhost%3A8000:o:b%20c"
    with pytest.raises(KeyFormatError):
        c.did_web("not a host")


@pytest.mark.parametrize(
    "bad",
    [
        "did:web:", "did:web:a/b", "did:web:a:b/c", "did:web:a::b", "did:web:a:..:b", "did:web:a:.", "did:web:a:%2e%2e",
        "did:web:-a", "did:web:a%3A123456", "did:web:user@a", "did:web:a:b?c", "did:web:a#b", "did:key:z6Mk", "x",
        "did:web:a%2Fb", "did:web:[::1]", "did:web:a..b",
    ],
)  # fmt: skip
def test_bad_did_web(bad: str) -> None:
    with pytest.raises(KeyFormatError):
        c.did_web_url(bad)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("did:key:z6Mk", True), ("did:web:a%3A1:b", True), ("did:x:a", True), ("did:x:", False), ("did:X:a", False),
        ("did:x", False), ("did:x:a#b", False), ("did:x:a/b", False), ("did:x:a?b", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_is_did(text: Any, expected: bool) -> None:
    assert did.is_did(text) is expected


@pytest.mark.parametrize(
    "bad",
    [
        "did:key:", "did:key:zzz", "did:key:u", "did:jwk:e30", "did:jwk:!!", "did:jwk:W10", "did:jwk:" + "A" * 8,
    ],
)  # fmt: skip
def test_bad_offline_dids(bad: str) -> None:
    with pytest.raises(KeyFormatError):
        did.resolve_offline(bad)


def test_jwk_vectors() -> None:
    key = c.PublicKey.from_jwk(RFC8037)
    assert key.jwk() == RFC8037
    assert c.SigningKey.from_seed(RFC8037_SEED).public.jwk() == RFC8037
    point = c.PublicKey.from_jwk(RFC7515)
    assert (point.kind, point.jwk()) == ("P-256", RFC7515)


@pytest.mark.parametrize(
    "bad",
    [
        None, [], {}, {"kty": "oct", "k": "AA"}, {**RFC8037, "d": "AA"}, {**RFC8037, "x": "AA"}, {**RFC8037, "x": 5},
        {**RFC8037, "x": "!"}, {**RFC8037, "crv": "Ed448"}, {**RFC7515, "y": RFC7515["x"]}, {**RFC7515, "x": "AA"},
        {**RFC7515, "crv": "secp256k1"}, {"kty": "EC", "crv": "P-256"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "A" * 12000, "e": "AQAB"}, {"kty": "RSA", "n": "_" * 342, "e": "AA"},
        {"kty": "OKP", "crv": ["Ed25519"]}, {"kty": "EC", "crv": ["P-256"]}, {"kty": ["EC"], "crv": "P-256"},
    ],
)  # fmt: skip
def test_bad_jwks(bad: Any) -> None:
    with pytest.raises(KeyFormatError):
        c.PublicKey.from_jwk(bad)


def test_bad_multikeys() -> None:
    for kind, data in (("Ed25519", b"x"), ("P-256", b"\x02" + b"\xff" * 32), ("P-256", b"\x02"), ("P-384", b"")):
        with pytest.raises(KeyFormatError):
            c.PublicKey.from_bytes(kind, data)
    with pytest.raises(KeyFormatError):
        c.PublicKey.from_multikey(multibase.encode(b"\xff\xff" + b"x" * 32))
    with pytest.raises(KeyFormatError):
        c.SigningKey.from_multikey(multibase.encode(b"\xff\xff" + b"x" * 32))


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "P-521"])
def test_a_key_is_itself_after_storage(kind: str) -> None:
    key = c.generate_key(kind)
    again = c.SigningKey.from_seed(key.seed(), kind=kind)
    assert (again.id, again.controller, again.kind) == (key.id, key.controller, kind)
    signature = key.sign(b"words")
    assert again.public.verify(signature, b"words")
    assert not again.public.verify(signature, b"other words")
    assert not again.public.verify(signature[:-1], b"words")
    assert not again.public.verify(b"", b"words")
    assert not c.generate_key(kind).public.verify(signature, b"words")


@pytest.mark.parametrize(
    ("seed", "kind"), [(b"x", "Ed25519"), (b"x", "P-256"), (bytes(32), "P-256"), (b"\xff" * 32, "P-256"), (b"", "X")]
)
def test_bad_seeds(seed: bytes, kind: str) -> None:
    with pytest.raises(KeyFormatError):
        c.SigningKey.from_seed(seed, kind=kind)


def test_unknown_kinds() -> None:
    with pytest.raises(KeyFormatError):
        c.generate_key("RSA")


def test_rsa_keys_are_read_and_not_written() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    n = secret.public_key().public_numbers().n.to_bytes(256, "big")
    key = c.PublicKey.from_jwk({"kty": "RSA", "n": multibase.base64url_encode(n), "e": "AQAB"})
    assert key.kind == "RSA"
    for write in (key.multikey, key.jwk):
        with pytest.raises(KeyFormatError):
            write()


def test_did_document_lists_retired_keys_for_what_they_signed() -> None:
    old, new = c.generate_key(), c.generate_key()
    name = "did:web:college.example"
    document = c.did_document(name, [new.public], retired=[old.public])
    resolver = c.Offline({name: document})
    for key in (old, new):
        method = methods.find(key.controlled_by(name).id, resolver)
        assert method.key == key.public and methods.ASSERTION in method.purposes
    assert document["authentication"] == [new.controlled_by(name).id]
    assert new.controlled_by(name, fragment="key-1").id == f"{name}#key-1"


NAME = "https://a.example/issuer"


def _page(**members: Any) -> c.Offline:
    return c.Offline({}, {NAME: json.dumps({"id": NAME, **members}).encode()})


def _method(**members: Any) -> dict[str, Any]:
    return {"id": f"{NAME}#k", "type": "Multikey", "publicKeyMultibase": KEY.public.multikey(), **members}


def test_methods_in_many_forms() -> None:
    for resolver in (
        _page(verificationMethod=[_method()], assertionMethod=[f"{NAME}#k"]),
        _page(verificationMethod=_method(), assertionMethod=f"{NAME}#k"),
        _page(verificationMethod=[_method(id="#k")], assertionMethod=["#k"]),
        _page(assertionMethod=[_method()]),
        _page(publicKey=[5, _method()], assertionMethod=[f"{NAME}#k"]),
        _page(
            verificationMethod=[{"id": f"{NAME}#k", "type": "JsonWebKey", "publicKeyJwk": KEY.public.jwk()}],
            assertionMethod=["#k"],
        ),
    ):
        method = methods.find(f"{NAME}#k", resolver)
        assert method.key == KEY.public
        assert method.purposes == {methods.ASSERTION}
        assert method.controller == NAME
        assert methods.find(NAME, resolver).id == f"{NAME}#k"


@pytest.mark.parametrize(
    ("resolver", "code"),
    [
        (_page(), "missing"),
        (_page(verificationMethod=[_method(id=f"{NAME}#other")]), "missing"),
        (_page(verificationMethod=[{"id": f"{NAME}#k"}]), "bad_key"),
        (_page(verificationMethod=[_method(publicKeyMultibase="zz")]), "unknown_key_kind"),
        (_page(verificationMethod=[_method(revoked="yesterday")]), "bad_date"),
        (c.Offline({}, {NAME: b"<html>"}), "missing"),
        (c.Offline({}, {NAME: b"[]"}), "missing"),
        (c.Offline({}, {NAME: b'{"id":"https://b.example/"}'}), "missing"),
        (c.Offline(), "unreachable"),
    ],
)
def test_methods_that_cannot_be_had(resolver: c.Offline, code: str) -> None:
    with pytest.raises(CredentialError) as caught:
        methods.find(f"{NAME}#k", resolver)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("did:x y", "bad_did"), ("did:web:a/b", "bad_did"), ("did:web:a..b", "bad_did"), ("mailto:a@b", "unknown_scheme")],
)
def test_names_that_cannot_be_looked_up(name: str, code: str) -> None:
    with pytest.raises(CredentialError) as caught:
        methods.document_of(name, c.Offline())
    assert caught.value.code == code


def test_a_bare_name_needs_a_single_key() -> None:
    two = [_method(), _method(id=f"{NAME}#2")]
    for resolver in (_page(assertionMethod=two), _page(assertionMethod=[5]), _page(verificationMethod=two)):
        with pytest.raises(c.Missing):
            methods.find(NAME, resolver)


def test_the_same_key_is_found_among_others() -> None:
    other = _method(id=f"{NAME}#2", publicKeyMultibase=c.generate_key().public.multikey())
    resolver = _page(verificationMethod=["x", {"id": 5}, other, _method()], assertionMethod=[f"{NAME}#k"])
    assert methods.find_same(KEY.public, NAME, resolver).id == f"{NAME}#k"
    with pytest.raises(c.Missing):
        methods.find_same(c.generate_key().public, NAME, resolver)


def test_a_key_that_stays_elsewhere_signs_like_one_in_memory() -> None:
    """Every way of signing takes a Signer; what it gives is checked before it is used."""
    key = c.generate_key("P-256")
    asked: list[bytes] = []

    def ask(data: bytes) -> bytes:
        asked.append(data)
        return key.sign(data)

    own = c.RemoteKey.of(key.public, ask)
    assert (own.kind, own.controller, own.id) == ("P-256", key.controller, key.id)
    web = c.RemoteKey.of(key.public, ask, did="did:web:college.example")
    assert web.id == key.controlled_by("did:web:college.example").id
    assert own.public.verify(own.sign(b"x"), b"x") and asked == [b"x"]
    faulty = c.RemoteKey.of(key.public, lambda data: key.sign(b"something else"))
    with pytest.raises(c.CredentialError) as caught:
        faulty.sign(b"x")
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "P-521"])
def test_a_key_of_the_cryptography_package_is_taken(kind: str) -> None:
    key = c.generate_key(kind)
    assert c.SigningKey.of(key.secret) == key


@pytest.mark.parametrize("secret", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256K1()), b"x"])
def test_other_keys_are_not_taken(secret: object) -> None:
    with pytest.raises(c.CredentialError) as caught:
        c.SigningKey.of(secret)
    assert caught.value.code == "unknown_key_kind"


def test_a_signing_key_is_not_pickled() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(c.generate_key(), protocol)
