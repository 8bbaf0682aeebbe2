"""A person leaves: what identifies her is erased; what others rely on stays true.

Erased: her words, files and reviews of them, the signed documents here, what she
brought from elsewhere, her workplaces with hours and reviews, her name and addresses. Kept: the ledger's
lines (which name nobody), each award's digest and status, so that the file in her own hands still verifies.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.awards import actions as awards
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.connections import actions as connections
from fieldstone.server.delivery import actions as delivery
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.ledger.problems import Conflict
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import Membership, User
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.study import actions as study
from fieldstone.server.wallets import actions as wallets
from fieldstone.server.workplace import actions as workplace


class LastAdministrator(Conflict):
    """An organization would be left without an administrator."""


@transaction.atomic
def delete_account(*, user: User, at: datetime) -> None:
    """Erase a person's account. Raises LastAdministrator. Cannot be undone."""
    for membership in Membership.objects.filter(user=user, role="administrator", ended_at=None):
        others = Membership.objects.filter(
            organization=membership.organization, role="administrator", ended_at=None
        ).exclude(user=user)
        if not others.exists():
            raise LastAdministrator(
                _("You are the last administrator of %(name)s. Give somebody else that role first."),
                name=membership.organization.name,
            )
    study.forget(learner=user, at=at)
    recognition.forget(learner=user, at=at)
    pathways.forget(learner=user, at=at)
    wallets.forget(learner=user, at=at)
    backpack.forget(learner=user, at=at)
    delivery.forget(learner=user, at=at)
    awards.forget(learner=user, at=at)
    workplace.forget(learner=user, at=at)
    connections.forget(learner=user, at=at)
    evidence.erase(learner=user, at=at)
    people.forget(user=user, at=at)
