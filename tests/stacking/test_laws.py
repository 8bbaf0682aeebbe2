"""Laws that hold for every requirement and every set of holdings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.stacking import (
    Count,
    Hold,
    Holding,
    Hours,
    Language,
    Level,
    Offer,
    Requirement,
    Result,
    components,
    evaluate,
    explain,
    explain_step,
    nearest,
    parse,
    problems,
    progress,
    remaining,
    size,
    status_of,
    to_json,
)

from .nearest_plain import nearest_plain
from .programs import NOW
from .strategies import ids, offers, requirements, wallets


def met(requirement: Requirement, holdings: list[Holding]) -> bool:
    """The meaning of a requirement, written a second time and as plainly as can be."""

    def counts(holding: Holding, valid: bool) -> bool:
        if holding.state != "earned" or holding.earned_at is None or holding.earned_at > NOW:
            return False
        if holding.revoked_at is not None and holding.revoked_at <= NOW:
            return False
        return not valid or holding.valid_until is None or holding.valid_until > NOW

    if isinstance(requirement, Count):
        needed = requirement.at_least
        return any(
            all(met(child, holdings) for child in some) for some in combinations(requirement.of, needed)
        )
    mine = [holding for holding in holdings if counts(holding, requirement.valid)]
    if isinstance(requirement, Hold):
        accepted = {requirement.credential, *requirement.equivalents}
        return any(each.credential in accepted and each.level >= requirement.level for each in mine)
    mine = [each for each in mine if not requirement.among or each.credential in requirement.among]
    if isinstance(requirement, Level):
        return (
            len({each.credential for each in mine if each.level >= requirement.at_least}) >= requirement.count
        )
    sums = dict.fromkeys(requirement.minimum_per_area or {area for each in mine for area in each.hours}, 0)
    for area in sums:
        for credential in {each.credential for each in mine}:
            most = max(each.hours.get(area, 0) for each in mine if each.credential == credential)
            if requirement.maximum_each is not None:
                most = min(most, requirement.maximum_each)
            sums[area] += most  # type: ignore[assignment]  # hours are int or Decimal
    enough = all(sums[area] >= least for area, least in requirement.minimum_per_area.items())
    return enough and sum(sums.values()) >= requirement.total


def nodes(result: Result) -> list[Result]:
    return [result, *(node for child in result.of for node in nodes(child))]


@given(requirements, wallets)
def test_it_means_what_the_plain_reading_says(requirement: Requirement, wallet: list[Holding]) -> None:
    assert evaluate(requirement, wallet, NOW).satisfied is met(requirement, wallet)


@given(requirements, wallets, wallets)
def test_more_holdings_never_take_away(
    requirement: Requirement, wallet: list[Holding], more: list[Holding]
) -> None:
    before = evaluate(requirement, wallet, NOW)
    after = evaluate(requirement, wallet + more, NOW)
    assert remaining(after) <= remaining(before)
    assert progress(after) >= progress(before)
    for one, two in zip(nodes(before), nodes(after), strict=True):
        assert two.satisfied or not one.satisfied
        assert two.expected or not one.expected
        assert two.done >= one.done


@given(requirements, wallets, st.randoms(use_true_random=False))
def test_order_and_repetition_make_no_difference(
    requirement: Requirement, wallet: list[Holding], rng: Random
) -> None:
    shuffled = wallet + wallet
    rng.shuffle(shuffled)
    assert evaluate(requirement, shuffled, NOW) == evaluate(requirement, wallet, NOW)


@given(requirements, wallets)
def test_what_was_used_is_enough(requirement: Requirement, wallet: list[Holding]) -> None:
    result = evaluate(requirement, wallet, NOW)
    used = [holding for node in nodes(result) for holding in node.used]
    again = evaluate(requirement, used, NOW)
    assert [node.done for node in nodes(again)] == [node.done for node in nodes(result)]
    assert set(components(result)) <= {holding.credential for holding in used}
    if not result.satisfied:
        assert components(result) == ()


@given(requirements, wallets)
def test_expected_is_met_once_all_reviews_come_back_well(
    requirement: Requirement, wallet: list[Holding]
) -> None:
    granted = [
        Holding(credential=each.credential, level=each.level, hours=each.hours, earned_at=NOW)
        if each.state == "in_review"
        else each
        for each in wallet
    ]
    result, later = evaluate(requirement, wallet, NOW), evaluate(requirement, granted, NOW)
    for one, two in zip(nodes(result), nodes(later), strict=True):
        assert one.expected is two.satisfied
        assert one.done + one.in_review == two.done
        assert status_of(one) == ("done" if one.satisfied else "in_review" if two.satisfied else "missing")


@given(requirements, wallets)
def test_progress_is_complete_if_and_only_if_met(requirement: Requirement, wallet: list[Holding]) -> None:
    result = evaluate(requirement, wallet, NOW)
    for node in nodes(result):
        assert 0 <= remaining(node) <= size(node.requirement)
        assert 0 <= progress(node) <= 1
        assert (progress(node) == 1) is (remaining(node) == 0) is node.satisfied is (not node.missing)


@given(requirements)
def test_json_reads_back_equal_and_canonical(requirement: Requirement) -> None:
    written = json.dumps(to_json(requirement))
    read = parse(json.loads(written))
    assert read == requirement
    assert hash(read) == hash(requirement)
    assert json.dumps(to_json(read)) == written


@settings(max_examples=50)
@given(requirements, wallets, offers, st.sampled_from(["en", "es"]))
def test_every_result_and_step_can_be_said(
    requirement: Requirement, wallet: list[Holding], catalog: list[Offer], language: Language
) -> None:
    result = evaluate(requirement, wallet, NOW)
    lines = explain(result, {}, language)
    assert lines[0].depth == 0
    assert all(line.text.strip() for line in lines)
    steps = nearest(requirement, result, catalog, NOW)
    assert steps == nearest(requirement, result, reversed(catalog), NOW)
    assert all(explain_step(step, {}, language).endswith(".") for step in steps)
    assert all(0 < step.gain <= 1 and step.offer.is_open(NOW) for step in steps)
    if result.expected:
        assert steps == []


@given(requirements, wallets, offers)
def test_a_step_exists_as_long_as_offers_can_complete_the_whole(
    requirement: Requirement, wallet: list[Holding], catalog: list[Offer]
) -> None:
    result = evaluate(requirement, wallet, NOW)
    opened = [offer.as_held(NOW) for offer in catalog if offer.is_open(NOW)]
    with_all = evaluate(requirement, [*wallet, *opened], NOW)
    if with_all.satisfied and not result.expected:
        steps = nearest(requirement, result, catalog, NOW)
        assert steps
        for step in steps:
            then = evaluate(requirement, [*wallet, step.offer.as_held(NOW)], NOW)
            assert then.expected or not step.last


@settings(max_examples=300)
@given(requirements, wallets, offers)
def test_the_nearest_steps_are_those_of_evaluating_the_whole_for_each_offer(
    requirement: Requirement, wallet: list[Holding], catalog: list[Offer]
) -> None:
    result = evaluate(requirement, wallet, NOW)
    assert nearest(requirement, result, catalog, NOW) == nearest_plain(requirement, result, catalog, NOW)


@given(requirements, offers)
def test_a_blocking_problem_at_the_root_if_and_only_if_nobody_can_meet_it(
    requirement: Requirement, catalog: list[Offer]
) -> None:
    found = problems(requirement, catalog)
    ever = [each for each in catalog if not (each.opens_at and each.closes_at and each.closes_at <= each.opens_at)]
    possible = evaluate(requirement, [offer.as_held(NOW) for offer in ever], NOW).satisfied
    if not possible:
        assert any(problem.blocking for problem in found)
    if isinstance(requirement, Count):
        assert any(p.blocking and p.path == "at_least" for p in found) is not possible
    else:
        assert any(p.blocking for p in found) is not possible


@given(requirements, offers, st.lists(st.lists(ids, max_size=2), min_size=6, max_size=6))
def test_a_tree_is_possible_if_and_only_if_all_that_can_be_begun_meets_it(
    requirement: Requirement, catalog: list[Offer], asked: list[list[str]]
) -> None:
    catalog = [
        replace(offer, prerequisites=tuple(first), opens_at=None, closes_at=None)
        for offer, first in zip(catalog, asked, strict=False)
    ]
    earned: list[Offer] = []
    while more := [
        offer
        for offer in catalog
        if offer not in earned and all(any(one.credential == need for one in earned) for need in offer.prerequisites)
    ]:
        earned += more
    possible = evaluate(requirement, [offer.as_held(NOW) for offer in earned], NOW).satisfied
    found = problems(requirement, catalog)
    assert any(problem.blocking for problem in found if problem.path.count("of[") == 0) is not possible


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        evaluate(Hold(credential="a"), [], NOW.replace(tzinfo=None))


def test_a_microsecond_far_away_does_not_disturb_the_order() -> None:
    far = NOW.replace(year=9000)
    twins = [
        Holding(credential="a", earned_at=NOW, valid_until=until)
        for until in (far, far + timedelta(microseconds=1))
    ]
    ways = [evaluate(Hold(credential="a"), some, NOW).used for some in (twins, twins[::-1])]
    assert ways[0] == ways[1] == (twins[1],)


def test_trees_at_the_bounds_are_evaluated() -> None:
    deep: Requirement = Hours(total=1)
    for _ in range(11):
        deep = Count(at_least=1, of=(deep,))
    assert parse(to_json(deep)) == deep
    assert evaluate(deep, [Holding(credential="a", earned_at=NOW, hours={"x": 1})], NOW).satisfied
