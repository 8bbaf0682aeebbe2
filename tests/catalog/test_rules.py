"""Definitions: reading them, where a file has the wrong shape, what two versions do not share, subject areas."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.server.catalog import rules
from fieldstone.server.catalog.rules import Difference, differences, parse, read_areas, unreadable
from tests.cast import definition, text


def at(body: Any) -> dict[str, str]:
    """What is wrong, by path."""
    return {p.field: p.english() for p in parse(body)[1]}


def row(**changes: Any) -> dict[str, Any]:
    return {**definition()["rubric"][0], **changes}


def tie(**changes: Any) -> dict[str, Any]:
    return {
        "framework": "O*NET", "code": "2.A.1.b", "name": "Active Listening",
        "url": "https://www.onetonline.org/find/descriptor/result/2.A.1.b", **changes,
    }  # fmt: skip


def test_a_tie_to_a_skill_says_what_it_shows_and_one_to_a_job_where_it_leads() -> None:
    ties = [
        tie(level=3.25), tie(level=2), tie(code="2.B.1.a", level=0), tie(code="2.B.1.b"), tie(code="2.B.1.c", level=None),
        tie(code="39-9011.00", framework="O*NET-SOC"), tie(code="39-9011.00"), tie(code="39-9011"),
        tie(code="25-2011", framework="SOC elsewhere"),
    ]  # fmt: skip
    read, problems = parse(definition(alignments=ties))
    assert problems == []
    assert read.shows == {"2.A.1.b": Decimal("3.25")}
    assert [a.level for a in read.alignments[:4]] == [Decimal("3.25"), Decimal(2), Decimal(0), None]
    assert read.jobs == ("39-9011.00", "39-9011")
    assert parse(definition(alignments=[tie()]))[0].shows == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("39-9011.00", "39-9011.00", True), ("39-9011", "39-9011.01", True), ("39-9011.01", "39-9011", True),
        ("39-9011.00", "39-9011.01", False), ("39-9011", "39-9021", False),
    ],
)  # fmt: skip
def test_six_digits_stand_for_all_that_begin_with_them(one: str, other: str, same: bool) -> None:
    assert rules.same_job(one, other) is same


@pytest.mark.parametrize(
    ("framework", "code", "is_one"),
    [
        ("O*NET", "2.A.1.a", True), ("O*NET skills", "2.C.1.a", True), ("O*NET", "1.A.1.b.2", True),
        ("O*NET", "2.A", False), ("O*NET-SOC", "39-9011.00", False), ("CASE", "2.A.1.a", False),
    ],
)  # fmt: skip
def test_an_element_of_onet_is_known_by_its_code(framework: str, code: str, is_one: bool) -> None:
    assert rules.is_element(framework, code) is is_one


def test_a_whole_definition_has_no_problems_and_its_parts_are_found() -> None:
    read, problems = parse(definition())
    assert problems == []
    assert [p.id for p in read.parts()] == ["setting", "notes", "reflection"]
    criterion = read.criterion("links")
    assert criterion is not None and read.criterion("nothing") is None
    level = criterion.level("not_yet")
    assert level is not None and not level.demonstrated and criterion.level(rules.CANNOT_TELL) is None
    assert [p.id for p in parse(definition(reflection=None))[0].parts()] == ["setting", "notes"]


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"title": {}}, "title.en", rules.NEEDED),
        ({"title": 5}, "title", "Write this as text."),
        ({"title": {"en": 5}}, "title", "Write this as text."),
        ({"title": {"en": "x" * 121}}, "title.en", "Shorten this to 120 signs."),
        ({"summary": {"en": "a\x07b"}}, "summary.en", "Take out the control characters."),
        ({"languages": ["fr"]}, "languages", "Choose at least one language."),
        ({"languages": "en"}, "languages", "Choose at least one language."),
        ({"level": 4}, "level", "Give a whole number from 1 to 3."),
        ({"level": True}, "level", "Give a whole number from 1 to 3."),
        ({"notional_hours": "9"}, "notional_hours", "Give a whole number from 1 to 2000."),
        ({"valid_months": 0}, "valid_months", "Give a whole number from 1 to 600."),
        ({"glyph": "skull"}, "glyph", "Choose one of"),
        ({"bogus": 1}, "bogus", "No such field."),
        ({"questions": [3]}, "questions.0", "This entry is not readable."),
        ({"questions": [{"id": "Bad Id"}]}, "questions.0.id", "Use a short name"),
        ({"questions": [{"id": "notes", "max_words": 1}, {"id": "notes"}]}, "questions.1.id", "used twice"),
        ({"questions": [{"id": "a", "min_words": 9, "max_words": 3}]}, "questions.0.max_words", "below"),
        ({"artifacts": [{"id": "a", "min": 9, "max": 3}]}, "artifacts.0.max", "below"),
        ({"artifacts": [{"id": "a", "kinds": ["exe"]}]}, "artifacts.0.kinds", "Choose one of"),
        ({"questions": [], "artifacts": [], "reflection": None}, "artifacts", "at least one part"),
        ({"rubric": [row(parts=["gone"])]}, "rubric.0.parts", "“gone” is not a part"),
        ({"rubric": [row(levels=[])]}, "rubric.0.levels", "from 2 to 6"),
        ({"rubric": [row(), row()]}, "rubric.1.id", "used twice"),
        ({"clock_hours": {"cda_7": 0}}, "clock_hours.cda_7", "from 1 to 2000"),
        ({"clock_hours": [1]}, "clock_hours", "not readable"),
        ({"alignments": [{"url": "ftp://x"}]}, "alignments.0.url", "begins with https"),
        ({"alignments": [{"code": "x" * 61}]}, "alignments.0.code", "Shorten this to 60"),
        ({"alignments": [tie(level=7.01)]}, "alignments.0.level", "Give a number from 0 to 7"),
        ({"alignments": [tie(level=-1)]}, "alignments.0.level", "Give a number from 0 to 7"),
        ({"alignments": [tie(level=1.234)]}, "alignments.0.level", "at most two decimals"),
        ({"alignments": [tie(level="3")]}, "alignments.0.level", "Give a number from 0 to 7"),
        ({"alignments": [tie(level=True)]}, "alignments.0.level", "Give a number from 0 to 7"),
        ({"alignments": [tie(level=float("nan"))]}, "alignments.0.level", "Give a number from 0 to 7"),
        ({"alignments": [tie(level=3, code="39-9011.00")]}, "alignments.0.level", "Only a skill of O*NET"),
        ({"alignments": [tie(level=3, framework="CASE")]}, "alignments.0.level", "Only a skill of O*NET"),
        ({"alignments": [tie(level_name="High")]}, "alignments.0.level_name", "a level from 0 to 7"),
        ({"research": [{"citation": 4, "url": ""}]}, "research.0.citation", rules.NEEDED),
        ({"resources": [{"title": {}, "url": "x"}]}, "resources.0.url", "begins with https"),
        ({"prerequisites": {}}, "prerequisites", "Give a list."),
    ],
)
def test_each_problem_has_its_path_and_its_mend(changes: dict[str, Any], path: str, words: str) -> None:
    assert words in at(definition(**changes))[path]


def test_all_levels_or_none_demonstrated_is_refused() -> None:
    levels = definition()["rubric"][0]["levels"]
    for value in (True, False):
        same = [{**level, "demonstrated": value} for level in levels]
        assert "at least one, not all" in at(definition(rubric=[row(levels=same)]))["rubric.0.levels"]


@pytest.mark.parametrize("body", [None, 3, [], "x"])
def test_what_is_no_definition_at_all_is_read_as_an_empty_one(body: Any) -> None:
    assert parse(body)[0].title == {} and at(body)["title.en"] == rules.NEEDED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*rules.EMPTY, "id", "en", "levels", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(list(rules.EMPTY)), JSON, max_size=6))
def test_reading_never_breaks_and_a_readable_shape_stays_readable(body: dict[str, Any]) -> None:
    parse(body)
    for problem in unreadable(body):
        assert problem.field.split(".")[0] in body
    assert differences(body, copy.deepcopy(body)) == []


# --- shape -------------------------------------------------------------------------------------------


def test_the_shape_names_every_field_of_a_definition() -> None:
    assert set(rules.SHAPE) == set(rules.EMPTY)
    assert unreadable(rules.EMPTY) == [] and unreadable(definition()) == [] and unreadable(None) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([], [("", "This entry is not readable.")]),
        ({"title": "words"}, [("title", "This entry is not readable.")]),
        ({"title": {"fr": "mots"}}, [("title.fr", "No such field.")]),
        ({"level": "2"}, [("level", "Give a whole number.")]),
        ({"level": True}, [("level", "Give a whole number.")]),
        ({"offline": 1}, [("offline", "Give true or false.")]),
        ({"alignments": [{"level": "3"}]}, [("alignments.0.level", "Give a number.")]),
        ({"alignments": [{"level": 3}, {"level": 3.5}, {"level": None}]}, []),
        ({"glyph": 3}, [("glyph", "Write this as text.")]),
        ({"rubric": {}}, [("rubric", "Give a list.")]),
        ({"rubric": [{"levels": [{"text": {"en": []}}]}]}, [("rubric.0.levels.0.text.en", "Write this as text.")]),
        ({"clock_hours": {"any": 5, "other": "5"}}, [("clock_hours.other", "Give a whole number.")]),
        ({"valid_months": None, "x": 1, "y": 2}, [("x", "No such field."), ("y", "No such field.")]),
    ],
)
def test_a_wrong_shape_is_named_by_path(body: Any, found: list[tuple[str, str]]) -> None:
    assert [(p.field, p.message) for p in unreadable(body)] == found


# --- differences -------------------------------------------------------------------------------------


def test_differences_are_told_value_by_value() -> None:
    old, new = definition(), definition()
    new["title"]["en"] = "New"
    new["offline"] = False
    new["languages"] = ["en"]
    new["clock_hours"] = {}
    new["level_name"] = text("Practice")
    assert {d.path: (d.before, d.after) for d in differences(old, new)} == {
        "title.en": ("Observing and recording behavior", "New"),
        "offline": (True, False),
        "languages": (["en", "es"], ["en"]),
        "clock_hours.cda_7": (15, None),
        "level_name.en": (None, "Practice"),
        "level_name.es": (None, "Practice (es)"),
    }


def test_rows_with_ids_are_matched_by_them() -> None:
    old, new = definition(), definition()
    first, second = new["rubric"]
    added = {"id": "third", "title": {"en": "Third"}}
    new["rubric"] = [second, added, first]
    second["title"] = {"en": "Other", "es": second["title"]["es"]}
    assert differences(old, new) == [
        Difference("rubric.0.title.en", "Links notes to growth", "Other"),
        Difference("rubric.1.id", None, "third"),
        Difference("rubric.1.title.en", None, "Third"),
        Difference("rubric.order", ["describes", "links"], ["links", "describes"]),
    ]
    new["rubric"] = [first]
    gone = differences(old, new)
    assert all(d.path.startswith("rubric.1.") and d.after is None for d in gone)
    assert Difference("rubric.1.levels.1.demonstrated", False, None) in gone


def test_rows_without_ids_are_matched_by_place_and_blanks_are_alike() -> None:
    old = definition(method_components=[text("A"), text("B")], research=[])
    new = definition(method_components=[text("A")], research=None, level_name={}, valid_months=36)
    assert [(d.path, d.after) for d in differences(old, new)] == [
        ("method_components.1.en", None), ("method_components.1.es", None),
    ]  # fmt: skip
    assert differences({"a": ""}, {"a": None, "b": {}, "c": []}) == []
    assert differences({"reflection": None}, {"reflection": {"prompt": {"en": "Why?"}}}) == [
        Difference("reflection.prompt.en", None, "Why?")
    ]


# --- subject areas, money, words ---------------------------------------------------------------------


def test_subject_areas() -> None:
    rows, problems = read_areas([{"code": "cda_1", "name": text("Safety")}, {"code": "a-2", "name": {"es": "Dos"}}])
    assert problems == [] and rows[1] == {"code": "a-2", "name": {"es": "Dos"}}
    _rows, problems = read_areas(
        [{"code": "A 1"}, {"code": "b", "name": {"en": "x" * 121}}, {"code": "b", "name": text("B")}, 7]
    )
    assert [p.field for p in problems] == [
        "areas.0.code", "areas.0.name.en", "areas.1.name.en", "areas.2.code", "areas.3", "areas.3.code", "areas.3.name.en",
    ]  # fmt: skip
    assert [p.field for p in read_areas("x")[1]] == ["areas"]


@pytest.mark.parametrize(("typed", "is_"), [("25", 2500), ("$1,250.50", 125050), (" 0 ", 0), ("1e2", 10000)])
def test_money(typed: str, is_: int) -> None:
    assert rules.cents(typed) == is_


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.234", "NaN", "Infinity"])
def test_what_is_no_money(typed: str) -> None:
    with pytest.raises(ValueError, match=""):
        rules.cents(typed)


def test_words_and_folding() -> None:
    assert rules.word_count("  one two\nthree ") == 3
    assert rules.fold("Formación ÉTICA") == "formacion etica"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"a": "x" * 90}, True), ({"a": "x" * 100}, False), ({"a": "é" * 50}, False), ({"a": "\x00"}, False),
        ({"\x00": 1}, False), ({"a": "\\u0000"}, True), ({"a": "\\\x00"}, False), ({"a": "\ud83e"}, False),
        ({"a": "\U0001f9f1"}, True),
    ],
)  # fmt: skip
def test_what_can_be_stored(body: dict[str, Any], kept: bool) -> None:
    assert (rules.unkeepable(body, 100) is None) is kept


def test_a_level_in_words_is_for_frameworks_without_a_scale() -> None:
    tie = {"framework": "State standards", "code": "A.1", "name": "Sleep", "url": "https://example.org/1", "level_name": " Grade  6 "}
    read, problems = rules.parse(definition(alignments=[{**tie, "item": "i-1", "version": "2"}]))
    assert (read.alignments[0].level_name, read.alignments[0].item, read.alignments[0].version, problems) == ("Grade 6", "i-1", "2", [])
    onet = {**tie, "framework": "O*NET", "code": "2.A.1.a"}
    assert [p.field for p in rules.parse(definition(alignments=[onet]))[1]] == ["alignments.0.level_name"]
    assert [p.field for p in rules.parse(definition(alignments=[{**tie, "level_name": "x" * 81}]))[1]] == ["alignments.0.level_name"]
