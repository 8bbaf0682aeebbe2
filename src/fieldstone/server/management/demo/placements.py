"""Two invented placements on sea farms: one under way, one that a supervisor has reviewed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.timezone import localtime

from fieldstone.server.journeys import supervise
from fieldstone.server.people.models import User
from fieldstone.server.workplace import actions
from fieldstone.server.workplace.models import FeedbackForm, HoursEntry, Placement
from fieldstone.server.workplace.rules import Given

DONE = (
    "Graded oysters and washed bags.",
    "Flipped cages on the north lines.",
    "Checked the lines for wear and changed two shackles.",
    "Counted seed with the upweller crew.",
    "Hauled, sorted and iced the order for the co-op.",
)


def _begin(
    learner: User, form: FeedbackForm, *, employer: str, supervisor: str, weeks: int, started: datetime
) -> Placement:
    host = "".join(c for c in employer.lower() if c.isalpha())
    given = Given(
        kind="externship", employer=employer, supervisor_name=supervisor,
        supervisor_email=f"{supervisor.split()[0].lower()}@{host}.example.org", supervisor_language="en",
        starts_on=localtime(started).date(), ends_on=localtime(started + timedelta(weeks=weeks)).date(),
        hours_planned=240,
    )  # fmt: skip
    return actions.start(form=form, given=given, by=learner, at=started)


def _log(placement: Placement, n: int, at: datetime, hours: str = "8") -> HoursEntry:
    return actions.log(
        placement=placement, day=localtime(at).date(), hours=Decimal(hours), text=DONE[n % len(DONE)], key=f"day {n}",
        by=placement.learner, at=at,
    )  # fmt: skip


def under_way(*, learner: User, form: FeedbackForm, now: datetime) -> Placement:
    """Five weeks in: some hours are countersigned, one day came back, two wait; the review is not signed."""
    started = now - timedelta(weeks=5)
    placement = _begin(
        learner, form, employer="Two Coves Oyster Farm", supervisor="Hollis Berry Crane", weeks=12, started=started
    )
    rows = [_log(placement, n, started + timedelta(days=3 * n, hours=2), "7.5") for n in range(10)]
    sent = now - timedelta(days=5)
    link = actions.make_link(placement=placement, by_hand=False, by=learner, at=sent)
    marks = {row.pk: actions.Mark(row.revision, True) for row in rows[:-1]}
    marks[rows[-1].pk] = actions.Mark(rows[-1].revision, False, "We stopped at noon that day because of the wind.")
    supervise.countersign(link=link, marks=marks, name="Hollis Berry Crane", by=None, at=now - timedelta(days=4))
    for n in (10, 11):
        _log(placement, n, now - timedelta(days=13 - n))
    return placement


def reviewed(*, learner: User, form: FeedbackForm, now: datetime) -> Placement:
    """Twelve weeks, 240 hours countersigned, a positive review: the stack is complete."""
    started = now - timedelta(weeks=13)
    placement = _begin(
        learner, form, employer="Heron Neck Mussels", supervisor="Odile Marr Beal", weeks=12, started=started
    )
    rows = [_log(placement, n, started + timedelta(days=2 * n, hours=2)) for n in range(30)]
    signed = now - timedelta(days=9)
    link = actions.make_link(placement=placement, by_hand=False, by=learner, at=signed)
    marks = {row.pk: actions.Mark(row.revision, True) for row in rows}
    supervise.countersign(link=link, marks=marks, name="Odile Marr Beal", by=None, at=signed)
    answers = {"0": "demonstrated", "1": "demonstrated", "2": "demonstrated", "3": "not_seen"}
    supervise.sign(
        link=link, answers=answers, words="First at the float, and the one who saw that the anchors had moved.",
        name="Odile Marr Beal", language="en", by=None, at=signed,
    )  # fmt: skip
    return placement
