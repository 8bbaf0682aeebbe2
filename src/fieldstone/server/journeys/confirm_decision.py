"""The decision is confirmed: the credential is signed, and every stack that it completes is awarded too.

One transaction holds the decision, the credential and the stacks; mails follow from the ledger.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.assessment.models import Appeal, Review, Seat
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import queries as awarded
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import WORK_SET_ASIDE, is_automatic
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.people.models import User


@transaction.atomic
def hand_in(*, seat: Seat, by: User | None, at: datetime) -> Review:
    """An assessor hands in her sheet; what follows, follows. Raises what `assessment.actions.hand_in` does."""
    return _follow(assessment.hand_in(seat=seat, by=by, at=at), by, at)


@transaction.atomic
def approve(*, seat: Seat, approved: bool, note: str, by: User, at: datetime) -> Review:
    """The approver confirms or sends on. Raises what `assessment.actions.approve` does."""
    return _follow(assessment.approve(seat=seat, approved=approved, note=note, by=by, at=at), by, at)


@transaction.atomic
def moderate(*, seat: Seat, by: User, at: datetime) -> Review:
    """The moderator settles what two assessors saw differently."""
    return _follow(assessment.moderate(seat=seat, by=by, at=at), by, at)


@transaction.atomic
def close_appeal(*, appeal: Appeal, upheld: bool, answer: str, by: User, at: datetime) -> Review:
    """An appeal is answered; when it is upheld the credential follows."""
    return _follow(assessment.close_appeal(appeal=appeal, upheld=upheld, answer=answer, by=by, at=at), by, at)


def _follow(review: Review, by: User | None, at: datetime) -> Review:
    if review.state == "decided" and review.outcome == "demonstrated":
        if review.submission.enrollment.learner.name.strip():
            award(review=review, by=by, at=at)
        else:  # the decision stands; the credential waits for a name, which a mail asks for
            ledger.record(
                verb="awards.waiting_for_name", subject=review, by=by.pk if by else None, at=at,
                organization=review.organization_id, tasks=("mail_name_needed",),
            )  # fmt: skip
    return review


@transaction.atomic
def award(*, review: Review, by: User | None, at: datetime) -> Award:
    """The credential of a confirmed decision, and of every stack that is complete with it. Once, however often."""
    made = awards.issue(review=review, by=by, at=at)
    if made.learner is not None:
        award_stacks(learner=made.learner, by=by, at=at)
    return made


@transaction.atomic
def award_stacks(*, learner: User, by: User | None, at: datetime) -> list[Award]:
    """Evaluate the learner's stacks and award those that are met, until nothing new is met: a stack may count
    toward another."""
    made: list[Award] = []
    while True:
        new = [
            issue_stack(completion, learner=learner, by=by, at=at)
            for completion in pathways.refresh(learner=learner, at=at)
            if not holds(learner, completion, at)
        ]
        if not new:
            return made
        made += new


def holds(learner: User, completion: pathways.Completion, at: datetime) -> bool:
    """Whether nothing is to be issued for this completed stack: she holds its credential, had one for the very same
    awards, or a person withdrew one (software does not overrule that)."""
    wanted = {str(award.pk) for award in completion.components}
    for row in Award.objects.filter(learner=learner, stack_id=completion.version.stack_id):
        state = awarded.state_of(row, at)
        same = {part["award"] for part in row.components} == wanted
        if state in ("valid", "paused") or (same and row.revoked_reason != WORK_SET_ASIDE):
            return True
        if state == "withdrawn" and not is_automatic(row.revoked_reason):
            return True
    return False


def issue_stack(completion: pathways.Completion, *, learner: User, by: User | None, at: datetime) -> Award:
    """The credential of one completed stack."""
    return awards.issue_stack(
        organization=completion.version.stack.organization,
        learner=learner,
        facts=stacks.stack_facts(completion.version, completion.result),
        components=completion.components,
        by=by,
        at=at,
    )
