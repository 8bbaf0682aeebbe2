"""Reading one page from a public https host, safely.

A URL in a credential or a form is written by a stranger, who may want us to reach inside our own network (server-side
request forgery). So: https only, port 443 unless the caller says otherwise, no user names in the URL, only addresses
of the public internet, the address that was checked is the one connected to (names are looked up once), every
redirect is checked anew, and size and time are limited. No cookies, no credentials, no proxies, no compression.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

MAX_REDIRECTS: Final = 3
MAX_BYTES: Final = 1024 * 1024
TIMEOUT: Final = 8.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ETAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')
_MAX_AGE: Final = re.compile(r'max-age="?([0-9]{1,9})"?')
_PLAIN: Final = re.compile(r"[\x21-\x7e]+")
# Ranges through which IPv6 reaches IPv4 addresses: NAT64, 6to4, Teredo, the old compatible form.
_TUNNELS: Final = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
# What Python's own list of special ranges leaves out: the old relays of 6to4, and addresses for examples (RFC 9637).
_SPECIAL: Final = (ipaddress.ip_network("192.88.99.0/24"), ipaddress.ip_network("3fff::/20"))


class FetchError(Exception):
    """A page that was not read; `code` is short and stable, `status` the HTTP status if one was given."""

    def __init__(self, code: str, detail: str, *, status: int | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status


@dataclass(frozen=True, slots=True)
class Response:
    """A page: where it was found in the end, its bytes, its `etag`, and the seconds for which it may be kept.

    `unchanged` where the server said that the page is still the one with the `etag` that was asked about; then `body`
    is empty.
    """

    url: str
    content_type: str
    body: bytes
    etag: str = ""
    max_age: int | None = None
    unchanged: bool = False


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet and is a single host's."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.is_site_local or any(ip in network for network in _TUNNELS):
            return False
    if any(ip in network for network in _SPECIAL):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def look_up(host: str, port: int) -> list[str]:
    """The host's addresses, by the machine's own name service; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: str, port: int, timeout: float) -> socket.socket:
    """A TCP connection to an address; raises OSError."""
    return socket.create_connection((address, port), timeout)


def _within(seconds: float, work: Callable[[], list[str]]) -> list[str]:
    """What `work` answers; raises what it raises, and TimeoutError where it takes longer than that.

    A name service cannot be interrupted, so it is asked in a thread that is left behind.
    """
    answer: Future[list[str]] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # handed on to whoever waits
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer.result(max(seconds, 0.0))


