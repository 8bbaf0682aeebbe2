"""Reads about how people get on, for coaches and program leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from fieldstone.outcomes import THRESHOLD
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.assessment.rules import business_days_between
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import Program
from fieldstone.server.evidence.models import Enrollment, Submission
from fieldstone.server.pathways.models import Nearness, StackVersion
from fieldstone.server.pathways.rules import STEP
from fieldstone.server.people.models import Membership, Organization, User
from fieldstone.server.recognition import queries as recognition
from fieldstone.server.recognition import rules as rules_of_promises
from fieldstone.server.recognition.models import Claim, Promise
from fieldstone.server.study import rules
from fieldstone.server.study.models import Cohort, CohortMember

QUIET = timedelta(days=30)
"""A draft untouched for this long is worth a call."""


def learners(organization: Organization) -> QuerySet[User]:
    """Everybody who learns here: members with that role, and whoever has started something of ours."""
    return User.objects.filter(is_active=True).filter(
        Exists(Membership.objects.filter(user=OuterRef("pk"), organization=organization, role="learner", ended_at=None))
        | Exists(Enrollment.objects.filter(learner=OuterRef("pk"), micro_credential__organization=organization))
    )


def coached(organization: Organization, at: datetime, *, words: str = "") -> QuerySet[User]:
    """Learners with what a coach needs to know, those who wait longest first. One query a page.

    Each row has `earned`, `drafts` and `quiet` (drafts untouched for 30 days).
    """
    ours = Q(enrollments__micro_credential__organization=organization, enrollments__left_at=None)
    earned = Award.objects.filter(learner=OuterRef("pk"), micro_credential=OuterRef("enrollments__micro_credential"))
    open_drafts = ours & Q(~Exists(earned))
    found = learners(organization).annotate(
        drafts=Count("enrollments", filter=open_drafts, distinct=True),
        quiet=Count("enrollments", filter=open_drafts & Q(enrollments__touched_at__lt=at - QUIET), distinct=True),
        earned=Count("awards", filter=Q(awards__organization=organization, awards__revoked_at=None), distinct=True),
    )
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    return found.order_by("-quiet", "-drafts", "name", "pk")


def quiet_learners(organization: Organization, at: datetime) -> int:
    """How many learners have a draft untouched for 30 days and nothing earned from it."""
    earned = Award.objects.filter(learner=OuterRef("learner"), micro_credential=OuterRef("micro_credential"))
    return (
        Enrollment.objects.filter(
            ~Exists(earned), micro_credential__organization=organization, left_at=None, touched_at__lt=at - QUIET
        )
        .values("learner")
        .distinct()
        .count()
    )


def stuck_after_three(organization: Organization) -> set[object]:
    """Learners who have sent the same thing three times or more without earning it."""
    return set(
        Submission.objects.filter(enrollment__micro_credential__organization=organization, number__gte=3)
        .exclude(review__outcome="demonstrated")
        .values_list("enrollment__learner", flat=True)
    )


@dataclass(frozen=True)
class Almost:
    """How many learners one step separates from a stack; `more_than` is what a program lead may read: None below 11."""

    stack: StackVersion
    count: int
    more_than: int | None


def near(organization: Organization, *, words: str = "", stack: UUID | None = None) -> QuerySet[Nearness]:
    """Who here is one step away from one of the organization's stacks, by name; `stack` is a version of one.

    A learner counts for the stacks among her nearest five. One question a page.
    """
    found = Nearness.objects.filter(
        stack_version__stack__organization=organization, left__lte=STEP, learner__in=learners(organization)
    )
    if words:
        found = found.filter(Q(learner__name__icontains=words) | Q(learner__email__icontains=words))
    if stack is not None:
        found = found.filter(stack_version=stack)
    return found.select_related("learner", "stack_version").order_by("learner__name", "learner", "rank")


def almost(organization: Organization) -> list[Almost]:
    """The stacks from which somebody here is one step away, most people first. Two queries, however many people."""
    rows = near(organization).order_by().values("stack_version").annotate(people=Count("pk"))
    count = {row["stack_version"]: row["people"] for row in rows}
    stacks = StackVersion.objects.filter(pk__in=count).order_by("stack__created_at", "pk")
    found = [Almost(stack, count[stack.pk], rules.more_than(count[stack.pk])) for stack in stacks]
    return sorted(found, key=lambda row: -(row.more_than or 0))


NUDGED = timedelta(days=90)
"""How far back notes to learners are counted."""


@dataclass(frozen=True)
class Told:
    """Notes that learners of a program got in the last 90 days; `more_than` is None where there were fewer than 11."""

    program: Program
    any: bool
    more_than: int | None


def told(organization: Organization, at: datetime) -> list[Told]:
    """How many learners of each program were told that one step is left. One query."""
    late = Count("stacks__nudges", filter=Q(stacks__nudges__told_at__gt=at - NUDGED))
    rows = Program.objects.filter(organization=organization).annotate(sent=late).order_by("slug")
    return [Told(row, row.sent > 0, rules.more_than(row.sent)) for row in rows]


# --- the program lead's overview --------------------------------------------------------------------------

ACTIVE = timedelta(days=90)
"""A partner that did something within this time is active."""
AGES = ((0, 5), (6, 10), (11, None))
"""Business days that a submission has waited, from and to."""


@dataclass(frozen=True)
class Partner:
    """A recognizer of something of ours: what it promises, and when it last did something about it."""

    organization: Organization
    promises: int
    record: Mapping[str, int]
    last_at: datetime
    active: bool


@dataclass(frozen=True)
class Waiting:
    """Submissions that wait for an answer: by business days waited, past their date, and short of assessors."""

    ages: tuple[tuple[int, int | None, int], ...]
    total: int
    late: int
    lacking: int


@dataclass(frozen=True)
class Turnaround:
    """Business days from arrival to answer: the middle one and the one that 9 of 10 do not exceed.

    Both are None where fewer than 11 people got an answer. `kept` are answers by their promised date.
    """

    answers: int
    middle: int | None
    ninth: int | None
    kept: int | None
    promised: int


@dataclass(frozen=True)
class Needs:
    """What wants a hand this week: counts of duties exactly, learners as "more than" or None where they are few."""

    late: int
    long: int
    lacking: int
    quiet: int | None
    any_quiet: bool
    stuck: int | None
    any_stuck: bool
    broken: int
    unanswered: int
    silent: int


@dataclass(frozen=True)
class Overview:
    """Everything on the program lead's page, suppressed where it must be."""

    cohorts: list[Cohort]
    needs: Needs
    partners: list[Partner]
    record: Mapping[str, int]
    waiting: Waiting
    turnaround: Turnaround
    issued: rules.Courses
    steps: rules.Shown
    by_cohort: list[tuple[Cohort | None, rules.Shown]]
    tries: rules.Shown
    after: rules.Shown


