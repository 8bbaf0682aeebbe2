"""Who may do what: pure decisions over a person's roles."""

from __future__ import annotations

from collections.abc import Iterable

ROLES = (
    "learner",
    "author",
    "assessor",
    "approver",
    "issuer",
    "lead",
    "coach",
    "recognizer",
    "administrator",
)
ORGANIZATION_KINDS = (
    "college",
    "cooperative",
    "district",
    "employer",
    "state_program",
    "community",
    "tribal_nation",
    "consortium",
)

AREAS: dict[str, frozenset[str]] = {
    "author": frozenset({"author", "administrator"}),
    "assess": frozenset({"assessor", "approver"}),
    "approve": frozenset({"approver"}),
    "issue": frozenset({"issuer", "administrator"}),
    "lead": frozenset({"lead", "administrator"}),
    "coach": frozenset({"coach", "lead", "administrator"}),
    "recognize": frozenset({"recognizer"}),
    "administer": frozenset({"administrator"}),
}
"""Which roles open which part of an organization's house."""


def may(area: str, roles: Iterable[str]) -> bool:
    """Whether somebody with these roles in an organization may enter `area` there."""
    return not AREAS[area].isdisjoint(roles)
