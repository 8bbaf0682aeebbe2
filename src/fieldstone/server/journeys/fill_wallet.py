"""A credential goes into a wallet: the offer, the tokens, the signed copy.

Permissions belong to `wallets`, copies to `awards`; a credential request is one transaction over both, so that a
nonce is used up exactly when a copy was handed over.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import Holder, achievement_url
from fieldstone.server.catalog.models import Version
from fieldstone.server.delivery import actions, proofs, queries, rules
from fieldstone.server.delivery.models import WalletDelivery, WalletGrant, WalletOffer, WalletRequest
from fieldstone.server.delivery.rules import BadToken, Wrong
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.problems import Conflict
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Organization, User


class NothingToGive(Conflict):
    """She has no such credential here, and none is on its way."""


@dataclass(frozen=True)
class Answer:
    """What a credential request gets: copies as JSON texts that are not written anew, or a transaction id."""

    credentials: tuple[str, ...] = ()
    notification: str = ""
    transaction: str = ""


def kinds(organization: Organization) -> list[rules.Kind]:
    """Every credential that the organization gives or gave: the newest version of each."""
    newest = Version.objects.filter(
        micro_credential__organization=organization, published_at__isnull=False, superseded_at=None
    ).select_related("micro_credential")
    stacks = StackVersion.objects.filter(
        stack__organization=organization, published_at__isnull=False, superseded_at=None
    ).select_related("stack")
    found = [_kind(f"m.{row.micro_credential.slug}", row) for row in newest.order_by("micro_credential__slug")]
    return found + [_kind(f"s.{row.stack.slug}", row) for row in stacks.order_by("stack__slug")]


def _kind(name: str, version: Version | StackVersion) -> rules.Kind:
    body = version.definition
    picture = f"{achievement_url(settings.BASE_URL, version.pk)}/stone.svg"
    return rules.Kind(id=name, name=body["title"], summary=body.get("summary", {}), picture=picture)


def kind_of(award: Award) -> str:
    """The name of an award's kind."""
    if award.micro_credential is not None:
        return f"m.{award.micro_credential.slug}"
    version = StackVersion.objects.select_related("stack").get(pk=award.stack_version_id or award.pk)
    return f"s.{version.stack.slug}"


def offer(
    *, learner: User, award: Award | None = None, enrollment: Enrollment | None = None, form: str, key: str,
    at: datetime,
) -> WalletOffer:  # fmt: skip
    """Offer an award, or work that is in review, to a wallet. Raises NothingToGive, NoSuchForm."""
    if award is not None:
        if not holds(award, at):
            raise NothingToGive(_("This credential is not valid now, so no further copy is made."))
        organization, kind = award.organization, kind_of(award)
    else:
        assert enrollment is not None, "an offer is for something"
        owner = enrollment.version.micro_credential
        organization, kind = owner.organization, f"m.{owner.slug}"
        if not is_coming(enrollment):
            raise NothingToGive(_("Nothing is in review for this, so there is nothing to wait for."))
    return actions.offer(
        learner=learner, organization=organization, award=award, enrollment=enrollment, kind=kind, form=form, key=key,
        at=at,
    )  # fmt: skip


def holds(award: Award, at: datetime) -> bool:
    """Whether copies of an award are made now."""
    from_row = award.revoked_at is None and award.suspended_at is None
    return from_row and (award.valid_until is None or award.valid_until > at) and hasattr(award, "document")


def is_coming(enrollment: Enrollment) -> bool:
    """Whether work may still become an award: sent, and not put aside. A decision "not yet" leaves the way open."""
    return enrollment.left_at is None and enrollment.submissions.exists()


def candidates(
    learner: User, organization: Organization, kind: str, offered: WalletOffer | None, at: datetime
) -> tuple[Award | None, Enrollment | None]:
    """What of hers an authorization request is about: the offered one, her valid award, or work in review."""
    if offered is not None and offered.learner_id == learner.pk and offered.kind == kind:
        return offered.award, offered.enrollment
    sort, _dot, slug = kind.partition(".")
    mine = (
        Award.objects.live()
        .filter(learner=learner, organization=organization)
        .select_related("organization", "document")
    )
    if sort == "s":
        versions = StackVersion.objects.filter(stack__organization=organization, stack__slug=slug).values("pk")
        mine = mine.filter(stack_version_id__in=versions)
    else:
        mine = mine.filter(micro_credential__slug=slug)
    for award in mine.order_by("-issued_at", "-id"):
        if holds(award, at):
            return award, None
    if sort == "m":
        works = Enrollment.objects.filter(
            learner=learner, micro_credential__organization=organization, micro_credential__slug=slug
        ).select_related("version__micro_credential__organization")
        for enrollment in works.order_by("-touched_at"):
            if is_coming(enrollment):
                return None, enrollment
    return None, None


def allow(
    *, learner: User, organization: Organization, asked: rules.Asked, pushed: WalletRequest | None, key: str,
    at: datetime,
) -> str:  # fmt: skip
    """She says yes to a wallet's request: the code for it. Raises NothingToGive, Answered."""
    offered = offered_by(asked, organization, at)
    award, enrollment = candidates(learner, organization, asked.kind, offered, at)
    if award is None and enrollment is None:
        raise NothingToGive(_("You have no such credential here."))
    mine = offered if offered is not None and offered.learner_id == learner.pk else None
    return actions.allow(
        learner=learner, organization=organization, award=award, enrollment=enrollment, asked=asked, offer=mine,
        pushed=pushed, key=key, at=at,
    )  # fmt: skip


def offered_by(asked: rules.Asked, organization: Organization, at: datetime) -> WalletOffer | None:
    """The offer behind a request's `issuer_state`, which anybody may have put there."""
    return queries.offer_by("state", asked.issuer_state, organization, at) if asked.issuer_state else None


