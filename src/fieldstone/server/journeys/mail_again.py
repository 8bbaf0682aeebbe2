"""The issuer sends the link to a credential once more: to its holder, or to somebody who has not picked it up yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from fieldstone.server.awards.models import Award
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.models import Entry
from fieldstone.server.people.models import User

MINUTE = timedelta(minutes=1)


@transaction.atomic
def mail_again(*, award: Award, name: str, email: str, last: Pickup | None, by: User | None, at: datetime) -> bool:
    """Mail the link; False where it was mailed less than a minute ago, and nothing was done. An award on somebody's
    page goes to her own address.

    Raises what `backpack.actions.make_pickup` does.
    """
    if award.learner_id is None:
        same = last is not None and last.email == email.strip().lower() and last.not_me_at is None
        if not (same and last is not None and timedelta(0) <= at - last.made_at < MINUTE):
            known = last or award.pickups.order_by("-made_at").first()
            language = known.language if known else "en"
            backpack.make_pickup(award=award, name=name, email=email, language=language, by=by, at=at)
            return True
    elif not Entry.objects.filter(verb="awards.link_sent", subject_id=award.pk, at__gt=at - MINUTE).exists():
        ledger.record(
            verb="awards.link_sent", subject=award, by=by.pk if by else None, at=at, organization=award.organization_id,
            tasks=("mail_award",),
        )  # fmt: skip
        return True
    return False
