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
