"""Definitions and stacks as JSON files, out and in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.credential import loads
from fieldstone.credential.errors import ParseError
from fieldstone.server.catalog import actions
from fieldstone.server.catalog import rules as catalog
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.pathways import actions as pathway_actions
from fieldstone.server.pathways import rules as pathways
from fieldstone.server.people.models import Organization
from fieldstone.server.web.author import stacks, views
from fieldstone.server.web.author.fields import clean
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again
from fieldstone.server.web.shared.middleware import translated
from fieldstone.server.web.shared.templatetags.fieldstone import text

LIMIT = actions.MAX_DEFINITION_BYTES
FORMATS = {"definition": "fieldstone-definition-1", "stack": "fieldstone-stack-1"}
_TEXT = catalog.SHAPE["title"]
STACK_SHAPE: dict[str, Any] = {
    "title": _TEXT, "summary": _TEXT, "can_do": _TEXT, "glyph": str, "level": int, "valid_months": int, "hours": int,
    "occupations": [str],
}  # fmt: skip
WRONG = {
    "too_big": gettext_lazy("This file is too large. A definition has at most 200 KB."),
    "not_utf8": gettext_lazy("This file is not text in UTF-8."),
    "too_deep": gettext_lazy("This file is nested too deep."),
    "duplicate_key": gettext_lazy("A name occurs twice in one place of this file."),
    "big_integer": gettext_lazy("A number in this file is too large."),
    "not_json": gettext_lazy("This file is not JSON."),
}


def _sent(kind: str, slug: str, number: int, definition: Mapping[str, Any]) -> HttpResponse:
    response = JsonResponse(
        {"format": FORMATS[kind], "definition": definition}, json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = f'attachment; filename="{slug}-v{number}.json"'
    return response


@require_safe
@inside("author")
def definition(request: HttpRequest, organization: Organization, micro_credential: UUID, number: int) -> HttpResponse:
    """A version of a micro-credential as a file."""
    micro = views.found(organization, micro_credential)
    return _sent("definition", micro.slug, number, views.numbered(micro, number).definition)


@require_safe
@inside("author")
def tree(request: HttpRequest, organization: Organization, stack: UUID, number: int) -> HttpResponse:
    """A version of a stack as a file."""
    this = stacks.found(organization, stack)
    return _sent("stack", this.slug, number, stacks.numbered(this, number).definition)


def opened(request: HttpRequest, kind: str) -> tuple[dict[str, Any], str]:
    """The definition in the uploaded file or the pasted text, and that text. Raises Refused."""
    given = request.FILES.get("file")
    pasted = clean(request.POST.get("json", ""))
    if given is None and not pasted.strip():
        raise Refused(_("Choose a file, or paste its text."), "file")
    field = "file" if given is not None else "json"
    raw = given.read(LIMIT + 1) if given is not None else pasted.encode()
    try:
        value = loads(raw, max_bytes=LIMIT)
    except ParseError as error:
        raise Refused(str(WRONG.get(error.code, WRONG["not_json"])), field) from None
    if isinstance(value, dict) and "format" in value:
        if value["format"] != FORMATS[kind]:
            raise Refused(_("This file holds something else. It should say “%(format)s”."), field, format=FORMATS[kind])
        value = value.get("definition")
    if not isinstance(value, dict):
        raise Refused(_("This file holds no definition."), field)
    return value, field


def _take_in(
    request: HttpRequest, organization: Organization, kind: str, keep: Callable[[dict[str, Any], Any], HttpResponseBase]
) -> HttpResponseBase:
    context: dict[str, Any] = {
        "organization": organization, "kind": kind, "key": new_id(),
        "options": [(str(p.pk), text(p.title)) for p in views.programs_of(organization)],
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/import.html", context)
    context |= {"json": clean(request.POST.get("json", ""))[:LIMIT], "program": request.POST.get("program", "")}
    try:
        body, field = opened(request, kind)
        program = views.chosen_program(organization, context["program"])
        problems = unreadable(body, kind)
        if problems:
            raise Refused([Problem(field, f"{p.field}: {translated(p)}") for p in problems[:40]])
        return keep(body, program)
    except Refused as refused:
        return again(request, "author/import.html", context, refused)


def unreadable(body: dict[str, Any], kind: str) -> list[Problem]:
    """Where a file's content has the wrong shape, by path."""
    if kind == "definition":
        return catalog.unreadable(body)
    found = catalog.unreadable({k: v for k, v in body.items() if k != "tree"}, STACK_SHAPE)
    if body.get("tree") is not None:
        found += [p for p in pathways.parse(body)[1] if p.field == "tree" or p.field.startswith("tree.")]
    return found


@require_http_methods(["GET", "POST"])
@inside("author")
def take_in(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """A new draft from a definition's file. Prerequisites that are not known here are left out."""

    def keep(body: dict[str, Any], program: Any) -> HttpResponseBase:
        known = {name for name, _title in views.known_to(organization)}
        first = [name for name in body.get("prerequisites") or [] if name in known]
        whole = {**catalog.EMPTY, **body, "prerequisites": first}
        version = actions.create(
            program=program, body=whole, by=person(request), at=now(), key=views.request_key(request)
        )
        messages.success(request, _("Taken in as a draft."))
        return redirect("author:edit", organization.slug, version.micro_credential_id)

    return _take_in(request, organization, "definition", keep)


@require_http_methods(["GET", "POST"])
@inside("author")
def take_in_stack(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """A new draft of a stack from a file."""

    def keep(body: dict[str, Any], program: Any) -> HttpResponseBase:
        version = pathway_actions.create(
            program=program,
            body={**pathways.EMPTY, **body},
            by=person(request),
            at=now(),
            key=views.request_key(request),
        )
        messages.success(request, _("Taken in as a draft."))
        return redirect("author:edit_stack", organization.slug, version.stack_id)

    return _take_in(request, organization, "stack", keep)
