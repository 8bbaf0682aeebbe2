"""Answers for `credential.verify`, through the door, remembered for a short while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from fieldstone.credential.did import did_web_url
from fieldstone.credential.errors import CredentialError, Gone, KeyFormatError, Missing, ParseError, Unreachable
from fieldstone.credential.jsontext import loads
from fieldstone.credential.resolver import Resolver
from fieldstone.server.net.door import Door, FetchError

MAX_BYTES: Final = 2 * 1024 * 1024
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


class NetResolver:
    """A `fieldstone.credential.Resolver` on the network.

    `local` is asked first, for what this installation publishes itself. Answers, also "missing", are kept for
    `ttl` seconds; "unreachable" for a tenth of that. Safe to share between threads.
    """

    def __init__(
        self,
        door: Door | None = None,
        *,
        local: Resolver | None = None,
        ttl: float = 300.0,
        size: int = 256,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.door = door or Door()
        self.local = local
        self.ttl = ttl
        self.size = size
        self.clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, bytes | CredentialError]] = OrderedDict()
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
            until, answer = self._kept.get(key, (now, b""))
        if until <= now:
            answer = self._ask(url, accept)
            lasts = self.ttl / 10 if isinstance(answer, Unreachable) else self.ttl
            with self._lock:
                self._kept[key] = (now + lasts, answer)
                self._kept.move_to_end(key)
                while len(self._kept) > self.size:
                    self._kept.popitem(last=False)
        if isinstance(answer, CredentialError):
            raise type(answer)(answer.detail) if isinstance(answer, Missing | Unreachable) else answer
        return answer

    def _ask(self, url: str, accept: str) -> bytes | CredentialError:
        try:
            found = self.door.fetch(url, max_bytes=MAX_BYTES, accept=accept)
            if not speaks_for(url, found.url):
                return Unreachable(f"{url} handed us on to another host, which cannot speak for it.")
            return found.body
        except FetchError as error:
            if error.status in {404, 410}:
                return (Gone if error.status == 410 else Missing)(f"There is nothing at {url}.")
            return Unreachable(f"{url} could not be asked. {error.detail}")
