"""Calendars: what another program reads from them is what was put in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.server.web.shared.calendar import Event, calendar

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n;,:\\\"ñ😀"), max_size=200)


def read(data: bytes) -> list[icalendar.cal.Component]:
    """The events that another program finds."""
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_a_whole_calendar_written_by_hand() -> None:
    event = Event(
        uid="answer-1@fieldstone.example", start=date(2026, 12, 3), summary="Answer due; bring, a pen",
        changed=AT, url="https://fieldstone.example/path/1/",
    )  # fmt: skip
    assert calendar([event], name="My dates").decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Fieldstone//Fieldstone 1.0//EN",
        "CALSCALE:GREGORIAN",
        "NAME;LANGUAGE=en:My dates",
        "X-WR-CALNAME:My dates",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
        "BEGIN:VEVENT",
        "UID:answer-1@fieldstone.example",
        "DTSTAMP:20261123T150000Z",
        "LAST-MODIFIED:20261123T150000Z",
        "SEQUENCE:28220400",
        "DTSTART;VALUE=DATE:20261203",
        "DTEND;VALUE=DATE:20261204",
        "SUMMARY;LANGUAGE=en:Answer due\\; bring\\, a pen",
        "URL:https://fieldstone.example/path/1/",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@settings(max_examples=60, deadline=None)
@given(summary=TEXT, description=TEXT, days=st.integers(0, 400))
def test_another_program_reads_what_was_written(summary: str, description: str, days: int) -> None:
    start = date(2026, 1, 1) + timedelta(days)
    data = calendar(
        [
            Event(uid="a", start=start, summary=summary, changed=AT, description=description),
            Event(uid="b", start=AT, end=AT + timedelta(hours=2), summary=summary, changed=AT, busy=True),
        ],
        name=summary, language="es",
    )  # fmt: skip
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    data.decode()
    for line in data.split(b"\r\n"):
        line.decode()
    day, moment = read(data)
    assert str(day["SUMMARY"]) == summary
    assert str(day.get("DESCRIPTION", "")) == description
    assert (day.decoded("DTSTART"), day.decoded("DTEND")) == (start, start + timedelta(1))
    assert (moment.decoded("DTSTART"), moment.decoded("DTEND")) == (AT, AT + timedelta(hours=2))
    assert (str(day["TRANSP"]), str(moment["TRANSP"])) == ("TRANSPARENT", "OPAQUE")


def test_moments_are_written_in_utc() -> None:
    east = datetime(2026, 12, 1, 1, 30, tzinfo=timezone(timedelta(hours=5)))
    assert b"DTSTART:20261130T203000Z\r\n" in calendar([Event("a", east, "x", AT)], name="n")


def test_control_characters_are_left_out_and_line_ends_are_one_kind() -> None:
    data = calendar([Event("a", date(2026, 1, 1), "a\x00b\x07", AT, description="one\r\ntwo\rthree")], name="n")
    assert b"SUMMARY;LANGUAGE=en:ab\r\n" in data
    assert b"DESCRIPTION;LANGUAGE=en:one\\ntwo\\nthree\r\n" in data


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([Event("a", datetime(2026, 1, 1), "x", AT)], "zone"),
        ([Event("a", date(2026, 1, 1), "x", AT, end=date(2026, 1, 1))], "not after its start"),
        ([Event("a", AT, "x", AT, end=date(2027, 1, 1))], "not after its start"),
        ([Event("a", AT, "x", AT), Event("a", AT, "y", AT)], "comes twice"),
    ],
)
def test_what_no_calendar_can_say_is_refused(events: list[Event], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        calendar(events, name="n")
