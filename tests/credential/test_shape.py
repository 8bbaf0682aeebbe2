"""The shape rules: against the published JSON Schemas, and each sentence once."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from fieldstone.credential import KNOWN, Contexts, shape
from fieldstone.credential.contexts import CREDENTIALS_V1, CREDENTIALS_V2, OPEN_BADGES
from tests.credential.cases import signed
from tests.credential.shared import DATA, needs_data, read_json


def _schema(kind: str) -> Any:
    import jsonschema_rs

    path = DATA / "schemas" / "open-badges" / "v3_0" / f"ob_v3p0_{kind}_schema.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text()))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found.extend(_paths(item, (*path, key)))
    return found


def _changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with the value at a path replaced, or taken out where `value` is ..."""
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


@needs_data
@pytest.mark.parametrize("value", [..., 5, [], {}, "x y", ["Wrong"], True])
@pytest.mark.parametrize(
    ("kind", "name"),
    [("achievementcredential", "complete.json"), ("endorsementcredential", "endorsement-valid.json")],
)
def test_what_the_schema_refuses_we_refuse(kind: str, name: str, value: Any) -> None:
    """One change anywhere in a complete credential, with the published schema as judge.

    The schema knows closed lists of words (achievementType, identityType…) that it lets issuers extend, and
    members of proofs and endorsements, which have checks of their own; those are left out.
    """
    judge = _schema(kind)
    document = read_json("1edtech", "ob30", name)
    assert judge.is_valid(document) and shape.problems(document, KNOWN) == []
    left_out = {
        "proof", "achievementType", "identityType", "identifierType", "targetType", "resultType", "dateOfBirth",
        "termsOfUse", "credentialSchema", "refreshService", "endorsement",
    }  # fmt: skip
    checked = 0
    for path in _paths(document):
        if left_out & set(path):
            continue
        changed = _changed(document, path, value)
        if not judge.is_valid(changed):
            checked += 1
            assert shape.problems(changed, KNOWN), (path, value)
    assert checked > 2


@needs_data
@pytest.mark.parametrize("name", ["ob30/simple.json", "ob30/complete.json", "ob30/endorsement-valid.json"])
def test_published_examples_have_no_problems(name: str) -> None:
    assert shape.problems(read_json("1edtech", *name.split("/")), KNOWN) == []


def _base(**changes: Any) -> dict[str, Any]:
    document = {**signed(), **changes}
    return {key: value for key, value in document.items() if value is not ...}


SUBJECT = signed()["credentialSubject"]
CASES: list[tuple[dict[str, Any], str]] = [
    ({"@context": [OPEN_BADGES, CREDENTIALS_V2]}, "@context does not begin with the W3C"),
    ({"@context": ...}, "@context does not begin with the W3C"),
    ({"@context": [{}, OPEN_BADGES]}, "@context does not begin with the W3C"),
    ({"@context": [CREDENTIALS_V2, OPEN_BADGES, "https://x.example/"]}, "https://x.example/ is not one we know"),
    ({"@context": [CREDENTIALS_V2, OPEN_BADGES, {"a": "urn:a"}]}, "a context of its own"),
    ({"@context": [CREDENTIALS_V2]}, "lacks the Open Badges 3.0 context"),
    ({"type": ["OpenBadgeCredential"]}, "does not say that it is a VerifiableCredential"),
    ({"type": "VerifiableCredential"}, "not a kind of credential we know"),
    ({"type": ["VerifiableCredential", "ClrCredential"]}, "lacks the Comprehensive Learner Record context"),
    ({"validFrom": ...}, "validFrom is missing"),
    ({"validFrom": "2026-01-01"}, "validFrom must be a date and time"),
    ({"validFrom": "2026-01-01T00:00:00"}, "validFrom must be a date and time"),
    ({"issuer": "college"}, "issuer must be an absolute address or an object"),
    ({"issuer": 5}, "issuer must be an object"),
    ({"issuer": []}, ""),
    ({"issuer": {"id": "urn:x", "type": ["Person"]}}, "issuer.type must include Profile"),
    ({"credentialSubject": "x"}, "credentialSubject must be an object"),
    ({"credentialSubject": [SUBJECT]}, "credentialSubject must be one object"),
    ({"credentialSubject": {**SUBJECT, "result": [{"type": "Result", "status": "Done"}]}}, "result states"),
    ({"name": {"en": 5}}, "name must be text"),
    ({"name": []}, "name must be text"),
    ({"name": [["x"]]}, "name must be text"),
    ({"image": {"id": "x", "type": "Image"}}, "image.id must be an absolute address"),
    ({"endorsementJwt": ["x"]}, "endorsementJwt must be compact JWTs"),
    ({"credentialStatus": {"id": "urn:x"}}, "credentialStatus must be an object with a type"),
    ({"credentialStatus": [{"type": "x", "id": "relative"}]}, "credentialStatus must be an object with a type"),
    ({"credentialStatus": []}, "credentialStatus must be an object with a type"),
]


@pytest.mark.parametrize(("changes", "words"), CASES)
def test_each_problem_is_named(changes: dict[str, Any], words: str) -> None:
    assert words in " ".join(shape.problems(_base(**changes), KNOWN))


GOOD: list[dict[str, Any]] = [
    {"issuer": "did:web:college.example"},
    {"name": {"@value": "x", "@language": "en"}},
    {"name": [{"@value": "x", "@language": "en"}, {"@value": "y", "@language": "es"}]},
    {"description": {"en": "x"}},
    {"image": {"id": "https://a.example/i.png", "type": "Image", "caption": "x"}},
    {"endorsementJwt": "a.b.c"},
    {"@context": [CREDENTIALS_V1, OPEN_BADGES], "issuanceDate": "2026-01-01T00:00:00Z", "validFrom": ...},
    {"@context": [CREDENTIALS_V1, OPEN_BADGES]},
    {"validFrom": "2026-01-01T00:00:00.123+05:30"},
    {"evidence": {"type": "Evidence"}},
]


@pytest.mark.parametrize("changes", GOOD)
def test_forms_that_are_allowed(changes: dict[str, Any]) -> None:
    assert shape.problems(_base(**changes), KNOWN) == []


def test_the_older_model_needs_its_own_date() -> None:
    document = _base(**{"@context": [CREDENTIALS_V1, OPEN_BADGES], "validFrom": ...})
    assert shape.problems(document, KNOWN) == ["issuanceDate is missing."]


def test_inline_contexts_only_where_they_are_let_in() -> None:
    document = _base(**{"@context": [CREDENTIALS_V2, OPEN_BADGES, {"a": "urn:a"}]})
    assert shape.problems(document, Contexts(inline=True)) == []


def test_only_so_many_problems_are_told() -> None:
    document = _base()
    document["credentialSubject"]["achievement"]["alignment"] = [{}] * 100
    assert len(shape.problems(document, KNOWN)) == shape.MAX_PROBLEMS
