"""Invented placements: two on sea farms, two with children; of each one under way, and one that is reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.timezone import localtime

from fieldstone.server.journeys import supervise
from fieldstone.server.people.models import User
from fieldstone.server.workplace import actions
from fieldstone.server.workplace.models import FeedbackForm, HoursEntry, Placement, SupervisorLink
from fieldstone.server.workplace.rules import Given

DONE = (
    "Graded oysters and washed bags.",
    "Flipped cages on the north lines.",
    "Checked the lines for wear and changed two shackles.",
    "Counted seed with the upweller crew.",
    "Hauled, sorted and iced the order for the co-op.",
)
CHILDREN = (
    "Read aloud twice and talked about the pictures with each child.",
    "Set out blocks and water, and wrote down what two children did.",
    "Washed hands before meals, checked cots and the yard.",
    "Led the morning circle and the walk to the garden.",
    "Told each family one thing from the day at pickup.",
)


def _begin(
    learner: User, form: FeedbackForm, *, employer: str, supervisor: str, weeks: int, started: datetime,
    kind: str = "externship", hours: int = 240,
) -> Placement:  # fmt: skip
    host = "".join(c for c in employer.lower() if c.isalpha())
    given = Given(
        kind=kind, employer=employer, supervisor_name=supervisor,
        supervisor_email=f"{supervisor.split()[0].lower()}@{host}.example.org", supervisor_language="en",
        starts_on=localtime(started).date(), ends_on=localtime(started + timedelta(weeks=weeks)).date(),
        hours_planned=hours,
    )  # fmt: skip
    return actions.start(form=form, given=given, by=learner, at=started)


def _log(
    placement: Placement, n: int, at: datetime, hours: str = "8", done: Sequence[str] = DONE
) -> HoursEntry:
    return actions.log(
        placement=placement, day=localtime(at).date(), hours=Decimal(hours), text=done[n % len(done)], key=f"day {n}",
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


def with_children(*, learner: User, form: FeedbackForm, now: datetime, days: int) -> Placement:
    """Some days of eight hours in a center; all but the last two are countersigned. Nobody has reviewed it yet."""
    started = now - timedelta(days=2 * days + 10)
    placement = _begin(
        learner, form, employer="Cumberland Little Sprouts", supervisor="Verna Tate Holloway", weeks=40,
        started=started, kind="job", hours=480,
    )  # fmt: skip
    _signed(placement, days, started, now - timedelta(days=6), "Verna Tate Holloway")
    for n in (days, days + 1):
        _log(placement, n, now - timedelta(days=days + 4 - n), done=CHILDREN)
    return placement


def at_home(*, learner: User, form: FeedbackForm, now: datetime) -> Placement:
    """A home of her own, and a licensing visitor who signed 480 hours and a positive review."""
    started = now - timedelta(days=150)
    placement = _begin(
        learner, form, employer="Brewer Family Child Care", supervisor="Celia Marsh Okafor", weeks=52,
        started=started, kind="self_employed", hours=480,
    )  # fmt: skip
    link = _signed(placement, 60, started, now - timedelta(days=21), "Celia Marsh Okafor")
    answers = dict.fromkeys(("0", "1", "2", "3"), "demonstrated")
    supervise.sign(
        link=link, answers=answers, words="Calm mornings, and every family knows how the day went.",
        name="Celia Marsh Okafor", language="en", by=None, at=now - timedelta(days=20),
    )  # fmt: skip
    return placement


def _signed(placement: Placement, days: int, started: datetime, at: datetime, name: str) -> SupervisorLink:
    """Every other day from the start, eight hours each, countersigned at that moment."""
    rows = [_log(placement, n, started + timedelta(days=2 * n, hours=2), done=CHILDREN) for n in range(days)]
    link = actions.make_link(placement=placement, by_hand=False, by=placement.learner, at=at)
    marks = {row.pk: actions.Mark(row.revision, True) for row in rows}
    supervise.countersign(link=link, marks=marks, name=name, by=None, at=at)
    return link
