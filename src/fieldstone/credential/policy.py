"""Whom a verifier trusts, as a value that is passed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Policy(Protocol):
    """Decides about issuers: True (trusted), False (not trusted) or None (nobody was asked)."""

    def trusts(self, issuer: str) -> bool | None:
        """Whether the issuer with this identifier is trusted."""


class TrustedIssuers:
    """Only these issuers, by identifier, are trusted."""

    def __init__(self, issuers: Iterable[str]) -> None:
        self.issuers = frozenset(issuers)

    def trusts(self, issuer: str) -> bool | None:
        return issuer in self.issuers


class AnyIssuer:
    """No list of issuers: the report says that nobody vouched for this one."""

    def trusts(self, issuer: str) -> bool | None:
        return None
