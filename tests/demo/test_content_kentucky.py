"""The Kentucky Valley file: 12 + 8 + 1 micro-credentials, and the set that changes a rank."""

from fieldstone.server.catalog.rules import parse
from tests.demo import content_checks

DATA = content_checks.load("kentucky")
DEFINITIONS = {row["slug"]: parse(row["definition"])[0] for row in DATA["micro_credentials"]}


def test_the_rank_change_set_is_twelve_six_of_eight_and_a_capstone() -> None:
    [stack] = DATA["stacks"]
    tree = stack["definition"]["tree"]
    foundation, electives, capstone = tree["of"]
    assert tree["at_least"] == 3
    assert (foundation["at_least"], len(foundation["of"])) == (12, 12)
    assert (electives["at_least"], len(electives["of"])) == (6, 8)
    assert [slug for slug, d in DEFINITIONS.items() if d.level == 3] == [capstone["credential"]]
    named = {node["credential"] for node in (*foundation["of"], *electives["of"], capstone)}
    assert named == set(DEFINITIONS)
    assert len(named) == 21


def test_everything_is_free_and_the_promise_names_all_five_bands() -> None:
    assert {definition.cost_cents for definition in DEFINITIONS.values()} == {0}
    promise = next(row for row in DATA["promises"] if row["kind"] == "pay_rung")
    for band in ("0 to 3", "4 to 9", "10 to 14", "15 to 19", "20 or more"):
        assert band in promise["terms"]["en"]
