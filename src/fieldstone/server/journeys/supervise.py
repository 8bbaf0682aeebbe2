"""A supervisor signs by a link; what a stack asks for at work may be met now, and its credential follows at once.

Staff may set a placement aside; stacks that were built on it are looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import WORK_SET_ASIDE
from fieldstone.server.journeys import withdraw_award
from fieldstone.server.journeys.confirm_decision import award_stacks
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways import rules
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User
from fieldstone.server.workplace import actions as workplace
from fieldstone.server.workplace.models import Placement, SupervisorLink, SupervisorReview


@transaction.atomic
def countersign(
    *, link: SupervisorLink, marks: Mapping[UUID, workplace.Mark], name: str, by: User | None, at: datetime
) -> int:
    """Hours are signed or given back. Raises what `workplace.actions.countersign` does."""
    count = workplace.countersign(link=link, marks=marks, name=name, by=by, at=at)
    _follow(link.placement.learner, at)
    return count


@transaction.atomic
def sign(
    *, link: SupervisorLink, answers: Mapping[str, str], words: str, name: str, language: str, by: User | None,
    at: datetime,
) -> SupervisorReview:  # fmt: skip
    """The review is signed. Raises what `workplace.actions.sign` does."""
    review = workplace.sign(link=link, answers=answers, words=words, name=name, language=language, by=by, at=at)
    _follow(link.placement.learner, at)
    return review


def _follow(learner: User, at: datetime) -> None:
    """Nobody with an account did this, so what follows is nobody's either."""
    if learner.name.strip():
        award_stacks(learner=learner, by=None, at=at)


@transaction.atomic
def set_aside(*, placement: Placement, reason: str, by: User, at: datetime) -> None:
    """What was signed does not count any more; stacks' credentials that need it are withdrawn, and what was built on
    those is looked at again.

    Raises what `workplace.actions.close` does.
    """
    workplace.close(placement=placement, reason=reason, set_aside=True, by=by, at=at)
    learner = placement.learner
    for award in Award.objects.filter(learner=learner, stack_id__isnull=False, revoked_at=None):
        version = StackVersion.objects.select_related("stack__organization").get(pk=award.stack_version_id or award.pk)
        tree = rules.parse(version.definition)[0].tree
        if tree is None or placement.form_id not in rules.forms(tree):
            continue
        award.refresh_from_db(fields=["revoked_at"])
        if award.revoked_at is None and not pathways.reckon(version, stacks.held(learner), at).result.satisfied:
            withdraw_award.withdraw(award=award, reason=WORK_SET_ASIDE, by=by, at=at)
    pathways.refresh(learner=learner, at=at)


@transaction.atomic
def take_up_again(*, placement: Placement, by: User, at: datetime) -> None:
    """A placement that was closed or set aside goes on; what it completes is awarded."""
    workplace.reopen(placement=placement, by=by, at=at)
    _follow(placement.learner, at)
