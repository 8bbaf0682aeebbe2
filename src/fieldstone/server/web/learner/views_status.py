"""Where sent work stands, what came of it, and an appeal."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.catalog.rules import Question
from fieldstone.server.evidence import rules
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.web.learner import status as stories
from fieldstone.server.web.learner.common import anchored, key_of, own_enrollment, story_of
from fieldstone.server.web.shared.access import now, person, signed_in


@require_GET
@signed_in
def status(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Every attempt, who has it by role, the promised date, the feedback."""
    return _status(request, own_enrollment(request, enrollment))


def _status(
    request: HttpRequest, found: Enrollment, problems: list[Problem] | None = None, reason: str = ""
) -> HttpResponse:
    story = story_of(person(request), found)
    held = {str(a.pk): a for a in found.artifacts.select_related("blob")}
    attempts = []
    for attempt in reversed(story.attempts):
        content = attempt.submission.content
        sent = []
        for part in found.version.parsed.parts():
            words = content.get("answers", {}).get(part.id, "") if isinstance(part, Question) else ""
            ids = content.get("artifacts", {}).get(part.id, [])
            title = part.prompt if isinstance(part, Question) else part.title
            if words or ids:
                sent.append({"title": title, "text": words, "files": [held[i] for i in ids if i in held]})
        who = stories.who_has_it(attempt.review) if attempt.review and not attempt.decided else ""
        attempts.append({"attempt": attempt, "sent": sent, "who": who})
    definition = found.version.parsed
    context = {
        "enrollment": found,
        "definition": definition,
        "micro_credential": found.version.micro_credential,
        "organization": found.version.micro_credential.organization,
        "story": story,
        "attempts": attempts,
        "still_open": [c for c in definition.criteria if c.id in story.open],
        "may_publish": rules.may_publish(definition),
        "needs_name": story.state == "earned" and not person(request).name.strip(),
        "late": story.late is not None and story.late < now(),
        "problems": anchored(problems or []),
        "reason": reason,
        "key": new_id(),
    }
    return render(request, "learner/status.html", context, status=422 if problems else 200)


@require_POST
@signed_in
def appeal(request: HttpRequest, enrollment: UUID, review: UUID) -> HttpResponseBase:
    """Ask that somebody else look again."""
    found = own_enrollment(request, enrollment)
    attempt = next((a for a in story_of(person(request), found).attempts if a.review and a.review.pk == review), None)
    if attempt is None or attempt.review is None:
        raise Http404
    reason = request.POST.get("reason", "")
    try:
        assessment.open_appeal(
            review=attempt.review, reason=reason, by=person(request), at=now(), key=key_of(request.POST)
        )
    except Refused as refused:
        return _status(request, found, refused.problems, reason)
    messages.success(request, _("Received. Somebody who has not read it yet will look again."))
    return redirect("learner:status", found.pk)
