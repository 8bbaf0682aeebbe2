"""Requests, wallets with a key of their own, and credentials bound to it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.test import Client

from fieldstone import credential
from fieldstone.credential import openid4vp
from fieldstone.server.awards import keys
from fieldstone.server.awards.models import Award
from fieldstone.server.journeys.ask_credentials import ask_credentials, wanted
from fieldstone.server.wallets.models import Request
from tests.cast import Cast

FORM = "application/x-www-form-urlencoded"


def make_request(cast: Cast, at: datetime, **changes: Any) -> Request:
    """The other institution asks for the home institution's micro-credential."""
    asked = wanted("m", cast.home.micro_credential.pk)
    assert asked is not None
    fields: dict[str, Any] = {
        "organization": cast.away.organization, "asked": [asked], "needs_all": True,
        "purpose": "You applied for the job of assistant.", "keep_days": 30, "open_days": 7,
        "by": cast.away.recognizer, "at": at, "key": "k1",
    }  # fmt: skip
    return ask_credentials(**{**fields, **changes})


def read_request(row: Request, at: datetime) -> openid4vp.Request:
    """The request as a wallet reads it."""
    return openid4vp.read_request(row.body, client_id=row.client_id, resolver=credential.Offline(), at=at)


def issuer_key(award: Award, settings: Any) -> credential.SigningKey:
    """The key that signed an award."""
    row = award.signing_key
    return keys.unseal(
        bytes(row.sealed_private), organization=row.organization_id, public=row.public_multibase, did=row.did,
        secret=settings.KEY_ENCRYPTION_SECRET,
    )  # fmt: skip


def bound_to(award: Award, holder: str, key: credential.SigningKey, at: datetime, **changes: Any) -> dict[str, Any]:
    """The award's document once more, with its holder's DID as its subject."""
    document = json.loads(award.document.body)
    document.pop("proof")
    document["credentialSubject"]["id"] = holder
    document.update(changes)
    return credential.sign(document, key=key, created=at)


def post_answer(row: Request, vp_token: Any, client: Client | None = None, **form: str) -> Any:
    """Post an answer as a wallet does."""
    body = {"vp_token": json.dumps(vp_token), "state": row.state, **form}
    return (client or Client()).post(f"/wallets/answers/{row.token}", urlencode(body), content_type=FORM)


NOBODY = UUID(int=0)
