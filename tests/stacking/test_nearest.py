"""The next step: most for each hour of work, worked by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from fieldstone.stacking import (
    Count,
    Hold,
    Holding,
    Hours,
    Level,
    Offer,
    Requirement,
    Step,
    evaluate,
    explain_step,
    nearest,
)

from .programs import AREAS, CDA, DAY, ELECTIVES, FOUNDATION, KENTUCKY, NOW, course, draft, earned, in_review


def steps(requirement: Requirement, holdings: list[Holding], offers: list[Offer]) -> list[Step]:
    return nearest(requirement, evaluate(requirement, holdings, NOW), offers, NOW)


def order(requirement: Requirement, holdings: list[Holding], offers: list[Offer]) -> list[str]:
    return [step.offer.credential for step in steps(requirement, holdings, offers)]


def test_kentucky_the_shortest_elective_comes_before_the_capstone() -> None:
    held = [earned(each) for each in (*FOUNDATION, *ELECTIVES[:5])]
    offers = [
        Offer(credential="capstone", effort=40),
        Offer(credential=ELECTIVES[0], effort=1),
        Offer(credential=ELECTIVES[6], effort=12),
        Offer(credential=ELECTIVES[7], effort=8),
        Offer(credential="not in this stack", effort=1),
    ]
    found = steps(KENTUCKY, held, offers)
    assert [step.offer.credential for step in found] == [ELECTIVES[7], ELECTIVES[6], "capstone"]
    assert found[0].gain == Fraction(1, 19)  # one of 12 + 6 + 1
    assert found[0].completes == ({"en": "Electives", "es": "Optativas"},)
    assert not found[0].last


def test_the_last_step_says_so() -> None:
    held = [earned(each) for each in (*FOUNDATION, *ELECTIVES[:6])]
    (step,) = steps(KENTUCKY, held, [Offer(credential="capstone", effort=40)])
    assert step.last
    assert explain_step(step, {"capstone": {"en": "Capstone", "es": "Proyecto final"}}, "en") == (
        "Capstone: about 40 hours of work. It completes Rank change. Nothing is missing after that."
    )
    assert explain_step(step, {"capstone": {"en": "Capstone", "es": "Proyecto final"}}, "es") == (
        "Proyecto final: unas 40 horas de trabajo. Completa Cambio de rango. Después no falta nada."
    )


def test_hours_where_they_are_missing_count_most() -> None:
    held = [earned(f"c-{area}", hours={area: 15}) for area in AREAS[:7]]
    offers = [
        Offer(credential="a", effort=10, hours={"environment": 10}),
        Offer(credential="b", effort=10, hours={"growth": 6, "cooking": 4}),
        Offer(credential="c", effort=10, hours={"growth": 9, "families": Decimal("0.5")}),
        Offer(credential="d", effort=10, hours={"cooking": 30}),
    ]
    found = steps(CDA, held, offers)
    # 15 hours missing, 10 of them in growth. a leaves 10 missing, b 9, c 5.5; d is outside the areas
    assert [(step.offer.credential, step.gain * 120) for step in found] == [
        ("c", Decimal("9.5")),
        ("b", 6),
        ("a", 5),
    ]
    assert found[0].hours == (("families", Decimal("0.5")), ("growth", 9))
    assert explain_step(found[0], {"growth": {"en": "Child growth", "es": "Crecimiento"}}, "es") == (
        "c: unas 10 horas de trabajo. Suma 0.5 horas en families, 9 horas en Crecimiento."
    )
    assert explain_step(found[1], {}, "en") == "b: about 10 hours of work. It adds 6 hours in growth."


def test_nothing_is_suggested_that_is_met_or_in_review() -> None:
    tree = Count(at_least=2, of=(Hold(credential="a"), Hold(credential="b"), Hold(credential="c")))
    offers = [Offer(credential=each, effort=1) for each in "abc"]
    assert order(tree, [earned("a")], offers) == ["b", "c"]
    assert order(tree, [in_review("a")], offers) == ["b", "c"]
    assert order(tree, [earned("a"), in_review("b")], offers) == []
    assert order(tree, [earned("a"), earned("b")], offers) == []


def test_closed_offers_are_left_out() -> None:
    offers = [
        Offer(credential="a", effort=1, opens_at=NOW + DAY),
        Offer(credential="a", effort=1, closes_at=NOW),
    ]
    assert order(Hold(credential="a"), [], offers) == []


def test_ties_prefer_what_is_started_then_less_work_then_the_id() -> None:
    tree = Count(at_least=2, of=tuple(Hold(credential=each) for each in "abc"))
    offers = [Offer(credential=each, effort=4) for each in "cba"]
    assert order(tree, [], offers) == ["a", "b", "c"]
    found = steps(tree, [draft("b")], offers)
    assert [(step.offer.credential, step.started) for step in found] == [
        ("b", True),
        ("a", False),
        ("c", False),
    ]


def test_the_branch_nearest_to_done_leads() -> None:
    tree = Count(
        at_least=1,
        of=(
            Count(at_least=3, of=tuple(Hold(credential=each) for each in "abc")),
            Count(at_least=2, of=tuple(Hold(credential=each) for each in "xy")),
        ),
    )
    offers = [Offer(credential=each, effort=5) for each in "abcxy"]
    assert order(tree, [], offers) == ["x", "y"]
    assert order(tree, [earned("a"), earned("b")], offers) == ["c"]


def test_a_branch_that_cannot_be_completed_is_left_aside() -> None:
    tree = Count(
        at_least=1,
        of=(
            Count(at_least=2, of=(Hold(credential="a"), Hold(credential="not offered"))),
            Count(at_least=3, of=tuple(Hold(credential=each) for each in "xyz")),
        ),
    )
    assert order(tree, [], [Offer(credential=each, effort=5) for each in "axyz"]) == ["x", "y", "z"]
    assert order(tree, [], [Offer(credential="a", effort=5)]) == ["a"]


def test_leaves_open_to_all_try_the_whole_catalog() -> None:
    offers = [Offer(credential="any", effort=2, level=2, hours={"x": 1})]
    assert order(Level(at_least=2), [], offers) == ["any"]
    assert order(Hours(total=5), [course("a", x=3)], offers) == ["any"]
    assert order(Level(at_least=2, among=("other",)), [], offers) == []


def test_hours_newly_counted_show_where_no_area_is_named() -> None:
    (step,) = steps(
        Hours(total=5), [course("a", x=3)], [Offer(credential="b", effort=2, hours={"x": 1, "y": 1})]
    )
    assert step.hours == (("x", 1), ("y", 1))
    assert step.gain == Fraction(2, 5)


def test_one_leaf_open_to_all_opens_the_catalog_to_the_whole_tree() -> None:
    """`a` is named; `b` is not, and brings all ten hours that the other part asks from anything."""
    tree = Count(at_least=2, of=(Hold(credential="a"), Hours(total=10)))
    offers = [Offer(credential="a", effort=20), Offer(credential="b", effort=5, hours={"any": 10})]
    assert order(tree, [], offers) == ["b", "a"]
