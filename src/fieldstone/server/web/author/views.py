"""Micro-credentials: write, check, publish, change, retire and copy them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.catalog import actions, frameworks, queries, rules
from fieldstone.server.catalog.models import MicroCredential, Program, Version
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.models import Row
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.pathways.models import StackComponent, StackVersion
from fieldstone.server.people.models import Membership, Organization, User
from fieldstone.server.people.rules import AREAS
from fieldstone.server.reference.frameworks import has_rubrics
from fieldstone.server.web.author import schema
from fieldstone.server.web.author.fields import Field, Part, Typed, change, draw, put_back, reach, speak
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, told, whole
from fieldstone.server.web.shared.middleware import translated
from fieldstone.server.web.shared.registry import facts_of
from fieldstone.server.web.shared.templatetags.fieldstone import text

PAGE = 30


@require_safe
@inside("author")
def micro_credentials(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Everything the organization has written, with its state."""
    page = Paginator(queries.of_organization(organization), PAGE).get_page(request.GET.get("page"))
    rows = [{"micro": micro, **states(micro.versions.all())} for micro in page.object_list]
    context = {
        "organization": organization,
        "page": page,
        "rows": rows,
        "programs": Program.objects.filter(organization=organization).exists(),
    }
    return render(request, "author/micro_credentials.html", context)


def states(versions: Iterable[Any]) -> dict[str, Any]:
    """The draft and the current one among the versions, and the one that gives the page its title."""
    every = sorted(versions, key=lambda v: -v.number)
    draft = next((v for v in every if v.published_at is None), None)
    current = next((v for v in every if v.published_at and not v.superseded_at), None)
    return {"draft": draft, "current": current, "shown": current or draft}


def programs_of(organization: Organization) -> list[Program]:
    """The organization's programs, by title."""
    return sorted(Program.objects.filter(organization=organization), key=lambda p: str(text(p.title)))


def chosen_program(organization: Organization, given: str) -> Program:
    """The program of that id, of this organization only. Raises Refused when nothing was chosen, Http404."""
    if not given:
        raise Refused(_("Choose a program."), "program")
    try:
        return Program.objects.select_related("organization").get(pk=UUID(given), organization=organization)
    except (ValueError, Program.DoesNotExist):
        raise Http404 from None


def request_key(request: HttpRequest) -> str | None:
    """The form's own key, tied to the person and the form: the same request twice is one thing made."""
    key = request.POST.get("key", "")
    mark = hashlib.sha256(f"{request.path} {key}".encode()).hexdigest()[:40]
    return f"{person(request).pk}:{mark}" if key else None


START = (schema.TITLE, schema.SUMMARY)


