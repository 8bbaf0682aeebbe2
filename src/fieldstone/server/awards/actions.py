"""Every write about credentials: issue, withdraw, pause, keys, status lists. The only door to the signing keys."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from fieldstone import credential
from fieldstone.credential import dcql, openid4vp
from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import keys, queries, rules
from fieldstone.server.awards.models import (
    Award,
    Copy,
    HostedAssertion,
    SignedDocument,
    SignedRecord,
    SigningKey,
    StatusList,
    StatusSlot,
)
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.ids import new_code, new_id
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


class NotDecided(Refused):
    """There is no confirmed decision that every criterion was demonstrated."""


class NoName(Refused):
    """A credential names its holder; this person has not written a name."""


class AlreadyWithdrawn(Conflict):
    """The credential was withdrawn before, for another reason."""


class NotHolder(NotAllowed):
    """Only a credential's holder may show it."""


class NotStanding(Conflict):
    """The credential was withdrawn, is paused, has ended, or was erased; nothing is signed for it any more."""


class NotHers(Conflict):
    """The award belongs to somebody else."""


class HeldAlready(Conflict):
    """She holds a live credential of this version."""


class NotWithdrawn(Refused):
    """Only what was withdrawn is issued again."""


class NobodyHolds(Refused):
    """Nobody has it on her page: it waits for its holder, or its holder has left."""


class PartsMissing(Refused):
    """A stack's credential follows from its parts, and they do not hold."""


class NotStack(Refused):
    """A learner record is made of a stack and its parts."""


class NotShared(Refused):
    """Its holder keeps it to herself, and this form can be asked for by everybody."""


class NoEmail(Refused):
    """The form of Open Badges 2.0 names its holder by e-mail address."""


class KeysAway(Refused):
    """What keeps the signing keys does not answer, or not as it should. Later it may."""

    status = 503

    def __init__(self) -> None:
        super().__init__(_("The place that keeps the signing keys does not answer. Try again in a few minutes."))


class NeedsReason(Refused):
    """A withdrawal or a pause states why, in words that the holder and anybody who checks may read."""


# --- issuing ------------------------------------------------------------------------------------------


@transaction.atomic
def issue(*, review: Review, by: User | None, at: datetime) -> Award:
    """The credential of a confirmed decision, once: a second call returns the same award.

    When the learner holds this version already, that award is returned; one that has ended is withdrawn and
    replaced. Raises NotDecided, NoName.
    """
    organization = _lock(review.organization_id)
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
    if held is not None:
        if held.valid_until is None or held.valid_until > at:
            return held
        _withdraw(held, rules.RENEWED % {"code": code}, by, at)
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
    organization = _lock(micro.organization_id)
    definition = version.parsed
    award_id, code = new_id(), new_code()
    held = Award.objects.live().filter(learner=learner, version=version).first() if learner else None
    if held is not None:
        if held.valid_until is None or held.valid_until > at:
            return held, False
        _withdraw(held, rules.RENEWED % {"code": code}, by, at)
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
def hand_over(*, award: Award, learner: User, by: User | None, at: datetime) -> Award:
    """An award that waits becomes hers. Handed to her twice changes nothing.

    Raises HeldAlready, and NotHers also for one whose holder erased it.
    """
    award = _locked(award)
    if award.learner_id == learner.pk:
        return award
    if award.learner_id is not None:
        raise NotHers(_("This credential is on somebody’s page already."))
    if queries.document(award) is None:
        raise NotHers(_("Its holder erased it by leaving. It cannot become somebody else’s."))
    if award.revoked_at is None and Award.objects.live().filter(learner=learner, version=award.version_id).exists():
        raise HeldAlready(_("You hold this credential already. The one on your page stays."))
    try:
        with transaction.atomic():
            Award.objects.filter(pk=award.pk).update(learner=learner)
    except IntegrityError:  # another one of it at the same moment
        raise HeldAlready(_("You hold this credential already. The one on your page stays.")) from None
    award.learner = learner
    ledger.record(
        verb="awards.handed_over", subject=award, by=by.pk if by else None, at=at, organization=award.organization_id
    )
    return award


