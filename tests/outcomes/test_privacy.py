"""No hidden count can be worked out, whatever the reader knows."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.outcomes import Release, release

H = None
# by hand, threshold 11: counts, shown, total shown, small, others
TABLE: list[tuple[str, list[int], list[int | None], int | None, int, int]] = [
    ("nothing small", [11, 40, 0], [11, 40, 0], 51, 0, 0),
    ("one small: the next smallest goes with it", [4, 30, 12, 0], [H, 30, H, 0], 46, 1, 1),
    ("ten is small, eleven is not", [10, 11, 50], [H, H, 50], 71, 1, 1),
    ("two small that hold 11 together", [4, 7, 30], [H, H, 30], 41, 2, 0),
    ("two small that hold 10 together", [4, 6, 30, 90], [H, H, H, 90], 130, 2, 1),
    ("two small and equal could be halved", [8, 8, 30, 90], [H, H, H, 90], 136, 2, 1),
    ("equal counts are hidden together", [3, 20, 20, 50], [H, H, H, 50], 93, 1, 2),
    ("nothing else but a zero to hide", [6, 6, 0], [H, H, H], 12, 2, 1),
    ("nothing else at all", [6, 6], [H, H], None, 2, 0),
    ("fewer than 11 in all", [3, 0, 5], [H, H, H], None, 2, 1),
    ("one cell, small", [5], [H], None, 1, 0),
    ("one cell, large", [50], [50], 50, 0, 0),
    ("all zero", [0, 0], [0, 0], 0, 0, 0),
    ("no cells", [], [], 0, 0, 0),
]


@pytest.mark.parametrize(
    ("counts", "shown", "total", "small", "others"), [pytest.param(*row[1:], id=row[0]) for row in TABLE]
)
def test_hand_worked(counts: list[int], shown: list[int | None], total: int | None, small: int, others: int) -> None:
    names = [f"group {index}" for index in range(len(counts))]
    assert release(dict(zip(names, counts, strict=True))) == Release(
        cells=dict(zip(names, shown, strict=True)), total=total, small=small, others=others
    )


def publish(counts: tuple[int, ...], threshold: int) -> tuple[int | None, ...]:
    result = release({str(index): count for index, count in enumerate(counts)}, threshold=threshold)
    assert list(result.cells) == [str(index) for index in range(len(counts))]
    return (*result.cells.values(), result.total)


@pytest.mark.parametrize(("cells", "threshold"), [(1, 3), (2, 3), (3, 3), (3, 5), (4, 3), (4, 4)])
def test_a_reader_who_knows_the_rule_and_tries_every_table_learns_no_hidden_count(cells: int, threshold: int) -> None:
    """Every table with counts up to 8 is published; those that look alike must differ in every hidden cell."""
    alike: defaultdict[tuple[int | None, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(9), repeat=cells):
        alike[publish(counts, threshold)].append((*counts, sum(counts)))
    assert any(None in shown for shown in alike)
    for shown, tables in alike.items():
        for place, value in enumerate(shown):
            possible = {counts[place] for counts in tables}
            assert possible == {value} if value is not None else len(possible) > 1


tables = st.lists(st.one_of(st.integers(0, 14), st.integers(0, 200)), min_size=1, max_size=7)


@given(tables, st.integers(3, 20))
def test_every_small_count_is_hidden_and_what_is_shown_is_true(counts: list[int], threshold: int) -> None:
    *cells, total = publish(tuple(counts), threshold)
    for count, shown in zip(counts, cells, strict=True):
        assert shown is None if 0 < count < threshold else shown in (None, count)
    assert total in (None, sum(counts))
    if not any(0 < count < threshold for count in counts):
        assert cells == counts


@given(tables, st.integers(3, 20))
def test_what_is_left_of_the_total_is_no_small_group_and_splits_in_more_than_one_way(
    counts: list[int], threshold: int
) -> None:
    *cells, total = publish(tuple(counts), threshold)
    hidden = [index for index, shown in enumerate(cells) if shown is None]
    if not hidden or total is None:
        return
    assert total - sum(shown or 0 for shown in cells) >= threshold
    for place in hidden:
        others = [index for index in hidden if counts[index] != counts[place]]
        assert others
        exchanged = list(counts)
        exchanged[place], exchanged[others[0]] = counts[others[0]], counts[place]
        assert publish(tuple(exchanged), threshold) == (*cells, total)


def test_refuses() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        release({"a": 1}, threshold=2)
    with pytest.raises(ValueError, match="not below 0"):
        release({"a": -1})
