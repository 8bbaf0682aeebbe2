"""Placements at work, as pure decisions: forms for supervisors, hours, links, and what is signed.

A form's definition is `{"title", "summary", "criteria": [{"title", "demonstrated", "not_yet"}], "at_least",
"by_hand"}`. In a stack's tree a form is named twice over: `review:<form>` is held by whoever has a positive review,
and `hours:<form>` brings the hours that were countersigned.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from fieldstone.server.catalog.rules import Reader, Text
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

KINDS = ("externship", "job", "self_employed")
ANSWERS = ("demonstrated", "not_yet", "not_seen")
"""What a supervisor says to a criterion: saw it, not yet, had no chance to see it. The last counts as not shown."""
REVIEW = "review"
HOURS = "hours"
AREA = "at-work"
"""The area in which hours at work are counted; no subject area has a hyphen in its code."""
PLACEMENT_HOURS = 160
"""What a review takes where a tree asks for no hours with it: about four weeks of work."""
LINK_DAYS = 60
"""How long a supervisor's link works."""
LINKS_A_DAY = 3
"""How many links one placement may send or show in 24 hours."""
LINKS_OF_ONE = 12
"""How many links all placements of one learner may send or show in 24 hours: mail to strangers has an end."""
LINK_REPEAT = timedelta(minutes=1)
"""Asked for again within this time, the link is the one just made: browsers send a form twice by themselves."""
OPEN_PLACEMENTS = 10
"""How many open placements one learner may have."""
ENTRIES = 1500
"""How many entries of hours one placement may have."""
DAY = Decimal(24)
BACK_DAYS = 400
"""How far back hours may be logged."""
MOST_HOURS = 10_000
"""The most hours that a plan may state, and that countersigned hours count for."""
WORDS = 300
"""Signs of the sentence beside hours, and of a reason."""
SAID = 2000
"""Signs of what a supervisor writes in her own words."""

EMPTY: dict[str, Any] = {"title": {}, "summary": {}, "criteria": [], "at_least": 0, "by_hand": True}

NEEDED = _("Write this. It is needed.")
STATEMENT: Text = {
    "en": "I supervised this work, or I was its client, or I license the place. What I say here is what I saw. "
    "My typed name is my signature.",
    "es": "Supervisé este trabajo, o fui su cliente, o doy la licencia del lugar. Lo que digo aquí es lo que vi. "
    "Mi nombre escrito es mi firma.",
}
"""What a supervisor signs, in plain words; it is part of the signed text."""


# --- names in a tree ----------------------------------------------------------------------------------


def review_of(form: UUID) -> str:
    """The id under which a positive review by this form is held."""
    return f"{REVIEW}:{form}"


def hours_of(form: UUID) -> str:
    """The id under which hours countersigned for this form are held."""
    return f"{HOURS}:{form}"


def named(credential: str) -> tuple[str, UUID] | None:
    """("review" | "hours", form) for such an id; None for any other."""
    kind, _colon, rest = credential.partition(":")
    if kind not in (REVIEW, HOURS):
        return None
    try:
        return kind, UUID(rest)
    except ValueError:
        return None


# --- the form -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One criterion: its title, and in the rubric's own words what is seen, and what is not yet."""

    title: Text
    demonstrated: Text
    not_yet: Text


@dataclass(frozen=True)
class FormDefinition:
    """A form, checked. `needed` criteria must be seen for a review to be positive."""

    title: Text
    summary: Text
    criteria: tuple[Item, ...]
    at_least: int
    by_hand: bool

    @property
    def needed(self) -> int:
        """How many criteria must be demonstrated; 0 in the definition means every one."""
        return self.at_least or len(self.criteria)


