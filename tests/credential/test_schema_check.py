"""The JSON Schema that a credential names: met, missed, out of reach, and hostile."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import schema_check
from fieldstone.credential.contexts import OPEN_BADGES_EXTENSIONS
from tests.credential.cases import AT, CREDENTIAL, KEY
from tests.credential.shared import DATA, needs_data

URL = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
OWN = "https://college.example/schema.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def signed(*entries: dict[str, Any]) -> bytes:
    document = c.build(CREDENTIAL)
    document.pop("credentialStatus")
    document["@context"].append(OPEN_BADGES_EXTENSIONS)
    document["credentialSchema"] = list(entries)
    return c.dumps(c.sign(document, key=KEY, created=AT))


def entry(url: str = OWN, kind: str = "1EdTechJsonSchemaValidator2019") -> dict[str, Any]:
    return {"id": url, "type": kind}


def answer(schema: Any, *more: dict[str, Any], **pages: Any) -> tuple[str, str]:
    """The outcome and code of check 2 for a credential whose schema's address answers `schema`."""
    found = {OWN: json.dumps(schema).encode(), **{u: json.dumps(v).encode() for u, v in pages.items()}}
    report = c.verify(signed(entry(), *more), resolver=c.Offline(pages=found), at=AT)
    check = report.checks[1]
    return str(check.outcome), check.code


@needs_data
def test_the_official_schema_is_met() -> None:
    text = (DATA / "schemas" / "open-badges" / "v3_0" / "ob_v3p0_achievementcredential_schema.json").read_bytes()
    report = c.verify(signed(entry(URL)), resolver=c.Offline(pages={URL: text}), at=AT)
    assert (report.verdict, report.checks[1].code) == (c.Verdict.VERIFIED, "schema_met")
    given = {URL: json.loads(text)}
    report = c.verify(signed(entry(URL)), resolver=c.Offline(), at=AT, schemas=given)
    assert report.checks[1].code == "schema_met"
    broken = {**given[URL], "required": ["cheese"]}
    report = c.verify(signed(entry(URL)), resolver=c.Offline(), at=AT, schemas={URL: broken})
    assert (report.verdict, report.checks[1].code) == (c.Verdict.NOT_VERIFIED, "schema_mismatch")


@pytest.mark.parametrize("kind", [{"a": 1}, ["JsonSchema"], 7, None])
def test_a_type_that_is_no_text_is_a_kind_we_do_not_know(kind: Any) -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": KEY.controller,
        "credentialSubject": {"id": "urn:uuid:00000000-0000-4000-8000-000000000001"},
        "credentialSchema": {"id": OWN, "type": kind},
    }
    report = c.verify(c.sign_jwt(document, key=KEY), resolver=c.Offline(), at=AT, any_kind=True)
    assert report.checks[1].code in {"schema_not_asked", "wrong_shape"}, report.checks[1]


def test_what_a_schema_answers() -> None:
    met, missed = ("passed", "schema_met"), ("failed", "schema_mismatch")
    assert answer({"$schema": DRAFT, "required": ["issuer"]}) == met
    assert answer({"$schema": DRAFT, "required": ["cheese"]}) == missed
    assert answer({"properties": {"name": {"maxLength": 2}}}) == missed
    assert answer({"$id": "https://elsewhere.example/x", "properties": {"name": {"$ref": "#/$defs/a~1b"}},
                   "$defs": {"a/b": {"type": "string"}}}) == met  # fmt: skip
    other = "https://college.example/other.json"
    assert answer({"properties": {"name": {"$ref": "other.json#/0"}}}, **{other: {"0": {"type": "integer"}}}) == missed
    assert answer({"properties": {"name": {"$ref": "other.json"}}}, **{other: {"type": "string"}}) == met
    assert answer({"allOf": [{"$ref": "#/allOf/1"}, {"dependentSchemas": {"name": True}}, False]}) == missed
    assert answer({"propertyNames": {"maxLength": 40}, "patternProperties": {"^x": False},
                   "properties": {"type": {"items": {"type": "string"}, "contains": {"const": "VerifiableCredential"}}},
                   }) == met  # fmt: skip
    back = {"0": {"$ref": "schema.json#/$defs/word"}}
    forth = {"properties": {"name": {"$ref": "other.json#/0"}}, "$defs": {"word": {"type": "string"}}}
    assert answer(forth, **{other: back}) == met
    tree = {
        "properties": {"credentialSubject": {"$ref": "#"}, "achievement": {"$ref": "#"}, "name": {"type": "string"}}
    }
    assert answer(tree) == met


