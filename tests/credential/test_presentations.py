"""Credentials shown by their holder: signed, unsigned, in envelopes; and shown by somebody else."""

from __future__ import annotations

import copy
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import jwt, presentations, proofs
from fieldstone.credential.errors import CredentialError, ProofError
from fieldstone.credential.jsonld import to_quads
from fieldstone.credential.presentations import (
    build_presentation,
    sign_presentation,
    sign_presentation_jwt,
    verify_presentation,
)
from fieldstone.credential.rdfc import canonicalize
from tests.credential.cases import ACHIEVEMENT, AT, KEY, signed

HOLDER = c.SigningKey.from_seed(bytes(range(1, 33)))
ASKED = {"challenge": "8f2c", "domain": "employer.example"}
BADGE = signed(status=(), subject_id=HOLDER.controller)
GATES = c.Criteria(narrative="Hang one gate.")
OTHER = signed(
    status=(),
    achievement=replace(ACHIEVEMENT, id="https://college.example/achievements/gate", criteria=GATES, alignments=()),
)


def _shown(*credentials: Any, holder: str | None = HOLDER.controller, suite: str = "eddsa-rdfc-2022") -> dict[str, Any]:
    bare = build_presentation(credentials or (BADGE,), holder=holder, id="urn:uuid:1")
    return sign_presentation(bare, key=HOLDER, created=AT, suite=suite, **ASKED)


def _verify(document: Any, **options: Any) -> presentations.PresentationReport:
    return verify_presentation(document, resolver=c.Offline(), at=options.pop("at", AT), **{**ASKED, **options})


def _failed(report: presentations.PresentationReport) -> list[tuple[str, str]]:
    return [(check.name, check.code) for check in report.checks if check.outcome == "failed"]


def _recipient(report: c.Report) -> str:
    check = report.check("recipient")
    assert check is not None
    return check.code


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_the_holder_shows_two_credentials(suite: str) -> None:
    report = _verify(c.dumps(_shown(BADGE, OTHER, suite=suite)))
    assert report.verdict == "verified"
    assert [_recipient(item) for item in report.credentials] == ["holder_proved", "compare"]
    assert len(report.to_json()["credentials"]) == 2


def test_as_a_token_bare_and_in_an_envelope() -> None:
    inner = jwt.sign({k: v for k, v in BADGE.items() if k != "proof"}, key=KEY)
    bare = build_presentation([inner], holder=HOLDER.controller)
    text = sign_presentation_jwt(bare, key=HOLDER, **ASKED)
    envelope = {
        "@context": c.contexts.CREDENTIALS_V2,
        "type": "EnvelopedVerifiablePresentation",
        "id": f"data:application/vp+jwt,{text}",
    }
    for document in (text, envelope):
        report = _verify(document)
        assert report.verdict == "verified"
        assert _recipient(report.credentials[0]) == "holder_proved"
    assert _failed(_verify({**envelope, "id": "data:application/vc+jwt,x"})) == [("parse", "unknown_envelope")]
    assert _failed(_verify(text, challenge="other")) == [("recipient", "not_asked")]
    late = jwt.write(
        {"typ": "vp+jwt", "kid": HOLDER.id},
        {**bare, "nonce": "8f2c", "aud": ["x", ASKED["domain"]], "iss": HOLDER.controller, "nbf": 1900000000},
        HOLDER,
    )
    assert _failed(_verify(late)) == [("dates", "not_yet")]
    over = jwt.write(
        {"typ": "vp+jwt", "kid": HOLDER.id},
        {**bare, "nonce": "8f2c", "aud": ASKED["domain"], "exp": 1772400000},
        HOLDER,
    )
    assert _failed(_verify(over)) == [("dates", "expired")]


def test_an_unsigned_presentation_only_where_that_is_wanted() -> None:
    bare = build_presentation([BADGE])
    assert _verify(bare, signed=False).verdict == "verified"
    assert _failed(_verify(bare)) == [("proof", "no_proof")]
    assert _failed(_verify({**bare, "undefined": 1}, signed=False)) == [("schema", "undefined_term")]
    changed = copy.deepcopy(bare)
    changed["verifiableCredential"][0]["name"] = "x"
    report = _verify(changed, signed=False)
    assert _failed(report) == [] and report.verdict == "not_verified"


def test_as_a_token_of_the_older_form() -> None:
    """Data model 1.1 section 6.3.1: the presentation is in a `vp` claim."""
    bare = build_presentation([BADGE], holder=HOLDER.controller)
    claims = {"iss": HOLDER.controller, "aud": ASKED["domain"], "nonce": ASKED["challenge"], "vp": bare}
    report = _verify(jwt.write({"typ": "JWT", "kid": HOLDER.id}, claims, HOLDER))
    assert report.verdict == "verified" and len(report.credentials) == 1
    newer = jwt.write({"typ": "vp+jwt", "kid": HOLDER.id}, claims, HOLDER)
    assert _failed(_verify(newer)) == [("schema", "wrong_shape")]
    other = {**claims, "nonce": "1"}
    assert _failed(_verify(jwt.write({"kid": HOLDER.id}, other, HOLDER))) == [("recipient", "not_asked")]


