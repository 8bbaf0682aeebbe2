"""Score sheets: assessor, approver, moderator, appeal; and the link for somebody from outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fieldstone.server.assessment import actions, queries
from fieldstone.server.assessment.models import Appeal, Review, Seat
from fieldstone.server.assessment.rules import Line
from fieldstone.server.catalog.rules import Criterion
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization, User
from fieldstone.server.web.assessor import present, queue
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again
from fieldstone.server.web.shared.middleware import refusal, translated
from fieldstone.server.web.shared.templatetags.fieldstone import clock, text


def seat_of(organization: Organization, pk: UUID, by: User, *kinds: str) -> Seat:
    """The seat that this person holds; 404 for any other."""
    seat = get_object_or_404(
        Seat.objects.select_related("review"),
        pk=pk,
        review__organization=organization,
        assessor=by,
        kind__in=kinds,
    )
    seat.review = queue.review_of(organization, seat.review_id)
    return seat


def page_of(review: Review, at: datetime) -> dict[str, Any]:
    """What every page about one review begins with."""
    organization = review.organization
    return {
        "organization": organization,
        "tab": "queue",
        "review": review,
        "stone": present.stone_of(review.submission.enrollment.version, organization),
        "due": present.due(review.due_at, at),
        "attempt": present.which_try(review),
        "evidence": queue.evidence_of(review),
    }


def sheet_context(seat: Seat, sheet: Mapping[str, Line]) -> dict[str, Any]:
    """The rows of a seat's sheet and how many are scored."""
    criteria = queries.criteria_for(seat)
    rows = present.criteria_rows(
        criteria,
        seat.review.submission.enrollment.version.parsed.criteria,
        sheet,
        queries.live_phrases(seat.review.organization),
    )
    made = [s.scored_at for s in seat.scores.all()]
    return {
        "seat": seat,
        "rows": rows,
        "scored": sum(row.scored for row in rows),
        "all": len(rows),
        "kept_at": max(made) if made else None,
        "phrase_keys": max((len(row.phrases) + len(row.more) for row in rows), default=0),
    }


def keep_lines(request: HttpRequest, seat: Seat, by: User | None, at: datetime) -> Mapping[str, actions.LineInput]:
    """Keep what the form says; the lines as typed."""
    lines = present.typed_lines(request.POST, queries.criteria_for(seat))
    actions.record_scores(seat=seat, lines=lines, by=by, at=at)
    return lines


def again_with_typed(
    request: HttpRequest, template: str, context: dict[str, Any], seat: Seat, refused: Refused
) -> HttpResponseBase:
    """The same sheet once more, with what was typed and what is missing."""
    criteria = queries.criteria_for(seat)
    lines = present.typed_lines(request.POST, criteria)
    phrases = queries.live_phrases(seat.review.organization)
    sheet = present.typed_sheet(lines, criteria, phrases, queries.sheet(seat))
    return again(request, template, {**context, **sheet_context(seat, sheet)}, refused)


def kept(seat: Seat, at: datetime) -> JsonResponse:
    """The script's answer: when it was kept, and how far the sheet is."""
    names = {c.id for c in queries.criteria_for(seat)}
    scored = sum(1 for name, line in queries.sheet(seat).items() if line.level and name in names)
    return JsonResponse(
        {
            "kept": _("Scores kept, %(time)s") % {"time": clock(at)},
            "scored": _("%(scored)s of %(all)s scored") % {"scored": scored, "all": len(names)},
        }
    )


@require_http_methods(["GET", "POST"])
@inside("assess")
def score(request: HttpRequest, organization: Organization, seat: UUID) -> HttpResponseBase:
    """Evidence left, criteria right. POST keeps the sheet, and hands it in when asked to."""
    by, at = person(request), now()
    mine = seat_of(organization, seat, by, "first", "second")
    context = {**page_of(mine.review, at), "by": by, "other": mine.review.two_person}
    if request.method == "GET":
        if mine.scored_at is not None or mine.review.state != "scoring":
            return render(request, "assessor/waiting.html", {**context, "seat": mine})
        return render(request, "assessor/score.html", {**context, **sheet_context(mine, queries.sheet(mine))})
    try:
        if mine.scored_at is None or request.POST.get("do") != "hand_in":
            keep_lines(request, mine, by, at)
        if request.headers.get("Accept", "").startswith("application/json"):
            return kept(mine, at)
        if request.POST.get("do") != "hand_in":
            messages.success(request, _("Your scores are kept. Nothing is handed in yet."))
            return redirect("assessor:queue", organization.slug)
        review = confirm_decision.hand_in(seat=mine, by=by, at=at)
    except Refused as refused:
        if request.headers.get("Accept", "").startswith("application/json"):
            return refusal(request, refused)
        return again_with_typed(request, "assessor/score.html", context, mine, refused)
    messages.success(request, handed_in_words(review))
    return redirect("assessor:queue", organization.slug)


