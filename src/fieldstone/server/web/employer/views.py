"""A recognizer's screens: what it promised, what is claimed, and its answers. Employers, districts, colleges alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.awards.rules import page_url
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.ledger.problems import mark as _m
from fieldstone.server.people.models import Organization
from fieldstone.server.recognition import actions, queries
from fieldstone.server.recognition.models import Claim, Promise
from fieldstone.server.recognition.rules import KINDS, answer_problem
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed, typed_date, whole
from fieldstone.server.web.shared.promises import KIND_WORDS, STANDING_CHIPS, STANDING_WORDS, record_words
from fieldstone.server.web.shared.tables import csv_file
from fieldstone.server.web.shared.templatetags.fieldstone import text

PAGE = 20


@dataclass(frozen=True)
class Row:
    """One promise on a page: what it is for, its record in words, and how it stands."""

    promise: Promise
    target: queries.Target | None
    record: str
    waiting: int
    ended: bool
    begun: bool


def _rows(promises: Iterable[Promise], at: datetime) -> list[Row]:
    told = queries.told(promises, at)
    targets = queries.targets(each.promise for each in told)
    today = localtime(at).date()
    return [
        Row(
            promise=each.promise,
            target=targets.get(each.promise.pk),
            record=record_words(each.record),
            waiting=each.record["waiting"] + each.record["overdue"],
            ended=each.promise.withdrawn_at is not None
            or (each.promise.ends_on is not None and each.promise.ends_on < today),
            begun=each.promise.starts_on <= today,
        )
        for each in told
    ]


@dataclass(frozen=True)
class Line:
    """One claim on a page."""

    claimed: queries.Claimed
    chip: str
    words: str
    link: str


def _lines(claims: Iterable[Claim], at: datetime) -> list[Line]:
    return [
        Line(
            each,
            STANDING_CHIPS[each.standing],
            str(STANDING_WORDS[each.standing]),
            page_url("", each.claim.award.code),
        )
        for each in queries.claimed(claims, at)
    ]


@require_safe
@inside("recognize")
def promises(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What we promised, each with its public record; claims that wait stand above."""
    at = now()
    page = Paginator(queries.promises_of(organization), PAGE).get_page(request.GET.get("page"))
    open_claims = queries.claims_on(organization).filter(answered_at=None)
    context = {
        "organization": organization,
        "page": page,
        "rows": _rows(page.object_list, at),
        "waiting": open_claims.count(),
        "late": open_claims.filter(due_at__lt=at).count(),
    }
    return render(request, "employer/promises.html", context)


@require_safe
@inside("recognize")
def choose(request: HttpRequest, organization: Organization) -> HttpResponse:
    """First step of a new promise: find the micro-credential or stack, of any organization."""
    words = typed(request.GET.get("q"), 80)
    found = queries.search_targets(words) if words.strip() else queries.Found([], 0)
    context = {"organization": organization, "asked": words, "found": found.shown, "beyond": found.more}
    return render(request, "employer/choose.html", context)


_FIELDS = (
    "kind", "headline_en", "headline_es", "terms_en", "terms_es", "amount", "answer_days", "starts_on", "ends_on",
    "key",
)  # fmt: skip
_NOT_A_DATE = _m("Write a date such as 2026-11-30.")


@require_http_methods(["GET", "POST"])
@inside("recognize")
def make(request: HttpRequest, organization: Organization, kind: str, target: UUID) -> HttpResponseBase:
    """Second step: what follows from it, on which terms, from when to when."""
    chosen = queries.target(kind, target)
    if chosen is None:
        raise Http404
    at = now()
    context: dict[str, Any] = {
        "organization": organization,
        "target": chosen,
        "kinds": [("", _("Choose")), *((k, KIND_WORDS[k]) for k in KINDS)],
    }
    if request.method == "GET":
        first: dict[str, Any] = {"answer_days": 14, "starts_on": localtime(at).date().isoformat(), "key": new_id()}
        return render(request, "employer/make.html", {**context, "form": first})
    form = {name: typed(request.POST.get(name)) for name in _FIELDS}
    starts_on, ends_on = typed_date(form["starts_on"]), typed_date(form["ends_on"])
    try:
        if starts_on is None:
            raise Refused(_NOT_A_DATE, "starts_on")
        if ends_on is None and form["ends_on"].strip():
            raise Refused(_NOT_A_DATE, "ends_on")
        row = actions.promise(
            organization=organization, kind=form["kind"],
            headline={"en": form["headline_en"], "es": form["headline_es"]},
            terms={"en": form["terms_en"], "es": form["terms_es"]},
            amount=form["amount"], answer_days=whole(form["answer_days"]), starts_on=starts_on,
            ends_on=ends_on, by=person(request), at=at, micro_credential=queries.micro_credential_of(chosen),
            stack=queries.stack_of(chosen), key=form["key"],
        )  # fmt: skip
    except Refused as refused:
        return again(request, "employer/make.html", {**context, "form": form}, Refused(map(_placed, refused.problems)))
    messages.success(request, _("The promise is public from its first day. Its record stands beside it."))
    return redirect("employer:promise", organization.slug, row.pk)


def _placed(problem: Problem) -> Problem:
    """The field's name as on the page: texts are typed in one box per language."""
    field = problem.field.replace(".", "_")
    return Problem(f"{field}_en" if field in ("headline", "terms") else field, problem.message, problem.params)


def _own(organization: Organization, promise: UUID) -> Promise:
    return get_object_or_404(Promise, pk=promise, organization=organization)


