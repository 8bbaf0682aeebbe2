"""docs/tour.md leads to functions that exist, through every layer, in the order of the walk."""

from __future__ import annotations

import re

import pytest

from tests.docs.reading import DOMAINS, ROOT, SOURCE, defined, links, sections, text_of

TOUR = text_of("docs/tour.md")
NAMED = [
    (name, target)
    for words, target in links(TOUR)
    if target.startswith("../src/") and (name := words.strip("`")) and words.startswith("`")
]


@pytest.mark.parametrize(("name", "target"), NAMED)
def test_every_named_thing_stands_in_the_file(name: str, target: str) -> None:
    path = (ROOT / "docs" / target).resolve()
    assert path.is_file(), target
    assert name == path.name or name == path.parent.name or name in defined(path), f"{name} is not in {target}"


def test_every_link_into_the_code_names_something() -> None:
    into_code = [(words, target) for words, target in links(TOUR) if target.startswith("../src/")]
    assert len(into_code) == len(NAMED) > 25
    assert all("#" not in target for _, target in into_code), "line numbers wander; name a function"


@pytest.mark.parametrize(
    ("step", "stations"),
    [
        ("1. Submit", ["web/learner/views_evidence.py", "journeys/submit_evidence.py", "evidence/actions.py"]),
        ("2. Score", ["web/assessor/scoring.py", "assessment/actions/deciding.py", "assessment/rules.py"]),
        ("3. Issue", ["journeys/confirm_decision.py", "awards/actions/issuing.py", "credential/documents.py"]),
        ("4. Verify", ["web/public/views_verify.py", "awards/checking.py", "credential/checks.py"]),
        ("5. Evaluate", ["web/lead/views.py", "study/queries.py", "study/rules.py", "outcomes/privacy.py"]),
    ],
)
def test_the_walk_has_its_stations_in_order(step: str, stations: list[str]) -> None:
    targets = [target for _, target in links(sections(TOUR)[step])]
    places = [next((n for n, target in enumerate(targets) if target.endswith(s)), -1) for s in stations]
    assert -1 not in places and places == sorted(places)


def test_the_walk_passes_through_every_layer() -> None:
    passed = {part for _, target in NAMED for part in re.split(r"[/.]", target)}
    layers = {"config", "management", "migrations", "web", "journeys", "net", "credential", "stacking", "outcomes"}
    assert layers - passed == set()
    assert set(DOMAINS) - passed <= {
        "reference",
        "people",
        "catalog",
        "connections",
        "recognition",
        "wallets",
        "backpack",
        "delivery",
        "calibration",
        "workplace",
    }
    assert (SOURCE / "server").is_dir()