def handed_in_words(review: Review) -> str:
    """What happens next, for the person who has just handed in."""
    return {
        "decided": _("Handed in. Both sheets are in, and the learner gets the answer now."),
        "moderating": _("Handed in. Somebody else decides where you two differ."),
        "confirming": _("Handed in. An approver confirms it next."),
    }.get(review.state, _("Handed in. You will not see the other answer until both are in."))


def compare(review: Review, criteria: tuple[Criterion, ...]) -> list[dict[str, Any]]:
    """Both sheets side by side, without names, for an approver or a moderator."""
    seats = review.seats.filter(kind__in=queries.SCORING, scored_at__isnull=False).prefetch_related("scores")
    sheets = [(seat.kind, queries.sheet(seat)) for seat in seats.order_by("kind")]
    names = {"first": _("One assessor"), "second": _("The other assessor")}
    rows = []
    for n, criterion in enumerate(criteria, 1):
        said = []
        for kind, sheet in sheets:
            line = sheet.get(criterion.id, Line())
            level = criterion.level(line.level)
            said.append(
                {
                    "who": names[kind] if len(sheets) > 1 else _("The assessor"),
                    "level": text(level.title) if level else _("Cannot tell"),
                    "state": criterion.category(line.level),
                    "comment": line.comment,
                    "phrases": [text(p) for p in line.phrases],
                }
            )
        counting = next((level for level in criterion.levels if level.demonstrated), criterion.levels[0])
        rows.append({"n": n, "id": criterion.id, "title": text(criterion.title), "said": said,
                     "summary": text(counting.text)})  # fmt: skip
    return rows


@require_http_methods(["GET", "POST"])
@inside("approve")
def approve(request: HttpRequest, organization: Organization, seat: UUID) -> HttpResponseBase:
    """The approver reads and confirms, or asks for a moderator."""
    by, at = person(request), now()
    mine = seat_of(organization, seat, by, "approver")
    context = {
        **page_of(mine.review, at),
        "seat": mine,
        "compared": compare(mine.review, queries.criteria_of(mine.review)),
        "note": request.POST.get("note", ""),
        "answer": request.POST.get("approved", ""),
    }
    if request.method == "GET":
        template = "assessor/approve.html" if mine.scored_at is None else "assessor/waiting.html"
        return render(request, template, context)
    try:
        if request.POST.get("approved") not in ("yes", "no"):
            raise Refused(_("Choose one of the two."), "approved")
        review = confirm_decision.approve(
            seat=mine,
            approved=request.POST["approved"] == "yes",
            note=request.POST.get("note", ""),
            by=by,
            at=at,
        )
    except Refused as refused:
        return again(request, "assessor/approve.html", context, refused)
    messages.success(
        request,
        _("Confirmed. The learner gets the answer now.")
        if review.state == "decided"
        else _("Sent on. Somebody else scores it anew."),
    )
    return redirect("assessor:queue", organization.slug)


@require_http_methods(["GET", "POST"])
@inside("assess")
def moderate(request: HttpRequest, organization: Organization, seat: UUID) -> HttpResponseBase:
    """The moderator sees both sheets and decides only what is in dispute."""
    by, at = person(request), now()
    mine = seat_of(organization, seat, by, "moderator")
    criteria = queries.criteria_of(mine.review)
    context = {
        **page_of(mine.review, at),
        "by": by,
        "compared": compare(mine.review, criteria),
        "disputed": [c.id for c in queries.criteria_for(mine)],
        "note": mine.review.seats.filter(kind="approver", confirmed=False).values_list("note", flat=True).first(),
    }
    if request.method == "GET":
        if mine.scored_at is not None or mine.review.state != "moderating":
            return render(request, "assessor/waiting.html", {**context, "seat": mine})
        return render(request, "assessor/moderate.html", {**context, **sheet_context(mine, queries.sheet(mine))})
    try:
        if mine.scored_at is None:
            keep_lines(request, mine, by, at)
        if request.headers.get("Accept", "").startswith("application/json"):
            return kept(mine, at)
        if request.POST.get("do") != "hand_in":
            messages.success(request, _("Your scores are kept. Nothing is handed in yet."))
            return redirect("assessor:queue", organization.slug)
        confirm_decision.moderate(seat=mine, by=by, at=at)
    except Refused as refused:
        if request.headers.get("Accept", "").startswith("application/json"):
            return refusal(request, refused)
        return again_with_typed(request, "assessor/moderate.html", context, mine, refused)
    messages.success(request, _("Decided. The learner gets the answer now."))
    return redirect("assessor:queue", organization.slug)


