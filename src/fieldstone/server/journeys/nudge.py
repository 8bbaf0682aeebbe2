"""Learners who are one step from a stack are told so: once for each stack, and not before two quiet weeks.

Once a day, in the daytime, each organization that has somebody to tell gets a task. It looks again at each learner in
a transaction of her own, and the mail looks once more: what was withdrawn, erased, paused or turned off stays unsaid.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localtime

from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.models import Tally
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import Nearness
from fieldstone.server.pathways.rules import in_daytime
from fieldstone.server.people.models import Organization, User
from fieldstone.server.study import queries as study


@transaction.atomic
def order_nudges(*, at: datetime) -> int:
    """Order the day's notes, once a day however often this is called; for how many organizations."""
    local = localtime(at)
    key = f"nudges {local.date()}"
    if not in_daytime(local) or Tally.objects.filter(key=key).exists():
        return 0
    if ledger.count(key=key, life=timedelta(days=2), at=at) > 1:
        return 0
    near = stacks.to_tell(at).values("stack_version__stack__organization")
    found = Organization.objects.filter(pk__in=near).order_by("pk")
    for organization in found:
        ledger.record(
            verb="pathways.nudges_due", subject=organization, by=None, at=at, organization=organization.pk,
            tasks=["nudge_learners"],
        )  # fmt: skip
    return len(found)


def nudge_learners(*, organization: Organization, at: datetime) -> int:
    """Tell those who learn here and are one step from a stack; how many were told."""
    who = _here(organization, at).order_by("learner_id").values_list("learner_id", flat=True).distinct()
    told = 0
    for learner in list(who):
        with transaction.atomic():
            person = User.objects.get(pk=learner)
            told += pathways.nudge(learner=person, at=at, among=_here(organization, at)) is not None
    return told


def _here(organization: Organization, at: datetime) -> QuerySet[Nearness]:
    near = stacks.to_tell(at).filter(stack_version__stack__organization=organization)
    return near.filter(learner__in=study.learners(organization))
