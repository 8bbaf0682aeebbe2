"""Jobs near home: which there are, what one asks and pays, and the plan that leads there. No account is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fieldstone import stacking
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways import actions, aims
from fieldstone.server.pathways import jobs as reads
from fieldstone.server.pathways import queries as pathways
from fieldstone.server.people.models import User
from fieldstone.server.reference import queries as reference
from fieldstone.server.reference.rules import DemandRule
from fieldstone.server.reference.searching import search
from fieldstone.server.web.public import job_words, near
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.calendar import CONTENT_TYPE, Event, calendar
from fieldstone.server.web.shared.forms import told, typed
from fieldstone.server.web.shared.templatetags.fieldstone import hours, text
from fieldstone.server.workplace import queries as workplace
from fieldstone.server.workplace import rules as work

CODE = re.compile(r"\d\d-\d{4}\.\d\d", re.ASCII)
ON_EXPLORE = 4
FOUND = 12


def language() -> stacking.Language:
    """The language of the page."""
    return "es" if (get_language() or "en").startswith("es") else "en"


def rule_for(job: reads.Job, own: Mapping[UUID, DemandRule]) -> DemandRule:
    """What is called "in demand": the rule of the program whose stack leads to the job, if it has one of its own."""
    return own.get(job.owner[0], DemandRule()) if job.owner else DemandRule()


def standing_of(request: HttpRequest) -> reads.Standing:
    """What she has, and what is offered now; a visitor has nothing."""
    learner = request.user if isinstance(request.user, User) else None
    return reads.Standing(learner, reads.offered(), timezone.localtime(now()))


def cards(codes: list[str], where: near.Near, standing: reads.Standing) -> list[job_words.Card]:
    """Jobs as cards, the best paid first."""
    own, spoken = pathways.demand_rules(), language()
    found = reads.jobs(codes, where.wishes, standing)
    return [job_words.card(job, where.wishes, rule_for(job, own), standing, spoken) for job in found]


def rules_in_words(given: reads.Offered) -> list[dict[str, Any]]:
    """The default rule, and that of each program on the page that has its own."""
    own = pathways.demand_rules()
    names = {route.organization_id: route.organization_name for route in given.routes}
    told = [{"name": "", "lines": job_words.rule_words(DemandRule())}]
    return told + [
        {"name": names[house], "lines": job_words.rule_words(rule)} for house, rule in own.items() if house in names
    ]


def on_explore(words: str, where: near.Near) -> dict[str, Any]:
    """The jobs of the first page: those that the words name, else those that most here leads to."""
    given = reads.offered()
    standing = reads.Standing(None, given, now())
    codes = given.codes()
    if words:
        named = [found.code for found in search(words, language(), ("occupation",), FOUND)]
        codes = sorted(named, key=lambda code: not given.courses_for(code))
    else:
        codes = _varied(sorted(codes, key=lambda code: (-len(given.courses_for(code)), code)), given)
    codes = codes[:ON_EXPLORE]
    shown = {card.code: card for card in cards(codes, where, standing)}
    return {
        "cards": [shown[code] for code in codes if code in shown],
        "place": one_place(shown.values()),
        "source": reference.citation("oews"),
        "scale": job_words.SCALE,
    }


def _varied(codes: list[str], given: reads.Offered) -> list[str]:
    """The first job of each organization first, so that one large program does not fill the page."""
    first: dict[UUID, str] = {}
    for code in codes:
        routes = given.routes_for(code)
        house = routes[0].organization_id if routes else given.courses_for(code)[0].organization_id
        first.setdefault(house, code)
    return list(dict.fromkeys([*first.values(), *codes]))


def one_place(shown: Iterable[job_words.Card]) -> str:
    """The place that every pay on the page is from; empty where they differ."""
    places = {card.place for card in shown if card.middle}
    return places.pop() if len(places) == 1 else ""


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Jobs near her that something here leads to: near, farther, and those that can be done from home."""
    where = near.known(request)
    return render(request, "public/jobs.html", _jobs(request, where))


