"""A learner holds a recognizer to a promise: the claim is made, and the credential can be opened by its link.

A claim is worth nothing if the recognizer cannot check the credential; the form says so before it is sent.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.people.models import User
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.recognition.models import Claim, Promise


@transaction.atomic
def claim_promise(*, promise: Promise, award: Award, note: str, key: str, by: User, at: datetime) -> Claim:
    """Claim with an award of one's own; a private award opens to whoever has its link. Asked twice, it is one claim.

    Raises what `recognition.actions.claim` does.
    """
    claim = recognition.claim(promise=promise, award=award, note=note, key=key, by=by, at=at)
    if award.audience == "private":
        awards.share(award=award, audience="link", by=by, at=at)
    return claim
