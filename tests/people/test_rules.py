"""Which roles open which part of an organization's house."""

from __future__ import annotations

import pytest

from fieldstone.server.people.rules import AREAS, ROLES, folded, may


def test_every_area_opens_to_known_roles_only() -> None:
    assert {role for roles in AREAS.values() for role in roles} < set(ROLES)
    assert not any(may(area, ["learner"]) for area in AREAS)


def test_who_may_what() -> None:
    opened = {role: {area for area in AREAS if may(area, [role])} for role in ROLES}
    assert opened["administrator"] == {"author", "issue", "lead", "coach", "administer"}
    assert opened["lead"] == {"lead", "coach"}
    assert opened["recognizer"] == {"recognize"}
    assert opened["assessor"] == {"assess"} and opened["approver"] == {"assess", "approve"}
    assert may("approve", ["assessor", "approver"]) and not may("lead", [])


@pytest.mark.parametrize(
    ("name", "same"),
    [("Piedmont College", "PIEDMONT-college."), ("Café Añasco", "cafe anasco"), ("Ｗｉｄｅ", "wide"),
     ("Straße", "strasse"), ("Рiеdmоnt", "piedmont"), ("!? ", "")],
)  # fmt: skip
def test_names_are_compared_as_the_eye_sees_them(name: str, same: str) -> None:
    """The fifth has Cyrillic letters that look like ours."""
    assert folded(name) == folded(same)
    assert folded(name) != folded("another")
