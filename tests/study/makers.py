"""A house with learners midway, made directly in the tables."""

from __future__ import annotations

from datetime import datetime, timedelta

from fieldstone.server.awards import actions as awards
from fieldstone.server.catalog.models import Version
from fieldstone.server.people.models import User
from fieldstone.server.study.models import Cohort, CohortMember
from tests.awards.makers import make_enrollment, make_review
from tests.cast import make_person


def people(version: Version, at: datetime, *, started: int = 0, sent: int = 0, earned: int = 0, tries: int = 1,
           cohort: Cohort | None = None, name: str = "p") -> list[User]:  # fmt: skip
    """So many people who only began, who sent, and who earned (at the given try, eight days after they sent)."""
    found = []
    for stage, n in (("started", started), ("sent", sent), ("earned", earned)):
        for i in range(n):
            learner = make_person(f"{name} {stage} {i}", at)
            enrollment = make_enrollment(learner, version, at)
            if stage == "sent":
                make_review(learner, version, at, outcome="", enrollment=enrollment)
            if stage == "earned":
                for number in range(1, tries):
                    make_review(learner, version, at, outcome="not_yet", enrollment=enrollment, number=number)
                review = make_review(learner, version, at, enrollment=enrollment, number=tries)
                type(review).objects.filter(pk=review.pk).update(decided_at=at + timedelta(days=8))
                review.refresh_from_db()
                awards.issue(review=review, by=None, at=at + timedelta(days=8))
            if cohort is not None:
                CohortMember.objects.create(cohort=cohort, learner=learner, joined_at=at)
            found.append(learner)
    return found
