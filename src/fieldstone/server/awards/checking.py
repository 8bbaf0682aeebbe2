"""Checking a credential: what we know ourselves is answered from the database, the rest by the one network door."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from fieldstone import credential
from fieldstone.credential.baked import unbake
from fieldstone.server.awards import queries as awards
from fieldstone.server.awards import rules
from fieldstone.server.catalog.models import Version
from fieldstone.server.net import NetResolver, Within
from fieldstone.server.people.models import Organization

MAX_BYTES = 300_000
"""The largest credential that may be pasted."""
MAX_FILE = 2_000_000
"""The largest file that may be uploaded: a badge picture may be big."""


class Own:
    """Answers for the DIDs and addresses of this installation from the database, without any network."""

    def did(self, did: str) -> dict[str, Any]:
        """The DID document of one of our issuers. Raises Unreachable for others."""
        document = awards.did_document(did)
        if document is None:
            raise credential.Unreachable(f"{did} is not from here.")
        return document

    def fetch(self, url: str) -> bytes:
        """A status list or signed file of ours. Raises Unreachable for other addresses, Missing for unknown ones."""
        base = f"{settings.BASE_URL}/"
        if not url.startswith(base):
            raise credential.Unreachable(f"{url} is not from here.")
        path = url.removeprefix(base)
        body = _older(path) if path.startswith("ob2/") else _own(path)
        if body is None:
            raise credential.Missing("This site has nothing at that address.")
        return body.encode()


def _own(path: str) -> str | None:
    found = re.fullmatch(r"status/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", path)
    if found:
        return awards.status_list(UUID(found[1]))
    found = re.fullmatch(r"c/([0-9A-Z-]{4,20})/(?:credential\.json|(record\.json))?", path)
    award = awards.by_code(found[1]) if found else None
    if found and found[2]:
        return awards.public_record(award) if award else None
    return awards.document(award) if award and award.audience != "private" else None


def _older(path: str) -> str | None:
    """What we answer in the form of Open Badges 2.0. Raises Gone for what was withdrawn, Unreachable for a stack's
    badge, which is described in a higher layer."""
    _, kind, name = [*path.split("/"), "", ""][:3]
    if kind == "assertions":
        body, stands = awards.hosted(name) or (None, True)
        if not stands:
            raise credential.Gone("It was withdrawn.")
        return body
    if kind == "badges" and re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", name):
        for version in Version.objects.filter(pk=name, published_at__isnull=False):
            return json.dumps(awards.badge_class(version))
        raise credential.Unreachable("A stack describes itself at its own address.")
    for organization in Organization.objects.filter(slug=name) if kind == "issuers" else ():
        return json.dumps(awards.older_issuer(organization))
    return None


class OurIssuers:
    """Whom this site vouches for: organizations that issue here. About all others it cannot tell."""

    def trusts(self, issuer: str) -> bool | None:
        """True for an issuer of this installation, else None."""
        older = rules.older_url(settings.BASE_URL, "issuer", "")
        return True if awards.issuer_of(issuer) or issuer.startswith(older) else None


WORLD = NetResolver(local=Own())
"""Whom a check may ask: ourselves first, then public https addresses through the one network door."""


LISTS = credential.Lists(skip=lambda url: url.startswith(f"{settings.BASE_URL}/"))
"""Status lists of others, verified and kept for as long as they ask. Our own are read from the database each time."""


def check(data: bytes, *, at: datetime) -> credential.Report:
    """The report on a credential as somebody handed it in: JSON, a JWT, or a badge picture that holds one."""
    with suppress(credential.CredentialError):  # no credential inside: the first check says that it cannot be read
        data = unbake(data)
    return credential.verify(data, resolver=Within(WORLD), at=at, policy=OurIssuers(), lists=LISTS)