@transaction.atomic
def issue_stack(
    *, organization: Organization, learner: User, facts: rules.StackFacts, components: Sequence[Award],
    by: User | None, at: datetime,
) -> Award:  # fmt: skip
    """The credential of a completed stack, naming the awards it is built on. A live one is returned as it is."""
    organization = _lock(organization.pk)
    held = Award.objects.live().filter(learner=learner, stack_id=facts.stack_id).first()
    award_id, code = new_id(), new_code()
    if held is not None:
        if held.valid_until is None or held.valid_until > at:
            return held
        _withdraw(held, rules.RENEWED % {"code": code}, by, at)
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
            achievement_id=_thing(award),
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
    organization = _lock(award.organization_id)
    old = _locked(award)
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


def _lock(organization: UUID) -> Organization:
    """One issuing at a time in an organization: first key, first list and each award are made once."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization)


def _make(
    *, organization: Organization, learner: User | None, award_id: UUID, code: str, valid_until: datetime | None,
    by: User | None, at: datetime, row: dict[str, Any], document: Any, recipient: str = "",
    instead_of: Award | None = None, awarded: datetime | None = None, tell: str = "mail_award",
) -> Award:  # fmt: skip
    """Sign and store. `recipient` is the name that it carries, else the learner's own. `instead_of` was withdrawn."""
    recipient = recipient or (learner.name if learner else "")
    if not recipient.strip():
        raise NoName(_("Write your name first. The credential carries it."), "name")
    key_row, key = _active_key(organization, at)
    # The slot comes first; the database checks its award at the end of the transaction.
    slot = _slot(organization, key, award_id, at)
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
    body = _signed(document(common), key, at)
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


@transaction.atomic
def copy(*, award: Award, form: str, holder: rules.Holder | None = None, by: User | None, at: datetime) -> str:
    """The award in another form (`ldp_vc`, `jwt_vc_json`, `dc+sd-jwt`), signed once for each form and key.

    Without a holder the form "ldp_vc" is the stored document itself. Raises NotStanding.
    """
    award = _locked(award)
    body = queries.document(award)
    if body is None or queries.state_of(award, at) != "valid":
        raise NotStanding(_("This credential is not valid now, so no further copy is made."))
    if holder is None and form == "ldp_vc":
        return body
    whose = holder.did if holder else ""
    kept = Copy.objects.filter(award=award, form=form, holder=whose).first()
    if kept is not None:
        return kept.body
    row = _newest_under(award.organization_id, award.signing_key.did)
    if row is None:
        raise NotStanding(_("This credential is not valid now, so no further copy is made."))
    key = _open(row)
    unsigned = rules.for_holder(credential.loads(body.encode()), holder)
    text = _sign_copy(form, unsigned, key, holder, at)
    made = Copy.objects.create(
        award=award, form=form, holder=whose, body=text, sha256=hashlib.sha256(text.encode()).hexdigest(), signed_at=at
    )
    ledger.record(
        verb="awards.copied", subject=award, by=by.pk if by else None, at=at, organization=award.organization_id,
        data={"form": form, "bound": holder is not None, "sha256": made.sha256},
    )  # fmt: skip
    return text


def _sign_copy(
    form: str, document: dict[str, Any], key: credential.Signer, holder: rules.Holder | None, at: datetime
) -> str:
    if form == "ldp_vc":
        return _signed(document, key, at)
    if form == "jwt_vc_json":
        return credential.sign_jwt(document, key=key, open_badges=True)
    assert form == "dc+sd-jwt", form
    claims = credential.sd_jwt_claims(document)
    return credential.sign_sd_jwt(
        claims,
        key=key,
        disclosable=credential.sd_jwt_paths(claims),
        holder=credential.PublicKey.from_jwk(holder.jwk) if holder else None,
    )


def _thing(award: Award) -> UUID:
    """The version of the micro-credential or stack that an award is for."""
    thing = award.version_id or award.stack_version_id
    assert thing is not None, "the database holds no award for nothing"
    return thing


# --- status -------------------------------------------------------------------------------------------


def _slot(organization: Organization, key: credential.Signer, award_id: UUID, at: datetime) -> StatusSlot:
    """A random free bit on a list of this issuer; a new list when the others are nearly full."""
    rows = StatusList.objects.filter(organization=organization, did=key.controller)
    chosen = rows.filter(used__lt=F("length") * rules.FULL).order_by("-made_at").first()
    if chosen is None:
        chosen = StatusList.objects.create(organization=organization, did=key.controller, made_at=at)
        _sign_list(chosen, key, at)
    while True:
        try:
            with transaction.atomic():
                slot = StatusSlot.objects.create(list=chosen, index=secrets.randbelow(chosen.length), award_id=award_id)
        except IntegrityError:
            continue
        StatusList.objects.filter(pk=chosen.pk).update(used=F("used") + 1)
        return slot


