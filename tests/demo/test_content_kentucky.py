"""The Kentucky Valley file: 12 + 8 + 1 micro-credentials, and the set that changes a rank."""

from fieldstone.server.catalog.rules import LANGUAGES, parse
from tests.demo import content_checks, tree_checks

DATA = content_checks.load("kentucky")
DEFINITIONS = {row["slug"]: parse(row["definition"])[0] for row in DATA["micro_credentials"]}


def test_every_definition_may_be_published() -> None:
    content_checks.check_definitions(DATA)


def test_every_text_is_there_in_both_languages() -> None:
    content_checks.check_texts(DATA)
    assert tree_checks.repeated(DATA) == []


def test_everything_named_exists() -> None:
    content_checks.check_references(DATA)


def test_the_stack_can_be_earned_in_the_hours_it_states() -> None:
    content_checks.check_stacks(DATA)
    tree_checks.check_trees(DATA)


def test_samples_and_exemplars_are_whole() -> None:
    content_checks.check_submissions(DATA)
    by_slug: dict[str, set[str]] = {}
    for sample in DATA["samples"]:
        by_slug.setdefault(sample["slug"], set()).add(sample["language"])
    assert all(languages == set(LANGUAGES) for languages in by_slug.values())


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
