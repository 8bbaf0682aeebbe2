"""Every error this library raises on purpose.

Anything wrong with a document, a key or an answer from outside arrives as a `CredentialError`
with a short machine `code` and an English `detail`; nothing else escapes from `verify`.
"""

from __future__ import annotations


class CredentialError(Exception):
    """Base of all errors of the library; `code` is short and stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class ParseError(CredentialError):
    """The bytes are not the strict JSON (or JWT, or picture) that they should be."""


class JsonLdError(CredentialError):
    """The document's meaning is not fully defined by its contexts (undefined term, relative address…)."""


class TooComplex(CredentialError):
    """Canonicalization would take more work than any honest document needs."""


class KeyFormatError(CredentialError):
    """A key, multibase value or DID is malformed or of an unknown kind."""


class ProofError(CredentialError):
    """A proof is malformed, of an unknown suite, or cannot be made."""


class StatusError(CredentialError):
    """A status list or status entry is malformed."""


class Unreachable(CredentialError):
    """Raised by a resolver: nobody answered, so the question stays open."""

    def __init__(self, detail: str) -> None:
        super().__init__("unreachable", detail)

    def left_open(self, code: str) -> str:
        """The code of a check that this leaves open: `code`, or its own where it says more."""
        return code


class Spent(Unreachable):
    """The questions or the time that one check may take are used up; this one was not asked."""

    def __init__(self, detail: str) -> None:
        CredentialError.__init__(self, "too_much_to_ask", detail)

    def left_open(self, code: str) -> str:
        return self.code


class Missing(CredentialError):
    """Raised by a resolver: the place answered that it has no such thing."""

    def __init__(self, detail: str) -> None:
        super().__init__("missing", detail)


class Gone(Missing):
    """Raised by a resolver: the place answered that it had such a thing, and has taken it away (HTTP 410)."""
