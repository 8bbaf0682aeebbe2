"""Jobs as the pages show them: pay with its place, how sure it is, how far the job is, and skills as bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from fieldstone import stacking
from fieldstone.server.pathways import jobs as reads
from fieldstone.server.pathways.aims import Wishes
from fieldstone.server.reference import queries as reference
from fieldstone.server.reference.rules import DemandRule
from fieldstone.server.web.shared.nearby import plain
from fieldstone.server.web.shared.templatetags.fieldstone import count, text

SCALE = (8.0, 45.0)
"""Dollars an hour at the ends of every bar on a page."""
ROUGH = 20.0
"""From this relative standard error on, in percent, a number of jobs is called a rough count."""
TOP = 7
"""The highest level of a skill."""

EDUCATION = {
    "No formal educational credential": gettext_noop("No diploma is asked for"),
    "High school diploma or equivalent": gettext_noop("High school diploma or equal"),
    "Some college, no degree": gettext_noop("Some college, no degree"),
    "Postsecondary nondegree award": gettext_noop("A certificate after high school"),
    "Associate's degree": gettext_noop("Associate’s degree (two years of college)"),
    "Bachelor's degree": gettext_noop("Bachelor’s degree (four years of college)"),
    "Master's degree": gettext_noop("Master’s degree"),
    "Doctoral or professional degree": gettext_noop("Doctoral or professional degree"),
    "Short-term on-the-job training": gettext_noop("Up to a month of training on the job"),
    "Moderate-term on-the-job training": gettext_noop("One month to a year of training on the job"),
    "Long-term on-the-job training": gettext_noop("More than a year of training on the job"),
    "Apprenticeship": gettext_noop("Apprenticeship"),
    "Internship/residency": gettext_noop("Internship or residency"),
    "Less than 5 years": gettext_noop("Less than 5 years of related work"),
    "5 years or more": gettext_noop("5 years or more of related work"),
}
"""What the projections say of the usual way into a job, in plain words."""


def usual(value: str) -> str:
    """The usual way in, in the page's language; empty where nothing was published."""
    return _(EDUCATION.get(value, value)) if value and value != "None" else ""


def title(thing: reference.Demand, language: str) -> str:
    """The title of a job as people say it; English where there is no Spanish."""
    spoken = plain(thing.title_en)
    return thing.title_es or spoken if language == "es" else spoken


def dollars(cents: int | None) -> str:
    """Cents as $13.43; always with cents, so that columns line up. Empty for none."""
    return "" if cents is None else f"${cents / 100:,.2f}"


def amount(value: reference.Amount) -> str:
    """An amount, "more than can be published" for one over the top, empty for an unknown one."""
    if value.cents is not None:
        return dollars(value.cents)
    return _("more than is published") if value.top else ""


@dataclass(frozen=True)
class Card:
    """One job on a page: words, and the numbers of its bar (None where there is none)."""

    code: str
    title: str
    middle: str
    eight: str
    bar: tuple[float, float, float] | None
    from_year: bool
    people: str
    openings: str
    leads: int
    place: str
    sureness: str
    education: str
    away: str
    how_far: int | None
    next: tuple[str, ...]
    gain: str
    less: bool
    demand: bool | None
    remote: str
    remote_why: str
    together: bool


def card(job: reads.Job, wishes: Wishes, rule: DemandRule, standing: reads.Standing, language: str) -> Card:
    """Put a job into words."""
    d = job.demand
    low, high = d.eight_in_ten
    middle = d.hourly_cents
    gain = job.gain(wishes.wage_cents)
    bar = None
    if middle is not None and (low.cents is not None or high.cents is not None or high.top):
        bar = (
            (low.cents or middle) / 100,
            middle / 100,
            SCALE[1] if high.cents is None and high.top else (high.cents or middle) / 100,
        )
    return Card(
        code=job.code,
        title=title(d, language),
        middle=_middle(d),
        eight=_eight(low, high),
        bar=bar,
        from_year=d.hourly.median.cents is None and d.annual.median.cents is not None,
        people=people(d),
        openings=openings(d),
        leads=len(job.courses),
        place=place_name(d.place),
        sureness=_(d.sureness) if middle is not None and (d.mean_rse or 0) > 5 else "",
        education=usual(d.education),
        away=away(job.distance),
        how_far=job.distance.away if job.distance else None,
        next=tuple(_titles(job, standing)),
        gain=dollars(abs(gain)) if gain else "",
        less=gain is not None and gain < 0,
        demand=d.in_demand(rule).value,
        remote=job.remote.value,
        remote_why=_(job.remote.why),
        together=d.together,
    )