def _jobs(request: HttpRequest, where: near.Near) -> dict[str, Any]:
    standing = standing_of(request)
    words = typed(request.GET.get("q"), 100).strip()
    codes = standing.offered.codes()
    found = []
    if words:
        found = [f.code for f in search(words, language(), ("occupation",), FOUND)]
        codes = list(dict.fromkeys([*found]))
    every = cards(codes, where, standing)
    here = [card for card in every if card.remote != "yes"]
    return {
        "where": where,
        "form": near.form(request, where),
        "looked_for": words,
        "every": every,
        "near": [card for card in here if card.how_far is not None and card.how_far <= reads.NEAR],
        "far": sorted(
            (card for card in here if card.how_far is not None and card.how_far > reads.NEAR),
            key=lambda card: card.how_far or 0,
        ),
        "part": [card for card in here if card.how_far is None],
        "remote": [card for card in every if card.remote == "yes"],
        "place": one_place(every),
        "why_words": job_words.why(_place(where)),
        "unknown_area": _place(where).reason == "unknown_area",
        "rules": rules_in_words(standing.offered),
        "source": reference.citation("oews"),
        "projected": reference.citation("projections"),
        "scale": job_words.SCALE,
        "wage": job_words.dollars(where.wishes.wage_cents),
        "money": near.dollars(where.wishes.money_cents),
    }


def _place(where: near.Near) -> reference.Place:
    return reference.place_of(where.wishes.county, where.wishes.area)


@require_POST
def keep(request: HttpRequest) -> HttpResponseBase:
    """Keep county, pay, hours and money; back to the page that the form stood on."""
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    if not (ours and back.startswith("/")):
        back = reverse("public:jobs")
    if "forget" in request.POST:
        near.forget(request)
        return redirect(back)
    search = {name: typed(request.POST.get(name), 100) for name in ("q", "program") if request.POST.get(name)}
    where, problems = near.keep(request, request.POST)
    if problems:
        context = _jobs(request, where)
        context["form"] = {**near.form(request, where, request.POST), "next": back, "search": search}
        return render(request, "public/jobs.html", {**context, **told(Refused(problems))}, status=422)
    return redirect(f"{back.partition('?')[0]}?{urlencode(search)}" if search else back)


@require_POST
@signed_in
def choose(request: HttpRequest, code: str) -> HttpResponseBase:
    """Keep the job that a learner aims for, or take it back."""
    _known(code)
    stop = "stop" in request.POST
    if not stop and code not in reference.occupations([code]):
        raise Http404
    actions.choose_job(learner=person(request), code="" if stop else code, at=now())
    return redirect("public:job", code)


def _known(code: str) -> None:
    if not CODE.fullmatch(code):
        raise Http404


def _one(code: str, where: near.Near, standing: reads.Standing) -> reads.Job:
    _known(code)
    found = reads.jobs([code], where.wishes, standing)
    if not found:
        raise Http404
    return found[0]


@require_safe
def job(request: HttpRequest, code: str) -> HttpResponse:
    """One job: what it pays and how sure that is, what it asks and what she has shown of that, what leads there."""
    where = near.known(request)
    standing = standing_of(request)
    found = _one(code, where, standing)
    d, spoken = found.demand, language()
    rule = rule_for(found, pathways.demand_rules())
    ready = standing.readiness(code)
    names = {course.credential: course.title for course in standing.offered.courses.values()}
    elements = reference.element_names(spoken) if ready else {}
    rows = job_words.skills(ready, elements, names) if ready else []
    context = {
        "where": where,
        "job": found,
        "d": d,
        "card": job_words.card(found, where.wishes, rule, standing, spoken),
        "pay": _pay(d),
        "why_words": job_words.why(d.place),
        "sure": _(d.sureness) if d.hourly_cents is not None else "",
        "demand": job_words.checks(d, rule),
        "usual": [w for w in map(job_words.usual, (d.education, d.experience, d.training)) if w],
        "ready": ready,
        "ways": reads.goals(code, standing),
        "shown": [row for row in rows if row.shown],
        "lacking": [row for row in rows if not row.shown],
        "knows": [(elements[k.element], k.level) for k in reference.knowledge_of(code) if k.element in elements],
        "routes": _nearest(found.routes, standing),
        "source": reference.citation("oews"),
        "projected": reference.citation("projections"),
        "asked_by": reference.citation("onet"),
        "scale": job_words.SCALE,
        "form": near.form(request, where),
        "wage": job_words.dollars(where.wishes.wage_cents),
    }
    return render(request, "public/job.html", context)


