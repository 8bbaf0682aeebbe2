"""Programs: shelves of micro-credentials and stacks, with their subject areas."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.catalog import actions
from fieldstone.server.catalog.models import Program
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.author.fields import Field, Typed, change, draw
from fieldstone.server.web.author.views import request_key
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, told
from fieldstone.server.web.shared.registry import registry_context
from fieldstone.server.web.shared.templatetags.fieldstone import text

FORM = (
    Field(name="title", label=gettext_lazy("Title")),
    Field(
        name="summary", kind="long", label=gettext_lazy("Summary"),
        hint=gettext_lazy("For whom it is and where it leads."),
    ),
    Field(
        name="areas", kind="rows", label=gettext_lazy("Subject areas"), one=gettext_lazy("Subject area"),
        more=gettext_lazy("Add a subject area"),
        hint=gettext_lazy("Clock hours are counted in them, for example the eight areas of the CDA. None is fine too."),
        fields=(
            Field(name="code", kind="line", label=gettext_lazy("Code"),
                  hint=gettext_lazy("Short and lasting: small letters, digits, underscores.")),
            Field(name="name", label=gettext_lazy("Name")),
        ),
    ),
)  # fmt: skip


@require_safe
@inside("author")
def programs(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The organization's programs."""
    rows = (
        Program.objects.filter(organization=organization)
        .annotate(
            written=Count("micro_credentials", filter=Q(micro_credentials__retired_at=None), distinct=True),
            out=Count(
                "micro_credentials", distinct=True,
                filter=Q(
                    micro_credentials__retired_at=None, micro_credentials__versions__published_at__isnull=False,
                    micro_credentials__versions__superseded_at=None,
                ),
            ),
            walls=Count("stacks", filter=Q(stacks__retired_at=None), distinct=True),
        )
        .order_by("slug")
    )  # fmt: skip
    return render(request, "author/programs.html", {"organization": organization, "rows": rows})


@require_safe
@inside("author")
def registry(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What is still to be done before registries take what the organization publishes."""
    return render(request, "author/registry.html", registry_context(organization))


@require_http_methods(["GET", "POST"])
@inside("author")
def new(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """A new program."""
    return _form(request, organization, None)


@require_http_methods(["GET", "POST"])
@inside("author")
def program(request: HttpRequest, organization: Organization, program: UUID) -> HttpResponseBase:
    """Change a program's words and subject areas."""
    return _form(request, organization, get_object_or_404(Program, pk=program, organization=organization))


def _form(request: HttpRequest, organization: Organization, existing: Program | None) -> HttpResponseBase:
    body: dict[str, Any] = {}
    if existing is not None:
        body = {"title": existing.title, "summary": existing.summary, "areas": existing.areas}
    context: dict[str, Any] = {"organization": organization, "existing": existing, "key": new_id()}
    if request.method == "GET":
        return render(request, "author/program.html", {**context, "fields": draw(FORM, body, {})})
    typed = Typed(request.POST).read(FORM)
    context["key"] = request.POST.get("key", "")[:36]
    wish = request.POST.get("do", "save")
    if wish != "save":
        change(FORM, typed, wish)
        return render(request, "author/program.html", {**context, "fields": draw(FORM, typed, {})})
    try:
        if existing is None:
            actions.create_program(
                organization=organization, slug=text(typed["title"]), title=typed["title"],
                summary=typed["summary"], areas=typed["areas"], by=person(request), at=now(),
                key=request_key(request),
            )  # fmt: skip
        else:
            actions.change_program(program=existing, by=person(request), at=now(), **typed)
    except Refused as refused:
        context["fields"] = draw(FORM, typed, told(refused)["errors"])
        return again(request, "author/program.html", context, refused)
    messages.success(request, _("The program is saved."))
    return redirect("author:programs", organization.slug)
