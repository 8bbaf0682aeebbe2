"""What a draft adds: the jobs near here that it brings people nearer to, skill by skill, before and after."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fieldstone.server.catalog import rules
from fieldstone.server.people.models import Organization
from fieldstone.server.reference import queries as reference
from fieldstone.server.study import nearby
from fieldstone.server.study.gaps import heads
from fieldstone.server.web.author import schema
from fieldstone.server.web.author.views import found, states
from fieldstone.server.web.shared import nearby as say
from fieldstone.server.web.shared.access import inside, now
from fieldstone.server.web.shared.tables import Table


@require_safe
@inside("author")
def adds(request: HttpRequest, organization: Organization, micro_credential: UUID) -> HttpResponseBase:
    """What this adds: a sentence, the jobs, and one of them skill by skill (`?job=`); `?county=` is where."""
    micro = found(organization, micro_credential)
    version = states(micro.versions.all())
    this = version["draft"] or version["shown"]
    definition = rules.parse(this.definition)[0]
    here = nearby.ground(organization, at=now(), county=request.GET.get("county", "")[:5], but=micro.pk)
    rows = nearby.gains(here, definition)
    context: dict[str, Any] = {
        "organization": organization, "micro": micro, "version": this, "heading": definition.title,
        "draft": version["draft"], "place": say.place(here.county), "shows": bool(definition.shows),
        "places": [(c, say.place(c), c == here.county) for c in here.near.counties], "chosen": here.near.chosen,
        "learners": say.people(heads(here.count, here.count)), "more": max(0, len(rows) - nearby.MOST_JOBS),
    }  # fmt: skip
    if rows:
        asked = request.GET.get("job", "")[:10]
        code = asked if asked in {row.code for row in rows} else rows[0].code
        listed = rows[: nearby.MOST_JOBS]
        jobs = [here.jobs[row.code] for row in listed]
        context |= {
            "first": told(here, next(row for row in rows if row.code == code)), "table": table_of(here, listed),
            "skills": skills_table(here, definition, code), "code": code,
            "options": [(row.code, say.title(here.jobs[row.code])) for row in listed],
            "pay_places": say.places_of(jobs), "sources": say.sources(jobs),
        }  # fmt: skip
    return render(request, "author/adds.html", context)


def told(here: nearby.Ground, row: nearby.Gain) -> dict[str, Any]:
    """One job's gain in words."""
    return {
        "title": say.title(here.jobs[row.code]), "alone": say.percent(row.alone), "before": say.percent(row.before),
        "after": say.percent(row.after), "people": row.people, "hidden": row.people is None,
    }  # fmt: skip


def table_of(here: nearby.Ground, rows: list[nearby.Gain]) -> Table:
    """The jobs with what it adds to each."""
    return Table(
        "jobs",
        _("Jobs that this brings people nearer to"),
        [_("Job"), _("Middle pay an hour"), _("In demand"), _("This alone shows"), _("All else you publish"),
         _("With this too"), _("Learners it brings nearer")],
        [
            [
                say.title(here.jobs[row.code]), say.pay(here.jobs[row.code]), say.demanded(row.in_demand),
                say.percent(row.alone), say.percent(row.before), say.percent(row.after), say.people(row.people),
            ]
            for row in rows
        ],
        frozenset({1, 3, 4, 5, 6}),
    )  # fmt: skip


def skills_table(here: nearby.Ground, definition: rules.Definition, code: str) -> Table:
    """One job skill by skill: asked, before, after."""
    names = reference.element_names(schema.language())
    return Table(
        "skills",
        _("%(job)s, skill by skill") % {"job": say.title(here.jobs[code])},
        [_("Skill"), _("Level asked"), _("All else you publish"), _("With this too"), _("Part of what the job asks"),
         _("Learners it brings nearer")],
        [
            [names.get(row.skill, row.skill), f"{row.asked:.1f}", f"{row.before:.1f}", f"{row.after:.1f}",
             say.percent(row.weight), say.people(row.people)]
            for row in nearby.skill_gains(here, definition, code)
        ],
        frozenset({1, 2, 3, 4, 5}),
    )  # fmt: skip
