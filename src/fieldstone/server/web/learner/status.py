"""Where a learner's work on one micro-credential stands: attempts, who has it by role, feedback by criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from fieldstone.server.assessment.models import Appeal, Review
from fieldstone.server.catalog.rules import Definition, Text
from fieldstone.server.evidence import rules
from fieldstone.server.evidence.models import Enrollment, Submission
from fieldstone.server.people.models import User


@dataclass(frozen=True)
class Judged:
    """One criterion of one decision: the level reached and what was said. `shown`: it counts."""

    title: Text
    level: str
    shown: bool
    words: Text
    expected: Text
    comments: list[str]
    phrases: list[Text]

    @property
    def state(self) -> str:
        """The chip's name."""
        return "demonstrated" if self.shown else "cannot_tell" if self.level == "cannot_tell" else "not_yet"


@dataclass(frozen=True)
class Attempt:
    """One submission, its review if there is one, the open or closed appeal, and the judgement."""

    submission: Submission
    review: Review | None
    appeal: Appeal | None
    judged: list[Judged]

    @property
    def decided(self) -> bool:
        """Whether the answer is there."""
        return self.review is not None and self.review.state == "decided"

    @property
    def outcome(self) -> str:
        """demonstrated, not_yet, incomplete, withdrawn, or "" while it is in review."""
        return self.review.outcome if self.review else ""

    @property
    def notes(self) -> list[str]:
        """What was said about the whole: why it came back incomplete."""
        rows = self.review.result.get("comments", []) if self.review else []
        return [str(row["comment"]) for row in rows if not row.get("criterion") and row.get("comment")]

    @property
    def may_appeal(self) -> bool:
        """Only against a "not yet", once at a time, not after an appeal was answered."""
        return self.outcome == "not_yet" and self.appeal is None


@dataclass(frozen=True)
class Standing:
    """The whole story of one enrollment, newest attempt last."""

    attempts: list[Attempt]
    levels: Mapping[str, str]
    open: tuple[str, ...]
    total: int
    coach: bool

    @property
    def last(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def state(self) -> str:
        """draft (also after a "not yet"), review, or earned."""
        if self.last and not self.last.decided:
            return "review"
        return "earned" if self.attempts and not self.open else "draft"

    @property
    def again(self) -> bool:
        """Something was judged, and something is still to be shown."""
        return self.state == "draft" and bool(self.attempts)

    @property
    def shown(self) -> int:
        """How many criteria are demonstrated."""
        return self.total - len(self.open)

    @property
    def late(self) -> datetime | None:
        """The promised date of the review under way."""
        return self.last.review.due_at if self.last and self.last.review and not self.last.decided else None


def reviews_of(user: User, enrollment: Enrollment | None = None) -> dict[UUID, Review]:
    """Her reviews by submission, with appeals and seats. Three queries."""
    rows = Review.objects.filter(submission__enrollment__learner=user)
    if enrollment:
        rows = rows.filter(submission__enrollment=enrollment)
    return {row.submission_id: row for row in rows.prefetch_related("appeals", "seats")}


def _judged(definition: Definition, review: Review, asked: Iterable[str]) -> list[Judged]:
    result: dict[str, Any] = review.result or {}
    levels: Mapping[str, str] = result.get("levels", {})
    found = []
    for criterion in definition.criteria:
        if criterion.id not in set(asked) or criterion.id not in levels:
            continue
        notes = [c for c in result.get("comments", []) if c.get("criterion") == criterion.id]
        level = criterion.level(levels[criterion.id])
        expected = next((each.text for each in criterion.levels if each.demonstrated), {})
        found.append(
            Judged(
                title=criterion.title,
                level=levels[criterion.id],
                shown=bool(level and level.demonstrated),
                words=level.title if level else {},
                expected=expected,
                comments=[str(note["comment"]) for note in notes if note.get("comment")],
                phrases=[phrase for note in notes for phrase in note.get("phrases", [])],
            )
        )
    return found


def standing(enrollment: Enrollment, sent: Iterable[Submission], reviews: Mapping[UUID, Review]) -> Standing:
    """Compose the story from rows that were read already. No query."""
    definition = enrollment.version.parsed
    attempts = []
    for submission in sent:
        review = reviews.get(submission.pk)
        appeals = sorted(review.appeals.all(), key=lambda a: a.opened_at) if review else []
        decided = review is not None and review.state == "decided"
        attempts.append(
            Attempt(
                submission=submission,
                review=review,
                appeal=appeals[-1] if appeals else None,
                judged=_judged(definition, review, submission.criteria) if review and decided else [],
            )
        )
    answered = sorted((a.review for a in attempts if a.review and a.decided), key=lambda r: r.decided_at or r.opened_at)
    levels = [review.result.get("levels", {}) for review in answered]
    outcomes = [review.outcome for review in answered if review.outcome in ("demonstrated", "not_yet")]
    return Standing(
        attempts=attempts,
        levels=rules.standing(definition, levels),
        open=rules.open_criteria(definition, levels),
        total=len(definition.criteria),
        coach=rules.coach_offered(outcomes),
    )


def who_has_it(review: Review) -> str:
    """In one sentence, by role and never by name, who works on it now."""
    if review.state == "checking":
        return _("A person checks that everything is there.")
    if review.state == "confirming":
        return _("It was read. An approver is confirming the answer.")
    if review.state == "moderating":
        return _("It was read. A third person is comparing two readings.")
    claimed = sum(1 for seat in review.seats.all() if seat.claimed_at and seat.kind in ("first", "second"))
    if not claimed:
        return _("It is complete, and waits for an assessor.")
    if review.two_person == "double_blind" and claimed > 1:
        return _("It is complete, and two people are reading it.")
    return _("It is complete, and one person is reading it.")
