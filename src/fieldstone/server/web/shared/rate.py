"""A plain limit on how often one client may do a costly or guessable thing."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _


class TooOften(Refused):
    """More requests than the limit; the answer says when to try again."""

    status = 429


def limit(request: HttpRequest, name: str, *, times: int, seconds: int) -> None:
    """Count this request against `times` per `seconds` for its address. Raises TooOften past it."""
    key = f"rate:{name}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, seconds)
    try:
        count = cache.incr(key)
    except ValueError:
        cache.set(key, 1, seconds)
        count = 1
    if count > times:
        raise TooOften(
            _("Too many tries from here. Wait %(minutes)s minutes and try again."), minutes=max(1, seconds // 60)
        )
