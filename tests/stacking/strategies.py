"""Random requirements and holdings over a small set of ids, so that they meet often."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from fieldstone.stacking import Count, Hold, Holding, Hours, Level, Offer, Requirement

from .programs import NOW

CREDENTIALS = ("a", "b", "c", "d", "e")
AREAS = ("x", "y", "z")

ids = st.sampled_from(CREDENTIALS)
id_lists = st.lists(ids, unique=True, max_size=4).map(tuple)
amounts = st.one_of(st.integers(0, 12), st.integers(0, 1200).map(lambda cents: Decimal(cents) / 100))
area_hours = st.dictionaries(st.sampled_from(AREAS), amounts, max_size=3)
moments = st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days))
texts = st.text(min_size=1, max_size=12).filter(str.strip)
labels = st.none() | st.fixed_dictionaries({"en": texts, "es": texts})


@st.composite
def holds(draw: st.DrawFn) -> Hold:
    credential = draw(ids)
    others = tuple(each for each in draw(id_lists) if each != credential)
    return Hold(
        credential=credential,
        equivalents=others,
        level=draw(st.integers(0, 3)),
        valid=draw(st.booleans()),
        label=draw(labels),
    )


hours = st.builds(
    Hours,
    total=amounts.map(lambda amount: amount * 3),
    minimum_per_area=area_hours,
    among=id_lists,
    maximum_each=st.none() | amounts,
    valid=st.booleans(),
    label=labels,
)
levels = st.builds(
    Level,
    at_least=st.integers(1, 3),
    count=st.integers(1, 3),
    among=id_lists,
    valid=st.booleans(),
    label=labels,
)


def _branches(children: st.SearchStrategy[Requirement]) -> st.SearchStrategy[Requirement]:
    return st.builds(
        Count, at_least=st.integers(1, 4), of=st.lists(children, max_size=4).map(tuple), label=labels
    )


requirements: st.SearchStrategy[Requirement] = st.recursive(holds() | hours | levels, _branches, max_leaves=8)


@st.composite
def held(draw: st.DrawFn) -> Holding:
    state: Any = draw(st.sampled_from(["earned", "earned", "earned", "in_review", "draft"]))
    return Holding(
        credential=draw(ids),
        level=draw(st.integers(0, 3)),
        hours=draw(area_hours),
        earned_at=draw(moments) if state == "earned" else None,
        valid_until=draw(st.none() | moments),
        revoked_at=draw(st.none() | st.none() | moments),
        state=state,
    )


wallets = st.lists(held(), max_size=7)
offers = st.lists(
    st.builds(
        Offer,
        credential=ids,
        effort=st.integers(1, 40),
        level=st.integers(0, 3),
        hours=area_hours,
        opens_at=st.none() | moments,
        closes_at=st.none() | moments,
    ),
    max_size=6,
)
