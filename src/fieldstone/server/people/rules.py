"""Who may do what: pure decisions over a person's roles."""

from __future__ import annotations

import re
import unicodedata
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
SECTORS = ("public", "nonprofit", "business")
"""Whose an organization is: the people's (a state, a district, a tribal nation), a charity's, or owners'."""
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

_SIGN = r"[^@\s<>\"\x00-\x1f"


def is_email(text: str) -> bool:
    """Whether this has the form of an e-mail address, in small letters and without spaces around it."""
    return len(text) <= 254 and bool(re.fullmatch(rf"{_SIGN}]{{1,64}}@{_SIGN}]+\.{_SIGN}.]{{2,}}", text))


TELLING = 8
"""A shorter name, folded, stands in others by chance."""
_LIKE = str.maketrans("асеіјорѕхуһԁкмтвнαορνικετυχβη", "aceijopsxyhdkmtbhaopviketuxbh")
"""Letters of other scripts that look like ours."""


def folded(name: str) -> str:
    """A name as the eye compares it: letters and digits alone, small, without accents, look-alikes made Latin."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LIKE)
    return "".join(sign for sign in plain if sign.isalnum())


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