def _sign_list(status_list: StatusList, key: credential.Signer, at: datetime) -> None:
    document = credential.build_list(
        url=rules.status_url(settings.BASE_URL, status_list.pk),
        issuer=key.controller,
        purpose=rules.PURPOSE,
        positions=list(status_list.slots.filter(is_set=True).values_list("index", flat=True)),
        valid_from=at,
        bits=status_list.length,
        ttl=rules.LIST_TTL,
    )
    status_list.body = _signed(document, key, at)
    status_list.signed_at = at
    status_list.save(update_fields=["body", "signed_at"])


def _publish(status_list: StatusList, at: datetime) -> None:
    """Sign a list anew, if a key is left under its DID; without one, nothing that names the list verifies."""
    row = _newest_under(status_list.organization_id, status_list.did)
    if row is not None:
        _sign_list(status_list, _open(row), at)


def _set_bit(award: Award, value: bool, at: datetime) -> None:
    """Set or clear the award's bit and publish the list anew, in the caller's transaction."""
    for slot in StatusSlot.objects.filter(award=award).select_related("list"):
        status_list = StatusList.objects.select_for_update().get(pk=slot.list_id)
        StatusSlot.objects.filter(pk=slot.pk).update(is_set=value)
        _publish(status_list, at)


def _reason(words: str) -> str:
    tidy = " ".join(words.replace("\x00", "").split())
    if not tidy:
        raise NeedsReason(_("Write the reason. The holder and everybody who checks will read it."), "reason")
    if len(tidy) > 300:
        raise NeedsReason(_("Shorten this to %(limit)s signs."), "reason", limit=300)
    return tidy


def _withdraw(award: Award, reason: str, by: User | None, at: datetime) -> None:
    Award.objects.filter(pk=award.pk).update(
        revoked_at=at, revoked_reason=reason, revoked_by=by.pk if by else rules.NOBODY
    )
    award.refresh_from_db()
    _set_bit(award, True, at)
    ledger.record(
        verb="awards.withdrawn", subject=award, by=by.pk if by else None, at=at,
        organization=award.organization_id, data={"reason": reason}, tasks=("mail_withdrawn",),
    )  # fmt: skip


@transaction.atomic
def withdraw(*, award: Award, reason: str, by: User | None, at: datetime) -> Award:
    """Revoke for good, with a reason. The same request again changes nothing. Raises NeedsReason, AlreadyWithdrawn."""
    words = _reason(reason)
    award = _locked(award)
    if award.revoked_at is None:
        _withdraw(award, words, by, at)
    elif award.revoked_reason != words:
        raise AlreadyWithdrawn(_("This credential was withdrawn before."))
    return award


@transaction.atomic
def suspend(*, award: Award, reason: str, by: User | None, at: datetime) -> Award:
    """Pause a credential while something is looked into. The same request again changes nothing.

    Raises NeedsReason, AlreadyWithdrawn.
    """
    words = _reason(reason)
    award = _locked(award)
    if award.revoked_at is not None:
        raise AlreadyWithdrawn(_("This credential was withdrawn before."))
    if award.suspended_at is None:
        award.suspended_at, award.suspended_reason = at, words
        award.save(update_fields=["suspended_at", "suspended_reason"])
        _set_bit(award, True, at)
        ledger.record(
            verb="awards.suspended", subject=award, by=by.pk if by else None, at=at,
            organization=award.organization_id, data={"reason": words}, tasks=("mail_suspended",),
        )  # fmt: skip
    return award


@transaction.atomic
def reinstate(*, award: Award, by: User | None, at: datetime) -> Award:
    """End a pause. A credential that is not paused stays as it is. Raises AlreadyWithdrawn."""
    award = _locked(award)
    if award.revoked_at is not None:
        raise AlreadyWithdrawn(_("This credential was withdrawn before."))
    if award.suspended_at is not None:
        award.suspended_at, award.suspended_reason = None, ""
        award.save(update_fields=["suspended_at", "suspended_reason"])
        _set_bit(award, False, at)
        ledger.record(
            verb="awards.reinstated", subject=award, by=by.pk if by else None, at=at,
            organization=award.organization_id, tasks=("mail_reinstated",),
        )  # fmt: skip
    return award


