"""A recognizer asks one person for credentials: choose what, say why, hand on the link, read what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone import credential
from fieldstone.server.awards import checking
from fieldstone.server.journeys.ask_credentials import ask_credentials, wanted
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.recognition import queries as recognition
from fieldstone.server.wallets import actions, queries, rules
from fieldstone.server.wallets.models import Reply, Request
from fieldstone.server.web.shared import check_words
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed, whole
from fieldstone.server.web.shared.qr import qr

PAGE = 20


@dataclass(frozen=True)
class Row:
    """One request in the list."""

    ask: Request
    standing: str
    chip: str
    words: str


def _row(ask: Request, at: datetime) -> Row:
    reply: Reply | None = getattr(ask, "reply", None)
    where = rules.standing(
        ends_at=ask.ends_at, closed_at=ask.closed_at, replied=reply is not None,
        erased=reply is not None and reply.erased_at is not None, at=at,
    )  # fmt: skip
    chips = {
        "waiting": ("waiting", _("Waiting")),
        "answered": ("passed", _("Answered")),
        "erased": ("ended", _("Answered and erased")),
        "closed": ("ended", _("Closed")),
        "ended": ("ended", _("Ended without an answer")),
    }
    return Row(ask, where, *chips[where])


@require_safe
@inside("recognize")
def asks(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Everything that was asked, newest first."""
    page = Paginator(queries.requests_of(organization), PAGE).get_page(request.GET.get("page"))
    rows = [_row(ask, now()) for ask in page.object_list]
    return render(request, "employer/asks.html", {"organization": organization, "page": page, "rows": rows})


def _wanted(values: Sequence[str]) -> list[rules.Asked]:
    """What was chosen so far: "m:ID" and "s:ID"; what cannot be read or is not there is left out."""
    found: dict[str, rules.Asked] = {}
    for value in list(values)[: rules.MAX_ASKED + 1]:
        kind, _colon, pk = value.partition(":")
        try:
            one = wanted(kind, UUID(pk)) if kind in ("m", "s") else None
        except ValueError:
            one = None
        if one is not None:
            found[value] = one
    return list(found.values())


def _wants(asked: Sequence[rules.Asked]) -> list[str]:
    return [f"{each.kind}:{each.id}" for each in asked]


@require_safe
@inside("recognize")
def choose(request: HttpRequest, organization: Organization) -> HttpResponse:
    """First step: which micro-credentials or stacks, of any organization here."""
    asked = _wanted(request.GET.getlist("want"))
    wants = _wants(asked)
    words = typed(request.GET.get("q"), 80)
    found = recognition.search_targets(words) if words.strip() else recognition.Found([], 0)
    context = {
        "organization": organization,
        "asked": words,
        "chosen": [
            (each, urlencode({"want": [want for want in wants if want != mine]}, doseq=True))
            for each, mine in zip(asked, wants, strict=True)
        ],
        "wants": wants,
        "query": urlencode({"want": wants}, doseq=True),
        "found": [
            (target, urlencode({"want": [*wants, f"{target.kind}:{target.id}"]}, doseq=True))
            for target in found.shown
            if f"{target.kind}:{target.id}" not in wants
        ],
        "beyond": found.more,
        "full": len(wants) >= rules.MAX_ASKED,
    }
    return render(request, "employer/ask_choose.html", context)


