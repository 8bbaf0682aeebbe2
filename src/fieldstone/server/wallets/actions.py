"""Writes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q

from fieldstone.server.awards.models import Award
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.kept import stored_key
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User
from fieldstone.server.wallets import rules
from fieldstone.server.wallets.models import Exchange, Reply, Request, Shown


class Gone(Conflict):
    """The link has been used, was closed, or has ended."""

    status = 410


class NotHers(NotAllowed):
    """The credential belongs to somebody else, or is not in force."""


def secret() -> str:
    """A fresh secret of 192 bits, of letters that an address may hold."""
    return secrets.token_urlsafe(24)


# --- asking -------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    *, organization: Organization, asked: Sequence[rules.Asked], needs_all: bool, query: Mapping[str, Any],
    purpose: str, keep_days: int, token: str, nonce: str, state: str, client_id: str, body: str, ends_at: datetime,
    by: User | None, at: datetime, key: str = "",
) -> Request:  # fmt: skip
    """Keep a signed request for credentials. The same `key` again is the same request."""
    stored = stored_key(organization.pk, key)
    row = ledger.once(
        lambda: Request.objects.create(
            organization=organization, token=token, purpose=purpose, asked=[each.row() for each in asked],
            needs_all=needs_all, query=dict(query), client_id=client_id, nonce=nonce, state=state, body=body,
            keep_days=keep_days, made_at=at, made_by=by, ends_at=ends_at, key=stored,
        )
    )  # fmt: skip
    if row is None:
        return Request.objects.get(key=stored)
    ledger.record(
        verb="wallets.asked", subject=row, by=by.pk if by else None, at=at, organization=organization.pk,
        data={"keep_days": keep_days},
    )  # fmt: skip
    return row


@transaction.atomic
def close(*, request: Request, by: User, at: datetime) -> None:
    """No answer from now on; what came is erased. Asked twice, it happens once."""
    if Request.objects.filter(pk=request.pk, closed_at=None).update(closed_at=at):
        ledger.record(verb="wallets.closed", subject=request, by=by.pk, at=at, organization=request.organization_id)
    for reply in Reply.objects.filter(request=request):
        erase(reply=reply, why="closed", by=by, at=at)


@transaction.atomic
def take(*, request: Request, items: Sequence[Mapping[str, Any]], via: str, at: datetime) -> Reply:
    """Keep what was shown and checked, until its day. The first answer counts; raises Gone for any other."""
    row = Request.objects.select_for_update().get(pk=request.pk)
    if row.closed_at is not None or row.ends_at <= at:
        raise Gone(_("This link is no longer open. Ask for a new one."))
    if Reply.objects.filter(request=row).exists():
        raise Gone(_("This link was used already. Ask for a new one."))
    until = rules.erase_at(at, row.keep_days)
    reply = Reply.objects.create(
        request=row, receipt=secret(), via=via, came_at=at, erase_at=until, items=[dict(item) for item in items]
    )
    ledger.record(
        verb="wallets.answered", subject=reply, by=None, at=at, organization=row.organization_id,
        data={"via": via}, tasks=("mail_shown",), later={"erase_shown": until},
    )  # fmt: skip
    return reply


@transaction.atomic
def erase(*, reply: Reply, why: str, by: User | None, at: datetime) -> bool:
    """Erase what was shown; False where it was erased before."""
    won = Reply.objects.filter(pk=reply.pk, erased_at=None).update(erased_at=at, erased_why=why, items=[])
    if won:
        ledger.record(
            verb="wallets.erased", subject=reply, by=by.pk if by else None, at=at,
            organization=reply.request.organization_id, data={"why": why},
        )  # fmt: skip
    return bool(won)


# --- the learner's own record -------------------------------------------------------------------------


@transaction.atomic
def remember(
    *, learner: User, request: Request | None, client_id: str, who: str, purpose: str,
    titles: Sequence[Mapping[str, str]], at: datetime, nonce: str = "",
) -> Shown:  # fmt: skip
    """Write into her own record what she showed, to whom and why; once for each `nonce` of a verifier elsewhere.

    Raises Gone.
    """
    own = uuid5(learner.pk, f"{client_id} {nonce}") if nonce else new_id()
    row = ledger.once(
        lambda: Shown.objects.create(
            id=own, learner=learner, request=request, client_id=client_id[:330], who=who[:330],
            purpose=purpose[:500], titles=[dict(title) for title in titles], at=at,
        )
    )  # fmt: skip
    if row is None:
        raise Gone(_("This link was used already. Ask for a new one."))
    ledger.record(verb="wallets.shown", subject=row, by=learner.pk, at=at)
    return row


@transaction.atomic
def not_sent(*, shown: Shown, at: datetime) -> None:
    """Nothing left after all: she may answer again."""
    ledger.record(verb="wallets.not_sent", subject=shown, by=shown.learner_id, at=at)
    shown.delete()


@transaction.atomic
def take_back(*, shown: Shown, by: User, at: datetime) -> None:
    """She takes her consent back: a recognizer here loses what it was shown. Asked twice, it happens once."""
    if shown.learner_id != by.pk:
        raise NotHers(_("This credential belongs to somebody else."))
    if Shown.objects.filter(pk=shown.pk, withdrawn_at=None).update(withdrawn_at=at):
        ledger.record(verb="wallets.taken_back", subject=shown, by=by.pk, at=at)
    for reply in Reply.objects.filter(request=shown.request_id or UUID(int=0)):
        erase(reply=reply, why="consent", by=None, at=at)


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """She leaves: what recognizers here were shown from her page is erased, and so is her own record of it."""
    for row in Shown.objects.filter(learner=learner):
        for reply in Reply.objects.filter(request=row.request_id or UUID(int=0)):
            erase(reply=reply, why="account", by=None, at=at)
        ledger.record(verb="wallets.forgotten", subject=row, by=learner.pk, at=at)
    Shown.objects.filter(learner=learner).delete()
    Exchange.objects.filter(award__learner=learner).delete()


# --- a wallet fetches a credential --------------------------------------------------------------------


@transaction.atomic
def offer_exchange(*, award: Award, by: User, at: datetime) -> Exchange:
    """A link with which her wallet fetches one credential, once, within minutes. Raises NotHers, Refused."""
    if award.learner_id != by.pk:
        raise NotHers(_("This credential belongs to somebody else."))
    if award.revoked_at is not None:
        raise Refused(_("This credential was withdrawn."))
    Exchange.objects.filter(award=award, used_at=None).delete()
    row = Exchange.objects.create(
        award=award, token=secret(), challenge=secret(), made_at=at,
        ends_at=at + timedelta(minutes=rules.EXCHANGE_MINUTES),
    )  # fmt: skip
    ledger.record(verb="wallets.exchange_offered", subject=row, by=by.pk, at=at, organization=award.organization_id)
    return row


@transaction.atomic
def use_exchange(*, exchange: Exchange, holder: str, at: datetime) -> None:
    """The wallet proved its key and gets the credential. The first one counts; raises Gone for any other."""
    open_now = Exchange.objects.filter(pk=exchange.pk, used_at=None).filter(Q(ends_at__gt=at))
    if not open_now.update(used_at=at, holder=holder[:400]):
        raise Gone(_("This link is no longer open. Ask for a new one."))
    ledger.record(
        verb="wallets.exchanged", subject=exchange, by=exchange.award.learner_id, at=at,
        organization=exchange.award.organization_id,
    )  # fmt: skip
