"""Worked by hand: the stacks of the four programs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fieldstone.stacking import Holding, Requirement, components, evaluate

from .programs import (
    AREAS,
    CDA,
    DAY,
    ELECTIVES,
    FOUNDATION,
    GEORGIA,
    KENTUCKY,
    MAINE,
    MAINE_ANY_THREE,
    NOW,
    course,
    draft,
    earned,
    in_review,
)

ALL_12 = [earned(each) for each in FOUNDATION]
SIX = [earned(each) for each in ELECTIVES[:6]]
CAPSTONE = earned("capstone")
AQUA = [earned("aquaculture", level=level) for level in (1, 2, 3)]
TRIO = [earned("safety"), earned("blueprint"), earned("machining")]
LEVELS = [earned("leadership", level=2), earned("innovation", level=3)]
FIFTEEN = [earned(f"course-{area}", hours={area: 15}) for area in AREAS]


# name, why, requirement, holdings, met, done, needed, in review
TABLE: list[tuple[str, str, Requirement, list[Holding], bool, object, object, object]] = [
    ("Kentucky: 12 + 6 + capstone", "both groups and the capstone are full", KENTUCKY, [*ALL_12, *SIX, CAPSTONE], True, 3, 3, 0),
    ("Kentucky: any other six electives", "any six of ten electives do", KENTUCKY, [*ALL_12, *(earned(e) for e in ELECTIVES[4:]), CAPSTONE], True, 3, 3, 0),
    ("Kentucky: five electives", "six electives are asked for", KENTUCKY, [*ALL_12, *SIX[1:], CAPSTONE], False, 2, 3, 0),
    ("Kentucky: eleven required, ten electives", "electives never stand in for required ones", KENTUCKY, [*ALL_12[1:], *(earned(e) for e in ELECTIVES), CAPSTONE], False, 2, 3, 0),
    ("Kentucky: no capstone", "it is a part of its own", KENTUCKY, [*ALL_12, *SIX], False, 2, 3, 0),
    ("Kentucky: sixth elective in review", "what is in review is not earned, and would be enough", KENTUCKY, [*ALL_12, *SIX[1:], in_review(ELECTIVES[8]), CAPSTONE], False, 2, 3, 1),
    ("Kentucky: one elective twice is one", "a credential counts once, however often it was earned", KENTUCKY, [*ALL_12, *SIX[1:], earned(ELECTIVES[1], days_ago=9), CAPSTONE], False, 2, 3, 0),
    ("Kentucky: nothing", "none of three parts", KENTUCKY, [], False, 0, 3, 0),
    ("CDA: 15 in each of 8 is 120", "120 is at least 120, and 15 is at least 10", CDA, FIFTEEN, True, 120, 120, 0),
    ("CDA: 119.75 hours", "a quarter of an hour below the total", CDA, [*FIFTEEN[1:], course("first", environment=Decimal("14.75"))], False, Decimal("119.75"), 120, 0),
    ("CDA: 120 hours, one area at 9", "the total is there, one area lacks an hour", CDA, [*FIFTEEN[2:], course("a", environment=9), course("b", physical_intellectual=21)], False, 120, 120, 0),
    ("CDA: 120 hours, one area at 10 exactly", "10 is at least 10", CDA, [*FIFTEEN[2:], course("a", environment=10), course("b", physical_intellectual=20)], True, 120, 120, 0),
    ("CDA: hours outside the 8 areas", "only the eight areas count", CDA, [*FIFTEEN[1:], course("cooking", cooking=40)], False, 105, 120, 0),
    ("CDA: 14 in review", "one hour short even when it is earned", CDA, [*FIFTEEN[1:], in_review("a", hours={"environment": 14})], False, 105, 120, 14),
    ("CDA: the same course taken again", "the same course brings its hours once", CDA, [*FIFTEEN[1:], earned("course-growth", days_ago=3, hours={"growth": 15})], False, 105, 120, 0),
    ("CDA: taken again, longer", "the longer of the two counts: 7 x 15 + 18", CDA, [*FIFTEEN, earned("course-growth", days_ago=3, hours={"growth": 18})], True, 123, 120, 0),
    ("Maine: three levels", "each level is held", MAINE, AQUA, True, 3, 3, 0),
    ("Maine: one credential at level 3 shows all below", "level 3 is at or above levels 1 and 2", MAINE, AQUA[2:], True, 3, 3, 0),
    ("Maine: level 2", "level 3 is missing", MAINE, AQUA[:2], False, 2, 3, 0),
    ("Maine: level 3 in review", "it would be met once it is earned", MAINE, [*AQUA[:2], in_review("aquaculture", level=3)], False, 2, 3, 1),
    ("Maine: level 3 only begun", "a draft is neither earned nor in review", MAINE, [*AQUA[:2], draft("aquaculture", level=3)], False, 2, 3, 0),
    ("Maine: two at level 2 or above", "2 and 3 are both at least 2", MAINE_ANY_THREE, LEVELS, True, 2, 2, 0),
    ("Maine: one of the two at level 1", "level 1 is below 2", MAINE_ANY_THREE, [LEVELS[0], earned("innovation", level=1)], False, 1, 2, 0),
    ("Maine: one credential at both levels is one", "two credentials are asked for, not two levels", MAINE_ANY_THREE, [LEVELS[0], earned("leadership", level=3)], False, 1, 2, 0),
    ("Maine: a level in a credential not listed", "only those listed count", MAINE_ANY_THREE, [LEVELS[0], earned("aquaculture", level=3)], False, 1, 2, 0),
    ("Maine: second in review", "it would be the second", MAINE_ANY_THREE, [LEVELS[0], in_review("innovation", level=2)], False, 1, 2, 1),
    ("Maine: held and in review again is not two", "one credential in two states is one", MAINE_ANY_THREE, [LEVELS[0], in_review("leadership", level=3)], False, 1, 2, 0),
    ("Georgia: all three and one of two", "three of three and one of two", GEORGIA, [*TRIO, earned("mechatronics")], True, 2, 2, 0),
    ("Georgia: both of two is still met", "more than asked for changes nothing", GEORGIA, [*TRIO, earned("mechatronics"), earned("welding")], True, 2, 2, 0),
    ("Georgia: two of three", "a group of three asks for all", GEORGIA, [*TRIO[1:], earned("mechatronics"), earned("welding")], False, 1, 2, 0),
    ("Georgia: none of two", "the second group has none", GEORGIA, TRIO, False, 1, 2, 0),
    ("Georgia: another college's welding", "an equivalent is as good as the first", GEORGIA, [*TRIO, earned("other-college-welding")], True, 2, 2, 0),
    ("Georgia: expires tomorrow", "valid until its last moment", GEORGIA, [*TRIO, earned("welding", ends=1)], True, 2, 2, 0),
    ("Georgia: expires this very moment", "its last moment is not a part of it", GEORGIA, [*TRIO, earned("welding", ends=0)], False, 1, 2, 0),
    ("Georgia: expired, but the equivalent is valid", "one that is valid is enough", GEORGIA, [*TRIO, earned("welding", ends=-1), earned("other-college-welding")], True, 2, 2, 0),
    ("Georgia: revoked this very moment", "withdrawn from that moment on", GEORGIA, [*TRIO, earned("welding", revoked_at=NOW)], False, 1, 2, 0),
    ("Georgia: revocation dated tomorrow", "not withdrawn yet", GEORGIA, [*TRIO, earned("welding", revoked_at=NOW + DAY)], True, 2, 2, 0),
    ("Georgia: revoked, then earned again", "the one of before still counts", GEORGIA, [*TRIO, earned("welding", revoked_at=NOW), earned("welding", days_ago=2)], True, 2, 2, 0),
    ("Georgia: earned this very moment", "earned from that moment on", GEORGIA, [*TRIO, earned("welding", days_ago=0)], True, 2, 2, 0),
    ("Georgia: dated tomorrow", "not earned yet", GEORGIA, [*TRIO, earned("welding", days_ago=-1)], False, 1, 2, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "requirement", "holdings", "met", "done", "needed", "more"),
    [pytest.param(*row[1:], id=row[0]) for row in TABLE],
)
def test_hand_worked(
    why: str, requirement: Requirement, holdings: list[Holding], met: bool, done: object, needed: object, more: object
) -> None:
    result = evaluate(requirement, holdings, NOW)
    assert why
    assert (result.satisfied, result.done, result.needed, result.in_review) == (met, done, needed, more)
    assert bool(result.missing) is not met


def test_components_of_the_rank_change() -> None:
    holdings = [*ALL_12, *SIX, earned(ELECTIVES[9]), CAPSTONE, earned("unrelated")]
    assert components(evaluate(KENTUCKY, holdings, NOW)) == (
        *FOUNDATION,
        *ELECTIVES[:6],
        ELECTIVES[9],
        "capstone",
    )
    assert components(evaluate(KENTUCKY, holdings[1:], NOW)) == ()


def test_components_name_the_equivalent_that_was_used_and_no_branch_left_unfinished() -> None:
    holdings = [*TRIO, earned("other-college-welding")]
    assert components(evaluate(GEORGIA, holdings, NOW)) == (
        "safety",
        "blueprint",
        "machining",
        "other-college-welding",
    )
    one_level = evaluate(MAINE, AQUA[2:], NOW)
    assert components(one_level) == ("aquaculture",)


def test_components_of_hours_are_the_courses_that_counted() -> None:
    holdings = [*FIFTEEN, course("cooking", cooking=40), in_review("more", hours={"growth": 3})]
    assert components(evaluate(CDA, holdings, NOW)) == tuple(sorted(f"course-{area}" for area in AREAS))


def test_hours_by_area() -> None:
    holdings = [
        course("a", environment=10, growth=Decimal("2.5")),
        in_review("b", hours={"growth": 4, "families": 10}),
    ]
    rows = {row.area: row for row in evaluate(CDA, holdings, NOW).areas}
    assert set(rows) == set(AREAS)
    growth = rows["growth"]
    assert (growth.counted, growth.missing, growth.in_review) == (Decimal("2.5"), Decimal("7.5"), 4)
    assert rows["environment"].missing == 0
    assert (rows["families"].missing, rows["families"].in_review) == (10, 10)
