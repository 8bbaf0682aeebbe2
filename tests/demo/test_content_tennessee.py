"""The early childhood program's content: readable, bilingual, and true to the CDA's rule of hours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo import content_checks as checks


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return checks.load("tennessee")


@pytest.mark.parametrize(
    "check",
    [
        checks.check_definitions,
        checks.check_texts,
        checks.check_references,
        checks.check_stacks,
        checks.check_submissions,
    ],
)
def test_content_keeps_the_common_rules(check: Any, data: dict[str, Any]) -> None:
    check(data)


def test_orientation_is_ten_free_modules_of_three_hours(data: dict[str, Any]) -> None:
    modules = [m["definition"] for m in data["micro_credentials"] if m["slug"].startswith("orientation-")]
    assert [(m["level"], m["notional_hours"], m["cost_cents"], m["offline"]) for m in modules] == [(1, 3, 0, True)] * 10


def test_the_hours_of_the_eight_areas_reach_120_with_some_choice(data: dict[str, Any]) -> None:
    hours: dict[str, list[int]] = {}
    for row in data["micro_credentials"]:
        for area, count in row["definition"]["clock_hours"].items():
            hours.setdefault(area, []).append(count)
    assert sorted(hours) == [f"cda_{i}" for i in range(1, 9)]
    assert all(10 <= count <= 20 for counts in hours.values() for count in counts)
    assert sum(min(counts) for counts in hours.values()) == 120
    assert sum(map(sum, hours.values())) == 140


@pytest.mark.parametrize("words", ["family child care", "cuidado infantil familiar"])
def test_family_child_care_is_found_by_its_name(words: str, data: dict[str, Any]) -> None:
    found = [
        m["slug"]
        for m in data["micro_credentials"]
        if any(words in text.lower() for text in m["definition"]["title"].values())
    ]
    assert found == ["family-child-care"]


def test_observing_asks_for_what_its_page_says(data: dict[str, Any]) -> None:
    definition = next(
        m["definition"] for m in data["micro_credentials"] if m["slug"] == "observing-and-recording-behavior"
    )
    assert [(q["min_words"], q["max_words"]) for q in definition["questions"]] == [(50, 200)] * 3
    assert [(a["min"], a["max"]) for a in definition["artifacts"]] == [(3, 6), (1, 1)]
    assert (definition["reflection"]["min_words"], definition["reflection"]["max_words"]) == (100, 250)
    assert [len(c["phrases"]) for c in definition["rubric"]] == [3, 3, 3, 3]
    assert definition["children"] == "no_faces"
