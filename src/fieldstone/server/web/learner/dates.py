"""A learner's dates for her calendar: answers she waits for, last days of promises, ends of credentials, first and last
days at work, the weeks of her plan.

A calendar may lie open on a shared screen. So a title names a micro-credential where nothing else would say what is
meant, and never an employer, a person, pay, or the job that she aims for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from fieldstone import stacking
from fieldstone.server.assessment.models import Review
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.queries import title
from fieldstone.server.backpack.models import Brought
from fieldstone.server.backpack.queries import waiting_for
from fieldstone.server.connections.queries import of_learner as connections_of
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.models import Entry
from fieldstone.server.pathways import aims
from fieldstone.server.pathways import jobs as reads
from fieldstone.server.pathways.models import Aim, Pursuit
from fieldstone.server.people.models import PrintedCode, User
from fieldstone.server.recognition.models import Claim
from fieldstone.server.recognition.queries import for_credentials, targets
from fieldstone.server.study.models import CohortMember
from fieldstone.server.web.shared.calendar import Event, calendar
from fieldstone.server.web.shared.templatetags.fieldstone import hours, text
from fieldstone.server.workplace import rules as work
from fieldstone.server.workplace.models import HoursEntry, Placement, SupervisorLink

Names = Mapping[str, Mapping[str, str]]
KEPT: Final = timedelta(days=60)
"""How long a day that has passed stays in the calendar."""
MOST_WEEKS: Final = 60
LONGEST: Final = 120
"""Signs of a title from elsewhere."""
OFFERED: Final = (
    "catalog.published", "catalog.retired", "catalog.restored", "pathways.published", "pathways.retired",
    "pathways.restored", "reference.imported", "reference.starter",
)  # fmt: skip
"""What changes plans without touching the learner: verbs of the record."""


@dataclass(frozen=True)
class Dated:
    """One date of hers. `since` is when the row behind it was made; `of` are the rows whose lines in the record say
    when it changed."""

    uid: str
    day: date
    summary: str
    since: datetime
    of: tuple[UUID, ...]
    url: str = ""
    days: int = 1


def feed(user: User, *, at: datetime, language: str) -> bytes:
    """Her dates as iCalendar, in the language that is active; the same bytes as long as nothing has changed."""
    return calendar(events(user, at=at), name="Fieldstone", language=language, private=True)


def events(user: User, *, at: datetime) -> list[Event]:
    """Her dates from sixty days ago on, the earliest first. The number of queries does not grow with what she has."""
    today = localtime(at).date()
    found = [*_answers(user), *_promises(user, at), *_credentials(user, at), *_work(user, at), *_doors(user, at)]
    told = _told(user, {row for dated in found for row in dated.of})
    plan, changed = _plan(user, at)
    host = urlsplit(settings.BASE_URL).hostname
    rows = [(d, max(d.since, told[user.pk], *(told[row] for row in d.of if row in told))) for d in found]
    rows += [(d, max(changed, told[user.pk])) for d in plan]
    return [
        Event(
            uid=f"{d.uid}@{host}",
            start=d.day,
            end=d.day + timedelta(days=d.days),
            summary=d.summary,
            changed=changed,
            url=settings.BASE_URL + (d.url or reverse("learner:path")),
        )
        for d, changed in sorted(rows, key=lambda row: (row[0].day, row[0].uid))
        if d.day + timedelta(days=d.days) > today - KEPT
    ]


def _told(user: User, rows: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the record last had something to say about each of these rows, and about her own words and language."""
    lines = Entry.objects.filter(subject_id__in=list(rows)).order_by().values_list("subject_id")
    own = Entry.objects.filter(subject_id=user.pk, verb="people.profile_changed").aggregate(at=Max("at"))
    return {**dict(lines.annotate(at=Max("at"))), user.pk: own["at"] or user.joined_at}


def _day(moment: datetime) -> date:
    return localtime(moment).date()