def parse(data: Any) -> tuple[FormDefinition, list[Problem]]:
    """Read a form's definition. Always returns one, and every problem found."""
    r = Reader(data if isinstance(data, Mapping) else {})
    d = {**EMPTY, **r.data}
    for name in sorted(set(map(str, r.data)) - set(EMPTY)):
        r.add(name, _("No such field."))
    title = d["title"]
    if isinstance(title, Mapping) and not title.get("en") and title.get("es"):
        r.first_language = "es"
    items = []
    for i, raw in enumerate(r.items(d["criteria"], "criteria", 1, 12)):
        row = r.record(raw, f"criteria.{i}")
        items.append(
            Item(
                title=r.text(row.get("title"), f"criteria.{i}.title", limit=160),
                demonstrated=r.text(row.get("demonstrated"), f"criteria.{i}.demonstrated", limit=600),
                not_yet=r.text(row.get("not_yet"), f"criteria.{i}.not_yet", limit=600),
            )
        )
    definition = FormDefinition(
        title=r.text(title, "title", limit=120),
        summary=r.text(d["summary"], "summary", limit=600),
        criteria=tuple(items),
        at_least=r.number(d["at_least"], "at_least", 0, max(1, len(items))),
        by_hand=d["by_hand"] is True,
    )
    return definition, r.problems


def positive(definition: FormDefinition, answers: Mapping[str, str]) -> bool:
    """Whether these answers (by the criterion's number as text, from "0") make a positive review."""
    seen = sum(answers.get(str(n)) == "demonstrated" for n in range(len(definition.criteria)))
    return seen >= definition.needed


def missing_answers(definition: FormDefinition, answers: Mapping[str, str]) -> list[Problem]:
    """A problem for each criterion without one of the three answers; the field is `answer-<number>`."""
    return [
        Problem(f"answer-{n}", _("Choose an answer for “%(title)s”."), {"title": item.title})
        for n, item in enumerate(definition.criteria)
        if answers.get(str(n)) not in ANSWERS
    ]


# --- a placement --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """What a learner says about a placement."""

    kind: str
    employer: str
    supervisor_name: str
    supervisor_email: str
    supervisor_language: str
    starts_on: date | None
    ends_on: date | None
    hours_planned: int


def line(text: str, limit: int) -> str:
    """One line without control signs; what is longer than `limit` stays longer, so that it can be refused."""
    clean = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text[: limit * 4 + 50])
    return " ".join(clean.split())


def person(text: str) -> str:
    """A name as it is compared: one line, small letters, no accents."""
    plain = unicodedata.normalize("NFKD", line(text, 200)).casefold()
    return re.sub(r"[^\w ]", "", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def wrong_placement(given: Given, *, learner_name: str, learner_email: str, today: date) -> list[Problem]:
    """Everything that is wrong with a placement as it was given. The learner is never her own supervisor."""
    found = []
    if given.kind not in KINDS:
        found.append(Problem("kind", _("Choose what kind of work it is.")))
    for name, words in (("employer", given.employer), ("supervisor_name", given.supervisor_name)):
        if not words:
            found.append(Problem(name, NEEDED))
        elif len(words) > 120:
            found.append(Problem(name, _("Shorten this to %(limit)s signs."), {"limit": 120}))
    if given.supervisor_email and given.supervisor_email == learner_email.strip().lower():
        message = _("This is your own address. Somebody else has to sign; write that person’s address.")
        found.append(Problem("supervisor_email", message))
    if given.supervisor_name and person(given.supervisor_name) == person(learner_name):
        found.append(Problem("supervisor_name", _("This is your own name. Somebody else has to sign.")))
    if given.starts_on is None:
        found.append(Problem("starts_on", _("Write the day on which the work began or begins.")))
    elif not today - timedelta(days=BACK_DAYS) <= given.starts_on <= today + timedelta(days=BACK_DAYS):
        message = _("Write a day within %(days)s days of today.")
        found.append(Problem("starts_on", message, {"days": BACK_DAYS}))
    elif given.ends_on is not None and not given.starts_on <= given.ends_on <= date(given.starts_on.year + 10, 1, 1):
        found.append(Problem("ends_on", _("The last day comes after the first one.")))
    if not 0 <= given.hours_planned <= MOST_HOURS:
        message = _("Give a whole number from %(low)s to %(high)s.")
        found.append(Problem("hours_planned", message, {"low": 0, "high": MOST_HOURS}))
    return found


# --- hours --------------------------------------------------------------------------------------------


def amount(typed: str) -> Decimal | None:
    """Hours as people type them (7.5 or 7,5 or 7:30), with at most two decimals; None for what is no such number."""
    text = typed.strip().replace(",", ".")
    clock = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])", text)
    if clock:
        return Decimal(clock[1]) + (Decimal(clock[2]) / 60).quantize(Decimal("0.01"))
    if not re.fullmatch(r"[+-]?[0-9]{1,6}(\.[0-9]{1,6})?", text):
        return None
    exact = Decimal(text)
    return exact if exact == round(exact, 2) else None


