"""A person without an account picks her credential up by a link: it goes to her page, and stacks are looked at.

The link was mailed to one address; whoever uses it without being signed in hands the credential to the account of
that address, made now if there is none. Signing in there still takes a mailed code.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.awards import actions as awards
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.journeys.confirm_decision import award_stacks
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import User


@transaction.atomic
def pick_up(*, pickup: Pickup, user: User | None, at: datetime) -> User:
    """Make it hers: of the person who is signed in, else of the address that the link went to.

    Raises LinkEnded, and what `awards.hand_over` does.
    """
    learner = user or people.welcome(email=pickup.email, language=pickup.language, at=at)
    backpack.claim_pickup(pickup=pickup, by=learner, at=at)
    awards.hand_over(award=pickup.award, learner=learner, by=learner, at=at)
    if pickup.name:
        people.take_name(user=learner, name=pickup.name, at=at)
    learner.refresh_from_db()
    award_stacks(learner=learner, by=learner, at=at)
    return learner
