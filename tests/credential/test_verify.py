"""The twelve checks, one fault at a time."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import multibase, proofs
from fieldstone.credential.contexts import CLR, CREDENTIALS_V2, OPEN_BADGES
from fieldstone.credential.report import CHECKS, NEEDED
from tests.credential.cases import ACHIEVEMENT, AT, CREDENTIAL, KEY, LIST_URL, signed

WEB = "did:web:college.example"
OTHER = c.SigningKey.from_seed(b"other key of thirty-two bytes!!!")


def _verify(document: Any, resolver: c.Resolver | None = None, **options: Any) -> c.Report:
    return c.verify(document, resolver=resolver or c.Offline(), at=options.pop("at", AT), **options)


def _check(report: c.Report, name: str) -> c.Check:
    found = report.check(name)
    assert found is not None, report.to_json()
    return found


def _said(report: c.Report, name: str) -> tuple[str, str]:
    check = _check(report, name)
    return str(check.outcome), check.code


PLAIN = signed(status=())


def _again(change: Callable[[dict[str, Any]], object], key: c.SigningKey = KEY, **options: Any) -> dict[str, Any]:
    """The plain credential, changed and signed again."""
    document = copy.deepcopy(proofs.without_proof(PLAIN))
    change(document)
    return c.sign(document, key=key, created=AT, **options)


def test_a_good_credential_passes_every_check_in_order() -> None:
    report = _verify(c.dumps(PLAIN), policy=c.TrustedIssuers([KEY.controller]))
    assert report.verdict == "verified"
    assert [check.number for check in report.checks] == list(range(1, 11))
    assert [check.name for check in report.checks] == [name for _, name, _, _ in CHECKS][:10]
    outcomes = {check.name: str(check.outcome) for check in report.checks}
    assert outcomes.pop("recipient") == "could_not_tell"
    assert set(outcomes.values()) == {"passed"}
    for check in report.checks:
        assert check.detail.endswith(".") and check.question.endswith("?") and check.reference
        assert check.needed == (check.name in NEEDED) == (check.number <= 8)


def test_numbers_and_names_are_fixed() -> None:
    names = "parse schema proof key signature controller dates status issuer recipient endorsements evidence"
    assert [(number, name) for number, name, _, _ in CHECKS] == list(enumerate(names.split(), 1))


def test_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(c.CredentialError):
        _verify(PLAIN, at=datetime(2026, 1, 1))


@pytest.mark.parametrize("path", ["name", "id", "validUntil", "achievement", "identifier", "proof"])
def test_one_changed_character_anywhere_is_seen(path: str) -> None:
    text = c.dumps(PLAIN).decode()
    swaps = {
        "name": ("Builds a stock fence", "Builds a stock fance"), "id": ("000099", "000098"),
        "validUntil": ("2029-", "2039-"), "achievement": ("100 feet", "900 feet"), "identifier": ("Ana", "Ada"),
        "proof": ("2026-03-02T12", "2026-03-02T13"),
    }  # fmt: skip
    changed = text.replace(*swaps[path])
    assert changed != text
    assert _said(_verify(changed), "signature") == ("failed", "wrong_signature")


def test_white_space_and_order_do_not_matter() -> None:
    assert _verify(json.dumps(PLAIN, indent=3, sort_keys=True)).verdict == "verified"


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
def test_every_suite_that_we_make(suite: str) -> None:
    for kind in ("Ed25519",) if suite.startswith("ed") else ("P-256", "P-384"):
        key = c.generate_key(kind)
        document = _again(lambda d, name=key.controller: d["issuer"].update(id=name), key, suite=suite)  # type: ignore[misc]
        assert _verify(document).verdict == "verified"
        document["description"] = "more"
        assert _said(_verify(document), "signature") == ("failed", "wrong_signature")


PROOF = PLAIN["proof"]


@pytest.mark.parametrize(
    ("proof", "outcome", "code"),
    [
        (None, "failed", "no_proof"), ([], "failed", "no_proof"), ("x", "failed", "bad_proof"),
        ([PROOF, 5], "failed", "bad_proof"), ([PROOF] * 21, "failed", "bad_proof"),
        ({**PROOF, "cryptosuite": "rot13"}, "could_not_tell", "unknown_suite"),
        ({**PROOF, "cryptosuite": ["x"]}, "could_not_tell", "unknown_suite"),
        ({**PROOF, "cryptosuite": "Ed25519Signature2020"}, "could_not_tell", "unknown_suite"),
        ({**PROOF, "type": "eddsa-rdfc-2022"}, "could_not_tell", "unknown_suite"),
        ({**PROOF, "verificationMethod": 5}, "failed", "bad_proof"),
        ({**PROOF, "verificationMethod": ""}, "failed", "bad_proof"),
        ({**PROOF, "proofPurpose": None}, "failed", "bad_proof"),
        ({**PROOF, "proofValue": "x" + PROOF["proofValue"]}, "failed", "bad_proof"),
        ({**PROOF, "created": "yesterday"}, "failed", "bad_date"),
        ({**PROOF, "expires": "2026-01-01T00:00:00"}, "failed", "bad_date"),
        ({**PROOF, "previousProof": "urn:gone"}, "failed", "bad_chain"),
        ({**PROOF, "previousProof": ["urn:gone", {}]}, "failed", "bad_chain"),
        ({**PROOF, "@context": "urn:other"}, "failed", "bad_proof"),
    ],
)  # fmt: skip
def test_proofs(proof: Any, outcome: str, code: str) -> None:
    document = {**PLAIN, "proof": proof}
    report = _verify(document)
    assert _said(report, "proof") == (outcome, code)
    assert report.verdict == ("not_verified" if outcome == "failed" else "could_not_tell")


def test_a_proof_may_repeat_the_documents_contexts() -> None:
    document = _again(lambda d: None, suite="eddsa-jcs-2022")
    assert document["proof"]["@context"] == document["@context"]
    wider = {**document, "@context": [*document["@context"], "https://w3id.org/security/multikey/v1"]}
    assert _verify(wider).verdict == "verified"  # the proof says with which contexts it was made


def test_proof_values_that_cannot_be_read() -> None:
    document = {**PLAIN, "proof": {**PROOF, "proofValue": "z0OIl"}}
    assert _said(_verify(document), "signature") == ("failed", "bad_multibase")


def test_a_proof_with_undefined_words() -> None:
    document = {**PLAIN, "proof": {**PROOF, "nonsense": "x"}}
    assert _said(_verify(document), "signature") == ("failed", "undefined_term")


def test_undefined_words_in_the_document() -> None:
    report = _verify({**PLAIN, "nonsense": "x"})
    assert _said(report, "schema") == ("failed", "undefined_term")
    assert _said(report, "signature") == ("could_not_tell", "not_reached")


def test_jcs_needs_known_contexts_too() -> None:
    document = _again(lambda d: d["@context"].append("https://x.example/c"), suite="eddsa-jcs-2022")
    report = _verify(document)
    assert _said(report, "schema") == ("failed", "wrong_shape")
    assert report.verdict == "not_verified"


def test_a_second_proof_by_someone_else_counts_too() -> None:
    bare = proofs.without_proof(PLAIN)
    options = {**{k: v for k, v in PROOF.items() if k != "proofValue"}, "verificationMethod": OTHER.id}
    message = proofs.SUITES["eddsa-rdfc-2022"].message(bare, options, "Ed25519", c.KNOWN)
    second = {**options, "proofValue": multibase.encode(OTHER.sign(message))}
    assert _verify({**bare, "proof": [PROOF, second]}).verdict == "verified"
    report = _verify({**bare, "proof": [second]})
    assert _said(report, "controller") == ("failed", "not_issuer")
    wrong = {**second, "created": "2026-03-02T12:00:01Z"}
    assert _said(_verify({**bare, "proof": [PROOF, wrong]}), "signature") == ("failed", "wrong_signature")
    lost = {**second, "verificationMethod": f"{WEB}#k"}
    assert _said(_verify({**bare, "proof": [PROOF, lost]}), "key") == ("could_not_tell", "key_unreachable")
    bad = {**second, "verificationMethod": "did:key:zzz#zzz"}
    assert _said(_verify({**bare, "proof": [lost, bad]}), "key")[0] == "failed"
    assert _said(_verify({**bare, "proof": [bad, lost]}), "key")[0] == "failed"


def test_a_bare_did_key_is_accepted_as_method() -> None:
    bare = proofs.without_proof(PLAIN)
    key = replace(KEY, id=KEY.controller)
    assert _verify(c.sign(bare, key=key, created=AT)).verdict == "verified"


def _web(**changes: Any) -> tuple[dict[str, Any], c.Offline]:
    key = KEY.controlled_by(WEB)
    document = _again(lambda d: d["issuer"].update(id=WEB), key)
    return document, c.Offline({WEB: {**c.did_document(WEB, [key.public]), **changes}})


def test_did_web() -> None:
    document, resolver = _web()
    assert _verify(document, resolver).verdict == "verified"
    report = _verify(document)
    assert _said(report, "key") == ("could_not_tell", "key_unreachable")
    assert report.verdict == "could_not_tell"


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"verificationMethod": []}, "key", ("failed", "key_missing")),
        ({"id": "did:web:other.example"}, "key", ("failed", "key_missing")),
        ({"assertionMethod": []}, "controller", ("failed", "wrong_purpose")),
    ],
)
def test_did_documents_that_do_not_fit(changes: dict[str, Any], name: str, said: tuple[str, str]) -> None:
    document, resolver = _web(**changes)
    assert _said(_verify(document, resolver), name) == said


def test_keys_that_were_withdrawn() -> None:
    document, resolver = _web()
    method = resolver.dids[WEB]["verificationMethod"][0]
    for member in ("revoked", "expires"):
        resolver.dids[WEB] = {**resolver.dids[WEB], "verificationMethod": [{**method, member: "2026-03-01T00:00:00Z"}]}
        assert _said(_verify(document, resolver), "key") == ("failed", "key_revoked")
        assert _verify(document, resolver, at=AT - timedelta(days=1, hours=13)).verdict == "not_verified"
    later = {**method, "revoked": "2030-01-01T00:00:00Z"}
    resolver.dids[WEB] = {**resolver.dids[WEB], "verificationMethod": [later]}
    assert _verify(document, resolver).verdict == "verified"


def test_a_key_of_another_kind() -> None:
    key = c.generate_key("P-256")
    document = {**PLAIN, "proof": {**PROOF, "verificationMethod": key.id}}
    assert _said(_verify(document), "key") == ("failed", "wrong_key_kind")


def test_a_key_that_says_another_controls_it() -> None:
    document, resolver = _web()
    method = {**resolver.dids[WEB]["verificationMethod"][0], "controller": "did:web:other.example"}
    resolver.dids[WEB] = {**resolver.dids[WEB], "verificationMethod": [method]}
    assert _said(_verify(document, resolver), "controller") == ("failed", "not_controller")


def test_the_wrong_purpose() -> None:
    document = _again(lambda d: None, purpose="authentication")
    assert _said(_verify(document), "controller") == ("failed", "wrong_purpose")


def test_an_issuer_may_list_a_key_that_lives_elsewhere() -> None:
    bare = copy.deepcopy(proofs.without_proof(PLAIN))
    bare["issuer"]["id"] = WEB
    document = c.sign(bare, key=replace(KEY, controller=WEB), created=AT)
    listed = c.did_document(WEB, [KEY.public])
    assert _said(_verify(document, c.Offline({WEB: listed})), "controller") == ("passed", "listed_key")
    other = c.did_document(WEB, [OTHER.public])
    assert _said(_verify(document, c.Offline({WEB: other})), "controller") == ("failed", "not_issuer")
    login = {**listed, "assertionMethod": []}
    assert _said(_verify(document, c.Offline({WEB: login})), "controller") == ("failed", "not_issuer")
    assert _said(_verify(document), "controller") == ("could_not_tell", "issuer_unreachable")


def test_an_issuer_that_is_a_bare_name() -> None:
    bare = copy.deepcopy(proofs.without_proof(PLAIN))
    bare["issuer"] = "urn:uuid:00000000-0000-4000-8000-000000000001"
    document = c.sign(bare, key=replace(KEY, controller=bare["issuer"]), created=AT)
    report = _verify(document)
    assert _said(report, "controller") == ("could_not_tell", "issuer_has_no_keys")
    assert (report.verdict, report.issuer_id, report.issuer_name) == ("could_not_tell", bare["issuer"], "")


def test_dates() -> None:
    for at, said in (
        (datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), ("failed", "not_yet")),
        (datetime(2026, 3, 1, tzinfo=UTC), ("passed", "in_time")),
        (datetime(2029, 3, 1, tzinfo=UTC), ("passed", "in_time")),
        (datetime(2029, 3, 1, 0, 0, 1, tzinfo=UTC), ("failed", "expired")),
    ):
        assert _said(_verify(PLAIN, at=at), "dates") == said
    document = {**PLAIN, "validUntil": "soon"}
    assert _said(_verify(document), "dates") == ("failed", "bad_date")


def test_a_proof_that_has_run_out() -> None:
    bare = proofs.without_proof(PLAIN)
    options = {**{k: v for k, v in PROOF.items() if k != "proofValue"}, "expires": "2026-03-03T00:00:00Z"}
    message = proofs.SUITES["eddsa-rdfc-2022"].message(bare, options, "Ed25519", c.KNOWN)
    document = {**bare, "proof": {**options, "proofValue": multibase.encode(KEY.sign(message))}}
    assert _verify(document).verdict == "verified"
    assert _said(_verify(document, at=AT + timedelta(days=2)), "dates") == ("failed", "expired")


def test_status_is_asked_only_of_genuine_documents() -> None:
    asked: list[str] = []

    class Counting(c.Offline):
        def fetch(self, url: str) -> bytes:
            asked.append(url)
            return super().fetch(url)

    changed = {**signed(), "name": "Other"}
    assert _said(_verify(changed, Counting()), "status") == ("could_not_tell", "not_reached")
    assert asked == []
    _verify(signed(), Counting())
    assert asked == [LIST_URL]


def test_trust_is_a_value() -> None:
    assert _said(_verify(PLAIN), "issuer") == ("could_not_tell", "no_list")
    assert not _check(_verify(PLAIN), "issuer").needed
    report = _verify(PLAIN, policy=c.TrustedIssuers(["did:web:other.example"]))
    assert (_said(report, "issuer"), report.verdict) == (("failed", "not_trusted"), "not_verified")
    assert _verify(PLAIN, policy=c.AnyIssuer()).verdict == "verified"


def test_the_recipient_is_for_people_to_compare() -> None:
    assert _said(_verify(PLAIN), "recipient") == ("could_not_tell", "compare")
    held = signed(status=(), subject_id=OTHER.controller)
    assert _said(_verify(held), "recipient") == ("could_not_tell", "holder_not_asked")


def _endorsement(key: c.SigningKey = OTHER, **changes: Any) -> dict[str, Any]:
    values = {
        "id": "urn:uuid:e", "issuer": c.Profile(id=key.controller, name="Ranch"), "name": "We hire on this",
        "about": ACHIEVEMENT.id, "comment": "Two hires so far.", "valid_from": AT - timedelta(days=1),
    }  # fmt: skip
    return c.sign(c.build_endorsement(c.Endorsement(**{**values, **changes})), key=key, created=AT)


@pytest.mark.parametrize(
    ("endorsement", "outcome", "code"),
    [
        (_endorsement(), "passed", "genuine"),
        (_endorsement(about=KEY.controller), "passed", "genuine"),
        (_endorsement(about=CREDENTIAL.id), "passed", "genuine"),
        (_endorsement(about="urn:uuid:other"), "failed", "of_another"),
        ({**_endorsement(), "name": "Changed"}, "failed", "not_genuine"),
        (proofs.without_proof(_endorsement()), "failed", "not_genuine"),
        (_endorsement(valid_until=AT - timedelta(hours=1)), "could_not_tell", "lapsed"),
        (_endorsement(status=(c.StatusEntry(list_url=LIST_URL, index=1),)), "could_not_tell", "unanswered"),
    ],
)
def test_endorsements(endorsement: dict[str, Any], outcome: str, code: str) -> None:
    report = _verify(signed(status=(), endorsements=(endorsement,)))
    assert _said(report, "endorsements") == (outcome, code)
    assert report.verdict == ("not_verified" if outcome == "failed" else "verified")


def test_endorsements_of_changed_or_overloaded_documents_are_not_asked() -> None:
    document = {**signed(status=(), endorsements=(_endorsement(),)), "name": "Other"}
    assert _said(_verify(document), "endorsements") == ("could_not_tell", "not_reached")
    many = signed(status=(), endorsements=tuple(_endorsement(id=f"urn:uuid:{n}") for n in range(21)))
    assert _said(_verify(many), "endorsements") == ("could_not_tell", "not_reached")


def test_several_equal_endorsements_are_told_apart() -> None:
    """Several named graphs that are all alike: a known trap of canonicalization."""
    document = signed(status=(), endorsements=tuple(_endorsement(id=f"urn:uuid:{n}") for n in range(5)))
    assert _said(_verify(document), "endorsements") == ("passed", "genuine")


def _record(*inner: Any) -> dict[str, Any]:
    return c.sign(
        {
            "@context": [CREDENTIALS_V2, CLR, OPEN_BADGES],
            "id": "urn:uuid:record", "type": ["VerifiableCredential", "ClrCredential"], "name": "Record",
            "issuer": {"id": OTHER.controller, "type": ["Profile"], "name": "College"},
            "validFrom": "2026-03-01T00:00:00Z",
            "credentialSubject": {"type": ["ClrSubject"], "verifiableCredential": list(inner)},
        },
        key=OTHER, created=AT,
    )  # fmt: skip


def test_a_learner_record_is_as_good_as_what_it_encloses() -> None:
    report = _verify(_record(PLAIN))
    assert (_said(report, "endorsements"), report.verdict) == (("passed", "genuine"), "verified")
    report = _verify(_record(PLAIN, {**PLAIN, "name": "Changed"}))
    assert (_said(report, "endorsements"), report.verdict) == (("failed", "not_genuine"), "not_verified")
    vouched = _verify(_record(proofs.without_proof(PLAIN)))  # unsigned: the record's issuer vouches for it
    assert (vouched.check("endorsements"), vouched.verdict) == (None, "verified")


FILE = "https://college.example/evidence/7/photo.jpg"


@pytest.mark.parametrize(
    ("digest", "outcome", "code"),
    [
        ({"digestSRI": c.digest_sri(b"photo")}, "passed", "same_files"),
        ({"digestSRI": c.digest_sri(b"other")}, "failed", "changed_file"),
        ({"digestSRI": "md5-AAAA"}, "could_not_tell", "unanswered"),
        ({"digestMultibase": multibase.encode(b"\x12\x20" + hashlib.sha256(b"photo").digest())},
         "passed", "same_files"),
        ({"digestMultibase": "u" + multibase.base64url_encode(b"\x20\x30" + hashlib.sha384(b"other").digest())},
         "failed", "changed_file"),
        ({"digestMultibase": "u" + multibase.base64url_encode(b"\x13\x40" + hashlib.sha512(b"photo").digest())},
         "passed", "same_files"),
        ({"digestMultibase": "u" + multibase.base64url_encode(hashlib.sha256(b"photo").digest())}, "passed", "same_files"),
        ({"digestMultibase": "u" + multibase.base64url_encode(hashlib.sha512(b"other").digest())},
         "failed", "changed_file"),
        ({"digestMultibase": "zz"}, "could_not_tell", "unanswered"),
    ],
)  # fmt: skip
def test_files(digest: dict[str, str], outcome: str, code: str) -> None:
    document = _again(lambda d: d.update(relatedResource=[{"id": FILE, **digest}]))
    report = _verify(document, c.Offline({}, {FILE: b"photo"}))
    assert _said(report, "evidence") == (outcome, code)
    assert report.verdict == ("not_verified" if outcome == "failed" else "verified")


def test_files_that_nobody_serves_and_files_of_changed_documents() -> None:
    resource = c.Resource(id=FILE, digest_sri=c.digest_sri(b"photo"), media_type="image/jpeg")
    document = signed(status=(), resources=(resource,))
    assert _said(_verify(document), "evidence") == ("could_not_tell", "unanswered")
    assert _said(_verify({**document, "name": "x"}), "evidence") == ("could_not_tell", "not_reached")
    many = signed(status=(), resources=tuple(replace(resource, id=f"{FILE}?{n}") for n in range(21)))
    assert _said(_verify(many), "evidence") == ("could_not_tell", "not_reached")


def test_questions_are_asked_once() -> None:
    asked: list[str] = []

    class Counting(c.Offline):
        def did(self, did: str) -> dict[str, Any]:
            asked.append(did)
            return super().did(did)

    document, resolver = _web()
    counting = Counting(resolver.dids)
    endorsements = tuple(
        c.sign(
            {**proofs.without_proof(_endorsement(id=f"urn:uuid:{n}")), "issuer": WEB},
            key=KEY.controlled_by(WEB), created=AT,
        )
        for n in range(3)
    )  # fmt: skip
    document = _again(
        lambda d: d.update(issuer={**d["issuer"], "id": WEB}, endorsement=list(endorsements)), KEY.controlled_by(WEB)
    )
    assert _verify(document, counting).verdict == "verified"
    assert asked == [WEB]


def test_words_for_display() -> None:
    report = _verify(PLAIN)
    assert report.title == "Builds a stock fence"
    assert report.recipient_name == "Ana Reyes"
    assert (report.issuer_id, report.issuer_name) == (KEY.controller, "Plains College")
    assert (report.valid_from, report.valid_until) == ("2026-03-01T00:00:00Z", "2029-03-01T00:00:00Z")
    assert report.description.startswith("Can plan") and report.criteria.startswith("Plan, build")
    assert report.check("nonsense") is None


@pytest.mark.parametrize(
    ("document", "title", "recipient"),
    [
        ({}, "", ""),
        ({"name": {"@value": "x", "@language": "en"}}, "x", ""),
        ({"name": [{"en": "y"}]}, "y", ""),
        ({"name": [{}, 5]}, "", ""),
        ({"credentialSubject": {"achievement": {"name": "z"}, "name": "Ana"}}, "z", "Ana"),
        ({"credentialSubject": {"identifier": {"identityType": "name", "identityHash": "Ana", "hashed": True}}}, "", ""),
        ({"credentialSubject": {"identifier": {"identityType": "name", "identityHash": "Ana", "hashed": False}}}, "", "Ana"),
        ({"credentialSubject": {"identifier": [5, {"identityType": "emailAddress"}]}}, "", ""),
    ],
)  # fmt: skip
def test_words_from_any_document(document: dict[str, Any], title: str, recipient: str) -> None:
    report = c.Report((), document)
    assert (report.title, report.recipient_name) == (title, recipient)


def test_the_report_as_json() -> None:
    report = json.loads(json.dumps(_verify(PLAIN).to_json()))
    assert report["verdict"] == "verified"
    assert report["checks"][4] == {
        "number": 5, "name": "signature", "outcome": "passed", "code": "unchanged",
        "detail": "Not one character was changed since it was signed.",
        "reference": "VC Data Integrity 1.0 section 4.4", "needed": True,
    }  # fmt: skip
