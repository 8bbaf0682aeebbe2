"""The holder's part: a credential becomes hers, she shows it, she leaves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.awards import queries, rules
from fieldstone.server.awards.actions.locks import lock_award
from fieldstone.server.awards.actions.problems import HeldAlready, NotHers
from fieldstone.server.awards.models import Award, Copy, HostedAssertion, SignedDocument, SignedRecord
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


@transaction.atomic
def hand_over(*, award: Award, learner: User, by: User | None, at: datetime) -> Award:
    """An award that waits becomes hers. Handed to her twice changes nothing.

    Raises HeldAlready, and NotHers also for one whose holder erased it.
    """
    award = lock_award(award)
    if award.learner_id == learner.pk:
        return award
    if award.learner_id is not None:
        raise NotHers(_("This credential is on somebody’s page already."))
    if queries.document(award) is None:
        raise NotHers(_("Its holder erased it by leaving. It cannot become somebody else’s."))
    if award.revoked_at is None and Award.objects.live().filter(learner=learner, version=award.version_id).exists():
        raise HeldAlready(_("You hold this credential already. The one on your page stays."))
    if ledger.once(lambda: Award.objects.filter(pk=award.pk).update(learner=learner)) is None:
        raise HeldAlready(_("You hold this credential already. The one on your page stays."))  # at the same moment
    award.learner = learner
    ledger.record(
        verb="awards.handed_over", subject=award, by=by.pk if by else None, at=at, organization=award.organization_id
    )
    return award


@transaction.atomic
def share(*, award: Award, audience: str, by: User, at: datetime) -> Award:
    """The holder chooses who may see it: private, who has the link, or everybody. Raises Refused."""
    if audience not in rules.AUDIENCES:
        raise Refused(_("Choose one of: %(options)s."), "audience", options=", ".join(rules.AUDIENCES))
    if Award.objects.filter(pk=award.pk).exclude(audience=audience).update(audience=audience):
        ledger.record(
            verb="awards.shared", subject=award, by=by.pk, at=at, organization=award.organization_id,
            data={"audience": audience},
        )  # fmt: skip
    award.refresh_from_db()
    return award


@transaction.atomic
def forget(*, learner: User, at: datetime) -> int:
    """Erase the signed documents of a person who leaves, and their copies; digests and status stay, so that what is
    in her hands still verifies. Returns how many."""
    awards = list(Award.objects.filter(learner=learner))
    for forms in (SignedDocument, Copy, SignedRecord, HostedAssertion):
        forms.objects.filter(award__in=awards).delete()
    Award.objects.filter(pk__in=[a.pk for a in awards]).update(learner=None, audience="private")
    for award in awards:
        ledger.record(
            verb="awards.forgotten", subject=award, by=None, at=at, organization=award.organization_id,
            data={"sha256": award.sha256}, tasks=("erase_certificates",),
        )  # fmt: skip
    return len(awards)