def _nearest(routes: Iterable[reads.Route], standing: reads.Standing) -> list[dict[str, Any]]:
    """Stacks with how many micro-credentials are missing, the nearest first."""
    counted = sorted(((len(standing.missing(route)), n, route) for n, route in enumerate(routes)))
    return [{"route": route, "missing": missing} for missing, _n, route in counted]


def _pay(d: reference.Demand) -> list[dict[str, str]]:
    """Quartiles as a list: a quarter, half, three quarters earn less."""
    yearly = d.hourly.median.cents is None and not d.hourly.median.top
    q = d.annual if yearly else d.hourly
    rows = zip(("p25", "p50", "p75"), (q.p25, q.median, q.p75), strict=True)
    return [{"which": which, "amount": job_words.amount(value), "yearly": str(yearly or "")} for which, value in rows]


# --- the plan -------------------------------------------------------------------------------------------------


def asked_of(request: HttpRequest, where: near.Near) -> tuple[aims.Asked, list[Any]]:
    """What the address asks of the plan."""
    given = request.GET
    return aims.asked(
        typed(given.get("by"), 10),
        typed(given["hours"], 40) if "hours" in given else None,
        typed(given["money"], 40) if "money" in given else None,
        typed(given.get("goal"), 60),
        where.wishes,
    )


@require_safe
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """The best way to a job: cheapest, in the fewest hours, or done earliest; week by week, for paper too."""
    where = near.known(request)
    standing = standing_of(request)
    found = _one(code, where, standing)
    asked, problems = asked_of(request, where)
    spoken = language()
    planned = reads.planned(code, standing, asked)
    context: dict[str, Any] = {
        "where": where,
        "job": found,
        "job_title": job_words.title(found.demand, spoken),
        "asked": asked,
        "money": near.dollars(asked.money_cents),
        "planned": planned,
    }
    if problems:
        context |= told(Refused(problems))
        context["typed"] = {name: typed(request.GET.get(name), 40) for name in ("hours", "money")}
    if planned is not None:
        context |= _told(planned, standing, spoken)
        context |= _at_work(planned.plan, request.user if isinstance(request.user, User) else None)
    context["calendar"] = urlencode(_query(asked))
    return render(request, "public/plan.html", context, status=400 if problems else 200)


def _query(asked: aims.Asked) -> dict[str, str]:
    query = {"by": asked.by, "hours": str(asked.hours_a_week), "goal": asked.goal}
    return query if asked.money_cents is None else {**query, "money": near.dollars(asked.money_cents)}


def _told(planned: reads.Planned, standing: reads.Standing, spoken: stacking.Language) -> dict[str, Any]:
    """The plan in words and rows."""
    found = planned.plan
    if found is None:
        return {"unsolved": True}
    if isinstance(found, stacking.Impossible):
        lines = stacking.explain_plan(found, planned.names, spoken)
        return {"impossible": lines, "reasons": [reason.why for reason in found.reasons]}
    first = reads.first_step(found, standing.offered)
    before = stacking.explain_plan(found, planned.names, spoken)
    return {
        "plan": found,
        "lines": before[: len(before) - len(found.weeks)],
        "steps": [_step(step, planned.names, standing) for step in found.steps],
        "weeks": [_weeks(alike, planned.names) for alike in _alike(found.weeks)],
        "first": first,
        "works": any((work.named(step.offer.credential) or ("",))[0] == work.HOURS for step in found.steps),
    }