def _appeal(organization: Organization, pk: UUID) -> Appeal:
    return get_object_or_404(Appeal.objects.select_related("review"), pk=pk, review__organization=organization)


@require_POST
@inside("assess")
def take_appeal(request: HttpRequest, organization: Organization, appeal: UUID) -> HttpResponseBase:
    """Hear an appeal."""
    row = _appeal(organization, appeal)
    try:
        actions.claim_appeal(appeal=row, by=person(request), at=now())
    except Refused as refused:
        messages.warning(request, " ".join(translated(p) for p in refused.problems))
        return redirect("assessor:queue", organization.slug)
    return redirect("assessor:appeal", organization.slug, row.pk)


@require_http_methods(["GET", "POST"])
@inside("assess")
def appeal(request: HttpRequest, organization: Organization, appeal: UUID) -> HttpResponseBase:
    """Look again at the criteria that were not shown, and answer the learner."""
    by, at = person(request), now()
    row = _appeal(organization, appeal)
    if row.claimed_by_id != by.pk:
        raise Http404
    mine = seat_of(organization, get_object_or_404(Seat, review=row.review, kind="appeal").pk, by, "appeal")
    reason, _count = present.blind_for(mine.review).text(row.reason)
    context = {
        **page_of(mine.review, at),
        "by": by,
        "appeal": row,
        "reason": reason,
        "answer": request.POST.get("answer", row.answer),
        "upheld": request.POST.get("upheld", ""),
    }
    if request.method == "GET":
        template = "assessor/appeal.html" if row.closed_at is None else "assessor/waiting.html"
        return render(request, template, {**context, **sheet_context(mine, queries.sheet(mine))})
    try:
        if mine.scored_at is None:
            keep_lines(request, mine, by, at)
        if request.headers.get("Accept", "").startswith("application/json"):
            return kept(mine, at)
        if request.POST.get("do") != "hand_in":
            messages.success(request, _("Your scores are kept. Nothing is handed in yet."))
            return redirect("assessor:queue", organization.slug)
        if request.POST.get("upheld") not in ("yes", "no"):
            raise Refused(_("Choose one of the two."), "upheld")
        confirm_decision.close_appeal(
            appeal=row, upheld=request.POST["upheld"] == "yes", answer=request.POST.get("answer", ""), by=by, at=at
        )
    except Refused as refused:
        if request.headers.get("Accept", "").startswith("application/json"):
            return refusal(request, refused)
        return again_with_typed(request, "assessor/appeal.html", context, mine, refused)
    messages.success(request, _("Answered. The learner reads your words now."))
    return redirect("assessor:queue", organization.slug)


@require_http_methods(["GET", "POST"])
@inside("approve")
def outside(request: HttpRequest, organization: Organization, review: UUID) -> HttpResponseBase:
    """Invite somebody without an account to one seat of a review, or end the link."""
    by, at = person(request), now()
    row = queue.review_of(organization, review)
    invited = row.seats.filter(external_hash__isnull=False).first()
    context: dict[str, Any] = {
        "organization": organization,
        "tab": "queue",
        "review": row,
        "stone": present.stone_of(row.submission.enrollment.version, organization),
        "invited": invited,
        "key": request.POST.get("key") or str(new_id()),
        "name": request.POST.get("name", "")[:200],
        "until": request.POST.get("until", (timezone.localtime(at) + timedelta(days=14)).date().isoformat()),
    }
    if request.method == "GET":
        return render(request, "assessor/outside.html", context)
    try:
        if invited is not None and request.POST.get("do") != "end" and "name" not in request.POST:
            raise Refused(_("Somebody from outside already has a link for this one."))
        if request.POST.get("do") == "end":
            if invited is not None:
                actions.withdraw_external(seat=invited, by=by, at=at)
            messages.success(request, _("The link is ended. The seat is free again."))
            return redirect("assessor:queue", organization.slug)
        token = actions.invite_external(
            review=row, name=context["name"], until=_end_of(context["until"]), by=by, at=at, key=context["key"][:80]
        )
    except Refused as refused:
        return again(request, "assessor/outside.html", context, refused)
    return render(request, "assessor/outside_made.html", {**context, "token": token})


def _end_of(day: str) -> datetime:
    """The last moment of a typed day. Raises Refused."""
    try:
        found = parse_date(day)
    except ValueError:
        found = None
    if found is None:
        raise Refused(_("Write a day, such as 2026-12-24."), "until")
    return timezone.make_aware(datetime.combine(found, time(23, 59, 59)))
