"""W3C Verifiable Credentials Data Model 2.0 section 4, for credentials and presentations of any kind.

Open Badges have a stricter shape of their own (`shape`). `problems` and `presentation_problems` give one sentence for
each fault; what the words mean is for the JSON-LD reader to check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fieldstone.credential import status
from fieldstone.credential.contexts import CREDENTIALS_V1, CREDENTIALS_V2, Contexts
from fieldstone.credential.errors import ProofError, StatusError
from fieldstone.credential.proofs import parse_timestamp

_ADDRESS: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]+')
_STAMP: Final = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TEXT_MEMBERS: Final = frozenset({"@value", "@language", "@direction"})
_TYPED: Final = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence")
_DATES: Final = ("validFrom", "validUntil", "issuanceDate", "expirationDate")
MAX_PROBLEMS: Final = 20


def problems(document: Mapping[str, Any], contexts: Contexts) -> list[str]:
    """Every fault of a credential, as sentences; at most MAX_PROBLEMS."""
    return _first(_credential(document, contexts))


def presentation_problems(document: Mapping[str, Any], contexts: Contexts) -> list[str]:
    """Every fault of a presentation, as sentences; the credentials in it are looked at by themselves."""
    return _first(_presentation(document, contexts))


def is_address(value: object) -> bool:
    """Whether a value is an absolute address (URL, DID, URN)."""
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def _first(found: Iterator[str]) -> list[str]:
    return [problem for problem, _ in zip(found, range(MAX_PROBLEMS), strict=False)]


def _credential(document: Mapping[str, Any], contexts: Contexts) -> Iterator[str]:
    yield from _frame(document, contexts, "VerifiableCredential")
    issuer = document.get("issuer")
    if not is_address(issuer.get("id") if isinstance(issuer, dict) else issuer):
        yield "issuer must be an address, or an object with an address as its id."
    yield from _texts(document, "")
    if isinstance(issuer, dict):
        yield from _texts(issuer, "issuer.")
    subject = document.get("credentialSubject")
    subjects = _listed(subject)
    if not subjects or not all(isinstance(item, dict) and item for item in subjects):
        yield "credentialSubject must be an object, or several, and not empty."
    yield from _addresses(subjects, "credentialSubject")
    yield from _dates(document)
    for name in _TYPED:
        if name in document:
            yield from _typed(document[name], name)
    if "relatedResource" in document:
        yield from _resources(_listed(document["relatedResource"]))


def _presentation(document: Mapping[str, Any], contexts: Contexts) -> Iterator[str]:
    yield from _frame(document, contexts, "VerifiablePresentation")
    holder = document.get("holder")
    if "holder" in document and not is_address(holder.get("id") if isinstance(holder, dict) else holder):
        yield "holder must be an address, or an object with an address as its id."
    if not all(isinstance(item, dict) for item in _listed(document.get("verifiableCredential"))):
        yield "verifiableCredential must hold objects."
    if "termsOfUse" in document:
        yield from _typed(document["termsOfUse"], "termsOfUse")


def _frame(document: Mapping[str, Any], contexts: Contexts, kind: str) -> Iterator[str]:
    """Sections 4.3 (contexts), 4.4 (identifiers), 4.5 (types)."""
    listed = document.get("@context")
    if not isinstance(listed, list) or listed[:1] not in ([CREDENTIALS_V2], [CREDENTIALS_V1]):
        yield "@context must be an array that begins with the W3C credentials context."
    for item in _listed(listed):
        if isinstance(item, str):
            if item not in contexts:
                yield f"The context {item} is not one we know."
        elif not (contexts.inline and isinstance(item, dict)):
            yield "The document carries a context of its own."
    types = _listed(document.get("type"))
    if kind not in types or not all(isinstance(item, str) and item for item in types):
        yield f"type must be text, and include {kind}."
    if "id" in document and not is_address(document["id"]):
        yield "id must be one absolute address."


def _texts(value: Mapping[str, Any], where: str) -> Iterator[str]:
    """Section 4.6: names and descriptions."""
    for name in ("name", "description"):
        if name in value and not (_listed(value[name]) and all(_is_text(item) for item in _listed(value[name]))):
            yield f"{where}{name} must be text, or text with its language."


def _is_text(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get("@value"), str) and set(value) <= _TEXT_MEMBERS
    return isinstance(value, str)


def _dates(document: Mapping[str, Any]) -> Iterator[str]:
    """Section 4.9."""
    moments = {}
    for name in _DATES:
        if name in document:
            try:
                if not isinstance(document[name], str) or not _STAMP.fullmatch(document[name]):
                    raise ProofError("bad_date", "")
                moments[name] = parse_timestamp(document[name])
            except ProofError:
                yield f"{name} must be a date and time with its offset."
    for start, end in (_DATES[:2], _DATES[2:]):
        if start in moments and end in moments and moments[start] > moments[end]:
            yield f"{start} must not be after {end}."


def _typed(value: Any, name: str) -> Iterator[str]:
    """Sections 4.10, 4.11, 5.4, 5.5 and 5.6: objects that say what they are."""
    items = _listed(value)
    if not items or not all(isinstance(item, dict) and _has_type(item) for item in items):
        yield f"{name} must be an object with a type, or several."
    yield from _addresses(items, name)
    if name == "credentialSchema" and not all(isinstance(item, dict) and "id" in item for item in items):
        yield "credentialSchema must have an id."
    for item in items:
        if isinstance(item, dict) and item.get("type") == "BitstringStatusListEntry":
            yield from _status(item)


def _has_type(item: Mapping[str, Any]) -> bool:
    types = _listed(item.get("type"))
    return bool(types) and all(isinstance(kind, str) and kind for kind in types)


def _status(item: Mapping[str, Any]) -> Iterator[str]:
    """Bitstring Status List 1.0 section 2.1."""
    tests: tuple[tuple[str, Callable[[Any], bool]], ...] = (
        ("statusPurpose", lambda value: isinstance(value, str) and value != ""),
        ("statusListIndex", lambda value: isinstance(value, str) and value.isdecimal() and value.isascii()),
        ("statusListCredential", is_address),
    )
    for name, good in tests:
        if not good(item.get(name)):
            yield f"credentialStatus.{name} is missing, or of the wrong form."
    try:
        status.messages(item, status.check_size(item.get("statusSize", 1)))
    except StatusError as error:
        yield error.detail
    if not all(is_address(url) for url in _listed(item.get("statusReference"))):
        yield "credentialStatus.statusReference must be an address, or several."
    if "id" in item and item["id"] == item.get("statusListCredential"):
        yield "credentialStatus.id must not be the address of the list."


def _addresses(items: list[Any], name: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict) and "id" in item and not is_address(item["id"]):
            yield f"{name}.id must be one absolute address."


def _resources(items: list[Any]) -> Iterator[str]:
    """Section 5.3."""
    names = [item.get("id") if isinstance(item, dict) else None for item in items]
    if not items or not all(is_address(name) for name in names):
        yield "relatedResource must hold objects with an address as their id."
    elif len(set(names)) != len(names):
        yield "relatedResource names the same address twice."
    for item in items:
        if isinstance(item, dict) and not ("digestSRI" in item or "digestMultibase" in item):
            yield "relatedResource must state a digest."


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
