"""Whose a credential is, in plain cases; when it is checked again; what is kept of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.server.backpack import rules

ANA = rules.Person("Ana María Reyes", "Ana@example.org", frozenset({"did:key:z6MkAna"}))
NOBODY = rules.Person("", "")


def sha(value: str, salt: str = "") -> str:
    return "sha256$" + hashlib.sha256((value + salt).encode()).hexdigest()


def subject(**parts: Any) -> dict[str, Any]:
    return {"credentialSubject": parts}


def identity(kind: Any, text: Any, **more: Any) -> dict[str, Any]:
    return {"type": ["IdentityObject"], "identityType": kind, "identityHash": text, **more}


@pytest.mark.parametrize(
    ("document", "person", "sign"),
    [
        (subject(identifier=[identity("emailAddress", "ana@example.org", hashed=False)]), ANA, "email"),
        (subject(identifier=identity("emailAddress", sha("ana@example.org", "s1"), hashed=True, salt="s1")), ANA, "email"),
        (subject(identifier=identity("emailAddress", sha("Ana@example.org", "s1"), hashed=True, salt="s1")), ANA, "email"),
        (subject(identifier=[identity("emailAddress", sha("ana@example.org", "s1"), hashed=True, salt="s2")]), ANA, "other_email"),
        (subject(identifier=[identity("emailAddress", sha(""), hashed=True)]), NOBODY, "other_email"),
        (subject(identifier=[identity("emailAddress", "crc$1", hashed=True)]), ANA, "other_email"),
        (subject(id="mailto:ANA@example.org"), ANA, "email"),
        (subject(id="mailto:bo@example.org"), ANA, "other_email"),
        (subject(id="did:key:z6MkAna#1"), ANA, "key"),
        (subject(id="did:key:z6MkBo"), ANA, "unknown"),
        (subject(id="urn:uuid:1"), ANA, "unknown"),
        (subject(name="ana maria  REYES"), ANA, "name"),
        (subject(name="Bo Lee"), ANA, "other_name"),
        (subject(name=""), NOBODY, "other_name"),
        (subject(name=3, id=7, identifier=[None, identity(7, "x"), identity("name", None)]), ANA, "unknown"),
        (subject(identifier=[identity(["name"], "Ana Maria Reyes", hashed=False)]), ANA, "name"),
        (subject(identifier=[identity("name", sha("Ana María Reyes", "x"), hashed=True, salt="x")]), ANA, "name"),
        (subject(identifier=[identity("name", sha("Bo", "x"), hashed=True, salt="x")]), ANA, "unknown"),
        (subject(identifier=[identity("name", sha("", ""), hashed=True)]), NOBODY, "unknown"),
        (subject(identifier=[identity("sourcedId", "4711", hashed=False)]), ANA, "unknown"),
        (subject(name="Bo", identifier=[identity("emailAddress", "ana@example.org", hashed=False)]), ANA, "email"),
        (subject(name="Ana Maria Reyes", id="mailto:old@example.org"), ANA, "name"),
        ({"credentialSubject": [{"name": "Ana Maria Reyes"}, "x"]}, ANA, "name"),
        ({"recipient": {"type": "email", "identity": "ana@example.org", "hashed": False}}, ANA, "email"),
        ({"recipient": {"type": "email", "identity": sha("ana@example.org", "z"), "hashed": True, "salt": "z"}}, ANA, "email"),
        ({"recipient": {"type": "email", "identity": "md5$" + hashlib.md5(b"ana@example.orgz").hexdigest(), "hashed": True, "salt": "z"}}, ANA, "email"),
        ({"recipient": {"type": ["email"], "identity": sha("bo@example.org")}}, ANA, "other_email"),
        ({"recipient": "ana@example.org"}, ANA, "unknown"),
        ({}, ANA, "unknown"),
    ],
)  # fmt: skip
def test_whose_it_is(document: dict[str, Any], person: rules.Person, sign: str) -> None:
    assert rules.belongs(document, person) == sign


def report(document: dict[str, Any] | None, *, outcome: c.Outcome = c.Outcome.PASSED) -> c.Report:
    return c.Report(
        (c.Check("parse", outcome, "x", "a\x00b\ud800c", True), c.Check("schema", outcome, "x", "", True)), document
    )


def test_what_is_kept_is_cut_and_clean() -> None:
    told = rules.facts(
        report({"id": "x" * 2000, "name": "a\x00b\n c", "issuer": {"id": 4, "name": "N" * 400}, "validFrom": "soon"})
    )
    assert (len(told.credential_id), told.title, told.issuer_id, len(told.issuer_name)) == (1000, "a b c", "", 300)
    assert told.issued_at is None
    assert rules.facts(report(None)).title == ""
    kept = rules.facts(report({"validFrom": "2025-01-01T00:00:00-05:00", "validUntil": "9999-12-31T23:59:59-14:00"}))
    assert kept.issued_at == datetime(2025, 1, 1, 5, tzinfo=UTC) and kept.valid_until is None
    assert rules.rows(report({}))[0]["detail"] == "a b c"
    assert rules.readable(report({})) and not rules.readable(report({}, outcome=c.Outcome.FAILED))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xef\xbb\xbf <svg/>", "svg"),
        (b" aaaa.bbbb.cccc\n", "jwt"),
        (b"eyJ" + b"a" * 3000 + b".b.c", "jwt"),
        (b"{}", "json"),
        (b"\xff", "json"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_bytes(data: bytes, kind: str) -> None:
    assert rules.suffix(rules.media_type(data)) == kind
