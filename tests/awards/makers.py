"""Decided reviews, made directly in the tables: the assessment's own tests show how they come about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from fieldstone.server.assessment.models import Review
from fieldstone.server.awards.actions.signing import active_key
from fieldstone.server.awards.models import SigningKey
from fieldstone.server.catalog.models import Version
from fieldstone.server.evidence.models import Artifact, Enrollment, Submission
from fieldstone.server.ledger.ids import new_code
from fieldstone.server.people.models import Organization, User


def make_enrollment(learner: User, version: Version, at: datetime, **fields: Any) -> Enrollment:
    return Enrollment.objects.create(
        learner=learner,
        micro_credential=version.micro_credential,
        version=version,
        started_at=at,
        touched_at=at,
        **fields,
    )


def make_review(
    learner: User,
    version: Version,
    at: datetime,
    *,
    outcome: str = "demonstrated",
    enrollment: Enrollment | None = None,
    decided_by: User | None = None,
    number: int = 1,
) -> Review:
    """A review with its submission: two answers and a link; decided, or (outcome "") still being scored."""
    enrollment = enrollment or make_enrollment(learner, version, at)
    link = Artifact.objects.create(
        enrollment=enrollment, part="notes", kind="link", title="My notes", url="https://notes.example.org/1",
        is_public=True, added_at=at,
    )  # fmt: skip
    criteria = [c.id for c in version.parsed.criteria]
    submission = Submission.objects.create(
        enrollment=enrollment,
        number=number,
        content={
            "answers": {"setting": "Two children at play.", "reflection": "I saw them share."},
            "artifacts": {"notes": [str(link.pk)]},
            "permission": True,
        },
        criteria=criteria,
        sent_at=at,
        code=new_code(2),
    )
    decided: dict[str, Any] = {}
    if outcome:
        level = "demonstrated" if outcome == "demonstrated" else "not_yet"
        decided = {
            "state": "decided",
            "outcome": outcome,
            "decided_at": at,
            "decided_by": (decided_by or learner).pk,
            "result": {"levels": dict.fromkeys(criteria, level), "assessors": 2},
        }
    return Review.objects.create(
        submission=submission,
        organization=version.micro_credential.organization,
        micro_credential=version.micro_credential,
        two_person="double_blind",
        opened_at=at,
        check_due_at=at + timedelta(days=1),
        due_at=at + timedelta(days=20),
        **{"state": "scoring", **decided},
    )


@transaction.atomic
def ensure_key(*, organization: Organization, at: datetime) -> SigningKey:
    """The organization's key, made now if it has none, as its first award makes it."""
    return active_key(organization, at)[0]
