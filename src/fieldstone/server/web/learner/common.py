"""What several of the learner's screens do alike: find what is hers, read a form's key, name a problem's place."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import get_language

from fieldstone.server.awards import queries as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.evidence import queries
from fieldstone.server.evidence.models import Artifact, Enrollment
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.people.models import User
from fieldstone.server.web.learner import status as stories
from fieldstone.server.web.shared.access import person
from fieldstone.server.web.shared.middleware import translated


def spoken() -> str:
    """The language of the page, as its first two letters."""
    return (get_language() or "en").split("-")[0]


def own_enrollment(request: HttpRequest, enrollment: UUID) -> Enrollment:
    """Her work on a micro-credential. Raises Http404 for anybody else's."""
    found = queries.enrollment_for(person(request), enrollment)
    if found is None:
        raise Http404
    return found


def own_artifact(request: HttpRequest, enrollment: UUID, artifact: UUID) -> Artifact:
    """A file or link of her work. Raises Http404 for anybody else's."""
    found = queries.own_artifact(person(request), enrollment, artifact)
    if found is None:
        raise Http404
    return found


def own_award(request: HttpRequest, award: UUID) -> Award:
    """A credential of hers. Raises Http404 for anybody else's."""
    found = awards.of_learner(person(request)).filter(pk=award).first()
    if found is None:
        raise Http404
    return found


def story_of(user: User, enrollment: Enrollment) -> stories.Standing:
    """Where her work stands, attempt by attempt."""
    sent = enrollment.submissions.order_by("number")
    return stories.standing(enrollment, sent, stories.reviews_of(user, enrollment))


def anchored(problems: list[Problem]) -> list[dict[str, str]]:
    """Problems for the summary, each with the id of its place on the page."""
    return [{"field": _anchor(p.field), "message": translated(p)} for p in problems]


def _anchor(name: str) -> str:
    return f"part-{name.removeprefix('parts.')}" if name.startswith("parts.") else name


def key_of(data: QueryDict) -> str:
    """The hidden key of a form, by which the same request is known again. Raises BadRequest."""
    key = data.get("key", "")
    if not key or len(key) > 100:
        raise BadRequest("key")
    return str(key)


def whole_form(request: HttpRequest) -> QueryDict:
    """The posted form; a body that was cut off on the way is refused (its last field is missing)."""
    if request.POST.get("end") != "1":
        raise BadRequest("end")
    return request.POST
