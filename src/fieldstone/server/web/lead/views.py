"""The program lead's screens: five themes with what wants a hand first, tables as files, cohorts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.assessment.queries import agreements
from fieldstone.server.catalog.actions import set_nudges
from fieldstone.server.catalog.models import Program
from fieldstone.server.journeys import fill_cohort
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.ledger.problems import mark as _m
from fieldstone.server.people.models import Organization
from fieldstone.server.study import actions, queries, rules
from fieldstone.server.study.models import Cohort
from fieldstone.server.web.lead.themes import Themes
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed, typed_date
from fieldstone.server.web.shared.registry import registry_context
from fieldstone.server.web.shared.tables import as_csv
from fieldstone.server.web.shared.templatetags.fieldstone import text

FIRST = 5
"""How many of the stacks that somebody is near to the overview shows."""


def _asked(request: HttpRequest, organization: Organization) -> tuple[Cohort | None, str]:
    """The cohort and the period of the filter; 404 for one that is not this organization's, or no period."""
    period = request.GET.get("period") or "all"
    if period not in rules.FILTERS:
        raise Http404
    asked = request.GET.get("cohort")
    if not asked:
        return None, period
    try:
        pk = UUID(asked)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Cohort, pk=pk, organization=organization), period


def _themes(request: HttpRequest, organization: Organization) -> Themes:
    at = now()
    cohort, period = _asked(request, organization)
    read = queries.overview(organization, cohort=cohort, period=period, at=at)
    return Themes(organization, read, agreements(organization), cohort, period, localtime(at).date())


@require_safe
@inside("lead")
def registry(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What is still to be done before registries take what the organization publishes."""
    return render(request, "lead/registry.html", registry_context(organization))


@require_safe
@inside("lead")
def overview(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What wants a hand this week, then the five themes: a sentence, a chart, a table."""
    themes = _themes(request, organization)
    context = {
        "organization": organization,
        "themes": themes,
        "cohort": str(themes.cohort.pk) if themes.cohort else "",
        "period": themes.period,
        "cohorts": [("", _("All cohorts")), *((str(c.pk), c.name) for c in themes.read.cohorts)],
        "periods": [("all", _("All years")), ("this_year", _("This year")), ("last_year", _("Last year"))],
        "almost": queries.almost(organization)[:FIRST],
        "query": f"cohort={themes.cohort.pk if themes.cohort else ''}&period={themes.period}",
    }
    return render(request, "lead/overview.html", context)


@require_http_methods(["GET", "POST"])
@inside("lead")
def almost(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """From which stacks how many are one step away; whether they are told so, program by program, and how many were."""
    if request.method == "POST":
        program = get_object_or_404(Program, organization=organization, slug=typed(request.POST.get("program"), 60))
        set_nudges(program=program, on=request.POST.get("do") == "on", by=person(request), at=now())
        return redirect(reverse("lead:almost", args=[organization.slug]) + "#notes")
    words = typed(request.GET.get("q"), 80)
    rows = queries.almost(organization)
    if words:
        rows = [row for row in rows if words.lower() in " ".join(row.stack.definition["title"].values()).lower()]
    context = {
        "organization": organization, "page": Paginator(rows, 30).get_page(request.GET.get("page")), "asked": words,
        "query": urlencode({"q": words}) if words else "", "told": queries.told(organization, now()),
    }  # fmt: skip
    return render(request, "lead/almost.html", context)


@require_safe
@inside("lead")
def table(request: HttpRequest, organization: Organization, name: str) -> HttpResponse:
    """One table of the overview as a file, with the same filter and the same cells hidden."""
    found = next((t for t in _themes(request, organization).tables if t.name == name), None)
    if found is None:
        raise Http404
    return as_csv(found)


_NOT_A_DATE = _m("Write a date such as 2026-11-30.")


@require_http_methods(["GET", "POST"])
@inside("lead")
def cohorts(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """The organization's cohorts, and beginning a new one."""
    programs = list(Program.objects.filter(organization=organization).order_by("slug"))
    context: dict[str, Any] = {
        "organization": organization,
        "rows": queries.cohorts(organization),
        "programs": [("", _("Choose")), *((str(p.pk), text(p.title)) for p in programs)],
    }
    at = now()
    if request.method == "GET":
        first = {"key": new_id(), "starts_on": localtime(at).date().isoformat()}
        return render(request, "lead/cohorts.html", {**context, "form": first})
    form = {name: typed(request.POST.get(name), 200) for name in ("name", "program", "starts_on", "closed", "key")}
    program = next((p for p in programs if str(p.pk) == form["program"]), None)
    starts_on = typed_date(form["starts_on"])
    problems = []
    if program is None:
        problems.append(Problem("program", _m("Choose one of your programs.")))
    if starts_on is None:
        problems.append(Problem("starts_on", _NOT_A_DATE))
    try:
        if program is None or starts_on is None:
            raise Refused(problems)
        made = actions.create_cohort(
            organization=organization, program=program, name=form["name"], closed_network=form["closed"] == "yes",
            starts_on=starts_on, key=form["key"], by=person(request), at=at,
        )  # fmt: skip
    except Refused as refused:
        return again(request, "lead/cohorts.html", {**context, "form": form}, refused)
    return redirect("lead:cohort", organization.slug, made.pk)


@require_http_methods(["GET", "POST"])
@inside("lead")
def cohort(request: HttpRequest, organization: Organization, cohort: UUID) -> HttpResponseBase:
    """One cohort: who is in it, and adding people by their addresses."""
    row = get_object_or_404(Cohort.objects.select_related("program"), pk=cohort, organization=organization)
    page = Paginator(queries.cohort_members(row), 50).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"organization": organization, "cohort": row, "page": page}
    if request.method == "GET":
        return render(request, "lead/cohort.html", context)
    form = {"emails": typed(request.POST.get("emails"), 60_000)}
    try:
        filled = fill_cohort.by_emails(
            cohort=row, emails=form["emails"], language=get_language() or "en", by=person(request), at=now()
        )
    except Refused as refused:
        return again(request, "lead/cohort.html", {**context, "form": form}, refused)
    messages.success(
        request,
        _("Added: %(added)s. In it before: %(before)s.") % {"added": filled.added, "before": filled.before},
    )
    return redirect("lead:cohort", organization.slug, row.pk)
