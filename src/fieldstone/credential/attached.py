"""Checks 11 and 12: what a credential carries with it — endorsements, enclosed credentials, digests of files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from fieldstone.credential.errors import CredentialError
from fieldstone.credential.jsontext import could_name, repeatable
from fieldstone.credential.multibase import decode
from fieldstone.credential.report import Check, Outcome, Report, Verdict
from fieldstone.credential.resolver import Resolver

_INNER = (dict, list)
_MULTIHASHES = ((b"\x12\x20", 32, "sha256"), (b"\x20\x30", 48, "sha384"), (b"\x13\x40", 64, "sha512"))
_ENDORSEMENTS = frozenset({"endorsement", "endorsementJwt"})
_APART = frozenset({"endorsement", "endorsementJwt", "proof", "verifiableCredential"})


def endorsements(document: Mapping[str, Any], text: bytes | None = None) -> list[Any]:
    """Every endorsement in the document, and the signed credentials that a learner record encloses.

    `text` is the JSON that the document was in, where it is at hand.
    """
    subject = document.get("credentialSubject")
    enclosed = _listed(subject.get("verifiableCredential")) if isinstance(subject, dict) else []
    found: list[Any] = []
    if could_name(b"endorsement", text or repeatable(document)) and _mentions(document):
        _collect(document, found)
    return [*found, *(item for item in enclosed if not isinstance(item, dict) or "proof" in item)]


def files(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every file whose digest the document states (VC Data Model 2.0 section 5.3)."""
    return [
        item
        for name in ("relatedResource", "evidence")
        for item in _listed(document.get(name))
        if isinstance(item, dict) and ("digestSRI" in item or "digestMultibase" in item)
    ]


def check_endorsements(document: Mapping[str, Any], found: list[Any], verify_one: Callable[[Any], Report]) -> Check:
    """Check 11: each is genuine, and each endorsement is about this award, its achievement or its issuer.

    One that has lapsed or was withdrawn does not count against the credential; it says so.
    """
    unanswered = lapsed = 0
    names = _identifiers(document)
    for item in found:
        report = verify_one(item)
        failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
        if failed and failed[0].number < 7:
            return _made(11, Outcome.FAILED, "not_genuine", f"One of them is not genuine. {failed[0].detail}")
        if not _about(report.document, names):
            return _made(11, Outcome.FAILED, "of_another", "An endorsement is about something else.")
        lapsed += bool(failed)
        unanswered += report.verdict is Verdict.COULD_NOT_TELL
    if lapsed:
        return _made(11, Outcome.COULD_NOT_TELL, "lapsed", f"{lapsed} of {len(found)} no longer hold.")
    if unanswered:
        words = f"{unanswered} of {len(found)} could not be checked."
        return _made(11, Outcome.COULD_NOT_TELL, "unanswered", words)
    return _made(11, Outcome.PASSED, "genuine", f"All are genuine: {len(found)}.")


def check_files(found: list[dict[str, Any]], resolver: Resolver) -> Check:
    """Check 12: each file still has the digest that was signed."""
    unanswered = 0
    for item in found:
        try:
            same = _same(item, resolver.fetch(str(item.get("id"))))
        except CredentialError:
            unanswered += 1
            continue
        if not same:
            return _made(12, Outcome.FAILED, "changed_file", f"The file {item.get('id')} has changed.")
    if unanswered:
        words = f"{unanswered} of {len(found)} files could not be checked."
        return _made(12, Outcome.COULD_NOT_TELL, "unanswered", words)
    return _made(12, Outcome.PASSED, "same_files", f"All files are the ones assessed: {len(found)}.")


def _made(number: int, outcome: Outcome, code: str, detail: str) -> Check:
    return Check("endorsements" if number == 11 else "evidence", outcome, code, detail, needed=False)


def _mentions(document: Mapping[str, Any]) -> bool:
    """Whether any object in the document has a member for endorsements; most documents have none."""
    level: list[Any] = [dict(document)]
    while level:
        inner: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                if not _ENDORSEMENTS.isdisjoint(node):
                    return True
                node = node.values()
            inner += [item for item in node if isinstance(item, _INNER)]
        level = inner
    return False


def _collect(value: Mapping[str, Any] | list[Any], found: list[Any]) -> None:
    """Add every endorsement in an object or array to `found`."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, _INNER):
                _collect(item, found)
        return
    for name, item in value.items():
        if name in _ENDORSEMENTS:
            found += _listed(item)
        elif isinstance(item, _INNER) and name not in _APART:
            _collect(item, found)


def _about(document: Mapping[str, Any] | None, names: set[str]) -> bool:
    """Whether an endorsement's subject is among `names`; other credentials need not be."""
    document = document or {}
    if "EndorsementCredential" not in _listed(document.get("type")):
        return True
    subject = document.get("credentialSubject")
    about = subject.get("id") if isinstance(subject, dict) else None
    return isinstance(about, str) and about in names


def _identifiers(value: Any) -> set[str]:
    """Every `id` in the document outside endorsements, proofs and enclosed credentials."""
    found: set[str] = set()
    if isinstance(value, dict):
        for name, item in value.items():
            if name in {"id", "issuer"} and isinstance(item, str):
                found.add(item)
            elif name not in _APART:
                found |= _identifiers(item)
    elif isinstance(value, list):
        for item in value:
            found |= _identifiers(item)
    return found


def _same(item: Mapping[str, Any], data: bytes) -> bool:
    """Whether the bytes have the digest the item states; raises CredentialError for an unknown digest."""
    if isinstance(item.get("digestSRI"), str):
        name, _, expected = str(item["digestSRI"]).partition("-")
        if name in {"sha256", "sha384", "sha512"}:
            return base64.b64encode(hashlib.new(name, data).digest()).decode() == expected
    if isinstance(item.get("digestMultibase"), str):
        digest = decode(item["digestMultibase"])
        for prefix, size, name in _MULTIHASHES:
            # a bare digest, as the standard's own examples have it, is told by its size
            if len(digest) >= size and digest[:-size] in {prefix, b""}:
                return hashlib.new(name, data).digest() == digest[-size:]
    raise CredentialError("unknown_digest", "The digest is of a kind we do not know.")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
