"""Counts about learners: what may be shown, checked by hand and by attack."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.server.study import rules

TODAY = date(2026, 11, 23)


def cells(**groups: int) -> dict[tuple[str, str, str], list[str]]:
    """So many people, one thing each, in no cohort and this year."""
    return {("", "this_year", g): [f"{g}{i}" for i in range(n)] for g, n in groups.items()}


def test_periods_are_calendar_years() -> None:
    days = [date(2026, 1, 1), date(2025, 12, 31), date(2025, 1, 1), date(2024, 12, 31), date(2027, 1, 1)]
    found = [rules.period_of(day, TODAY) for day in days]
    assert found == ["this_year", "last_year", "last_year", "earlier", "this_year"]
    assert rules.in_period(date(2020, 1, 1), "all", TODAY)
    assert rules.in_period(date(2025, 5, 5), "last_year", TODAY)
    assert not rules.in_period(date(2026, 5, 5), "last_year", TODAY)


def test_large_groups_are_shown() -> None:
    found = rules.shown(cells(started=40, sent=20, earned=60), rules.STEPS)
    assert found == rules.Shown({"started": 40, "sent": 20, "earned": 60}, 120)


def test_a_small_group_is_hidden_with_another_that_would_give_it_away() -> None:
    found = rules.shown(cells(started=40, sent=3, earned=60), rules.STEPS)
    assert found == rules.Shown({"started": None, "sent": None, "earned": 60}, 103)


def test_few_people_show_nothing() -> None:
    found = rules.shown(cells(started=4, sent=3, earned=3), rules.STEPS)
    assert found == rules.Shown(dict.fromkeys(rules.STEPS), None, True)
    assert rules.shown({}, rules.STEPS) == rules.Shown(dict.fromkeys(rules.STEPS, 0), 0)


def test_many_things_of_few_people_are_a_small_group() -> None:
    counted = {("", "this_year", "earned"): ["one"] * 30 + [str(i) for i in range(9)]}
    assert rules.shown(counted, rules.STEPS).total is None
    counted[("", "this_year", "earned")].append("eleventh")
    assert rules.shown(counted, rules.STEPS).total == 40


def test_another_cohort_or_year_gives_nobody_away() -> None:
    counted = {
        ("a", "this_year", "earned"): [f"a{i}" for i in range(50)],
        ("b", "this_year", "earned"): [f"b{i}" for i in range(4)],
        ("", "last_year", "earned"): [f"c{i}" for i in range(20)],
    }
    assert rules.shown(counted, rules.STEPS).total == 74
    assert rules.shown(counted, rules.STEPS, cohort="b") == rules.Shown(dict.fromkeys(rules.STEPS), None, True)
    assert rules.shown(counted, rules.STEPS, cohort="a").total == 50
    assert rules.shown(counted, rules.STEPS, cohort="").total is None  # 74 - 50 - 20 would be b's 4
    assert rules.shown(counted, rules.STEPS, period="this_year").total == 54
    assert rules.shown(counted, rules.STEPS, period="last_year").total == 20
    assert rules.shown(counted, rules.STEPS, cohort="gone") == rules.Shown(dict.fromkeys(rules.STEPS, 0), 0)
    counted[("", "earlier", "earned")] = ["d"]
    assert rules.shown(counted, rules.STEPS, period="last_year").total is None  # 75 - 54 - 20 would be the one
    assert rules.shown(counted, rules.STEPS, period="this_year").total == 54


def test_a_filter_that_leaves_nobody_out_changes_nothing() -> None:
    counted = cells(started=12, sent=3, earned=30)
    expected = rules.Shown({"started": None, "sent": None, "earned": 30}, 45)
    assert rules.shown(counted, rules.STEPS) == expected
    assert rules.shown(counted, rules.STEPS, cohort="", period="this_year") == expected


def test_groups_are_hidden_together_where_another_cohort_would_give_one_away() -> None:
    counted = {
        (cohort, "this_year", group): [f"{cohort}{group}{i}" for i in range(n)]
        for cohort, group, n in [("a", "earned", 30), ("a", "sent", 20), ("b", "earned", 30), ("b", "sent", 2)]
    }
    found = rules.shown(counted, rules.STEPS, cohort="a")
    assert found == rules.Shown(dict.fromkeys(rules.STEPS), 50)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 5, 9, 11, 12, 30, 60]), min_size=12, max_size=12))
def test_no_group_of_one_to_ten_is_ever_shown_or_subtracted(sizes: list[int]) -> None:
    """For every filter: shown figures and every difference of two totals that a reader could take along one filter."""
    where = list(product(["a", "b"], ["this_year", "last_year"], rules.STEPS))
    counted = {key: [f"{key}{i}" for i in range(n)] for key, n in zip(where, sizes, strict=True)}
    seen = {
        (c, p): rules.shown(counted, rules.STEPS, cohort=c, period=p)
        for c, p in product([None, "a", "b"], rules.FILTERS)
    }
    for found in seen.values():
        for n in (found.total, *found.cells.values()):
            assert n is None or n == 0 or n >= 11
        shown = [n for n in found.cells.values() if n is not None]
        if found.total is not None and len(shown) == 2:
            raise AssertionError("one hidden group beside a total")
    for period in rules.FILTERS:
        whole, part = seen[(None, period)].total, seen[("a", period)].total
        assert whole is None or part is None or whole - part == 0 or whole - part >= 11
    for cohort in (None, "a", "b"):
        whole, part = seen[(cohort, "all")].total, seen[(cohort, "this_year")].total
        assert whole is None or part is None or whole - part == 0 or whole - part >= 11


def test_sums_come_from_what_is_shown() -> None:
    known = {"started": 40, "sent": 20, "earned": 60}
    assert rules.together(known, ("sent", "earned"), 120) == 80
    assert rules.together({"started": 40, "sent": None, "earned": None}, ("sent", "earned"), 120) == 80
    assert rules.together({"started": None, "sent": None, "earned": 60}, ("sent", "earned"), 120) is None
    assert rules.together({"started": 40, "sent": None, "earned": 60}, ("sent", "earned"), None) is None


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3], 0.5, 3), ([1, 2, 3, 4], 0.5, 2), ([5, 1, 3], 0.5, 3), (list(range(1, 11)), 0.9, 9), ([7, 7], 0.9, 7)],
)
def test_quantiles_by_nearest_rank(values: list[int], share: float, expected: int) -> None:
    assert rules.quantile(values, share) == expected


def many(year: int, month: int, n: int, name: str = "p") -> list[tuple[date, str]]:
    """Credentials of so many people on the 15th of a month."""
    return [(date(year, month, 15), f"{name}{month}-{i}") for i in range(n)]


def test_credentials_by_month_where_each_month_is_large_enough() -> None:
    issued = many(2026, 9, 12) + many(2026, 11, 20) + [(date(2026, 11, 16), "p11-0")] + many(2024, 1, 30)
    found = rules.courses(issued, date(2026, 9, 3), TODAY)
    assert (found.months, found.total) == (1, 33)
    assert [(row.start, row.count) for row in found.rows] == [
        (date(2026, 9, 1), 12), (date(2026, 10, 1), 0), (date(2026, 11, 1), 21),
    ]  # fmt: skip


def test_small_months_become_quarters_then_years() -> None:
    found = rules.courses(
        many(2026, 1, 6) + many(2026, 2, 7) + many(2026, 12, 15), date(2026, 1, 1), date(2026, 12, 31)
    )
    assert (found.months, [row.count for row in found.rows]) == (3, [13, 0, 0, 15])
    found = rules.courses(many(2025, 1, 6) + many(2025, 8, 7), date(2025, 1, 1), TODAY)
    assert (found.months, [row.count for row in found.rows]) == (12, [13, 0])


def test_where_even_years_are_small_months_are_hidden() -> None:
    found = rules.courses(many(2026, 10, 3), date(2026, 10, 1), TODAY)
    assert (found.months, found.total, [row.count for row in found.rows]) == (1, None, [None, None])


def test_learners_are_told_in_tens() -> None:
    assert [rules.more_than(n) for n in (0, 1, 10, 11, 20, 21, 37)] == [None, None, None, 10, 10, 20, 30]
