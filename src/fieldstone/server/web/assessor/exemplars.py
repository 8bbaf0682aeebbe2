"""Exemplars with their true scores: written by authors and leads, never shown to assessors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.assessment.models import Review
from fieldstone.server.assessment.rules import Blind, Line
from fieldstone.server.calibration import actions, queries
from fieldstone.server.calibration.models import Exemplar
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.people.queries import roles_in
from fieldstone.server.people.rules import may
from fieldstone.server.web.assessor import present
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.forms import again

P = ParamSpec("P")


def keepers(
    view: Callable[Concatenate[HttpRequest, Organization, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Like `inside`, for authors and program leads alike."""

    @wraps(view)
    @signed_in
    def checked(request: HttpRequest, org: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        organization, roles = roles_in(person(request), org)
        if organization is None:
            raise Http404
        if not (may("author", roles) or may("lead", roles)):
            raise PermissionDenied
        return view(request, organization, *args, **kwargs)

    return checked


@require_safe
@keepers
def exemplars(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Every micro-credential with its examples, and decided work that an example may be written from."""
    versions = (
        Version.objects.current()
        .filter(micro_credential__organization=organization)
        .select_related("micro_credential")
        .order_by("title_en")
    )
    rows: dict[UUID, dict[str, Any]] = {
        v.micro_credential_id: {"version": v, "stone": present.stone_of(v, organization), "examples": [], "work": []}
        for v in versions
    }
    for exemplar in queries.exemplars_of(rows):
        rows[exemplar.version.micro_credential_id]["examples"].append(exemplar)
    decided = (
        Review.objects.filter(
            organization=organization, outcome__in=("demonstrated", "not_yet"), micro_credential__in=list(rows)
        )
        .select_related("submission")
        .order_by("-decided_at")[:200]
    )
    for review in decided:
        work = rows[review.micro_credential_id]["work"]
        if len(work) < 5:
            work.append(review)
    context = {"organization": organization, "tab": "exemplars", "rows": list(rows.values())}
    return render(request, "assessor/exemplars.html", context)


@require_http_methods(["GET", "POST"])
@keepers
def new(request: HttpRequest, organization: Organization, version: UUID) -> HttpResponseBase:
    """Write an example by hand, or from decided work (`?from=`), and give its true scores."""
    by, at = person(request), now()
    row = get_object_or_404(
        Version.objects.select_related("micro_credential"),
        pk=version,
        micro_credential__organization=organization,
        published_at__isnull=False,
    )
    definition = row.parsed
    source = _source(request.POST.get("from") or request.GET.get("from", ""), organization, row)
    questions = [p for p in definition.parts() if p not in definition.artifacts]
    content = source.submission.content if source is not None else {}
    blind = present.blind_for(source) if source is not None else Blind()
    answers = {
        p.id: request.POST.get(f"answer-{p.id}", blind.text(str(content.get("answers", {}).get(p.id, "")))[0])
        for p in questions
    }
    levels = {
        c.id: request.POST.get(
            f"level-{c.id}", source.result.get("levels", {}).get(c.id, "") if source is not None else ""
        )[:60]
        for c in definition.criteria
    }
    context: dict[str, Any] = {
        "organization": organization,
        "tab": "exemplars",
        "version": row,
        "stone": present.stone_of(row, organization),
        "source": source,
        "title": request.POST.get("title", ""),
        "answers": [{"part": p, "text": answers[p.id], "name": f"answer-{p.id}"} for p in questions],
        "files": sum(len(ids) for ids in content.get("artifacts", {}).values()),
        "with_files": "files" in request.POST,
        "rows": present.criteria_rows(
            definition.criteria, definition.criteria, {k: Line(v) for k, v in levels.items()}, ()
        ),
    }
    if request.method == "GET":
        return render(request, "assessor/exemplar_new.html", context)
    kept: dict[str, Any] = {"answers": answers}
    if source is not None and "files" in request.POST:
        kept |= {"artifacts": content.get("artifacts", {}), "submission": str(source.submission_id)}
    try:
        if source is not None and "agreed" not in request.POST:
            raise Refused(
                _("Ask the learner first. Work teaches others only if the person who wrote it agrees."), "agreed"
            )
        actions.add_exemplar(version=row, title=context["title"], content=kept, true_scores=levels, by=by, at=at)
    except Refused as refused:
        return again(request, "assessor/exemplar_new.html", context, refused)
    messages.success(request, _("The example is kept. Assessors meet it when they calibrate."))
    return redirect("assessor:exemplars", organization.slug)


def _source(value: str, organization: Organization, version: Version) -> Review | None:
    if not value:
        return None
    try:
        key = UUID(value)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(
        Review.objects.select_related("submission__enrollment__learner", "submission__enrollment__version"),
        pk=key,
        organization=organization,
        micro_credential=version.micro_credential,
        outcome__in=("demonstrated", "not_yet"),
    )


@require_POST
@keepers
def put_away(request: HttpRequest, organization: Organization, exemplar: UUID) -> HttpResponseBase:
    """Retire an example."""
    row = get_object_or_404(
        Exemplar.objects.select_related("version__micro_credential"),
        pk=exemplar,
        version__micro_credential__organization=organization,
    )
    actions.retire_exemplar(exemplar=row, by=person(request), at=now())
    messages.success(request, _("Put away. Calibrations that were reached with it stay."))
    return redirect("assessor:exemplars", organization.slug)
