"""Check 8: has the issuer withdrawn this credential? (Bitstring Status List 1.0 section 3.2)

Revocation and suspension count against it. A newer version (`refresh`) does not, and what a `message` means is for
people to judge. Also reads the older 1EdTechRevocationList, and Token Status Lists (`token_status`). Where a credential
names several lists, each is asked.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from fieldstone.credential import status, token_status
from fieldstone.credential.data_model import is_address
from fieldstone.credential.errors import CredentialError, Missing, ParseError, Spent, StatusError, Unreachable
from fieldstone.credential.jsontext import loads
from fieldstone.credential.lists import Listing, Lists
from fieldstone.credential.proofs import parse_timestamp
from fieldstone.credential.report import Check, Outcome, Report, Verdict
from fieldstone.credential.resolver import Resolver
from fieldstone.credential.shape import kind_of

_DIGITS: Final = re.compile(r"[0-9]{1,12}")
_CLOSED_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".invalid")
_SENTENCES: Final = {
    "revocation": ("revoked", "The issuer has revoked this credential."),
    "suspension": ("suspended", "The issuer has suspended this credential for now."),
}
_PLACES: Final = {"BitstringStatusListEntry": "statusListCredential", "status_list": "uri"}
MAX_ENTRIES: Final = 10
Answer = tuple[Outcome, str, str, bool]


@dataclass(frozen=True, slots=True)
class Desk:
    """With what a status is asked: `verify_list` checks a list's own signature, and `trusts` says whether a list of
    somebody other than the issuer is believed (section 2.2 leaves that to the verifier)."""

    resolver: Resolver
    verify_list: Callable[[bytes], Report]
    at: datetime
    trusts: Callable[[str], bool | None] = lambda issuer: None
    lists: Lists = field(default_factory=Lists)


def check(document: Mapping[str, Any], desk: Desk) -> Check:
    """Ask every status list that `document` names."""
    entries = _listed(document.get("credentialStatus"))
    if not entries:
        return _made((Outcome.PASSED, "none_published", "The issuer publishes no list of withdrawals.", True))
    if len(entries) > MAX_ENTRIES:
        return _made((Outcome.COULD_NOT_TELL, "too_many", "The credential names too many lists.", True))
    if len(entries) == 1:
        return _made(_ask(entries[0], document, desk))
    return _made(min((_ask(entry, document, desk) for entry in entries), key=_rank))


def _rank(answer: Answer) -> tuple[int, bool, bool]:
    """The worst answer first; of those that are well, one that has something to say."""
    outcome, code, _, needed = answer
    order = (Outcome.FAILED, Outcome.COULD_NOT_TELL, Outcome.PASSED)
    return order.index(outcome), not needed, code == "not_withdrawn"


def is_closed(url: str) -> bool:
    """Whether a URL can only be asked inside a closed network: plain http, or a private or local host."""
    return _is_closed(url) if len(url) < 2000 else _is_closed.__wrapped__(url)


@lru_cache(maxsize=256)
def _is_closed(url: str) -> bool:
    """As `is_closed`; those asked last are kept, since many credentials are in one list."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if parts.scheme == "http" or ("." not in host and ":" not in host) or host.endswith(_CLOSED_NAMES):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _made(answer: Answer) -> Check:
    outcome, code, detail, needed = answer
    return Check("status", outcome, code, detail, needed)


def _ask(entry: Any, document: Mapping[str, Any], desk: Desk) -> Answer:
    kind = entry.get("type") if isinstance(entry, dict) else None
    try:
        if kind == "BitstringStatusListEntry":
            return _bitstring(entry, document, desk)
        if kind == "status_list":
            return _token_status(entry, document, desk)
        if kind == "1EdTechRevocationList":
            return _revocation_list(entry, document, desk.resolver)
    except Spent as error:
        return Outcome.COULD_NOT_TELL, error.code, error.detail, True
    except Unreachable as error:
        if is_closed(_address(entry)):
            words = "The list of withdrawals is kept inside a closed network and cannot be asked from here."
            return Outcome.COULD_NOT_TELL, "closed_network", words, False
        return Outcome.COULD_NOT_TELL, "list_unreachable", error.detail, True
    except Missing as error:
        return Outcome.COULD_NOT_TELL, "list_missing", error.detail, True
    except CredentialError as error:
        return Outcome.COULD_NOT_TELL, error.code, error.detail, True
    words = f"We do not know how to ask a status of type {kind!r}."
    return Outcome.COULD_NOT_TELL, "unknown_status_type", words, True


def _address(entry: Mapping[str, Any]) -> str:
    url = entry.get(_PLACES.get(str(entry.get("type")), "id"))
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise StatusError("bad_entry", "The credential does not say where its list of withdrawals is.")
    return url


