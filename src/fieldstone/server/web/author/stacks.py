"""Stacks: the words, and the tree of requirements as a form of nested groups."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone import stacking
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import Program
from fieldstone.server.catalog.rules import LANGUAGES, NEEDED, differences
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.pathways import actions, queries, rules
from fieldstone.server.pathways.models import Pursuit, Stack, StackVersion
from fieldstone.server.people.models import Organization
from fieldstone.server.web.author import schema, trees
from fieldstone.server.web.author.fields import Field, Typed, draw
from fieldstone.server.web.author.views import (
    chosen_program,
    compared,
    keep_taken,
    known_to,
    programs_of,
    request_key,
    spoken,
    states,
    taken,
)
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, told, whole
from fieldstone.server.web.shared.middleware import translated
from fieldstone.server.web.shared.templatetags.fieldstone import LEVELS, text
from fieldstone.server.workplace import queries as workplace

FORM = (
    schema.TITLE, schema.SUMMARY, schema.CAN_DO,
    Field(name="glyph", kind="glyph", options=tuple(schema.GLYPHS.items()), label=gettext_lazy("Sign on the capstone")),
    Field(name="level", kind="radio", options=tuple(LEVELS.items()), label=gettext_lazy("Level")),
    Field(name="hours", kind="number", label=gettext_lazy("Hours of work in all"),
          hint=gettext_lazy("May stay empty.")),
    Field(name="valid_months", kind="number", blank=None, label=gettext_lazy("Valid for how many months"),
          hint=gettext_lazy("Empty means that it does not end.")),
)  # fmt: skip
TREE = Field(name="tree", label=gettext_lazy("What it takes"))
FIELDS = (*FORM, TREE)
START = (schema.TITLE, schema.SUMMARY)


@require_safe
@inside("author")
def stacks(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Every stack of the organization, with its state."""
    found = (
        Stack.objects.filter(organization=organization)
        .select_related("program").prefetch_related("versions").order_by("program__slug", "-created_at")
    )  # fmt: skip
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    rows = [{"stack": stack, **states(stack.versions.all())} for stack in page.object_list]
    context = {
        "organization": organization, "page": page, "rows": rows,
        "programs": Program.objects.filter(organization=organization).exists(),
    }  # fmt: skip
    return render(request, "author/stacks.html", context)


