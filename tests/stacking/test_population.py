"""Whole populations give the answers that `evaluate` gives, learner by learner and tree by tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.stacking import (
    Holding,
    Requirement,
    evaluate,
    progress,
    remaining,
)
from fieldstone.stacking.population import Form, State, kernel, ranking

from .programs import NOW
from .strategies import held, requirements, wallets

trees = st.lists(requirements, min_size=1, max_size=8).map(lambda some: {f"t{n}": tree for n, tree in enumerate(some)})
crowds = st.lists(wallets, max_size=6)


def plain(requirements: Mapping[str, Requirement], wallet: Sequence[Holding]) -> dict[str, tuple[Fraction, Fraction]]:
    """Progress and steps left for each tree, from the evaluator of one person."""
    results = {name: evaluate(tree, wallet, NOW) for name, tree in requirements.items()}
    return {name: (progress(result), remaining(result)) for name, result in results.items()}


def five(requirements: Mapping[str, Requirement], wallet: Sequence[Holding]) -> list[str]:
    """The five nearest, by sorting everything."""
    found = plain(requirements, wallet)
    unmet = [name for name in requirements if found[name][0] < 1]
    return sorted(unmet, key=lambda name: (-found[name][0], found[name][1]))[:5]


def check(state: State, requirements: Mapping[str, Requirement], crowd: Sequence[Sequence[Holding]]) -> None:
    names = list(requirements)
    scores, bits, near = state.scores(), state.eligible(), state.nearest()
    assert bits.shape == (len(names), -(-len(crowd) // 8))
    for at, wallet in enumerate(crowd):
        expected = plain(requirements, wallet)
        begun = scores.of(at)
        for tree, name in enumerate(names):
            done, _ = expected[name]
            assert begun.get(name, done if done == 1 else Fraction(0)) == done
            assert bool(bits[tree, at // 8] >> at % 8 & 1) is (done == 1)
        told = [names[tree] for tree in near[at] if tree >= 0]
        assert told == five(requirements, wallet)
        assert [(one.tree, one.progress, one.left) for one in state.near(at)] == [
            (name, *expected[name]) for name in told
        ]
        assert list(near[at][len(told) :]) == [-1] * (5 - len(told))


@given(trees, crowds)
def test_a_population_stands_where_each_learner_stands(
    requirements: dict[str, Requirement], crowd: list[list[Holding]]
) -> None:
    check(State.of_holdings(requirements, dict(enumerate(crowd)), NOW), requirements, crowd)


@given(trees, crowds)
@settings(max_examples=40)
def test_blocks_and_cuts_make_no_difference(requirements: dict[str, Requirement], crowd: list[list[Holding]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "BLOCK_BITS", 3)
        patch.setattr(kernel, "CELLS", 2)
        patch.setattr(ranking, "SMALL", 2)
        patch.setattr("fieldstone.stacking.population.state.SMALL", 2)
        crowd = (crowd * 4)[:19]
        check(State.of_holdings(requirements, dict(enumerate(crowd)), NOW), requirements, crowd)


@given(trees, crowds, st.lists(st.tuples(st.integers(0, 5), held(), st.booleans()), max_size=6), st.booleans())
def test_one_award_after_another_ends_where_all_at_once_does(
    requirements: dict[str, Requirement],
    crowd: list[list[Holding]],
    moves: list[tuple[int, Holding, bool]],
    known: bool,
) -> None:
    crowd = [*crowd, []]
    state = State.of_holdings(requirements, dict(enumerate(crowd)), NOW)
    if known:
        state.eligible(), state.nearest()
    for who, holding, takes in moves:
        who %= len(crowd)
        form = Form.of(holding, NOW)
        if form is None:
            continue
        before = plain(requirements, crowd[who])
        if takes:
            crowd[who] = [each for each in crowd[who] if Form.of(each, NOW) != form]
            changes = state.revoke(who, form)
        else:
            crowd[who] = [*crowd[who], holding]
            changes = state.award(who, form)
        after = plain(requirements, crowd[who])
        assert {(each.tree, each.before, each.after, each.met) for each in changes} == {
            (name, before[name][0], after[name][0], after[name][0] == 1)
            for name in requirements
            if before[name] != after[name]
        }
        assert [each.tree for each in state.near(who)] == five(requirements, crowd[who])
        if known:
            kept, names = state.eligible(), list(requirements)
            for tree, name in enumerate(names):
                assert bool(kept[tree, who // 8] >> who % 8 & 1) is (after[name][0] == 1)
            assert [names[tree] for tree in state.nearest()[who] if tree >= 0] == five(requirements, crowd[who])
    check(state, requirements, crowd)


@given(trees, requirements, crowds)
@settings(max_examples=40)
def test_a_changed_stack_is_known_at_once(
    requirements: dict[str, Requirement], fresh: Requirement, crowd: list[list[Holding]]
) -> None:
    state = State.of_holdings(requirements, dict(enumerate(crowd)), NOW)
    state.eligible(), state.nearest()
    requirements = {**requirements, "t0": fresh}
    assert state.replace_tree("t0", fresh) == sum(evaluate(fresh, wallet, NOW).satisfied for wallet in crowd)
    check(state, requirements, crowd)