def _bitstring(entry: Mapping[str, Any], document: Mapping[str, Any], desk: Desk) -> Answer:
    url = _address(entry)
    purpose, index = entry.get("statusPurpose"), _index(entry.get("statusListIndex"))
    if not isinstance(purpose, str) or purpose not in status.PURPOSES:
        return Outcome.COULD_NOT_TELL, "unknown_purpose", f"We do not know what {purpose!r} means.", True
    size = status.check_size(entry.get("statusSize", 1))
    messages = status.messages(entry, size)
    if "statusReference" in entry and not all(is_address(url) for url in _listed(entry["statusReference"])):
        raise StatusError("bad_entry", "The credential's statusReference is not an address.")
    listing = desk.lists.get(url, desk.at) or _fetch(url, desk)
    if listing.issuer != _issuer(document) and desk.trusts(listing.issuer) is not True:
        words = "The list of withdrawals is signed by someone other than the issuer."
        return Outcome.COULD_NOT_TELL, "list_of_another", words, True
    if purpose not in listing.purposes:
        return Outcome.COULD_NOT_TELL, "wrong_list", f"The list is not about {purpose}.", True
    status.check_length(listing.data, size)
    value = status.value(listing.data, index, size=size)
    if purpose == "message":
        outcome = Outcome.COULD_NOT_TELL if value else Outcome.PASSED
        return outcome, "message", f"The issuer's list says {value:#x}: {messages[value]}.", False
    if not value:
        return Outcome.PASSED, "not_withdrawn", "The issuer has not withdrawn it.", True
    if purpose == "refresh":
        return Outcome.PASSED, "newer", "The issuer has a newer version of it; this one still holds.", True
    return Outcome.FAILED, *_SENTENCES[purpose], True


def _token_status(entry: Mapping[str, Any], document: Mapping[str, Any], desk: Desk) -> Answer:
    """A Token Status List, as SD-JWT VCs name them in their `status` claim."""
    found = token_status.ask(entry, str(_issuer(document)), desk.resolver, desk.at)
    if found == token_status.VALID:
        return Outcome.PASSED, "not_withdrawn", "The issuer has not withdrawn it.", True
    if found in {token_status.INVALID, token_status.SUSPENDED}:
        purpose = "revocation" if found == token_status.INVALID else "suspension"
        return Outcome.FAILED, *_SENTENCES[purpose], True
    return Outcome.COULD_NOT_TELL, "unknown_purpose", f"We do not know what the status {found:#x} means.", True


def _fetch(url: str, desk: Desk) -> Listing:
    """The list at `url`, verified; raises StatusError, or what the resolver raises."""
    report = desk.verify_list(desk.resolver.fetch(url))
    if report.verdict is not Verdict.VERIFIED or report.document is None:
        first = next((item for item in report.checks if item.outcome is not Outcome.PASSED), None)
        words = f"The list of withdrawals could not be trusted. {first.detail if first else ''}".strip()
        raise StatusError("list_not_verified", words)
    if kind_of(report.document) != "status_list":
        raise StatusError("wrong_list", "What is there is not a status list.")
    subject = report.document["credentialSubject"]
    end = report.document.get("validUntil")
    listing = Listing(
        issuer=str(report.issuer_id),
        purposes=frozenset(item for item in _listed(subject.get("statusPurpose")) if isinstance(item, str)),
        data=status.decode_list(subject.get("encodedList")),
        since=desk.at,
        until=desk.lists.until(desk.at, status.lasts(subject), None if end is None else parse_timestamp(end)),
    )
    desk.lists.put(url, listing)
    return listing


def _revocation_list(entry: Mapping[str, Any], document: Mapping[str, Any], resolver: Resolver) -> Answer:
    """1EdTech Revocation List: an unsigned JSON list of withdrawn credentials at the issuer's address."""
    try:
        listed = loads(resolver.fetch(_address(entry)))
    except ParseError:
        raise Missing("The list of withdrawals is not JSON.") from None
    found: Any = None
    if isinstance(listed, dict):
        found = next((listed[n] for n in ("revokedCredential", "revokedCredentials") if n in listed), [])
    if not isinstance(found, list):
        return Outcome.COULD_NOT_TELL, "bad_list", "The list of withdrawals has another form.", True
    for item in found:
        name = item.get("id") if isinstance(item, dict) else item
        if name == document.get("id") and not (isinstance(item, dict) and item.get("revoked") is False):
            return Outcome.FAILED, *_SENTENCES["revocation"], True
    return Outcome.PASSED, "not_withdrawn", "The issuer has not withdrawn it.", True


def _index(value: Any) -> int:
    """The standard wants the index as text; numbers are met in the wild and mean the same."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    raise StatusError("bad_entry", "The credential does not say which entry of the list is its own.")


def _issuer(document: Mapping[str, Any]) -> Any:
    issuer = document.get("issuer")
    return issuer.get("id") if isinstance(issuer, Mapping) else issuer


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
