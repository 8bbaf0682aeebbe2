"""Check 8: has the issuer withdrawn this credential? (Bitstring Status List 1.0 section 3.2)

Also reads the older 1EdTechRevocationList. Where a credential names several lists, each is asked.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from fieldstone.credential import status
from fieldstone.credential.errors import CredentialError, Missing, ParseError, StatusError, Unreachable
from fieldstone.credential.jsontext import loads
from fieldstone.credential.report import Check, Outcome, Report, Verdict
from fieldstone.credential.resolver import Resolver
from fieldstone.credential.shape import kind_of

_DIGITS: Final = re.compile(r"[0-9]{1,12}")
_CLOSED_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".invalid")
_SENTENCES: Final = {
    "revocation": ("revoked", "The issuer has revoked this credential."),
    "suspension": ("suspended", "The issuer has suspended this credential for now."),
}
MAX_ENTRIES: Final = 10
Answer = tuple[Outcome, str, str, bool]


def check(document: Mapping[str, Any], resolver: Resolver, verify_list: Callable[[bytes], Report]) -> Check:
    """Ask every status list that `document` names; `verify_list` checks a list's own signature."""
    entries = document.get("credentialStatus")
    entries = entries if isinstance(entries, list) else [] if entries is None else [entries]
    if not entries:
        return _made((Outcome.PASSED, "none_published", "The issuer publishes no list of withdrawals.", True))
    if len(entries) > MAX_ENTRIES:
        return _made((Outcome.COULD_NOT_TELL, "too_many", "The credential names too many lists.", True))
    answers = [_ask(entry, document, resolver, verify_list) for entry in entries]
    rank = {Outcome.FAILED: 0, Outcome.COULD_NOT_TELL: 1, Outcome.PASSED: 2}
    return _made(min(answers, key=lambda answer: (rank[answer[0]], not answer[3])))


def is_closed(url: str) -> bool:
    """Whether a URL can only be asked inside a closed network: plain http, or a private or local host."""
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


def _ask(entry: Any, document: Mapping[str, Any], resolver: Resolver, verify_list: Callable[[bytes], Report]) -> Answer:
    kind = entry.get("type") if isinstance(entry, dict) else None
    try:
        if kind == "BitstringStatusListEntry":
            return _bitstring(entry, document, resolver, verify_list)
        if kind == "1EdTechRevocationList":
            return _revocation_list(entry, document, resolver)
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
    url = entry.get("statusListCredential" if entry.get("type") == "BitstringStatusListEntry" else "id")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise StatusError("bad_entry", "The credential does not say where its list of withdrawals is.")
    return url


def _bitstring(
    entry: Mapping[str, Any],
    document: Mapping[str, Any],
    resolver: Resolver,
    verify_list: Callable[[bytes], Report],
) -> Answer:
    url = _address(entry)
    purpose, index = entry.get("statusPurpose"), _index(entry.get("statusListIndex"))
    if not isinstance(purpose, str) or purpose not in _SENTENCES or entry.get("statusSize", 1) != 1:
        return Outcome.COULD_NOT_TELL, "unknown_purpose", f"We do not know what {purpose!r} means.", True
    report = verify_list(resolver.fetch(url))
    if report.verdict is not Verdict.VERIFIED or report.document is None:
        first = next((item for item in report.checks if item.outcome is not Outcome.PASSED), None)
        words = f"The list of withdrawals could not be trusted. {first.detail if first else ''}".strip()
        return Outcome.COULD_NOT_TELL, "list_not_verified", words, True
    if report.issuer_id != _issuer(document):
        words = "The list of withdrawals is signed by someone other than the issuer."
        return Outcome.COULD_NOT_TELL, "list_of_another", words, True
    subject = report.document["credentialSubject"]
    purposes = subject.get("statusPurpose")
    right = kind_of(report.document) == "status_list"
    if not right or purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        words = f"The list is not about {purpose}."
        return Outcome.COULD_NOT_TELL, "wrong_list", words, True
    if status.bit(status.decode_list(subject.get("encodedList")), index):
        return Outcome.FAILED, *_SENTENCES[purpose], True
    return Outcome.PASSED, "not_withdrawn", "The issuer has not withdrawn it.", True


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