def cohorts(organization: Organization) -> QuerySet[Cohort]:
    """The organization's cohorts, newest first, with the number of people in each as `people`."""
    return (
        Cohort.objects.filter(organization=organization)
        .select_related("program")
        .annotate(people=Count("members"))
        .order_by("-starts_on", "name")
    )


def overview(organization: Organization, *, cohort: Cohort | None, period: str, at: datetime) -> Overview:
    """The five themes for one cohort (None: everybody) and period, in a fixed number of queries.

    Partners and waiting submissions are as of now; promises count where they came due, answers where they were
    given, credentials where they were issued in the period; work on micro-credentials by the year of its start. Only
    that work is cut by cohort.
    """
    today = localtime(at).date()
    groups = list(cohorts(organization))
    claims = _claims(organization)
    partners = _partners(organization, claims, at)
    due = [c for c in claims if rules.in_period(localtime(c.due_at).date(), period, today)]
    record = rules_of_promises.record(recognition.standings(due, at))
    waiting = _waiting(organization, at)
    awards = list(
        Award.objects.filter(organization=organization)
        .annotate(who=Coalesce("learner_id", "pk"))
        .values_list(
            "issued_at",
            "learner_id",
            "stack_id",
            "review__submission__enrollment_id",
            "review__submission__number",
            "who",
            "revoked_at",
        )
    )
    where = str(cohort.pk) if cohort else None
    steps, tries, after = _cells(organization, [row[:-1] for row in awards if row[-1] is None], today)
    funnel = rules.shown(steps, rules.STEPS, cohort=where, period=period)
    safe = funnel.cells["earned"] is not None
    blank = rules.Shown({}, None, funnel.small)
    quiet, stuck = quiet_learners(organization, at), len(stuck_after_three(organization))
    days = [(localtime(row[0]).date(), str(row[-2])) for row in awards]
    first = min([day for day, _who in days if rules.in_period(day, period, today)], default=today)
    return Overview(
        cohorts=groups,
        needs=Needs(
            late=waiting.late,
            long=waiting.ages[-1][2],
            lacking=waiting.lacking,
            quiet=rules.more_than(quiet),
            any_quiet=quiet > 0,
            stuck=rules.more_than(stuck),
            any_stuck=stuck > 0,
            broken=record["declined"],
            unanswered=record["overdue"],
            silent=sum(not partner.active for partner in partners),
        ),
        partners=partners,
        record=record,
        waiting=waiting,
        turnaround=_turnaround(organization, period, today),
        issued=rules.courses(days, first, date(today.year - 1, 12, 31) if period == "last_year" else today),
        steps=funnel,
        by_cohort=[
            (group, rules.shown(steps, rules.STEPS, cohort=str(group.pk) if group else "", period=period))
            for group in [*groups, None]
        ],
        tries=rules.shown(tries, rules.TRIES, cohort=where, period=period) if safe else blank,
        after=rules.shown(after, rules.AFTER, cohort=where, period=period) if safe else blank,
    )


