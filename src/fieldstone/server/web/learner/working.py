"""Your workplace: a placement, hours from the phone, the link for the supervisor, and what she signed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.journeys import supervise
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import User
from fieldstone.server.web.shared import work as words
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.forms import again, told, typed, typed_date, whole
from fieldstone.server.web.shared.qr import qr
from fieldstone.server.workplace import actions, queries, rules
from fieldstone.server.workplace.models import FormVersion, HoursEntry, Placement

PAGE = 30


def _mine(request: HttpRequest, placement: UUID) -> Placement:
    """Her own placement, or 404."""
    found = (
        Placement.objects.filter(learner=person(request), pk=placement)
        .select_related("version", "organization", "learner")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _key(request: HttpRequest) -> str:
    key = typed(request.POST.get("key"), 100)
    if not key:
        raise BadRequest("key")
    return key


def _typed_form(request: HttpRequest) -> dict[str, str]:
    names = (
        "kind", "employer", "supervisor_name", "supervisor_email", "supervisor_language", "starts_on", "ends_on",
        "hours_planned",
    )  # fmt: skip
    return {name: typed(request.POST.get(name), 600) for name in names}


def _given(form: dict[str, str]) -> rules.Given:
    return rules.Given(
        kind=form["kind"],
        employer=form["employer"],
        supervisor_name=form["supervisor_name"],
        supervisor_email=form["supervisor_email"],
        supervisor_language=form["supervisor_language"],
        starts_on=typed_date(form["starts_on"]),
        ends_on=typed_date(form["ends_on"]),
        hours_planned=whole(form["hours_planned"] or "0", -1),
    )


def _options() -> dict[str, Any]:
    return {
        "kinds": [(kind, words.KINDS[kind]) for kind in rules.KINDS],
        "languages": [("en", "English"), ("es", "Español")],
    }


def _form_of(form: UUID, user: User) -> FormVersion | None:
    """The current wording of a form; that of a retired one for somebody who has a placement under it."""
    rows = FormVersion.objects.filter(form=form, superseded_at=None).select_related("form__program__organization")
    found = rows.first()
    if found is not None and found.form.retired_at and not Placement.objects.filter(learner=user, form=form).exists():
        return None
    return found


@require_http_methods(["GET", "POST"])
@signed_in
def start(request: HttpRequest, form: UUID) -> HttpResponseBase:
    """What a supervisor will be asked, the placements under this form, and a new one."""
    user, at = person(request), now()
    version = _form_of(form, user)
    if version is None:
        raise Http404
    context = {
        "version": version,
        "definition": version.parsed,
        "organization": version.form.program.organization,
        "mine": [_row(s) for s in queries.standings(Placement.objects.filter(learner=user, form=form), at)],
        "key": new_id(),
        **_options(),
    }
    if request.method == "GET":
        first = {"kind": "externship", "supervisor_language": user.language, "starts_on": localtime(at).date()}
        return render(request, "learner/work_start.html", {**context, "form": first})
    typed_form = _typed_form(request)
    try:
        placement = actions.start(form=version.form, given=_given(typed_form), by=user, at=at, key=_key(request))
    except Refused as refused:
        context |= {"form": typed_form, "key": _key(request)}
        return again(request, "learner/work_start.html", context, refused)
    return redirect("learner:work", placement.pk)


def _row(standing: queries.Standing) -> dict[str, Any]:
    """A placement with its chip and words."""
    chip, said = words.STATES[standing.state]
    return {"standing": standing, "placement": standing.placement, "chip": chip, "told": said}


def rows(user: User) -> list[dict[str, Any]]:
    """Her placements for My path, the newest first."""
    chosen = Placement.objects.filter(learner=user).order_by("-started_at", "-id")
    return [_row(standing) for standing in queries.standings(chosen, now())]


def _answers(standing: queries.Standing) -> list[dict[str, Any]]:
    """What the supervisor answered, criterion by criterion."""
    review = standing.review
    if review is None:
        return []
    say = {value: text for value, _css, text in words.ANSWERS}
    chips = {"demonstrated": "demonstrated", "not_yet": "not_yet", "not_seen": "cannot_tell"}
    return [
        {"item": item, "told": say[review.answers[str(n)]], "chip": chips[review.answers[str(n)]]}
        for n, item in enumerate(standing.placement.version.parsed.criteria)
    ]


def _context(request: HttpRequest, placement: Placement) -> dict[str, Any]:
    at = now()
    standing = queries.standing(placement, at)
    link = standing.link
    entries = placement.entries.filter(removed_at=None).order_by("-day", "-logged_at", "-id")
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    definition = placement.version.parsed
    return {
        **_row(standing),
        "definition": definition,
        "organization": placement.organization,
        "kind": words.KINDS[placement.kind],
        "link": link if link is not None and rules.link_state(link, at) == "open" else None,
        "page": page,
        "entries": [{"entry": e, "state": rules.entry_state(e)} for e in page.object_list],
        "answers": _answers(standing),
        "can_hand": definition.by_hand,
        "open": placement.closed_at is None,
        "key": new_id(),
        "today": min(localtime(at).date(), placement.ends_on or localtime(at).date()),
    }


@never_cache
@require_safe
@signed_in
def work(request: HttpRequest, placement: UUID) -> HttpResponse:
    """One workplace: log hours, see what is countersigned, send the link, read the review."""
    found = _mine(request, placement)
    context = _context(request, found)
    return render(request, "learner/work.html", {**context, "form": {"day": context["today"]}})


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: HttpRequest, placement: UUID) -> HttpResponseBase:
    """Mend employer, supervisor, dates."""
    found = _mine(request, placement)
    context = {"placement": found, "definition": found.version.parsed, **_options()}
    if request.method == "GET":
        form = {name: getattr(found, name) for name in _typed_form(request)}
        return render(request, "learner/work_change.html", {**context, "form": form})
    form = _typed_form(request)
    try:
        actions.change(placement=found, given=_given(form), by=person(request), at=now())
    except Refused as refused:
        return again(request, "learner/work_change.html", {**context, "form": form}, refused)
    messages.success(request, _("Changed."))
    return redirect("learner:work", found.pk)


def _typed_hours(request: HttpRequest) -> dict[str, str]:
    return {name: typed(request.POST.get(name), 2000) for name in ("day", "hours", "text")}


@require_POST
@signed_in
def log(request: HttpRequest, placement: UUID) -> HttpResponseBase:
    """Keep hours of one day."""
    found = _mine(request, placement)
    form = _typed_hours(request)
    try:
        actions.log(
            placement=found, day=typed_date(form["day"]), hours=rules.amount(form["hours"]), text=form["text"],
            key=_key(request), by=person(request), at=now(),
        )  # fmt: skip
    except Refused as refused:
        context = {**_context(request, found), "form": form, "key": _key(request)}
        return again(request, "learner/work.html", context, refused)
    messages.success(request, _("Received. Your supervisor can countersign it."))
    return redirect("learner:work", found.pk)


@require_http_methods(["GET", "POST"])
@signed_in
def hours(request: HttpRequest, placement: UUID, entry: UUID) -> HttpResponseBase:
    """Correct or take back hours that are not countersigned."""
    found = _mine(request, placement)
    row = HoursEntry.objects.filter(placement=found, pk=entry).select_related("placement").first()
    if row is None:
        raise Http404
    context = {"placement": found, "entry": row, "state": rules.entry_state(row)}
    if request.method == "GET":
        form: dict[str, Any] = {"day": row.day, "hours": rules.plain(row.hours), "text": row.text}
        return render(request, "learner/work_hours.html", {**context, "form": form})
    typed_form = _typed_hours(request)
    try:
        if request.POST.get("do") == "take_back":
            actions.take_back(entry=row, by=person(request), at=now())
            messages.success(request, _("Taken back."))
        else:
            actions.correct(
                entry=row, day=typed_date(typed_form["day"]), hours=rules.amount(typed_form["hours"]),
                text=typed_form["text"], by=person(request), at=now(),
            )  # fmt: skip
            messages.success(request, _("Corrected. Your supervisor can countersign it."))
    except Refused as refused:
        return again(request, "learner/work_hours.html", {**context, "form": typed_form}, refused)
    return redirect("learner:work", found.pk)


@require_POST
@signed_in
def mail(request: HttpRequest, placement: UUID) -> HttpResponseBase:
    """Mail the supervisor her link, again if need be."""
    found = _mine(request, placement)
    try:
        link = actions.make_link(placement=found, by_hand=False, by=person(request), at=now())
    except Refused as refused:
        context = _context(request, found)
        return again(request, "learner/work.html", {**context, "form": {"day": context["today"]}}, refused)
    messages.success(request, _("The link is on its way to %(email)s.") % {"email": link.email})
    return redirect("learner:work", found.pk)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def hand(request: HttpRequest, placement: UUID) -> HttpResponseBase:
    """A code to scan and a link to copy, for a supervisor who stands beside her or has no e-mail."""
    found = _mine(request, placement)
    context: dict[str, Any] = {"placement": found, "definition": found.version.parsed}
    if request.method == "POST":
        try:
            actions.make_link(placement=found, by_hand=True, by=person(request), at=now())
        except Refused as refused:
            return render(request, "learner/work_hand.html", {**context, **told(refused)}, status=refused.status)
        return redirect("learner:work_hand", found.pk)
    link = queries.newest_link(found) if context["definition"].by_hand else None
    if link is not None and not link.email and link.name and rules.link_state(link, now()) == "open":
        url = words.address(link)
        context |= {"link": link, "url": url, "qr": qr(url)}
    return render(request, "learner/work_hand.html", context)


@require_POST
@signed_in
def close(request: HttpRequest, placement: UUID) -> HttpResponseBase:
    """Close it, or open it again."""
    found = _mine(request, placement)
    if request.POST.get("do") == "open":
        supervise.take_up_again(placement=found, by=person(request), at=now())
        messages.success(request, _("Open again."))
    else:
        actions.close(placement=found, reason="", set_aside=False, by=person(request), at=now())
        messages.success(request, _("Closed. Everything that was signed stays."))
    return redirect("learner:work", found.pk)
