"""Promises and awards for tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import Version
from fieldstone.server.people.models import User
from fieldstone.server.recognition import actions
from fieldstone.server.recognition.models import Promise
from tests.awards.makers import make_review
from tests.cast import Cast, text


def make_promise(cast: Cast, at: datetime, **changes: Any) -> Promise:
    """An interview, promised by the other institution for the home institution's micro-credential."""
    fields: dict[str, Any] = {
        "organization": cast.away.organization, "kind": "interview",
        "headline": text("Interview within 14 days", "Entrevista en 14 días"),
        "terms": text("For everybody who holds it.", "Para toda persona que la tenga."), "amount": "$1.50 an hour",
        "answer_days": 14, "starts_on": date(2026, 1, 1), "ends_on": None, "by": cast.away.recognizer, "at": at,
        "micro_credential": cast.home.micro_credential,
    }  # fmt: skip
    return actions.promise(**{**fields, **changes})


def make_award(learner: User, version: Version, at: datetime) -> Award:
    """A signed credential of a demonstrated review."""
    return awards.issue(review=make_review(learner, version, at - timedelta(days=3)), by=None, at=at)
