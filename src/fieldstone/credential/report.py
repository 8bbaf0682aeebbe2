"""What `verify` answers: numbered checks, a verdict, and the words a page needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Outcome(StrEnum):
    """The outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_TELL = "could_not_tell"


class Verdict(StrEnum):
    """The answer as a whole."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    COULD_NOT_TELL = "could_not_tell"


# number, name, the question in plain words, where the standards ask it. Numbers and names never change.
CHECKS: Final = (
    (1, "parse", "Can the document be read?", "RFC 8259; VC-JOSE-COSE section 3.1"),
    (2, "schema", "Does it have the form of a credential?", "Open Badges 3.0 appendix B; VC Data Model 2.0 section 4"),
    (3, "proof", "Is it signed in a way we know?", "VC Data Integrity 1.0 section 2.1"),
    (4, "key", "Was the signer's key found?", "Controlled Identifiers 1.0 section 3.3"),
    (5, "signature", "Is it unchanged since it was signed?", "VC Data Integrity 1.0 section 4.4"),
    (6, "controller", "Does the key belong to the issuer?", "VC Data Integrity 1.0 section 2.3"),
    (7, "dates", "Is it valid today?", "VC Data Model 2.0 section 4.9"),
    (8, "status", "Does the issuer still stand by it?", "Bitstring Status List 1.0 section 3.2"),
    (9, "issuer", "Is the issuer one you trust?", "Open Badges 3.0 section 8"),
    (10, "recipient", "Does it belong to the person who shows it?", "Open Badges 3.0 section 8"),
    (11, "endorsements", "Are the endorsements and enclosed credentials genuine?", "Open Badges 3.0 section 8"),
    (12, "evidence", "Are the files the ones that were assessed?", "VC Data Model 2.0 section 5.3"),
)  # fmt: skip
_BY_NAME: Final = {name: (number, question, reference) for number, name, question, reference in CHECKS}
NEEDED: Final = frozenset(name for number, name, _, _ in CHECKS if number <= 8)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `code` is short and stable, `detail` is an English sentence or two.

    `section` is where the standard asks it, for standards other than the one that CHECKS names.
    """

    name: str
    outcome: Outcome
    code: str
    detail: str
    needed: bool
    section: str = ""

    @property
    def number(self) -> int:
        return _BY_NAME[self.name][0]

    @property
    def question(self) -> str:
        return _BY_NAME[self.name][1]

    @property
    def reference(self) -> str:
        return self.section or _BY_NAME[self.name][2]

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "outcome": str(self.outcome),
            "code": self.code,
            "detail": self.detail,
            "reference": self.reference,
            "needed": self.needed,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The checks in order, and the credential as it was read (None where it could not be).

    The helpers below give words for display; they never raise, and a document that is not verified may say anything.
    Where the document is of an older standard, `view` says the same in the words of Open Badges 3.0.
    """

    checks: tuple[Check, ...]
    document: Mapping[str, Any] | None
    view: Mapping[str, Any] | None = None

    @property
    def verdict(self) -> Verdict:
        """Any failed check: not verified; a needed check unanswered: could not tell; else verified."""
        if any(check.outcome is Outcome.FAILED for check in self.checks):
            return Verdict.NOT_VERIFIED
        if any(check.outcome is Outcome.COULD_NOT_TELL and check.needed for check in self.checks):
            return Verdict.COULD_NOT_TELL
        return Verdict.VERIFIED

    def check(self, name: str) -> Check | None:
        """The check of this name, or None where it did not apply."""
        return next((check for check in self.checks if check.name == name), None)

    @property
    def issuer_known(self) -> bool:
        """Whether somebody vouches for the issuer (check 9). Without that its name is only what the file says."""
        check = self.check("issuer")
        return check is not None and check.outcome is Outcome.PASSED

    @property
    def title(self) -> str:
        return _text(self._get("name")) or _text(self._get("credentialSubject", "achievement", "name"))

    @property
    def description(self) -> str:
        return _text(self._get("credentialSubject", "achievement", "description")) or _text(self._get("description"))

    @property
    def criteria(self) -> str:
        return _text(self._get("credentialSubject", "achievement", "criteria", "narrative"))

    @property
    def recipient_name(self) -> str:
        """The recipient's name where the credential states it in clear, else empty."""
        for identity in _listed(self._get("credentialSubject", "identifier")):
            if isinstance(identity, Mapping) and identity.get("identityType") == "name":
                return "" if identity.get("hashed") is not False else _text(identity.get("identityHash"))
        return _text(self._get("credentialSubject", "name"))

    @property
    def issuer_id(self) -> str:
        issuer = self._get("issuer")
        return _text(issuer.get("id") if isinstance(issuer, Mapping) else issuer)

    @property
    def issuer_name(self) -> str:
        return _text(self._get("issuer", "name"))

    @property
    def valid_from(self) -> str:
        return _text(self._get("validFrom")) or _text(self._get("issuanceDate"))

    @property
    def valid_until(self) -> str:
        return _text(self._get("validUntil")) or _text(self._get("expirationDate"))

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values, without the document itself."""
        return {
            "verdict": str(self.verdict),
            "title": self.title,
            "recipient": self.recipient_name,
            "issuer": {"id": self.issuer_id, "name": self.issuer_name, "known": self.issuer_known},
            "validFrom": self.valid_from,
            "validUntil": self.valid_until,
            "checks": [check.to_json() for check in self.checks],
        }

    def _get(self, *path: str) -> Any:
        value: Any = self.document if self.view is None else self.view
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """Plain text, or the first of a language's texts, or nothing."""
    for item in _listed(value):
        if isinstance(item, Mapping):
            item = item.get("@value", next(iter(item.values()), None))
        if isinstance(item, str):
            return item
    return ""
