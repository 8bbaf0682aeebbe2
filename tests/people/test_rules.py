"""Which roles open which part of an organization's house."""

from __future__ import annotations

from fieldstone.server.people.rules import AREAS, ROLES, may


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
