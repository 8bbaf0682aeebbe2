"""What is missing, what is asked again, which words win: decided on hand-made cases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.server.catalog.rules import Definition, parse
from fieldstone.server.evidence import rules
from tests.cast import definition as body

FULL = {"setting": "one two three four five", "reflection": "one two three four five six"}
BOTH = ("describes", "links")


def parsed(**changes: Any) -> Definition:
    found, problems = parse(body(**changes))
    assert problems == []
    return found


def fields(problems: list[Any]) -> list[str]:
    return [p.field for p in problems]


def test_nothing_is_missing_when_everything_is_there() -> None:
    assert rules.missing(parsed(), FULL, {"notes": 1}, True, BOTH) == []


def test_everything_missing_is_named_in_the_order_of_the_page() -> None:
    problems = rules.missing(parsed(), {}, {}, False, BOTH)
    assert fields(problems) == ["parts.setting", "parts.notes", "parts.reflection", "permission"]
    assert problems[0].english() == "Write at least 5 words."
    assert problems[1].english() == "Add 1 file or link."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("one", "Write 4 more words. What is here is kept."),
        ("one two three four", "Write 1 more word. What is here is kept."),
        ("one two three four five", None),
        (" ".join(["w"] * 200), None),
        (" ".join(["w"] * 201), "Take out 1 word. The most is 200. What is here is kept."),
        (" ".join(["w"] * 203), "Take out 3 words. The most is 200. What is here is kept."),
    ],
)
def test_words_are_counted_against_both_limits(text: str, says: str | None) -> None:
    problem = rules.missing_words(parsed().questions[0], text)
    assert (problem and problem.english()) == says


def test_a_question_that_asks_for_no_words_may_stay_empty() -> None:
    question = {**body()["questions"][0], "min_words": 0}
    assert rules.missing_words(parsed(questions=[question]).questions[0], "") is None


@pytest.mark.parametrize(
    ("low", "high", "count", "says"),
    [
        (3, 6, 0, "Add 3 files or links."),
        (3, 6, 1, "Add 2 more files or links."),
        (3, 6, 2, "Add 1 more file or link."),
        (3, 6, 3, None),
        (3, 6, 7, "Remove 1 file or link. The most is 6."),
        (3, 6, 8, "Remove 2 files or links. The most is 6."),
        (0, 6, 0, None),
    ],
)
def test_files_are_counted_against_both_limits(low: int, high: int, count: int, says: str | None) -> None:
    part = {**body()["artifacts"][0], "min": low, "max": high}
    problem = rules.missing_artifacts(parsed(artifacts=[part]).artifacts[0], count)
    assert (problem and problem.english()) == says


def test_permission_is_asked_only_where_children_may_appear() -> None:
    assert fields(rules.missing(parsed(), FULL, {"notes": 1}, False, BOTH)) == ["permission"]
    assert rules.missing(parsed(children="none"), FULL, {"notes": 1}, False, BOTH) == []
    assert [rules.may_publish(parsed(children=c)) for c in ("none", "no_faces", "consent")] == [True, False, False]


def test_only_the_parts_of_open_criteria_are_asked_again() -> None:
    found = parsed()
    assert rules.asked(found, BOTH) == {"setting", "notes", "reflection"}
    assert rules.asked(found, ["links"]) == {"reflection"}
    assert rules.asked(found, ["describes"]) == {"setting", "notes"}
    assert rules.missing(found, {"reflection": FULL["reflection"]}, {}, True, ["links"]) == []
    rubric = [{**row, "parts": []} if row["id"] == "links" else row for row in body()["rubric"]]
    assert rules.asked(parsed(rubric=rubric), ["links"]) == {"setting", "notes", "reflection"}


def test_what_was_demonstrated_once_stands() -> None:
    found = parsed()
    yes, no = "demonstrated", "not_yet"
    assert rules.open_criteria(found, []) == BOTH
    assert rules.open_criteria(found, [{"describes": yes, "links": no}]) == ("links",)
    assert rules.open_criteria(found, [{"describes": yes, "links": no}, {"links": yes}]) == ()
    assert rules.open_criteria(found, [{"describes": yes, "links": no}, {"describes": no, "links": no}]) == ("links",)
    assert rules.standing(found, [{"links": no}, {"links": "cannot_tell"}]) == {"links": "cannot_tell"}
    assert rules.open_criteria(found, [{"unknown": yes}, {}]) == BOTH


@pytest.mark.parametrize(
    ("stored", "revision", "text", "base", "copy_open", "does"),
    [
        ("a", 3, "b", 3, False, "write"),
        ("a", 3, "b", 2, False, "keep"),
        ("a", 3, "a", 1, False, "same"),
        ("a", 3, "a b", 1, False, "over"),
        ("a", 3, "b", 3, True, "copy"),
        ("", 0, "b", 0, False, "write"),
        ("a", 3, "", 2, False, "keep"),
    ],
)
def test_which_words_win(stored: str, revision: int, text: str, base: int, copy_open: bool, does: str) -> None:
    assert rules.merge(stored=stored, revision=revision, text=text, base=base, copy_open=copy_open).do == does


@given(st.text(), st.text(), st.integers(0, 5), st.integers(0, 5))
def test_a_stale_screen_never_replaces_words_that_it_does_not_hold(stored: str, text: str, revision: int, base: int) -> None:
    verdict = rules.merge(stored=stored, revision=revision, text=text, base=base, copy_open=False)
    if base != revision and stored not in text:
        assert verdict.do == "keep"


@given(st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"])))
def test_tidying_takes_nothing_that_can_be_seen(text: str) -> None:
    assert rules.tidy(text) == text
    assert rules.tidy(text.replace("\n", "\r\n")) == text


def test_tidying_makes_what_a_database_can_hold() -> None:
    assert rules.tidy("a\x00b\rc\ud800") == "ab\nc?"


def test_an_answer_has_an_upper_bound() -> None:
    assert rules.too_long("setting", "x" * rules.TEXT_LIMIT) is None
    problem = rules.too_long("setting", "x" * (rules.TEXT_LIMIT + 1))
    assert problem
    assert (problem.field, problem.params["limit"]) == ("parts.setting", 40_000)


@pytest.mark.parametrize(
    "url",
    ["https://example.org/", "http://example.org:8080/a?b=c#d", "HTTPS://EXAMPLE.ORG", "https://xn--e1afmkfd.example/ñ", "https://192.0.2.1/x"],
)
def test_links_that_are_kept(url: str) -> None:
    assert rules.link_problem("notes", url) is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("javascript:alert(1)", "begins with https://"),
        ("data:text/html,x", "begins with https://"),
        ("ftp://example.org/", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://localhost/x", "begins with https://"),
        ("//example.org/", "begins with https://"),
        ("https://exa mple.org/", "begins with https://"),
        ("https://example.org/\"onclick=x", "begins with https://"),
        ("https://example.org\n/", "begins with https://"),
        ("https://[::1/", "begins with https://"),
        ("https://example.org:99999/", "begins with https://"),
        ("https://me:secret@example.org/", "name and password"),
        ("https://example.org/" + "a" * 1000, "longer than 1,000"),
    ],
)
def test_links_that_are_not(url: str, says: str) -> None:
    problem = rules.link_problem("notes", url)
    assert problem
    assert says in problem.message


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("IMG 12.jpg", "photo", "IMG 12"),
        ("plan.pdf", "document", "plan.pdf"),
        ("../../etc/passwd", "document", "passwd"),
        ("C:\\fakepath\\a.txt", "document", "a.txt"),
        ("\u202egpj.exe", "photo", "gpj"),
        ("a\x00b\nc", "document", "abc"),
        ("...", "document", "document"),
        ("", "photo", "photo"),
        ("x" * 500, "document", "x" * 200),
        (".jpg", "photo", "jpg"),
    ],
)
def test_a_name_becomes_a_caption(name: str, kind: str, shown: str) -> None:
    assert rules.caption_of(name, kind) == shown


def test_a_coach_is_offered_after_three_tries() -> None:
    assert not rules.coach_offered(["not_yet"] * 2)
    assert rules.coach_offered(["not_yet"] * 3)
    assert not rules.coach_offered(["not_yet", "not_yet", "not_yet", "demonstrated"])


def test_every_kind_that_is_kept_is_one_that_a_definition_may_ask_for() -> None:
    from fieldstone.server.catalog.rules import ARTIFACT_KINDS

    assert set(rules.MEDIA_KINDS.values()) == set(ARTIFACT_KINDS) - {"link"}
    assert {rules.MEDIA_KINDS[t] for t in rules.SHOWN_INLINE} == {"photo"}
