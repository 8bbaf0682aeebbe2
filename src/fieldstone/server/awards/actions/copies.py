"""One credential in other forms: signed anew, as part of a record, in the form of Open Badges 2.0."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from fieldstone import credential
from fieldstone.server.awards import queries, rules
from fieldstone.server.awards.actions.issuing import thing_of
from fieldstone.server.awards.actions.locks import lock_award, lock_organization
from fieldstone.server.awards.actions.problems import NoEmail, NotHolder, NotShared, NotStack, NotStanding
from fieldstone.server.awards.actions.signing import active_key, newest_under, open_key, signed
from fieldstone.server.awards.actions.status import take_slot
from fieldstone.server.awards.models import Award, Copy, HostedAssertion, SignedRecord, StatusSlot
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


@transaction.atomic
def copy(*, award: Award, form: str, holder: rules.Holder | None = None, by: User | None, at: datetime) -> str:
    """The award in another form (`ldp_vc`, `jwt_vc_json`, `dc+sd-jwt`), signed once for each form and key.

    Without a holder the form "ldp_vc" is the stored document itself. Raises NotStanding.
    """
    award = lock_award(award)
    body = queries.document(award)
    if body is None or queries.state_of(award, at) != "valid":
        raise NotStanding(_("This credential is not valid now, so no further copy is made."))
    if holder is None and form == "ldp_vc":
        return body
    whose = holder.did if holder else ""
    kept = Copy.objects.filter(award=award, form=form, holder=whose).first()
    if kept is not None:
        return kept.body
    row = newest_under(award.organization_id, award.signing_key.did)
    if row is None:
        raise NotStanding(_("This credential is not valid now, so no further copy is made."))
    key = open_key(row)
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
        return signed(document, key, at)
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


@transaction.atomic
def sign_record(*, award: Award, by: User, at: datetime) -> SignedRecord:
    """A stack's credential with those it is built on, as one signed learner record, once.

    What its holder keeps to herself, and what does not hold any more, is left out, and the record says that it is
    partial. Raises NotHolder, NotStack, NotStanding.
    """
    lock_organization(award.organization_id)
    award = lock_award(award)
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
    _row, key = active_key(award.organization, at)
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
    return found or take_slot(award.organization, key, award.pk, at)


@transaction.atomic
def host(*, award: Award, by: User, at: datetime) -> HostedAssertion:
    """The award in the form of Open Badges 2.0, from now on at its address for everybody, once.

    It names its holder by her hashed e-mail address, as that form does. Raises NotHolder, NotStanding, NotShared,
    NoEmail.
    """
    award = lock_award(award)
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
        badge=thing_of(award),
        email=by.email,
        salt=secrets.token_hex(16),
        issued_at=award.issued_at,
        valid_until=award.valid_until,
    )
    made = HostedAssertion.objects.create(award=award, body=credential.dumps(document).decode(), made_at=at)
    ledger.record(verb="awards.hosted", subject=award, by=by.pk, at=at, organization=award.organization_id)
    return made
