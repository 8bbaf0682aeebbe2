"""The JSON form: what is read, what is refused, where and in which words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fieldstone.stacking import Count, Hold, Hours, Level, ParseError, named, parse, to_json, walk

LABEL = {"en": "Electives", "es": "Optativas"}
FULL: dict[str, Any] = {
    "at_least": 2,
    "of": [
        {"hold": {"credential": "a", "equivalents": ["b", "c"], "level": 2, "valid": False, "label": LABEL}},
        {
            "hours": {
                "total": 120,
                "minimum_per_area": {"x": 10, "y": 7.5},
                "among": ["d"],
                "maximum_each": 0.25,
            }
        },
        {"at_least": 1, "of": [{"level": {"at_least": 2, "count": 3, "among": ["a", "e"]}}]},
    ],
    "label": LABEL,
}


def test_reads_every_field() -> None:
    assert parse(FULL) == Count(
        at_least=2,
        of=(
            Hold(credential="a", equivalents=("b", "c"), level=2, valid=False, label=LABEL),
            Hours(
                total=120,
                minimum_per_area={"x": 10, "y": Decimal("7.5")},
                among=("d",),
                maximum_each=Decimal("0.25"),
            ),
            Count(at_least=1, of=(Level(at_least=2, count=3, among=("a", "e")),)),
        ),
        label=LABEL,
    )


def test_writes_what_it_read() -> None:
    assert to_json(parse(FULL)) == FULL


def test_leaves_out_defaults() -> None:
    assert to_json(parse({"level": {"at_least": 1}})) == {"level": {"at_least": 1, "count": 1}}
    assert to_json(parse({"hours": {"total": 5.50, "valid": True}})) == {"hours": {"total": 5.5}}


def test_a_leaf_may_be_the_whole() -> None:
    assert parse({"hold": {"credential": "a"}}) == Hold(credential="a")


def test_walk_gives_the_paths_of_errors_and_named_every_id_once() -> None:
    tree = parse(FULL)
    assert [path for path, _ in walk(tree)] == ["", "of[0].hold", "of[1].hours", "of[2]", "of[2].of[0].level"]
    assert named(tree) == ("a", "b", "c", "d", "e")


def hold(**inside: object) -> dict[str, object]:
    return {"hold": {"credential": "a", **inside}}


def within(*children: object) -> dict[str, object]:
    return {"at_least": 1, "of": list(children)}


def nested(depth: int) -> object:
    value: object = hold()
    for _ in range(depth - 1):
        value = within(value)
    return value


SHAPE = "Each part is a group"
BAD: list[tuple[str, object, str, str]] = [
    ("no object", [], "", "object with named values"),
    ("a text", "all", "", "object with named values"),
    ("a key that is no text", {1: 2}, "", "object with named values"),
    ("empty", {}, "", SHAPE),
    ("two kinds", {"hold": {"credential": "a"}, "hours": {"total": 1}}, "", SHAPE),
    ("unknown kind", within(hold(), {"badge": {}}), "of[1]", SHAPE),
    ("label beside a leaf", within(hold() | {"label": LABEL}), "of[0]", SHAPE),
    ("no at_least", {"of": []}, "at_least", "missing"),
    ("no of", {"at_least": 1}, "of", "missing"),
    ("unknown key", within() | {"min": 1}, "min", "not known"),
    ("of is no list", {"at_least": 1, "of": {}}, "of", "a list"),
    ("at_least is 0", {"at_least": 0, "of": []}, "at_least", "from 1 to 500"),
    ("at_least is true", {"at_least": True, "of": []}, "at_least", "whole number"),
    ("at_least is 1.0", {"at_least": 1.0, "of": []}, "at_least", "whole number"),
    ("leaf is no object", {"hold": "a"}, "hold", "object with named values"),
    ("no credential", {"hold": {}}, "hold.credential", "missing"),
    ("credential is a number", hold(credential=5), "hold.credential", "an id"),
    ("credential is blank", hold(credential=" "), "hold.credential", "an id"),
    ("credential is long", hold(credential="a" * 501), "hold.credential", "1 to 500"),
    ("equivalents is no list", hold(equivalents="b"), "hold.equivalents", "a list"),
    ("equivalent is empty", hold(equivalents=["b", ""]), "hold.equivalents[1]", "an id"),
    ("equivalent twice", hold(equivalents=["b", "c", "b"]), "hold.equivalents[2]", "already named"),
    ("its own equivalent", hold(equivalents=["b", "a"]), "hold.equivalents[1]", "already named"),
    ("too many equivalents", hold(equivalents=[str(n) for n in range(501)]), "hold.equivalents", "500 ids"),
    ("level too high", hold(level=21), "hold.level", "from 0 to 20"),
    ("level below 0", hold(level=-1), "hold.level", "from 0 to 20"),
    ("valid is 1", hold(valid=1), "hold.valid", "true or false"),
    ("hours total is a text", within(hold(), hold(), {"hours": {"total": "120"}}), "of[2].hours.total", "hours from 0"),
    ("hours total is true", {"hours": {"total": True}}, "hours.total", "hours from 0"),
    ("hours total missing", {"hours": {}}, "hours.total", "missing"),
    ("hours below 0", {"hours": {"total": -0.5}}, "hours.total", "hours from 0"),
    ("hours too many", {"hours": {"total": 100_000.5}}, "hours.total", "100,000"),
    ("hours with three decimals", {"hours": {"total": 1.125}}, "hours.total", "two decimals"),
    ("hours infinite", {"hours": {"total": float("inf")}}, "hours.total", "hours from 0"),
    ("hours no number", {"hours": {"total": float("nan")}}, "hours.total", "hours from 0"),
    ("hours null", {"hours": {"total": 1, "maximum_each": None}}, "hours.maximum_each", "hours from 0"),
    ("areas no object", {"hours": {"total": 1, "minimum_per_area": [1]}}, "hours.minimum_per_area", "object"),
    ("area without name", {"hours": {"total": 1, "minimum_per_area": {"": 1}}}, "hours.minimum_per_area", "an id"),
    ("area minimum", {"hours": {"total": 1, "minimum_per_area": {"x": "1"}}}, "hours.minimum_per_area.x", "hours from 0"),
    ("level 0", {"level": {"at_least": 0}}, "level.at_least", "from 1 to 20"),
    ("level count 0", {"level": {"at_least": 1, "count": 0}}, "level.count", "from 1 to 500"),
    ("level unknown key", {"level": {"at_least": 1, "of": []}}, "level.of", "not known"),
    ("label is a text", within() | {"label": "All"}, "label", "object"),
    ("label in one language", within() | {"label": {"en": "All"}}, "label.es", "missing"),
    ("label in a third language", within() | {"label": LABEL | {"fr": "Tous"}}, "label.fr", "not known"),
    ("label blank", hold(label=LABEL | {"es": " "}), "hold.label.es", "1 to 200"),
    ("label long", hold(label=LABEL | {"es": "a" * 201}), "hold.label.es", "1 to 200"),
    ("label a number", hold(label=LABEL | {"es": 1}), "hold.label.es", "1 to 200"),
    ("13 deep", nested(13), "of[0]." * 11 + "of[0]", "12 deep"),
    ("very deep", nested(400), "of[0]." * 11 + "of[0]", "12 deep"),
    ("501 parts", within(*[hold()] * 500), "of[499]", "500 parts"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "path", "words"), [pytest.param(*row[1:], id=row[0]) for row in BAD])
def test_refuses(value: object, path: str, words: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(value)
    assert caught.value.path == path
    assert words in caught.value.text["en"]
    assert caught.value.text["es"].endswith(".")
    assert caught.value.text["es"] != caught.value.text["en"]
    assert str(caught.value) == (f"{path}: " if path else "") + caught.value.text["en"]


def test_accepts_the_bounds() -> None:
    parse(nested(12))
    parse(within(*[hold()] * 499))
    parse({"hours": {"total": 100_000}})
    parse(hold(level=20, credential="a" * 500))
