"""Which programs may record awards from a list, and by how many people."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fieldstone.server.catalog import actions
from fieldstone.server.catalog.models import Program
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed


@require_http_methods(["GET", "POST"])
@inside("administer")
def lists(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """One choice for each program."""
    programs = list(Program.objects.filter(organization=organization).order_by("slug"))
    if request.method == "GET":
        context = {"organization": organization, "programs": [(p, p.lists) for p in programs]}
        return render(request, "admin/lists.html", context)
    chosen = [(p, typed(request.POST.get(f"lists-{p.slug}", p.lists), 10)) for p in programs]
    try:
        for program, policy in chosen:
            actions.allow_lists(program=program, policy=policy, by=person(request), at=now())
    except Refused as refused:
        return again(request, "admin/lists.html", {"organization": organization, "programs": chosen}, refused)
    messages.success(request, _("Saved."))
    return redirect("admin:lists", organization.slug)
