"""Gaps and gains, worked by hand; laws that hold for all."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import stacking
from fieldstone.server.study import gaps

ASKS = [("listen", 4.0, 3.0), ("write", 2.0, 4.0), ("fly", 0.0, 5.0), ("rest", 3.0, 0.0)]
"""Asked in all: 4 · 3 + 2 · 4 = 20."""


def test_readiness_is_that_of_the_library() -> None:
    assert gaps.ready(ASKS, {}) == 0
    assert gaps.ready(ASKS, {"listen": 1.5}) == pytest.approx(6 / 20)
    assert gaps.ready(ASKS, {"listen": 7, "write": 7}) == 1
    assert gaps.ready([("rest", 3.0, 0.0)], {}) == 1


levels = st.dictionaries(st.sampled_from(["listen", "write", "fly", "rest"]), st.integers(0, 14).map(lambda n: n / 2))


@settings(max_examples=60, deadline=None)
@given(levels)
def test_readiness_agrees_with_the_library_everywhere(shown: dict[str, float]) -> None:
    asked = [stacking.Asked(skill=s, importance=i, level=lv) for s, i, lv in ASKS]
    held = [stacking.Shown(skill=s, level=lv, credential="c") for s, lv in shown.items()]
    assert gaps.ready(ASKS, shown) == pytest.approx(float(Fraction(stacking.readiness(asked, held).value)))


@settings(max_examples=60, deadline=None)
@given(st.lists(levels, max_size=6), levels)
def test_somebody_is_raised_exactly_when_her_readiness_rises(people: list[dict[str, float]], adds: dict[str, float]) -> None:
    rising = sum(gaps.ready(ASKS, gaps.highest([mine, adds])) > gaps.ready(ASKS, mine) + 1e-12 for mine in people)
    assert gaps.raised(gaps.crowd(people), ASKS, adds) == rising


def test_people_who_have_shown_the_same_are_one_group() -> None:
    people = gaps.crowd([{"listen": 2.0}, {}, {"listen": 2.0}])
    assert people == [({}, 1), ({"listen": 2.0}, 2)]
    assert gaps.highest([{"listen": 2.0}, {"listen": 1.0, "write": 3.0}]) == {"listen": 2.0, "write": 3.0}


def test_whom_a_micro_credential_helps_and_in_what() -> None:
    people = [({}, 5), ({"listen": 3.0}, 7), ({"listen": 2.0, "write": 4.0}, 11)]
    adds = {"listen": 3.0, "write": 1.0, "fly": 6.0}
    assert gaps.helps(ASKS, {}, adds) == ["listen", "write"]
    assert gaps.raised(people, ASKS, adds) == 23
    assert gaps.raised(people, ASKS, {"listen": 2.0}) == 5
    assert gaps.raised_by_skill(people, ASKS, adds) == {"listen": 16, "write": 12, "fly": 0}
    assert gaps.at_least(people, ASKS, 0.5) == 18  # 12/20 and 16/20


def test_the_gap_that_is_worth_most_in_all_comes_first() -> None:
    jobs = {"a": ASKS, "b": [("listen", 5.0, 2.0)]}
    found = gaps.gaps([({"listen": 2.0}, 4), ({}, 1)], jobs)
    assert [gap.skill for gap in found] == ["listen", "write"]
    listen, write = found
    assert (write.people, write.low, write.high, write.most_for) == (5, 4.0, 4.0, "a")
    assert write.worth == pytest.approx(8 / 20 / 2)  # everybody lacks all of it, toward one job of two
    assert (listen.people, listen.low, listen.high, listen.most_for) == (5, 2.0, 3.0, "a")
    assert listen.worth == pytest.approx((4 * 4 / 20 + 12 / 20 + 1) / (5 * 2))
    assert gaps.gaps([({"listen": 7.0, "write": 7.0}, 9)], {"a": ASKS}) == []
    assert gaps.gaps([({}, 3)], {}) == []


@pytest.mark.parametrize(
    ("count", "of", "shown"),
    [
        (0, 0, 0), (0, 40, 0), (1, 40, None), (10, 40, None), (11, 40, 10), (20, 40, 10), (21, 40, 20), (25, 40, 20),
        (35, 40, None), (40, 40, 30), (41, 41, 40), (5, 5, None), (12, 12, 10),
    ],
)  # fmt: skip
def test_a_number_of_people_is_hidden_or_cut(count: int, of: int, shown: int | None) -> None:
    assert gaps.heads(count, of) == shown


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_no_shown_number_tells_of_a_small_group(count: int, others: int) -> None:
    shown = gaps.heads(count, count + others)
    if 0 < count < 11 or 0 < others < 11:
        assert shown is None
    elif shown is not None:
        assert shown % 10 == 0 and shown <= count
