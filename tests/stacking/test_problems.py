"""What nobody could ever meet is found before anyone starts."""

from __future__ import annotations

from fieldstone.stacking import Count, Hold, Hours, Level, Offer, Requirement, problems

from .programs import AREAS, CDA, DAY, GEORGIA, NOW

CATALOG = [
    Offer(credential="a", effort=2, level=1, hours={"x": 5}),
    Offer(credential="a", effort=2, level=2, hours={"x": 8}),
    Offer(credential="b", effort=2, level=1, hours={"x": 2, "y": 3}),
]
A, B = Hold(credential="a"), Hold(credential="b")


def found(requirement: Requirement) -> list[tuple[str, bool]]:
    return [(problem.path, problem.blocking) for problem in problems(requirement, CATALOG)]


def text(requirement: Requirement, language: str = "en") -> list[str]:
    return [problem.text[language] for problem in problems(requirement, CATALOG)]


def test_a_sound_tree_has_none() -> None:
    assert found(Count(at_least=3, of=(A, B, Hours(total=13), Level(at_least=1, count=2)))) == []


def test_more_asked_for_than_listed() -> None:
    tree = Count(at_least=3, of=(A, B))
    assert found(tree) == [("at_least", True)]
    assert text(tree) == ["3 parts are asked for; 2 of the 2 listed can be met."]
    assert found(Count(at_least=1, of=())) == [("at_least", True)]


def test_unknown_credential_blocks_its_leaf_and_then_its_group() -> None:
    tree = Count(at_least=2, of=(A, Count(at_least=1, of=(Hold(credential="typo"),))))
    assert found(tree) == [
        ("at_least", True),
        ("of[1].at_least", True),
        ("of[1].of[0].hold.credential", True),
    ]
    assert found(Count(at_least=1, of=(A, Hold(credential="typo")))) == [("of[1].hold.credential", True)]


def test_an_unknown_equivalent_is_only_worth_a_look() -> None:
    assert found(Hold(credential="a", equivalents=("b", "typo"))) == [("hold.equivalents[1]", False)]
    assert found(Hold(credential="typo", equivalents=("b",))) == [("hold.credential", False)]
    assert found(Level(at_least=1, among=("a", "typo"))) == [("level.among[1]", False)]


def test_a_level_not_offered() -> None:
    assert found(Hold(credential="a", level=2)) == []
    assert found(Hold(credential="a", level=3)) == [("hold.level", True)]
    assert found(Level(at_least=2, count=2)) == [("level.count", True)]
    assert text(Level(at_least=2, count=2)) == ["2 credentials at level 2 are asked for; 1 are offered."]


def test_hours_that_the_listed_credentials_cannot_give() -> None:
    assert found(Hours(total=13)) == []
    assert found(Hours(total=14)) == [("hours.total", True)]
    assert found(Hours(total=9, among=("a",))) == [("hours.total", True)]
    assert found(Hours(total=13, maximum_each=5)) == [("hours.total", True)]
    tree = Hours(total=1, minimum_per_area={"x": 10, "y": 4})
    assert found(tree) == [("hours.minimum_per_area.y", True)]
    assert text(tree) == ["4 hours are asked for here; the credentials give 3."]
    assert text(tree, "es") == ["Aquí se piden 4 horas; las credenciales dan 3."]


def test_one_credential_in_two_parts_of_a_group() -> None:
    tree = Count(at_least=2, of=(A, Hold(credential="b", equivalents=("a",)), Hours(total=1)))
    assert found(tree) == [("of[1].hold", False)]


def test_programs_against_a_catalog_that_has_them() -> None:
    names = ["safety", "blueprint", "machining", "welding", "other-college-welding", "mechatronics"]
    assert problems(GEORGIA, [Offer(credential=name, effort=9) for name in names]) == []
    courses = [Offer(credential=area, effort=15, hours={area: 15}) for area in AREAS]
    assert problems(CDA, courses) == []
    assert [p.path for p in problems(CDA, courses[1:])] == [
        "hours.total",
        "hours.minimum_per_area.environment",
    ]


def stuck(requirement: Requirement, *catalog: Offer) -> list[tuple[str, str]]:
    return [(problem.path, problem.text["en"]) for problem in problems(requirement, catalog) if problem.blocking]


def test_what_can_never_be_begun() -> None:
    missing = Offer(credential="a", effort=1, prerequisites=("b", "gone"))
    assert stuck(A, missing, Offer(credential="b", effort=1)) == [
        ("hold.credential", "a asks first for gone, which is not offered.")
    ]
    itself = Offer(credential="a", effort=1, prerequisites=("a",))
    assert stuck(A, itself) == [("hold.credential", "a asks first for a, which is not offered.")]
    circle = (
        Offer(credential="a", effort=1, prerequisites=("b",)),
        Offer(credential="b", effort=1, prerequisites=("a",)),
    )
    never = (
        "can never be begun: what it asks for first leads back to itself, is not offered, or opens too late."
    )
    assert stuck(A, *circle) == [("hold.credential", f"a {never}")]
    assert problems(A, circle)[0].text["es"].startswith("a no se puede comenzar nunca:")
    # another way in, and all is well
    assert stuck(A, *circle, Offer(credential="a", level=1, effort=1)) == []
    too_late = (
        Offer(credential="a", effort=1, prerequisites=("b",), closes_at=NOW),
        Offer(credential="b", effort=1, opens_at=NOW),
    )
    assert stuck(A, *too_late) == [("hold.credential", f"a {never}")]
    assert stuck(A, too_late[0], Offer(credential="b", effort=1, opens_at=NOW - DAY)) == []
    backwards = Offer(credential="a", effort=1, opens_at=NOW, closes_at=NOW)
    assert stuck(A, backwards) == [("hold.credential", "a is never open: it closes before it opens.")]


def test_what_can_never_be_begun_is_worth_a_look_where_others_could_count() -> None:
    stone = Offer(credential="a", effort=1, level=2, hours={"x": 5}, prerequisites=("gone",))
    fine = Offer(credential="b", effort=1, level=1, hours={"x": 5})
    found = problems(Hours(total=10), [stone, fine])
    assert [(problem.path, problem.blocking) for problem in found] == [("hours.among", False), ("hours.total", True)]
    assert problems(Hours(total=5), [stone, fine]) == []
    found = problems(Level(at_least=2, among=("a", "b")), [stone, fine])
    assert [(problem.path, problem.blocking) for problem in found] == [("level.among", False), ("level.count", True)]
    assert problems(Level(at_least=2, among=("b",)), [stone, fine])[0].path == "level.count"
    # the level asked for is offered, but cannot be begun
    found = problems(Hold(credential="a", level=2), [stone, Offer(credential="a", effort=1)])
    assert [(problem.path, problem.blocking) for problem in found] == [("hold.credential", True)]
    assert found[0].text["es"] == "a pide primero gone, que no se ofrece."


def test_hours_that_are_just_enough_are_no_problem_where_an_area_is_one() -> None:
    """Ten of ten hours, but none of the five that safety asks for."""
    tree = Hours(total=10, minimum_per_area={"safety": 5, "growth": 0})
    found = problems(tree, [Offer(credential="a", effort=9, hours={"growth": 10})])
    assert [each.path for each in found] == ["hours.minimum_per_area.safety"]
    assert problems(tree, [Offer(credential="a", effort=9, hours={"growth": 5, "safety": 5})]) == []
