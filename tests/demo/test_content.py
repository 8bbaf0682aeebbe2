"""What holds for the content of every program: it may be published, says everything twice, and its trees stand."""

from __future__ import annotations

from typing import Any

import pytest

from fieldstone.server.catalog.rules import LANGUAGES
from tests.demo import content_checks as checks
from tests.demo import tree_checks

PROGRAMS = ("georgia", "kentucky", "maine", "tennessee")


@pytest.fixture(scope="module", params=PROGRAMS)
def data(request: pytest.FixtureRequest) -> dict[str, Any]:
    return checks.load(request.param)


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


def test_nothing_is_said_twice(data: dict[str, Any]) -> None:
    assert tree_checks.repeated(data) == []


def test_samples_come_in_both_languages(data: dict[str, Any]) -> None:
    spoken: dict[str, set[str]] = {}
    for sample in data["samples"]:
        spoken.setdefault(sample["slug"], set()).add(sample["language"])
    assert all(languages == set(LANGUAGES) for languages in spoken.values())


@pytest.mark.parametrize("name", ["georgia", "kentucky", "maine"])
def test_trees_of_counts_can_be_earned_in_the_hours_they_state(name: str) -> None:
    """Tennessee's tree counts hours by area, and has its own tests."""
    tree_checks.check_trees(checks.load(name))
