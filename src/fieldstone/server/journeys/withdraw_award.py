"""A credential is withdrawn, paused, or comes to its end: everything that was built on it is looked at again.

A stack's credential that no longer holds is withdrawn with the reason; where other awards still meet the stack, a
new one is issued in its place. The holder is told of each. One transaction.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import queries as awarded
from fieldstone.server.awards import rules
from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User


@transaction.atomic
def withdraw(*, award: Award, reason: str, by: User | None, at: datetime) -> Award:
    """Revoke with a reason, and re-evaluate every stack built on it. The same request again changes nothing."""
    award = awards.withdraw(award=award, reason=reason, by=by, at=at)
    _look_again(award, rules.COMPONENT_WITHDRAWN, by, at)
    return award


@transaction.atomic
def suspend(*, award: Award, reason: str, by: User | None, at: datetime) -> Award:
    """Pause. Stacks that were awarded stand while it is looked into; it does not count toward new ones."""
    award = awards.suspend(award=award, reason=reason, by=by, at=at)
    if award.learner is not None:
        pathways.refresh(learner=award.learner, at=at)
    return award


@transaction.atomic
def reinstate(*, award: Award, by: User | None, at: datetime) -> Award:
    """End a pause; what it completes now is awarded."""
    award = awards.reinstate(award=award, by=by, at=at)
    if award.learner is not None:
        confirm_decision.award_stacks(learner=award.learner, by=by, at=at)
    return award


@transaction.atomic
def ended(*, award: Award, at: datetime) -> None:
    """An award has come to its date: re-evaluate every stack built on it. Does nothing before that date."""
    if awarded.state_of(award, at) == "ended":
        _look_again(award, rules.COMPONENT_ENDED, None, at)


def _look_again(award: Award, why: str, by: User | None, at: datetime) -> None:
    for built in awarded.built_on(award):
        version = StackVersion.objects.select_related("stack__organization").get(
            pk=built.stack_version_id or rules.NOBODY
        )
        holdings = stacks.held(built.learner) if built.learner else stacks.held_awards(awarded.parts_of(built))
        completion = pathways.reckon(version, holdings, at)
        before = {row["award"] for row in built.components}
        if completion.result.satisfied and {str(a.pk) for a in completion.components} == before:
            continue  # the stack lets ended ones count
        again = completion.result.satisfied and built.learner is not None
        reason = (rules.RECOUNTED if again else why) % {"code": award.code}
        withdrawn = awards.withdraw(award=built, reason=reason, by=by, at=at)
        if again and built.learner is not None:
            confirm_decision.issue_stack(completion, learner=built.learner, by=by, at=at)
        _look_again(withdrawn, rules.COMPONENT_WITHDRAWN, by, at)
    if award.learner is not None:
        confirm_decision.award_stacks(learner=award.learner, by=by, at=at)
