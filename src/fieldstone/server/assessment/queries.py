"""Reads of assessment: queues, score sheets, agreement, and what the public may know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from fieldstone.outcomes import reliability
from fieldstone.server.assessment import rules
from fieldstone.server.assessment.models import (
    Appeal,
    Conflict,
    Phrase,
    Review,
    Score,
    Seat,
)
from fieldstone.server.assessment.rules import Line, Standing
from fieldstone.server.calibration import queries as calibration
from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.catalog.rules import Criterion
from fieldstone.server.evidence.models import Enrollment, Submission
from fieldstone.server.people.models import Membership, Organization, User

SCORING = ("first", "second")
OPEN_SEATS = (
    Q(kind__in=SCORING, review__state="scoring")
    | Q(kind="approver", review__state="confirming")
    | Q(kind="moderator", review__state="moderating")
)
"""Seats at which there is something to do now (appeals are found through their own table)."""
FREE = Q(assessor=None, external_hash=None, scored_at=None)


# --- one review ---------------------------------------------------------------------------------------


def criteria_of(review: Review) -> tuple[Criterion, ...]:
    """The criteria that this review judges; the others were demonstrated before and are carried over."""
    return rules.judged(
        review.submission.enrollment.version.parsed.criteria,
        asked=review.submission.criteria,
        earlier=review.result.get("carried", {}),
    )


def criteria_for(seat: Seat) -> tuple[Criterion, ...]:
    """The criteria that this seat scores: a moderator only those in dispute, an appeal only those not shown."""
    criteria = criteria_of(seat.review)
    if seat.kind == "approver":
        return ()
    if seat.kind == "moderator":
        disputed = seat.review.result.get("differing", [])
        return tuple(c for c in criteria if c.id in disputed)
    if seat.kind == "appeal":
        levels = seat.review.result.get("levels", {})
        return tuple(c for c in criteria if not c.shown_at(levels.get(c.id, "")))
    return criteria


def sheet(seat: Seat) -> dict[str, Line]:
    """What this seat has scored so far, by criterion."""
    return {s.criterion: Line(s.level, s.comment, s.phrases) for s in seat.scores.all()}


def phrases_for(
    criterion: Criterion, organization: Sequence[Phrase], chosen: Sequence[Mapping[str, str]] = ()
) -> list[tuple[str, dict[str, str]]]:
    """Key and text of every phrase on offer for a criterion: the rubric's own, the organization's, and those that
    were `chosen` before and are on offer no more."""
    offered = [(f"r{i}", dict(phrase)) for i, phrase in enumerate(criterion.phrases)]
    offered += [(f"p{row.pk}", {"en": row.en, "es": row.es}) for row in organization]
    texts = [words for _key, words in offered]
    return offered + [(f"kept{i}", dict(p)) for i, p in enumerate(chosen) if dict(p) not in texts]


def live_phrases(organization: Organization) -> list[Phrase]:
    """The organization's phrases in use, oldest first."""
    return list(Phrase.objects.filter(organization=organization, ended_at=None).order_by("made_at", "id"))


def is_seated(user: User, submission: Submission) -> bool:
    """Whether this person may see this submission's evidence as an assessor.

    True for whoever sits in its review or hears its appeal, for every assessor of the organization while its
    completeness is checked, and for assessors of an organization that uses it as an exemplar. Never for
    the learner herself or after a declared conflict.
    """
    if submission.enrollment.learner_id == user.pk:
        return False
    review = Review.objects.filter(submission=submission).first()
    if review is not None and not Conflict.objects.filter(review=review, assessor=user).exists():
        if Seat.objects.filter(review=review, assessor=user).exists():
            return True
        if review.state == "checking" and _assesses(user, review.organization_id):
            return True
    return any(_assesses(user, organization) for organization in calibration.made_of(submission.pk))


def _assesses(user: User, organization: UUID) -> bool:
    return Membership.objects.filter(
        user=user, organization=organization, role__in=("assessor", "approver"), ended_at=None
    ).exists()


# --- one person ---------------------------------------------------------------------------------------


def standing(user: User, organization: Organization, at: datetime) -> Standing:
    """Everything that decides which seats this person may take here. Five queries."""
    roles = Membership.objects.filter(user=user, organization=organization, ended_at=None)
    return Standing(
        person=user.pk,
        roles=frozenset(roles.values_list("role", flat=True)),
        seated=frozenset(
            Seat.objects.filter(assessor=user, review__organization=organization).values_list("review", flat=True)
        ),
        conflicted=frozenset(
            Conflict.objects.filter(assessor=user, review__organization=organization).values_list("review", flat=True)
        ),
        calibrated=frozenset(calibration.valid(user, at).values_list("micro_credential", flat=True)),
        with_exemplars=calibration.with_exemplars(organization),
    )


def why_not(seat: Seat, who: Standing) -> str:
    """Why this person may not take this seat; a msgid, empty if she may. Needs the submission's enrollment."""
    review = seat.review
    return rules.why_not(
        seat.kind,
        who,
        review=review.pk,
        learner=review.submission.enrollment.learner_id,
        micro_credential=review.micro_credential_id,
        confirm=bool(review.result.get("confirm")),
    )


