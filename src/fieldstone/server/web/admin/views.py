"""People and roles of one organization, how it assesses, and its record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import invite
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _m
from fieldstone.server.people import actions
from fieldstone.server.people.models import Membership, Organization
from fieldstone.server.web.admin.record_words import said
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed, whole

ROLE_WORDS = {
    "author": gettext_lazy("Author"),
    "assessor": gettext_lazy("Assessor"),
    "approver": gettext_lazy("Approver"),
    "issuer": gettext_lazy("Issuer"),
    "lead": gettext_lazy("Program lead"),
    "coach": gettext_lazy("Coach"),
    "recognizer": gettext_lazy("Recognizer"),
    "administrator": gettext_lazy("Administrator"),
}


def _members(organization: Organization) -> dict[str, Any]:
    found = (
        Membership.objects.filter(organization=organization, ended_at=None)
        .exclude(role="learner")
        .select_related("user")
        .order_by("user__name", "role")
    )
    rows = [(row, ROLE_WORDS[row.role]) for row in found]
    return {"organization": organization, "rows": rows, "roles": list(ROLE_WORDS.items())}


@require_http_methods(["GET", "POST"])
@inside("administer")
def members(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Who works here, and giving somebody a role by e-mail address."""
    context = _members(organization)
    if request.method == "GET":
        return render(request, "admin/members.html", context)
    form = {"email": typed(request.POST.get("email"), 300), "role": request.POST.get("role", "")}
    try:
        if form["role"] not in ROLE_WORDS:
            raise Refused(_m("Choose a role."), "role")
        invite.by_email(
            organization=organization, **form, language=get_language() or "en", by=person(request), at=now()
        )
    except Refused as refused:
        return again(request, "admin/members.html", {**context, "form": form}, refused)
    messages.success(request, _("The role is given. The person signs in with a code mailed to that address."))
    return redirect("admin:members", organization.slug)


@require_http_methods(["GET", "POST"])
@inside("administer")
def end(request: HttpRequest, organization: Organization, membership: UUID) -> HttpResponseBase:
    """Ask, then take a role away."""
    row = get_object_or_404(
        Membership.objects.select_related("user", "organization"),
        pk=membership,
        organization=organization,
        ended_at=None,
    )
    context = {"organization": organization, "row": row, "role": ROLE_WORDS.get(row.role, row.role)}
    if request.method == "GET":
        return render(request, "admin/end.html", context)
    try:
        actions.end_role(membership=row, by=person(request), at=now())
    except Refused as refused:
        return again(request, "admin/end.html", context, refused)
    return redirect("admin:members", organization.slug)


@require_http_methods(["GET", "POST"])
@inside("administer")
def settings(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """How this organization assesses."""
    fields = ("review_days", "check_days", "hold_limit")
    if request.method == "GET":
        form: dict[str, Any] = {f: getattr(organization, f) for f in (*fields, "two_person")}
        return render(request, "admin/settings.html", {"organization": organization, "form": form})
    numbers = {f: whole(request.POST.get(f)) for f in fields}
    two_person = request.POST.get("two_person", "")
    try:
        actions.change_organization(
            organization=organization, two_person=two_person, by=person(request), at=now(), **numbers
        )
    except Refused as refused:
        form = {**{f: request.POST.get(f, "") for f in fields}, "two_person": two_person}
        return again(request, "admin/settings.html", {"organization": organization, "form": form}, refused)
    messages.success(request, _("Changed. Reviews that are open keep the rule they began with."))
    return redirect("admin:settings", organization.slug)


SECTOR_WORDS = (
    ("", gettext_lazy("Not said")),
    ("public", gettext_lazy("Public: of a state, a district or a nation")),
    ("nonprofit", gettext_lazy("Private, not for profit")),
    ("business", gettext_lazy("Private, for profit")),
)


@require_http_methods(["GET", "POST"])
@inside("administer")
def about(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Where the organization is, how to reach it, and whose it is."""
    limits = {"place": 200, "url": 300, "email": 254, "sector": 20}
    context: dict[str, Any] = {"organization": organization, "sectors": SECTOR_WORDS}
    if request.method == "GET":
        form = {name: getattr(organization, name) for name in limits}
        return render(request, "admin/about.html", {**context, "form": form})
    form = {name: typed(request.POST.get(name), limit) for name, limit in limits.items()}
    try:
        actions.describe_organization(organization=organization, by=person(request), at=now(), **form)
    except Refused as refused:
        return again(request, "admin/about.html", {**context, "form": form}, refused)
    messages.success(request, _("Changed. Pages and registries show it from now on."))
    return redirect("admin:about", organization.slug)


@require_safe
@inside("administer")
def record(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The organization's lines of the append-only record, newest first: what happened, who did it, on what.

    Those who work or worked here are named; of learners only that it was one, so that reviews stay without names.
    """
    entries = Entry.objects.filter(organization=organization.pk).order_by("-id")
    page = Paginator(entries, 50).get_page(request.GET.get("page"))
    staff = Membership.objects.filter(organization=organization, user__in={e.by for e in page if e.by})
    names = {row.user_id: str(row.user) for row in staff.exclude(role="learner").select_related("user")}
    codes = dict(Award.objects.filter(pk__in={e.subject_id for e in page}).values_list("pk", "code"))
    lines = [
        {
            "entry": entry,
            "words": said(entry.verb),
            "who": names.get(entry.by, _("A learner or visitor")) if entry.by else _("The software"),
            "on": codes.get(entry.subject_id) or str(entry.subject_id)[-8:],
        }
        for entry in page
    ]
    return render(request, "admin/record.html", {"organization": organization, "page": page, "lines": lines})