def _answers(user: User) -> Iterator[Dated]:
    """Answers to what she sent, and to what she asked of a promise."""
    reviews = Review.objects.filter(submission__enrollment__learner=user).exclude(state="decided")
    for review in reviews.select_related("submission__enrollment__version"):
        work = review.submission.enrollment
        yield Dated(
            uid=f"answer-{review.pk}",
            day=_day(review.due_at),
            summary=_("Answer due: %(title)s") % {"title": text(work.version.parsed.title)},
            since=review.opened_at,
            of=(review.pk,),
            url=reverse("learner:status", args=[work.pk]),
        )
    for claim in Claim.objects.filter(learner=user, answered_at=None):
        yield Dated(
            uid=f"claim-{claim.pk}",
            day=_day(claim.due_at),
            summary=_("Answer due: a promise that you asked for"),
            since=claim.claimed_at,
            of=(claim.pk,),
            url=reverse("learner:claims"),
        )


def _promises(user: User, at: datetime) -> Iterator[Dated]:
    """Last days of promises on her way or earned, and not asked for yet."""
    held = Award.objects.live().filter(learner=user).values_list("micro_credential", "stack_id")
    begun = Enrollment.objects.filter(learner=user, left_at=None).values_list("micro_credential", flat=True)
    followed = Pursuit.objects.filter(learner=user).values_list("stack", flat=True)
    micro = {row[0] for row in held} | set(begun)
    stacks = {row[1] for row in held if row[1] is not None} | set(followed)
    asked = set(Claim.objects.filter(learner=user).values_list("promise", flat=True))
    told = [t.promise for t in for_credentials(micro_credentials=micro, stacks=stacks, at=at)]
    ending = [promise for promise in told if promise.pk not in asked]
    named, changed = targets(ending), _offers_changed()
    for promise in ending:
        if promise.ends_on is None or promise.pk not in named:
            continue
        yield Dated(
            uid=f"promise-{promise.pk}",
            day=promise.ends_on,
            summary=_("Last day to ask for what was promised: %(title)s") % {"title": text(named[promise.pk].title)},
            since=max(promise.made_at, changed or promise.made_at),
            of=(promise.pk,),
        )


def _credentials(user: User, at: datetime) -> Iterator[Dated]:
    """Until when her credentials are valid, those from elsewhere too; until when one waits to be picked up."""
    awards = Award.objects.live().filter(learner=user, valid_until__isnull=False)
    for award in awards.select_related("version", "document"):
        yield _ends(f"award-{award.pk}", award.valid_until, text(title(award)), award.issued_at, award.pk)
    for brought in Brought.objects.filter(learner=user, valid_until__isnull=False):
        yield _ends(f"brought-{brought.pk}", brought.valid_until, brought.title, brought.brought_at, brought.pk)
    for pickup in waiting_for(user, at):
        yield Dated(
            uid=f"pickup-{pickup.pk}",
            day=_day(pickup.expires_at),
            summary=_("Last day to pick up a credential"),
            since=pickup.made_at,
            of=(pickup.pk,),
            url=reverse("learner:credentials"),
        )


def _ends(uid: str, until: datetime | None, name: str, since: datetime, row: UUID) -> Dated:
    assert until is not None
    summary = _("Valid until today: %(title)s") % {"title": name[:LONGEST]}
    return Dated(uid, _day(until), summary, since, (row,), reverse("learner:credentials"))


def _work(user: User, at: datetime) -> Iterator[Dated]:
    """First and last day at a workplace, and the end of her supervisor's link; the first day of her cohort."""
    for placement in Placement.objects.filter(learner=user, closed_at=None, set_aside_at=None):
        url = reverse("learner:work", args=[placement.pk])
        days = {"first": (placement.starts_on, _("First day at your workplace"))}
        if placement.ends_on is not None:
            days["last"] = (placement.ends_on, _("Last day at your workplace"))
        for name, (day, summary) in days.items():
            yield Dated(f"work-{name}-{placement.pk}", day, summary, placement.started_at, (placement.pk,), url)
    links = SupervisorLink.objects.filter(placement__learner=user, placement__closed_at=None, placement__review=None)
    for link in links.filter(ended_at=None, not_me_at=None, expires_at__gt=at):
        summary, url = _("Your supervisor’s link ends"), reverse("learner:work", args=[link.placement_id])
        yield Dated(f"link-{link.pk}", _day(link.expires_at), summary, link.made_at, (link.pk,), url)
    for place in CohortMember.objects.filter(learner=user).select_related("cohort"):
        summary = _("Your group begins")
        yield Dated(f"cohort-{place.pk}", place.cohort.starts_on, summary, place.joined_at, (place.cohort_id,))