def test_what_cannot_be_asked_is_said_and_changes_no_verdict() -> None:
    for entries in ([entry()], [entry(kind="Alignment")], [entry("urn:x:1")]):
        report = c.verify(signed(*entries), resolver=c.Offline(), at=AT)
        assert (report.verdict, report.checks[1].code) == (c.Verdict.VERIFIED, "schema_not_asked")
        assert "not asked" in report.checks[1].detail
    assert answer({"required": ["cheese"]}, entry("https://nowhere.example/")) == ("failed", "schema_mismatch")
    assert answer({}, entry("https://nowhere.example/")) == ("passed", "schema_not_asked")


def test_schemas_that_cannot_be_used() -> None:
    bad = ("could_not_tell", "bad_schema")
    for schema in (
        [],
        {"type": "wrong"},
        {"pattern": "("},
        {"$schema": "http://json-schema.org/draft-04/schema#"},
        {"$schema": "https://evil.example/meta"},
        {"properties": {"name": {"$id": "https://evil.example/x"}}},
        {"properties": {"name": {"$dynamicRef": "#x"}}},
        {"$ref": "#/$defs/none"},
        {"$ref": "#/allOf/7", "allOf": [True]},
        {"$ref": "#/allOf/x", "allOf": [True]},
        {"$ref": "#/required/0/x", "required": ["name"]},
        {"$ref": "#name"},
        {"$ref": "http://["},
        {"$ref": "file:///etc/passwd"},
    ):
        assert answer(schema) == bad, schema
    report = c.verify(signed(entry()), resolver=c.Offline(pages={OWN: b"<html>"}), at=AT)
    assert report.checks[1].code == "bad_schema"
    report = c.verify(signed(entry(OWN + "#/x")), resolver=c.Offline(pages={OWN: b"{}"}), at=AT)
    assert report.checks[1].code == "bad_schema"


HOSTILE: dict[str, Any] = {
    "itself": {"$ref": "#"},
    "itself by way of another": {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"anyOf": [{"$ref": "#"}]}}},
    "doubling": {
        "$ref": "#/$defs/0",
        "$defs": {
            **{str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}, {"$ref": f"#/$defs/{n + 1}"}]} for n in range(40)},
            "40": True,
        },
    },
    "a long chain": {"$ref": "#/$defs/0", "$defs": {str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(2000)}},
    "doubling by depth": {
        "properties": {"credentialSubject": {"allOf": [{"$ref": "#/$defs/x"}] * 2000}},
        "$defs": {"x": {"allOf": [{"$ref": "#/$defs/y"}] * 2000}, "y": {"type": "object"}},
    },
    "too many pairs": {"allOf": [{"properties": {"name": {}}}] * 30_000},
    "a pattern that never ends": {
        "properties": {"name": {"pattern": "^(?=(B|u|i|l|d|s| |a|t|o|c|k|f|e|n|.)+)((.*)*)*x\\2$"}}
    },
}


@pytest.mark.parametrize("what", HOSTILE)
def test_attack_a_schema_that_never_ends(what: str) -> None:
    start = time.process_time()
    outcome, code = answer(HOSTILE[what])
    assert outcome in ("could_not_tell", "failed")
    assert code in ("schema_too_complex", "schema_mismatch")
    assert time.process_time() - start < 5


def test_attack_a_schema_of_endless_documents() -> None:
    class Endless(c.Offline):
        asked = 0

        def fetch(self, url: str) -> bytes:
            self.asked += 1
            return json.dumps({"$ref": f"https://evil.example/{self.asked}"}).encode()

    resolver = Endless()
    report = c.verify(signed(entry()), resolver=resolver, at=AT)
    assert report.checks[1].code == "schema_too_complex"
    assert resolver.asked == schema_check.MAX_DOCUMENTS


def test_attack_a_forged_credential_makes_us_ask_for_no_schema() -> None:
    class Counting(c.Offline):
        asked = 0

        def fetch(self, url: str) -> bytes:
            self.asked += 1
            return b"{}"

    resolver = Counting()
    forged = signed(entry()).replace(b"Builds a stock fence", b"Builds a stock fance")
    assert c.verify(forged, resolver=resolver, at=AT).verdict == c.Verdict.NOT_VERIFIED
    assert resolver.asked == 0
