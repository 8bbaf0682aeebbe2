"""Dates in words, which try it is, and evidence of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils import translation

from fieldstone.server.assessment import actions
from fieldstone.server.assessment.rules import Blind
from fieldstone.server.evidence.models import Artifact, Blob
from fieldstone.server.web.assessor import present
from tests.assessment.kit import ONE, calibrate, enroll, hand, opened, scoring, submission
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """An earlier request in Spanish leaves its language behind in the thread."""
    with translation.override("en"):
        yield


FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "at", "words", "urgent"),
    [
        (datetime(2026, 11, 20, 20, tzinfo=UTC), FRIDAY, "Due today", True),
        (datetime(2026, 11, 24, 15, tzinfo=UTC), datetime(2026, 11, 23, 15, tzinfo=UTC), "Due tomorrow", True),
        (datetime(2026, 11, 23, 15, tzinfo=UTC), FRIDAY, "In 1 business day", True),
        (datetime(2026, 12, 3, 15, tzinfo=UTC), FRIDAY, "In 9 business days", False),
        (datetime(2026, 11, 20, 14, tzinfo=UTC), FRIDAY, "Late since today", True),
        (datetime(2026, 11, 19, 15, tzinfo=UTC), FRIDAY, "1 business day late", True),
        (datetime(2026, 11, 13, 15, tzinfo=UTC), FRIDAY, "5 business days late", True),
    ],
)
def test_due_dates_in_words(due: datetime, at: datetime, words: str, urgent: bool) -> None:
    said = present.due(due, at)
    assert (said["words"], said["urgent"]) == (words, urgent)


def test_short_days_in_both_languages() -> None:
    assert present.short_day(FRIDAY) == "Fri, Nov 20"
    with translation.override("es"):
        assert present.short_day(FRIDAY) == "vie 20 nov"


def test_which_try(cast: Cast, at: datetime) -> None:
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    assert present.which_try(review) == "First time"
    hand(review, "first", ONE, cast.home.first, at)
    hand(review, "second", ONE, cast.home.second, at)
    sent = submission(review.submission.enrollment, at, number=2, criteria=["links"])
    assert (
        present.which_try(actions.open_review(submission=sent, by=cast.learner, at=at))
        == "Sent again: criterion 2 only"
    )
    back = opened(cast.other_learner, cast.home, at)
    actions.return_incomplete(review=back, missing="A photo.", by=cast.home.first, at=at)
    sent = submission(back.submission.enrollment, at, number=2)
    assert present.which_try(actions.open_review(submission=sent, by=cast.other_learner, at=at)) == "Sent again"


def test_every_kind_of_file_has_a_plain_label(cast: Cast, at: datetime) -> None:
    work = enroll(cast.learner, cast.home.version, at)
    blob = Blob.objects.create(sha256="cd" * 32, size=9, media_type="application/pdf", stored_at=at)
    made = [
        Artifact.objects.create(enrollment=work, part="notes", kind=kind, title="vega.pdf", blob=blob, added_at=at)
        for kind in ("photo", "document", "document", "audio", "video")
    ]
    content = {"answers": {}, "artifacts": {"notes": ["rubbish", *(str(a.pk) for a in made)]}}
    parts, summary = present.evidence(
        cast.home.version.parsed, content, blind=Blind(), file_url=lambda artifact: f"/f/{artifact.pk}"
    )
    files = next(part["files"] for part in parts if part["id"] == "notes")
    assert [f["label"] for f in files] == [
        "This file is no longer here.", "Photo 1 of 1", "Document 1 of 2", "Document 2 of 2", "Recording 1 of 1",
        "Video 1 of 1",
    ]  # fmt: skip
    assert summary == "1 photo, 2 documents, 1 recording, 1 video"