def _doors(user: User, at: datetime) -> Iterator[Dated]:
    """Until when her code on paper opens her account, and until when an app may act for her."""
    for code in PrintedCode.objects.filter(user=user, ended_at=None, expires_at__gt=at):
        yield Dated(f"code-{code.pk}", _day(code.expires_at), _("Your code on paper ends"), code.made_at, (code.pk,))
    for row in connections_of(user, at=at):
        summary, url = _("An app’s access to your page ends"), reverse("learner:apps")
        yield Dated(f"app-{row.pk}", _day(row.ends_at), summary, row.allowed_at, (row.pk,), url)


# --- the plan ---------------------------------------------------------------------------------------------------


def _plan(user: User, at: datetime) -> tuple[list[Dated], datetime]:
    """The weeks of the plan for the job that she chose and the days on which its parts are done, and when it changed.

    Weeks begin on Mondays, the first is this one, so that the plan stays as it is from one day to the next.
    """
    aim = Aim.objects.filter(learner=user).exclude(occupation="").first()
    if aim is None:
        return [], user.joined_at
    wishes = aims.Wishes(hours_a_week=aim.hours_a_week, money_cents=aim.money_cents)
    asked, _problems = aims.asked("", None, None, "", wishes)
    planned = reads.planned(aim.occupation, reads.Standing(user, reads.offered(), at), asked)
    if planned is None or not isinstance(planned.plan, stacking.Plan):
        return [], user.joined_at
    today = localtime(at).date()
    monday = today - timedelta(days=today.weekday())
    found = [*_weeks(planned.plan, planned.names, monday, aim.pk), *_done(planned.plan, planned.names, monday, aim.pk)]
    return found, _plan_changed(user, aim, monday, at)


def _weeks(plan: stacking.Plan, names: Names, monday: date, aim: UUID) -> Iterator[Dated]:
    for week in plan.weeks[:MOST_WEEKS]:
        begins = monday + timedelta(weeks=week.number - 1)
        parts = "; ".join(f"{text(names.get(offer.credential, {}))}, {hours(h)}" for offer, h in week.work)
        summary = _("Your plan this week: %(work)s") % {"work": parts}
        yield Dated(f"plan-{begins:%Y%m%d}-{aim}", begins, summary, plan.begins, (), days=7)


def _done(plan: stacking.Plan, names: Names, monday: date, aim: UUID) -> Iterator[Dated]:
    for step in plan.steps:
        worked = (step.ends - plan.begins).total_seconds() // 60 / (24 * 60)
        day = monday + timedelta(days=max(0, math.ceil(worked) - 1))
        if day < monday + timedelta(weeks=MOST_WEEKS):
            words = _("By today: %(title)s") if work.named(step.offer.credential) else _("Send by today: %(title)s")
            summary = words % {"title": text(names.get(step.offer.credential, {}))}
            yield Dated(f"plan-done-{step.offer.credential}-{aim}", day, summary, plan.begins, ())


def _plan_changed(user: User, aim: Aim, monday: date, at: datetime) -> datetime:
    """When the plan last changed or could have: her aim, what she holds, what is offered, or the week."""
    awards = list(Award.objects.filter(learner=user).values_list("pk", "valid_until"))
    rows = {aim.pk, *(pk for pk, _until in awards)}
    rows |= set(Placement.objects.filter(learner=user).values_list("pk", flat=True))
    rows |= set(SupervisorLink.objects.filter(placement__learner=user).values_list("pk", flat=True))
    rows |= set(HoursEntry.objects.filter(placement__learner=user).values_list("pk", flat=True))
    about: datetime | None = Entry.objects.filter(subject_id__in=list(rows)).aggregate(at=Max("at"))["at"]
    ended = [until for _pk, until in awards if until is not None and until <= at]
    start = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    begun = start - timedelta(days=(start.date() - monday).days)
    return max(aim.updated_at, begun, *ended, *(moment for moment in (about, _offers_changed()) if moment))


def _offers_changed() -> datetime | None:
    """When something was last published, retired or restored, or facts about jobs were loaded."""
    found: datetime | None = Entry.objects.filter(verb__in=OFFERED).aggregate(at=Max("at"))["at"]
    return found
