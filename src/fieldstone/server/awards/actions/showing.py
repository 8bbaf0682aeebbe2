"""Asking for credentials and showing them to recognizers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from fieldstone.credential import dcql, openid4vp
from fieldstone.server.awards import rules
from fieldstone.server.awards.actions.locks import lock_organization
from fieldstone.server.awards.actions.problems import NotHolder
from fieldstone.server.awards.actions.signing import active_key, holder_key
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


@transaction.atomic
def sign_request(
    *, organization: Organization, response_uri: str, query: dcql.Query, nonce: str, state: str, ends: datetime,
    by: User | None, at: datetime,
) -> tuple[str, str]:  # fmt: skip
    """A recognizer's request for credentials, signed with its key: the client identifier and the request object."""
    _row, key = active_key(lock_organization(organization.pk), at)
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
    key = holder_key(learner)
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
    key = holder_key(learner)
    shown = openid4vp.present(document, request=request, key=key, at=at, places=places)
    ledger.record(verb="awards.presented", subject=learner, by=by.pk, at=at)
    return shown