@require_http_methods(["GET", "POST"])
@inside("recognize")
def ask(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Second step: why, and for how long what comes is kept."""
    asked = _wanted((request.POST if request.method == "POST" else request.GET).getlist("want"))
    if not asked:
        return redirect("employer:ask_choose", organization.slug)
    wants = _wants(asked)
    context: dict[str, Any] = {
        "organization": organization,
        "asked": asked,
        "wants": wants,
        "query": urlencode({"want": wants}, doseq=True),
        "days": [(str(n), ngettext("%(n)s day", "%(n)s days", n) % {"n": n}) for n in rules.OPEN_DAYS],
    }
    if request.method == "GET":
        first = {
            "keep_days": 30, "open_days": "7", "needs": "all", "key": new_id(),
            "purpose": typed(request.GET.get("purpose"), rules.MAX_PURPOSE),
        }  # fmt: skip
        return render(request, "employer/ask.html", {**context, "form": first})
    form = {name: typed(request.POST.get(name)) for name in ("purpose", "keep_days", "open_days", "needs", "key")}
    try:
        row = ask_credentials(
            organization=organization, asked=asked, needs_all=form["needs"] != "any", purpose=form["purpose"],
            keep_days=whole(form["keep_days"]), open_days=whole(form["open_days"]), by=person(request), at=now(),
            key=form["key"],
        )  # fmt: skip
    except Refused as refused:
        return again(request, "employer/ask.html", {**context, "form": form}, refused)
    return redirect("employer:ask_one", organization.slug, row.pk)


@dataclass(frozen=True)
class Came:
    """One credential that was shown, checked again just now."""

    title: dict[str, str]
    issuer_name: str
    name: str
    able: str
    verdict: check_words.Verdict
    rows: list[check_words.Row]
    counts: str
    since: str
    until: str
    bound: bool
    known: bool


def _came(ask: Request, reply: Reply, at: datetime) -> list[Came]:
    return [_one(ask, item, checking.check(str(item["body"]).encode(), at=at)) for item in reply.items]


def _one(ask: Request, item: dict[str, Any], report: credential.Report) -> Came:
    asked = ask.asked[item["asked"]]
    rows = [_words(check, bound=bool(item["bound"])) for check in report.checks]
    signed = (report.document or {}).get("description")
    return Came(
        title=asked["title"], issuer_name=asked["issuer_name"], name=report.recipient_name,
        able=str(signed or report.description), verdict=check_words.verdict(report), rows=rows,
        counts=check_words.counts(rows), since=report.valid_from, until=report.valid_until, bound=bool(item["bound"]),
        known=report.issuer_known,
    )  # fmt: skip


def _words(check: credential.Check, *, bound: bool) -> check_words.Row:
    """A check's words; whose it is was proved when it was shown, or was not."""
    row = check_words.row(check)
    if check.name == "recipient" and bound:
        how = _("This does not say who stands in front of you. Compare the name with a photo ID.")
        return check_words.Row(_("Whoever showed it proved to hold the key that it names."), how, "passed")
    return row


@require_safe
@inside("recognize")
def ask_one(request: HttpRequest, organization: Organization, ask: UUID) -> HttpResponse:
    """One request: its link while it waits, what was shown once it was answered."""
    at = now()
    row = get_object_or_404(queries.requests_of(organization), pk=ask)
    reply = queries.reply_of(row)
    url = rules.page_url(settings.BASE_URL, row.token)
    context = {
        "organization": organization,
        "row": _row(row, at),
        "ask": row,
        "reply": reply,
        "came": _came(row, reply, at) if reply else [],
        "again": urlencode({"want": [f"{a['kind']}:{a['id']}" for a in row.asked], "purpose": row.purpose}, doseq=True),
        "url": url,
        "qr": qr(url),
        "wallet": rules.wallet_link(settings.BASE_URL, row.token, row.client_id),
        "at": at,
    }
    return render(request, "employer/ask_one.html", context)


@require_http_methods(["GET", "POST"])
@inside("recognize")
def close(request: HttpRequest, organization: Organization, ask: UUID) -> HttpResponseBase:
    """Ask, then close the request and erase what came."""
    row = get_object_or_404(queries.requests_of(organization), pk=ask)
    if request.method == "POST":
        actions.close(request=row, by=person(request), at=now())
        messages.success(request, _("Closed. Nothing that was shown is kept."))
        return redirect("employer:ask_one", organization.slug, row.pk)
    return render(
        request, "employer/ask_close.html", {"organization": organization, "ask": row, "row": _row(row, now())}
    )
