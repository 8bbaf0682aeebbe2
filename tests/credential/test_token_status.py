"""Token Status Lists, by the examples of their draft, and what an SD-JWT VC's own list may say."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import jwt, token_status
from fieldstone.credential.errors import StatusError
from fieldstone.credential.multibase import base64url_encode
from tests.credential.cases import AT, CREDENTIAL, KEY

URL = "https://college.example/statuslists/1"
SECONDS = int(AT.timestamp())
BADGE = {name: value for name, value in c.sd_jwt_claims(c.build(CREDENTIAL)).items() if name != "credentialStatus"}


@pytest.mark.parametrize(
    ("bits", "packed", "values"),
    [
        (1, "eNrbuRgAAhcBXQ", [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]),
        (2, "eNo76fITAAPfAgc", [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]),
    ],
)
def test_the_drafts_examples(bits: int, packed: str, values: list[int]) -> None:
    """Section 4.1."""
    found = {"bits": bits, "lst": packed}
    assert [token_status.value(found, index) for index in range(len(values))] == values
    with pytest.raises(StatusError, match="no entry"):
        token_status.value(found, len(values))


def packed(*entries: int) -> str:
    return base64url_encode(zlib.compress(bytes(entries)))


def listed(head: dict[str, Any] | None = None, key: c.SigningKey = KEY, **claims: Any) -> str:
    """A Status List Token: entry 0 valid, 1 invalid, 2 suspended, 3 of the application's own."""
    whole = {"sub": URL, "iat": SECONDS, "status_list": {"bits": 2, "lst": packed(0b11100100)}, **claims}
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.write({"typ": "statuslist+jwt", "kid": key.id} if head is None else head, kept, key)


def said(index: Any, token: str | None = None, url: Any = URL, issuer: c.SigningKey = KEY) -> str:
    claims = {**BADGE, "iss": issuer.controller, "status": {"status_list": {"idx": index, "uri": url}}}
    pages = {URL: (listed() if token is None else token).encode()}
    report = c.verify(c.sign_sd_jwt(claims, key=issuer), resolver=c.Offline(pages=pages), at=AT)
    return report.check("status").code


def test_each_status() -> None:
    assert [said(index) for index in range(5)] == [
        "not_withdrawn", "revoked", "suspended", "unknown_purpose", "bad_index",
    ]  # fmt: skip
    assert said(0, listed(exp=SECONDS + 60)) == "not_withdrawn"


def test_attack_lists_that_are_not_the_issuers() -> None:
    other = c.generate_key()
    assert said(0, listed(key=other)) == "list_of_another"
    assert said(0, listed({"typ": "statuslist+jwt", "kid": KEY.id}, key=other)) == "list_not_verified"
    assert said(0, issuer=other) == "list_of_another"
    web = KEY.controlled_by("did:web:college.example")
    document = {**c.did_document(web.controller, [web.public]), "assertionMethod": []}
    resolver = c.Offline(dids={web.controller: document}, pages={URL: listed(key=web).encode()})
    with pytest.raises(StatusError) as caught:
        token_status.ask({"uri": URL, "idx": 0}, web.controller, resolver, AT)
    assert caught.value.code == "list_of_another"


def test_attack_lists_that_are_something_else() -> None:
    for head in ({"kid": KEY.id}, {"typ": "JWT", "kid": KEY.id}, {"typ": "vc+jwt", "kid": KEY.id}):
        assert said(0, listed(head)) in {"wrong_list", "bad_proof"}
    for claims in ({"sub": URL + "1"}, {"sub": None}, {"iat": None}, {"iat": "x"}):
        assert said(0, listed(**claims)) == "wrong_list"
    for end in (SECONDS - 1, "x", True):
        assert said(0, listed(exp=end)) == "list_not_verified"
    assert said(0, "<html>") == "not_jwt"


def test_attack_lists_of_another_form() -> None:
    bomb = base64url_encode(zlib.compress(bytes(2**26), 9))
    for found in (
        None, [], {}, {"bits": 1}, {"bits": 3, "lst": packed(0)}, {"bits": True, "lst": packed(0)},
        {"bits": [1], "lst": packed(0)}, {"bits": 1.0, "lst": packed(0)},
        {"bits": 1, "lst": 1}, {"bits": 1, "lst": "!"}, {"bits": 1, "lst": "AAAA"}, {"bits": 1, "lst": packed(0)[:-3]},
        {"bits": 1, "lst": base64url_encode(zlib.compress(b"\0") + b"\0")}, {"bits": 1, "lst": bomb},
    ):  # fmt: skip
        assert said(0, listed(status_list=found)) == "bad_list", found
    for index in (-1, "0", True, None, 1.5):
        assert said(index) == "bad_entry"
    for url in (None, 1, "", "file:///etc/passwd", "ftp://x"):
        assert said(0, url=url) == "bad_entry"
    assert said(0, url="http://10.0.0.1/list") == "closed_network"
