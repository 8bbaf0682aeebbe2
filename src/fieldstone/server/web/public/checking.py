"""Checking a credential: what we know ourselves is answered from the database, the rest by the one network door."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from fieldstone import credential
from fieldstone.server.awards import queries as awards

MAX_BYTES = 300_000
"""The largest credential that is looked at."""


class OwnFirst:
    """Answers for DIDs and addresses of this installation without any network; asks `outside` for all others."""

    def __init__(self, outside: credential.Resolver) -> None:
        self.outside = outside

    def did(self, did: str) -> dict[str, Any]:
        """The DID document of one of our issuers, or of anybody."""
        return awards.did_document(did) or self.outside.did(did)

    def fetch(self, url: str) -> bytes:
        """A status list or signed file of ours, or what lies at another address."""
        base = f"{settings.BASE_URL}/"
        if not url.startswith(base):
            return self.outside.fetch(url)
        body = _own(url.removeprefix(base))
        if body is None:
            raise credential.Missing("This site has nothing at that address.")
        return body.encode()


def _own(path: str) -> str | None:
    found = re.fullmatch(r"status/([0-9a-f-]{36})", path)
    if found:
        return awards.status_list(UUID(found[1])) if found[1].count("-") == 4 else None
    found = re.fullmatch(r"c/([0-9A-Z-]{4,20})/(?:credential\.json)?", path)
    award = awards.by_code(found[1]) if found else None
    return awards.document(award) if award and award.audience != "private" else None


class OurIssuers:
    """Whom this site vouches for: organizations that issue here. About all others it cannot tell."""

    def trusts(self, issuer: str) -> bool | None:
        """True for an issuer of this installation, else None."""
        return True if awards.issuer_of(issuer) else None


def outside() -> credential.Resolver:
    """Whoever answers for the rest of the world."""
    return credential.Offline()


def check(data: bytes, *, at: datetime) -> credential.Report:
    """The report on a credential as somebody handed it in."""
    return credential.verify(data, resolver=OwnFirst(outside()), at=at, policy=OurIssuers())