def _locked(award: Award) -> Award:
    return Award.objects.select_for_update(no_key=True, of=("self",)).get(pk=award.pk)


# --- the holder's part --------------------------------------------------------------------------------


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


# --- other forms of it ----------------------------------------------------------------------------------


@transaction.atomic
def sign_record(*, award: Award, by: User, at: datetime) -> SignedRecord:
    """A stack's credential with those it is built on, as one signed learner record, once.

    What its holder keeps to herself, and what does not hold any more, is left out, and the record says that it is
    partial. Raises NotHolder, NotStack, NotStanding.
    """
    _lock(award.organization_id)
    award = _locked(award)
    _may_take(award, by, at)
    if award.stack_id is None:
        raise NotStack(_("Only a stack has parts to put into a record."))
    made = SignedRecord.objects.filter(award=award).first()
    if made is not None:
        return made
    parts = [
        part
        for part in queries.parts_of(award).filter(revoked_at=None).order_by("issued_at", "id")
        if part.audience != "private"
    ]
    kept = [(part, queries.document(part)) for part in (award, *parts)]
    documents = [credential.loads(body.encode()) for _part, body in kept if body]
    _row, key = _active_key(award.organization, at)
    slot = _slot_of(award, key, at)
    organization = award.organization
    document = rules.learner_record(
        rules.Issuer(did=key.controller, name=organization.full_name, url=organization.url, email=organization.email),
        base_url=settings.BASE_URL,
        code=award.code,
        documents=documents,
        slot=rules.Slot(rules.status_url(settings.BASE_URL, slot.list_id), slot.index),
        at=at,
        valid_until=award.valid_until,
    )
    body = credential.dumps(credential.sign(document, key=key, created=at))
    made = SignedRecord.objects.create(
        award=award, body=body.decode(), parts=[str(part.pk) for part in parts], signed_at=at
    )
    ledger.record(
        verb="awards.record_signed", subject=award, by=by.pk, at=at, organization=award.organization_id,
        data={"sha256": hashlib.sha256(body).hexdigest(), "parts": len(parts)},
    )  # fmt: skip
    return made


def _may_take(award: Award, by: User, at: datetime) -> None:
    if award.learner_id != by.pk:
        raise NotHolder(_("This credential belongs to somebody else."))
    if queries.state_of(award, at) != "valid":
        raise NotStanding(_("This credential does not hold now."))


def _slot_of(award: Award, key: credential.Signer, at: datetime) -> StatusSlot:
    """The award's bit on a list of this signer: withdrawing the award withdraws whatever names the bit."""
    found = StatusSlot.objects.filter(award=award, list__did=key.controller).first()
    return found or _slot(award.organization, key, award.pk, at)


@transaction.atomic
def host(*, award: Award, by: User, at: datetime) -> HostedAssertion:
    """The award in the form of Open Badges 2.0, from now on at its address for everybody, once.

    It names its holder by her hashed e-mail address, as that form does. Raises NotHolder, NotStanding, NotShared,
    NoEmail.
    """
    award = _locked(award)
    _may_take(award, by, at)
    if award.audience == "private":
        raise NotShared(_("Let whoever has the link see it first. Other sites must be able to ask for it."), "audience")
    if not by.email:
        raise NoEmail(_("Add an e-mail address first. Older badges name their holder by it."), "email")
    made = HostedAssertion.objects.filter(award=award).first()
    if made is not None:
        return made
    document = rules.assertion(
        base_url=settings.BASE_URL,
        code=award.code,
        badge=_thing(award),
        email=by.email,
        salt=secrets.token_hex(16),
        issued_at=award.issued_at,
        valid_until=award.valid_until,
    )
    made = HostedAssertion.objects.create(award=award, body=credential.dumps(document).decode(), made_at=at)
    ledger.record(verb="awards.hosted", subject=award, by=by.pk, at=at, organization=award.organization_id)
    return made


# --- showing and asking -------------------------------------------------------------------------------


