"""The assessor's queue: taking, giving back, checking that everything is there, handing on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.assessment import actions, queries
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.calibration import queries as calibration
from fieldstone.server.evidence.models import Artifact, Submission
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import Organization
from fieldstone.server.people.queries import roles_in
from fieldstone.server.people.rules import may
from fieldstone.server.web.assessor import present
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, whole
from fieldstone.server.web.shared.middleware import translated

SEAT_PAGES = {"first": "score", "second": "score", "approver": "approve", "moderator": "moderate"}
INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/")


def seat_url(seat: Seat) -> str:
    """Where the work of this seat is done."""
    slug = seat.review.organization.slug
    if seat.kind == "appeal":
        appeal = seat.review.appeals.order_by("-opened_at")[0]
        return reverse("assessor:appeal", args=[slug, appeal.pk])
    return reverse(f"assessor:{SEAT_PAGES[seat.kind]}", args=[slug, seat.pk])


def _where(row: queries.QueueRow) -> str:
    if row.mine:
        if row.seat.kind == "appeal":
            return _("Held by you: a second look")
        if row.scored:
            return _("Held by you, %(scored)s of %(all)s scored") % {"scored": row.scored, "all": row.to_score}
        return _("Held by you")
    return {
        "approver": _("Free to take: to confirm"),
        "moderator": _("Free to take: two differ"),
    }.get(row.seat.kind, _("Free to take"))


@require_safe
@inside("assess")
def queue(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """What this person holds and may take, by the day on which the learner was promised an answer."""
    at = now()
    approves = may("approve", roles_in(person(request), organization.slug)[1])
    found = queries.queue(organization, person(request), at)
    rows = [
        {
            "seat": row.seat,
            "code": row.review.submission.code,
            "stone": present.stone_of(row.review.submission.enrollment.version, organization),
            "due": present.due(row.review.due_at, at),
            "attempt": present.which_try(row.review),
            "where": _where(row),
            "mine": row.mine,
            "begun": row.scored > 0,
            "url": seat_url(row.seat) if row.mine else "",
            "outside": reverse("assessor:outside", args=[organization.slug, row.review.pk])
            if approves and not row.mine and row.seat.kind in queries.SCORING
            else "",
        }
        for row in found.rows
    ]
    checks = [
        {
            "review": review,
            "code": review.submission.code,
            "stone": present.stone_of(review.submission.enrollment.version, organization),
            "due": present.due(review.check_due_at, at),
        }
        for review in found.checks
    ]
    appeals = [
        {
            "appeal": appeal,
            "code": appeal.review.submission.code,
            "stone": present.stone_of(appeal.review.submission.enrollment.version, organization),
            "opened": appeal.opened_at,
        }
        for appeal in found.appeals
    ]
    free = sum(1 for row in found.rows if not row.mine)
    agreed = queries.my_agreement(person(request), organization)
    states = calibration.states(person(request), organization, at)
    calibrated = [s for s in states if s.newest is not None and s.valid]
    context: dict[str, Any] = {
        "organization": organization,
        "tab": "queue",
        "queue": found,
        "rows": rows,
        "checks": checks,
        "appeals": appeals,
        "next": min(found.room, free),
        "agreed": agreed,
        "calibrations": calibrated,
        "soonest": min((s.newest.valid_until for s in calibrated if s.newest), default=None),
        "uncalibrated": [s for s in states if not s.valid and s.exemplars],
    }
    return render(request, "assessor/queue.html", context)


@require_POST
@inside("assess")
def take(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Take one seat (`seat`), or the next `count`."""
    by, at = person(request), now()
    try:
        if "seat" in request.POST:
            seat = get_object_or_404(Seat, pk=_uuid(request.POST["seat"]), review__organization=organization)
            actions.take(seat=seat, by=by, at=at)
            return redirect(seat_url(seat))
        taken = actions.claim(organization=organization, count=whole(request.POST.get("count"), 1), by=by, at=at)
    except Refused as refused:
        messages.warning(request, " ".join(translated(p) for p in refused.problems))
        return redirect("assessor:queue", organization.slug)
    messages.success(
        request,
        ngettext("%(n)s submission is yours now.", "%(n)s submissions are yours now.", len(taken)) % {"n": len(taken)},
    )
    return redirect("assessor:queue", organization.slug)


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Http404 from None


