"""Decisions about published facts: codes, work from home, in demand, words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.server.reference.rules import (
    CONTEXT,
    MERGED,
    PLACES,
    DemandRule,
    fold,
    in_demand,
    parse_rule,
    published_codes,
    remote_work,
    stem,
    sureness,
    words_of,
)


@pytest.mark.parametrize(("text", "folded"), [("Niñera", "ninera"), ("EDUCACIÓN", "educacion"), ("Straße", "strasse")])
def test_folding_takes_accents_and_capitals_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_words_that_tell_nothing_are_left_out_and_each_stands_once() -> None:
    assert words_of("The care of children, and the children's meals") == ["care", "children", "meals"]
    assert words_of("el cuidado de los niños") == ["cuidado", "ninos"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("teaching", "teach"), ("observes", "observe"), ("families", "family"), ("cuidado", "cuidar"), ("maestros", "maestras")],
)
def test_forms_of_a_word_share_their_stem(one: str, other: str) -> None:
    assert stem(fold(one)) == stem(fold(other))


@pytest.mark.parametrize("word", ["red", "math", "care", "cnc"])
def test_short_words_stay_whole(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("39-9011.00", ("39-9011",)),
        ("39-9011", ("39-9011",)),
        ("31-1121.00", ("31-1121", "31-1120")),
        ("25-9043.00", ("25-9043", "25-9045")),
        ("51-2092", ("51-2092", "51-2090")),
    ],
)
def test_figures_of_merged_occupations_stand_under_their_neighbors(code: str, expected: tuple[str, ...]) -> None:
    assert published_codes(code) == expected


def test_merged_codes_are_codes_and_lead_nowhere_further() -> None:
    assert not set(MERGED) & set(MERGED.values())
    assert all(one[:2] == other[:2] for one, other in MERGED.items())


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"4.C.1.a.2.h": 4.9}, (True, "")),
        ({"4.C.1.a.2.h": 1.5}, (False, "little_mail")),
        ({"4.C.1.a.2.h": 2.0}, (True, "")),
        ({"4.C.1.a.2.h": 4.9, "4.C.2.a.1.c": 4.0}, (False, "outdoors")),
        ({"4.C.1.a.2.h": 4.9, "4.C.2.d.1.d": 3.4}, (True, "")),
        ({}, (False, "unknown")),
    ],
)
def test_work_from_anywhere(context: dict[str, float], expected: tuple[bool, str]) -> None:
    assert remote_work(context) == expected


def test_every_reason_has_its_words() -> None:
    assert {reason for _, _, reason in CONTEXT.values()} <= set(PLACES)


@pytest.mark.parametrize(("rse", "word"), [(None, "not published"), (5.0, "steady"), (5.1, "rough"), (15.1, "very rough")])
def test_how_sure_a_wage_is(rse: float | None, word: str) -> None:
    assert word in sureness(rse)


RULE = DemandRule(min_openings=5000, min_growth=0.0, min_wage_share=60)


@pytest.mark.parametrize(
    ("openings", "growth", "wage", "all_jobs", "value", "passed"),
    [
        (5000, 0.0, 60, 100, True, [True, True, True]),
        (4999, 0.0, 60, 100, False, [False, True, True]),
        (5000, -0.1, 60, 100, False, [True, False, True]),
        (5000, 0.0, 59, 100, False, [True, True, False]),
        (None, 0.0, 60, 100, None, [None, True, True]),
        (None, -2.0, 60, 100, False, [None, False, True]),
        (5000, None, None, 100, None, [True, None, None]),
        (5000, 1.0, 60, 0, None, [True, True, None]),
        (5000, 1.0, 60, None, None, [True, True, None]),
    ],
)  # fmt: skip
def test_in_demand_by_hand(
    openings: int | None, growth: float | None, wage: int | None, all_jobs: int | None,
    value: bool | None, passed: list[bool | None],
) -> None:  # fmt: skip
    found = in_demand(RULE, openings=openings, growth=growth, wage=wage, all_jobs=all_jobs)
    assert found.value is value
    assert [check.passed for check in found.checks] == passed
    assert all(check.message % check.params for check in found.checks)


def test_what_is_missed_by_a_hair_is_not_said_to_be_the_bound_itself() -> None:
    close = in_demand(RULE, openings=9_000_000, growth=-0.04, wage=5996, all_jobs=10_000).checks
    assert [check.params for check in close if not check.passed] == [
        {"value": -0.04, "bound": 0.0}, {"value": 59.96, "bound": 60}
    ]  # fmt: skip


def test_a_rule_without_bounds_takes_every_job() -> None:
    free = DemandRule(None, None, None)
    assert in_demand(free, openings=None, growth=None, wage=None, all_jobs=None).value is True
    assert [message for message, _ in free.words()] == ["Every job counts as in demand."]
    assert len(RULE.words()) == 3
    assert all(message % params for message, params in RULE.words())


def test_a_rule_is_read_as_it_was_stored() -> None:
    assert parse_rule(RULE.to_json()) == (RULE, [])
    assert parse_rule({"min_openings": "1,200", "min_growth": "-3.5", "min_wage_share": ""}) == (
        DemandRule(1200, -3.5, None),
        [],
    )


@pytest.mark.parametrize("value", ["many", "-1", "99999999999", "nan"])
def test_a_bound_that_cannot_be_is_named(value: str) -> None:
    rule, problems = parse_rule({"min_openings": value})
    assert rule.min_openings is None
    assert [problem.field for problem in problems] == ["min_openings"]
    assert "10000000" in problems[0].english()
