"""The early childhood program's content: readable, bilingual, and true to the CDA's rule of hours."""

from __future__ import annotations

from typing import Any

import pytest

from fieldstone import stacking
from tests.demo import content_checks as checks
from tests.demo import tree_checks

AREAS = [
    "keeping-children-safe-and-healthy",
    "physical-and-intellectual-development",
    "social-and-emotional-development",
    "relationships-with-families",
    "operating-a-program",
    "professionalism",
    "observing-and-recording-behavior",
    "child-growth-and-development",
]
WORK = ["hours:with-children", "review:with-children"]
"""More than 480 hours with children that a supervisor signed, and her review."""


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return checks.load("tennessee")


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


def met(data: dict[str, Any], stack: str, earned: list[str]) -> bool:
    """Whether someone who holds these, and nothing else, completes the stack."""
    definition = next(s["definition"] for s in data["stacks"] if s["slug"] == stack)
    tree = stacking.parse(tree_checks.requirement(definition["tree"]))
    offers = {offer.credential: offer for offer in tree_checks.offers(data)}
    offers |= {
        f"stack:{s['slug']}": stacking.Offer(
            credential=f"stack:{s['slug']}", effort=s["definition"]["hours"], level=s["definition"]["level"], hours={}
        )
        for s in data["stacks"]
    }
    assert stacking.problems(tree, list(offers.values())) == []
    held = [offers[slug].as_held(tree_checks.DAY) for slug in earned]
    return stacking.evaluate(tree, held, tree_checks.DAY).satisfied


def test_the_cda_takes_all_eight_areas(data: dict[str, Any]) -> None:
    assert met(data, "cda", [*AREAS, *WORK])
    for left_out in AREAS:
        assert not met(data, "cda", [*(slug for slug in AREAS if slug != left_out), *WORK])


def test_the_cda_takes_480_hours_of_work_and_a_review(data: dict[str, Any]) -> None:
    for part in WORK:
        assert not met(data, "cda", [*AREAS, part])
    tree = next(s["definition"]["tree"] for s in data["stacks"] if s["slug"] == "cda")
    assert [(n["total"], n["among"]) for n in tree["of"] if n.get("among") and n["type"] == "hours"] == [(480, WORK[:1])]


def test_a_home_owner_meets_program_operation_with_the_home(data: dict[str, Any]) -> None:
    at_home = ["family-child-care" if slug == "operating-a-program" else slug for slug in AREAS]
    assert met(data, "cda", [*at_home, *WORK])


def test_orientation_takes_all_ten_and_does_not_count_toward_the_120_hours(data: dict[str, Any]) -> None:
    modules = [m["slug"] for m in data["micro_credentials"] if m["slug"].startswith("orientation-")]
    assert met(data, "orientation", modules)
    assert not met(data, "orientation", modules[1:])
    assert not met(data, "cda", [*modules, *AREAS[1:], *WORK])


def test_the_certificate_takes_the_cda_and_two_more(data: dict[str, Any]) -> None:
    assert met(data, "early-childhood-certificate", ["stack:cda", "family-child-care", "including-every-child"])
    assert met(data, "early-childhood-certificate", ["stack:cda", "leading-a-small-center", "including-every-child"])
    assert not met(data, "early-childhood-certificate", ["stack:cda", "family-child-care"])
    assert not met(
        data, "early-childhood-certificate", ["family-child-care", "leading-a-small-center", "including-every-child"]
    )
