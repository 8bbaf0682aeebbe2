"""An issuer's screens: every credential of the organization, withdrawing and pausing, and the signing keys."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.awards import actions, rules
from fieldstone.server.awards import queries as awards
from fieldstone.server.awards.models import Award, SigningKey
from fieldstone.server.awards.rules import pick
from fieldstone.server.backpack import queries as backpack
from fieldstone.server.journeys import withdraw_award
from fieldstone.server.journeys.issue_again import issue_again
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.people.models import Organization
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.middleware import translated

PAGE = 25
STATES = ("valid", "paused", "withdrawn", "ended")
COLUMNS = ("code", "credential", "kind", "holder", "issued", "valid_until", "state", "reason", "version", "sha256")


def _found(request: HttpRequest, organization: Organization) -> Any:
    state, words = request.GET.get("state", ""), request.GET.get("q", "").replace("\x00", "")[:100]
    return awards.of_organization(
        organization,
        words=words,
        stacks=stacks.titles(organization) if words else None,
        state=state if state in STATES else "",
        at=now(),
    )


def _reason(award: Award) -> str:
    """Why it does not hold, in the language of the page."""
    reason = award.revoked_reason or award.suspended_reason
    if not reason:
        return ""
    message, params = rules.automatic(reason)
    return _(message) % params if message in rules.AUTOMATIC else reason


def _row(award: Award) -> dict[str, Any]:
    at = now()
    return {
        "award": award,
        "title": pick(awards.title(award), get_language() or "en"),
        "holder": award.learner.name if award.learner else awards.signed_recipient(award),
        "waits": award.learner is None and awards.document(award) is not None,
        "state": awards.state_of(award, at),
        "reason": _reason(award),
    }


@require_safe
@inside("issue")
def awards_list(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Every credential of the organization, newest first; found by name, title or code."""
    page = Paginator(_found(request, organization), PAGE).get_page(request.GET.get("page"))
    given = request.GET.copy()
    given.pop("page", None)
    context = {
        "organization": organization,
        "page": page,
        "rows": [_row(award) for award in page.object_list],
        "q": request.GET.get("q", "")[:100],
        "state": request.GET.get("state", ""),
        "query": given.urlencode(),
        "states": [
            ("", _("All")),
            ("valid", _("Valid")),
            ("paused", _("Paused")),
            ("withdrawn", _("Withdrawn")),
            ("ended", _("Ended")),
        ],
    }
    return render(request, "issuer/list.html", context)


class _Line:
    """What csv.writer needs of a file: each line is given back."""

    def write(self, line: str) -> str:
        return line


def _cell(value: object) -> str:
    """A value that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@require_safe
@inside("issue")
def export(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """What the list shows, all of it, as CSV (UTF-8, times in UTC)."""
    writer = csv.writer(_Line())
    found = _found(request, organization)

    def lines() -> Iterator[str]:
        yield writer.writerow(COLUMNS)
        for award in found.iterator(chunk_size=500):
            row = _row(award)
            values = (
                award.code,
                row["title"],
                "stack" if award.stack_id else "micro-credential",
                row["holder"],
                award.issued_at.isoformat(timespec="seconds"),
                award.valid_until.isoformat(timespec="seconds") if award.valid_until else "",
                row["state"],
                award.revoked_reason or award.suspended_reason,
                award.version.number if award.version else "",
                award.sha256,
            )
            yield writer.writerow([_cell(value) for value in values])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{organization.slug}-credentials.csv"'
    return response


def _award(organization: Organization, award: UUID) -> Award:
    """An award of this organization; another's does not exist here."""
    rows = Award.objects.select_related("organization", "learner", "version", "micro_credential", "signing_key")
    return get_object_or_404(rows.select_related("document"), pk=award, organization=organization)


@require_safe
@inside("issue")
def award_page(request: HttpRequest, organization: Organization, award: UUID) -> HttpResponse:
    """One credential: whose, since when, how it stands, and what can be done."""
    found = _award(organization, award)
    parts = [_row(part) for part in awards.parts_of(found).select_related("learner", "version")]
    context = {
        "organization": organization,
        "row": _row(found),
        "parts": parts,
        "built": [_row(built) for built in awards.built_on(found)],
        "older": Award.objects.filter(replaced_by=found).first(),
        "newer": found.replaced_by,
    }
    return render(request, "issuer/award.html", context)


