"""Stack definitions and the order of a wall, worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from fieldstone import stacking
from fieldstone.server.pathways import rules
from fieldstone.server.pathways.rules import Place
from tests.cast import text
from tests.pathways.makers import stack_body

A, B, C = (str(UUID(int=n)) for n in (1, 2, 3))
AT = datetime(2026, 11, 23, tzinfo=UTC)


def hold(name: str) -> dict[str, object]:
    return {"hold": {"credential": name}}


def earned(name: str, day: int = 1, hours: dict[str, int] | None = None, level: int = 1) -> stacking.Holding:
    return stacking.Holding(
        credential=name, earned_at=datetime(2026, 11, day, tzinfo=UTC), hours=hours or {}, level=level
    )


def test_a_whole_definition_has_no_problems() -> None:
    definition, problems = rules.parse(stack_body(hold(A)))
    assert problems == []
    assert definition.title["es"] == "Asociado en Desarrollo Infantil"
    assert definition.tree == stacking.parse(hold(A))


def test_a_stack_may_say_to_which_occupations_it_leads() -> None:
    codes = ["39-9011.00", "25-2011"]
    definition, problems = rules.parse(stack_body(hold(A), occupations=codes))
    assert (problems, definition.occupations) == ([], tuple(codes))
    assert rules.parse(stack_body(hold(A)))[0].occupations == ()


def test_a_definition_may_be_in_spanish_only() -> None:
    body = stack_body(hold(A), title={"es": "Uno"}, summary={"es": "Dos"}, can_do={"es": "Tres"}, valid_months=None)
    definition, problems = rules.parse(body)
    assert (problems, definition.valid_months) == ([], None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": {}}, "title.en"),
        ({"title": 7}, "title"),
        ({"glyph": "dragon"}, "glyph"),
        ({"level": 4}, "level"),
        ({"valid_months": 0}, "valid_months"),
        ({"hours": "many"}, "hours"),
        ({"extra": 1}, "extra"),
        ({"occupations": "39-9011"}, "occupations"),
        ({"occupations": ["39-9011", "teacher"]}, "occupations.1"),
        ({"occupations": [7]}, "occupations.0"),
        ({"occupations": ["39-9011", "39-9011"]}, "occupations.1"),
        ({"tree": None}, "tree"),
        ({"tree": {"at_least": 0, "of": []}}, "tree.at_least"),
        ({"tree": {"at_least": 1, "of": [{"hold": {}}]}}, "tree.of[0].hold.credential"),
    ],
)
def test_each_gap_names_its_field(changes: dict[str, object], field: str) -> None:
    _definition, problems = rules.parse({**stack_body(hold(A)), **changes})
    assert [p.field for p in problems] == [field]


def test_anything_else_than_an_object_is_read_as_a_blank_draft() -> None:
    definition, problems = rules.parse(["no"])
    assert definition.tree is None
    assert {p.field for p in problems} >= {"title.en", "tree"}


def test_impossible_and_doubtful_trees_are_told_in_both_languages() -> None:
    tree = stacking.parse({"at_least": 2, "of": [hold(A), hold(B)]})
    offer = stacking.Offer(credential=A, effort=1)
    problems = rules.impossible(tree, [offer])
    assert {p.field for p in problems} == {"tree.at_least", "tree.of[1].hold.credential"}
    assert set(problems[0].params["text"]) == {"en", "es"}  # type: ignore[call-overload]
    twice = stacking.parse({"at_least": 1, "of": [hold(A), hold(A)]})
    assert [p.field for p in rules.doubtful(twice, [offer])] == ["tree.of[1].hold"]


def test_named_leaves_out_what_comes_from_elsewhere() -> None:
    tree = stacking.parse({"hold": {"credential": A, "equivalents": ["https://other.example/1", B]}})
    assert rules.named(tree) == [UUID(A), UUID(B)]


def test_open_to_all() -> None:
    assert rules.open_to_all(stacking.parse({"hours": {"total": 10}}))
    assert not rules.open_to_all(stacking.parse({"hours": {"total": 10, "among": [A]}}))
    assert not rules.open_to_all(stacking.parse(hold(A)))


def test_a_stack_that_names_itself_is_a_loop() -> None:
    a, b, c = UUID(A), UUID(B), UUID(C)
    assert rules.loops(a, {a: [b], b: [c], c: [a]})
    assert not rules.loops(a, {a: [b, c], b: [c]})


def placed(
    tree: dict[str, object], *holdings: stacking.Holding, offers: tuple[stacking.Offer, ...] = ()
) -> list[tuple[str, str]]:
    result = stacking.evaluate(stacking.parse(tree), holdings, AT)
    return [(p.credential, p.state) for p in rules.places(result, offers)]


def test_a_choice_of_n_shows_what_is_begun_and_missing_ones_up_to_k() -> None:
    tree = {"at_least": 2, "of": [hold(A), hold(B), hold(C)]}
    assert placed(tree) == [(A, "missing"), (B, "missing")]
    assert placed(tree, earned(C)) == [(A, "missing"), (C, "earned")]
    assert placed(tree, earned(C), stacking.Holding(credential=B, state="in_review")) == [
        (B, "in_review"),
        (C, "earned"),
    ]
    assert placed(tree, stacking.Holding(credential=A, state="draft")) == [(A, "draft"), (B, "missing")]


def test_one_stone_for_a_credential_that_counts_twice() -> None:
    tree = {"at_least": 2, "of": [hold(A), {"hours": {"total": 10, "among": [A, B]}}]}
    assert placed(tree, earned(A, hours={"x": 4})) == [(A, "earned"), (B, "missing")]
    assert placed(
        {"at_least": 2, "of": [{"hold": {"credential": A, "level": 3}}, {"level": {"at_least": 1, "among": [A]}}]},
        earned(A),
    ) == [(A, "earned")]


def test_hours_open_to_all_show_one_offer_for_each_area_that_lacks() -> None:
    tree = {"hours": {"total": 30, "minimum_per_area": {"x": 10, "y": 10, "z": 10}}}
    offers = (
        stacking.Offer(credential=A, effort=5, hours={"x": 10}),
        stacking.Offer(credential=B, effort=5, hours={"y": 10}),
    )
    assert placed(tree, offers=offers) == [(A, "missing"), (B, "missing")]
    draft = stacking.Holding(credential=C, state="draft", hours={"y": 10})
    assert placed(tree, draft, offers=offers) == [(C, "draft"), (A, "missing")]
    assert placed(tree, earned(A, hours={"x": 10, "y": 10, "z": 10}), offers=offers) == [(A, "earned")]


def test_levels_show_as_many_missing_ones_as_are_lacking() -> None:
    offers = (stacking.Offer(credential=A, effort=5, level=3), stacking.Offer(credential=B, effort=5, level=1))
    assert placed({"level": {"at_least": 3, "count": 2}}, offers=offers) == [(A, "missing")]
    assert placed({"level": {"at_least": 1, "count": 2, "among": [A, B, C]}}, earned(B)) == [
        (B, "earned"),
        (A, "missing"),
    ]


def test_a_set_stone_keeps_its_place() -> None:
    stones = [
        Place(A, "earned", date(2026, 11, 9)),
        Place(B, "earned", date(2026, 11, 1)),
        Place(C, "earned", date(2026, 11, 5)),
        Place("d", "draft"),
        Place("e", "in_review"),
    ]
    assert [s.credential for s in rules.wall_order([A], stones)] == [A, B, C, "e", "d"]
    assert rules.progress(stones) == (3, 5)


def test_the_narrative_says_what_was_met() -> None:
    result = stacking.evaluate(stacking.parse(hold(A)), [earned(A)], AT)
    words = rules.narrative(result, {A: text("Observing", "Observar")})
    assert words == {"en": "- Observing: Done.", "es": "- Observar: Hecho."}
