"""The score sheet behind a signed link: no account, one seat, until a day, once."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.assessment import queries
from fieldstone.server.assessment.models import Seat
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.web.assessor import present, queue, scoring
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.middleware import refusal
from fieldstone.server.web.shared.rate import limit


def _seat(request: HttpRequest, token: str) -> Seat:
    """The seat of this link. Unknown links are counted, so that nobody can try many; they do not exist (404)."""
    seat = (
        Seat.objects.select_related(
            "review__organization",
            "review__micro_credential",
            "review__submission__enrollment__version",
            "review__submission__enrollment__learner",
        )
        .filter(external_hash=digest(token))
        .first()
    )
    if seat is None:
        limit(request, "external", times=30, seconds=600)
        raise Http404
    return seat


def _ended(seat: Seat) -> bool:
    until = seat.external_until
    return (
        seat.scored_at is not None
        or until is None
        or now() >= until
        or seat.review.state not in ("checking", "scoring")
    )


@never_cache
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, token: str) -> HttpResponseBase:
    """Read, score, hand in: once."""
    seat, at = _seat(request, token), now()
    if seat.scored_at is not None:
        return _private(render(request, "external/done.html", {"seat": seat}))
    if _ended(seat):
        return _private(render(request, "external/ended.html", {"seat": seat}, status=410))
    if seat.review.state == "checking":
        return _private(render(request, "external/early.html", {"seat": seat}))
    parts, summary = present.evidence(
        seat.review.submission.enrollment.version.parsed,
        seat.review.submission.content,
        blind=present.blind_for(seat.review),
        file_url=lambda artifact: reverse("external:file", args=[token, artifact.pk]),
    )
    context = {
        "review": seat.review,
        "organization": seat.review.organization,
        "stone": present.stone_of(seat.review.submission.enrollment.version, seat.review.organization),
        "due": present.due(seat.external_until or at, at),
        "attempt": present.which_try(seat.review),
        "evidence": {"parts": parts, "summary": summary, "hidden": sum(p.get("hidden", 0) for p in parts)},
        "external": True,
    }
    if request.method == "GET":
        sheet = scoring.sheet_context(seat, queries.sheet(seat))
        return _private(render(request, "external/score.html", {**context, **sheet}))
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        scoring.keep_lines(request, seat, None, at)
        if wants_json:
            return scoring.kept(seat, at)
        if request.POST.get("do") == "hand_in":
            confirm_decision.hand_in(seat=seat, by=None, at=at)
    except Refused as refused:
        if wants_json:
            return refusal(request, refused)
        return scoring.again_with_typed(request, "external/score.html", context, seat, refused)
    return redirect("external:review", token)


@require_safe
def file(request: HttpRequest, token: str, artifact: UUID) -> HttpResponseBase:
    """A file of the evidence, as long as the link lives."""
    seat = _seat(request, token)
    if _ended(seat):
        raise Http404
    return queue.send(seat.review.submission, artifact)


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: it is not indexed (and, as every page's, not sent on)."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