@require_http_methods(["GET", "POST"])
@inside("author")
def new(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """The first words of a stack."""
    context: dict[str, Any] = {
        "organization": organization, "key": new_id(),
        "options": [(str(p.pk), text(p.title)) for p in programs_of(organization)],
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/new_stack.html", {**context, "fields": draw(START, {}, {})})
    typed = Typed(request.POST).read(START)
    try:
        if not any(typed["title"].get(code) for code in LANGUAGES):
            raise Refused(NEEDED, "title.en")
        program = chosen_program(organization, request.POST.get("program", ""))
        body = {**rules.EMPTY, **typed}
        version = actions.create(program=program, body=body, by=person(request), at=now(), key=request_key(request))
    except Refused as refused:
        context |= {"fields": draw(START, typed, told(refused)["errors"]), "program": request.POST.get("program")}
        return again(request, "author/new_stack.html", {**context, "key": request.POST.get("key", "")[:36]}, refused)
    return redirect("author:edit_stack", organization.slug, version.stack_id)


def found(organization: Organization, pk: UUID) -> Stack:
    """This organization's stack with its versions, or 404."""
    rows = Stack.objects.select_related("organization", "program").prefetch_related("versions__changed_by")
    return get_object_or_404(rows, pk=pk, organization=organization)


def stacks_known(organization: Organization, but: Stack) -> list[tuple[str, str]]:
    """Other current stacks of the organization, which a stack may count."""
    rows = StackVersion.objects.current().filter(stack__organization=organization).exclude(stack=but)
    return [(str(v.stack_id), _("Stack: %(title)s") % {"title": text(v.definition["title"])}) for v in rows]


def forms_of(organization: Organization) -> list[tuple[str, str]]:
    """The organization's forms for supervisors: (id, title)."""
    return [(str(version.form_id), str(text(version.parsed.title))) for version in workplace.forms(organization)]


def areas_of(organization: Organization, tree: Any) -> list[tuple[str, str]]:
    """The organization's subject areas, and those that the tree names besides: (code, name)."""
    found: dict[str, str] = {}
    for areas in Program.objects.filter(organization=organization).order_by("slug").values_list("areas", flat=True):
        for area in areas:
            found.setdefault(str(area["code"]), str(text(area["name"])))
    for code in trees.area_codes(tree):
        found.setdefault(code, code)
    return list(found.items())


@dataclass(frozen=True)
class Read:
    """A draft read in full: its problems, and the tree in words."""

    problems: list[Problem]
    doubts: list[Problem]
    words: dict[str, list[stacking.Line]]


def read(stack: Stack, body: Mapping[str, Any], at: Any) -> Read:
    """Everything that is wrong with a stack's definition, and what its tree says to somebody who begins."""
    definition, problems = rules.parse(body)
    tree = definition.tree
    if tree is None:
        return Read(problems, [], {})
    offers = queries.offers_in(tree, stack.organization_id)
    called = queries.names(stacking.named(tree), stack.organization_id)
    result = stacking.evaluate(tree, [], at)
    languages: tuple[stacking.Language, ...] = ("en", "es")
    return Read(
        problems + rules.impossible(tree, offers),
        rules.doubtful(tree, offers),
        {language: stacking.explain(result, called, language) for language in languages},
    )


def lines(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Problems as lines that lead to their field, or to their part of the tree."""
    rows = spoken(FIELDS, problems)
    for row in rows:
        if row["field"] == "tree" or row["field"].startswith("tree."):
            row["field"] = trees.node_path(row["field"])
    return rows


def context_of(
    stack: Stack, version: StackVersion, body: Mapping[str, Any], at: Any, *, loud: bool, choosing: str = ""
) -> dict[str, Any]:
    """Everything that the edit page shows."""
    seen = read(stack, body, at)
    errors: dict[str, str] = {}
    at_nodes: dict[str, list[str]] = {}
    for p in (*seen.problems, *seen.doubts):
        if p.field == "tree" or p.field.startswith("tree."):
            at_nodes.setdefault(trees.node_path(p.field), []).append(translated(p))
        elif loud or p.message != NEEDED:
            errors.setdefault(p.field, translated(p))
    tree = body.get("tree")
    known = [*known_to(stack.organization), *stacks_known(stack.organization, stack)]
    called = dict(known)
    rest = queries.names(trees.credentials(tree) - set(called), stack.organization_id)
    called |= {name: str(text(title)) for name, title in rest.items()}
    scene = trees.Scene(
        names=called, areas=areas_of(stack.organization, tree), errors=at_nodes, choosing=choosing, options=known,
        forms=forms_of(stack.organization),
    )  # fmt: skip
    return {
        "organization": stack.organization, "stack": stack, "version": version,
        "work_forms": scene.forms, "heading": body.get("title"),
        "fields": draw(FORM, body, errors), "node": trees.draw(tree, scene),
        "tree_errors": [] if trees.kind_of(tree) else at_nodes.get("tree", []) if tree is not None else [],
        "gaps": lines(seen.problems), "doubts": lines(seen.doubts),
        "words": [{"code": code, "lines": rows} for code, rows in seen.words.items()],
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@inside("author")
def edit(request: HttpRequest, organization: Organization, stack: UUID) -> HttpResponseBase:
    """The draft's words and its tree. Every button saves all of it; nothing is ever lost."""
    this = found(organization, stack)
    newest = states(this.versions.all())
    draft: StackVersion | None = newest["draft"]
    if draft is None:
        if request.method == "GET":
            return redirect("author:stack", organization.slug, this.pk)
        draft = newest["shown"]
    assert draft is not None  # a stack has at least one version
    template = "author/edit_stack.html"
    if request.method == "GET":
        choosing = request.GET.get("choose", "")
        context = context_of(this, draft, draft.definition, now(), loud="check" in request.GET, choosing=choosing)
        return render(request, template, {**context, "revision": draft.revision, "taken": taken(request, this)})
    body = {**Typed(request.POST).read(FORM), "occupations": draft.definition.get("occupations") or []}
    codes = [code for code, _name in areas_of(organization, draft.definition.get("tree"))]
    codes += [k.rpartition(".")[2][:60] for k in request.POST if ".minimum_per_area." in k]
    body["tree"] = trees.read(request.POST, dict.fromkeys(codes))
    for name in request.POST.getlist("take"):
        if name in rules.EMPTY:
            body[name] = draft.definition.get(name)
    wish = request.POST.get("do", "save")
    last, where = taken(request, this), trees.steps(wish.removeprefix("remove:"))
    out = copy.deepcopy(trees.at(body["tree"], where)) if wish.startswith("remove:") and where is not None else None
    if wish == "back" and last:
        body["tree"], shown = trees.put_back(body["tree"], last["path"], last["row"])
    else:
        picked = request.POST.getlist("pick")
        if wish.partition(":")[0] in trees.WORK:
            picked = [form for form, _title in forms_of(organization)]
        body["tree"], shown = trees.grow(body["tree"], wish, picked)
    revision = whole(request.POST.get("revision"))
    try:
        if draft.published_at:
            draft = actions.new_version(stack=this, by=person(request), at=now())
            revision = draft.revision if whole(request.POST.get("number")) == draft.number - 1 else 0
        actions.save_draft(version=draft, body=body, revision=revision, by=person(request), at=now())
    except actions.Stale as stale:
        return both(request, this, body, stale)
    except Refused as refused:
        context = context_of(this, draft, body, now(), loud=True)
        context |= {"revision": revision, "refused": told(refused)["problems"]}
        return render(request, template, context, status=refused.status)
    keep_taken(request, this, wish, out)
    address = reverse("author:edit_stack", args=(organization.slug, this.pk))
    if wish == "publish":
        return redirect("author:publish_stack", organization.slug, this.pk)
    if wish == "jobs":
        return redirect("author:stack_jobs", organization.slug, this.pk)
    if wish == "check":
        return redirect(f"{address}?check=1")
    verb, _colon, path = wish.partition(":")
    if verb == "choose" and trees.steps(path) is not None:
        return redirect(f"{address}?choose={quote(path)}#choose")
    return redirect(f"{address}#{quote(shown)}" if shown else address)


def both(request: HttpRequest, stack: Stack, body: dict[str, Any], stale: Refused) -> HttpResponse:
    """Two authors: what was typed is in the form, what is kept on the server beside it."""
    theirs = StackVersion.objects.select_related("changed_by").filter(stack=stack).latest("number")
    context = context_of(stack, theirs, body, now(), loud=False)
    without = {name: value for name, value in body.items() if name != "tree"}
    rows = compared(FIELDS, differences(without, {k: v for k, v in theirs.definition.items() if k != "tree"}))
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["path"].split(".")[0], []).append(row)
    if body["tree"] != theirs.definition.get("tree"):
        groups["tree"] = [
            {
                "path": "tree", "place": str(TREE.label), "before": in_words(stack, body),
                "after": in_words(stack, theirs.definition),
            }
        ]  # fmt: skip
    context |= {
        "revision": theirs.revision, "theirs": theirs,
        "conflicts": [{"name": n, "label": text_of(n), "rows": group} for n, group in groups.items()],
    }  # fmt: skip
    return render(request, "author/edit_stack.html", context, status=stale.status)


def text_of(name: str) -> str:
    """What a field of the form is called."""
    return next((str(f.label) for f in FIELDS if f.name == name), name)


def in_words(stack: Stack, body: Mapping[str, Any]) -> str:
    """The tree as lines in the language of the page; a sentence where it is not complete."""
    seen = read(stack, body, now())
    rows = seen.words.get(schema.language(), [])
    return "\n".join(f"{'– ' * line.depth}{line.text}" for line in rows) or _("Not complete yet.")


# --- publishing and after ----------------------------------------------------------------------------


@require_safe
@inside("author")
def stack(request: HttpRequest, organization: Organization, stack: UUID) -> HttpResponse:
    """One stack: its state, what can be done with it, its versions."""
    this = found(organization, stack)
    versions = sorted(this.versions.all(), key=lambda v: -v.number)
    context = {
        "organization": organization, "stack": this, "versions": versions, **states(versions),
        "learners": Pursuit.objects.filter(stack=this).count(),
        "survey": queries.newest_survey() if any(v.published_at for v in versions) else None,
        "holders": Award.objects.live().filter(stack_id=this.pk).count(),
    }  # fmt: skip
    context["words"] = read(this, context["shown"].definition, now()).words.get(schema.language(), [])
    return render(request, "author/stack.html", context)


@require_http_methods(["GET", "POST"])
@inside("author")
def publish(request: HttpRequest, organization: Organization, stack: UUID) -> HttpResponseBase:
    """What would change and for whom; then publish what was read."""
    this = found(organization, stack)
    now_is = states(this.versions.all())
    draft, current = now_is["draft"], now_is["current"]
    if draft is None:
        return redirect("author:stack", organization.slug, this.pk)
    seen = read(this, draft.definition, now())
    changes: list[dict[str, Any]] = []
    if current:
        drop = {"tree": None}
        changes = compared(FIELDS, differences({**current.definition, **drop}, {**draft.definition, **drop}))
        if current.definition["tree"] != draft.definition["tree"]:
            changes.append(
                {
                    "place": str(TREE.label), "before": in_words(this, current.definition),
                    "after": in_words(this, draft.definition),
                }
            )  # fmt: skip
    context = {
        "organization": organization, "stack": this, "version": draft, "current": current,
        "gaps": lines(seen.problems), "doubts": lines(seen.doubts), "changes": changes,
        "words": seen.words.get(schema.language(), []), "learners": Pursuit.objects.filter(stack=this).count(),
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/publish_stack.html", context)
    try:
        actions.publish(version=draft, by=person(request), at=now(), revision=whole(request.POST.get("revision")))
    except Refused as refused:
        return again(request, "author/publish_stack.html", context, refused)
    messages.success(request, _("Published. Everybody can read it now."))
    return redirect("author:stack", organization.slug, this.pk)


@require_POST
@inside("author")
def new_version(request: HttpRequest, organization: Organization, stack: UUID) -> HttpResponseBase:
    """Begin a draft from the newest version; the open one when there is one."""
    this = found(organization, stack)
    actions.new_version(stack=this, by=person(request), at=now())
    return redirect("author:edit_stack", organization.slug, this.pk)


@require_http_methods(["GET", "POST"])
@inside("author")
def retire(request: HttpRequest, organization: Organization, stack: UUID) -> HttpResponseBase:
    """Ask, then take it out of the catalog; or put a retired one back."""
    this = found(organization, stack)
    context = {
        "organization": organization, "stack": this, **states(this.versions.all()),
        "learners": Pursuit.objects.filter(stack=this).count(),
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "author/retire_stack.html", context)
    act = actions.restore if request.POST.get("do") == "restore" else actions.retire
    act(stack=this, by=person(request), at=now())
    return redirect("author:stack", organization.slug, this.pk)


def numbered(stack: Stack, number: int) -> StackVersion:
    """That version, or 404."""
    version = next((v for v in stack.versions.all() if v.number == number), None)
    if version is None:
        raise Http404
    return version
