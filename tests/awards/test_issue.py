"""A confirmed decision becomes one signed credential, once."""

from __future__ import annotations

from datetime import datetime

from fieldstone import credential
from fieldstone.server.awards import actions
from tests.awards.makers import make_review
from tests.cast import Cast


def test_a_decision_becomes_a_signed_credential(cast: Cast, at: datetime) -> None:
    review = make_review(cast.learner, cast.home.version, at)
    award = actions.issue(review=review, by=cast.home.approver, at=at)
    body = credential.loads(award.document.body.encode())
    assert body["name"] == "Observing and recording behavior"
    assert body["credentialSubject"]["identifier"][0]["identityHash"] == "Marisol Vega"
    assert len(body["credentialStatus"]) == 2
    assert body["issuer"]["id"].startswith("did:key:z6Mk")
    print(award.document.body)
