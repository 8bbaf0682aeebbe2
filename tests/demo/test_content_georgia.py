"""The Savannah file: three clusters, one on-ramp, and a way to the nurse-aide certificate."""

import pytest

from fieldstone import stacking
from fieldstone.server.catalog.rules import parse
from tests.demo import content_checks, tree_checks

DATA = content_checks.load("georgia")
DEFINITIONS = {row["slug"]: parse(row["definition"])[0] for row in DATA["micro_credentials"]}
STACKS = {row["slug"]: row["definition"] for row in DATA["stacks"]}
ON_RAMP = "ready-for-school-and-work"
CLUSTERS = {"manufacturing-start": "making", "health-care-start": "care", "information-technology-start": "it"}


def met(stack: str, earned: list[str]) -> bool:
    """Whether someone who holds these, and nothing else, completes the stack."""
    tree = stacking.parse(tree_checks.requirement(STACKS[stack]["tree"]))
    by_slug = {offer.credential: offer for offer in tree_checks.offers(DATA)}
    day = tree_checks.DAY
    return stacking.evaluate(tree, [by_slug[slug].as_held(day) for slug in earned], day).satisfied


@pytest.mark.parametrize(("stack", "area"), CLUSTERS.items())
def test_a_cluster_takes_three_or_the_on_ramp_and_two(stack: str, area: str) -> None:
    own = [slug for slug, definition in DEFINITIONS.items() if area in definition.clock_hours]
    assert len(own) in (3, 4)
    assert met(stack, own[:3])
    assert met(stack, own[-3:])
    assert met(stack, [ON_RAMP, *own[-2:]])
    assert not met(stack, own[:2])
    assert not met(stack, [ON_RAMP, own[0]])


def test_the_nurse_aide_certificate_takes_all_four_and_brings_nine_credit_hours() -> None:
    four = ["stopping-infection", "vital-signs", "care-with-dignity", "a-shift-on-the-floor"]
    assert met("nurse-aide-certificate", four)
    assert not any(met("nurse-aide-certificate", [ON_RAMP, *(four[:i] + four[i + 1 :])]) for i in range(4))
    [promise] = [
        p for p in DATA["promises"] if p["kind"] == "credit" and p["target"] == {"stack": "nurse-aide-certificate"}
    ]
    assert promise["amount"] == "9 credit hours"


def test_what_is_offered_without_internet_needs_documents_only() -> None:
    offline = {slug: definition for slug, definition in DEFINITIONS.items() if definition.offline}
    assert ON_RAMP in offline
    assert {area for definition in offline.values() for area in definition.clock_hours} >= {
        "start",
        "making",
        "care",
        "it",
    }
    for definition in offline.values():
        assert {kind for part in definition.artifacts for kind in part.kinds} == {"document"}
    assert any(not definition.offline for definition in DEFINITIONS.values())