@transaction.atomic
def sign_request(
    *, organization: Organization, response_uri: str, query: dcql.Query, nonce: str, state: str, ends: datetime,
    by: User | None, at: datetime,
) -> tuple[str, str]:  # fmt: skip
    """A recognizer's request for credentials, signed with its key: the client identifier and the request object."""
    _row, key = _active_key(_lock(organization.pk), at)
    claims = openid4vp.build_request(
        did=key.controller, response_uri=response_uri, query=query, nonce=nonce, state=state, at=at, ends=ends,
        name=organization.full_name,
    )  # fmt: skip
    ledger.record(
        verb="awards.request_signed", subject=organization, by=by.pk if by else None, at=at,
        organization=organization.pk,
    )  # fmt: skip
    return openid4vp.PREFIX + key.controller, openid4vp.sign_request(claims, key=key)


def holder_of(learner: User) -> rules.Holder:
    """The did:key under which this site shows credentials in the name of a learner without a wallet."""
    key = keys.holder(learner.pk, secret=settings.KEY_ENCRYPTION_SECRET)
    return rules.Holder(key.controller, key.public.jwk())


@transaction.atomic
def present(
    *, learner: User, document: dict[str, Any] | str, places: Sequence[dcql.Place], request: openid4vp.Request,
    by: User, at: datetime,
) -> dict[str, Any] | str:  # fmt: skip
    """A learner's credential in a presentation signed with the key that this site keeps for her; of an SD-JWT only what
    `places` name is disclosed. Raises NotHolder where somebody else asks for it.
    """
    if by.pk != learner.pk:
        raise NotHolder(_("This credential belongs to somebody else."))
    key = keys.holder(learner.pk, secret=settings.KEY_ENCRYPTION_SECRET)
    shown = openid4vp.present(document, request=request, key=key, at=at, places=places)
    ledger.record(verb="awards.presented", subject=learner, by=by.pk, at=at)
    return shown


# --- keys ---------------------------------------------------------------------------------------------


def _keepers() -> keys.Keepers:
    return keys.keepers(
        settings.KEYS, secret=settings.KEY_ENCRYPTION_SECRET, password=settings.KEY_PASSWORD, environment=os.environ
    )


def _new_key(organization: Organization, at: datetime) -> SigningKey:
    """A key from the first keeper. Raises KeysAway, and Refused where it is in use: the environment holds only what was
    put there."""
    did = rules.did_web(settings.BASE_URL, organization.slug) if settings.PUBLIC_HTTPS else None
    try:
        made = _keepers().make(organization.pk, kind=settings.KEY_KIND, did=did)
    except keys.CannotOpen as error:
        raise KeysAway from error
    if SigningKey.objects.filter(public_multibase=made.public).exists():
        raise Refused(_("The place for keys gave a key that is in use already. Put a new one there first."))
    row = SigningKey.objects.create(
        organization=organization,
        did=made.did,
        public_multibase=made.public,
        sealed_private=made.reference,
        made_at=at,
    )
    ledger.record(
        verb="awards.key_made", subject=row, by=None, at=at, organization=organization.pk,
        data={"did": row.did, "public": row.public_multibase},
    )  # fmt: skip
    return row


def _kept(row: SigningKey) -> keys.Kept:
    return keys.Kept(row.organization_id, row.public_multibase, row.did, bytes(row.sealed_private))


def _open(row: SigningKey) -> credential.Signer:
    """What signs with a key of the table. Raises KeysAway, then and when it signs."""
    try:
        key = _keepers().signer(_kept(row))
    except keys.CannotOpen as error:
        raise KeysAway from error
    return replace(key, ask=partial(_ask, key)) if isinstance(key, credential.RemoteKey) else key


def _ask(key: credential.RemoteKey, data: bytes) -> bytes:
    try:
        return key.sign(data)
    except (keys.CannotOpen, credential.CredentialError) as error:
        raise KeysAway from error


def _signed(document: dict[str, Any], key: credential.Signer, at: datetime) -> str:
    """The signed document as it is stored; the suite is that of the key's kind."""
    suite = "eddsa-rdfc-2022" if key.kind == "Ed25519" else "ecdsa-rdfc-2019"
    return credential.dumps(credential.sign(document, key=key, created=at, suite=suite)).decode()


def _active_key(organization: Organization, at: datetime) -> tuple[SigningKey, credential.Signer]:
    row = SigningKey.objects.filter(organization=organization, retired_at=None).first()
    if row is None:
        row = _new_key(organization, at)
    return row, _open(row)