@dataclass(frozen=True)
class Door:
    """How pages are reached; tests and closed networks pass their own parts."""

    look_up: Callable[[str, int], list[str]] = look_up
    connect: Callable[[str, int, float], socket.socket] = connect
    permitted: Callable[[str], bool] = is_public
    ports: frozenset[int] = frozenset({443})
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def fetch(
        self,
        url: str,
        *,
        max_bytes: int = MAX_BYTES,
        timeout: float = TIMEOUT,
        accept: str = "application/json",
        etag: str = "",
    ) -> Response:
        """The page at `url`, within `max_bytes` and `timeout` seconds in all; raises FetchError.

        `etag` is that of a copy at hand, which the server is asked about.
        """
        deadline = time.monotonic() + timeout
        for _ in range(MAX_REDIRECTS + 1):
            found = self._once(url, max_bytes, deadline, accept, etag)
            if isinstance(found, Response):
                return found
            url = found
        raise FetchError("too_many_redirects", f"More than {MAX_REDIRECTS} redirects.")

    def post(
        self, url: str, body: bytes, *, content_type: str, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT,
        accept: str = "application/json",
    ) -> Response:  # fmt: skip
        """What `url` answers to a posted `body`; a redirect is not followed. Raises FetchError."""
        found = self._once(url, max_bytes, time.monotonic() + timeout, accept, posted=(content_type, body))
        if isinstance(found, str):
            raise FetchError("redirected", "The answer was a redirect.")
        return found

    def check(self, url: str) -> tuple[str, int, str]:
        """The host, port and path of a URL that may be asked; raises FetchError."""
        if not _PLAIN.fullmatch(url):
            raise FetchError("bad_url", "The address holds characters that an address cannot hold.")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 443
        except ValueError:
            raise FetchError("bad_url", "The address cannot be read.") from None
        if parts.scheme != "https" or not host:
            raise FetchError("not_https", "Only https addresses are asked.")
        if "@" in parts.netloc:
            raise FetchError("credentials_in_url", "An address with a user name is not asked.")
        if port not in self.ports:
            raise FetchError("port_not_allowed", f"Port {port} is not asked.")
        path = parts.path or "/"
        return host, port, f"{path}?{parts.query}" if parts.query else path

    def address_of(self, host: str, port: int, seconds: float = TIMEOUT) -> str:
        """The one address to connect to, after all of the host's were checked; raises FetchError."""
        try:
            addresses = _within(seconds, lambda: self.look_up(host, port))
        except TimeoutError:
            raise FetchError("timeout", f"{host} took too long.") from None
        except (OSError, UnicodeError):
            raise FetchError("unknown_host", f"{host} has no address.") from None
        if not addresses:
            raise FetchError("unknown_host", f"{host} has no address.")
        if not all(self.permitted(address) for address in addresses):
            raise FetchError("address_not_allowed", f"{host} is not on the public internet.")
        return addresses[0]

    def _once(
        self,
        url: str,
        max_bytes: int,
        deadline: float,
        accept: str,
        etag: str = "",
        posted: tuple[str, bytes] | None = None,
    ) -> Response | str:
        """One request: the page, or where it redirects to. `posted` is a content type with a body to send."""
        host, port, path = self.check(url)
        address = self.address_of(host, port, deadline - time.monotonic())
        left = deadline - time.monotonic()
        if left <= 0:
            raise FetchError("timeout", f"{host} took too long.")
        connection = _Connection(self, host, port, address, left)
        alarm = threading.Timer(left, connection.abort)
        alarm.daemon = True
        alarm.start()
        try:
            headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "fieldstone"}
            if posted is None:
                connection.request("GET", path, headers={**headers, **({"If-None-Match": etag} if etag else {})})
            else:
                connection.request("POST", path, body=posted[1], headers={**headers, "Content-Type": posted[0]})
            found = _read(connection.getresponse(), url, max_bytes, etag)
            if connection.aborted:  # a cut connection can look like the end of a page
                raise TimeoutError
            return found
        except TimeoutError:
            raise FetchError("timeout", f"{host} took too long.") from None
        except ssl.SSLError:
            raise FetchError("bad_certificate", f"{host} could not prove that it is {host}.") from None
        except (OSError, http.client.HTTPException, ValueError):
            if time.monotonic() >= deadline:
                raise FetchError("timeout", f"{host} took too long.") from None
            raise FetchError("connection_failed", f"{host} did not answer.") from None
        finally:
            alarm.cancel()
            connection.close()


class _Connection(http.client.HTTPSConnection):
    """An https connection to an address that was checked before, under the host's name."""

    def __init__(self, door: Door, host: str, port: int, address: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout, context=door.tls)
        self._door = door
        self._address = address
        self._seconds = timeout
        self.aborted = False
        self._live: socket.socket | None = None

    def connect(self) -> None:
        raw = self._live = self._door.connect(self._address, self.port, self._seconds)
        try:
            if self.aborted:
                raise TimeoutError
            self.sock = self._live = self._door.tls.wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise

    def abort(self) -> None:
        """Cut a connection that outlived its time, wherever it is waiting."""
        self.aborted = True
        if self._live is not None:
            with contextlib.suppress(OSError):
                self._live.shutdown(socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, url: str, max_bytes: int, etag: str) -> Response | str:
    location = answer.getheader("Location")
    if answer.status in _REDIRECTS and location:
        return urljoin(url, location)
    max_age = max_age_of(answer.getheader("Cache-Control", ""))
    if answer.status == 304 and etag:
        return Response(url, "", b"", etag, max_age, unchanged=True)
    if answer.status != 200:
        raise FetchError("http_status", f"The answer was HTTP {answer.status}.", status=answer.status)
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise FetchError("compressed", "The answer was compressed although we asked for it plain.")
    body = answer.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise FetchError("too_big", f"The answer was larger than {max_bytes} bytes.")
    tag = answer.getheader("ETag", "")
    return Response(url, answer.getheader("Content-Type", ""), body, tag if _ETAG.fullmatch(tag) else "", max_age)


def max_age_of(text: str) -> int | None:
    """For how many seconds a `Cache-Control` header lets an answer be kept (RFC 9111); None where it does not say."""
    words = [word.strip().lower() for word in text.split(",")]
    if {"no-store", "no-cache"} & set(words):
        return 0
    found = [int(match[1]) for match in map(_MAX_AGE.fullmatch, words) if match]
    return min(found, default=None)


def fetch(
    url: str, *, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT, accept: str = "application/json"
) -> Response:
    """The page at a public https `url`, within `max_bytes` and `timeout` seconds; raises FetchError."""
    return Door().fetch(url, max_bytes=max_bytes, timeout=timeout, accept=accept)