def held(user: User, organization: Organization) -> QuerySet[Seat]:
    """Seats this person holds and has not handed in, soonest due first."""
    return (
        Seat.objects.filter(assessor=user, scored_at=None, review__organization=organization)
        .filter(OPEN_SEATS | Q(kind="appeal"))
        .order_by("review__due_at", "review__id")
    )


def free_seats(organization: Organization) -> QuerySet[Seat]:
    """Seats that nobody holds, soonest due first, a review's first seat before its second."""
    return (
        Seat.objects.filter(FREE, OPEN_SEATS, review__organization=organization)
        .select_related("review__submission__enrollment")
        .order_by("review__due_at", "review__id", "kind")
    )


def takeable(organization: Organization, who: Standing, limit: int) -> list[Seat]:
    """Up to `limit` free seats that this person may take, one per review, soonest due first."""
    found: list[Seat] = []
    seen: set[UUID] = set()
    for seat in free_seats(organization).iterator(chunk_size=200):
        if seat.review_id not in seen and not why_not(seat, who):
            seen.add(seat.review_id)
            found.append(seat)
            if len(found) >= limit:
                break
    return found


@dataclass(frozen=True)
class QueueRow:
    """A line of the queue. `days` are business days until the answer is due, negative when late."""

    seat: Seat
    review: Review
    mine: bool
    scored: int
    to_score: int
    days: int


@dataclass(frozen=True)
class Queue:
    """An assessor's day: what she holds or may take, checks, appeals, and what waits for somebody else."""

    rows: list[QueueRow]
    mine: int
    soon: int
    room: int
    limit: int
    checks: list[Review]
    appeals: list[Appeal]
    waiting: int
    uncalibrated: list[MicroCredential]


def queue(organization: Organization, user: User, at: datetime, *, show: int = 30) -> Queue:
    """The queue of this person in this organization. A fixed number of queries."""
    who = standing(user, organization, at)
    deep = ("review__micro_credential", "review__submission__enrollment__version")
    mine = list(held(user, organization).select_related(*deep))
    free_ids = [seat.pk for seat in takeable(organization, who, show)]
    free = Seat.objects.filter(pk__in=free_ids).select_related(*deep).order_by("review__due_at", "review__id")
    made = Counter(
        Score.objects.filter(seat__in=[seat.pk for seat in mine]).exclude(level="").values_list("seat", flat=True)
    )
    versions: dict[UUID, Version] = {}
    for seat in (found := [*mine, *free]):
        enrollment = seat.review.submission.enrollment
        enrollment.version = versions.setdefault(enrollment.version_id, enrollment.version)
    rows = [
        QueueRow(
            seat=seat,
            review=seat.review,
            mine=seat.assessor_id == user.pk,
            scored=made[seat.pk],
            to_score=len(criteria_for(seat)),
            days=rules.business_days_between(at, seat.review.due_at),
        )
        for seat in found
    ]
    rows.sort(key=lambda row: (row.review.due_at, str(row.review.pk)))
    checks = list(
        Review.objects.filter(organization=organization, state="checking")
        .exclude(submission__enrollment__learner=user)
        .exclude(pk__in=list(who.conflicted))
        .select_related("micro_credential", "submission__enrollment__version")
        .order_by("check_due_at", "id")[:show]
    )
    appeals = [
        appeal
        for appeal in Appeal.objects.filter(review__organization=organization, closed_at=None, claimed_by=None)
        .select_related("review__micro_credential", "review__submission__enrollment__version")
        .order_by("opened_at")[: show * 2]
        if not why_not(Seat(kind="appeal", review=appeal.review), who)
    ]
    waiting = Seat.objects.filter(
        assessor=user, scored_at__isnull=False, review__organization=organization, review__decided_at=None
    ).count()
    lacking = who.with_exemplars - who.calibrated if "assessor" in who.roles else frozenset[UUID]()
    uncalibrated = list(MicroCredential.objects.filter(pk__in=list(lacking), retired_at=None)[:show]) if lacking else []
    return Queue(
        rows=rows,
        mine=len(mine),
        soon=sum(1 for row in rows if row.mine and row.days <= 1),
        room=max(0, organization.hold_limit - len(mine)),
        limit=organization.hold_limit,
        checks=checks,
        appeals=appeals,
        waiting=waiting,
        uncalibrated=uncalibrated,
    )


# --- learners -----------------------------------------------------------------------------------------


def tries(enrollment: Enrollment) -> rules.Tries:
    """How often this learner was judged here; `coach` says whether a coach is offered now."""
    outcomes = list(
        Review.objects.filter(submission__enrollment=enrollment, outcome__in=("demonstrated", "not_yet")).values_list(
            "outcome", flat=True
        )
    )
    return rules.Tries(len(outcomes), "demonstrated" in outcomes)