def _of_one_micro_credential(count: int) -> list[dict[str, Any]]:
    """Awards that differ in little: name, address, slot and signature."""
    return [
        signed(
            id=f"urn:uuid:00000000-0000-4000-8000-{n:012}",
            identities=(c.Identity.of_name(f"Learner {n}"),),
            status=(),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [2, 10, 50])
def test_many_credentials_of_one_micro_credential(count: int) -> None:
    """Their unnamed parts look alike until their neighbors are looked at; that takes steps, but not many."""
    started = time.process_time()
    shown = _shown(*_of_one_micro_credential(count), suite="eddsa-rdfc-2022")
    report = _verify(shown)
    assert report.verdict == "verified", report.to_json()
    assert time.process_time() - started < 0.1 * count + 0.5
    quads = list(to_quads(proofs.without_proof(shown), c.KNOWN))
    assert canonicalize(quads, work=4 * len(quads)) == canonicalize(reversed(quads))


def test_the_same_credential_ten_times() -> None:
    shown = _shown(*[BADGE] * 10, suite="eddsa-rdfc-2022")
    assert _verify(shown).verdict == "verified"


def test_without_a_holder_the_key_must_still_be_for_showing() -> None:
    report = _verify(_shown(holder=None))
    assert report.verdict == "verified" and report.checks[5].code == "no_holder"


@pytest.mark.parametrize(
    "change",
    [
        {"holder": 1}, {"holder": {"id": "relative"}}, {"type": ["Verifiable"]}, {"id": "relative"}, {"termsOfUse": {}},
        {"verifiableCredential": ["x.y.z"]}, {"@context": c.contexts.CREDENTIALS_V2},
        {"@context": [c.contexts.CREDENTIALS_V2, {"a": "urn:b"}]}, {"@context": [c.contexts.CREDENTIALS_V2, "urn:x"]},
    ],
)  # fmt: skip
def test_presentations_of_the_wrong_form(change: dict[str, Any]) -> None:
    assert ("schema", "wrong_shape") in _failed(_verify({**_shown(), **change}))


def test_attack_shown_again_to_another_verifier() -> None:
    shown = _shown()
    assert _failed(_verify(shown, domain="other.example")) == [("recipient", "not_asked")]
    assert _failed(_verify(shown, challenge="1")) == [("recipient", "not_asked")]
    assert _verify(shown, challenge=None, domain=None).checks[-1].code == "no_challenge"


def test_attack_shown_by_somebody_else() -> None:
    thief = c.generate_key()
    bare = build_presentation([BADGE], holder=thief.controller)
    report = _verify(sign_presentation(bare, key=thief, created=AT, **ASKED))
    assert _recipient(report.credentials[0]) == "of_another"
    forged = _shown()
    forged["holder"] = thief.controller
    assert [name for name, _ in _failed(_verify(forged))] == ["signature", "controller"]


def test_attack_an_issuers_statement_used_as_a_presentation() -> None:
    """A proof made for assertions is none for showing."""
    bare = build_presentation([BADGE], holder=HOLDER.controller)
    report = _verify({**c.sign(bare, key=HOLDER, created=AT)})
    assert ("controller", "wrong_purpose") in _failed(report)


def test_attack_too_many_credentials() -> None:
    shown = build_presentation([BADGE] * (presentations.MAX_CREDENTIALS + 1))
    assert ("endorsements", "too_many") in _failed(_verify(shown, signed=False))


def test_unknown_suites_and_unreadable_text() -> None:
    shown = _shown()
    shown["proof"]["cryptosuite"] = "new-2030"
    report = _verify(shown)
    assert report.verdict == "could_not_tell" and report.checks[-1].code == "no_signature"
    assert _failed(_verify(b"\xff")) == [("parse", "not_utf8")]
    single = {**build_presentation([]), "verifiableCredential": BADGE}
    assert len(_verify(single, signed=False).credentials) == 1


def test_refused_before_signing() -> None:
    for bare, suite, code in (
        (build_presentation([], holder=KEY.controller), "eddsa-rdfc-2022", "wrong_controller"),
        ({**build_presentation([]), "holder": {"id": KEY.controller}}, "eddsa-rdfc-2022", "wrong_controller"),
        (build_presentation([]), "ecdsa-rdfc-2019", "unknown_suite"),
        (_shown(), "eddsa-rdfc-2022", "already_signed"),
    ):
        with pytest.raises(ProofError) as caught:
            sign_presentation(bare, key=HOLDER, created=AT, suite=suite, **ASKED)
        assert caught.value.code == code
    with pytest.raises(CredentialError):
        _verify(_shown(), at=datetime(2026, 1, 1))
    assert _verify(_shown(), at=datetime(2026, 3, 3, tzinfo=UTC)).verdict == "verified"