def _newest_under(organization: UUID, did: str) -> SigningKey | None:
    """The newest key left under a DID: a did:web keeps its name when keys rotate, a did:key does not."""
    rows = SigningKey.objects.filter(organization_id=organization, did=did, removed_at=None)
    return rows.order_by("-made_at", "-id").first()


@transaction.atomic
def rotate_key(*, organization: Organization, current: SigningKey | None, by: User, at: datetime) -> SigningKey:
    """A new key signs from now on; the old one stays published, and what it signed keeps verifying.

    `current` is the key that the person saw: the same request twice rotates once.
    """
    organization = _lock(organization.pk)
    active = SigningKey.objects.filter(organization=organization, retired_at=None).first()
    if active is not None and (current is None or current.pk != active.pk):
        return active
    SigningKey.objects.filter(organization=organization, retired_at=None).update(retired_at=at)
    row = _new_key(organization, at)
    ledger.record(verb="awards.key_rotated", subject=row, by=by.pk, at=at, organization=organization.pk)
    return row


@transaction.atomic
def remove_key(*, key: SigningKey, reason: str, by: User | None, at: datetime) -> SigningKey | None:
    """Take a lost or stolen key out of the organization's DID document: what it signed no longer verifies.

    Where it was in use a new one is made, which is returned; the status lists under the DID are signed anew if a key is
    left there. The same request again changes nothing. Raises NeedsReason, and Refused for a did:key, which is its own
    document.
    """
    words = _reason(reason)
    organization = _lock(key.organization_id)
    key = SigningKey.objects.select_for_update().get(pk=key.pk)
    if key.did.startswith("did:key:"):
        raise Refused(_("A did:key is its key and cannot be taken back. Withdraw what it signed instead."))
    if key.removed_at is not None:
        return None
    active = key.retired_at is None
    SigningKey.objects.filter(pk=key.pk).update(removed_at=at, retired_at=key.retired_at or at)
    ledger.record(
        verb="awards.key_removed", subject=key, by=by.pk if by else None, at=at, organization=organization.pk,
        data={"did": key.did, "public": key.public_multibase, "reason": words},
    )  # fmt: skip
    new = _new_key(organization, at) if active else None
    for status_list in StatusList.objects.select_for_update().filter(organization=organization, did=key.did):
        _publish(status_list, at)
    return new


@transaction.atomic
def reseal_keys(*, old_secret: str, at: datetime) -> tuple[int, int]:
    """Seal every key of the table under this installation's secret, which were sealed under an older one.

    Gives how many were sealed anew, and how many were already. All or none: raises `keys.CannotOpen` (as Refused) where
    one opens under neither secret.
    """
    keepers, done, already = _keepers(), 0, 0
    for row in SigningKey.objects.select_for_update().order_by("pk"):
        kept = _kept(row)
        if not keepers.is_sealed(kept):
            continue
        try:
            sealed = keys.reseal(
                kept.reference, organization=kept.organization, public=kept.public, old=old_secret,
                new=settings.KEY_ENCRYPTION_SECRET,
            )  # fmt: skip
        except keys.CannotOpen:
            raise Refused(_("A key opens under neither secret. Nothing was changed.")) from None
        if sealed is None:
            already += 1
            continue
        SigningKey.objects.filter(pk=row.pk).update(sealed_private=sealed)
        ledger.record(verb="awards.key_resealed", subject=row, by=None, at=at, organization=row.organization_id)
        done += 1
    return done, already


def keys_work() -> bool:
    """Whether keys can be had: one sealed for the question, and the newest that is kept, which signs where it is."""
    probe = credential.generate_key()
    whose = UUID(int=1)
    sealed = keys.seal(probe, organization=whose, secret=settings.KEY_ENCRYPTION_SECRET)
    try:
        keys.unseal(
            sealed, organization=whose, public=probe.public.multikey(), did=probe.controller,
            secret=settings.KEY_ENCRYPTION_SECRET,
        )  # fmt: skip
        newest = SigningKey.objects.filter(removed_at=None).order_by("-made_at").first()
        if newest is not None:
            _open(newest).sign(b"fieldstone: does this key work?")
    except (keys.CannotOpen, KeysAway):
        return False
    return True
