"""Kappa against published tables and hand computation."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.outcomes import Agreement, Weights, agreement


def table(rows: Sequence[Sequence[int]], weights: Weights = "none", confidence: float = 0.95) -> Agreement:
    pairs = [(a, b) for a, row in enumerate(rows) for b, count in enumerate(row) for _ in range(count)]
    return agreement(pairs, weights=weights, categories=range(len(rows)), confidence=confidence)


WORKED = ((20, 5), (10, 15))
COHEN_1960 = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
SAS_3 = ((0, 4, 1), (0, 8, 0), (0, 1, 5))
SAS_SKIN = ((10, 4, 1, 0), (5, 10, 12, 2), (2, 4, 12, 5), (0, 2, 6, 13))
FLEISS_1981 = ((75, 1, 4), (5, 4, 1), (0, 0, 10))

# source, table, weights, kappa, standard error, low, high, digits printed there
PUBLISHED = [
    ("Cohen 1960, table 2", COHEN_1960, "none", 0.492, None, None, None, 3),
    ("SAS printout kept in statsmodels' tests", SAS_3, "none", 0.4842, 0.1380, 0.2137, 0.7547, 4),
    ("the same, linear weights", SAS_3, "linear", 0.4701, 0.1457, 0.1845, 0.7558, 4),
    ("SAS/STAT user's guide, FREQ, skin condition", SAS_SKIN, "none", 0.3449, None, 0.2030, 0.4868, 4),
    ("Fleiss 1981, page 213", FLEISS_1981, "none", 0.68, None, None, None, 2),
]


@pytest.mark.parametrize(
    ("rows", "weights", "kappa", "error", "low", "high", "digits"),
    [pytest.param(*row[1:], id=row[0]) for row in PUBLISHED],
)
def test_published(
    rows: Sequence[Sequence[int]],
    weights: Weights,
    kappa: float,
    error: float | None,
    low: float | None,
    high: float | None,
    digits: int,
) -> None:
    result = table(rows, weights)
    found = (result.kappa, result.standard_error, result.low, result.high)
    for expected, value in zip((kappa, error, low, high), found, strict=True):
        assert value is not None
        if expected is not None:
            assert round(value, digits) == expected


def test_linear_weights_on_the_anxiety_ratings_as_the_r_package_irr_prints_them() -> None:
    raw = [
        3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3,
        3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4,
        2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2,
    ]  # fmt: skip
    pairs = list(zip(raw[20:40], raw[40:], strict=True))
    # irr leaves out category 5, which neither of these two raters used
    equal = agreement(pairs, weights="linear", categories=(1, 2, 3, 4, 6)).kappa
    plain = agreement(pairs).kappa
    assert equal == pytest.approx(0.1459075, abs=5e-8)
    assert plain == pytest.approx(-0.006289308, abs=5e-10)


def test_by_hand_two_by_two() -> None:
    # 50 works: alike 35 of 50 = .7; by chance .5 × .6 + .5 × .4 = .5; kappa .2 / .5 = .4
    # p11 [(1−.5) − (.5+.6)(.3)]² = .4 × .17² = .011560     p22 .3 × [.5 − (.5+.4)(.3)]² = .3 × .23² = .015870
    # p12 [(.6+.5)(.3)]² = .1 × .33² = .010890               p21 .2 × [(.4+.5)(.3)]² = .2 × .27² = .014580
    # less (.7×.5 − 2×.5 + .7)² = .05² = .0025; sum .0504; variance .0504 / (50 × .5⁴) = .016128
    result = table(WORKED)
    assert result.n == 50
    assert result.observed == 0.7
    assert result.kappa == 0.4
    assert result.standard_error == pytest.approx(sqrt(0.016128), rel=1e-12)
    assert result.low == pytest.approx(0.4 - 1.959963984540054 * sqrt(0.016128), rel=1e-12)
    assert result.high == pytest.approx(0.4 + 1.959963984540054 * sqrt(0.016128), rel=1e-12)


def test_another_confidence() -> None:
    wide, narrow = table(WORKED, confidence=0.99), table(WORKED, confidence=0.9)
    assert narrow.high == pytest.approx(0.4 + 1.6448536269514722 * sqrt(0.016128), rel=1e-12)
    assert wide.high is not None and narrow.high is not None
    assert wide.high > narrow.high


def test_two_categories_weigh_the_same_with_or_without_linear_weights() -> None:
    assert table(WORKED, "linear") == table(WORKED)


def test_no_works() -> None:
    assert agreement([]) == Agreement(n=0, observed=None, kappa=None, standard_error=None, low=None, high=None)


def test_both_use_one_category_only() -> None:
    result = agreement([("met", "met")] * 7)
    assert (result.n, result.observed, result.kappa, result.low) == (7, 1.0, None, None)
    alone = agreement([("met", "met")], weights="linear", categories=["met"])
    assert (alone.observed, alone.kappa) == (1.0, None)


def test_full_agreement_has_no_interval_to_show() -> None:
    result = agreement([("met", "met"), ("not yet", "not yet")])
    assert result == Agreement(n=2, observed=1.0, kappa=1.0, standard_error=0.0, low=None, high=None)


def test_full_disagreement() -> None:
    result = agreement([("met", "not yet"), ("not yet", "met")])
    assert (result.observed, result.kappa) == (0.0, -1.0)


def test_interval_is_cut_where_kappa_ends() -> None:
    result = table(((9, 1), (0, 9)))
    assert result.high == 1.0
    result = table(((1, 9), (9, 0)))
    assert result.low == -1.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weights": "linear"}, "in order"),
        ({"categories": ["met"]}, "not in the scale"),
        ({"categories": ["met", "not yet", "met"]}, "twice"),
        ({"confidence": 1.0}, "between 0 and 1"),
        ({"confidence": 0.0}, "between 0 and 1"),
    ],
)
def test_refuses(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        agreement([("met", "not yet")], **options)  # type: ignore[arg-type]  # wrong on purpose


ratings = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=25)


@given(ratings, st.sampled_from(["none", "linear"]))
def test_laws(pairs: list[tuple[int, int]], weights: Weights) -> None:
    result = agreement(pairs, weights=weights, categories=range(4))
    swapped = agreement([(b, a) for a, b in pairs], weights=weights, categories=range(4))
    assert result == swapped
    assert result == agreement(reversed(pairs), weights=weights, categories=range(4))
    if result.kappa is not None:
        assert -1 <= result.kappa <= 1
    if result.low is not None and result.high is not None and result.kappa is not None:
        assert -1 <= result.low <= result.kappa <= result.high <= 1
