"""Decisions about placements, on tables of cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as draw
from hypothesis import strategies as st

from fieldstone.server.workplace import rules
from tests.workplace.makers import form_body, given, item

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
FORM = UUID("018f0000-0000-7000-8000-000000000001")


def fields(problems: Any) -> list[str]:
    return [p.field for p in problems]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"review:{FORM}", ("review", FORM)),
        (f"hours:{FORM}", ("hours", FORM)),
        (str(FORM), None),
        ("review:", None),
        ("review:x", None),
        ("https://example.org/badge", None),
        ("urn:uuid:" + str(FORM), None),
    ],
)
def test_names_in_a_tree(name: str, expected: Any) -> None:
    assert rules.named(name) == expected


def test_names_are_read_back() -> None:
    assert rules.named(rules.review_of(FORM)) == ("review", FORM)
    assert rules.named(rules.hours_of(FORM)) == ("hours", FORM)


def test_a_whole_form_is_read() -> None:
    form, problems = rules.parse(form_body(at_least=1))
    assert problems == [] and (form.needed, len(form.criteria), form.by_hand) == (1, 2, True)
    assert rules.parse(form_body())[0].needed == 2


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (None, ["criteria", "title.en", "summary.en"]),
        (form_body(criteria=[]), ["criteria"]),
        (form_body(criteria=["x"]), ["criteria.0"] + [f"criteria.0.{n}.en" for n in ("title", "demonstrated", "not_yet")]),
        (form_body(criteria=[item("a")] * 13), ["criteria"]),
        (form_body(at_least=3), ["at_least"]),
        (form_body(at_least="2"), ["at_least"]),
        (form_body(color="red"), ["color"]),
        (form_body(title={"es": "Granja"}, summary={"en": "only"}, criteria=[]), ["criteria", "summary.es"]),
        (form_body(title="x"), ["title", "title.en"][:1]),
    ],
)  # fmt: skip
def test_what_a_form_lacks_is_named(body: Any, wrong: list[str]) -> None:
    assert fields(rules.parse(body)[1]) == wrong


@pytest.mark.parametrize(
    ("at_least", "answers", "expected"),
    [
        (0, {"0": "demonstrated", "1": "demonstrated"}, True),
        (0, {"0": "demonstrated", "1": "not_seen"}, False),
        (1, {"0": "demonstrated", "1": "not_yet"}, True),
        (1, {"0": "not_yet", "1": "not_seen"}, False),
        (0, {}, False),
        (0, {"0": "demonstrated", "1": "demonstrated", "7": "demonstrated"}, True),
        (0, {"0": "demonstrated", "7": "demonstrated"}, False),
    ],
)
def test_when_a_review_is_positive(at_least: int, answers: dict[str, str], expected: bool) -> None:
    assert rules.positive(rules.parse(form_body(at_least=at_least))[0], answers) is expected


def test_every_criterion_wants_an_answer() -> None:
    form = rules.parse(form_body())[0]
    assert fields(rules.missing_answers(form, {"0": "perfect"})) == ["answer-0", "answer-1"]
    assert rules.missing_answers(form, {"0": "not_seen", "1": "not_yet"}) == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"kind": "holiday"}, ["kind"]),
        ({"employer": ""}, ["employer"]),
        ({"employer": "x" * 121}, ["employer"]),
        ({"supervisor_name": ""}, ["supervisor_name"]),
        ({"supervisor_name": "marisol  VÉGA"}, ["supervisor_name"]),
        ({"supervisor_email": "marisol@example.org"}, ["supervisor_email"]),
        ({"supervisor_email": ""}, []),
        ({"starts_on": None}, ["starts_on"]),
        ({"starts_on": date(2025, 1, 1)}, ["starts_on"]),
        ({"starts_on": date(2029, 1, 1)}, ["starts_on"]),
        ({"ends_on": date(2026, 8, 1)}, ["ends_on"]),
        ({"ends_on": date(2036, 2, 1)}, ["ends_on"]),
        ({"ends_on": date(2026, 12, 1)}, []),
        ({"hours_planned": -1}, ["hours_planned"]),
        ({"hours_planned": 10_001}, ["hours_planned"]),
    ],
)
def test_what_a_placement_needs(changes: dict[str, Any], wrong: list[str]) -> None:
    found = rules.wrong_placement(
        given(**changes), learner_name="Marisol Vega", learner_email="Marisol@example.org", today=TODAY
    )
    assert fields(found) == wrong


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("7.5", "7.5"), ("7,5", "7.5"), (" 8 ", "8"), ("7:30", "7.5"), ("0:20", "0.33"), ("25", "25"), ("-1", "-1"),
        ("7.505", None), ("", None), ("eight", None), ("1e3", None), ("NaN", None), ("7:75", None), ("٣", None),
        ("9999999", None), ("7.500", "7.5"),
    ],
)  # fmt: skip
def test_hours_as_people_type_them(typed: str, expected: str | None) -> None:
    found = rules.amount(typed)
    assert found == (None if expected is None else Decimal(expected))


@draw(st.text(max_size=40))
def test_any_typing_is_hours_or_nothing(typed: str) -> None:
    found = rules.amount(typed)
    assert found is None or found.is_finite()


@pytest.mark.parametrize(
    ("hours", "day", "words", "others", "wrong"),
    [
        ("8", TODAY, "x", "0", []),
        ("24", TODAY, "x", "0", []),
        (None, TODAY, "x", "0", ["hours"]),
        ("0", TODAY, "x", "0", ["hours"]),
        ("-2", TODAY, "x", "0", ["hours"]),
        ("25", TODAY, "x", "0", ["hours"]),
        ("9", TODAY, "x", "15.5", ["hours"]),
        ("8.5", TODAY, "x", "15.5", []),
        ("8", None, "x", "0", ["day"]),
        ("8", TODAY + timedelta(days=1), "x", "0", ["day"]),
        ("8", date(2026, 8, 31), "x", "0", ["day"]),
        ("8", TODAY, "", "0", ["text"]),
        ("8", TODAY, "x" * 301, "0", ["text"]),
        (None, None, "", "0", ["hours", "day", "text"]),
    ],
)
def test_what_hours_need(hours: str | None, day: date | None, words: str, others: str, wrong: list[str]) -> None:
    found = rules.wrong_hours(
        None if hours is None else Decimal(hours), day, words, starts_on=date(2026, 9, 1), ends_on=None, today=TODAY,
        others=Decimal(others),
    )  # fmt: skip
    assert fields(found) == wrong


def test_days_outside_the_work_and_long_ago() -> None:
    def asked(day: date, starts: date, ends: date | None) -> list[str]:
        found = rules.wrong_hours(
            Decimal(1), day, "x", starts_on=starts, ends_on=ends, today=TODAY, others=Decimal(0)
        )
        return fields(found)

    assert asked(date(2026, 11, 20), date(2026, 9, 1), date(2026, 11, 19)) == ["day"]
    assert asked(date(2025, 9, 1), date(2025, 1, 1), None) == ["day"]
    assert asked(date(2025, 10, 30), date(2025, 1, 1), None) == []


@dataclass
class Thing:
    removed_at: datetime | None = None
    countersigned_at: datetime | None = None
    refused_at: datetime | None = None
    expires_at: datetime = AT
    ended_at: datetime | None = None
    not_me_at: datetime | None = None


def test_states_of_entries_and_links() -> None:
    assert rules.entry_state(Thing()) == "waiting"
    assert rules.entry_state(Thing(removed_at=AT, refused_at=AT)) == "removed"
    assert rules.entry_state(Thing(countersigned_at=AT)) == "countersigned"
    assert rules.entry_state(Thing(refused_at=AT)) == "refused"
    assert rules.link_state(Thing(), AT) == "expired"
    assert rules.link_state(Thing(), AT - timedelta(seconds=1)) == "open"
    assert rules.link_state(Thing(ended_at=AT), AT - timedelta(days=1)) == "ended"
    assert rules.link_state(Thing(not_me_at=AT, ended_at=AT), AT) == "not_me"


@pytest.mark.parametrize(
    ("closed", "aside", "reviewed", "link", "expected"),
    [
        (True, True, True, "open", "set_aside"),
        (True, False, True, None, "reviewed"),
        (True, False, False, "ended", "closed"),
        (False, False, False, "open", "sent"),
        (False, False, False, "not_me", "wrong_person"),
        (False, False, False, "expired", "stale"),
        (False, False, False, "ended", "begun"),
        (False, False, False, None, "begun"),
    ],
)
def test_states_of_placements(closed: bool, aside: bool, reviewed: bool, link: str | None, expected: str) -> None:
    assert rules.placement_state(closed=closed, set_aside=aside, reviewed=reviewed, link=link) == expected


def signing(**changes: Any) -> rules.Signing:
    made = rules.Signing(
        definition=rules.parse(form_body())[0], answers={"0": "demonstrated", "1": "not_seen"}, words="",
        learner="Ana Ruiz", employer="Two Coves Farm", starts_on=date(2026, 9, 1), ends_on=None, hours=Decimal("16.50"),
        name="Sam Ledger", at=AT, language="en",
    )  # fmt: skip
    return replace(made, **changes)


def test_the_signed_text_says_everything() -> None:
    assert rules.signed_text(signing(words="Came early.")).split("\n") == [
        "Farm crew",
        "About: Ana Ruiz, at Two Coves Farm, from 2026-09-01",
        "Hours countersigned so far: 16.5",
        "1. Does the work: seen (Does the work, alone.)",
        "2. Uses feedback: no chance to see it",
        "In my own words: Came early.",
        rules.STATEMENT["en"],
        "Signed: Sam Ledger, 2026-11-23T15:00:00+00:00",
    ]
    spanish = rules.signed_text(signing(language="es", ends_on=date(2026, 11, 20)))
    assert "Tripulación de granja\nSobre: Ana Ruiz, en Two Coves Farm, desde 2026-09-01 hasta 2026-11-20" in spanish
    assert "1. Does the work (es): lo vi (Does the work, sin ayuda.)" in spanish
    assert rules.signed_text(signing(language="fr")) == rules.signed_text(signing())
    yet = rules.signed_text(signing(answers={"0": "not_yet", "1": "not_seen"}))
    assert "1. Does the work: not yet (Does the work, with help.)" in yet


def test_what_a_credential_says_names_nobody() -> None:
    credits = [("review", Decimal(0)), ("hours", Decimal("480.00"))]
    assert rules.endorsed(credits, "en") == [
        "Positive review by a workplace supervisor.",
        "480 hours of work, countersigned by a supervisor.",
    ]
    assert rules.endorsed(credits[1:], "es") == ["480 horas de trabajo, firmadas por quien supervisó."]


def test_small_words() -> None:
    assert rules.pick({"es": "sí"}, "en") == "sí" and rules.pick({}, "en") == ""
    assert rules.plain(Decimal("8.00")) == "8" and rules.plain(Decimal("10")) == "10"
    assert rules.line(" a\x00\nb ", 10) == "a b" and len(rules.line("x" * 20, 10)) == 20
    assert rules.total([]) == 0 and rules.capped(Decimal(20_000)) == 10_000
    assert rules.person("  José  Núñez. ") == "jose  nunez" or rules.person("José Núñez.") == "jose nunez"
