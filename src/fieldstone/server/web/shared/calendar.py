"""iCalendar (RFC 5545): days and times as a file that calendars on phones and computers read. Pure: no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
WIDEST: Final = 75
"""Octets of a line, without its end (section 3.1)."""
FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""From when on SEQUENCE counts seconds; it has room until 2094."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    """Something with a day or a time.

    `uid` is the same each time the same thing is written, so that a calendar replaces it instead of doubling it.
    A `date` is a whole day, a `datetime` (with its zone) is written in UTC. `end` is exclusive; without one a day is
    one day long, and a moment has no length. `changed` is when what it says last changed (with its zone).
    """

    uid: str
    start: date | datetime
    summary: str
    changed: datetime
    end: date | datetime | None = None
    description: str = ""
    url: str = ""
    busy: bool = False


def calendar(
    events: Iterable[Event], *, name: str, language: str = "en", refresh_hours: int = 12, private: bool = False
) -> bytes:
    """A calendar with these events, in their order; lines end in CRLF and are folded at 75 octets.

    `private` asks calendars that others may look into to show them that somebody is busy, and no more (section
    3.8.1.3). SEQUENCE (3.8.7.4) grows with the moment of the last change, so that nothing has to be counted.
    Raises ValueError for a moment without a zone, an end that is not after its start, or a uid that comes twice.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Fieldstone//Fieldstone 1.0//EN",
        "CALSCALE:GREGORIAN",
        f"NAME;LANGUAGE={language}:{_escaped(name)}",
        f"X-WR-CALNAME:{_escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_hours}H",
        f"X-PUBLISHED-TTL:PT{refresh_hours}H",
    ]
    seen: set[str] = set()
    for event in events:
        if event.uid in seen:
            raise ValueError(f"the uid {event.uid} comes twice")
        seen.add(event.uid)
        lines += _lines(event, language, private)
    lines.append("END:VCALENDAR")
    return b"".join(folded + b"\r\n" for line in lines for folded in _folded(line))


def _lines(event: Event, language: str, private: bool) -> Iterator[str]:
    end = event.end
    if end is None and not isinstance(event.start, datetime):
        end = event.start + timedelta(days=1)
    if end is not None and (
        isinstance(end, datetime) != isinstance(event.start, datetime) or _moment(end) <= _moment(event.start)
    ):
        raise ValueError(f"the end of {event.uid} is not after its start")
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"DTSTAMP:{_moment(event.changed)}"
    yield f"LAST-MODIFIED:{_moment(event.changed)}"
    yield f"SEQUENCE:{max(0, int((event.changed - FIRST).total_seconds()))}"
    if private:
        yield "CLASS:PRIVATE"
    yield f"DTSTART{_typed(event.start)}"
    if end is not None:
        yield f"DTEND{_typed(end)}"
    yield f"SUMMARY;LANGUAGE={language}:{_escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION;LANGUAGE={language}:{_escaped(event.description)}"
    if event.url:
        yield f"URL:{_CONTROL.sub('', event.url)}"
    yield f"TRANSP:{'OPAQUE' if event.busy else 'TRANSPARENT'}"
    yield "END:VEVENT"


def _typed(value: date | datetime) -> str:
    return f":{_moment(value)}" if isinstance(value, datetime) else f";VALUE=DATE:{_moment(value)}"


def _moment(value: date | datetime) -> str:
    """A day, or a moment in UTC."""
    if not isinstance(value, datetime):
        return value.strftime("%Y%m%d")
    if value.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """A TEXT value (section 3.3.11): backslash, semicolon, comma and line ends are written out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, written)
    return _CONTROL.sub("", plain)


def _folded(line: str) -> Iterator[bytes]:
    """A line in pieces of at most 75 octets; the later ones begin with a space. No letter is cut in two."""
    data = line.encode()
    room, start = WIDEST, 0
    while len(data) - start > room:
        cut = start + room
        while data[cut] & 0xC0 == 0x80:
            cut -= 1
        yield (b" " if start else b"") + data[start:cut]
        start, room = cut, WIDEST - 1
    yield (b" " if start else b"") + data[start:]
