"""Asking an issuer for the newest form of a credential (`refreshService`, VC Data Model 2.0 section 5.4).

What the service answers is a stranger's text: it takes the place of the credential at hand only if it verifies, and
speaks of the same thing to the same person by the same issuer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fieldstone.credential.errors import CredentialError, Missing
from fieldstone.credential.jsontext import canonical
from fieldstone.credential.proofs import parse_timestamp
from fieldstone.credential.report import Report, Verdict
from fieldstone.credential.resolver import Resolver

TYPE: Final = "1EdTechCredentialRefresh"


def service_of(document: Mapping[str, Any]) -> str | None:
    """Where a credential says that its newest form is, or None."""
    value = document.get("refreshService")
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, Mapping) and entry.get("type") == TYPE:
            url = entry.get("id")
            if isinstance(url, str) and url.startswith(("https://", "http://")):
                return url
    return None


def refreshed(held: Report, *, resolver: Resolver, verify: Callable[[bytes], Report]) -> tuple[bytes, Report]:
    """The newest form of the credential of `held`, as bytes, with its report; `verify` checks it.

    The credential at hand may have ended or been withdrawn, but its signature must hold and its key be the issuer's.
    Raises Missing where it names no service, Unreachable, Missing or Gone as the service answers, and CredentialError:
    `not_genuine` (the one at hand), `not_verified` (the new one), `another_credential`, `another_issuer`,
    `another_subject`, `older`.
    """
    document = held.document or {}
    genuine = [check.outcome == "passed" for check in held.checks if check.name in ("signature", "controller")]
    if genuine != [True, True]:
        raise CredentialError("not_genuine", "Only a genuine credential says where its newest form is.")
    url = service_of(document)
    if url is None:
        raise Missing("The credential names no service that renews it.")
    data = resolver.fetch(url)
    report = verify(data)
    if report.verdict is not Verdict.VERIFIED or report.document is None:
        raise CredentialError("not_verified", "What the service answers does not verify.")
    for code, one, other in (
        ("another_credential", document.get("id"), report.document.get("id")),
        ("another_issuer", held.issuer_id, report.issuer_id),
        ("another_subject", _subject(document), _subject(report.document)),
    ):
        if one is None or one != other:
            raise CredentialError(code, "What the service answers is not about the same.")
    if parse_timestamp(report.valid_from) < parse_timestamp(held.valid_from):
        raise CredentialError("older", "What the service answers is older than the credential at hand.")
    return data, report


def _subject(document: Mapping[str, Any]) -> bytes | None:
    """Whom a credential is about: the holder's address, and every identifier as it stands; None where nobody."""
    subject = document.get("credentialSubject")
    if not isinstance(subject, Mapping) or not ("id" in subject or "identifier" in subject):
        return None
    return canonical([subject.get("id"), subject.get("identifier")])