def _claims(organization: Organization) -> list[Claim]:
    """Every claim on a promise for something of ours."""
    ours = Q(promise__micro_credential__organization=organization) | Q(promise__stack__organization=organization)
    return list(Claim.objects.filter(ours).select_related("promise"))


def _partners(organization: Organization, claims: Sequence[Claim], at: datetime) -> list[Partner]:
    ours = Q(micro_credential__organization=organization) | Q(stack__organization=organization)
    by_organization: dict[Organization, list[Promise]] = {}
    for promise in Promise.objects.filter(ours).select_related("organization"):
        by_organization.setdefault(promise.organization, []).append(promise)
    answered: dict[UUID, list[Claim]] = {}
    for claim in claims:
        answered.setdefault(claim.promise.organization_id, []).append(claim)
    found = []
    for partner, promises in by_organization.items():
        mine = answered.get(partner.pk, [])
        deeds = [p.made_at for p in promises] + [p.withdrawn_at for p in promises if p.withdrawn_at]
        last_at = max([*deeds, *(c.answered_at for c in mine if c.answered_at)])
        found.append(
            Partner(
                organization=partner,
                promises=sum(p.withdrawn_at is None for p in promises),
                record=rules_of_promises.record(recognition.standings(mine, at)),
                last_at=last_at,
                active=at - last_at <= ACTIVE,
            )
        )
    return sorted(found, key=lambda p: (p.active, p.last_at))


