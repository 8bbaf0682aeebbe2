"""A learner brings a credential from elsewhere: it is found, checked at once, and put on her page.

Whoever has to be asked (the issuer, its list of withdrawals) is asked before the transaction opens.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin

from fieldstone import credential
from fieldstone.server.awards import checking
from fieldstone.server.backpack import actions
from fieldstone.server.backpack.models import Brought
from fieldstone.server.backpack.rules import MAX_FILE
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.net.door import FetchError, Response
from fieldstone.server.people.models import User

ACCEPT = (
    "application/vc+jwt, application/vc, application/ld+json, application/json;q=0.9, image/png;q=0.8, "
    "image/svg+xml;q=0.8, text/html;q=0.6, */*;q=0.5"
)
MINUTE = timedelta(minutes=1)
MAX_ALTERNATES = 3
"""Other forms of a share page that are tried."""
_FORMS = re.compile(r"application/(?:[\w.+-]*\+)?(?:json|jwt|vc)\b|application/vc\+|image/(?:png|svg\+xml)")


class NotFound(Refused):
    """Nobody answered at this address, or there is no badge."""


def bring(
    *, learner: User, data: bytes, source: str, at: datetime, by: User | None = None, source_url: str = "",
    replace: bool = False, report: credential.Report | None = None,
) -> tuple[Brought, bool]:  # fmt: skip
    """Check the bytes of a file, a text or an answer, and put the credential on her page; True if it is new there.

    Whoever has checked them gives the `report`. Raises what `backpack.actions.bring` does.
    """
    if len(data) > MAX_FILE:
        raise actions.TooMuch(_("This file is larger than any badge. The limit is %(limit)s MB."), source, limit=2)
    report = report or checking.check(data, at=at)
    return actions.bring(
        learner=learner, data=data, report=report, source=source, source_url=source_url, replace=replace, by=by, at=at
    )


def bring_from(*, learner: User, url: str, at: datetime, by: User | None = None) -> tuple[Brought, bool]:
    """The credential at an address: a hosted badge, a badge picture, or a share page that names another form of it.

    Raises NotFound and what `bring` does.
    """
    address = url.strip()
    if not re.fullmatch(r"https?://[^\s]{3,990}", address):
        raise NotFound(_("Give a web address that begins with https://."), "url")
    return bring(learner=learner, data=find(address), source="url", source_url=address, by=by, at=at)


def check_again(*, brought: Brought, at: datetime, by: User | None = None) -> Brought | None:
    """Check once more, now; within a minute the last answer stands. None when it was removed meanwhile."""
    if timedelta(0) <= at - brought.checked_at < MINUTE:
        return brought
    report = checking.check(bytes(brought.file.body), at=at)
    return actions.checked(brought=brought, report=report, by=by, at=at)


def find(url: str) -> bytes:
    """The bytes of the badge at an address. Raises NotFound."""
    page = _page(url)
    if not _is_html(page.body):
        return page.body
    for other in _alternates(page)[:MAX_ALTERNATES]:
        try:
            found = _page(other).body
        except NotFound:
            continue
        if not _is_html(found):
            return found
    raise NotFound(
        _("This page shows a badge, and does not hand it out. Download the badge there and bring the file."), "url"
    )


def _page(url: str) -> Response:
    try:
        return Response(url, "", checking.Own().fetch(url))
    except credential.Missing:
        raise NotFound(_("There is nothing at this address."), "url") from None
    except credential.Unreachable:  # not ours
        pass
    try:
        return checking.WORLD.door.fetch(url.partition("#")[0], accept=ACCEPT, max_bytes=MAX_FILE)
    except FetchError:
        raise NotFound(
            _("We could not open this address. Download the badge there and bring the file."), "url"
        ) from None


def _is_html(data: bytes) -> bool:
    head = data[:4000].removeprefix(b"\xef\xbb\xbf").lstrip()
    while head.startswith(b"<!--"):
        _comment, end, head = head[4:].partition(b"-->")
        if not end:
            return False
        head = head.lstrip()
    return bool(re.match(rb"<(?:!doctype\s+html|html)", head, re.I))


class _Links(HTMLParser):
    """The other forms of a page that its `link` elements name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        kind, address = (named.get("type") or "").strip().lower(), (named.get("href") or "").strip()
        other = tag == "link" and "alternate" in (named.get("rel") or "").lower().split()
        if other and address and _FORMS.match(kind):
            self.found.append(address)


def _alternates(page: Response) -> list[str]:
    links = _Links()
    links.feed(page.body.decode("utf-8", "replace"))
    found = []
    for address in links.found:
        try:
            found.append(urljoin(page.url, address))
        except ValueError:
            continue
    return list(dict.fromkeys(found))
