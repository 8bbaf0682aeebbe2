"""All Learning Counts' content: readable, bilingual, three levels to a larger credential, nine skills of four parts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo import content_checks as checks

SKILLS = [
    "self-directed-learning",
    "empathy",
    "oral-communication",
    "critical-thinking",
    "resilience",
    "creative-problem-solving",
    "initiative",
    "collaboration",
    "intercultural-fluency",
]


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return checks.load("maine")


@pytest.mark.parametrize("name", ["aquaculture", "leadership"])
def test_three_levels_follow_one_another(name: str, data: dict[str, Any]) -> None:
    rows = {m["slug"]: m for m in data["micro_credentials"]}
    steps = [rows[f"{name}-{level}"] for level in (1, 2, 3)]
    assert [s["definition"]["level"] for s in steps] == [1, 2, 3]
    assert [s["prerequisites_slugs"] for s in steps] == [[], [f"{name}-1"], [f"{name}-2"]]


def test_the_third_aquaculture_level_rests_on_the_supervisor(data: dict[str, Any]) -> None:
    definition = next(m["definition"] for m in data["micro_credentials"] if m["slug"] == "aquaculture-3")
    assert "supervisor_form" in {a["id"] for a in definition["artifacts"]}
    assert definition["supervision"] == "supervisor_at_work"


def test_dawnland_belongs_to_the_nations(data: dict[str, Any]) -> None:
    row = next(m for m in data["micro_credentials"] if m["slug"] == "dawnland")
    owner = next(o for o in data["organizations"] if o["slug"] == row["organization"])
    assert owner["kind"] == "tribal_nation"
    assert (row["definition"]["cost_cents"], row["definition"]["notional_hours"]) == (2500, 10)


def test_nine_skills_of_four_parts_and_any_six_stack(data: dict[str, Any]) -> None:
    rows = {m["slug"]: m["definition"] for m in data["micro_credentials"]}
    assert [len(rows[s]["rubric"]) for s in SKILLS] == [4] * 9
    tree = next(s["definition"]["tree"] for s in data["stacks"] if s["slug"] == "nine-skills")
    assert (tree["at_least"], [c["credential"] for c in tree["of"]]) == (6, SKILLS)