def carried(enrollment: Enrollment) -> dict[str, str]:
    """The newest level of each criterion in this learner's decided reviews."""
    levels: dict[str, str] = {}
    for result in (
        Review.objects.filter(submission__enrollment=enrollment, outcome__in=("demonstrated", "not_yet"))
        .order_by("submission__number")
        .values_list("result", flat=True)
    ):
        levels.update(result.get("levels", {}))
    return levels


def not_shown(enrollment: Enrollment) -> list[str]:
    """The criteria that a next submission has to show, in the rubric's order."""
    levels = carried(enrollment)
    return [c.id for c in enrollment.version.parsed.criteria if not c.shown_at(levels.get(c.id, ""))]


# --- agreement ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """How often two blind assessors said the same. `n` counts pairs of scores; the rest is None without any.

    `percent` and `kappa` with its 95 % interval `low`…`high` are on demonstrated / not yet / cannot tell.
    """

    n: int
    matched: int
    percent: float | None
    kappa: float | None
    low: float | None
    high: float | None
    since: datetime | None = None
    apart: tuple[tuple[str, Mapping[str, str], int], ...] = ()
    """Criteria on which they differed: id, title, how often; most often first."""

    @property
    def percent_words(self) -> str:
        """The percent agreement as a whole number; empty without any."""
        return "" if self.percent is None else f"{self.percent * 100:.0f}"


def _agreement(pairs: Sequence[tuple[str, str]], since: datetime | None = None, apart: Any = ()) -> Agreement:
    figure = reliability.agreement(pairs)
    matched = sum(a == b for a, b in pairs)
    return Agreement(figure.n, matched, figure.observed, figure.kappa, figure.low, figure.high, since, tuple(apart))


def _pairs(
    scores: Sequence[Score], versions: Mapping[UUID, Version]
) -> tuple[list[tuple[str, str]], datetime | None, Any]:
    """Pairs of categories from the two blind sheets of each decided review."""
    by_review: dict[UUID, dict[str, dict[str, Score]]] = {}
    for score in scores:
        by_review.setdefault(score.seat.review_id, {}).setdefault(score.criterion, {})[score.seat.kind] = score
    pairs: list[tuple[str, str]] = []
    since: datetime | None = None
    apart: Counter[tuple[UUID, str]] = Counter()
    titles: dict[tuple[UUID, str], Mapping[str, str]] = {}
    for by_criterion in by_review.values():
        for name, both in by_criterion.items():
            if len(both) < 2:
                continue
            review = both["first"].seat.review
            criterion = versions[review.submission.enrollment.version_id].parsed.criterion(name)
            if criterion is None:
                continue
            pair = (criterion.category(both["first"].level), criterion.category(both["second"].level))
            pairs.append(pair)
            since = min(since or both["first"].scored_at, both["first"].scored_at)
            if pair[0] != pair[1]:
                key = (review.micro_credential_id, name)
                apart[key] += 1
                titles[key] = criterion.title
    return pairs, since, [(key[1], titles[key], count) for key, count in apart.most_common(3)]


def _blind_scores(**where: Any) -> QuerySet[Score]:
    return (
        Score.objects.filter(
            seat__kind__in=SCORING,
            seat__scored_at__isnull=False,
            seat__review__two_person="double_blind",
            seat__review__state="decided",
            **where,
        )
        .exclude(level="")
        .select_related("seat__review__submission__enrollment")
        .defer("phrases", "seat__review__result", "seat__review__submission__content")
    )


def _versions(scores: Iterable[Score]) -> dict[UUID, Version]:
    """The versions that these scores judge by, each read once however many scores there are."""
    return Version.objects.in_bulk({s.seat.review.submission.enrollment.version_id for s in scores})


def agreement(micro_credential: MicroCredential) -> Agreement:
    """Agreement of the two blind assessors on this micro-credential, over all decided reviews."""
    scores = list(_blind_scores(seat__review__micro_credential=micro_credential))
    return _agreement(*_pairs(scores, _versions(scores)))


def my_agreement(user: User, organization: Organization) -> Agreement:
    """Agreement of this person with whoever sat beside her, in this organization."""
    mine = Seat.objects.filter(
        assessor=user, kind__in=SCORING, scored_at__isnull=False, review__organization=organization
    ).values("review")
    scores = list(_blind_scores(seat__review__in=mine))
    return _agreement(*_pairs(scores, _versions(scores)))


def agreements(organization: Organization) -> list[tuple[MicroCredential, Mapping[str, str], Agreement]]:
    """Agreement for each micro-credential of the organization that was judged by two blind assessors."""
    by_subject: dict[UUID, list[Score]] = {}
    everything = list(_blind_scores(seat__review__organization=organization))
    versions = _versions(everything)
    for score in everything:
        by_subject.setdefault(score.seat.review.micro_credential_id, []).append(score)
    subjects = MicroCredential.objects.in_bulk(list(by_subject))
    rows = [
        (
            subjects[key],
            versions[scores[-1].seat.review.submission.enrollment.version_id].parsed.title,
            _agreement(*_pairs(scores, versions)),
        )
        for key, scores in by_subject.items()
    ]
    return sorted(rows, key=lambda row: row[1].get("en", ""))
