"""A person changes what she says of herself; credentials that waited for her name are issued with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.assessment.models import Review
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import User


@transaction.atomic
def change_profile(*, user: User, name: str, language: str, phone: str, area: str, keys_on: bool, at: datetime) -> None:
    """Save the profile, then issue what was decided while there was no name. Raises Refused for a bad field."""
    people.change_profile(user=user, name=name, language=language, phone=phone, area=area, keys_on=keys_on, at=at)
    waiting = Review.objects.filter(
        submission__enrollment__learner=user, state="decided", outcome="demonstrated", award=None
    )
    for review in waiting.order_by("decided_at"):
        confirm_decision.award(review=review, by=None, at=at)
