"""Issuing: what `build` writes, what `sign` refuses, and the published schema as judge."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from fieldstone import credential as c
from tests.credential.cases import ACHIEVEMENT, AT, CREDENTIAL, KEY, signed
from tests.credential.shared import DATA, needs_data


def _schema_errors(document: object, kind: str = "achievementcredential") -> list[str]:
    import jsonschema_rs

    path = DATA / "schemas" / "open-badges" / "v3_0" / f"ob_v3p0_{kind}_schema.json"
    validator = jsonschema_rs.validator_for(json.loads(path.read_text()))
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(document)]


@needs_data
def test_a_credential_satisfies_the_published_schema() -> None:
    assert _schema_errors(signed()) == []


@needs_data
def test_the_schema_judge_does_refuse() -> None:
    document = signed()
    del document["credentialSubject"]["achievement"]["criteria"]
    assert _schema_errors(document)


@needs_data
def test_a_stack_satisfies_the_published_schema_and_names_its_parts() -> None:
    parts = (
        c.Component(achievement_id="urn:uuid:1", name="Sets posts", credential_id="urn:uuid:11"),
        c.Component(achievement_id="urn:uuid:2", name="Stretches wire", version="2", in_language="en"),
    )
    document = c.build_stack(CREDENTIAL, parts)
    achievement = document["credentialSubject"]["achievement"]
    assert [r["id"] for r in achievement["related"]] == ["urn:uuid:1", "urn:uuid:2"]
    assert [a["targetUrl"] for a in achievement["alignment"]][1:] == ["urn:uuid:1", "urn:uuid:2"]
    assert [e["id"] for e in document["evidence"]][1:] == ["urn:uuid:11"]
    assert _schema_errors(c.sign(document, key=KEY, created=AT)) == []


@needs_data
def test_an_endorsement_satisfies_the_published_schema() -> None:
    document = c.build_endorsement(
        c.Endorsement(
            id="urn:uuid:5",
            issuer=c.Profile(id=KEY.controller, name="Ranch"),
            name="We hire on this",
            about=ACHIEVEMENT.id,
            comment="Two hires so far.",
            valid_from=AT,
            valid_until=AT,
        )
    )
    assert _schema_errors(c.sign(document, key=KEY, created=AT), "endorsementcredential") == []


def test_control_characters_do_not_reach_the_document() -> None:
    document = c.build(replace(CREDENTIAL, name="A\x00B\x1f\x7f\x85C\r\nD\u2028E\tF"))
    assert document["name"] == "AB\nC\nD\nE\tF"


def test_the_same_credential_gives_the_same_bytes() -> None:
    assert c.dumps(signed()) == c.dumps(signed())
    assert c.loads(c.dumps(signed())) == signed()


def test_the_email_is_hashed_with_its_salt() -> None:
    # printf 'ana@example.org9f2c' | sha256sum
    digest = "7714588b55053afd2cadd7229101d727c9529e36f53dd48a9f388cacb5535b33"
    assert c.hash_identity(" Ana@Example.org ", "9f2c") == f"sha256${digest}"
    assert "ana@example.org" not in c.dumps(signed()).decode().lower()


def test_digest_sri_is_subresource_integrity() -> None:
    # printf "alert('Hello, world.');" | openssl dgst -sha384 -binary | openssl base64 -A  (SRI section 3.1)
    expected = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"
    assert c.digest_sri(b"alert('Hello, world.');") == expected


@pytest.mark.parametrize("bad", ["", "relative/path", "https://a b", "x:<y>"])
def test_addresses_must_be_absolute(bad: str) -> None:
    with pytest.raises(c.CredentialError) as caught:
        c.build(replace(CREDENTIAL, id=bad))
    assert caught.value.code == "bad_address"


def test_an_achievement_needs_criteria() -> None:
    with pytest.raises(c.CredentialError) as caught:
        c.build(replace(CREDENTIAL, achievement=replace(ACHIEVEMENT, criteria=c.Criteria())))
    assert caught.value.code == "no_criteria"


def test_sign_refuses() -> None:
    document = c.build(CREDENTIAL)
    cases = [
        ({"document": document, "key": c.generate_key(), "created": AT}, "wrong_controller"),
        ({"document": signed(), "key": KEY, "created": AT}, "already_signed"),
        ({"document": document, "key": KEY, "created": AT, "suite": "rot13"}, "unknown_suite"),
        ({"document": document, "key": c.generate_key("P-256"), "created": AT}, "unknown_suite"),
        ({"document": document, "key": KEY, "created": datetime(2026, 1, 1)}, "no_time_zone"),
        (
            {"document": {**document, "name": 2**60}, "key": KEY, "created": AT, "suite": "eddsa-jcs-2022"},
            "not_canonical",
        ),
        (
            {"document": {**document, "name": "\ud800"}, "key": KEY, "created": AT, "suite": "eddsa-jcs-2022"},
            "not_canonical",
        ),
        ({"document": {**document, "name": "\ud800"}, "key": KEY, "created": AT}, "not_utf8"),
        ({"document": {**document, "nonsense": 1}, "key": KEY, "created": AT}, "undefined_term"),
    ]
    for arguments, code in cases:
        with pytest.raises(c.CredentialError) as caught:
            c.sign(**arguments)  # type: ignore[arg-type]  # a table of keyword arguments
        assert caught.value.code == code


def test_a_key_prints_without_its_secret() -> None:
    assert KEY.seed().hex() not in repr(KEY)
    assert "Private" not in repr(KEY)