def tokens(*, organization: Organization, given: Mapping[str, str], at: datetime) -> actions.Tokens:
    """Answer a token request (section 6). Not one transaction: a wrong try stays counted, a replay ends the grant.

    Raises Wrong.
    """
    sort = given.get("grant_type")
    details = given.get("authorization_details")
    if sort == rules.PRE_AUTHORIZED:
        if not given.get("pre-authorized_code"):
            raise Wrong("invalid_request", "pre-authorized_code is missing.")
        if not given.get("tx_code"):
            raise Wrong("invalid_request", "tx_code is missing: six digits that stand on the learner's page.")
        found = actions.count_try(organization=organization, code=given["pre-authorized_code"], at=at)
        return actions.redeem_offer(offer=found, digits=given["tx_code"], details=details, at=at)
    if "tx_code" in given:
        raise Wrong("invalid_request", "tx_code belongs to a pre-authorized code only.")
    try:
        if sort == "authorization_code":
            return actions.redeem_code(
                organization=organization,
                code=given.get("code", ""),
                client_id=given.get("client_id", ""),
                redirect_uri=given.get("redirect_uri", ""),
                verifier=given.get("code_verifier", ""),
                details=details,
                at=at,
            )
        if sort == "refresh_token":
            return actions.refresh(
                organization=organization, token=given.get("refresh_token", ""), client_id=given.get("client_id", ""),
                at=at,
            )  # fmt: skip
    except actions.Replayed as replayed:
        actions.end(grant=replayed.grant, by=None, at=at)
        raise
    raise Wrong("unsupported_grant_type", "The grant_type is not one that this server names.")


def fresh_nonce(organization: Organization, at: datetime) -> str:
    """A challenge for proofs of possession (section 7.2)."""
    issuer = rules.issuer_id(settings.BASE_URL, organization.slug)
    return rules.make_nonce(settings.SECRET_KEY, issuer, at, secrets.token_bytes(16))


def granted(organization: Organization, token: str, at: datetime) -> WalletGrant:
    """What an access token is for. Raises BadToken."""
    grant = queries.grant_by_token(organization, token, at)
    if grant is None:
        raise BadToken
    return grant


def _locked(grant: WalletGrant) -> WalletGrant:
    """One request at a time for a grant, and none for one that has ended meanwhile. Raises BadToken."""
    rows = WalletGrant.objects.select_for_update(no_key=True, of=("self",)).select_related("organization", "learner")
    found = rows.filter(pk=grant.pk, ended_at=None).first()
    if found is None:
        raise BadToken
    return found


@transaction.atomic
def request(*, grant: WalletGrant, body: Mapping[str, Any], at: datetime) -> Answer:
    """Answer a Credential Request (section 8). Raises Wrong."""
    grant = _locked(grant)
    name = rules.which(body, allowed=grant.configurations, by_details=grant.by_details, thing=queries.thing_id(grant))
    form = rules.form_of(name)
    issuer = rules.issuer_id(settings.BASE_URL, grant.organization.slug)
    holders, nonce = proofs.read_proofs(
        body,
        form,
        issuer=issuer,
        client_id=grant.client_id,
        at=at,
        fresh=lambda text: (rules.nonce_ends(settings.SECRET_KEY, issuer, text) or at) > at,
    )
    if nonce:
        actions.spend(nonce=nonce, at=at)
    if queries.keys_of(grant) + max(1, len(holders)) > rules.KEYS:
        raise Wrong("credential_request_denied", "The wallet has asked for enough copies; she may allow it anew.")
    award = _standing(grant, at)
    if award is None:
        return Answer(transaction=actions.defer(grant=grant, configuration=name, holders=holders, at=at))
    copies = _copies(award, form, holders, grant, at)
    _row, notification = actions.deliver(grant=grant, configuration=name, holders=holders, at=at)
    return Answer(credentials=copies, notification=notification)


@transaction.atomic
def deferred(*, grant: WalletGrant, text: str, at: datetime) -> Answer:
    """Answer a Deferred Credential Request (section 9). Raises Wrong."""
    grant = _locked(grant)
    rows = WalletDelivery.objects.filter(grant=grant, transaction=digest(text), delivered_at=None)
    row = rows.select_related("grant").first()
    if row is None:
        raise Wrong("invalid_transaction_id", "The transaction_id is unknown, or it was used.")
    award = _standing(grant, at)
    if award is None:
        return Answer(transaction=text)
    actions.deliver_later(row=row, at=at)
    holders = [Holder(**holder) for holder in row.holders]
    return Answer(_copies(award, rules.form_of(row.configuration), holders, grant, at))


def _standing(grant: WalletGrant, at: datetime) -> Award | None:
    """The award to copy, or None while it is still to come. Raises Wrong when nothing will come of it."""
    award = queries.award_of(grant)
    if award is None and grant.enrollment is not None and is_coming(grant.enrollment):
        return None
    if award is None or not holds(award, at):
        raise Wrong(
            "credential_request_denied", "The credential was withdrawn, is paused, has ended, or will not come."
        )
    return award


def _copies(award: Award, form: rules.Form, holders: list[Holder], grant: WalletGrant, at: datetime) -> tuple[str, ...]:
    """The signed copies as JSON: objects as they were signed, tokens as JSON text."""
    texts = [
        awards.copy(award=award, form=form.format, holder=holder, by=grant.learner, at=at)
        for holder in (*holders, *(() if holders else (None,)))
    ]
    if form.format == "ldp_vc":
        return tuple(texts)
    return tuple(json.dumps(text) for text in texts)