def _waiting(organization: Organization, at: datetime) -> Waiting:
    """Reviews that are open now. "Lacking": complete, and some seat for scoring is still free."""
    free = Seat.objects.filter(
        review=OuterRef("pk"), kind__in=("first", "second"), assessor=None, external_hash=None, scored_at=None
    )
    rows = list(
        Review.objects.filter(organization=organization, decided_at=None)
        .annotate(free=Exists(free))
        .values_list("opened_at", "due_at", "state", "free")
    )
    waited = [business_days_between(opened_at, at) for opened_at, _due, _state, _free in rows]
    return Waiting(
        ages=tuple(
            (low, high, sum(low <= days and (high is None or days <= high) for days in waited)) for low, high in AGES
        ),
        total=len(rows),
        late=sum(due_at < at for _opened, due_at, _state, _free in rows),
        lacking=sum(
            state == "scoring" and is_free and days >= AGES[-1][0]
            for (_opened, _due, state, is_free), days in zip(rows, waited, strict=True)
        ),
    )


def _turnaround(organization: Organization, period: str, today: date) -> Turnaround:
    rows = [
        row
        for row in Review.objects.filter(
            organization=organization, outcome__in=("demonstrated", "not_yet", "incomplete")
        ).values_list("opened_at", "decided_at", "due_at", "submission__enrollment__learner_id")
        if row[1] and rules.in_period(localtime(row[1]).date(), period, today)
    ]
    safe = len({learner for *_rest, learner in rows}) >= THRESHOLD
    days = [business_days_between(opened_at, decided_at) for opened_at, decided_at, _due, _who in rows if decided_at]
    return Turnaround(
        answers=len(rows) if safe else 0,
        middle=rules.quantile(days, 0.5) if safe else None,
        ninth=rules.quantile(days, 0.9) if safe else None,
        kept=sum(decided_at is not None and decided_at <= due for _o, decided_at, due, _w in rows) if safe else None,
        promised=organization.review_days,
    )


def _cells(
    organization: Organization, awards: Iterable[tuple[Any, ...]], today: date
) -> tuple[rules.Cells, rules.Cells, rules.Cells]:
    """Work begun by how far it came; credentials by their tries; people by what came after. Two queries.

    The first two by the year in which the work was begun, the third by the year of the person's first start.
    """
    steps: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    tries: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    after: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    number: dict[UUID, int] = {}
    earned: dict[UUID, list[datetime]] = defaultdict(list)
    stacked: set[UUID] = set()
    for issued_at, learner, stack_id, enrollment, submission, _who in awards:
        if learner is None:
            continue
        if stack_id is not None:
            stacked.add(learner)
        else:
            earned[learner].append(issued_at)
            number[enrollment] = submission
    cohort_of = dict(
        CohortMember.objects.filter(cohort__organization=organization)
        .order_by("joined_at", "pk")
        .values_list("learner_id", "cohort_id")
    )
    starts: dict[UUID, list[datetime]] = defaultdict(list)
    work = (
        Enrollment.objects.filter(micro_credential__organization=organization)
        .annotate(sent=Min("submissions__sent_at"))
        .values_list("pk", "learner_id", "started_at", "sent")
    )
    for pk, learner, started_at, sent in work:
        starts[learner].append(started_at)
        where = (str(cohort_of.get(learner, "")), rules.period_of(localtime(started_at).date(), today))
        steps[(*where, "earned" if pk in number else "sent" if sent else "started")].append(str(learner))
        if pk in number:
            tries[(*where, str(min(number[pk], 4)))].append(str(learner))
    for learner, moments in starts.items():
        if learner in earned:
            where = (str(cohort_of.get(learner, "")), rules.period_of(localtime(min(moments)).date(), today))
            went = "stack" if learner in stacked else "next" if len(earned[learner]) > 1 else ""
            after[(*where, went or ("began" if max(moments) > min(earned[learner]) else "nothing"))].append(
                str(learner)
            )
    return steps, tries, after


def cohort_members(cohort: Cohort) -> QuerySet[CohortMember]:
    """Who is in a cohort, newest last. `known`: she learns here, so that her name may be shown, not only an address."""
    here = learners(cohort.organization).filter(pk=OuterRef("learner"))
    rows = CohortMember.objects.filter(cohort=cohort).select_related("learner").annotate(known=Exists(here))
    return rows.order_by("joined_at", "pk")
