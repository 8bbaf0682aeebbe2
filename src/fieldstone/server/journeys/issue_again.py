"""A withdrawn credential is issued again, say because its name was wrong; stacks that need it are looked at again.

One transaction. Withdrawing came before, with its reason, and took with it what was built on the old one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import rules
from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User


@transaction.atomic
def issue_again(*, award: Award, by: User | None, at: datetime) -> Award:
    """The credential that takes its place, once, and every stack that is complete with it.

    A stack's is issued again if what she holds now meets the same version. Raises what
    `awards.actions.issue_again` does.
    """
    facts, components = _stack(award, at)
    made = awards.issue_again(award=award, by=by, at=at, facts=facts, components=components)
    if made.learner is not None:
        confirm_decision.award_stacks(learner=made.learner, by=by, at=at)
    return made


def _stack(award: Award, at: datetime) -> tuple[rules.StackFacts | None, tuple[Award, ...]]:
    """How the stack of an award is described and which awards meet it now; nothing for another award, or if none do."""
    version = StackVersion.objects.filter(pk=award.stack_version_id or rules.NOBODY).select_related(
        "stack__organization"
    ).first()  # fmt: skip
    if version is None or award.learner is None:
        return None, ()
    completion = pathways.reckon(version, stacks.held(award.learner), at)
    if not completion.result.satisfied:
        return None, ()
    return stacks.stack_facts(version, completion.result), completion.components
