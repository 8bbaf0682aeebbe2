"""Whole populations give the answers that `evaluate` gives, learner by learner and tree by tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.stacking import (
    Count,
    Hold,
    Holding,
    Hours,
    Requirement,
    evaluate,
    population,
    progress,
    remaining,
)
from fieldstone.stacking.population import Form, Near, State, kernel, ranking

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
    near, bits = state.nearest(), state.eligible()
    left = np.full((len(names), len(crowd)), -1, object)
    for tree, first, some in state.scores():
        left[tree, first : first + len(some)] = some
    assert bits.shape == (len(names), -(-len(crowd) // 8))
    for at, wallet in enumerate(crowd):
        expected = plain(requirements, wallet)
        assert state.progress(at) == {name: done for name, (done, _) in expected.items()}
        for tree, name in enumerate(names):
            done, steps = expected[name]
            program = state.compiled.trees[tree]
            assert (program.progress(left[tree, at]), program.steps(left[tree, at])) == (done, steps)
            assert bool(bits[tree, at // 8] >> at % 8 & 1) is (done == 1)
        told = [names[tree] for tree in near[at] if tree >= 0]
        assert told == five(requirements, wallet)
        assert [(one.tree, one.progress, one.left) for one in state.near(at)] == [
            (name, *expected[name]) for name in told
        ]
        assert list(near[at][len(told) :]) == [-1] * (5 - len(told))


@given(trees, crowds)
@settings(deadline=None)
def test_a_population_stands_where_each_learner_stands(
    requirements: dict[str, Requirement], crowd: list[list[Holding]]
) -> None:
    check(State.of_holdings(requirements, dict(enumerate(crowd)), NOW), requirements, crowd)


@given(trees, crowds)
@settings(max_examples=40, deadline=None)
def test_blocks_and_cuts_make_no_difference(requirements: dict[str, Requirement], crowd: list[list[Holding]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "BLOCK_BITS", 3)
        patch.setattr(ranking, "SMALL", 2)
        patch.setattr("fieldstone.stacking.population.state.SMALL", 2)
        crowd = (crowd * 4)[:19]
        check(State.of_holdings(requirements, dict(enumerate(crowd)), NOW), requirements, crowd)


@given(trees, crowds, st.lists(st.tuples(st.integers(0, 5), held(), st.booleans()), max_size=6), st.booleans())
@settings(deadline=None)
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
@settings(max_examples=40, deadline=None)
def test_a_changed_stack_is_known_at_once(
    requirements: dict[str, Requirement], fresh: Requirement, crowd: list[list[Holding]]
) -> None:
    state = State.of_holdings(requirements, dict(enumerate(crowd)), NOW)
    state.eligible(), state.nearest()
    requirements = {**requirements, "t0": fresh}
    assert state.replace_tree("t0", fresh) == sum(evaluate(fresh, wallet, NOW).satisfied for wallet in crowd)
    check(state, requirements, crowd)


def small() -> State:
    requirements: dict[str, Requirement] = {
        "both": Count(at_least=2, of=(Hold(credential="a"), Hold(credential="b"))),
        "either": Count(at_least=1, of=(Hold(credential="b"), Hold(credential="c"))),
        "two of three": Count(at_least=2, of=tuple(Hold(credential=each) for each in "abc")),
    }
    compiled = population.compile(requirements, "abc")
    return State.of(compiled, ["Ana", "Ben", "Cy"], [("Ana", "a"), ("Ana", "b"), ("Ben", "c"), ("Ben", "c")])


def test_a_case_worked_by_hand() -> None:
    state = small()
    assert state.eligible().tolist() == [[0b001], [0b011], [0b001]]
    assert state.nearest().tolist() == [[-1] * 5, [2, 0, -1, -1, -1], [1, 0, 2, -1, -1]]
    assert state.near("Ben")[0] == Near(tree="two of three", progress=Fraction(1, 2), left=Fraction(1))
    changes = state.award("Ben", "b")
    assert {(each.tree, each.before, each.after) for each in changes} == {
        ("both", Fraction(0), Fraction(1, 2)),
        ("two of three", Fraction(1, 2), Fraction(1)),
    }
    assert state.award("Ben", "b") == ()
    assert state.eligible().tolist() == [[0b001], [0b011], [0b011]]
    assert state.revoke("Ben", "never seen") == ()
    assert [each.after for each in state.revoke("Ben", "b")] == [Fraction(0), Fraction(1, 2)]
    assert state.eligible().tolist() == [[0b001], [0b011], [0b001]]


def test_the_nearest_five_follow_an_award() -> None:
    requirements: dict[str, Requirement] = {
        f"t{n}": Count(at_least=3, of=tuple(Hold(credential=each) for each in ("a", "b", f"c{n}"))) for n in range(7)
    }
    state = State.of(population.compile(requirements, ["a", "b", "c4", "c6"]), ["Ana"], [])
    assert state.nearest()[0].tolist() == [0, 1, 2, 3, 4]
    for form, nearest in (("c6", [6, 0, 1, 2, 3]), ("a", [6, 0, 1, 2, 3]), ("c4", [4, 6, 0, 1, 2])):
        state.award("Ana", form)
        assert state.nearest()[0].tolist() == nearest
    state.award("Ana", "b")
    assert state.nearest()[0].tolist() == [0, 1, 2, 3, 5]
    assert state.replace_tree("t0", Hold(credential="a")) == 1
    assert state.nearest()[0].tolist() == [1, 2, 3, 5, -1]


def test_a_stack_changed_before_anybody_asked_who_meets_it() -> None:
    state = small()
    assert state.replace_tree("both", Hold(credential="c")) == 1
    assert state.eligible().tolist() == [[0b010], [0b011], [0b001]]


def test_an_award_of_a_form_that_nobody_had_counts() -> None:
    state = small()
    state.nearest()
    master = Form(credential="b", level=3)
    assert {each.tree for each in state.award("Cy", master)} == {"both", "either", "two of three"}
    assert state.award("Cy", Form(credential="z")) == ()
    assert state.eligible()[1].tolist() == [0b111]


def test_who_is_not_known_is_refused() -> None:
    state = small()
    for unknown in (lambda: state.award("Dee", "a"), lambda: state.replace_tree("x", Hold(credential="a"))):
        with pytest.raises(KeyError):
            unknown()
    counted = State(state.compiled, range(3), np.array([0, 2]), np.array([1, 1]))
    assert counted.held(2) == {1}
    for who in (3, "2"):
        with pytest.raises(KeyError):
            counted.held(who)


@pytest.mark.parametrize(
    ("learner", "column", "match"),
    [([0], [0, 1], "as many"), ([3], [0], "learner"), ([-1], [0], "learner"), ([0], [3], "column"), ([0], [-1], "column")],
)
def test_positions_out_of_range_are_refused(learner: list[int], column: list[int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        State(small().compiled, range(3), np.array(learner), np.array(column))


def test_pairs_may_come_in_any_order() -> None:
    compiled = small().compiled
    state = State(compiled, range(3), np.array([1, 0, 0, 1]), np.array([2, 1, 0, 2]))
    assert state.eligible().tolist() == small().eligible().tolist()
    assert state.held(0) == {0, 1}


def test_nobody_and_nothing_have_answers_too() -> None:
    empty = State.of(population.compile({}, ()), ["Ana"], [])
    assert empty.eligible().shape == (0, 1) and empty.nearest().tolist() == [[-1] * 5] and empty.near("Ana") == ()
    nobody = State.of(small().compiled, [], [])
    assert nobody.eligible().shape == (3, 0) and nobody.nearest().shape == (0, 5)


def test_hours_so_odd_that_machine_numbers_are_too_small_are_exact() -> None:
    odd = [Decimal(cents) / 100 for cents in (9_999_991, 9_999_973, 9_999_971, 9_999_943)]
    tree = Count(at_least=4, of=tuple(Hours(total=total, among=(f"c{n}",)) for n, total in enumerate(odd)))
    wallet = [
        Holding(credential=f"c{n}", hours={"x": Decimal(7 * n + 1) / 100}, earned_at=NOW) for n in range(3)
    ]
    requirements: dict[str, Requirement] = {"odd": tree, "far": Hold(credential="z")}
    check(State.of_holdings(requirements, {0: wallet, 1: []}, NOW), requirements, [wallet, []])