@require_http_methods(["GET", "POST"])
@inside("author")
def new(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """The first words of a micro-credential: its program and title."""
    programs = programs_of(organization)
    context: dict[str, Any] = {
        "organization": organization, "options": [(str(p.pk), text(p.title)) for p in programs], "key": new_id(),
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/new.html", {**context, "fields": draw(START, {}, {})})
    typed = Typed(request.POST).read(START)
    try:
        written = [code for code in rules.LANGUAGES if typed["title"].get(code)]
        if not written:
            raise Refused(rules.NEEDED, "title.en")
        program = chosen_program(organization, request.POST.get("program", ""))
        body = {**rules.EMPTY, **typed, "languages": written}
        version = actions.create(program=program, body=body, by=person(request), at=now(), key=request_key(request))
    except Refused as refused:
        context |= {"fields": draw(START, typed, told(refused)["errors"]), "program": request.POST.get("program")}
        return again(request, "author/new.html", {**context, "key": request.POST.get("key", "")[:36]}, refused)
    return redirect("author:edit", organization.slug, version.micro_credential_id)


def found(organization: Organization, pk: UUID) -> MicroCredential:
    """This organization's micro-credential with its versions, or 404."""
    rows = MicroCredential.objects.select_related("organization", "program", "copied_from__micro_credential")
    return get_object_or_404(rows.prefetch_related("versions__changed_by"), pk=pk, organization=organization)


def known_to(organization: Organization) -> list[tuple[str, str]]:
    """Micro-credentials that may be named here: (id, title), own ones first, then those of the fellows."""
    rows = (
        Version.objects.current()
        .filter(Q(micro_credential__organization=organization)
                | Q(micro_credential__organization__in=queries.fellows(organization.pk)))
        .values_list("micro_credential_id", "micro_credential__organization_id", "title_en", "title_es",
                     "micro_credential__organization__name")
    )  # fmt: skip
    listed = [
        (owner != organization.pk, text({"en": en, "es": es}) + ("" if owner == organization.pk else f" ({name})"), pk)
        for pk, owner, en, es, name in rows
    ]
    return [(str(pk), title) for _other, title, pk in sorted(listed, key=lambda row: (row[0], str(row[1]).lower()))]


# --- the long form -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """The edit page of one micro-credential for one request."""

    request: HttpRequest
    organization: Organization
    micro: MicroCredential
    known: list[tuple[str, str]]

    def parts(self, body: Mapping[str, Any]) -> tuple[Part, ...]:
        return schema.form(body, self.micro.program.areas, self.known)

    def context(self, version: Version, form: Mapping[str, Any], *, loud: bool) -> dict[str, Any]:
        """Everything the template shows. `loud`: blanks are problems at their fields too."""
        body = schema.from_form(form)
        parts = self.parts(body)
        every = schema.fields(parts)
        definition, problems = rules.parse(body)
        told_of = {p.field: translated(p) for p in reversed(problems) if loud or p.message != rules.NEEDED}
        return {
            "organization": self.organization, "micro": self.micro, "version": version, "loud": loud,
            "parts": [{"title": p.title, "intro": p.intro, "fields": draw(p.fields, form, told_of)} for p in parts],
            "gaps": spoken(every, problems), "frameworks": checked(definition, self.micro, problems),
            "stone": {"level": definition.level}, "heading": definition.title,
        }  # fmt: skip

    def render(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, "author/edit.html", context, status=status)


def spoken(fields: tuple[Field, ...], problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems as lines that name their place and lead there."""
    return [
        {"field": p.field.removesuffix(".id"), "place": speak(fields, p.field), "message": translated(p)}
        for p in problems
    ]


def facts(micro: MicroCredential) -> frameworks.Facts:
    """What the checklist needs to know besides the definition. One query."""
    stacks = StackComponent.objects.filter(
        credential=micro.pk, stack_version__in=StackVersion.objects.current()
    ).count()
    organization = micro.organization
    return facts_of(organization, stacks)


def checked(definition: rules.Definition, micro: MicroCredential, problems: list[Problem]) -> list[dict[str, Any]]:
    """The checklist by framework, each item with its words in the language of the page."""
    items = frameworks.checklist(definition, facts(micro), problems)
    found = []
    for name in frameworks.FRAMEWORKS:
        mine = [i for i in items if i.framework == name]
        rows = [
            {"element": _(i.element), "why": _(i.why) % i.params, "met": i.met, "need": i.need, "field": i.field}
            for i in mine
        ]
        lacking = sum(i.met == "no" and i.need == "required" for i in mine)
        found.append({"name": _(name), "rows": rows, "lacking": lacking})
    return found


@require_http_methods(["GET", "POST"])
@inside("author")
def edit(request: HttpRequest, organization: Organization, micro_credential: UUID) -> HttpResponseBase:
    """The draft as one long form. Every button saves all of it; nothing is ever lost."""
    micro = found(organization, micro_credential)
    newest = states(micro.versions.all())
    draft: Version | None = newest["draft"]
    page = Page(request, organization, micro, known_to(organization))
    if request.method == "GET":
        if draft is None:
            return redirect("author:micro_credential", organization.slug, micro.pk)
        context = page.context(draft, schema.to_form(draft.definition), loud="check" in request.GET)
        context |= {"revision": draft.revision, "taken": taken(request, micro), "rubrics": has_rubrics()}
        return page.render(context)
    base: Version = draft or newest["shown"]
    fields = schema.fields(page.parts(base.definition))
    form = Typed(request.POST).read(fields)
    for name in request.POST.getlist("take"):
        if name in rules.EMPTY:
            form[name] = schema.to_form(base.definition)[name]
    wish = request.POST.get("do", "save")
    last = taken(request, micro)
    out = reach(form, wish.removeprefix("remove:")) if wish.startswith("remove:") else None
    shown = put_back(form, last["path"], last["row"]) if wish == "back" and last else change(fields, form, wish)
    try:
        if draft is None:
            draft = actions.new_version(
                micro_credential=micro, by=person(request), at=now(), body=schema.from_form(form),
                based_on=whole(request.POST.get("number")),
            )  # fmt: skip
        else:
            revision = whole(request.POST.get("revision"))
            draft = actions.save_draft(
                version=draft, body=schema.from_form(form), revision=revision, by=person(request), at=now()
            )
    except actions.Stale as stale:
        return both(page, base, form, stale)
    except Refused as refused:
        context = page.context(base, form, loud=True)
        context |= {"revision": whole(request.POST.get("revision")), "refused": told(refused)["problems"]}
        return page.render(context, refused.status)
    keep_taken(request, micro, wish, out)
    return after_save(request, draft, wish, shown)


def taken(request: HttpRequest, thing: Row) -> dict[str, Any] | None:
    """What the last button took out of this draft, so that it can be put back."""
    kept = request.session.get("taken")
    return kept if isinstance(kept, dict) and kept.get("of") == str(thing.pk) else None


def keep_taken(request: HttpRequest, thing: Row, wish: str, row: Any) -> None:
    """Remember what was taken out until the next save."""
    if wish.startswith("remove:") and row is not None:
        remember(request, thing, wish.removeprefix("remove:"), row)
    else:
        request.session.pop("taken", None)


def remember(request: HttpRequest, thing: Row, path: str, row: Any, *, whole: bool = False) -> None:
    """Keep what stood at a path of a draft, so that one button puts it back; `whole`: all that stood there."""
    request.session["taken"] = {"of": str(thing.pk), "path": path, "row": row, "whole": whole}


def both(page: Page, theirs: Version, form: dict[str, Any], stale: Refused) -> HttpResponse:
    """Two authors: what was typed is in the form, what is kept on the server beside it."""
    theirs = Version.objects.select_related("changed_by").filter(micro_credential=page.micro).latest("number")
    context = page.context(theirs, form, loud=False)
    fields = schema.fields(page.parts(theirs.definition))
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in compared(fields, rules.differences(schema.from_form(form), theirs.definition)):
        rows.setdefault(row["path"].split(".")[0], []).append(row)
    context |= {
        "revision": theirs.revision, "theirs": theirs,
        "conflicts": [{"name": name, "label": speak(fields, name), "rows": group} for name, group in rows.items()],
    }  # fmt: skip
    return page.render(context, stale.status)


def compared(fields: tuple[Field, ...], rows: Iterable[rules.Difference]) -> list[dict[str, Any]]:
    """Differences with their place in words and both values as text."""
    return [
        {"path": row.path, "place": speak(fields, row.path), "before": shown(row.before), "after": shown(row.after)}
        for row in rows
    ]


def shown(value: Any) -> str:
    """A value of a definition as text; empty for nothing."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(shown(v) for v in value)
    if isinstance(value, Mapping):
        return " / ".join(shown(v) for v in value.values())
    return "" if value is None else str(value)


def after_save(request: HttpRequest, draft: Version, wish: str, shown: str) -> HttpResponseBase:
    """Where each button leads once everything is saved."""
    here = (draft.micro_credential.organization.slug, draft.micro_credential_id)
    if wish == "publish":
        return redirect("author:publish", *here)
    if wish == "preview":
        return redirect("author:preview", *here, draft.number)
    if wish in ("ties", "adds"):
        return redirect(f"author:{wish}", *here)
    if wish == "library":
        return redirect(f"{reverse('author:library', args=here[:1])}?draft={draft.pk}")
    address = reverse("author:edit", args=here)
    if wish == "check":
        return redirect(f"{address}?check=1")
    return redirect(f"{address}#{shown}" if shown else address)


# --- publishing and after ----------------------------------------------------------------------------


@require_safe
@inside("author")
def micro_credential(request: HttpRequest, organization: Organization, micro_credential: UUID) -> HttpResponse:
    """One micro-credential: its state, what can be done with it, and its versions."""
    micro = found(organization, micro_credential)
    learners = dict(
        Enrollment.objects.filter(micro_credential=micro, left_at=None)
        .values_list("version").annotate(n=Count("id"))
    )  # fmt: skip
    versions = sorted(micro.versions.all(), key=lambda v: -v.number)
    rows = [{"version": v, "learners": learners.get(v.pk, 0)} for v in versions]
    context = {"organization": organization, "micro": micro, "rows": rows, **states(versions)}
    return render(request, "author/micro_credential.html", context)


@require_http_methods(["GET", "POST"])
@inside("author")
def publish(request: HttpRequest, organization: Organization, micro_credential: UUID) -> HttpResponseBase:
    """What would change and for whom; then publish exactly what was read."""
    micro = found(organization, micro_credential)
    now_is = states(micro.versions.all())
    draft, current = now_is["draft"], now_is["current"]
    if draft is None:
        return redirect("author:micro_credential", organization.slug, micro.pk)
    fields = schema.fields(schema.form(draft.definition, micro.program.areas, known_to(organization)))
    context = {
        "organization": organization, "micro": micro, "version": draft, "current": current,
        "gaps": spoken(fields, rules.parse(draft.definition)[1]),
        "changes": compared(fields, rules.differences(current.definition, draft.definition)) if current else [],
        "learners": Enrollment.objects.filter(micro_credential=micro, left_at=None).count(),
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/publish.html", context)
    try:
        actions.publish(version=draft, by=person(request), at=now(), revision=whole(request.POST.get("revision")))
    except Refused as refused:
        return again(request, "author/publish.html", context, refused)
    messages.success(request, _("Published. Everybody can read it now."))
    return redirect("author:micro_credential", organization.slug, micro.pk)


@require_POST
@inside("author")
def new_version(request: HttpRequest, organization: Organization, micro_credential: UUID) -> HttpResponseBase:
    """Begin a draft from the current version; the open one when there is one."""
    micro = found(organization, micro_credential)
    actions.new_version(micro_credential=micro, by=person(request), at=now())
    return redirect("author:edit", organization.slug, micro.pk)


@require_http_methods(["GET", "POST"])
@inside("author")
def retire(request: HttpRequest, organization: Organization, micro_credential: UUID) -> HttpResponseBase:
    """Ask, then take it out of the catalog; or put a retired one back."""
    micro = found(organization, micro_credential)
    context = {
        "organization": organization, "micro": micro, **states(micro.versions.all()),
        "learners": Enrollment.objects.filter(micro_credential=micro, left_at=None).count(),
        "awards": micro.awards.filter(revoked_at=None).count(),
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/retire.html", context)
    act = actions.restore if request.POST.get("do") == "restore" else actions.retire
    act(micro_credential=micro, by=person(request), at=now())
    return redirect("author:micro_credential", organization.slug, micro.pk)


def numbered(micro: MicroCredential, number: int) -> Version:
    """That version, or 404."""
    version = next((v for v in micro.versions.all() if v.number == number), None)
    if version is None:
        raise Http404
    return version


@require_safe
@inside("author")
def version(request: HttpRequest, organization: Organization, micro_credential: UUID, number: int) -> HttpResponse:
    """What a version changed."""
    micro = found(organization, micro_credential)
    this = numbered(micro, number)
    before = next((v for v in micro.versions.all() if v.number == number - 1), None)
    fields = schema.fields(schema.form(this.definition, micro.program.areas, known_to(organization)))
    changes = rules.differences(before.definition, this.definition) if before else []
    context = {
        "organization": organization, "micro": micro, "version": this, "before": before,
        "changes": compared(fields, changes),
    }  # fmt: skip
    return render(request, "author/version.html", context)


@require_safe
@inside("author")
def preview(request: HttpRequest, organization: Organization, micro_credential: UUID, number: int) -> HttpResponse:
    """The public page as it will be."""
    micro = found(organization, micro_credential)
    this = numbered(micro, number)
    definition = this.parsed
    names = {area["code"]: area["name"] for area in micro.program.areas}
    context = {
        "version": this, "micro": micro, "organization": organization, "d": definition, "preview": True,
        "areas": [{"name": names.get(c, {"en": c}), "hours": h} for c, h in definition.clock_hours.items()],
        "prerequisites": queries.titles(actions.uuids(definition.prerequisites)).values(),
        "columns": definition.criteria[0].levels if definition.criteria else (),
        "base_url": settings.BASE_URL, "key": "",
    }  # fmt: skip
    return render(request, "author/preview.html", context)


# --- copying -----------------------------------------------------------------------------------------


@require_safe
@inside("author")
def shared(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What the organization's consortia share, to copy."""
    words = request.GET.get("q", "")[:100]
    page = Paginator(queries.shared(organization, words), PAGE).get_page(request.GET.get("page"))
    context = {"organization": organization, "page": page, "asked": words, "query": urlencode({"q": words})}
    return render(request, "author/shared.html", context)


def targets(user: User, source: Organization) -> list[Program]:
    """Programs into which this author may copy from `source`: its own, and those of its fellows."""
    rows = Membership.objects.filter(
        user=user, ended_at=None, role__in=AREAS["author"], organization__in={source.pk, *queries.fellows(source.pk)}
    )
    programs = Program.objects.filter(organization__in=rows.values("organization")).select_related("organization")
    return sorted(programs, key=lambda p: (p.organization.name, str(text(p.title))))


@require_http_methods(["GET", "POST"])
@inside("author")
def copy(request: HttpRequest, organization: Organization, version: UUID) -> HttpResponseBase:
    """Choose where to, then copy a published definition there as a draft."""
    near = {organization.pk, *queries.fellows(organization.pk)}
    source = get_object_or_404(
        Version.objects.current().select_related("micro_credential__organization"),
        pk=version, micro_credential__organization__in=near,
    )  # fmt: skip
    programs = targets(person(request), source.micro_credential.organization)
    context = {
        "organization": organization, "version": source, "key": new_id(),
        "options": [(str(p.pk), f"{p.organization.name}: {text(p.title)}") for p in programs],
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/copy.html", context)
    given = request.POST.get("program", "")
    try:
        program = next((p for p in programs if str(p.pk) == given), None)
        if program is None:
            raise Refused(_("Choose a program."), "program") if not given else Http404
        made = actions.copy(version=source, program=program, by=person(request), at=now(), key=request_key(request))
    except Refused as refused:
        return again(request, "author/copy.html", context, refused)
    messages.success(request, _("Copied as a draft. Prerequisites were left out; check the cost and the hours."))
    return redirect("author:edit", program.organization.slug, made.micro_credential_id)
