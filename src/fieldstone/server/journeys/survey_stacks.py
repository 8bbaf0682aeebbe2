"""Everybody is looked at anew after a stack was published, retired or restored; who meets a stack gets its credential.

A while at a time: the worker turns to its other tasks in between, and one that is killed goes on where it was. Each
person's credentials have a transaction of their own.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from fieldstone.credential import CredentialError
from fieldstone.server.awards import actions as awards
from fieldstone.server.journeys.confirm_decision import award_stacks
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import Survey
from fieldstone.server.people.models import User

PEOPLE = 5_000
"""People who are looked at before the worker looks at its other tasks."""
ALONE = 200
"""People who are looked at one by one in that while, and may get a credential."""
log = logging.getLogger(__name__)


def survey_stacks(*, survey: Survey, at: datetime, people: int = PEOPLE, alone: int = ALONE) -> None:
    """Look at the next people, award what they meet, and order the next while or the end."""
    if not pathways.begin_survey(survey=survey, at=at):
        return
    rest = stacks.people().filter(pk__gt=survey.after) if survey.after else stacks.people()
    some = list(rest.order_by("pk").values_list("pk", flat=True)[:people])
    one_by_one = pathways.look_again(learners=some, at=at)
    more = len(some) == people
    if len(one_by_one) > alone:
        some, more = some[: some.index(one_by_one[alone])], True
    made = sum(_award(learner, at) for learner in one_by_one[:alone])
    last = some[-1] if some else survey.after
    pathways.went_on(survey=survey, last=last, people=len(some), awarded=made, more=more, at=at)


def _award(pk: UUID, at: datetime) -> int:
    """How many credentials this person got. Somebody without a name gets them once there is one."""
    learner = User.objects.filter(pk=pk, is_active=True).first()
    if learner is None:
        return 0
    try:
        if learner.name.strip():
            return len(award_stacks(learner=learner, by=None, at=at))
        pathways.refresh(learner=learner, at=at)
    except awards.KeysAway:  # nothing is wrong with this person: the worker tries again
        raise
    except (Refused, CredentialError):
        log.exception("the stacks of %s were left as they are", pk)
    return 0


def everybody(*, at: datetime) -> int:
    """Look at everybody now, without the worker, as was asked for or else anew; how many people were seen."""
    survey = Survey.objects.filter(finished_at=None).first() or pathways.ask_survey(by=None, at=at)
    while survey.finished_at is None:
        survey_stacks(survey=survey, at=at)
        survey.refresh_from_db()
    return survey.seen
