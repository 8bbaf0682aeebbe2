"""Credentials of any kind: the rules of the data model that hold beyond Open Badges."""

from __future__ import annotations

from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import data_model, jwt
from fieldstone.credential.contexts import CREDENTIALS_V2
from tests.credential.cases import AT, KEY

PLAIN: dict[str, Any] = {
    "@context": [CREDENTIALS_V2],
    "type": ["VerifiableCredential"],
    "issuer": KEY.controller,
    "credentialSubject": {"id": "did:example:1", "name": "Ana"},
}
STATUS = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "5",
    "statusListCredential": "https://college.example/s",
}
GOOD: list[dict[str, Any]] = [
    {}, {"name": "x", "description": {"@value": "x", "@language": "en", "@direction": "ltr"}},
    {"name": [{"@value": "a", "@language": "en"}, {"@value": "b", "@language": "es"}]},
    {"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00+00:00"},
    {"issuer": {"id": KEY.controller, "name": "C"}}, {"credentialSubject": [{"name": "a"}, {"id": "urn:x:y"}]},
    {"credentialStatus": STATUS}, {"credentialStatus": [{**STATUS, "id": "https://college.example/s#5"}]},
    {"credentialSchema": {"id": "https://x.example/s", "type": "JsonSchema"}}, {"evidence": {"type": ["Evidence"]}},
    {"relatedResource": [{"id": "https://x.example/1", "digestSRI": "sha256-x"}]},
]  # fmt: skip
BAD: list[tuple[dict[str, Any], str]] = [
    ({"@context": CREDENTIALS_V2}, "@context"), ({"@context": [{"a": "b"}]}, "@context"),
    ({"@context": [CREDENTIALS_V2, "https://unknown.example"]}, "not one we know"),
    ({"@context": [CREDENTIALS_V2, {"a": "urn:a:b"}]}, "of its own"), ({"@context": None}, "@context"),
    ({"type": "Other"}, "type"), ({"type": ["VerifiableCredential", 4]}, "type"), ({"id": ["urn:a:b"]}, "id must"),
    ({"id": "relative"}, "id must"), ({"issuer": None}, "issuer"), ({"issuer": {"name": "x"}}, "issuer"),
    ({"issuer": "x"}, "issuer"), ({"credentialSubject": {}}, "credentialSubject"), ({"credentialSubject": []}, "Subject"),
    ({"credentialSubject": "urn:a:b"}, "credentialSubject"), ({"credentialSubject": {"id": "x"}}, "Subject.id"),
    ({"name": 4}, "name"), ({"name": []}, "name"), ({"description": {"@value": "x", "other": 1}}, "description"),
    ({"description": {"@language": "en"}}, "description"), ({"issuer": {"id": "urn:a:b", "name": 4}}, "issuer.name"),
    ({"validFrom": "2026-01-01"}, "validFrom"), ({"validUntil": "2026-13-01T00:00:00Z"}, "validUntil"),
    ({"validFrom": 5}, "validFrom"), ({"validFrom": "2026-01-01T00:00:00"}, "validFrom"),
    ({"validFrom": "2026-01-02T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}, "must not be after"),
    ({"credentialStatus": {"id": "urn:a:b"}}, "credentialStatus"), ({"evidence": "urn:a:b"}, "evidence"),
    ({"termsOfUse": []}, "termsOfUse"), ({"refreshService": {"type": [4]}}, "refreshService"),
    ({"credentialSchema": {"type": "JsonSchema"}}, "must have an id"), ({"evidence": {"type": "E", "id": "x"}}, "evidence.id"),
    ({"credentialStatus": {**STATUS, "statusListIndex": 5}}, "statusListIndex"),
    ({"credentialStatus": {**STATUS, "statusPurpose": ""}}, "statusPurpose"),
    ({"credentialStatus": {**STATUS, "statusListCredential": "x"}}, "statusListCredential"),
    ({"credentialStatus": {**STATUS, "id": STATUS["statusListCredential"]}}, "address of the list"),
    ({"credentialStatus": {**STATUS, "statusSize": 0}}, "1 to 8 bits"),
    ({"credentialStatus": {**STATUS, "statusSize": 2}}, "mean"),
    ({"credentialStatus": {**STATUS, "statusReference": ["x"]}}, "statusReference"),
    ({"relatedResource": []}, "relatedResource"), ({"relatedResource": ["x"]}, "relatedResource"),
    ({"relatedResource": [{"id": "urn:a:b", "digestSRI": "x"}] * 2}, "twice"),
    ({"relatedResource": {"id": "urn:a:b"}}, "digest"),
]  # fmt: skip


@pytest.mark.parametrize("change", GOOD)
def test_good_forms(change: dict[str, Any]) -> None:
    assert data_model.problems({**PLAIN, **change}, c.KNOWN) == []


@pytest.mark.parametrize(("change", "words"), BAD)
def test_faults_are_named(change: dict[str, Any], words: str) -> None:
    found = data_model.problems({**PLAIN, **change}, c.KNOWN)
    assert any(words in problem for problem in found), found


def test_an_inline_context_where_it_is_allowed() -> None:
    document = {**PLAIN, "@context": [CREDENTIALS_V2, {"a": "urn:a:b"}]}
    assert data_model.problems(document, c.Contexts(inline=True)) == []


def test_any_kind_verifies_only_where_the_caller_says_so() -> None:
    for secured in (c.sign(PLAIN, key=KEY, created=AT), jwt.sign(PLAIN, key=KEY)):
        assert c.verify(secured, resolver=c.Offline(), at=AT, any_kind=True).verdict == "verified"
        assert c.verify(secured, resolver=c.Offline(), at=AT).verdict == "not_verified"
