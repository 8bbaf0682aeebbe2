"""An app for the tests, as it registers, asks, and fetches its tokens."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from fieldstone.server.connections import actions, rules
from fieldstone.server.connections.models import App
from fieldstone.server.people.models import User

BACK = "https://wallet.example/back"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
EVERYTHING = " ".join(rules.SCOPES)


def metadata(**changes: Any) -> dict[str, Any]:
    """A registration as the example of the standard has it; None leaves a member out."""
    body: dict[str, Any] = {
        "client_name": "Pebble Wallet",
        "client_uri": "https://wallet.example/",
        "logo_uri": "https://wallet.example/logo.png",
        "tos_uri": "https://wallet.example/terms",
        "policy_uri": "https://wallet.example/privacy",
        "software_id": "c88b6ed8-269e-448e-99be-7e2ff47167d1",
        "software_version": "v4.0.30319",
        "redirect_uris": [BACK],
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": EVERYTHING,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def make_app(at: datetime, **changes: Any) -> App:
    """A registered app."""
    return actions.register(metadata=rules.parse_metadata(metadata(**changes)), at=at)[0]


def asked(*scope: str, back: str = BACK) -> rules.Asked:
    """What the app asks for; everything unless said otherwise."""
    return rules.Asked(back, scope or rules.SCOPES, "state-7", CHALLENGE)


def make_code(app: App, learner: User, at: datetime, *scope: str, key: str = "key-1") -> str:
    """The learner said yes."""
    request = asked(*scope)
    return actions.allow(app=app, asked=request, scope=request.scope, by=learner, at=at, key=key)


def redeem(app: App, code: str, at: datetime, **changes: str) -> actions.Issued | None:
    """The app shows a code."""
    return actions.redeem(app=app, code=code, at=at, **{"redirect_uri": BACK, "verifier": VERIFIER, **changes})


def connect(app: App, learner: User, at: datetime, *scope: str, key: str = "key-1") -> actions.Issued:
    """Consent and the first tokens."""
    issued = redeem(app, make_code(app, learner, at, *scope, key=key), at)
    assert issued is not None
    return issued