def _at_work(plan: stacking.Plan | stacking.Impossible | None, learner: User | None) -> dict[str, Any]:
    """Where a plan begins that begins at a workplace: her placement, a new one, or whom to ask."""
    part = work.named(plan.steps[0].offer.credential) if isinstance(plan, stacking.Plan) and plan.steps else None
    if part is None:
        return {}
    kind, form = part
    return {"door": workplace.door(form, learner), "door_form": form, "door_hours": kind == work.HOURS}


def _step(step: stacking.PlanStep, names: Mapping[str, Any], standing: reads.Standing) -> dict[str, Any]:
    course = standing.offered.courses.get(step.offer.credential)
    return {
        "title": names.get(step.offer.credential, {}),
        "course": course,
        "hours": step.offer.effort,
        "cost": step.offer.cost / 100,
        "ends": step.ends,
    }


def _alike(weeks: Sequence[stacking.Week]) -> list[list[stacking.Week]]:
    """Weeks in stretches with the same work each week; something is done only at the end of a stretch."""
    found: list[list[stacking.Week]] = []
    for week in weeks:
        last = found[-1][-1] if found else None
        if last and last.number + 1 == week.number and last.work == week.work and not last.done:
            found[-1].append(week)
        else:
            found.append([week])
    return found


def _weeks(alike: Sequence[stacking.Week], names: Mapping[str, Any]) -> dict[str, Any]:
    first, last = alike[0], alike[-1]
    return {
        "number": first.number,
        "last": last.number,
        "many": len(alike) > 1,
        "begins": first.begins,
        "work": [{"title": names.get(offer.credential, {}), "hours": hours} for offer, hours in first.work],
        "done": [names.get(offer.credential, {}) for offer in last.done],
    }


@require_safe
def plan_calendar(request: HttpRequest, code: str) -> HttpResponse:
    """The weeks of a plan and the days on which its parts are done, for a calendar."""
    where = near.known(request)
    standing = standing_of(request)
    found = _one(code, where, standing)
    asked, problems = asked_of(request, where)
    planned = None if problems else reads.planned(code, standing, asked)
    if planned is None or not isinstance(planned.plan, stacking.Plan) or not planned.plan.steps:
        raise Http404
    title = job_words.title(found.demand, language())
    name = _("Plan: %(title)s") % {"title": title}
    events = [*_week_events(planned, code, standing), *_done_events(planned, code, standing)]
    answer = HttpResponse(
        calendar(events, name=name, language=language()), content_type=CONTENT_TYPE, headers={"X-Robots-Tag": "noindex"}
    )
    answer["Content-Disposition"] = f'attachment; filename="plan-{code}.ics"'
    return answer


def _week_events(planned: reads.Planned, code: str, standing: reads.Standing) -> Iterator[Event]:
    assert isinstance(planned.plan, stacking.Plan)
    for week in planned.plan.weeks:
        begins = timezone.localtime(week.begins).date()
        work = "; ".join(f"{text(planned.names.get(o.credential, {}))}, {hours(h)}" for o, h in week.work)
        yield Event(
            uid=f"{code}.week-{week.number}.{begins:%Y%m%d}@{urlsplit(settings.BASE_URL).hostname}",
            start=begins,
            end=begins + timedelta(days=7),
            summary=_("Week %(n)s: %(work)s") % {"n": week.number, "work": work},
            changed=standing.at,
            url=f"{settings.BASE_URL}{reverse('public:plan', args=[code])}",
        )


def _done_events(planned: reads.Planned, code: str, standing: reads.Standing) -> Iterator[Event]:
    assert isinstance(planned.plan, stacking.Plan)
    for step in planned.plan.steps:
        ends = timezone.localtime(step.ends).date()
        yield Event(
            uid=f"{code}.done-{step.offer.credential}@{urlsplit(settings.BASE_URL).hostname}",
            start=ends,
            summary=_("Send by today: %(title)s") % {"title": text(planned.names.get(step.offer.credential, {}))},
            changed=standing.at,
        )
