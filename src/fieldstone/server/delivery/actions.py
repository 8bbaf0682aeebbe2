"""Every write about wallets: offers, permissions, tokens, deliveries. Nothing here signs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import Holder
from fieldstone.server.delivery import queries, rules
from fieldstone.server.delivery.models import (
    SpentNonce,
    WalletDelivery,
    WalletGrant,
    WalletOffer,
    WalletRequest,
    WalletToken,
)
from fieldstone.server.delivery.rules import Wrong
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.kept import digest, proves
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


class NoSuchForm(Refused):
    """The form of the copy is not one that we make."""


class Answered(Conflict):
    """The page was answered before."""


class Replayed(Wrong):
    """A code or refresh token came a second time: whoever holds the tokens made from it, they must end."""

    def __init__(self, grant: WalletGrant) -> None:
        super().__init__("invalid_grant", "The code or token was used before; everything given for it has ended.")
        self.grant = grant


@dataclass(frozen=True)
class Tokens:
    """What a token request gets; the texts are kept nowhere else."""

    grant: WalletGrant
    access: str
    refresh: str


# --- the learner's part ---------------------------------------------------------------------------------


@transaction.atomic
def offer(
    *, learner: User, organization: Organization, award: Award | None, enrollment: Enrollment | None, kind: str,
    form: str, key: str, at: datetime,
) -> WalletOffer:  # fmt: skip
    """An offer of one credential to one wallet; those that she made for it before end. Raises NoSuchForm."""
    if form not in rules.FORMS:
        raise NoSuchForm(_("Choose one of: %(options)s."), "form", options=", ".join(rules.FORMS))
    whole_key = f"{learner.pk} {key}"[:160]
    configurations = [rules.configuration(kind, form)]
    made = ledger.once(
        lambda: WalletOffer.objects.create(
            organization=organization,
            learner=learner,
            award=award,
            enrollment=enrollment,
            kind=kind,
            configurations=configurations,
            key=whole_key,
            made_at=at,
            expires_at=at + rules.OFFER_LIFE,
        )
    )
    if made is None:  # the same page sent twice at the same moment
        return WalletOffer.objects.get(key=whole_key)
    same = WalletOffer.objects.filter(learner=learner, award=award, enrollment=enrollment).exclude(pk=made.pk)
    same.filter(redeemed_at=None, ended_at=None).update(ended_at=at)
    ledger.record(
        verb="delivery.offered", subject=made, by=learner.pk, at=at, organization=organization.pk, data={"form": form}
    )
    return made


@transaction.atomic
def allow(
    *, learner: User, organization: Organization, award: Award | None, enrollment: Enrollment | None,
    asked: rules.Asked, offer: WalletOffer | None, pushed: WalletRequest | None, key: str, at: datetime,
) -> str:  # fmt: skip
    """She lets a wallet have one credential: the authorization code for it, once for each `key`. Raises Answered."""
    User.objects.select_for_update(no_key=True).get(pk=learner.pk)  # the same form twice at the same moment
    once = digest(f"{learner.pk} {key}")
    if Entry.objects.filter(key=once).exists():
        raise Answered(_("This question was answered before. Start again in the wallet."))
    if pushed is not None and not WalletRequest.objects.filter(pk=pushed.pk, used_at=None).update(used_at=at):
        raise Answered(_("This question was answered before. Start again in the wallet."))
    if offer is not None and not _redeem(offer, at):
        raise Answered(_("This question was answered before. Start again in the wallet."))
    grant = WalletGrant.objects.create(
        organization=organization,
        learner=learner,
        award=award,
        enrollment=enrollment,
        kind=asked.kind,
        configurations=list(asked.configurations),
        offer=offer,
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        by_details=asked.by_details,
        made_at=at,
    )
    ledger.record(
        verb="delivery.allowed", subject=grant, by=learner.pk, at=at, organization=organization.pk,
        data={"by": "page"}, key=once,
    )  # fmt: skip
    return _token(grant, "code", rules.CODE_LIFE, at, challenge=asked.challenge)


@transaction.atomic
def end(*, grant: WalletGrant, by: User | None, at: datetime) -> None:
    """A wallet gets nothing more. What it has fetched stays with it. Twice is once."""
    if WalletGrant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=at):
        ledger.record(
            verb="delivery.ended", subject=grant, by=by.pk if by else None, at=at, organization=grant.organization_id
        )


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """Erase everything about the wallets of a person who leaves."""
    for grant in WalletGrant.objects.filter(learner=learner):
        ledger.record(verb="delivery.forgotten", subject=grant, by=None, at=at, organization=grant.organization_id)
    WalletGrant.objects.filter(learner=learner).delete()
    WalletOffer.objects.filter(learner=learner).delete()


# --- the wallet's part ----------------------------------------------------------------------------------


@transaction.atomic
def push(*, organization: Organization, parameters: Mapping[str, str], at: datetime) -> str:
    """Keep an authorization request until the learner has signed in; its `request_uri`."""
    WalletRequest.objects.filter(expires_at__lt=at).delete()
    uri = rules.REQUEST_URI + secrets.token_urlsafe(32)
    WalletRequest.objects.create(
        organization=organization,
        sha256=digest(uri),
        parameters=dict(parameters),
        expires_at=at + rules.REQUEST_LIFE,
    )
    return uri


@transaction.atomic
def count_try(*, organization: Organization, code: str, at: datetime) -> WalletOffer:
    """Find the live offer of a pre-authorized code and count this try on it. Raises Wrong when there are none left.

    The count stays whatever comes of the try, so this is a transaction of its own.
    """
    found = queries.offer_by("code", code, organization, at)
    if found is None or not queries.live_offers(at).filter(pk=found.pk).update(tries=F("tries") + 1):
        raise Wrong("invalid_grant", "The pre-authorized code is unknown, was used, or has ended.")
    return found


@transaction.atomic
def redeem_offer(*, offer: WalletOffer, digits: str, details: str | None, at: datetime) -> Tokens:
    """The tokens of an offer, for the six digits of its page, once. Raises Wrong."""
    if not secrets.compare_digest(digits.encode(), rules.tx_code(settings.SECRET_KEY, offer.pk).encode()):
        raise Wrong("invalid_grant", "The transaction code is not the one on the page.")
    configurations, by_details = rules.narrowed(offer.configurations, details)
    if not _redeem(offer, at):
        raise Wrong("invalid_grant", "The pre-authorized code is unknown, was used, or has ended.")
    grant = WalletGrant.objects.create(
        organization=offer.organization,
        learner=offer.learner,
        award_id=offer.award_id,
        enrollment_id=offer.enrollment_id,
        kind=offer.kind,
        configurations=configurations,
        offer=offer,
        by_details=by_details,
        made_at=at,
    )
    ledger.record(
        verb="delivery.allowed", subject=grant, by=offer.learner_id, at=at, organization=offer.organization_id,
        data={"by": "offer"},
    )  # fmt: skip
    return _tokens(grant, at)


def redeem_code(
    *, organization: Organization, code: str, client_id: str, redirect_uri: str, verifier: str, details: str | None,
    at: datetime,
) -> Tokens:  # fmt: skip
    """The tokens of an authorization code, once. Raises Wrong; Replayed for a code that was used.

    The code is used up whatever comes of the try, so taking it is a transaction of its own.
    """
    row = _take(organization, "code", code, at)
    grant = row.grant
    if client_id != grant.client_id or redirect_uri != grant.redirect_uri:
        raise Wrong("invalid_grant", "The code was given to another client or redirect_uri.")
    if not proves(verifier, row.challenge):
        raise Wrong("invalid_grant", "The code_verifier does not fit.")
    configurations, by_details = rules.narrowed(grant.configurations, details)
    with transaction.atomic():
        grant.configurations, grant.by_details = configurations, grant.by_details or by_details
        grant.save(update_fields=["configurations", "by_details"])
        return _tokens(grant, at)


@transaction.atomic
def refresh(*, organization: Organization, token: str, client_id: str, at: datetime) -> Tokens:
    """New tokens for a refresh token, which works once. Raises Wrong; Replayed for one that was used."""
    row = _take(organization, "refresh", token, at)
    if client_id != row.grant.client_id:
        raise Wrong("invalid_grant", "The refresh token was given to another client.")
    return _tokens(row.grant, at)


def _redeem(offer: WalletOffer, at: datetime) -> bool:
    """Whether this request is the one that gets an offer."""
    live = WalletOffer.objects.filter(pk=offer.pk, redeemed_at=None, ended_at=None, expires_at__gt=at)
    return bool(live.update(redeemed_at=at))


@transaction.atomic
def _take(organization: Organization, use: str, text: str, at: datetime) -> WalletToken:
    """A code or refresh token, used up by this request."""
    rows = WalletToken.objects.filter(sha256=digest(text), use=use, grant__organization=organization)
    row = rows.select_related("grant__organization", "grant__learner").first()
    if row is None or row.expires_at <= at or row.grant.ended_at is not None:
        raise Wrong("invalid_grant", "It is unknown, or it has ended.")
    if not WalletToken.objects.filter(pk=row.pk, used_at=None).update(used_at=at):
        raise Replayed(row.grant)
    return row


def _token(grant: WalletGrant, use: str, life: timedelta, at: datetime, challenge: str = "") -> str:
    text = secrets.token_urlsafe(32)
    WalletToken.objects.create(
        grant=grant, use=use, sha256=digest(text), challenge=challenge, made_at=at, expires_at=at + life
    )
    return text


def _tokens(grant: WalletGrant, at: datetime) -> Tokens:
    """An access token for minutes; a refresh token only while the award is still to come."""
    WalletToken.objects.filter(grant=grant, expires_at__lt=at).delete()
    later = queries.award_of(grant) is None
    return Tokens(
        grant=grant,
        access=_token(grant, "access", rules.ACCESS_LIFE, at),
        refresh=_token(grant, "refresh", rules.REFRESH_LIFE, at) if later else "",
    )


@transaction.atomic
def spend(*, nonce: str, at: datetime) -> None:
    """Use a nonce up. Raises Wrong for one that was used before."""
    SpentNonce.objects.filter(expires_at__lt=at).delete()
    ends = at + rules.NONCE_LIFE + rules.SKEW
    if ledger.once(lambda: SpentNonce.objects.create(sha256=digest(nonce), expires_at=ends)) is None:
        raise Wrong("invalid_nonce", "The nonce was used before; ask for a new one.")


@transaction.atomic
def deliver(
    *, grant: WalletGrant, configuration: str, holders: Sequence[Holder], at: datetime
) -> tuple[WalletDelivery, str]:
    """Note what a wallet got at once; the row, and the id under which the wallet says what it made of it."""
    text = secrets.token_urlsafe(24)
    row = _delivery(grant, configuration, holders, at, delivered_at=at, notification=digest(text))
    _record_delivery(grant, configuration, row, at)
    return row, text


@transaction.atomic
def defer(*, grant: WalletGrant, configuration: str, holders: Sequence[Holder], at: datetime) -> str:
    """Note what a wallet asked for that is still to come; the transaction id under which it asks again."""
    text = secrets.token_urlsafe(24)
    row = _delivery(grant, configuration, holders, at, transaction=digest(text))
    ledger.record(
        verb="delivery.deferred", subject=row, by=grant.learner_id, at=at, organization=grant.organization_id,
        data={"configuration": configuration},
    )  # fmt: skip
    return text


@transaction.atomic
def deliver_later(*, row: WalletDelivery, at: datetime) -> None:
    """What was deferred is handed over now, once. Raises Wrong when another request did it first.

    No notification id goes with it, though one may: a much used wallet library takes an answer with both for wrong.
    """
    if not WalletDelivery.objects.filter(pk=row.pk, delivered_at=None).update(delivered_at=at):
        raise Wrong("invalid_transaction_id", "The transaction_id is unknown, or it was used.")
    _record_delivery(row.grant, row.configuration, row, at)


def _delivery(
    grant: WalletGrant, configuration: str, holders: Sequence[Holder], at: datetime, **more: Any
) -> WalletDelivery:
    keys = [{"did": holder.did, "jwk": dict(holder.jwk)} for holder in holders]
    return WalletDelivery.objects.create(grant=grant, configuration=configuration, holders=keys, asked_at=at, **more)


def _record_delivery(grant: WalletGrant, configuration: str, row: WalletDelivery, at: datetime) -> None:
    ledger.record(
        verb="delivery.delivered", subject=row, by=grant.learner_id, at=at, organization=grant.organization_id,
        data={"configuration": configuration, "keys": len(row.holders)},
    )  # fmt: skip


@transaction.atomic
def note(*, grant: WalletGrant, notification: str, event: str, at: datetime) -> None:
    """What the wallet made of a delivery. The same again, or what comes before it, changes nothing. Raises Wrong."""
    if event not in rules.EVENTS:
        raise Wrong("invalid_notification_request", "The event is not one that the standard names.")
    rows = WalletDelivery.objects.filter(grant=grant, notification=digest(notification))
    row = rows.select_for_update().first()
    if row is None:
        raise Wrong("invalid_notification_id", "The notification_id is unknown here.")
    if not row.event or rules.EVENTS.index(row.event) < rules.EVENTS.index(event):
        row.event, row.event_at = event, at
        row.save(update_fields=["event", "event_at"])
        ledger.record(
            verb="delivery.noted", subject=row, by=grant.learner_id, at=at, organization=grant.organization_id,
            data={"event": event},
        )  # fmt: skip
