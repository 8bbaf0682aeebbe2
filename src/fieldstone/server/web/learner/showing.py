"""A learner shows credentials from her page: to a recognizer here, to one elsewhere, into a wallet app; and what she
showed so far."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.credential import dcql, openid4vp
from fieldstone.server.awards import queries as awarded
from fieldstone.server.journeys import show_credentials as journey
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.wallets import actions, queries, rules
from fieldstone.server.wallets.models import Request, Shown
from fieldstone.server.web.learner.common import own_award
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.forms import again, typed
from fieldstone.server.web.shared.qr import qr
from fieldstone.server.web.shared.rate import limit

MAX_LINK = 8000
MAX_BODY = 300_000


def _picks(request: HttpRequest, found: journey.Offer) -> dict[str, str]:
    """What she chose for each part: one of hers, "no", or nothing yet. Raises Refused where nothing is chosen."""
    picks = {line.part: typed(request.POST.get(f"part-{line.part}"), 80) for line in found.lines}
    if picks and not any(picks.values()):
        raise Refused(_("Choose yes or no for each, then send your answer."), next(iter(picks)))
    return picks


def _said_no(picks: dict[str, str]) -> bool:
    """Whether her answer is no, to everything."""
    return bool(picks) and all(pick == "no" for pick in picks.values())


def _missing(row: Request, found: journey.Offer) -> list[Any]:
    """What is asked for and not hers."""
    there = {rules.asked_by(line.part) for line in found.lines}
    return [each for n, each in enumerate(row.asked) if n not in there]


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def answer(request: HttpRequest, token: str) -> HttpResponseBase:
    """Which of hers answer a recognizer's request; she says yes or no to each, then it is shown."""
    at, user = now(), person(request)
    row = queries.by_token(token)
    if row is None:
        limit(request, "asked", times=30, seconds=600)
        raise Http404
    if queries.reply_of(row) is not None or row.closed_at is not None or row.ends_at <= at:
        return redirect("public:asked", token)
    found = journey.offer(user, dcql.parse(row.query), at=at)
    context: dict[str, Any] = {
        "ask": row, "offer": found, "who": row.organization.full_name, "purpose": row.purpose,
        "keep_days": row.keep_days, "missing": _missing(row, found),
        "lines": [(line, row.asked[rules.asked_by(line.part)]["title"]) for line in found.lines],
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "learner/answer.html", context)
    picks: dict[str, str] = {}
    try:
        picks = _picks(request, found)
        if _said_no(picks):
            return render(request, "learner/said_no.html", context)
        journey.show(learner=user, request=row, picks=picks, at=at)
    except Refused as refused:
        return again(request, "learner/answer.html", {**context, "picks": picks}, refused)
    messages.success(request, _("Shown. It stands here with its date, and you can take it back."))
    return redirect("learner:shown")


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def answer_elsewhere(request: HttpRequest) -> HttpResponseBase:
    """A request from anywhere: she pastes its link, reads who asks and what, and says yes or no to each.

    Three steps on one page: the link; the request as it was signed, which comes back with the form and is checked
    again; the answer, which is sent.
    """
    at, user = now(), person(request)
    if request.method == "GET":
        return render(request, "learner/answer_link.html", {"form": {}})
    form = {
        "link": typed(request.POST.get("link"), MAX_LINK),
        "client": typed(request.POST.get("client"), 400),
        "body": typed(request.POST.get("body"), MAX_BODY),
    }
    own = journey.own_token(form["link"])
    if own and queries.by_token(own) is not None:
        return redirect("learner:answer", own)
    limit(request, "answer_elsewhere", times=20, seconds=600, of=str(user.pk))
    try:
        if form["body"]:
            asked = journey.read(form["body"], client_id=form["client"], at=at)
        else:
            form["body"], asked = journey.open_link(form["link"], at=at)
            form["client"] = asked.client_id
    except Refused as refused:
        return again(request, "learner/answer_link.html", {"form": form}, refused)
    return _answer_elsewhere(request, form, asked)


def _answer_elsewhere(request: HttpRequest, form: dict[str, str], asked: openid4vp.Request) -> HttpResponseBase:
    at, user = now(), person(request)
    found = journey.offer(user, asked.query, at=at)
    context: dict[str, Any] = {
        "form": form, "asked": asked, "offer": found, "who": journey.who(asked), "calls_itself": asked.name,
        "elsewhere": True, "missing": [] if found.satisfied else [None],
        "lines": [(line, next(iter(line.able)).title) for line in found.lines],
    }  # fmt: skip
    if request.POST.get("step") != "answer":
        return render(request, "learner/answer.html", context)
    picks: dict[str, str] = {}
    try:
        picks = _picks(request, found)
        if _said_no(picks):
            return render(request, "learner/said_no.html", context)
        _row, following = journey.show_elsewhere(learner=user, request=asked, picks=picks, at=at)
    except Refused as refused:
        return again(request, "learner/answer.html", {**context, "picks": picks}, refused)
    if following:
        return render(request, "learner/answered.html", {"who": journey.who(asked), "following": following})
    messages.success(request, _("Shown. It stands here with its date."))
    return redirect("learner:shown")


@never_cache
@require_safe
@signed_in
def shown(request: HttpRequest) -> HttpResponse:
    """What she showed, to whom, when and why."""
    return render(request, "learner/shown.html", {"rows": queries.shown_by(person(request))[:200]})


def _hers(request: HttpRequest, pk: UUID) -> Shown:
    row = queries.hers(person(request), pk)
    if row is None:
        raise Http404
    return row


@require_POST
@signed_in
def take_back(request: HttpRequest, shown: UUID) -> HttpResponseBase:
    """She takes her consent back; a recognizer here loses what it was shown."""
    row = _hers(request, shown)
    actions.take_back(shown=row, by=person(request), at=now())
    if row.request_id:
        messages.success(request, _("Taken back. What you showed is erased there."))
    else:
        messages.warning(request, _("Noted. We cannot erase it there: write to them and ask for it."))
    return redirect("learner:shown")


@require_POST
@signed_in
def to_app(request: HttpRequest, award: UUID) -> HttpResponseBase:
    """Make a link with which her wallet app fetches one credential."""
    found = own_award(request, award)
    row = actions.offer_exchange(award=found, by=person(request), at=now())
    return redirect("learner:in_app", award, row.token)


@never_cache
@require_safe
@signed_in
def in_app(request: HttpRequest, award: UUID, token: str) -> HttpResponse:
    """The link and its code, while they are open."""
    row = queries.exchange(token)
    if row is None or row.award_id != award or row.award.learner_id != person(request).pk:
        raise Http404
    links = rules.exchange_links(settings.BASE_URL, row.token, row.challenge, row.award.organization.full_name)
    context = {
        "exchange": row, "award": row.award, "title": awarded.title(row.award), "links": links,
        "open": row.used_at is None and row.ends_at > now(), "qr": qr(links["app"]), "minutes": rules.EXCHANGE_MINUTES,
    }  # fmt: skip
    return render(request, "learner/in_app.html", context)