@require_safe
@inside("recognize")
def promise(request: HttpRequest, organization: Organization, promise: UUID) -> HttpResponse:
    """One promise, its record, and every claim on it."""
    at = now()
    row = _own(organization, promise)
    found = queries.claims_on(organization).filter(promise=row).order_by("-claimed_at", "-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "organization": organization,
        "row": _rows([row], at)[0],
        "kind": KIND_WORDS[row.kind],
        "page": page,
        "lines": _lines(page.object_list, at),
    }
    return render(request, "employer/promise.html", context)


@require_http_methods(["GET", "POST"])
@inside("recognize")
def withdraw(request: HttpRequest, organization: Organization, promise: UUID) -> HttpResponseBase:
    """Ask, then withdraw. Claims that were made stay due."""
    row = _own(organization, promise)
    if request.method == "POST":
        actions.withdraw(promise=row, by=person(request), at=now())
        messages.success(request, _("Withdrawn. Nobody can claim it from now on; claims made before stay due."))
        return redirect("employer:promise", organization.slug, row.pk)
    open_claims = queries.claims_on(organization).filter(promise=row, answered_at=None).count()
    return render(
        request, "employer/withdraw.html", {"organization": organization, "promise": row, "open_claims": open_claims}
    )


@require_safe
@inside("recognize")
def claims(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Claims that wait for an answer, soonest due first."""
    at = now()
    found = queries.claims_on(organization).filter(answered_at=None).order_by("due_at", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "employer/claims.html",
        {"organization": organization, "page": page, "lines": _lines(page.object_list, at)},
    )


@require_http_methods(["GET", "POST"])
@inside("recognize")
def claim(request: HttpRequest, organization: Organization, claim: UUID) -> HttpResponseBase:
    """One claim: what the person can do, the credential to check, and the answer. An answer is asked for twice."""
    at = now()
    row = get_object_or_404(queries.claims_on(organization), pk=claim)
    context: dict[str, Any] = {
        "organization": organization,
        "line": _lines([row], at)[0],
        "row": _rows([row.promise], at)[0],
        "form": {},
    }
    if request.method == "GET":
        return render(request, "employer/claim.html", context)
    form = {"outcome": typed(request.POST.get("outcome"), 20), "reason": typed(request.POST.get("reason"))}
    context["form"] = form
    try:
        if form["outcome"] not in ("kept", "declined"):
            raise Refused(_m("Choose an answer."), "outcome")
        kept = form["outcome"] == "kept"
        problem = answer_problem(kept=kept, reason=form["reason"])
        if problem:
            raise Refused(problem)
        if request.POST.get("sure") != "yes":
            return render(request, "employer/answer.html", {**context, "kept": kept})
        actions.answer(claim=row, kept=kept, reason=form["reason"], by=person(request), at=at)
    except Refused as refused:
        context["line"] = _lines([get_object_or_404(queries.claims_on(organization), pk=claim)], at)[0]
        return again(request, "employer/claim.html", context, refused)
    messages.success(request, _("Answered. The learner is told, and the public record counts it."))
    return redirect("employer:claims", organization.slug)


@require_safe
@inside("recognize")
def history(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Every answered claim, newest answer first."""
    at = now()
    found = queries.claims_on(organization).filter(answered_at__isnull=False).order_by("-answered_at", "-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "employer/history.html",
        {"organization": organization, "page": page, "lines": _lines(page.object_list, at)},
    )


@require_safe
@inside("recognize")
def promises_csv(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Our promises with their records as a file."""
    at = now()
    told = queries.told(queries.promises_of(organization), at)
    targets = queries.targets(each.promise for each in told)
    head = (
        _("Promise"), _("What is promised"), _("For"), _("Amount"), _("Days to answer"), _("From"), _("Until"),
        _("Withdrawn"), _("Kept on time"), _("Kept late"), _("Declined"), _("No answer in time"), _("Waiting"),
    )  # fmt: skip
    rows = (
        (
            text(each.promise.headline), KIND_WORDS[each.promise.kind],
            text(targets[each.promise.pk].title) if each.promise.pk in targets else "", each.promise.amount,
            each.promise.answer_days, each.promise.starts_on, each.promise.ends_on,
            _iso(each.promise.withdrawn_at),
            *(each.record[name] for name in ("kept", "kept_late", "declined", "overdue", "waiting")),
        )
        for each in told
    )  # fmt: skip
    return csv_file(f"{organization.slug}-promises", head, rows)


@require_safe
@inside("recognize")
def claims_csv(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Every claim on our promises as a file: what a page of it shows, no more."""
    at = now()
    found = queries.claims_on(organization).order_by(F("due_at").asc(), "pk")
    head = (
        _("Promise"), _("Name on the credential"), _("Credential"), _("Code"), _("Claimed"), _("Answer due"),
        _("How it stands"), _("Answered"), _("Reason"),
    )  # fmt: skip
    rows = (
        (
            text(line.claimed.claim.promise.headline), line.claimed.name, text(line.claimed.title),
            line.claimed.claim.award.code, _iso(line.claimed.claim.claimed_at), _iso(line.claimed.claim.due_at),
            line.words, _iso(line.claimed.claim.answered_at), line.claimed.claim.reason,
        )
        for line in _lines(found, at)
    )  # fmt: skip
    return csv_file(f"{organization.slug}-claims", head, rows)


def _iso(moment: datetime | None) -> str:
    return localtime(moment).date().isoformat() if moment else ""
