"""Answers for `credential.verify`, through the door, remembered for a short while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from fieldstone.credential.did import did_web_url
from fieldstone.credential.errors import CredentialError, Gone, KeyFormatError, Missing, ParseError, Spent, Unreachable
from fieldstone.credential.jsontext import loads
from fieldstone.credential.resolver import Resolver
from fieldstone.server.net.door import Door, FetchError

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_KEPT: Final = 32 * 1024 * 1024
"""How many bytes of pages are kept in all."""
MAX_SECONDS: Final = 12.0
"""How long one check may go on asking. The question that is under way then has the door's time to end."""
ACCEPT: Final = "application/vc+jwt, application/vc, application/ld+json, application/json;q=0.9, */*;q=0.5"
ACCEPT_DID: Final = "application/did+json, application/did+ld+json, application/json;q=0.9"

HANDING_ON: Final = frozenset({"w3id.org", "purl.org", "purl.imsglobal.org"})
"""Hosts whose whole purpose is to hand on to where a document lives now."""


def speaks_for(asked: str, answered: str) -> bool:
    """Whether the host that answered in the end speaks for the address that was asked.

    What an address answers proves who somebody is. Many sites hand on to any address that a visitor writes into
    theirs (open redirects), so the answer must come from the same host, with or without `www.`.
    """
    first, last = ((urlsplit(url).hostname or "").removeprefix("www.") for url in (asked, answered))
    return first == last or first in HANDING_ON


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, until when it is given without asking, and the tag by which to ask whether it still holds."""

    until: float
    answer: bytes | CredentialError
    etag: str = ""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.answer if isinstance(self.answer, bytes) else self.answer.detail)


class Within:
    """A resolver for one check, which asks another for so many `seconds`; then it raises Spent."""

    def __init__(
        self, inner: Resolver, seconds: float = MAX_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.inner = inner
        self.clock = clock
        self.until = clock() + seconds

    def did(self, did: str) -> dict[str, Any]:
        """As the other one; raises Spent, too."""
        return self._in_time().did(did)

    def fetch(self, url: str) -> bytes:
        """As the other one; raises Spent, too."""
        return self._in_time().fetch(url)

    def _in_time(self) -> Resolver:
        if self.clock() >= self.until:
            raise Spent("The places that had to be asked took too long to answer.")
        return self.inner


class NetResolver:
    """A `fieldstone.credential.Resolver` on the network.

    `local` is asked first, for what this installation publishes itself. Pages are kept for as long as they say
    (`Cache-Control`), but at least a tenth of `ttl` seconds and at most twelve times `ttl`; where they do not say, for
    `ttl`. Then they are asked about by their `ETag`, so that what did not change is not sent again. "Missing" and
    "unreachable" are kept for a tenth of `ttl`. At most `size` answers and `max_kept` bytes are kept. Safe to share
    between threads.
    """

    def __init__(
        self,
        door: Door | None = None,
        *,
        local: Resolver | None = None,
        ttl: float = 300.0,
        size: int = 256,
        max_kept: int = MAX_KEPT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.door = door or Door()
        self.local = local
        self.ttl = ttl
        self.size = size
        self.max_kept = max_kept
        self.clock = clock
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def did(self, did: str) -> dict[str, Any]:
        """The document of a did:web; raises Unreachable or Missing."""
        if self.local is not None:
            try:
                return self.local.did(did)
            except Unreachable:
                pass
        try:
            url = did_web_url(did)
        except KeyFormatError as error:
            raise Missing(error.detail) from None
        try:
            document = loads(self._page(url, ACCEPT_DID))
        except ParseError:
            raise Missing(f"{url} is not JSON.") from None
        if not isinstance(document, dict):
            raise Missing(f"{url} is not a DID document.")
        return document

    def fetch(self, url: str) -> bytes:
        """The bytes at a public https URL; raises Unreachable or Missing."""
        if self.local is not None:
            try:
                return self.local.fetch(url)
            except Unreachable:
                pass
        return self._page(url.partition("#")[0], ACCEPT)

    def _page(self, url: str, accept: str) -> bytes:
        key, now = (url, accept), self.clock()
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or kept.until <= now:
            kept = self._ask(url, accept, now, kept)
            with self._lock:
                self._forget(key)
                self._kept[key] = kept
                self._bytes += len(url) + kept.size
                while len(self._kept) > self.size or self._bytes > self.max_kept:
                    self._forget(next(iter(self._kept)))
        answer = kept.answer
        if isinstance(answer, CredentialError):
            raise type(answer)(answer.detail) if isinstance(answer, Missing | Unreachable) else answer
        return answer

    def _forget(self, key: tuple[str, str]) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= len(key[0]) + gone.size

    def _ask(self, url: str, accept: str, now: float, before: _Kept | None) -> _Kept:
        """Ask anew, or whether what was kept `before` still holds."""
        etag = before.etag if before is not None and isinstance(before.answer, bytes) else ""
        try:
            page = self.door.fetch(url, max_bytes=MAX_BYTES, accept=accept, etag=etag)
        except FetchError as error:
            return _Kept(now + self.ttl / 10, _failed(url, error))
        if not speaks_for(url, page.url):
            words = f"{url} handed us on to another host, which cannot speak for it."
            return _Kept(now + self.ttl / 10, Unreachable(words))
        lasts = self.ttl if page.max_age is None else min(max(page.max_age, self.ttl / 10), self.ttl * 12)
        if page.unchanged and before is not None:
            return _Kept(now + lasts, before.answer, etag)
        return _Kept(now + lasts, page.body, page.etag)


def _failed(url: str, error: FetchError) -> CredentialError:
    if error.status in {404, 410}:
        return (Gone if error.status == 410 else Missing)(f"There is nothing at {url}.")
    return Unreachable(f"{url} could not be asked. {error.detail}")
