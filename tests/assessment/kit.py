"""Shortcuts for the assessment's tests: a submission that was sent, sheets that are filled in, calibrations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fieldstone.server.assessment import actions
from fieldstone.server.assessment.actions import LineInput
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.calibration import actions as calibration
from fieldstone.server.calibration.models import Calibration, Exemplar
from fieldstone.server.catalog.models import Version
from fieldstone.server.evidence.models import Enrollment, Submission
from fieldstone.server.ledger.ids import new_code
from fieldstone.server.people.models import User
from tests.cast import Institution

YES = {"describes": "demonstrated", "links": "demonstrated"}
ONE = {"describes": "demonstrated", "links": "not_yet"}
NO = {"describes": "not_yet", "links": "not_yet"}
ANSWERS = {"setting": "I watched L. at the blocks for ten minutes.", "reflection": "I saw him wait and then share."}


def enroll(learner: User, version: Version, at: datetime) -> Enrollment:
    """A learner who has started."""
    return Enrollment.objects.create(
        learner=learner, micro_credential=version.micro_credential, version=version, started_at=at, touched_at=at
    )


def submission(
    enrollment: Enrollment, at: datetime, *, number: int = 1, criteria: list[str] | None = None, **content: Any
) -> Submission:
    """What was sent."""
    return Submission.objects.create(
        enrollment=enrollment,
        number=number,
        content={"answers": ANSWERS, "artifacts": {}, "permission": True, **content},
        criteria=criteria or [c.id for c in enrollment.version.parsed.criteria],
        sent_at=at,
        code=f"S-{new_code(1, 6)}",
    )


def opened(learner: User, house: Institution, at: datetime) -> Review:
    """A review in its completeness check."""
    return actions.open_review(submission=submission(enroll(learner, house.version, at), at), by=learner, at=at)


def scoring(learner: User, house: Institution, at: datetime) -> Review:
    """A review that is complete and waits for assessors."""
    return actions.check_complete(review=opened(learner, house, at), by=house.first, at=at)


def lines(levels: Mapping[str, str], comment: str = "Say which note shows this.") -> dict[str, LineInput]:
    """A whole sheet; whatever is not demonstrated gets the comment."""
    return {name: LineInput(level, "" if level == "demonstrated" else comment) for name, level in levels.items()}


def fill(seat: Seat, levels: Mapping[str, str], by: User | None, at: datetime) -> None:
    """Score every criterion of a seat."""
    actions.record_scores(seat=seat, lines=lines(levels), by=by, at=at)


def hand(review: Review, kind: str, levels: Mapping[str, str], by: User, at: datetime) -> Review:
    """Take the seat of that kind, score it and hand it in."""
    seat = actions.take(seat=Seat.objects.get(review=review, kind=kind), by=by, at=at)
    fill(seat, levels, by, at)
    send = actions.moderate if kind == "moderator" else actions.hand_in
    return send(seat=seat, by=by, at=at)


def calibrate(at: datetime, *people: User, house: Institution) -> None:
    """Give these people a calibration for the house's micro-credential."""
    for user in people:
        Calibration.objects.create(
            assessor=user,
            micro_credential=house.micro_credential,
            matched=9,
            total=10,
            kappa=0.8,
            reached_at=at - timedelta(days=1),
            valid_until=at + timedelta(days=300),
        )


def exemplar(
    house: Institution, at: datetime, title: str = "Notes at the blocks", levels: Mapping[str, str] = ONE
) -> Exemplar:
    """A worked example, written by the author."""
    return calibration.add_exemplar(
        version=house.version, title=title, content={"answers": ANSWERS}, true_scores=levels, by=house.author, at=at
    )
