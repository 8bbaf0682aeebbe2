"""A plain limit on how often one client may do a costly or guessable thing."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.web.shared.access import now


class TooOften(Refused):
    """More requests than the limit; the answer says when to try again."""

    status = 429


def address_of(request: HttpRequest) -> str:
    """The client's network address; behind a proxy the one that the proxy saw, which stands last."""
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()[:60] or seen
    return seen


def limit(request: HttpRequest, name: str, *, times: int, seconds: int, of: str = "") -> None:
    """Count this request against `times` per `seconds`, for its address or for `of`. Raises TooOften past it."""
    key = f"{name}:{hashlib.sha256((of or address_of(request)).encode()).hexdigest()[:32]}"
    count = ledger.count(key=key, life=timedelta(seconds=seconds), at=now())
    if count > times:
        raise TooOften(
            _("Too many tries from here. Wait %(minutes)s minutes and try again."), minutes=max(1, seconds // 60)
        )