def wrong_hours(
    hours: Decimal | None, day: date | None, text: str, *, starts_on: date, ends_on: date | None, today: date,
    others: Decimal,
) -> list[Problem]:  # fmt: skip
    """Everything that is wrong with one entry. `others` are her other hours of that day, wherever she worked."""
    found = []
    if hours is None:
        found.append(Problem("hours", _("Write the hours as a number, such as 7.5.")))
    elif not 0 < hours <= DAY:
        found.append(Problem("hours", _("One day has more than 0 and at most 24 hours.")))
    elif hours + others > DAY:
        message = _("You have %(others)s hours on that day already; with these it would be more than 24.")
        found.append(Problem("hours", message, {"others": plain(others)}))
    if day is None:
        found.append(Problem("day", _("Write the day.")))
    elif day > today:
        found.append(Problem("day", _("This day has not come yet.")))
    elif day < starts_on:
        found.append(Problem("day", _("This is before the first day of this work.")))
    elif ends_on is not None and day > ends_on:
        found.append(Problem("day", _("This is after the last day of this work.")))
    elif day < today - timedelta(days=BACK_DAYS):
        message = _("Hours can be logged for the last %(days)s days.")
        found.append(Problem("day", message, {"days": BACK_DAYS}))
    if not text:
        found.append(Problem("text", _("Write in one sentence what you did.")))
    elif len(text) > WORDS:
        found.append(Problem("text", _("Shorten this to %(limit)s signs."), {"limit": WORDS}))
    return found


class Entry(Protocol):
    """What decides how an entry of hours stands."""

    removed_at: datetime | None
    countersigned_at: datetime | None
    refused_at: datetime | None


def entry_state(entry: Entry) -> str:
    """removed, countersigned, refused or waiting."""
    if entry.removed_at is not None:
        return "removed"
    if entry.countersigned_at is not None:
        return "countersigned"
    return "refused" if entry.refused_at is not None else "waiting"


def plain(hours: Decimal) -> str:
    """7, 7.5 or 0.25: no needless zeros."""
    text = f"{hours:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- links and states ---------------------------------------------------------------------------------


class Link(Protocol):
    """What decides how a link stands."""

    expires_at: datetime
    ended_at: datetime | None
    not_me_at: datetime | None


def link_state(link: Link, at: datetime) -> str:
    """not_me, ended, expired or open."""
    if link.not_me_at is not None:
        return "not_me"
    if link.ended_at is not None:
        return "ended"
    return "expired" if at >= link.expires_at else "open"


def placement_state(*, closed: bool, set_aside: bool, reviewed: bool, link: str | None) -> str:
    """set_aside, closed, reviewed, sent (a link is open), wrong_person, stale (the link is too old), or begun."""
    if set_aside:
        return "set_aside"
    if reviewed:
        return "reviewed"
    if closed:
        return "closed"
    return {"open": "sent", "not_me": "wrong_person", "expired": "stale"}.get(link or "", "begun")