@require_http_methods(["GET", "POST"])
@inside("assess")
def give_back(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """ "I am away": ask, then give everything back."""
    by = person(request)
    if request.method == "POST":
        n = actions.release(organization=organization, by=by, at=now())
        messages.success(
            request, ngettext("%(n)s submission is free again.", "%(n)s submissions are free again.", n) % {"n": n}
        )
        return redirect("assessor:queue", organization.slug)
    context = {"organization": organization, "tab": "queue", "held": queries.held(by, organization).count()}
    return render(request, "assessor/give_back.html", context)


@require_POST
@inside("assess")
def keys(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Turn the keys of the score sheet on or off."""
    by = person(request)
    people.change_keys(user=by, on=request.POST.get("on") == "1", at=now())
    back = request.POST.get("back", "")
    if _is_ours(back, organization):
        return redirect(back)
    return redirect("assessor:queue", organization.slug)


def _is_ours(address: str, organization: Organization) -> bool:
    return address.startswith(reverse("assessor:queue", args=[organization.slug])) and "//" not in address


def review_of(organization: Organization, pk: UUID, **where: Any) -> Review:
    """A review of this organization with everything that its pages show."""
    return get_object_or_404(
        Review.objects.select_related(
            "micro_credential", "organization", "submission__enrollment__version", "submission__enrollment__learner"
        ),
        pk=pk,
        organization=organization,
        **where,
    )


def file_url(review: Review) -> present.FileUrl:
    """The address of a file of this review, for somebody with an account."""
    slug, submission = review.organization.slug, review.submission_id
    return lambda artifact: reverse("assessor:file", args=[slug, submission, artifact.pk])


def evidence_of(review: Review) -> dict[str, Any]:
    """The evidence of a review as its pages show it."""
    parts, summary = present.evidence(
        review.submission.enrollment.version.parsed,
        review.submission.content,
        blind=present.blind_for(review),
        file_url=file_url(review),
    )
    return {"parts": parts, "summary": summary, "hidden": sum(part.get("hidden", 0) for part in parts)}


@require_http_methods(["GET", "POST"])
@inside("assess")
def check(request: HttpRequest, organization: Organization, review: UUID) -> HttpResponseBase:
    """Is everything there that was asked for? Quality is judged later, by others."""
    by, at = person(request), now()
    row = review_of(organization, review)
    if row.submission.enrollment.learner_id == by.pk or not queries.is_seated(by, row.submission):
        raise Http404
    context = {
        "organization": organization,
        "tab": "queue",
        "review": row,
        "stone": present.stone_of(row.submission.enrollment.version, organization),
        "due": present.due(row.check_due_at, at),
        "attempt": present.which_try(row),
        "evidence": evidence_of(row),
        "missing": request.POST.get("missing", ""),
    }
    if request.method == "POST":
        try:
            if request.POST.get("do") == "complete":
                actions.check_complete(review=row, by=by, at=at)
                messages.success(request, _("It is in the queue of the assessors now."))
            else:
                actions.return_incomplete(review=row, missing=request.POST.get("missing", ""), by=by, at=at)
                messages.success(request, _("It went back with your words. No try is counted."))
        except Refused as refused:
            return again(request, "assessor/check.html", context, refused)
        return redirect("assessor:queue", organization.slug)
    return render(request, "assessor/check.html", context)


@require_POST
@inside("assess")
def hand_on(request: HttpRequest, organization: Organization, review: UUID) -> HttpResponseBase:
    """ "I may know them": no reason is asked."""
    row = review_of(organization, review)
    if not queries.is_seated(person(request), row.submission):
        raise Http404
    actions.declare_conflict(review=row, by=person(request), at=now())
    messages.success(request, _("Handed on. You will not see it again."))
    return redirect("assessor:queue", organization.slug)


@require_safe
@inside("assess")
def file(request: HttpRequest, organization: Organization, submission: UUID, artifact: UUID) -> HttpResponseBase:
    """A file of evidence for somebody who sits in its review, without its name."""
    sent = get_object_or_404(
        Submission.objects.select_related("enrollment"),
        pk=submission,
        enrollment__micro_credential__organization=organization,
    )
    if not queries.is_seated(person(request), sent):
        raise Http404
    return send(sent, artifact)


def send(submission: Submission, artifact: UUID) -> HttpResponseBase:
    """The bytes of a file that was sent, so that nothing in it can run and its name stays hidden."""
    sent = {key for ids in submission.content.get("artifacts", {}).values() for key in ids}
    row = get_object_or_404(
        Artifact.objects.select_related("blob"), pk=artifact, enrollment=submission.enrollment_id, blob__isnull=False
    )
    if str(artifact) not in sent or row.blob is None:
        raise Http404
    try:
        stored = default_storage.open(row.blob.path, "rb")
    except FileNotFoundError:
        raise Http404 from None
    shown = row.blob.media_type.startswith(INLINE)
    response = FileResponse(stored, content_type=row.blob.media_type)
    response["Content-Length"] = str(row.blob.size)
    response["Content-Disposition"] = "inline" if shown else f'attachment; filename="evidence-{str(row.pk)[-6:]}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=600"
    return response
