"""Jobs near here for the program lead: what our credentials open, what is missing for most, what is in demand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways import actions, queries, rules
from fieldstone.server.people.models import Organization
from fieldstone.server.reference import queries as reference
from fieldstone.server.reference.rules import DemandRule
from fieldstone.server.study import nearby
from fieldstone.server.web.shared import nearby as say
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import told, typed
from fieldstone.server.web.shared.tables import Table
from fieldstone.server.web.shared.templatetags.fieldstone import count as figure

BOUNDS = ("min_openings", "min_growth", "min_wage_share")


@require_safe
@inside("lead")
def jobs(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Which jobs near here our credentials open, and which gaps a new micro-credential would close for most people."""
    here = nearby.ground(organization, at=now(), county=request.GET.get("county", "")[:5])
    rows = nearby.opened(here, organization)
    toward, lacking = nearby.missing(here, rows)
    led = [row for row in rows if row.leads.micro_credentials or row.leads.stacks]
    listed = rows[: min(len(led), 2 * nearby.MOST_JOBS) + 5]
    figures = [here.jobs[row.code] for row in listed]
    half = sum(row.share >= nearby.HALF for row in led)
    context: dict[str, Any] = {
        "organization": organization, "place": say.place(here.county), "near": here.near, "known": bool(rows),
        "places": [(c, say.place(c), c == here.county) for c in here.near.counties], "led": len(led), "half": half,
        "table": opened_table(here, listed), "more": len(rows) - len(listed), "rule": in_words(here.near.rule),
        "pay_places": say.places_of(figures), "sources": say.sources(figures),
        "best": (say.title(here.jobs[rows[0].code]), say.percent(rows[0].share)) if rows else None,
        "toward": [say.title(here.jobs[code]) for code in toward], "gap_table": gap_table(here, lacking),
    }  # fmt: skip
    if lacking:
        first = lacking[0]
        names = reference.element_names("es" if say.spanish() else "en")
        context["gap"] = {
            "skill": names.get(first.skill, first.skill), "people": first.people, "points": points(first.worth),
            "job": say.title(here.jobs[first.most_for]),
        }  # fmt: skip
    return render(request, "lead/jobs.html", context)


def in_words(rule: DemandRule) -> list[str]:
    """The rule as sentences."""
    return [_(message) % {name: _plain(value) for name, value in params.items()} for message, params in rule.words()]


def _plain(value: object) -> str:
    """A bound as people write it: 5,000, and 0 or 1.5; never in the signs of another language, which would be read
    otherwise when they come back."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else f"{value:,}"


def points(worth: float) -> str:
    """Readiness gained, in hundredths of all that a job asks."""
    return f"{100 * worth:.1f}"


def opened_table(here: nearby.Ground, rows: list[nearby.Opened]) -> Table:
    """The jobs with what is published toward them."""
    return Table(
        "jobs",
        _("Jobs near here, and how far what you publish goes"),
        [_("Job"), _("Middle pay an hour"), _("Openings a year, nation"), _("In demand"), _("All you publish shows"),
         _("Micro-credentials"), _("Stacks"), _("Learners halfway or more")],
        [
            [
                linked(here.jobs[row.code]), say.pay(here.jobs[row.code]), openings(here.jobs[row.code]),
                say.demanded(row.in_demand), say.percent(row.share), len(row.leads.micro_credentials),
                len(row.leads.stacks), say.people(row.half),
            ]
            for row in rows
        ],
        frozenset({1, 2, 4, 5, 6, 7}),
    )  # fmt: skip


def linked(job: reference.Demand) -> SafeString:
    """A job's title, with a link to what learners see of it."""
    return format_html('<a href="{}">{}</a>', reverse("public:job", args=(job.code,)), say.title(job))


def openings(job: reference.Demand) -> str:
    """Openings a year in the nation, in words."""
    return _("not published") if job.openings is None else str(figure(job.openings))


def gap_table(here: nearby.Ground, rows: list[nearby.Missing]) -> Table:
    """The skills that most people lack."""
    names = reference.element_names("es" if say.spanish() else "en")
    return Table(
        "gaps",
        _("What a new micro-credential on one skill would add"),
        [_("Skill"), _("Level asked, of 7"), _("Learners it would bring nearer"),
         _("Percent of readiness for each, on average"), _("Worth most toward")],
        [
            [
                names.get(row.skill, row.skill), between(row.low, row.high), say.people(row.people), points(row.worth),
                say.title(here.jobs[row.most_for]),
            ]
            for row in rows
        ],
        frozenset({1, 2, 3}),
    )  # fmt: skip


def between(low: float, high: float) -> str:
    """Levels from and to, once where they are alike."""
    first, last = f"{low:.1f}", f"{high:.1f}"
    return first if first == last else _("%(low)s to %(high)s") % {"low": first, "high": last}


@require_http_methods(["GET", "POST"])
@inside("lead")
def near(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Where to look for jobs, and which of them to call in demand."""
    given = request.POST if request.method == "POST" else request.GET
    words = typed(given.get("q"), 60).strip()
    chosen = queries.nearby(organization)
    rule = {name: _plain(getattr(chosen.rule, name)) for name in BOUNDS}
    context: dict[str, Any] = {"organization": organization, "q": words}
    status = 200
    if request.method == "POST":
        verb, _colon, county = typed(request.POST.get("do"), 20).partition(":")
        by, at = person(request), now()
        try:
            if verb in ("add", "out"):
                actions.look_near(organization=organization, county=county, add=verb == "add", by=by, at=at)
                messages.success(request, _("Kept. Pages about jobs look there now."))
            elif verb in ("rule", "default"):
                rule = {name: typed(request.POST.get(name), 20) for name in BOUNDS}
                point = {"min_growth": rule["min_growth"].replace(",", ".")}
                asked = {**rule, **point} if verb == "rule" else None
                actions.set_demand(organization=organization, rule=asked, by=by, at=at)
                messages.success(request, _("Kept. Jobs are marked by this rule now."))
            return redirect("lead:near", organization.slug)
        except Refused as refused:
            context |= told(refused)
            status = refused.status
    hits = [found.county for found in reference.places_named(words).found][:20]
    states = {county.fips[:2]: county.state for county in hits}
    context |= {
        "near": chosen, "places": [(c, say.place(c)) for c in chosen.counties], "rule": in_words(chosen.rule),
        "default": in_words(DemandRule()), "form": rule, "states": reference.states(),
        "hits": [(c.fips, f"{c.name}, {c.state}", c.fips in chosen.counties and chosen.chosen) for c in hits],
        "whole": [
            (code + rules.WHOLE_STATE, reference.state_name(code)) for code in states if reference.state_area(code)
        ],
    }  # fmt: skip
    return render(request, "lead/near.html", context, status=status)
