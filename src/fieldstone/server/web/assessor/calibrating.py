"""Calibration on exemplars, "You and the rubric", and the organization's phrases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.assessment import actions, queries
from fieldstone.server.assessment.models import Phrase
from fieldstone.server.assessment.rules import Blind, Line
from fieldstone.server.calibration import actions as calibration
from fieldstone.server.calibration import queries as calibration_queries
from fieldstone.server.calibration import rules as calibration_rules
from fieldstone.server.calibration.models import Exemplar
from fieldstone.server.ledger.ids import uuid_of
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.assessor import present
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again
from fieldstone.server.web.shared.templatetags.fieldstone import text


@require_safe
@inside("assess")
def calibrate(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """One line per micro-credential that has examples: where this person stands, and what to score next."""
    at = now()
    states = calibration_queries.states(person(request), organization, at)
    rows = [
        {
            "state": s,
            "stone": present.stone_of(s.version, organization),
            "done": s.exemplars - len(s.open),
            "next": s.open[0] if s.open else None,
            "again": not s.valid or s.newest is None or s.newest.valid_until < at + timedelta(days=60),
        }
        for s in states
    ]
    context = {
        "organization": organization,
        "tab": "calibrate",
        "rows": rows,
        "share": round(calibration_rules.SHARE * 100),
        "wait": calibration_rules.WAIT_DAYS,
    }
    return render(request, "assessor/calibrate.html", context)


@require_http_methods(["GET", "POST"])
@inside("assess")
def example(request: HttpRequest, organization: Organization, exemplar: UUID) -> HttpResponseBase:
    """Score one example without seeing its true scores."""
    by, at = person(request), now()
    row = get_object_or_404(
        Exemplar.objects.select_related("version__micro_credential__organization"),
        pk=exemplar,
        version__micro_credential__organization=organization,
        ended_at=None,
    )
    definition = row.version.parsed
    typed = {c.id: request.POST.get(f"level-{c.id}", "")[:60] for c in definition.criteria}
    submission = row.content.get("submission")
    parts, summary = present.evidence(
        definition,
        row.content,
        blind=Blind(),
        file_url=lambda artifact: (
            reverse("assessor:file", args=[organization.slug, submission, artifact.pk]) if submission else ""
        ),
    )
    state = next(
        s
        for s in calibration_queries.states(by, organization, at)
        if s.micro_credential.pk == row.version.micro_credential_id
    )
    context: dict[str, Any] = {
        "organization": organization,
        "tab": "calibrate",
        "exemplar": row,
        "stone": present.stone_of(row.version, organization),
        "state": state,
        "may": row in state.open,
        "evidence": {"parts": parts, "summary": summary, "hidden": 0},
        "rows": present.criteria_rows(
            definition.criteria, definition.criteria, {k: Line(v) for k, v in typed.items()}, ()
        ),
    }
    if request.method == "GET":
        return render(request, "assessor/example.html", context)
    try:
        result = calibration.score_exemplar(exemplar=row, scores=typed, by=by, at=at)
    except Refused as refused:
        return again(request, "assessor/example.html", context, refused)
    if result is not None:
        words = {"matched": result.matched, "total": result.total}
        if result.valid_until > at:
            good = _("You matched %(matched)s of %(total)s true scores. You are calibrated.")
            messages.success(request, good % words)
        else:
            missed = _(
                "You matched %(matched)s of %(total)s true scores; 80%% is needed. Read the rubric and try later."
            )
            messages.info(request, missed % words)
        return redirect("assessor:calibrate", organization.slug)
    left = next(
        (
            s.open
            for s in calibration_queries.states(by, organization, at)
            if s.micro_credential.pk == row.version.micro_credential_id
        ),
        [],
    )
    if left:
        return redirect("assessor:example", organization.slug, left[0].pk)
    return redirect("assessor:calibrate", organization.slug)


@require_safe
@inside("assess")
def agreement(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """You and the rubric; and how well two people agree on each micro-credential."""
    by, at = person(request), now()
    context = {
        "organization": organization,
        "tab": "agreement",
        "mine": queries.my_agreement(by, organization),
        "rows": [
            {"title": text(title), "agreement": figures}
            for _subject, title, figures in queries.agreements(organization)
        ],
        "states": [s for s in calibration_queries.states(by, organization, at) if s.newest is not None],
    }
    return render(request, "assessor/agreement.html", context)


@require_http_methods(["GET", "POST"])
@inside("assess")
def phrases(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Sentences that this organization's assessors reuse; add one, put one away."""
    by, at = person(request), now()
    context: dict[str, Any] = {
        "organization": organization,
        "tab": "phrases",
        "phrases": queries.live_phrases(organization),
        "en": request.POST.get("en", ""),
        "es": request.POST.get("es", ""),
    }
    if request.method == "GET":
        return render(request, "assessor/phrases.html", context)
    if request.POST.get("do") == "retire":
        phrase = get_object_or_404(Phrase, pk=uuid_of(request.POST.get("phrase", "")), organization=organization)
        actions.retire_phrase(phrase=phrase, by=by, at=at)
        messages.success(request, _("Put away. Feedback that used it keeps its words."))
        return redirect("assessor:phrases", organization.slug)
    try:
        actions.add_phrase(organization=organization, en=context["en"], es=context["es"], by=by, at=at)
    except Refused as refused:
        return again(request, "assessor/phrases.html", context, refused)
    messages.success(request, _("Added. Every assessor here can use it now."))
    return redirect("assessor:phrases", organization.slug)
