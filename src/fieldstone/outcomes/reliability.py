"""How well two assessors agree: percent agreement and Cohen's kappa.

Kappa is (observed − expected) / (1 − expected) agreement (Cohen 1960), with linear weights 1 − |i − j| / (k − 1) for
ordered categories if asked (Cohen 1968; Cicchetti and Allison 1971). The standard error is the large-sample one of
Fleiss, Cohen and Everitt (1969) that does not assume kappa to be 0; the interval is kappa ± z standard errors, cut
at −1 and 1. Sums are exact fractions, rounded once at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Literal, TypeVar

Weights = Literal["none", "linear"]
Category = TypeVar("Category", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement between two assessors over `n` works; shares and kappa are plain fractions, not percent.

    `observed` is the share of works judged alike. None where a figure has no meaning: everything without works;
    kappa where both used one and the same category only; the interval where the formula gives no spread.
    """

    n: int
    observed: float | None
    kappa: float | None
    standard_error: float | None
    low: float | None
    high: float | None


def agreement(
    pairs: Iterable[tuple[Category, Category]],
    *,
    weights: Weights = "none",
    categories: Sequence[Category] = (),
    confidence: float = 0.95,
) -> Agreement:
    """Measure agreement over pairs (first assessor's category, second assessor's category).

    Linear weights need `categories`, the whole scale in order, also those nobody chose.
    Raises ValueError for linear weights without them, a category that is not among them or stands there twice,
    and a confidence that is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    cells = Counter(pairs)
    scale = _scale(cells, weights, categories)
    n = cells.total()
    if not n:
        return Agreement(n=0, observed=None, kappa=None, standard_error=None, low=None, high=None)
    shares = {(scale[a], scale[b]): Fraction(count, n) for (a, b), count in cells.items()}
    observed = float(sum((share for (a, b), share in shares.items() if a == b), Fraction(0)))
    found = _kappa(shares, n, len(scale), weights)
    if found is None:
        return Agreement(n=n, observed=observed, kappa=None, standard_error=None, low=None, high=None)
    kappa, variance = found
    if not variance:
        return Agreement(n=n, observed=observed, kappa=float(kappa), standard_error=0.0, low=None, high=None)
    error = sqrt(variance)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Agreement(
        n=n,
        observed=observed,
        kappa=float(kappa),
        standard_error=error,
        low=max(-1.0, float(kappa) - reach),
        high=min(1.0, float(kappa) + reach),
    )


def _scale(
    cells: Iterable[tuple[Category, Category]], weights: Weights, categories: Sequence[Category]
) -> dict[Category, int]:
    """Each category's place on the scale."""
    if weights == "linear" and not categories:
        raise ValueError("linear weights need the categories in order")
    seen = dict.fromkeys(each for pair in cells for each in pair)
    places = {category: place for place, category in enumerate(categories or seen)}
    if len(places) < len(categories):
        raise ValueError("a category stands twice in the scale")
    if not places.keys() >= seen.keys():
        raise ValueError("a category is not in the scale")
    return places


def _kappa(
    shares: dict[tuple[int, int], Fraction], n: int, k: int, weights: Weights
) -> tuple[Fraction, Fraction] | None:
    """Kappa and its variance, exactly; None where chance alone already agrees on everything."""

    def weight(a: int, b: int) -> Fraction:
        if a == b:
            return Fraction(1)
        return 1 - Fraction(abs(a - b), k - 1) if weights == "linear" else Fraction(0)

    rows = [sum((share for (a, _), share in shares.items() if a == place), Fraction(0)) for place in range(k)]
    columns = [sum((share for (_, b), share in shares.items() if b == place), Fraction(0)) for place in range(k)]
    row_weights = [sum((columns[b] * weight(a, b) for b in range(k)), Fraction(0)) for a in range(k)]
    column_weights = [sum((rows[a] * weight(a, b) for a in range(k)), Fraction(0)) for b in range(k)]
    observed = sum((share * weight(a, b) for (a, b), share in shares.items()), Fraction(0))
    expected = sum((rows[a] * row_weights[a] for a in range(k)), Fraction(0))
    if expected == 1:
        return None
    spread = sum(
        (
            share * (weight(a, b) * (1 - expected) - (row_weights[a] + column_weights[b]) * (1 - observed)) ** 2
            for (a, b), share in shares.items()
        ),
        Fraction(0),
    )
    centre = observed * expected - 2 * expected + observed
    variance = (spread - centre**2) / (n * (1 - expected) ** 4)
    return (observed - expected) / (1 - expected), variance
