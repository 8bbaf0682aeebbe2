"""Status lists that were verified, kept for as long as they ask (Bitstring Status List 1.0 sections 2.2 and 3.2).

A verifier that asks for each credential tells the issuer who is looked at, and checks the same signature again and
again. One `Lists` may be shared between calls of `verify` and between threads; only lists that could be trusted are
kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

KEEP: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """A verified list: who signed it, what it is about, its bits, and the moments between which it may be used."""

    issuer: str
    purposes: frozenset[str]
    data: bytes
    since: datetime
    until: datetime


class Lists:
    """Verified lists by address, at most `size` of them.

    A list is kept for the `ttl` that it states, but not beyond `longest`; for `keep` where it states none; and never
    beyond its own end. Addresses for which `skip` is true are not kept: those of lists that are at hand anyway.
    """

    def __init__(
        self,
        *,
        keep: timedelta = KEEP,
        longest: timedelta = LONGEST,
        size: int = 64,
        skip: Callable[[str], bool] = lambda url: False,
    ) -> None:
        self.keep, self.longest, self.size, self.skip = keep, longest, size, skip
        self._kept: dict[str, Listing] = {}

    def get(self, url: str, at: datetime) -> Listing | None:
        """The list at `url`, if it is kept and may be used at that moment."""
        listing = self._kept.get(url)
        return listing if listing is not None and listing.since <= at < listing.until else None

    def until(self, at: datetime, ttl: timedelta | None, end: datetime | None) -> datetime:
        """When a list that was verified at `at` must be asked for again."""
        moment = at + min(self.keep if ttl is None else ttl, self.longest)
        return moment if end is None else min(moment, end)

    def put(self, url: str, listing: Listing) -> None:
        """Keep a list; the one kept longest makes room."""
        if self.skip(url):
            return
        kept = {name: item for name, item in self._kept.items() if name != url}
        self._kept = dict([*kept.items(), (url, listing)][-self.size :])