# --- what is signed -----------------------------------------------------------------------------------

_SIGNED: Mapping[str, Mapping[str, str]] = {
    "en": {
        "about": "About: {learner}, at {employer}, from {start}{end}",
        "to": " to {end}",
        "hours": "Hours countersigned so far: {hours}",
        "demonstrated": "seen",
        "not_yet": "not yet",
        "not_seen": "no chance to see it",
        "words": "In my own words: {words}",
        "signed": "Signed: {name}, {at}",
    },
    "es": {
        "about": "Sobre: {learner}, en {employer}, desde {start}{end}",
        "to": " hasta {end}",
        "hours": "Horas firmadas hasta ahora: {hours}",
        "demonstrated": "lo vi",
        "not_yet": "todavía no",
        "not_seen": "no tuve ocasión de verlo",
        "words": "Con mis palabras: {words}",
        "signed": "Firma: {name}, {at}",
    },
}


def pick(words: Text, language: str) -> str:
    """The text in that language, else in any that there is."""
    return words.get(language) or next((w for w in words.values() if w), "")


@dataclass(frozen=True)
class Signing:
    """Everything that a review says."""

    definition: FormDefinition
    answers: Mapping[str, str]
    words: str
    learner: str
    employer: str
    starts_on: date
    ends_on: date | None
    hours: Decimal
    name: str
    at: datetime
    language: str


def signed_text(s: Signing) -> str:
    """The very text that a supervisor signs, line by line, in the language that she read. Its digest is kept."""
    language = s.language if s.language in _SIGNED else "en"
    say = _SIGNED[language]
    end = say["to"].format(end=s.ends_on.isoformat()) if s.ends_on else ""
    lines = [
        pick(s.definition.title, language),
        say["about"].format(learner=s.learner, employer=s.employer, start=s.starts_on.isoformat(), end=end),
        say["hours"].format(hours=plain(s.hours)),
    ]
    for n, item in enumerate(s.definition.criteria):
        answer = s.answers[str(n)]
        meaning = {"demonstrated": item.demonstrated, "not_yet": item.not_yet}.get(answer, {})
        words = pick(meaning, language)
        lines.append(f"{n + 1}. {pick(item.title, language)}: {say[answer]}" + (f" ({words})" if words else ""))
    if s.words:
        lines.append(say["words"].format(words=s.words))
    lines += [pick(STATEMENT, language), say["signed"].format(name=s.name, at=s.at.isoformat(timespec="seconds"))]
    return "\n".join(lines)


# --- what counts --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Credit:
    """What one learner's placements under one form come to.

    `reviewed_at` is when a positive review was signed; `asked` whether a supervisor has a link now. `hours` are
    countersigned, the last of them at `hours_at`; `waiting` are logged and not countersigned.
    """

    form: UUID
    organization: UUID
    reviewed_at: datetime | None
    asked: bool
    hours: Decimal
    hours_at: datetime | None
    waiting: Decimal


def capped(hours: Decimal) -> Decimal:
    """Hours as they may count, without needless zeros."""
    return Decimal(plain(min(hours, Decimal(MOST_HOURS))))


def total(hours: Iterable[Decimal]) -> Decimal:
    """The sum, also of none."""
    return sum(hours, Decimal(0))


def endorsed(credits: Sequence[tuple[str, Decimal]], language: str) -> list[str]:
    """Lines for a credential's narrative: what a workplace stands for, without anybody's name.

    `credits` are ("review", 0) and ("hours", sum) as they met a stack.
    """
    said = {
        "en": ("Positive review by a workplace supervisor.", "{hours} hours of work, countersigned by a supervisor."),
        "es": (
            "Evaluación positiva de quien supervisó en el lugar de trabajo.",
            "{hours} horas de trabajo, firmadas por quien supervisó.",
        ),
    }[language]
    return [said[0] if kind == REVIEW else said[1].format(hours=plain(hours)) for kind, hours in credits]
