"""Placements for tests."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fieldstone.server.catalog.models import Program
from fieldstone.server.people.models import User
from fieldstone.server.workplace import actions
from fieldstone.server.workplace.models import FormVersion, HoursEntry, Placement, SupervisorLink
from fieldstone.server.workplace.rules import Given
from tests.cast import text

SAW = {"0": "demonstrated", "1": "demonstrated"}


def item(title: str) -> dict[str, Any]:
    return {
        "title": text(title, f"{title} (es)"),
        "demonstrated": text(f"{title}, alone.", f"{title}, sin ayuda."),
        "not_yet": text(f"{title}, with help.", f"{title}, con ayuda."),
    }


def form_body(**changes: Any) -> dict[str, Any]:
    body = {
        "title": text("Farm crew", "Tripulación de granja"),
        "summary": text("Twelve weeks of paid work."),
        "criteria": [item("Does the work"), item("Uses feedback")],
        "at_least": 0,
        "by_hand": True,
    }
    return {**body, **changes}


def make_form(program: Program, at: datetime, **changes: Any) -> FormVersion:
    return actions.create_form(program=program, body=form_body(**changes), by=None, at=at)


def given(**changes: Any) -> Given:
    values: dict[str, Any] = {
        "kind": "externship", "employer": "Two Coves Farm", "supervisor_name": "Sam Ledger",
        "supervisor_email": "sam@farm.example.org", "supervisor_language": "en", "starts_on": date(2026, 9, 1),
        "ends_on": None, "hours_planned": 240,
    }  # fmt: skip
    return Given(**{**values, **changes})


def place(version: FormVersion, learner: User, at: datetime, **changes: Any) -> Placement:
    return actions.start(form=version.form, given=given(**changes), by=learner, at=at)


def log(placement: Placement, at: datetime, hours: str = "8", day: int = 2, key: str = "") -> HoursEntry:
    return actions.log(
        placement=placement, day=date(2026, 11, day), hours=Decimal(hours), text="Graded oysters.",
        key=key or f"k{day}", by=placement.learner, at=at,
    )  # fmt: skip


def link_of(placement: Placement, at: datetime, *, by_hand: bool = False) -> SupervisorLink:
    return actions.make_link(placement=placement, by_hand=by_hand, by=placement.learner, at=at)


def right(*entries: HoursEntry) -> dict[Any, actions.Mark]:
    return {e.pk: actions.Mark(e.revision, True) for e in entries}
