"""Comprehensive Learner Records: built around signed credentials, against the official schema and our own verifier."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from fieldstone import credential as c
from tests.credential.cases import ACHIEVEMENT, AT, CREDENTIAL, KEY, LIST_URL, signed
from tests.credential.shared import DATA, needs_data

STACK = replace(
    ACHIEVEMENT, id="https://college.example/achievements/rancher", name="Ranch hand", achievement_type="Certificate"
)


def part(number: int, **changes: Any) -> dict[str, Any]:
    achievement = replace(ACHIEVEMENT, id=f"https://college.example/achievements/{number}", name=f"Part {number}")
    return signed(id=f"https://college.example/c/{number}", achievement=achievement, status=(), **changes)


def whole(count: int = 3, **changes: Any) -> c.Record:
    parts = tuple(part(number) for number in range(count))
    own = signed(id="https://college.example/c/whole", achievement=STACK, status=())
    record = c.Record(
        id="urn:uuid:00000000-0000-4000-8000-000000000777",
        issuer=CREDENTIAL.issuer,
        name="Ranch hand, with its parts",
        valid_from=AT,
        credentials=(own, *parts),
        associations=tuple(
            c.Association(
                source_id=item["credentialSubject"]["achievement"]["id"],
                target_id=STACK.id,
            )
            for item in parts
        ),
        identities=(c.Identity.of_name("Ana Reyes"),),
        is_partial=False,
    )
    return replace(record, **changes)


def sealed(record: c.Record) -> dict[str, Any]:
    return c.sign(c.build_record(record), key=KEY, created=AT)


def verdict(document: Any) -> c.Report:
    return c.verify(c.dumps(document), resolver=c.Offline(), at=AT)


def found(document: dict[str, Any]) -> list[str]:
    path = DATA / "schemas" / "clr" / "v2_0" / "clr_v2p0_clrcredential_schema.json"
    validator = jsonschema_rs.validator_for(json.loads(path.read_text()))
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(document)]


@needs_data
def test_a_record_satisfies_the_published_schema() -> None:
    record = replace(
        whole(), achievements=(STACK,), valid_until=CREDENTIAL.valid_until, description="All of it.",
        status=(c.StatusEntry(list_url=LIST_URL, index=5),),
    )  # fmt: skip
    assert found(sealed(record)) == []
    broken = sealed(record)
    broken["credentialSubject"]["association"][0]["associationType"] = "isFriendOf"
    assert found(broken)


def test_a_record_verifies_with_everything_in_it() -> None:
    document = sealed(whole())
    report = verdict(document)
    assert report.verdict == c.Verdict.VERIFIED, [check.to_json() for check in report.checks]
    inner = report.check("endorsements")
    assert inner is not None and inner.code == "genuine"
    assert document["credentialSubject"]["verifiableCredential"][1] == part(0)
    assert document["credentialSubject"]["association"][0] == {
        "type": "Association",
        "associationType": "isChildOf",
        "sourceId": "https://college.example/achievements/0",
        "targetId": STACK.id,
    }


def test_a_record_of_many_parts_is_signed_and_checked_in_time() -> None:
    start = time.process_time()
    assert verdict(sealed(whole(20))).verdict in (c.Verdict.VERIFIED, c.Verdict.COULD_NOT_TELL)
    assert time.process_time() - start < 5


def test_attack_a_credential_swapped_in_a_record() -> None:
    document = sealed(whole())
    other = copy.deepcopy(document)
    other["credentialSubject"]["verifiableCredential"][1] = part(9)
    assert verdict(other).verdict == c.Verdict.NOT_VERIFIED
    other = copy.deepcopy(document)
    other["credentialSubject"]["association"].pop()
    assert verdict(other).verdict == c.Verdict.NOT_VERIFIED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"credentials": ()}, "not_signed"),
        ({"credentials": ({"id": "urn:x:1"},)}, "not_signed"),
        ({"credentials": (part(1), part(1))}, "enclosed_twice"),
        ({"associations": (c.Association(source_id="urn:x:1", target_id=STACK.id),)}, "bad_association"),
        ({"associations": (c.Association(source_id=STACK.id, target_id=STACK.id, association_type="isFriendOf"),)},
         "bad_association"),
        ({"credentials": ({"id": "urn:x:1", "proof": {}, "credentialSubject": {"achievement": {"id": 1}}},)},
         "bad_association"),
        ({"credentials": ({"id": "urn:x:1", "proof": {}, "credentialSubject": {}},)}, "bad_association"),
        ({"credentials": ({"id": "urn:x:1", "proof": {}},)}, "bad_association"),
        ({"id": "record"}, "bad_address"),
    ],
)  # fmt: skip
def test_what_is_no_record(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(c.CredentialError) as caught:
        c.build_record(whole(**changes))
    assert caught.value.code == code