def _decide(request: HttpRequest, organization: Organization, award: UUID, what: str) -> HttpResponseBase:
    """Ask for the reason and a yes; do it; say what was done."""
    found = _award(organization, award)
    context: dict[str, Any] = {
        "organization": organization,
        "row": _row(found),
        "built": [_row(built) for built in awards.built_on(found)],
        "what": what,
        "reason": request.POST.get("reason", ""),
    }
    if request.method != "POST":
        return render(request, "issuer/decide.html", context)
    try:
        if what == "withdraw":
            _may_withdraw(request)
            withdraw_award.withdraw(award=found, reason=context["reason"], by=person(request), at=now())
            done = _("It is withdrawn.")
        elif what == "pause":
            withdraw_award.suspend(award=found, reason=context["reason"], by=person(request), at=now())
            done = _("It is paused.")
        else:
            withdraw_award.reinstate(award=found, by=person(request), at=now())
            done = _("It is valid again.")
    except Refused as refused:
        problems = [{"field": p.field, "message": translated(p)} for p in refused.problems]
        context |= {"problems": problems, "errors": {p["field"]: p["message"] for p in problems}}
        return render(request, "issuer/decide.html", context, status=refused.status)
    messages.success(request, f"{done} {_who_is_told(found)}")
    return redirect("issuer:award", org=organization.slug, award=found.pk)


def _may_withdraw(request: HttpRequest) -> None:
    """Raises Refused with everything that is missing at once: the reason, and the yes."""
    missing = []
    if not request.POST.get("reason", "").strip():
        missing.append(Problem("reason", _("Write the reason. The holder and everybody who checks will read it.")))
    if "sure" not in request.POST:
        missing.append(Problem("sure", _("Say that you are sure. It cannot be undone.")))
    if missing:
        raise Refused(missing)


def _who_is_told(award: Award) -> str:
    """Who gets a mail about what was just done to an award."""
    if award.learner is not None:
        if award.learner.email:
            return _("The holder is told by mail.")
        return _("The holder reads it on their page; the account has no e-mail address.")
    last = backpack.last_told(award)
    if last is None:
        return _("Nobody has picked it up, and no address is right, so nobody is told by mail.")
    return _("It was not picked up yet. A mail goes to %(email)s.") % {"email": last.email}


@require_http_methods(["GET", "HEAD", "POST"])
@inside("issue")
def withdraw(request: HttpRequest, organization: Organization, award: UUID) -> HttpResponseBase:
    """Withdraw for good, with a reason and a yes."""
    return _decide(request, organization, award, "withdraw")


@require_http_methods(["GET", "HEAD", "POST"])
@inside("issue")
def pause(request: HttpRequest, organization: Organization, award: UUID) -> HttpResponseBase:
    """Pause while something is looked into."""
    return _decide(request, organization, award, "pause")


@require_http_methods(["GET", "HEAD", "POST"])
@inside("issue")
def reinstate(request: HttpRequest, organization: Organization, award: UUID) -> HttpResponseBase:
    """End a pause."""
    return _decide(request, organization, award, "reinstate")


@require_http_methods(["GET", "HEAD", "POST"])
@inside("issue")
def again(request: HttpRequest, organization: Organization, award: UUID) -> HttpResponseBase:
    """Issue a withdrawn one again, after a yes, with the holder's name as it is now. Twice is once."""
    found = _award(organization, award)
    row = _row(found)
    context: dict[str, Any] = {
        "organization": organization, "row": row, "was": awards.signed_recipient(found), "name": row["holder"],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "issuer/again.html", context)
    try:
        if "sure" not in request.POST:
            raise Refused(_("Say that the name is right."), "sure")
        made = issue_again(award=found, by=person(request), at=now())
    except Refused as refused:
        problems = [{"field": p.field, "message": translated(p)} for p in refused.problems]
        context |= {"problems": problems, "errors": {p["field"]: p["message"] for p in problems}}
        return render(request, "issuer/again.html", context, status=refused.status)
    messages.success(request, f"{_('It is issued again.')} {_who_is_told(made)}")
    return redirect("issuer:award", org=organization.slug, award=made.pk)


def _keys(organization: Organization) -> list[SigningKey]:
    return list(SigningKey.objects.filter(organization=organization).order_by("-made_at", "-id"))


@require_safe
@inside("issue")
def keys(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The identifier under which the organization signs, and its keys. Private parts are never shown."""
    return render(request, "issuer/keys.html", {"organization": organization, "keys": _keys(organization)})


@require_http_methods(["GET", "HEAD", "POST"])
@inside("issue")
def rotate(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """A new key from now on, after a yes. The form carries the key that was seen, so twice is once."""
    active = next((key for key in _keys(organization) if key.retired_at is None), None)
    context: dict[str, Any] = {"organization": organization, "active": active}
    if request.method != "POST":
        return render(request, "issuer/rotate.html", context)
    if "sure" not in request.POST:
        message = _("Say that you are sure.")
        context |= {"problems": [{"field": "sure", "message": message}], "errors": {"sure": message}}
        return render(request, "issuer/rotate.html", context, status=422)
    seen = request.POST.get("current", "")
    current = next((key for key in _keys(organization) if str(key.pk) == seen), None)
    actions.rotate_key(organization=organization, current=current, by=person(request), at=now())
    messages.success(request, _("A new key signs from now on. What the old one signed stays valid."))
    return redirect("issuer:keys", org=organization.slug)
