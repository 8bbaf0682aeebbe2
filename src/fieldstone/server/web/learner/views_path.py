"""A learner's path: begin, put aside, come back, follow a stack."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fieldstone.server.catalog.models import Version
from fieldstone.server.evidence import actions
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.journeys.follow_stack import follow_stack
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import Nudge, Stack
from fieldstone.server.reference import queries as reference
from fieldstone.server.web.learner import paths
from fieldstone.server.web.learner.common import own_enrollment, spoken
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.nearby import plain


@require_GET
@signed_in
def my_path(request: HttpRequest) -> HttpResponseBase:
    """Where she stands: next step, wall, in review, promises, everything begun."""
    context = paths.read(person(request), at=now(), language=spoken())
    job, noted = stacks.wishes(person(request))
    if noted:
        context["notes"] = stacks.notes(Nudge.objects.filter(learner=person(request)))
    found = reference.demand([job]).get(job) if job else None
    if found is not None:
        title = found.title_es or found.title_en if spoken() == "es" else found.title_en
        context |= {"job": plain(title), "job_code": found.code}
    return render(request, "learner/path.html", context)


@require_POST
@signed_in
def close_note(request: HttpRequest, nudge: UUID) -> HttpResponseBase:
    """Put a note away that one step is left to a stack."""
    pathways.close_note(nudge=get_object_or_404(Nudge, pk=nudge, learner=person(request)), by=person(request), at=now())
    return redirect("learner:path")


@require_http_methods(["GET", "POST"])
@signed_in
def start(request: HttpRequest, org: str, slug: str) -> HttpResponseBase:
    """Begin a micro-credential, or go back to the place where she stopped, however long ago."""
    where = {"micro_credential__organization__slug": org, "micro_credential__slug": slug}
    version = Version.objects.filter(**where, published_at__isnull=False).select_related(
        "micro_credential__organization"
    )
    newest = version.order_by("-number").first()
    if newest is None:
        raise Http404
    micro_credential = newest.micro_credential
    if request.method == "POST":
        enrollment = actions.start(
            micro_credential=micro_credential, by=person(request), at=now(), key=request.POST.get("key")
        )
        return redirect("learner:evidence", enrollment.pk)
    known = Enrollment.objects.filter(learner=person(request), micro_credential=micro_credential, left_at=None).first()
    if known:
        return redirect("learner:evidence", known.pk)
    context = {"version": newest, "definition": newest.parsed, "key": new_id(), "micro_credential": micro_credential}
    return render(request, "learner/start.html", context)


@require_POST
@signed_in
def leave(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Put the work aside."""
    actions.leave(enrollment=own_enrollment(request, enrollment), by=person(request), at=now())
    messages.success(request, _("Put aside. Every word and file stays, for as long as you like."))
    return redirect("learner:path")


@require_POST
@signed_in
def come_back(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Take the work up again."""
    actions.come_back(enrollment=own_enrollment(request, enrollment), by=person(request), at=now())
    return redirect("learner:evidence", enrollment)


@require_POST
@signed_in
def follow(request: HttpRequest, org: str, slug: str) -> HttpResponseBase:
    """Put a stack on her path; twice is once."""
    stack = get_object_or_404(Stack, organization__slug=org, slug=slug)
    follow_stack(stack=stack, by=person(request), at=now())
    return redirect("learner:path")


@require_POST
@signed_in
def unfollow(request: HttpRequest, org: str, slug: str) -> HttpResponseBase:
    """Take a stack off her path; what is earned stays."""
    stack = get_object_or_404(Stack, organization__slug=org, slug=slug)
    pathways.unfollow(learner=person(request), stack=stack, at=now())
    return redirect("learner:path")
