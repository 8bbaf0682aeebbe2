"""What is asked for, in words and as a query; for how long; and the links that open wallets. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from fieldstone.credential.dcql import JWT_VC, LDP_VC, SD_JWT, Choice, Claim, Part, Query
from fieldstone.credential.sd_jwt_vc import VCTS
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

VIAS = ("wallet", "fieldstone")
"""How an answer came: from a wallet app, or by this site in the learner's name."""
ERASED_WHY = ("date", "consent", "account", "closed")
MAX_KEEP_DAYS = 365
MAX_ASKED = 10
MAX_PURPOSE = 500
OPEN_DAYS = (1, 7, 30)
"""For how many days a link may be open."""
EXCHANGE_MINUTES = 15
VC_TYPE = "https://www.w3.org/2018/credentials#VerifiableCredential"


@dataclass(frozen=True)
class Asked:
    """One micro-credential ("m") or stack ("s") that is asked for.

    `achievements` are the addresses of its versions; `issuer` is who issues it.
    """

    kind: str
    id: str
    title: Mapping[str, str]
    issuer: str
    issuer_name: str
    achievements: Sequence[str]

    def row(self) -> dict[str, Any]:
        """What the request keeps of it."""
        return {
            "kind": self.kind, "id": self.id, "title": dict(self.title), "issuer": self.issuer,
            "issuer_name": self.issuer_name,
        }  # fmt: skip


def query(asked: Sequence[Asked], *, needs_all: bool) -> Query:
    """The DCQL query: each thing in the form that says least (an SD-JWT with no more than the name), else whole; bound
    to a key of its holder, else as it was issued."""
    parts: list[Part] = []
    choices = []
    for n, each in enumerate(asked):
        claim = Claim(("credentialSubject", "achievement", "id"), values=tuple(each.achievements))
        types = (frozenset({VC_TYPE}),)
        least = (claim, Claim(("credentialSubject", "identifier")))
        options = (
            Part(f"c{n}-least", SD_JWT, vcts=frozenset({VCTS["achievement"]}), claims=least),
            Part(f"c{n}", LDP_VC, types=types, claims=(claim,)),
            Part(f"c{n}-jwt", JWT_VC, types=types, claims=(claim,)),
            Part(f"c{n}-unbound", LDP_VC, types=types, bound=False, claims=(claim,)),
        )
        parts += options
        choices.append(Choice(tuple((part.id,) for part in options), needs_all))
    return Query(tuple(parts), tuple(choices))


def asked_by(part: str) -> int:
    """Which of the things asked for a part of the query is about."""
    return int(part.removeprefix("c").partition("-")[0])


def ask_problems(*, count: int, purpose: str, keep_days: int, open_days: int) -> list[Problem]:
    """What is missing in a request for credentials."""
    found = []
    if not count:
        found.append(Problem("want", _("Choose at least one micro-credential or stack.")))
    if count > MAX_ASKED:
        found.append(Problem("want", _("Choose no more than %(limit)s."), {"limit": MAX_ASKED}))
    if not purpose:
        found.append(Problem("purpose", _("Say why you ask. The person reads it before choosing.")))
    if len(purpose) > MAX_PURPOSE:
        found.append(Problem("purpose", _("Shorten this to %(limit)s signs."), {"limit": MAX_PURPOSE}))
    if not 1 <= keep_days <= MAX_KEEP_DAYS:
        found.append(Problem("keep_days", _("Give a whole number from 1 to %(limit)s."), {"limit": MAX_KEEP_DAYS}))
    if open_days not in OPEN_DAYS:
        found.append(Problem("open_days", _("Choose for how long the link is open.")))
    return found


def standing(*, ends_at: datetime, closed_at: datetime | None, replied: bool, erased: bool, at: datetime) -> str:
    """waiting, answered, erased, closed or ended."""
    if replied:
        return "erased" if erased else "answered"
    if closed_at is not None:
        return "closed"
    return "ended" if ends_at <= at else "waiting"


def erase_at(came_at: datetime, keep_days: int) -> datetime:
    """When what came is erased."""
    return came_at + timedelta(days=keep_days)


# --- links --------------------------------------------------------------------------------------------


def page_url(base: str, token: str) -> str:
    """The page of a request: for people, and what its QR code says."""
    return f"{base}/show/{token}/"


def request_uri(base: str, token: str) -> str:
    """Where a wallet fetches the request object."""
    return f"{base}/wallets/requests/{token}"


def response_uri(base: str, token: str) -> str:
    """Where a wallet posts its answer."""
    return f"{base}/wallets/answers/{token}"


def wallet_link(base: str, token: str, client_id: str) -> str:
    """The link that opens a wallet app with the request (OpenID4VP section 5)."""
    return "openid4vp://?" + urlencode(
        {"client_id": client_id, "request_uri": request_uri(base, token)}, quote_via=quote
    )


def exchange_url(base: str, token: str) -> str:
    """Where a wallet asks for the credential of an exchange."""
    return f"{base}/exchanges/{token}"


def exchange_links(base: str, token: str, challenge: str, issuer: str) -> dict[str, str]:
    """The links that open the Learner Credential Wallet: by its page on the web, by its own scheme, and with the two
    steps of the VC API (`vcapi`), which name the domain as well."""
    direct = urlencode(
        {
            "issuer": issuer, "auth_type": "bearer", "challenge": challenge,
            "vc_request_url": exchange_url(base, token),
        },
        quote_via=quote,
    )  # fmt: skip
    whole = json.dumps(
        {"credentialRequestOrigin": base, "protocols": {"vcapi": exchange_url(base, token)}}, separators=(",", ":")
    )
    return {
        "web": f"https://lcw.app/request.html?{direct}",
        "app": f"dccrequest://request?{direct}",
        "vcapi": f"dccrequest://request?{urlencode({'request': whole}, quote_via=quote)}",
    }


def domain(base: str) -> str:
    """What a wallet's proof names as the one who asked."""
    return urlsplit(base).netloc


def presentation_request(base: str, token: str, challenge: str) -> dict[str, Any]:
    """What a wallet gets that only knocked: who are you? (VC API 0.7 section 3.6, VP Request: DIDAuthentication)."""
    return {
        "verifiablePresentationRequest": {
            "query": [
                {
                    "type": "DIDAuthentication",
                    "acceptedMethods": [{"method": "key"}, {"method": "web"}, {"method": "jwk"}],
                    "acceptedCryptosuites": [
                        {"cryptosuite": "eddsa-rdfc-2022"},
                        {"cryptosuite": "ecdsa-rdfc-2019"},
                        {"cryptosuite": "Ed25519Signature2020"},
                    ],
                }
            ],
            "challenge": challenge,
            "domain": domain(base),
            "interact": {
                "service": [
                    {
                        "type": "UnmediatedHttpPresentationService2021",
                        "serviceEndpoint": exchange_url(base, token),
                    }
                ]
            },
        }
    }