def _middle(d: reference.Demand) -> str:
    if d.hourly_cents is not None:
        return dollars(d.hourly_cents)
    return _("More than is published") if d.hourly.median.top or d.annual.median.top else ""


def _eight(low: reference.Amount, high: reference.Amount) -> str:
    if not amount(low) or not amount(high):
        return ""
    return _("8 in 10 earn %(low)s to %(high)s") % {"low": amount(low), "high": amount(high)}


def place_name(place: reference.Place) -> str:
    """The place that figures are from."""
    return _("the whole nation") if place.kind == "nation" else place.title


def why(place: reference.Place) -> str:
    """Why pay is from this place and no smaller one."""
    return _(place.why) % {**place.params, "place": place_name(place)}


def people(d: reference.Demand) -> str:
    """How many do this work in the place, and whether that is a rough count."""
    if d.here is None:
        return _("Number of jobs not published")
    about = ngettext("About %(n)s job", "About %(n)s jobs", d.here) % {"n": count(d.here)}
    return _("%(about)s (a rough count)") % {"about": about} if (d.here_rse or 0) > ROUGH else about


def openings(d: reference.Demand) -> str:
    """How many people are looked for each year, in the nation; empty where nobody counted."""
    if d.openings is None:
        return ""
    return ngettext("%(n)s opening a year in the nation", "%(n)s openings a year in the nation", d.openings) % {
        "n": count(d.openings)
    }


def away(distance: reads.Distance | None) -> str:
    """How far a job is, in micro-credentials."""
    if distance is None:
        return ""
    if distance.away == 0:
        return _("You hold what leads here")
    n = {"n": distance.away}
    return ngettext("%(n)s credential away", "%(n)s credentials away", distance.away) % n


def _titles(job: reads.Job, standing: reads.Standing) -> Iterable[str]:
    if job.distance is None or job.distance.away > reads.NEAR:
        return
    routes = {route.credential: route.title for route in standing.offered.routes}
    for name in job.distance.missing:
        course = standing.offered.courses.get(name)
        found = course.title if course else routes.get(name)
        if found:
            yield text(found)


def rule_words(rule: DemandRule) -> list[str]:
    """What a program calls in demand, one sentence for each bound."""
    return [_(message) % {**params, **_counts(params)} for message, params in rule.words()]


def _counts(params: Mapping[str, object]) -> dict[str, str]:
    return {
        name: count(value) if isinstance(value, int) and abs(value) > 999 else f"{value:g}"
        for name, value in params.items()
        if isinstance(value, int | float)
    }


def checks(demand: reference.Demand, rule: DemandRule) -> list[dict[str, Any]]:
    """Each bound of the rule held against a job, in words."""
    return [
        {"state": {True: "passed", False: "not_yet", None: "unknown"}[check.passed],
         "words": _(check.message) % {**check.params, **_counts(check.params)}}
        for check in demand.in_demand(rule).checks
    ]  # fmt: skip


# --- skills ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Skill:
    """One skill that a job asks for, as a row: levels as they are said, bars in percent of the scale."""

    name: str
    asked: str
    shown: str
    by: tuple[str, ...]
    missing: int
    met: bool
    asked_at: float
    shown_at: float


def skills(found: stacking.Readiness, names: Mapping[str, str], credentials: stacking.Names) -> list[Skill]:
    """The rows of a readiness, the biggest gap first. Skills that the job does not ask for are left out."""
    return [
        Skill(
            name=names.get(row.skill, row.skill),
            asked=_level(float(row.asked)),
            shown=_level(float(row.shown)) if row.by else "",
            by=tuple(str(text(credentials.get(credential, {}))) for credential in row.useful),
            missing=max(1, round(float(row.missing) * 100)) if row.missing else 0,
            met=row.met,
            asked_at=round(100 * float(row.asked) / TOP, 1),
            shown_at=round(100 * min(float(row.shown), TOP) / TOP, 1),
        )
        for row in found.rows
        if row.weight
    ]


def _level(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
