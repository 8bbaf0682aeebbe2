"""A learner puts a stack on her path; when she holds everything that it asks for, it is awarded at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.journeys.confirm_decision import award_stacks
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Pursuit, Stack
from fieldstone.server.people.models import User


@transaction.atomic
def follow_stack(*, stack: Stack, by: User, at: datetime) -> Pursuit:
    """Follow a stack; twice is once. Raises Refused when it is not open."""
    pursuit = pathways.follow(learner=by, stack=stack, at=at)
    if by.name.strip():
        award_stacks(learner=by, by=by, at=at)
    return pursuit
