"""A wallet in Python, for tests that do not need another program's: it holds keys and asks over HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from fieldstone import credential as c
from fieldstone.credential import jwt
from fieldstone.server.awards.models import Award
from fieldstone.server.delivery import rules
from fieldstone.server.delivery.models import WalletOffer
from fieldstone.server.journeys.confirm_decision import award as confirm
from tests.awards.makers import make_review
from tests.cast import Cast

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ISSUER = "http://127.0.0.1:8000/o/home"


class Local:
    """Asks the site under test."""

    def did(self, did: str) -> dict[str, Any]:
        raise c.Unreachable(did)

    def fetch(self, url: str) -> bytes:
        return Client().get("/" + url.split("/", 3)[3]).content


def earned(cast: Cast, at: datetime) -> Award:
    """The learner's award of the home institution's micro-credential."""
    return confirm(review=make_review(cast.learner, cast.home.version, at), by=cast.home.approver, at=at)


def proof(
    key: c.SigningKey, nonce: str, at: datetime, *, issuer: str = ISSUER, header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:  # fmt: skip
    """A proof of possession; members given as None are left out."""
    head = {"typ": "openid4vci-proof+jwt", "jwk": key.public.jwk(), **(header or {})}
    body = {"aud": issuer, "iat": int(at.timestamp()), "nonce": nonce, **claims}
    return jwt.write(
        {k: v for k, v in head.items() if v is not None}, {k: v for k, v in body.items() if v is not None}, key
    )


@dataclass
class Wallet:
    """Asks one issuer, without cookies."""

    org: str = "home"
    client: Client = field(default_factory=Client)
    token: str = ""

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, name: str, body: Any = None, *, token: str | None = None) -> Any:
        """Post JSON (a dict) to an address that wants it; the token of this wallet is sent along."""
        token = self.token if token is None else token
        more = {"Authorization": f"Bearer {token}"} if token else {}
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(f"/o/{self.org}/openid4vci/{name}", text, content_type="application/json", headers=more)

    def form(self, name: str, **fields: str) -> Any:
        """Post a form."""
        fields = {key.replace("__", "-"): value for key, value in fields.items()}
        return self.client.post(
            f"/o/{self.org}/openid4vci/{name}", urlencode(fields), content_type="application/x-www-form-urlencoded"
        )

    def redeem(self, offer: WalletOffer, digits: str | None = None, **more: str) -> Any:
        """Ask for tokens with an offer's code and the digits of its page."""
        secret = settings.SECRET_KEY
        answer = self.form(
            "token",
            grant_type=rules.PRE_AUTHORIZED,
            pre__authorized_code=rules.derive(secret, "code", offer.pk),
            tx_code=rules.tx_code(secret, offer.pk) if digits is None else digits,
            **more,
        )
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def nonce(self) -> str:
        return str(self.post("nonce", {}).json()["c_nonce"])
