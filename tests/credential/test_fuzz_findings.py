"""What hostile input broke once, and must not break again (see tests/fuzz)."""

from __future__ import annotations

from typing import Any

from fieldstone import credential as c
from tests.credential.cases import AT, KEY


def test_attack_a_proof_with_contexts_in_a_document_without() -> None:
    """A proof may repeat the document's contexts; a document that has none is answered, not stumbled over."""
    signed: dict[str, Any] = c.sign(
        {"issuer": KEY.controller, "name": "x"}, key=KEY, created=AT, suite="eddsa-jcs-2022"
    )
    assert signed["proof"]["@context"] is None
    signed["proof"]["@context"] = ["https://www.w3.org/ns/credentials/v2"]
    report = c.verify(signed, resolver=c.Offline(), at=AT)
    assert report.verdict == "not_verified"
    assert report.check("proof").code == "bad_proof"


def test_attack_an_old_badge_whose_badge_does_not_answer() -> None:
    """Open Badges 2.0: the assertion is as its page says, who issued it stays open, and it has endorsements."""
    award, badge = "https://college.example/award", "https://college.example/badge"
    document = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": award,
        "recipient": {"type": "email", "hashed": False, "identity": "ana@example.org"},
        "issuedOn": "2026-01-01T00:00:00Z",
        "badge": badge,
        "verification": {"type": "hosted"},
        "endorsement": ["https://college.example/nowhere"],
    }
    page = c.dumps(document)
    report = c.verify(page, resolver=c.Offline({}, {award: page}), at=AT)
    assert report.verdict == "could_not_tell"
    assert report.check("signature").code == "same_as_page"
    assert report.check("endorsements").code == "unanswered"
