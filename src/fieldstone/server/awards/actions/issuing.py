"""Credentials are issued: for a decision, a line of a list, a stack, or in the place of a withdrawn one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from fieldstone import credential
from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import queries, rules
from fieldstone.server.awards.actions.locks import lock_award, lock_organization
from fieldstone.server.awards.actions.problems import (
    HeldAlready,
    NobodyHolds,
    NoName,
    NotDecided,
    NotStanding,
    NotWithdrawn,
    PartsMissing,
)
from fieldstone.server.awards.actions.signing import active_key, signed
from fieldstone.server.awards.actions.status import revoke, take_slot
from fieldstone.server.awards.models import Award, SignedDocument
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.ids import new_code, new_id
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


def _lasts(held: Award, code: str, by: User | None, at: datetime) -> bool:
    """Whether a live award still holds; one whose last day is over is withdrawn for the new one with this code."""
    if held.valid_until is None or held.valid_until > at:
        return True
    revoke(held, rules.RENEWED % {"code": code}, by, at)
    return False


@transaction.atomic
def issue(*, review: Review, by: User | None, at: datetime) -> Award:
    """The credential of a confirmed decision, once: a second call returns the same award.

    When the learner holds this version already, that award is returned; one that has ended is withdrawn and
    replaced. Raises NotDecided, NoName.
    """
    organization = lock_organization(review.organization_id)
    first = Award.objects.filter(review_id=review.pk).first()
    if first is not None:
        return first
    review.refresh_from_db()
    if review.state != "decided" or review.outcome != "demonstrated":
        raise NotDecided(_("There is no confirmed decision that every criterion was demonstrated."))
    enrollment = review.submission.enrollment
    version, learner = enrollment.version, enrollment.learner
    definition = version.parsed
    award_id, code = new_id(), new_code()
    held = Award.objects.live().filter(learner=learner, version=version).first()
    if held is not None and _lasts(held, code, by, at):
        return held
    return _make(
        organization=organization,
        learner=learner,
        award_id=award_id,
        code=code,
        valid_until=rules.add_months(at, definition.valid_months) if definition.valid_months else None,
        by=by,
        at=at,
        row={"micro_credential": version.micro_credential, "version": version, "review": review},
        document=lambda common: _of_review(version, review, common),
        instead_of=held,
    )


def _of_review(version: Version, review: Review, common: rules.Common) -> dict[str, Any]:
    return rules.micro_credential(
        version.parsed,
        common,
        queries.judged(review, page=rules.page_url(common.base_url, common.code)),
        version=version.pk,
        number=version.number,
        slug=version.micro_credential.slug,
    )


@transaction.atomic
def issue_listed(
    *, version: Version, learner: User | None, name: str, said: rules.Listed, valid_until: datetime | None,
    by: User | None, at: datetime,
) -> tuple[Award, bool]:  # fmt: skip
    """The credential of one line of a list, and whether it is new: a live one of hers is returned as it is.

    Without `learner` the award waits for its holder (`hand_over`). It ends on `valid_until`, else as its definition
    says. Raises NoName.
    """
    micro = version.micro_credential
    organization = lock_organization(micro.organization_id)
    definition = version.parsed
    award_id, code = new_id(), new_code()
    held = Award.objects.live().filter(learner=learner, version=version).first() if learner else None
    if held is not None and _lasts(held, code, by, at):
        return held, False
    if valid_until is None and definition.valid_months:
        valid_until = rules.add_months(at, definition.valid_months)
    made = _make(
        organization=organization,
        learner=learner,
        recipient=name,
        award_id=award_id,
        code=code,
        valid_until=valid_until,
        by=by,
        at=at,
        row={"micro_credential": micro, "version": version},
        document=lambda common: rules.listed(
            definition, common, said, version=version.pk, number=version.number, slug=micro.slug
        ),
        instead_of=held,
    )
    return made, True


@transaction.atomic
def issue_stack(
    *, organization: Organization, learner: User, facts: rules.StackFacts, components: Sequence[Award],
    by: User | None, at: datetime,
) -> Award:  # fmt: skip
    """The credential of a completed stack, naming the awards it is built on. A live one is returned as it is."""
    organization = lock_organization(organization.pk)
    held = Award.objects.live().filter(learner=learner, stack_id=facts.stack_id).first()
    award_id, code = new_id(), new_code()
    if held is not None and _lasts(held, code, by, at):
        return held
    parts = _parts(components)
    return _make(
        organization=organization,
        learner=learner,
        award_id=award_id,
        code=code,
        valid_until=rules.add_months(at, facts.valid_months) if facts.valid_months else None,
        by=by,
        at=at,
        row={
            "stack_id": facts.stack_id,
            "stack_version_id": facts.version_id,
            "components": [part.row() for part in parts],
        },
        document=lambda common: rules.stack(facts, common, parts),
        instead_of=queries.without_successor(learner, facts.stack_id),
    )


def _parts(components: Sequence[Award]) -> list[rules.Part]:
    return [
        rules.Part(
            award_id=award.pk,
            code=award.code,
            sha256=award.sha256,
            name=queries.signed_name(award),
            achievement_id=thing_of(award),
            shown=award.audience != "private",
        )
        for award in components
    ]


@transaction.atomic
def issue_again(
    *, award: Award, by: User | None, at: datetime, facts: rules.StackFacts | None = None,
    components: Sequence[Award] = (),
) -> Award:  # fmt: skip
    """A new credential in the place of a withdrawn one, with the holder's name as it is now, and the same last day.

    Of a micro-credential the version, the results and the review stay; the review goes with the new one. A stack's is
    built on `components` and described by `facts`, if they meet it. Once: the same request again returns the same
    award. Raises NobodyHolds, NotWithdrawn, HeldAlready, NotStanding, PartsMissing, NoName.
    """
    organization = lock_organization(award.organization_id)
    old = lock_award(award)
    if old.replaced_by is not None:
        return old.replaced_by
    learner = old.learner
    if learner is None or (body := queries.document(old)) is None:
        raise NobodyHolds(_("Nobody holds this credential now, so nobody can get it again."))
    if old.revoked_at is None:
        raise NotWithdrawn(_("Withdraw it first, with the reason. Then it can be issued again."))
    if old.valid_until is not None and old.valid_until <= at:
        raise NotStanding(_("Its last day is over. The holder can earn it again."))
    same = {"version": old.version} if old.version else {"stack_id": old.stack_id}
    if Award.objects.live().filter(learner=learner, **same).exists():
        raise HeldAlready(_("The holder has another one of these. It stays."))
    if old.stack_id is not None and facts is None:
        raise PartsMissing(_("What this stack needs is not there now. When it is, a new credential follows by itself."))
    if not learner.name.strip():
        raise NoName(_("The holder has not written a name. The credential carries it."))
    document = credential.loads(body.encode())
    version, review = old.version, old.review
    row: dict[str, Any] = {"micro_credential": old.micro_credential, "version": version, "audience": old.audience}
    if facts is not None:
        parts = _parts(components)
        row |= {
            "stack_id": facts.stack_id, "stack_version_id": facts.version_id,
            "components": [part.row() for part in parts],
        }  # fmt: skip
    if review is not None:
        Award.objects.filter(pk=old.pk).update(review=None)
        row["review"] = review

    def unsigned(common: rules.Common) -> dict[str, Any]:
        if facts is not None:
            return rules.stack(facts, common, parts)
        if version is not None and review is not None:
            return _of_review(version, review, common)
        return rules.again(document, common)

    return _make(
        organization=organization,
        learner=learner,
        award_id=new_id(),
        code=new_code(),
        valid_until=old.valid_until,
        by=by,
        at=at,
        row=row,
        document=unsigned,
        instead_of=old,
        awarded=rules.first_awarded(document),
        tell="mail_award_again",
    )


def _make(
    *, organization: Organization, learner: User | None, award_id: UUID, code: str, valid_until: datetime | None,
    by: User | None, at: datetime, row: dict[str, Any], document: Any, recipient: str = "",
    instead_of: Award | None = None, awarded: datetime | None = None, tell: str = "mail_award",
) -> Award:  # fmt: skip
    """Sign and store. `recipient` is the name that it carries, else the learner's own. `instead_of` was withdrawn."""
    recipient = recipient or (learner.name if learner else "")
    if not recipient.strip():
        raise NoName(_("Write your name first. The credential carries it."), "name")
    key_row, key = active_key(organization, at)
    # The slot comes first; the database checks its award at the end of the transaction.
    slot = take_slot(organization, key, award_id, at)
    common = rules.Common(
        base_url=settings.BASE_URL,
        code=code,
        issuer=rules.Issuer(
            did=key.controller, name=organization.full_name, url=organization.url, email=organization.email
        ),
        recipient=recipient,
        issued_at=at,
        valid_until=valid_until,
        slot=rules.Slot(rules.status_url(settings.BASE_URL, slot.list.pk), slot.index),
        awarded=awarded,
    )
    body = signed(document(common), key, at)
    award = Award.objects.create(
        id=award_id,
        organization=organization,
        learner=learner,
        code=code,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        signing_key=key_row,
        issued_at=at,
        valid_until=valid_until,
        **row,
    )
    SignedDocument.objects.create(award=award, body=body, signed_at=at)
    ledger.record(
        verb="awards.issued",
        subject=award,
        by=by.pk if by else None,
        at=at,
        organization=organization.pk,
        data={"code": code, "sha256": award.sha256, "stack": str(row.get("stack_id") or "")},
        tasks=(tell,) if learner else (),
        later={"award_ended": valid_until} if valid_until else None,
    )
    if instead_of is not None:
        Award.objects.filter(pk=instead_of.pk).update(replaced_by=award)
        ledger.record(
            verb="awards.replaced", subject=instead_of, by=by.pk if by else None, at=at, organization=organization.pk,
            data={"by": code},
        )  # fmt: skip
    return award


def thing_of(award: Award) -> UUID:
    """The version of the micro-credential or stack that an award is for."""
    thing = award.version_id or award.stack_version_id
    assert thing is not None, "the database holds no award for nothing"
    return thing
